"""Misbehaviour on request: what goes wrong between the seller and BaseLinker, when asked for."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

FAULTS = {
    "delay": "answers seconds later",
    "http-502": "HTTP 502 with an HTML page; nothing is done",
    "html-200": "HTTP 200 with an HTML page; nothing is done",
    "cut-before": "the connection is cut before anything is done",
    "cut-after": "it is done, then the connection is cut",
    "timeout-but-done": "it is done, and no answer comes for seconds",
    "error-but-done": "it is done, and an error is answered",
    "error-not-done": "an error is answered; nothing is done",
    "block-now": "the token is blocked",
    "empty-body": "HTTP 200 with nothing in it; nothing is done",
    "truncated-json": "it is done, and half of the answer comes",
    "strings-for-numbers": "numbers arrive as text",
    "lists-for-maps": "empty maps arrive as []",
    "shifting-page": "an unconfirmed order is confirmed after the page was read",
    "journal-duplicates": "entries of the journal come twice",
    "journal-out-of-order": "entries of the journal come in falling order",
    "journal-late": "new entries of the journal are seen seconds later",
    "unknown-journal-types": "an entry of type 99 comes along",
}
AFTER = ("cut-after", "timeout-but-done", "error-but-done", "truncated-json")


@dataclass(slots=True)
class Fault:
    """``times`` is how many more times it strikes (None: always), ``share`` how often it does when it could."""

    name: str
    method: str | None = None
    times: int | None = 1
    share: float = 1.0
    seconds: float = 1.0
    order_id: int | None = None


@dataclass(slots=True)
class Faults:
    seed: int = 1
    _faults: list[Fault] = field(default_factory=list)
    _random: random.Random = field(default_factory=random.Random)
    struck: dict[str, int] = field(default_factory=dict)

    def add(self, fault: Fault) -> None:
        if fault.name not in FAULTS:
            raise ValueError(f'There is no fault "{fault.name}". Faults: {", ".join(FAULTS)}.')
        self._faults.append(fault)

    def clear(self) -> None:
        self._faults.clear()

    def strike(self, name: str, method: str, parameters: dict[str, Any]) -> Fault | None:
        """The fault of this name if it strikes this call; it is then used up by one."""
        for fault in self._faults:
            if fault.name != name or (fault.method and fault.method != method) or fault.times == 0:
                continue
            if fault.order_id is not None and fault.order_id != _order_of(parameters):
                continue
            if fault.share < 1 and self._random.random() >= fault.share:
                continue
            if fault.times is not None:
                fault.times -= 1
            self.struck[name] = self.struck.get(name, 0) + 1
            return fault
        return None


def _order_of(parameters: dict[str, Any]) -> int | None:
    value = parameters.get("order_id")
    return int(value) if value is not None and str(value).isdecimal() else None
