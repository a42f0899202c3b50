"""How methods are called: what is None is not sent, lists in all the forms in which PHP sends them."""

from __future__ import annotations

from typing import Any

from pomost.connectors.baselinker.client import Parameters, Wire
from pomost.connectors.baselinker.errors import unclear
from pomost.connectors.baselinker.wire_types import as_int
from pomost.ports import Json, Priority


def given(**parameters: Any) -> Json:
    return {name: value for name, value in parameters.items() if value is not None}


def rows(method: str, answer: Json, key: str) -> list[Json]:
    """The list under ``key``; PHP may send it as a map or as an empty text.

    An answer without it is no answer: taken for an empty list it would say that an order is gone, or has no invoice
    yet. A row of another shape stays as one that can't be read, so that pages keep their length.
    """
    value = answer.get(key)
    if value == "":
        return []
    if isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, list):
        raise unclear(method, f"its answer has no {key}", write=False)
    return [row if isinstance(row, dict) else {"unreadable": row} for row in value]


class Calls(Wire):
    """The wire with the three shapes of calls."""

    def _write(self, method: str, parameters: Parameters) -> Json:
        return self.call(method, parameters, Priority.WRITE_BACK, write=True)

    def _made(self, method: str, key: str, parameters: Json) -> int:
        """The id of what was made; an answer without it leaves that open."""
        try:
            return as_int(self._write(method, parameters)[key])
        except (KeyError, ValueError) as error:
            raise unclear(method, f"its answer has no {key}", write=True) from error

    def listed(self, method: str, key: str) -> list[Json]:
        """The rows under ``key`` of a method of the catalogue that takes no parameters."""
        return self._rows(method, key, priority=Priority.CATALOGUE)

    def _rows(
        self, method: str, key: str, parameters: Json | None = None, priority: int = Priority.EDITS
    ) -> list[Json]:
        return rows(method, self.call(method, parameters, priority), key)
