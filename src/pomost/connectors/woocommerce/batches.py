"""Batches of a shop: 200 also where items failed, not a transaction, and slow hosts give up in the middle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pomost.connectors.values import as_list, as_text
from pomost.ports import InDoubt, Json, NeedsPerson

TOO_MANY = "woocommerce_rest_request_entity_too_large"


class Poster(Protocol):
    def post(self, path: str, body: Json, priority: int = ..., *, slow: bool = ...) -> Json: ...


class Batches:
    """Changes many items in calls of at most ``size``, which a host that gives up lowers for as long as the program runs."""

    def __init__(self, client: Poster, most: int) -> None:
        self._client = client
        self.size = most

    def update(self, path: str, items: Sequence[Json], priority: int) -> dict[int, Json]:
        """Id -> what the shop answered of it: the item as it is now, or ``error``. What it answered nothing of is missing.

        What is set is absolute, so a call whose answer was lost is made again in halves. Raises as calls do: InDoubt where the shop
        does not answer halves either.
        """
        found: dict[int, Json] = {}
        rest, lost = list(items), 0
        while rest:
            some = rest[: self.size]
            try:
                answer = self._client.post(f"{path}/batch", {"update": some}, priority, slow=True)
            except InDoubt as doubt:
                lost += 1
                if len(some) > 1:
                    self._halve(len(some))
                if lost > 1:
                    raise
                if len(some) == 1:
                    # one on which the shop chokes stops no others; two in a row are the shop
                    found[int(some[0]["id"])] = {
                        "error": {"code": "woocommerce.answer-lost", "message": doubt.text}
                    }
                    rest = rest[1:]
                continue
            except NeedsPerson as refused:
                if refused.facts.get("error_code") != TOO_MANY or len(some) == 1:
                    raise
                self._halve(len(some))
                continue
            lost = 0
            found |= answered(some, answer)
            rest = rest[len(some) :]
        return found

    def _halve(self, sent: int) -> None:
        self.size = max(1, min(self.size, sent // 2))


def answered(sent: Sequence[Json], answer: Json) -> dict[int, Json]:
    """The rows of an answer by the id they are of."""
    wanted = {as_text(one["id"]): int(one["id"]) for one in sent}
    rows = [row for row in as_list(answer.get("update")) if isinstance(row, dict)]
    return {wanted[key]: row for row in rows if (key := as_text(row.get("id"))) in wanted}
