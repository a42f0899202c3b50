"""What a document's print says: Document -> plain data for a template. Pure.

Every text in the result is ready to be set as it is; templates only lay it out.
What an invoice must show: art. 106e of the Polish VAT Act.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any, Literal

from pomost.ports import NeedsPerson
from pomost.render import figures, transfer_qr, words
from pomost.trade.documents import KINDS, Document, DocumentKind, DocumentLine, LineStand, VatRow
from pomost.trade.order import Address, Party
from pomost.trade.vat import VatRate

Language = Literal["pl", "en", "pl-en"]

Json = dict[str, Any]

INVOICES = frozenset({"FS", "FSK", "FZAL"})
_TEMPLATES = {
    "FS": "fs.typ",
    "PA": "pa.typ",
    "FSK": "fsk.typ",
    "PAK": "pak.typ",
    "FPF": "fpf.typ",
    "FZAL": "fzal.typ",
}


@dataclass(frozen=True, slots=True)
class Seller:
    """Whose documents these are. ``bank_account``: 26 digits, or an IBAN; with none there is no transfer QR.

    ``exemption_basis``: the provision under which the seller's exempt sales are exempt (art. 106e sec. 1(19)),
    printed where a document has a "zw" line and does not name its own.
    """

    name: str
    tax_id: str = ""
    address: Address = field(default_factory=Address)
    bank_account: str = ""
    bank_name: str = ""
    email: str = ""
    phone: str = ""
    exemption_basis: str = ""


def template_of(kind: str) -> str:
    """The name of the template file that prints documents of this kind."""
    return _TEMPLATES.get(kind, "plain.typ")


def content(document: Document, seller: Seller, language: Language) -> Json:
    """Everything a template may show.

    The document's attributes that are understood: ``order_number`` (else ``foreign_number``), ``split_payment`` (any
    text but "0", "no", "false"), ``exemption_basis``, ``ksef_number``, ``ksef_url``, ``place_of_issue``,
    ``delivery_method``. Raises NeedsPerson ``render.no-rate`` where the law asks for VAT in PLN and the document
    has no exchange rate.
    """
    style: figures.NumberStyle = "en" if language == "en" else "pl"
    money = partial(figures.amount, style=style)
    kind = KINDS.get(document.kind) or DocumentKind(document.kind, document.kind, document.kind)
    left = document.gross - document.paid
    attributes = document.attributes
    split_payment = attributes.get("split_payment", "").lower() not in ("", "0", "no", "false")
    languages: tuple[Literal["pl", "en"], ...] = ("pl", "en") if language == "pl-en" else (language,)
    printable = figures.printable
    recipient = _recipient(document)
    return {
        "language": language,
        "kind": document.kind,
        "kind_name": [{"pl": kind.name_pl, "en": kind.name_en}[word] for word in languages],
        "number": figures.unbroken(document.number),
        "state": document.state,
        "issued_on": document.issued_on.isoformat(),
        "sold_on": document.sold_on.isoformat() if document.sold_on else "",
        "due_on": document.due_on.isoformat() if document.due_on else "",
        "place_of_issue": printable(attributes.get("place_of_issue", "")),
        "order_number": printable(attributes.get("order_number", "") or document.foreign_number),
        "delivery_method": printable(attributes.get("delivery_method", "")),
        "warehouse": printable(document.warehouse),
        "seller": _seller(seller),
        "buyer": _party(document.buyer),
        "recipient": _party(recipient) if recipient else None,
        "receives": kind.stock > 0 and not kind.corrects,
        "correction": _correction(document, style) if document.correction else None,
        "moves_stock": kind.stock != 0,
        "priced": kind.priced,
        "basis": document.basis,
        "currency": document.currency,
        "lines": [_line(index, line, style) for index, line in enumerate(document.lines, 1)],
        "vat_rows": _rows(document.vat_rows, style),
        "net": money(document.net),
        "tax": money(document.tax),
        "gross": money(document.gross),
        "advances": [
            {
                "number": figures.unbroken(one.number),
                "issued_on": one.issued_on.isoformat(),
                "rows": _rows(one.rows, style, -1),
            }
            for one in document.settled
        ],
        "whole": {"rows": _rows(document.whole_rows, style)} if document.settled else None,
        "ordered": _ordered(document, style) if document.ordered else None,
        "earlier_advances": printable(attributes.get("EARLIER_ADVANCES", "")),
        "proforma": printable(attributes.get("PROFORMA", "")),
        "pln": _tax_in_pln(document, style) if document.kind in INVOICES else None,
        "in_words": [words.in_words(document.gross, document.currency, word) for word in languages],
        "payment_form": printable(document.payment_form),
        "paid": money(document.paid) if document.paid else "",
        "left": money(max(left, Decimal(0))),
        "overpaid": money(-left) if left < 0 else "",
        "is_settled": left <= 0 and document.whole_gross > 0,
        "split_payment": split_payment,
        "remarks": _remarks(document, seller),
        "notes": printable(document.notes),
        "ksef_number": figures.unbroken(attributes.get("ksef_number", "")),
        "transfer_qr": _transfer_qr(document, seller, left, split_payment),
        "ksef_qr": transfer_qr.svg(attributes["ksef_url"]) if attributes.get("ksef_url") else "",
    }


def _rows(rows: Iterable[VatRow], style: figures.NumberStyle, sign: int = 1) -> list[Json]:
    """A VAT table; with ``sign`` -1 what is taken off."""
    return [
        {
            "rate": figures.rate(row.vat, style),
            "net": figures.amount(sign * row.net, style),
            "tax": figures.amount(sign * row.tax, style),
            "gross": figures.amount(sign * row.gross, style),
        }
        for row in rows
    ]


def _ordered(document: Document, style: figures.NumberStyle) -> Json:
    """The order that an advance is paid towards (art. 106f sec. 1(4) of the Polish VAT Act)."""
    money = partial(figures.amount, style=style)
    return {
        "lines": [
            {
                "index": str(index),
                "sku": figures.printable(line.sku),
                "name": figures.printable(line.name),
                "notes": "",
                "quantity": figures.quantity(line.quantity, style),
                "unit": figures.printable(line.unit),
                "rate": figures.rate(line.vat, style),
                "net": money(line.net),
                "tax": money(line.tax),
                "gross": money(line.gross),
            }
            for index, line in enumerate(document.ordered, 1)
        ],
        "net": money(sum((line.net for line in document.ordered), Decimal(0))),
        "tax": money(sum((line.tax for line in document.ordered), Decimal(0))),
        "gross": money(sum((line.gross for line in document.ordered), Decimal(0))),
    }


def _seller(seller: Seller) -> Json:
    return {
        "name": figures.printable(seller.name),
        "tax_id": figures.printable(seller.tax_id),
        "tax_id_kind": _tax_id_kind(seller.tax_id),
        "address": _address(seller.address),
        "bank_account": figures.account(seller.bank_account),
        "bank_name": figures.printable(seller.bank_name),
        "email": figures.printable(seller.email),
        "phone": figures.printable(seller.phone),
    }


def _party(party: Party) -> Json:
    return {
        "name": figures.printable(party.shown_name),
        "person": figures.printable(party.name) if party.company and party.name != party.company else "",
        "tax_id": figures.printable(party.tax_id),
        "tax_id_kind": _tax_id_kind(party.tax_id),
        "address": _address(party.address),
        "email": figures.printable(party.email),
        "phone": figures.printable(party.phone),
    }


def _recipient(document: Document) -> Party | None:
    """Who gets the goods, where it is not the buyer at the buyer's own address."""
    buyer, recipient = document.buyer, document.recipient
    if recipient is None or not (recipient.shown_name or recipient.address != Address()):
        return None
    same = (recipient.shown_name, recipient.address) == (buyer.shown_name, buyer.address)
    return None if same else recipient


