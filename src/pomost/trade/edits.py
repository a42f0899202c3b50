"""What a person may put right in an order that a channel gave: who buys, where it goes, which item a line is, its VAT.

Amounts and quantities are the channel's word: a sale of another value is another order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pomost.trade.errors import Refused
from pomost.trade.order import Address, Order, OrderLine, Party
from pomost.trade.vat import VatRate

LONGEST = 300
CANCELLED = "cancelled"
"""An edit of the case as a whole: a person cancelled it, whatever the channel says."""
SPREAD = "spread"
"""Of a return by which money was paid back for no goods: a person has the prices of the sale lowered by it."""
OF_CASE = frozenset({CANCELLED, SPREAD})
"""Edits of the case as a whole: no value of the order."""
PARTY = ("name", "company", "tax_id", "email", "phone")
ADDRESS = ("street", "postcode", "city", "state", "country")
PARTIES = ("buyer", "delivery")
PLAIN = ("comments", "wants_invoice")
YES = "yes"


def fields_of(order: Order) -> dict[str, str]:
    """Everything that may be edited, with its value as text: "buyer.tax_id", "delivery.city", "wants_invoice" ("yes" or
    ""), "line.ID.sku", "line.ID.vat"."""
    found = {"wants_invoice": YES if order.wants_invoice else "", "comments": order.comments}
    for side, party in (("buyer", order.buyer), ("delivery", order.delivery.to)):
        found |= {f"{side}.{name}": str(getattr(party, name)) for name in PARTY}
        found |= {f"{side}.{name}": str(getattr(party.address, name)) for name in ADDRESS}
    for line in order.lines:
        found |= {f"line.{line.id}.sku": line.sku, f"line.{line.id}.vat": line.vat.code}
    return found


def changed_fields(order: Order, wanted: Mapping[str, str]) -> dict[str, str]:
    """Those of the wanted values that are other than the order's. Raises Refused for a field that may not be edited, and
    for a value that can't be."""
    known = fields_of(order)
    found: dict[str, str] = {}
    for field, given in wanted.items():
        if field not in known:
            raise Refused("order.edit-field", f'"{field}" of the order can\'t be edited.')
        value = given.replace("\r\n", "\n")
        if len(value) > LONGEST or any(ord(letter) < 32 and letter != "\n" for letter in value):
            raise Refused(
                "order.edit-value", f'"{field}": at most {LONGEST} characters, and no control characters.'
            )
        if field.endswith(".vat"):
            _rate(value)
        if value.strip() != known[field]:
            found[field] = value.strip()
    return found


def edited(order: Order, edits: Mapping[str, str]) -> Order:
    """The order with what a person put right. Lines that are no longer there are left out: the channel took them away."""
    if OF_CASE.issuperset(edits):
        return order
    buyer = _party(order.buyer, "buyer", edits)
    to = _party(order.delivery.to, "delivery", edits)
    return replace(
        order,
        buyer=buyer,
        delivery=replace(order.delivery, to=to),
        lines=tuple(_line(line, edits) for line in order.lines),
        comments=edits.get("comments", order.comments),
        wants_invoice=edits["wants_invoice"] == YES if "wants_invoice" in edits else order.wants_invoice,
    )


def _party(party: Party, side: str, edits: Mapping[str, str]) -> Party:
    own = {name: edits[f"{side}.{name}"] for name in PARTY if f"{side}.{name}" in edits}
    place = {name: edits[f"{side}.{name}"] for name in ADDRESS if f"{side}.{name}" in edits}
    address: Address = replace(party.address, **place) if place else party.address
    return replace(party, address=address, **own) if own or place else party


def _line(line: OrderLine, edits: Mapping[str, str]) -> OrderLine:
    sku = edits.get(f"line.{line.id}.sku", line.sku)
    vat = edits.get(f"line.{line.id}.vat")
    return replace(line, sku=sku, vat=_rate(vat) if vat is not None else line.vat)


def _rate(code: str) -> VatRate:
    try:
        return VatRate.of(code)
    except ValueError as error:
        raise Refused(
            "order.edit-vat", f'"{code}" is not a rate of VAT.', "Write 23, 8, 5, 0, zw, np, oo, or DE:19."
        ) from error
