"""From an order to the lines of a document: delivery, discounts, VAT and names, by rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from pomost.trade.count import count_lines, round_cent, spread
from pomost.trade.documents import DraftLine
from pomost.trade.errors import Refused
from pomost.trade.order import Order, OrderLine
from pomost.trade.vat import VatRate


@dataclass(frozen=True, slots=True)
class ComposeRules:
    """``delivery_vat``: dominant (rate of the greatest value), highest, proportional (split by value) or fixed:RATE.

    ``vat_from``: the order's rates, or those of the item cards in ``item_vat``. ``aliases``: channel SKU -> ERP item.
    """

    delivery_sku: str = "TRANSPORT"
    delivery_name: str = "Koszt dostawy"
    delivery_vat: str = "dominant"
    discount_sku: str = "RABAT"
    service_skus: frozenset[str] = frozenset()
    unnamed_sku: str = ""
    vat_from: str = "order"
    item_vat: Mapping[str, VatRate] | None = None
    aliases: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Composed:
    """``difference`` is the order's total less the document's: shown, never absorbed. ``notes`` name what was decided."""

    lines: tuple[DraftLine, ...]
    difference: Decimal
    notes: tuple[str, ...]


def compose_lines(order: Order, rules: ComposeRules) -> Composed:
    """The lines of the order's documents. Raises Refused for what no document can carry."""
    if not order.lines:
        raise Refused("trade.no-lines", "it has no lines.", "Nothing can be made of an empty order.")
    if len(order.currency) != 3 or not order.currency.isalpha():
        raise Refused(
            "trade.unknown-currency", f'"{order.currency}" is no currency.', "Correct it in the channel."
        )
    notes: list[str] = []
    lines = [_line(line, rules, notes) for line in order.lines]
    if order.delivery.price:
        lines += _delivery_lines(order, rules, lines)
    counted = count_lines(lines, order.basis)
    total = counted.gross if order.basis == "gross" else counted.net
    return Composed(tuple(lines), order.total - total, tuple(notes))


def _line(line: OrderLine, rules: ComposeRules, notes: list[str]) -> DraftLine:
    where = line.sku or line.name or line.id
    if not line.quantity.is_finite() or not line.price.is_finite():
        raise Refused(
            "trade.not-a-number",
            f"the quantity or price of {where} is no number.",
            "Correct it in the channel.",
        )
    if line.quantity < 0:
        raise Refused(
            "trade.negative-quantity",
            f"the quantity of {where} is {line.quantity:f}.",
            "Goods that come back are a return: make a correction, then skip this order.",
        )
    if line.quantity == 0:
        raise Refused(
            "trade.zero-quantity", f"the quantity of {where} is 0.", "Remove the line in the channel."
        )
    sku, service = _item(line, rules)
    vat = line.vat
    if rules.vat_from == "item" and rules.item_vat and (card := rules.item_vat.get(sku)) and card != vat:
        notes.append(
            f"VAT of {sku}: {vat.code} on the order, {card.code} on the item card, the card's is used"
        )
        vat = card
    return DraftLine(
        sku=sku,
        name=line.name or sku,
        quantity=line.quantity,
        price=line.price,
        vat=vat,
        unit=line.unit,
        service=service,
        order_line=line.id,
        notes=line.attributes,
    )


def _item(line: OrderLine, rules: ComposeRules) -> tuple[str, bool]:
    if line.sku:
        sku = rules.aliases.get(line.sku, line.sku)
        return sku, sku in rules.service_skus or line.sku in rules.service_skus
    if line.price < 0:
        return rules.discount_sku, True
    if rules.unnamed_sku:
        return rules.unnamed_sku, True
    raise Refused(
        "trade.missing-sku",
        f'the line "{line.name}" has no SKU.',
        "Link the product in the channel, or name an item for such lines (rules.unnamed_sku).",
    )


def _delivery_lines(order: Order, rules: ComposeRules, goods: list[DraftLine]) -> list[DraftLine]:
    def line(price: Decimal, vat: VatRate) -> DraftLine:
        name = (
            f"{rules.delivery_name}: {order.delivery.method}"
            if order.delivery.method
            else rules.delivery_name
        )
        return DraftLine(
            sku=rules.delivery_sku,
            name=name,
            quantity=Decimal(1),
            price=price,
            vat=vat,
            unit="usł",
            service=True,
        )

    price = order.delivery.price
    if order.delivery.vat is not None:
        return [line(price, order.delivery.vat)]
    values: dict[VatRate, Decimal] = {}
    for item in goods:
        values[item.vat] = values.get(item.vat, Decimal(0)) + round_cent(item.price * item.quantity)
    how = rules.delivery_vat
    if how.startswith("fixed:"):
        return [line(price, VatRate.of(how.removeprefix("fixed:")))]
    rates = sorted(values, key=lambda vat: (vat.percent, not vat.special), reverse=True)
    positive = {vat: value for vat, value in values.items() if value > 0}
    if how == "highest" or not positive:
        return [line(price, rates[0])]
    if how == "proportional":
        total = sum(positive.values())
        order_of = [vat for vat in rates if vat in positive]
        shares = spread(round_cent(price), [price * positive[vat] / total for vat in order_of])
        return [line(share, vat) for vat, share in zip(order_of, shares, strict=True) if share]
    if how != "dominant":
        raise Refused(
            "trade.unknown-delivery-vat",
            f'"{how}" is no rule for the VAT of delivery.',
            "Write dominant, highest, proportional or fixed:RATE.",
        )
    return [line(price, max(rates, key=lambda vat: (values[vat], vat.percent)))]