def _address(address: Address) -> list[str]:
    country = "" if address.country.upper() == "PL" else address.country.upper()
    town = " ".join(part for part in (address.postcode, address.city) if part)
    where = ", ".join(part for part in (town, address.state, country) if part)
    return [figures.printable(line) for line in (address.street, where) if line.strip()]


def _tax_id_kind(tax_id: str) -> str:
    """The label: "nip" for a Polish number, "vat_eu" for one that begins with another country, else "tax_id"."""
    plain = re.sub(r"[\s-]", "", tax_id).upper()
    if re.fullmatch(r"(PL)?\d{10}", plain):
        return "nip"
    return "vat_eu" if re.fullmatch(r"[A-Z]{2}[0-9A-Z+*]{2,13}", plain) else "tax_id"


def _line(index: int, line: DocumentLine, style: figures.NumberStyle) -> Json:
    return {
        "index": str(index),
        "sku": figures.printable(line.sku),
        "name": figures.printable(line.name),
        "notes": figures.printable(line.notes),
        "quantity": figures.quantity(line.quantity, style),
        "unit": figures.printable(line.unit),
        "price": figures.unit_price(line.price, style),
        "rate": figures.rate(line.vat, style),
        "net": figures.amount(line.net, style),
        "tax": figures.amount(line.tax, style),
        "gross": figures.amount(line.gross, style),
    }


