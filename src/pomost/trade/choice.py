"""FS or PA: what the buyer gets, by rule. Where the order contradicts itself the answer is "unresolved", not a guess."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pomost.trade.nip import clean_tax_id
from pomost.trade.order import Order

SaleRule = Literal["nip-or-wish", "nip", "wish", "always-fs", "always-pa"]


@dataclass(frozen=True, slots=True)
class Choice:
    """``kind`` is None when it can't be decided; ``reason`` says why it is what it is."""

    kind: Literal["FS", "PA"] | None
    reason: str


def choose_sale_kind(order: Order, rule: SaleRule = "nip-or-wish") -> Choice:
    """FS where the rule finds an invoice asked for, PA otherwise.

    A tax number that was given and is wrong, together with a company name, is unresolved: a receipt would lose the
    company its invoice (art. 106b ust. 5 of the VAT act), an invoice would carry a false number.
    """
    if rule == "always-fs":
        return Choice("FS", "the rule makes an invoice of every order")
    if rule == "always-pa":
        return Choice("PA", "the rule makes a receipt of every order")
    wish = (
        Choice("FS", "the buyer asks for an invoice")
        if order.wants_invoice
        else Choice("PA", "no invoice asked for")
    )
    if rule == "wish":
        return wish
    text = order.buyer.tax_id.strip()
    if text:
        country = order.buyer.address.country or "PL"
        if clean_tax_id(text, country).valid:
            return Choice("FS", "the buyer gave a tax number")
        if order.wants_invoice and order.buyer.company:
            return Choice(None, "a company asks for an invoice and its tax number is wrong")
    if rule == "nip":
        return Choice("PA", "no valid tax number")
    return wish
