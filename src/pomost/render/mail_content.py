"""What a mail template may show: Document -> plain texts. Pure."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from pomost.render.content import Json, Seller, content
from pomost.trade.documents import KINDS, Document, DocumentLine, VatRow
from pomost.trade.order import Address, Party
from pomost.trade.vat import VatRate

# Only paper needs these.
_LEFT_OUT = frozenset(
    {"transfer_qr", "ksef_qr", "remarks", "in_words", "receives", "moves_stock", "pln"}
    | {"advances", "whole", "ordered", "earlier_advances", "proforma"}
)
# Breaks that let long words wrap in a narrow column; in a mail they would be copied along.
_BREAK = "\u200b"
_TRANSFER = re.compile("przelew|transfer", re.IGNORECASE)


def mail_content(document: Document, seller: Seller, language: Literal["pl", "en"]) -> Json:
    """Everything a mail template may show. Figures and dates are texts, written as the language asks.

    ``by_transfer``: whether the buyer is expected to pay to the bank account. Raises what ``content`` raises.
    """
    shown = {
        name: value for name, value in content(document, seller, language).items() if name not in _LEFT_OUT
    }
    values: Json = _unbroken(shown)
    values["kind_name"] = values["kind_name"][0]
    values["by_transfer"] = not document.payment_form or bool(_TRANSFER.search(document.payment_form))
    return values


def sample_document(kind: str, *, paid: bool) -> Document:
    """A document to try templates on: paid, it has only what every document has, else everything."""
    rate = VatRate.of("23")
    net, tax, gross = Decimal("100.00"), Decimal("23.00"), Decimal("123.00")
    address = Address("ul. Przykładowa 1", "00-001", "Warszawa", country="PL")
    line = DocumentLine("1", "KUBEK-1", "Kubek", Decimal(1), "szt", gross, rate, net, tax, gross, notes="-")
    return Document(
        id="1",
        kind=kind,
        number=f"{kind}/1/2025",
        company="",
        key="sample",
        state="approved",
        issued_on=date(2025, 9, 20),
        sold_on=date(2025, 9, 19),
        due_on=date(2025, 10, 4),
        currency="PLN",
        basis="gross",
        buyer=Party("Anna Przykładowa", "Przykład s.c.", "1111111111", "anna@example.com", "1", address),
        recipient=None if paid else Party("Jan Przykładowy", address=address),
        lines=(line,),
        vat_rows=(VatRow(rate, net, tax, gross),),
        net=net,
        tax=tax,
        gross=gross,
        paid=gross if paid else Decimal(0),
        payment_form="Przelew",
        foreign_number="1000123",
        notes="-",
        warehouse="MAG",
        attributes={"delivery_method": "-", "place_of_issue": "Warszawa", "ksef_number": "1"},
    )


def _unbroken(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace(_BREAK, "")
    if isinstance(value, dict):
        return {name: _unbroken(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_unbroken(part) for part in value]
    return value


_SAMPLE = mail_content(sample_document(next(iter(KINDS)), paid=False), Seller("Sklep"), "pl")

NAMES = frozenset(_SAMPLE)
"""Names that a template may use."""

PARTS_OF: dict[str, frozenset[str]] = {
    "seller": frozenset(_SAMPLE["seller"]),
    "buyer": frozenset(_SAMPLE["buyer"]),
    "recipient": frozenset(_SAMPLE["buyer"]),
    "line": frozenset(_SAMPLE["lines"][0]),
}
"""Names after a dot; ``line`` stands for one of ``lines``."""
