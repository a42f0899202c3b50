"""The packing list of an order: what goes into the parcel, where it lies, and to whom it goes."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pomost.render.content import Language
from pomost.render.figures import printable, quantity
from pomost.render.renderer import Renderer
from pomost.trade.card import Card
from pomost.trade.order import Address, Order, OrderLine

LOCATIONS = ("location", "lokalizacja", "miejsce", "regał", "półka")
"""Attributes of an item card that say where it lies, in any letters; the first one that the card has."""


def packing_list(
    renderer: Renderer, company: str, order: Order | None, cards: Mapping[str, Card], language: Language
) -> bytes:
    """The PDF. ``cards``: of the items by SKU, for what the order does not say. An order that can't be read has an empty one.

    Raises NeedsPerson ``render.template``.
    """
    if order is None:
        raise ValueError("an order that can't be read has no packing list")
    data = packing_content(order, cards, language)
    data["seller"] = {"name": printable(renderer.seller(company).name)}
    return renderer.set("packing.typ", data, language, (order.confirmed_at or order.placed_at).date())


def packing_content(order: Order, cards: Mapping[str, Card], language: Language) -> dict[str, Any]:
    """What the template shows. By location, so that the packer walks once; what lies nowhere known comes last. Pure."""
    to = order.delivery.to
    lines = [_line(line, cards.get(line.sku), language) for line in order.lines if line.quantity > 0]
    lines.sort(key=lambda line: (line["location"] == "", line["location"]))
    point = order.delivery.point
    units = {line.unit for line in order.lines if line.quantity > 0}
    pieces = sum((line.quantity for line in order.lines if line.quantity > 0), Decimal(0))
    return {
        "language": language,
        "number": printable(order.number),
        "state": "approved",
        "placed_on": order.placed_at.date().isoformat(),
        "buyer": printable(to.name or order.buyer.name or to.shown_name or order.buyer.shown_name),
        "company": printable(to.company),
        "address": [printable(row) for row in _rows(to.address) if row],
        "phone": printable(to.phone or order.buyer.phone),
        "delivery_method": printable(order.delivery.method),
        "point": printable(f"{point.code} {point.name}".strip()) if point else "",
        "payment_form": printable(order.payment.method),
        "cash_on_delivery": order.payment.cash_on_delivery,
        "comments": printable(order.comments),
        "seller_comments": printable(order.seller_comments),
        "lines": [{"index": str(index), **line} for index, line in enumerate(lines, 1)],
        "pieces": _quantity(pieces, language) if len(units) == 1 else "",
    }


def location_of(card: Card | None) -> str:
    """Where the item lies, as its card says."""
    known = {name.casefold(): value for name, value in (card.attributes or {}).items()} if card else {}
    return next((known[name] for name in LOCATIONS if known.get(name)), "")


def _line(line: OrderLine, card: Card | None, language: Language) -> dict[str, str]:
    return {
        "sku": printable(line.sku),
        "ean": printable(line.ean or (card.ean if card else "") or ""),
        "name": printable(line.name),
        "notes": printable(line.attributes),
        "quantity": _quantity(line.quantity, language),
        "unit": printable(line.unit),
        "location": printable(location_of(card)),
    }


def _rows(address: Address) -> tuple[str, ...]:
    abroad = address.country if address.country not in ("", "PL") else ""
    return (address.street, f"{address.postcode} {address.city}".strip(), abroad)


def _quantity(value: Decimal, language: Language) -> str:
    return quantity(value, "en" if language == "en" else "pl")
