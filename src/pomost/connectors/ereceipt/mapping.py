"""A registered receipt as the document that the buyer gets. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from pomost.ports import FiscalReceipt, Json, ReceiptToPrint
from pomost.trade.nip import clean_tax_id
from pomost.trade.vat import VatRate

_GROSZ = Decimal("0.01")
FORMS = {
    "cash": "gotówka",
    "card": "karta",
    "cheque": "czek",
    "bon": "bon",
    "credit": "kredyt",
    "other": "inna",
    "voucher": "voucher",
    "transfer": "przelew",
}


@dataclass(frozen=True, slots=True)
class Seller:
    """As on the printer's header."""

    name: str
    address: str
    nip: str


def document_of(receipt: ReceiptToPrint, fiscal: FiscalReceipt, seller: Seller, number: str) -> Json:
    """The copy as JSON; amounts are text with two decimals. ``number`` is ours, ``fiscal`` is the device's."""
    paid = sum(receipt.payments.values(), Decimal(0))
    return {
        "number": number,
        "fiscal_number": fiscal.number,
        "printer": fiscal.printer,
        "registered_at": fiscal.printed_at.isoformat(timespec="seconds"),
        "e_document": fiscal.link,
        "seller": {"name": seller.name, "address": seller.address, "nip": seller.nip},
        "buyer_nip": clean_tax_id(receipt.nip).number if receipt.nip else "",
        "order_number": receipt.order_number,
        "document_number": receipt.document_number,
        "lines": [
            {
                "name": line.name,
                "sku": line.sku,
                "quantity": format(line.quantity.normalize(), "f"),
                "unit": line.unit,
                "price": _money(line.price),
                "gross": _money(line.gross),
                "vat": _rate(line.vat),
            }
            for line in receipt.lines
            if line.gross != 0
        ],
        "vat": _by_rate(receipt),
        "total": _money(receipt.total),
        "payments": [
            {"form": FORMS.get(form, form), "amount": _money(amount)}
            for form, amount in receipt.payments.items()
            if amount
        ],
        "change": _money(paid - receipt.total),
    }


def _by_rate(receipt: ReceiptToPrint) -> list[Json]:
    totals: dict[VatRate, Decimal] = {}
    for line in receipt.lines:
        if line.gross != 0:
            totals[line.vat] = totals.get(line.vat, Decimal(0)) + line.gross
    return [
        {
            "rate": _rate(rate),
            "gross": _money(gross),
            "tax": _money(gross * rate.percent / (100 + rate.percent)),
        }
        for rate, gross in sorted(totals.items(), reverse=True)
    ]


def _rate(rate: VatRate) -> str:
    return "zw." if rate.special else f"{rate.code}%"


def _money(amount: Decimal) -> str:
    return str(amount.quantize(_GROSZ, ROUND_HALF_UP))
