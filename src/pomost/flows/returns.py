"""Returns as cases: what came back travels as an order whose lines are the goods, written back to where they belong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Protocol

from pomost.ports import (
    Failure,
    Json,
    NeedsPerson,
    OutgoingOrder,
    Page,
    ReturnSeen,
    ReturnSource,
    SalesChannel,
    Seen,
    WriteBack,
)
from pomost.trade.order import Order, OrderLine, Party, Payment

DELIVERY = "delivery_refund"
"""Among a return's ``extra``: what of the delivery is paid back, where the channel says it."""
AMOUNT = "refund_amount"
"""Among a return's ``extra``: what was paid back in all, where prices may have to be lowered by a part of it."""
REASON = "refund_reason"
"""Among a return's ``extra``: why, where that is said of the return and not of its lines."""
_NO_ORDER = frozenset({"", "0", "-1"})
_UNKNOWN = datetime.fromtimestamp(0, UTC)


class ReturningChannel(SalesChannel, ReturnSource, Protocol):
    """A channel that goods come back to (capability "returns")."""


class ReturnDesk:
    """The returns of a channel as a ``SalesChannel`` of their own, so that a flow need not know what travels in it.

    Statuses and ids are those of returns; texts and files are written to the order that the goods were bought on.
    """

    def __init__(self, channel: ReturningChannel) -> None:
        self._channel = channel

    def capabilities(self) -> frozenset[str]:
        return self._channel.capabilities() - {"place", "journal"}

    def look(self, cursor: Json) -> Iterator[Page]:
        for page in self._channel.look_returns(cursor):
            yield Page(tuple(_seen(one) for one in page.seen), page.cursor, page.gone)

    def read(self, external_id: str) -> Seen | None:
        found = self._channel.read_return(external_id)
        return _seen(found) if found is not None else None

    def parse(self, raw: Json) -> Order:
        found = self._channel.parse_return(raw)
        if found.problem is not None and not _is_question(found):
            raise found.problem
        return order_of(found)

    def write(self, what: WriteBack) -> None:
        self._channel.write(what)

    def is_written(self, what: WriteBack) -> bool:
        return self._channel.is_written(what)

    def set_status(self, external_ids: Iterable[str], status: str) -> None:
        self._channel.set_return_status(external_ids, status)

    def find_placed(self, key: str, since: datetime | None = None) -> str | None:
        """Returns are never placed by us, so there is certainly none."""
        return None

    def place(self, what: OutgoingOrder) -> str:
        """Raises NeedsPerson ``flow.return-not-placed``: buyers return goods, we do not."""
        raise NeedsPerson(
            "flow.return-not-placed",
            f"{what.key}: a flow of returns places nothing in the channel.",
            "Take the place step out of the flow.",
        )

    def check_words(self, statuses: Iterable[str], fields: Iterable[str]) -> list[str]:
        return self._channel.check_return_words(statuses) + self._channel.check_words((), fields)


def order_of(found: ReturnSeen) -> Order:
    """The return in the language of trade; see ``Order`` for what its fields mean then."""
    return Order(
        id=found.external_id,
        number=found.number or found.external_id,
        source="return",
        status=found.status,
        confirmed=True,
        placed_at=found.created_at or _UNKNOWN,
        confirmed_at=found.created_at,
        currency=found.currency,
        buyer=Party(),
        lines=tuple(
            OrderLine(
                id=line.id,
                sku=line.sku,
                name=line.name,
                quantity=line.quantity,
                price=line.price,
                vat=line.vat,
                of_line="" if line.order_line in _NO_ORDER else line.order_line,
                reason=line.reason,
                cheaper=line.cheaper,
            )
            for line in found.lines
        ),
        payment=Payment(paid=found.refunded),
        extra=_extra(found),
        of_order="" if found.order_id in _NO_ORDER else found.order_id,
    )


def _seen(found: ReturnSeen) -> Seen:
    problem: Failure | None = found.problem
    readable = problem is None or _is_question(found)
    return Seen(found.external_id, found.raw, order_of(found) if readable else None, problem)


def _is_question(found: ReturnSeen) -> bool:
    """Whether the problem is only that a person has to decide what the money was for."""
    return found.problem is not None and found.amount is not None


def _extra(found: ReturnSeen) -> dict[str, str]:
    told = {
        DELIVERY: None if found.delivery is None else format(found.delivery, "f"),
        AMOUNT: None if found.amount is None else format(found.amount, "f"),
        REASON: found.reason or None,
    }
    return {name: text for name, text in told.items() if text is not None}
