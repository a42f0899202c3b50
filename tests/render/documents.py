"""Sample documents of a made-up shop."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from pomost.render import Seller
from pomost.trade.documents import (
    CorrectedLine,
    Correction,
    Document,
    DocumentLine,
    LineStand,
    VatRow,
)
from pomost.trade.order import Address, Party
from pomost.trade.vat import VatRate

SELLER = Seller(
    name="Kubki i Świece Przykładowe sp. z o.o.",
    tax_id="5260250274",
    address=Address("ul. Żółta 7/3", "00-950", "Warszawa", country="PL"),
    bank_account="PL61 1090 1014 0000 0712 1981 2874",
    bank_name="Bank Przykładowy S.A.",
    email="sklep@example.com",
    phone="+48 22 100 00 00",
)

BUYER = Party(
    name="Anna Przykładowa",
    company="Źdźbło Przykładowe s.c.",
    tax_id="1111111111",
    email="anna@example.com",
    phone="+48 600 000 000",
    address=Address("ul. Gęsia Łąka 15", "30-001", "Kraków", country="PL"),
)

GOODS = (
    ("KUBEK-1", "Kubek emaliowany „Zażółć gęślą jaźń”, 350 ml", "2", "39.90", "23"),
    ("SWIECA-7", "Świeca sojowa, zapach żywicy i miodu", "3", "54.00", "23"),
    ("KSIAZKA-2", "Książka „Ćwiczenia z ceramiki”", "1", "49.00", "5"),
    ("HERBATA-9", "Herbata czarna liściasta", "0.5", "88.00", "8"),
)


def line(index: int, sku: str, name: str, quantity: str, price: str, vat: str) -> DocumentLine:
    rate = VatRate.of(vat)
    gross = (Decimal(price) * Decimal(quantity)).quantize(Decimal("0.01"))
    tax = (gross * rate.percent / (100 + rate.percent)).quantize(Decimal("0.01"))
    return DocumentLine(
        str(index),
        sku,
        name,
        Decimal(quantity),
        "kg" if "." in quantity else "szt",
        Decimal(price),
        rate,
        gross - tax,
        tax,
        gross,
    )


def with_lines(document: Document, lines: tuple[DocumentLine, ...]) -> Document:
    """The document with these lines and the sums that follow from them."""
    rows = []
    for rate in dict.fromkeys(one.vat for one in lines):
        of_rate = [one for one in lines if one.vat == rate]
        net = sum((one.net for one in of_rate), Decimal(0))
        tax = sum((one.tax for one in of_rate), Decimal(0))
        rows.append(VatRow(rate, net, tax, net + tax))
    net = sum((row.net for row in rows), Decimal(0))
    tax = sum((row.tax for row in rows), Decimal(0))
    return replace(document, lines=lines, vat_rows=tuple(rows), net=net, tax=tax, gross=net + tax)


def document(kind: str = "FS", count: int = 4, **changes: Any) -> Document:
    """A document of ``count`` lines; ``changes`` are fields of Document."""
    lines = tuple(line(index + 1, *GOODS[index % len(GOODS)]) for index in range(count))
    blank = Document(
        id="1",
        kind=kind,
        number=f"{kind}/12/09/2025",
        company="MAIN",
        key="order-1/fs",
        state="approved",
        issued_on=date(2025, 9, 20),
        sold_on=date(2025, 9, 19),
        due_on=date(2025, 10, 4),
        currency="PLN",
        basis="gross",
        buyer=BUYER,
        recipient=None,
        lines=(),
        vat_rows=(),
        net=Decimal(0),
        tax=Decimal(0),
        gross=Decimal(0),
        payment_form="Przelew",
        foreign_number="BL-1000123",
        warehouse="MAG",
    )
    return replace(with_lines(blank, lines), **changes)


def correction(kind: str) -> Document:
    """A correction of ``document()``: one of two mugs came back."""
    one = line(1, *GOODS[0])
    price = one.price
    back = replace(one, quantity=Decimal(-1), net=Decimal("-32.44"), tax=Decimal("-7.46"), gross=-price)
    made = replace(document(kind), number=f"{kind}/1/2025", issued_on=date(2025, 10, 1))
    return replace(
        with_lines(made, (back,)),
        correction=Correction(
            of_id="1",
            of_kind=kind[:2],
            of_number=f"{kind[:2]}/12/09/2025",
            of_date=date(2025, 9, 20),
            reason="Odstąpienie od umowy",
            agreed_on=date(2025, 9, 29),
            agreement="Zwrot 30001",
            lines=(
                CorrectedLine(
                    "1", LineStand(Decimal(2), price, 2 * price), LineStand(Decimal(1), price, price)
                ),
            ),
            refund=price,
        ),
    )
