"""Refunds of a shop as returns: found, read together with their order, and divided over the order's lines. See reference, section 5.8.

A refund has no status of its own and names lines of its order in net amounts, with negative pieces. A line of the order may have become
two (see `mapping.line_ids`): the pieces that come back are taken from both so that their value is what the shop pays back.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, ValidationError

from pomost.connectors.values import Flag, Number, Text, Whole, as_list, as_text, plain
from pomost.connectors.woocommerce.client import PER_PAGE, WooCommerceClient
from pomost.connectors.woocommerce.errors import unclear
from pomost.connectors.woocommerce.extras import texts_of
from pomost.connectors.woocommerce.mapping import CENT, DRAFTS, TRASH, lines_and_rates, moment_of
from pomost.connectors.woocommerce.settings import Settings
from pomost.connectors.woocommerce.wire_types import (
    Wire,
    WireAmounts,
    WireFee,
    WireLine,
    WireOrder,
    WireShipping,
)
from pomost.ports import Json, NeedsPerson, Priority, ReturnLine, ReturnSeen, ReturnsPage, StopConnection
from pomost.trade.order import OrderLine

REFUNDED, DELETED = "refunded", "deleted"
"""The words that flows may use for statuses of refunds: every refund that there is has the first, none has the second."""
ORDER_KEPT = (
    "id", "number", "status", "currency", "total", "line_items", "shipping_lines", "fee_lines", "tax_lines",
)  # fmt: skip
REFUND_KEPT = (
    "id", "date_created_gmt", "amount", "reason", "refunded_payment", "line_items", "shipping_lines", "fee_lines",
)  # fmt: skip
LINE_LEFT_OUT = ("image", "price", "parent_name")
EXEMPT = "is_vat_exempt"
REFUNDED_ITEM = "_refunded_item_id"
SECOND = timedelta(seconds=1)
ROUNDS = 200
GONE_AT_ONCE = 200
_OF_ORDER = re.compile(r"/orders/(\d+)/refunds")
_ID = re.compile(r"(\d+)-(\d+)")

Known = Callable[[datetime], Mapping[str, str]]
"""The returns that Pomost has of a shop since a moment: id -> status."""


class WireRefund(Wire):
    """``amount`` is positive; pieces and totals of the lines are negative."""

    id: Whole
    date_created_gmt: Text = ""
    amount: Number = Decimal(0)
    reason: Text = ""
    refunded_payment: Flag = False
    line_items: Annotated[list[WireLine], BeforeValidator(as_list)] = []
    shipping_lines: Annotated[list[WireShipping], BeforeValidator(as_list)] = []
    fee_lines: Annotated[list[WireFee], BeforeValidator(as_list)] = []

    @property
    def names_nothing(self) -> bool:
        parts: tuple[WireAmounts, ...] = (*self.line_items, *self.shipping_lines, *self.fee_lines)
        return not any(one.gross for one in parts) and not any(one.quantity for one in self.line_items)


@dataclass(slots=True)
class _Position:
    """``modified``: the newest change that answers have shown. ``since``: refunds made before are left alone."""

    modified: datetime
    since: datetime
    compared: float = 0.0
    known: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, cursor: Json) -> _Position:
        return cls(
            datetime.fromisoformat(str(cursor["modified"])),
            datetime.fromisoformat(str(cursor["since"])),
            float(cursor.get("compared", 0.0)),
            dict(cursor.get("known", {})),
        )

    def cursor(self) -> Json:
        return {
            "modified": self.modified.isoformat(),
            "since": self.since.isoformat(),
            "compared": self.compared,
            "known": dict(self.known),
        }


class Refunds:
    """Looks for refunds for one connection; one look at a time."""

    def __init__(
        self, settings: Settings, client: WooCommerceClient, clock: Callable[[], datetime], known: Known
    ) -> None:
        self._settings = settings
        self._client = client
        self._clock = clock
        self._known = known
        self._has_list: bool | None = None

    def look(self, cursor: Json) -> Iterator[ReturnsPage]:
        """Orders with a refund that is new or changed, each with all its refunds; now and then those that were deleted."""
        position = _Position.of(cursor) if cursor else self._first()
        after = position.modified - timedelta(seconds=self._settings.overlap_s)
        before = dict(position.known)
        touched: dict[int, dict[str, str]] = {}
        fresh: dict[str, str] = {}
        for order_id, key, print_, moment in self._changed(after):
            position.modified = max(position.modified, moment)
            fresh[key] = print_
            if before.get(key) != print_:
                touched.setdefault(order_id, {})[key] = print_
        for order_id in sorted(touched):
            seen = tuple(one for one in self._of_order(order_id) if self._concerns(one, position))
            position.known |= touched[order_id]
            if seen:
                yield ReturnsPage(seen, position.cursor())
        position.known = fresh
        gone: tuple[str, ...] = ()
        if position.compared + self._settings.compare_every_s <= self._clock().timestamp():
            gone = tuple(self._deleted(position))
            position.compared = self._clock().timestamp()
        yield ReturnsPage((), position.cursor(), gone)

    def read(self, external_id: str) -> ReturnSeen | None:
        """The refund as it is now; None for one that is deleted, with or without its order."""
        found = _ID.fullmatch(external_id)
        if found is None:
            return None
        return next(
            (one for one in self._of_order(int(found[1])) if one.external_id == external_id),
            None,
        )

    # parts of a look

    def _first(self) -> _Position:
        asked = self._settings.import_from
        if isinstance(asked, datetime):
            since = asked.astimezone(UTC)
        else:
            self._client.page("orders", {"per_page": 1, "_fields": "id"}, Priority.CHECKS)
            skew = timedelta(seconds=self._client.clock_skew_s or 0.0)
            since = (self._clock() + skew).replace(microsecond=0)
        return _Position(since - SECOND, since)

    def _concerns(self, one: ReturnSeen, position: _Position) -> bool:
        return one.created_at is None or one.created_at >= position.since

    def _changed(self, after: datetime) -> Iterator[tuple[int, str, str, datetime]]:
        """(order, what changed, its print, when) of everything that changed since. A shop without a list of all refunds (before about
        9.0) tells by its orders: a refund moves their date of change."""
        if self._has_list is None:
            self._has_list = self._lists_refunds()
        path = "refunds" if self._has_list else "orders"
        query: dict[str, str | int] = {"dates_are_gmt": "true", "order": "asc"}
        if self._has_list:
            query |= {"orderby": "id"}
        else:
            query |= {"orderby": "modified", "_fields": "id,date_modified_gmt,refunds"}
        number = 1
        for _ in range(ROUNDS):
            rows = self._client.page(path, {**query, "modified_after": _utc(after), "page": number})
            reached = after
            for row in rows:
                moment = _moment(row, "date_created_gmt" if self._has_list else "date_modified_gmt") or after
                reached = max(reached, moment)
                refunds = [row] if self._has_list else [one for one in as_list(row.get("refunds")) if one]
                order_id = _order_of(row) if self._has_list else as_text(row.get("id"))
                if not refunds or not order_id.isdecimal():
                    continue
                key = as_text(row.get("id"))
                yield int(order_id), key, _print(refunds), moment
            if len(rows) < PER_PAGE:
                return
            if not self._has_list and reached - SECOND > after:
                # not by page numbers: an order that changes meanwhile would push another one past us
                after, number = reached - SECOND, 1
            else:
                number += 1

    def _lists_refunds(self) -> bool:
        """Whether the shop lists the refunds of all orders, and by their date of change."""
        try:
            rows = self._client.page(
                "refunds", {"modified_after": "2999-01-01T00:00:00Z", "dates_are_gmt": "true", "per_page": 1}
            )
        except StopConnection as failure:
            if failure.code == "woocommerce.no-api":
                return False
            raise
        except NeedsPerson:
            return False
        return not rows

    def _of_order(self, order_id: int) -> list[ReturnSeen]:
        """All refunds of an order, the oldest first; none where the order is deleted or in the trash."""
        order = self._client.get(f"orders/{order_id}", priority=Priority.EDITS)
        if order is None:
            return []
        if not isinstance(order, dict):
            raise unclear(f"GET orders/{order_id}", "its answer is no order", False)
        if order.get("status") in (TRASH, *DRAFTS):
            return []
        rows: dict[int, Json] = {}
        query: dict[str, str | int] = {"orderby": "id", "order": "asc"}
        for page in self._client.pages(f"orders/{order_id}/refunds", query):
            rows |= {int(as_text(row.get("id")) or 0): row for row in page}
        found = [kept_refund(rows[number]) for number in sorted(rows)]
        about = kept_order(order)
        return [
            refund_from_wire({"order": about, "refund": one, "earlier": found[:place]}, self._settings)
            for place, one in enumerate(found)
        ]

    def _deleted(self, position: _Position) -> Iterator[str]:
        """Refunds that are known and that the shop does not have any more: nothing but comparing tells."""
        begin = max(position.since, self._clock() - timedelta(days=self._settings.compare_days))
        ours = sorted(one for one in self._known(begin) if _ID.fullmatch(one))
        if self._has_list and ours:
            query: dict[str, str | int] = {
                "after": _utc(begin - timedelta(days=1)), "dates_are_gmt": "true", "orderby": "id", "order": "asc",
                "_fields": "id",
            }  # fmt: skip
            there = {
                as_text(row.get("id"))
                for rows in self._client.pages("refunds", query, Priority.CHECKS)
                for row in rows
            }
            ours = [one for one in ours if one.split("-")[1] not in there]
        asked: dict[str, set[str]] = {}
        for one in ours[:GONE_AT_ONCE]:
            order_id = one.split("-")[0]
            if order_id not in asked:
                asked[order_id] = {seen.external_id for seen in self._of_order(int(order_id))}
            if one not in asked[order_id]:
                yield one


# reading, without a call


def kept_order(raw: Json) -> Json:
    """What a refund needs of its order: no buyer, no addresses."""
    found = {name: plain(raw[name]) for name in ORDER_KEPT if name in raw}
    exempt = [
        one for one in as_list(raw.get("meta_data")) if isinstance(one, dict) and one.get("key") == EXEMPT
    ]
    return _thin({**found, "meta_data": plain(exempt)})


def kept_refund(raw: Json) -> Json:
    return _thin({name: plain(raw[name]) for name in REFUND_KEPT if name in raw})


def _thin(raw: Json) -> Json:
    """Without what is of no use in lines; their meta only as far as it names lines: it changes with each further refund."""
    for name in ("line_items", "shipping_lines", "fee_lines"):
        raw[name] = [
            {
                **{key: value for key, value in line.items() if key not in LINE_LEFT_OUT},
                "meta_data": [
                    {"key": one.get("key"), "value": one.get("value")}
                    for one in as_list(line.get("meta_data"))
                    if isinstance(one, dict) and one.get("key") == REFUNDED_ITEM
                ],
            }
            for line in as_list(raw.get(name))
            if isinstance(line, dict)
        ]
    return raw


def refund_from_wire(raw: Json, settings: Settings) -> ReturnSeen:
    """One refund, with its order and the refunds before it, as a return. What can't be read or divided is kept with its problem."""
    order_id = as_text((raw.get("order") or {}).get("id"))
    refund_id = as_text((raw.get("refund") or {}).get("id"))
    external_id = f"{order_id}-{refund_id}"
    try:
        order = WireOrder.model_validate(raw.get("order"))
        refund = WireRefund.model_validate(raw.get("refund"))
        earlier = [WireRefund.model_validate(one) for one in raw.get("earlier") or ()]
        created_at = moment_of(refund.date_created_gmt)
    except (ValidationError, ValueError):
        problem = NeedsPerson(
            "woocommerce.refund-unreadable",
            f"Refund {refund_id} of order {order_id} can't be read.",
            "Look at it in the shop; its raw form is kept.",
            order=order_id,
        )
        return ReturnSeen(external_id, order_id, raw, REFUNDED, refund_id, problem=problem)
    lines: tuple[ReturnLine, ...] = ()
    delivery: Decimal | None = None
    stopped: NeedsPerson | None = None
    try:
        lines, delivery = _Dividing(order, settings).lines_of(refund, earlier)
    except NeedsPerson as failure:
        stopped = failure
    return ReturnSeen(
        external_id=external_id,
        order_id=str(order.id),
        raw=raw,
        status=REFUNDED,
        number=f"{order.number or order.id}/{refund.id}",
        created_at=created_at,
        currency=order.currency.strip().upper() or "PLN",
        refunded=refund.amount if refund.refunded_payment else Decimal(0),
        lines=lines,
        delivery=delivery,
        problem=stopped,
    )


