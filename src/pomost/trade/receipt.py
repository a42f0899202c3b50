"""What of a sale goes through a cash register, and how. Pure.

The duty to register sales with a cash register is for sales to people who do no business and to flat-rate farmers
(VAT act, art. 111(1)); the exemption for mail order paid through a bank stands in the ordinance on exemptions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Decimal

from pomost.trade.allocation import spread
from pomost.trade.documents import Document, DocumentLine
from pomost.trade.vat import VatRate

_GROSZ = Decimal("0.01")
_WORDS = (
    ("transfer", ("przelew", "transfer", "blik", "payu", "przelewy24", "p24", "tpay", "paypal", "online")),
    ("card", ("kart", "card", "visa", "mastercard")),
    ("cash", ("gotów", "gotow", "cash", "pobrani", "cod")),
)
FORMS = frozenset({"cash", "card", "cheque", "bon", "credit", "other", "voucher", "transfer"})
"""Forms of payment that a cash register knows."""


@dataclass(frozen=True, slots=True)
class SoldLine:
    """One line as a receipt has it: ``price`` and ``gross`` are gross, ``gross`` after discounts."""

    sku: str
    name: str
    quantity: Decimal
    unit: str
    price: Decimal
    gross: Decimal
    vat: VatRate


def left_out(document: Document, *, invoices: bool) -> str:
    """Why no receipt is printed for it; empty when one is. ``invoices``: those of consumers are registered too."""
    if document.kind == "FS":
        if not invoices:
            return "an FS is not printed"
        if document.buyer.tax_id:
            return "an FS for a company is not printed"
    elif document.kind != "PA":
        return f"a {document.kind} is not printed"
    return "" if document.gross else "a document over 0.00 is not printed"


def sold_lines(lines: Sequence[DocumentLine]) -> tuple[SoldLine, ...]:
    """The lines of a receipt. A line below zero is a discount, and a receipt has none of its own: it lowers the lines of its
    VAT rate in proportion. ValueError when it is more than these are worth."""
    sold = [_sold(line) for line in lines if line.gross >= 0 and line.quantity > 0]
    for line in lines:
        if line.gross < 0:
            sold = _lowered(sold, -line.gross, line.vat)
    return tuple(sold)


def _sold(line: DocumentLine) -> SoldLine:
    price = (line.gross / line.quantity).quantize(_GROSZ, ROUND_CEILING)
    return SoldLine(line.sku, line.name, line.quantity, line.unit, price, line.gross, line.vat)


def _lowered(sold: list[SoldLine], discount: Decimal, vat: VatRate) -> list[SoldLine]:
    own = [place for place, line in enumerate(sold) if line.vat == vat]
    if sum((sold[place].gross for place in own), Decimal(0)) < discount:
        raise ValueError(f"a discount of {discount} PLN is more than what is sold at {vat.code}%")
    parts = dict(zip(own, spread(discount, [sold[place].gross for place in own]), strict=True))
    return [
        replace(line, gross=line.gross - parts[place]) if place in parts else line
        for place, line in enumerate(sold)
    ]


def payment_form(text: str, known: Mapping[str, str]) -> str:
    """The cash register's form of payment for that on a document; ``known`` first (keys in small letters)."""
    lower = text.strip().casefold()
    if lower in known:
        return known[lower]
    return next((form for form, words in _WORDS if any(word in lower for word in words)), "other")
