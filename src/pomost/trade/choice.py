"""Invoice or receipt: which document of sale an order gets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pomost.trade.nip import clean_tax_id
from pomost.trade.order import Order

SaleRule = Literal["nip-or-wish", "nip", "wish", "always-fs", "always-pa"]


@dataclass(frozen=True, slots=True)
class Choice:
    """``kind`` None: unresolved, a person decides. ``reason`` holds no personal data and may be shown and logged."""

    kind: Literal["FS", "PA"] | None
    reason: str


def choose_sale_kind(order: Order, rule: SaleRule = "nip-or-wish") -> Choice:
    """FS or PA for ``order``.

    - "nip-or-wish": FS for a valid tax number or a wish for an invoice, else PA;
    - "nip": FS for a valid tax number only; "wish": FS for a wish only; "always-fs", "always-pa": as they say.

    The two rules that look at the number leave a company that wishes an invoice and gave a wrong number unresolved:
    an invoice with a wrong NIP has to be corrected, and a receipt without a NIP can't become an invoice for a
    company any more (art. 106b(5) of the Polish VAT act).
    """
    if rule == "always-fs":
        return Choice("FS", "the rule says always an invoice")
    if rule == "always-pa":
        return Choice("PA", "the rule says always a receipt")
    if rule == "wish":
        if order.wants_invoice:
            return Choice("FS", "the buyer wants an invoice")
        return Choice("PA", "the buyer does not want an invoice")

    buyer = order.buyer
    tax_id = clean_tax_id(buyer.tax_id, buyer.address.country)
    wrong_number = has_wrong_number(order)
    if tax_id.valid:
        return Choice("FS", f"the buyer gave a valid tax number ({tax_id.country})")
    if wrong_number and buyer.company.strip() and order.wants_invoice:
        return Choice(None, "unresolved: a company wants an invoice and its tax number is not valid")
    about_number = "the tax number given is not valid" if wrong_number else "no tax number was given"
    if rule == "nip-or-wish" and order.wants_invoice:
        return Choice("FS", f"the buyer wants an invoice; {about_number}")
    if rule == "nip-or-wish":
        return Choice("PA", f"the buyer does not want an invoice and {about_number}")
    return Choice("PA", about_number)


def has_wrong_number(order: Order) -> bool:
    """The buyer gave a tax number, and it can't be one."""
    buyer = order.buyer
    return bool(buyer.tax_id.strip()) and not clean_tax_id(buyer.tax_id, buyer.address.country).valid