def _correction(document: Document, style: figures.NumberStyle) -> Json:
    """What is corrected, why, and its lines before and after (art. 106j sec. 2 of the Polish VAT Act)."""
    correction = document.correction
    assert correction is not None
    lines = zip(document.lines, correction.lines, strict=True)
    return {
        "of_number": figures.unbroken(correction.of_number),
        "of_date": correction.of_date.isoformat(),
        "reason": figures.printable(correction.reason),
        "agreed_on": correction.agreed_on.isoformat() if correction.agreed_on else "",
        "agreement": figures.printable(correction.agreement),
        "refund": figures.amount(correction.refund, style) if correction.refund else "",
        "lines": [
            {
                **_line(index, line, style),
                "before": _stand(corrected.before, style),
                "after": _stand(corrected.after, style),
                "change": figures.amount(corrected.after.value - corrected.before.value, style),
            }
            for index, (line, corrected) in enumerate(lines, 1)
        ],
    }


def _stand(stand: LineStand, style: figures.NumberStyle) -> Json:
    return {
        "quantity": figures.quantity(stand.quantity, style),
        "price": figures.unit_price(stand.price, style),
        "value": figures.amount(stand.value, style),
    }


def _is_polish_tax(vat: VatRate) -> bool:
    return vat.country in ("", "PL")


def _tax_in_pln(document: Document, style: figures.NumberStyle) -> Json | None:
    """Polish tax in PLN where the invoice is in another currency (art. 106e sec. 11), row by row and in all."""
    if document.currency == "PLN":
        return None
    taxed = [row for row in document.vat_rows if _is_polish_tax(row.vat) and row.tax]
    if taxed and document.rate is None:
        raise NeedsPerson(
            "render.no-rate",
            f"{document.kind} {document.number} is in {document.currency} and has no exchange rate, "
            "so its VAT can't be shown in PLN as the law asks.",
            "Set the rate and its source on the document and print it again.",
            document=document.id,
        )
    if document.rate is None:
        return None
    # a correction says what the tax in PLN comes to after it less before it, which is not always the rate times its own
    said = dict(one.split("=") for one in document.attributes.get("TAX_PLN", "").split(";") if one)
    converted = [
        Decimal(said.get(row.vat.code) or figures.cents(row.tax * document.rate))
        if _is_polish_tax(row.vat)
        else None
        for row in document.vat_rows
    ]
    return {
        "rate": figures.quantity(document.rate, style),
        "note": figures.printable(document.rate_note),
        "taxes": ["–" if tax is None else figures.amount(tax, style) for tax in converted],
        "tax": figures.amount(sum((tax for tax in converted if tax is not None), Decimal(0)), style),
    }


def _remarks(document: Document, seller: Seller) -> list[Json]:
    """The words that the law asks for beside some rates: each has a label's ``key`` and a ``text`` of its own."""
    specials = {line.vat.special for line in document.lines} | {row.vat.special for row in document.vat_rows}
    basis = document.attributes.get("exemption_basis", "") or seller.exemption_basis
    remarks = [{"key": f"remark_{special}", "text": ""} for special in ("oo", "np") if special in specials]
    if "zw" in specials:
        remarks.append({"key": "remark_zw", "text": figures.printable(basis)})
    return remarks


def _transfer_qr(document: Document, seller: Seller, left: Decimal, split_payment: bool) -> str:
    # The 2D standard knows ordinary transfers only; a split payment needs the VAT amount and the invoice number.
    wanted = document.currency == "PLN" and left > 0 and seller.bank_account and not split_payment
    if not wanted or document.kind not in ("FS", "FPF") or document.state == "cancelled":
        return ""
    text = transfer_qr.transfer_text(seller.tax_id, seller.bank_account, left, seller.name, document.number)
    return transfer_qr.svg(text) if text else ""
