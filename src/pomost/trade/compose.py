"""From an order as it was bought to the lines of a draft.

Nothing is dropped or evened out in silence: what a document can't carry is refused with a reason, what was decided by
a rule is in the notes, and a difference from the order's total is handed over as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from pomost.trade.allocation import spread
from pomost.trade.count import row_order
from pomost.trade.documents import DraftLine
from pomost.trade.errors import MissingSku, Refused
from pomost.trade.money import EXACT, check_amount, decimals_of, line_value, round_money
from pomost.trade.order import Order, OrderLine
from pomost.trade.quantity import check_quantity
from pomost.trade.vat import VatRate

PRICE_DECIMALS = 4


@dataclass(frozen=True, slots=True)
class ComposeRules:
    """How the lines of an order become lines of a document.

    ``delivery_vat``: the rate of the delivery line where the channel gives none: "dominant" (the rate with the
    greatest value in the order, the higher one of equals), "highest" (of the rates in the order), "proportional" (one
    delivery line for each rate, by value) or "fixed:<rate>" such as "fixed:23". Where no rate of the order has a
    value above zero, dominant and proportional take the highest rate, and an order without lines 23.
    ``delivery_name`` is followed by the channel's name of the method; empty leaves that name alone.
    ``service_skus``: SKUs of the document that move no stock. ``discount_sku`` stands for lines below zero without a
    SKU, ``unnamed_sku`` for other lines without a SKU (empty: such lines are refused).
    ``vat_from``: "order" takes the channel's rates, "item" those of the item cards in ``item_vat`` (by SKU of the
    document). Rates that depend on the buyer (foreign, np, oo) are always the order's.
    ``zero_price``: "refuse" lets no line with price 0 through.
    ``sku_prefix``: text that the channel puts before SKUs; it is taken off. ``aliases``: SKU of the channel (before
    the prefix is taken off) -> SKU of the item card; an alias goes before the prefix.
    Raises Refused ``trade.unknown-delivery-vat`` for a ``delivery_vat`` that is none of these.
    """

    delivery_sku: str = "TRANSPORT"
    delivery_name: str = "Koszt dostawy"
    delivery_vat: str = "dominant"
    service_skus: frozenset[str] = frozenset()
    discount_sku: str = "RABAT"
    unnamed_sku: str = ""
    vat_from: Literal["order", "item"] = "order"
    item_vat: Mapping[str, VatRate] | None = None
    zero_price: Literal["keep", "refuse"] = "keep"
    sku_prefix: str = ""
    aliases: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.delivery_vat in ("dominant", "highest", "proportional"):
            return
        try:
            if not self.delivery_vat.startswith("fixed:"):
                raise ValueError(f"{self.delivery_vat!r} is no rule")
            VatRate.of(self.delivery_vat.removeprefix("fixed:"))
        except ValueError as error:
            raise Refused(
                "trade.unknown-delivery-vat",
                f"The rule for the VAT of delivery can't be used: {error}.",
                "Write dominant, highest, proportional or fixed:RATE.",
            ) from error


@dataclass(frozen=True, slots=True)
class VatDiffers:
    """A line whose rate on the order is not that of its item card, and which of the two was taken."""

    number: int
    sku: str
    order: VatRate
    card: VatRate
    taken: VatRate

    def __str__(self) -> str:
        """For people: line, SKU, both rates and the one taken."""
        return (
            f"line {self.number} {self.sku}: {self.order.code} on the order, {self.card.code} on the card, "
            f"{self.taken.code} taken"
        )


@dataclass(frozen=True, slots=True)
class Composed:
    """Lines on the order's basis. ``difference`` is the order's total minus theirs: to be shown, never absorbed.

    ``notes`` say what was decided on the way; they hold SKUs, rates and amounts, no personal data. ``vat_differs``: lines
    whose rate could have been the card's; rates that depend on the buyer are none of them.
    """

    lines: tuple[DraftLine, ...]
    difference: Decimal
    notes: tuple[str, ...] = ()
    vat_differs: tuple[VatDiffers, ...] = ()


def compose_lines(order: Order, rules: ComposeRules) -> Composed:
    """The lines of a draft for ``order``, delivery last.

    Raises Refused for what a document can't carry: ``trade.no-lines``, ``trade.negative-quantity``,
    ``trade.zero-quantity``, ``trade.quantity-too-fine``, ``trade.not-a-number``, ``trade.too-large``, ``trade.zero-price`` (by rule),
    ``trade.negative-delivery``, ``trade.unknown-currency``; and MissingSku ``trade.missing-sku``.
    """
    decimals_of(order.currency)
    notes: list[str] = []
    differs: list[VatDiffers] = []
    lines = []
    for number, line in enumerate(order.lines, start=1):
        _check(line, number, rules)
        lines.append(_goods(line, number, rules, notes))
        differs += _differing(line, lines[-1], number, rules)
    lines += _delivery(order, lines, rules, notes)
    if not lines:
        raise Refused(
            "trade.no-lines",
            f"Order {order.number} has nothing to put on a document.",
            "Add products to the order in the channel, or leave it out by status.",
            order=order.id,
        )
    composed = sum((line_value(line.price, line.quantity) for line in lines), Decimal("0.00"))
    difference = order.total - composed
    if difference:
        notes.append(
            f"The order's total is {order.total}, the lines make {composed}: difference {difference}."
        )
    return Composed(tuple(lines), difference, tuple(notes), tuple(differs))


def _called(line: OrderLine) -> str:
    return line.sku or "no SKU"


def _check(line: OrderLine, number: int, rules: ComposeRules) -> None:
    where = f"Line {number} ({_called(line)})"
    facts = {"line": line.id, "sku": line.sku}
    try:
        check_quantity(line.quantity)
        check_amount(line.price)
    except Refused as refused:
        raise Refused(refused.code, f"{where}: {refused.text}", refused.advice, **facts) from refused
    if line.quantity < 0:
        raise Refused(
            "trade.negative-quantity",
            f"{where} has quantity {line.quantity}.",
            "Correct it in the channel; goods that come back need a correction of the earlier document.",
            **facts,
        )
    if not line.quantity:
        raise Refused(
            "trade.zero-quantity", f"{where} has quantity 0.", "Remove the line in the channel.", **facts
        )
    if rules.zero_price == "refuse" and not line.price:
        raise Refused(
            "trade.zero-price",
            f"{where} has price 0.",
            "Give it a price in the channel, or let price 0 through in the flow's rules.",
            **facts,
        )


def _goods(line: OrderLine, number: int, rules: ComposeRules, notes: list[str]) -> DraftLine:
    sku = _sku(line, number, rules)
    below_zero = line.price < 0
    if below_zero and line.sku and sku not in rules.service_skus:
        notes.append(f"Line {number} ({sku}) has a price below 0 and moves no stock.")
    return DraftLine(
        sku=sku,
        name=line.name or sku,
        quantity=line.quantity,
        price=_price(line.price, f"Line {number} ({sku})", notes),
        vat=_vat(line.vat, sku, number, rules, notes),
        unit=line.unit,
        service=below_zero or not line.sku.strip() or sku in rules.service_skus,
        order_line=line.id,
        notes=line.attributes,
    )


def document_skus(order: Order, rules: ComposeRules) -> frozenset[str]:
    """The SKUs that the lines of the order have on its documents; lines that no document can carry give none."""
    found: set[str] = set()
    for number, line in enumerate(order.lines, start=1):
        try:
            found.add(_sku(line, number, rules))
        except MissingSku:
            continue
    return frozenset(found)


def _sku(line: OrderLine, number: int, rules: ComposeRules) -> str:
    given = line.sku.strip()
    if given:
        return rules.aliases.get(given) or given.removeprefix(rules.sku_prefix) or given
    standing_in = rules.discount_sku if line.price < 0 else rules.unnamed_sku
    if not standing_in:
        raise MissingSku(
            "trade.missing-sku",
            f"Line {number} has price {line.price} and no SKU.",
            "Give the product a SKU in the channel, or name the item for such lines in the flow's rules.",
            line=line.id,
        )
    return standing_in


def _price(price: Decimal, where: str, notes: list[str]) -> Decimal:
    """The price with at most 4 decimals."""
    rounded = price.quantize(Decimal(1).scaleb(-PRICE_DECIMALS), context=EXACT)
    if rounded == price:
        return price
    notes.append(f"{where}: price {price} is rounded to {rounded}.")
    return rounded


def _vat(given: VatRate, sku: str, number: int, rules: ComposeRules, notes: list[str]) -> VatRate:
    if rules.item_vat is None:
        if rules.vat_from == "item":
            notes.append(
                f"Line {number} ({sku}): no rates of item cards are known, the order's {given.code} stays."
            )
        return given
    card = rules.item_vat.get(sku)
    if card is None:
        if rules.vat_from == "item":
            notes.append(
                f"Line {number} ({sku}): its item card gives no rate, the order's {given.code} stays."
            )
        return given
    if card == given:
        return given
    taken = given if rules.vat_from == "order" or _of_the_buyer(given) else card
    notes.append(
        f"Line {number} ({sku}): VAT {given.code} on the order, {card.code} on the item card; {taken.code} taken."
    )
    return taken


def _of_the_buyer(rate: VatRate) -> bool:
    """Whether the rate follows from who buys and where, which no item card can know."""
    return bool(rate.country) or rate.special in ("np", "oo")


def _differing(given: OrderLine, line: DraftLine, number: int, rules: ComposeRules) -> list[VatDiffers]:
    card = (rules.item_vat or {}).get(line.sku)
    if card is None or card == given.vat or _of_the_buyer(given.vat):
        return []
    return [VatDiffers(number, line.sku, given.vat, card, line.vat)]


def _delivery(order: Order, goods: list[DraftLine], rules: ComposeRules, notes: list[str]) -> list[DraftLine]:
    delivery = order.delivery
    try:
        check_amount(delivery.price)
    except Refused as refused:
        raise Refused(refused.code, f"Delivery: {refused.text}", refused.advice) from refused
    if delivery.price < 0:
        raise Refused(
            "trade.negative-delivery",
            f"The price of delivery is {delivery.price}.",
            "Correct it in the channel; a discount is a line of its own.",
            price=str(delivery.price),
        )
    if not delivery.price:
        return []
    if delivery.vat is None and rules.delivery_vat == "proportional":
        values = _values_by_rate(goods)
        if values:
            parts = spread(round_money(delivery.price), list(values.values()))
            return [
                _delivery_line(order, rules, part, vat)
                for vat, part in zip(values, parts, strict=True)
                if part
            ]
    price = _price(delivery.price, "Delivery", notes)
    return [_delivery_line(order, rules, price, delivery.vat or _delivery_vat(goods, rules.delivery_vat))]


def _delivery_line(order: Order, rules: ComposeRules, price: Decimal, vat: VatRate) -> DraftLine:
    name = ": ".join(word for word in (rules.delivery_name, order.delivery.method) if word)
    return DraftLine(
        rules.delivery_sku, name or rules.delivery_sku, Decimal(1), price, vat, unit="usł", service=True
    )


def _delivery_vat(goods: list[DraftLine], rule: str) -> VatRate:
    if rule.startswith("fixed:"):
        return VatRate.of(rule.removeprefix("fixed:"))
    values = _values_by_rate(goods)
    if rule == "dominant" and values:
        greatest = max(values.values())
        return next(vat for vat, value in values.items() if value == greatest)
    return min((line.vat for line in goods), key=row_order, default=VatRate(Decimal(23)))


def _values_by_rate(goods: list[DraftLine]) -> dict[VatRate, Decimal]:
    """The value of each rate that has one above zero, in the order of a VAT table."""
    values: dict[VatRate, Decimal] = {}
    for line in goods:
        values[line.vat] = values.get(line.vat, Decimal(0)) + line_value(line.price, line.quantity)
    return {vat: values[vat] for vat in sorted(values, key=row_order) if values[vat] > 0}