class _Dividing:
    """What of an order's lines each of its refunds takes, the oldest first."""

    def __init__(self, order: WireOrder, settings: Settings) -> None:
        self._order = order
        self._lines: dict[str, list[OrderLine]] = {}
        for line in lines_and_rates(order, settings):
            self._lines.setdefault(line.id.split("/")[0], []).append(line)
        self._left = {line.id: line.quantity for parts in self._lines.values() for line in parts}
        self._times: dict[str, int] = {}
        self._delivery = sum((one.gross for one in order.shipping_lines), Decimal(0))
        self._unpaid = order.total

    def lines_of(
        self, refund: WireRefund, earlier: Sequence[WireRefund]
    ) -> tuple[tuple[ReturnLine, ...], Decimal]:
        """The lines of ``refund``, and the delivery that it pays back. Raises NeedsPerson ``woocommerce.refund-money-only``,
        ``woocommerce.refund-part``, ``woocommerce.refund-differs``, ``woocommerce.refund-line-unknown``."""
        for one in earlier:
            # one that can't be divided a person has settled, by whatever document that needed
            with suppress(NeedsPerson):
                self._take(one)
            self._unpaid -= one.amount
        return self._take(refund)

    def _take(self, refund: WireRefund) -> tuple[tuple[ReturnLine, ...], Decimal]:
        if refund.names_nothing:
            if refund.amount != self._unpaid:
                raise NeedsPerson(
                    "woocommerce.refund-money-only",
                    f"Refund {refund.id} of order {self._order.number} pays back {refund.amount} and names no goods.",
                    "Decide what it is for (a price, compensation): correct the document by hand and skip the return.",
                    **self._facts(refund),
                )
            return self._all_left(refund)
        self._check_amount(refund)
        found: list[ReturnLine] = []
        for line in refund.line_items:
            found += self._goods(refund, line)
        for fee in refund.fee_lines:
            found += self._fee(refund, fee)
        delivery = -sum((one.gross for one in refund.shipping_lines), Decimal(0))
        if delivery and delivery != self._delivery:
            raise self._part(refund, delivery, "delivery", self._delivery)
        self._delivery -= delivery
        return tuple(found), delivery

    def _all_left(self, refund: WireRefund) -> tuple[tuple[ReturnLine, ...], Decimal]:
        """The whole order, or all that is left of it: so the shop refunds by status."""
        found = [
            _line(line.id, line, self._left[line.id], refund.reason)
            for parts in self._lines.values()
            for line in parts
            if self._left[line.id]
        ]
        self._left = dict.fromkeys(self._left, Decimal(0))
        delivery, self._delivery = self._delivery, Decimal(0)
        return tuple(found), delivery

    def _check_amount(self, refund: WireRefund) -> None:
        parts: tuple[WireAmounts, ...] = (*refund.line_items, *refund.shipping_lines, *refund.fee_lines)
        told = -sum((one.gross for one in parts), Decimal(0))
        if told != refund.amount:
            raise self._differs(refund, refund.amount, told)

    def _goods(self, refund: WireRefund, line: WireLine) -> list[ReturnLine]:
        back, paid = -line.quantity, -line.gross
        if not back and not paid:
            return []
        base = as_text(texts_of(line.meta_data).get(REFUNDED_ITEM))
        parts = self._lines.get(base, [])
        if not parts:
            raise self._unknown(refund, line.sku or line.name)
        if not back:
            raise self._part(
                refund, paid, line.sku or line.name, sum(one.price * one.quantity for one in parts)
            )
        taken = self._divided(parts, back, paid)
        value = sum((pieces * part.price for part, pieces in taken), Decimal(0))
        if sum((pieces for _, pieces in taken), Decimal(0)) != back or abs(value - paid) > CENT * (
            1 + self._times.get(base, 0)
        ):
            raise self._differs(refund, paid, value)
        self._times[base] = self._times.get(base, 0) + 1
        for part, pieces in taken:
            self._left[part.id] -= pieces
        return [
            _line(line.id if place == 0 else f"{line.id}/{place + 1}", part, pieces, refund.reason)
            for place, (part, pieces) in enumerate(one for one in taken if one[1])
        ]

    def _divided(
        self, parts: Sequence[OrderLine], back: Decimal, paid: Decimal
    ) -> list[tuple[OrderLine, Decimal]]:
        """Pieces of each part: so that they are worth what is paid, as near as what is left allows."""
        left = [self._left[part.id] for part in parts]
        if len(parts) == 1:
            return [(parts[0], min(back, left[0]))]
        cheap, dear = parts
        wanted = (paid - cheap.price * back) / (dear.price - cheap.price)
        of_dear = min(max(wanted.to_integral_value(), back - left[0], Decimal(0)), left[1], back)
        return [(cheap, min(back - of_dear, left[0])), (dear, of_dear)]

    def _fee(self, refund: WireRefund, fee: WireFee) -> list[ReturnLine]:
        paid = -fee.gross
        if not paid:
            return []
        base = f"fee-{as_text(texts_of(fee.meta_data).get(REFUNDED_ITEM))}"
        parts = self._lines.get(base, [])
        if not parts:
            raise self._unknown(refund, fee.name)
        if paid != parts[0].price or not self._left[base]:
            raise self._part(refund, paid, fee.name, parts[0].price)
        self._left[base] = Decimal(0)
        return [_line(fee.id, parts[0], Decimal(1), refund.reason)]

    # problems

    def _part(self, refund: WireRefund, paid: Decimal, what: str, whole: Any) -> NeedsPerson:
        return NeedsPerson(
            "woocommerce.refund-part",
            f"Refund {refund.id} of order {self._order.number} pays back {paid} of {what}, which cost {whole}: no whole piece of it "
            "comes back.",
            "It is a lower price, not a return: correct the document by hand and skip the return.",
            **self._facts(refund),
        )

    def _differs(self, refund: WireRefund, paid: Decimal, value: Decimal) -> NeedsPerson:
        return NeedsPerson(
            "woocommerce.refund-differs",
            f"Refund {refund.id} of order {self._order.number} pays back {paid}, and what it names was sold for {value}.",
            "Correct the document by hand and skip the return, or delete the refund in the shop and make it anew.",
            **self._facts(refund),
        )

    def _unknown(self, refund: WireRefund, what: str) -> NeedsPerson:
        return NeedsPerson(
            "woocommerce.refund-line-unknown",
            f"Refund {refund.id} of order {self._order.number} names {what}, and the order has no such line.",
            "Look at both in the shop; correct the document by hand and skip the return.",
            **self._facts(refund),
        )

    def _facts(self, refund: WireRefund) -> dict[str, str]:
        return {"order": str(self._order.id), "refund": str(refund.id)}


def _line(line_id: str, of: OrderLine, pieces: Decimal, reason: str) -> ReturnLine:
    return ReturnLine(line_id, of.id, of.sku, of.name, pieces, of.price, of.vat, " ".join(reason.split()))


def _order_of(row: Json) -> str:
    """The order of a refund in the list of all refunds: its parent, else what its links name."""
    parent = as_text(row.get("parent_id"))
    if parent.strip("0"):
        return parent
    found = _OF_ORDER.search(json.dumps(row.get("_links") or {}, default=str))
    return found[1] if found else ""


def _print(rows: Iterable[Json]) -> str:
    found = [{name: value for name, value in plain(row).items() if name != "_links"} for row in rows]
    text = json.dumps(found, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _moment(row: Json, name: str) -> datetime | None:
    try:
        return moment_of(as_text(row.get(name)))
    except ValueError:
        return None


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
