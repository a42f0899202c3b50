"""A refund on the wire, with its order, as a return. Pure. See reference, section 5.8.

A refund names lines of its order in net amounts, with negative pieces. A line of the order may have become two (see
`mapping.line_ids`): the pieces that come back are taken from both so that their value is what the shop pays back.

Money that no whole piece accounts for is a lower price: of the line that the refund names, else of all that is kept. Whether
prices are lowered so is a setting, or a question.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, ValidationError

from pomost.connectors.values import Flag, Number, Text, Whole, as_list, as_text, plain
from pomost.connectors.woocommerce.extras import texts_of
from pomost.connectors.woocommerce.mapping import CENT, lines_and_rates, moment_of
from pomost.connectors.woocommerce.settings import Settings
from pomost.connectors.woocommerce.wire_types import (
    Wire,
    WireAmounts,
    WireFee,
    WireLine,
    WireOrder,
    WireShipping,
)
from pomost.ports import Json, NeedsPerson, ReturnLine, ReturnSeen
from pomost.trade.allocation import spread
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
    amount: Decimal | None = None
    try:
        dividing = _Dividing(order, settings, lowers=settings.money_refunds == "spread")
        lines, delivery = dividing.lines_of(refund, earlier)
        amount = dividing.amount
    except NeedsPerson as failure:
        stopped = failure
        # what a person may have spread, it is; what can't be is asked as before
        with suppress(NeedsPerson):
            dividing = _Dividing(order, settings, lowers=True)
            lines, delivery = dividing.lines_of(refund, earlier)
            amount = dividing.amount
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
        amount=amount,
        reason=" ".join(refund.reason.split()) if amount is not None else "",
    )


class _Dividing:
    """What of an order's lines each of its refunds takes, the oldest first."""

    def __init__(self, order: WireOrder, settings: Settings, *, lowers: bool = False) -> None:
        """``lowers``: money for no whole piece lowers prices; else it is for a person."""
        self._order = order
        self._lowers = lowers
        self._money = Decimal(0)
        """What was paid back so far for no whole piece: by so much may goods that come back later be worth less."""
        self._lines: dict[str, list[OrderLine]] = {}
        for line in lines_and_rates(order, settings):
            self._lines.setdefault(line.id.split("/")[0], []).append(line)
        self._left = {line.id: line.quantity for parts in self._lines.values() for line in parts}
        self._times: dict[str, int] = {}
        self._delivery = sum((one.gross for one in order.shipping_lines), Decimal(0))
        self._unpaid = order.total
        self.amount: Decimal | None = None
        """What the refund paid back in all, where prices are or were lowered."""

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
        found = self._take(refund)
        if self._money:
            if refund.amount > self._unpaid:
                raise self._differs(refund, refund.amount, self._unpaid)
            self.amount = refund.amount
        return found

    def _take(self, refund: WireRefund) -> tuple[tuple[ReturnLine, ...], Decimal]:
        if refund.names_nothing:
            if refund.amount != self._unpaid:
                self._money += refund.amount
                if self._lowers and refund.amount > 0:
                    return (), Decimal(0)
                raise NeedsPerson(
                    "woocommerce.refund-money-only",
                    f"Refund {refund.id} of order {self._order.number} pays back {refund.amount} and names no goods.",
                    "Decide what it is for: `pomost spread` lowers the prices of what is kept; or correct the document by hand and "
                    "`pomost skip` the step money.",
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
        if told == refund.amount:
            return
        self._money += max(refund.amount - told, Decimal(0))
        if told > refund.amount or not self._lowers:
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
            self._money += paid
            if self._lowers and paid > 0:
                return self._cheaper(line, parts, paid, refund.reason)
            raise self._part(
                refund, paid, line.sku or line.name, sum(one.price * one.quantity for one in parts)
            )
        taken = self._divided(parts, back, paid)
        value = sum((pieces * part.price for part, pieces in taken), Decimal(0))
        near = CENT * (1 + self._times.get(base, 0))
        if sum((pieces for _, pieces in taken), Decimal(0)) != back or value - paid > near + self._money:
            raise self._differs(refund, paid, value)
        if paid - value > near:
            self._money += paid - value
            if not self._lowers:
                raise self._differs(refund, paid, value)
        self._times[base] = self._times.get(base, 0) + 1
        for part, pieces in taken:
            self._left[part.id] -= pieces
        return [
            _line(line.id if place == 0 else f"{line.id}/{place + 1}", part, pieces, refund.reason)
            for place, (part, pieces) in enumerate(one for one in taken if one[1])
        ]

    def _cheaper(
        self, line: WireLine, parts: Sequence[OrderLine], paid: Decimal, reason: str
    ) -> list[ReturnLine]:
        """A lower price of what is kept of a line; of two parts each bears its share."""
        kept = [part for part in parts if self._left[part.id] > 0 and part.price > 0]
        if not kept:
            return []
        shares = spread(paid, [part.price * self._left[part.id] for part in kept])
        return [
            replace(
                _line(line.id if place == 0 else f"{line.id}/{place + 1}", part, Decimal(0), reason),
                cheaper=less,
            )
            for place, (part, less) in enumerate(one for one in zip(kept, shares, strict=True) if one[1])
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
            self._money += paid
            if self._lowers and self._left[base] and 0 < paid < parts[0].price:
                return [replace(_line(fee.id, parts[0], Decimal(0), refund.reason), cheaper=paid)]
            raise self._part(refund, paid, fee.name, parts[0].price)
        self._left[base] = Decimal(0)
        return [_line(fee.id, parts[0], Decimal(1), refund.reason)]

    # problems

    def _part(self, refund: WireRefund, paid: Decimal, what: str, whole: Any) -> NeedsPerson:
        return NeedsPerson(
            "woocommerce.refund-part",
            f"Refund {refund.id} of order {self._order.number} pays back {paid} of {what}, which cost {whole}: no whole piece of it "
            "comes back.",
            "It is a lower price, not a return: `pomost spread` lowers it; or correct the document by hand and `pomost skip` the step "
            "money.",
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
