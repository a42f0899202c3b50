"""Prints of pro-forma, advance and final invoices, in both languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from pomost.render import Renderer
from pomost.trade.advances import tax_of
from pomost.trade.documents import Document, DocumentLine, OrderedLine, SettledAdvance, VatRow
from pomost.trade.vat import VatRate
from tests.render.documents import SELLER, document, with_lines
from tests.render.test_renderer import missing, text_of

D = Decimal
RATE = VatRate.of("23")


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer({"MAIN": SELLER})


def advance() -> Document:
    row = tax_of(D("30.00"), RATE)
    line = DocumentLine(
        "1",
        "",
        "Zaliczka na zamówienie 1000123",
        D(1),
        "szt",
        row.gross,
        RATE,
        row.net,
        row.tax,
        row.gross,
        True,
    )
    return replace(
        with_lines(document("FZAL"), (line,)),
        sold_on=None,
        paid=D("30.00"),
        attributes={"EARLIER_ADVANCES": "FZAL/11/09/2025", "PROFORMA": "FPF/3/09/2025"},
        ordered=(
            OrderedLine("KUBEK-1", "Kubek emaliowany", D(2), "szt", RATE, D("64.88"), D("14.92"), D("79.80")),
        ),
    )


def final() -> Document:
    whole = document(count=1)
    taken = tax_of(D("30.00"), RATE)
    (row,) = whole.vat_rows
    left = VatRow(RATE, row.net - taken.net, row.tax - taken.tax, row.gross - taken.gross)
    return replace(
        whole,
        vat_rows=(left,),
        net=left.net,
        tax=left.tax,
        gross=left.gross,
        settled=(SettledAdvance("7", "FZAL/12/09/2025", date(2025, 9, 3), (taken,)),),
    )


def test_an_advance_invoice_shows_payment_tax_and_the_order(renderer: Renderer) -> None:
    text = text_of(renderer.render(advance()))

    assert (
        missing(
            text,
            "Faktura zaliczkowa",
            "FZAL/12/09/2025",
            "Wcześniejsze faktury zaliczkowe FZAL/11/09/2025",
            "Pro forma FPF/3/09/2025",
            "23% 24,39 5,61 30,00",
            "Kubek emaliowany",
            "Wartość zamówienia 64,88 14,92 79,80",
        )
        == []
    )
    assert "Data sprzedaży" not in text


def test_a_final_invoice_shows_the_whole_the_advances_and_what_is_left(renderer: Renderer) -> None:
    text = text_of(renderer.render(final()))

    assert (
        missing(
            text,
            "Faktura końcowa",
            "ROZLICZENIE ZALICZEK",
            "Wartość sprzedaży 23% 64,88 14,92 79,80",
            "Zaliczka FZAL/12/09/2025 2025-09-03 23% -24,39 -5,61 -30,00",
            "Pozostaje 40,49 9,31 49,80",
            "Do zapłaty 49,80 PLN",
        )
        == []
    )


def test_a_pro_forma_says_that_it_is_no_invoice_and_how_to_pay(renderer: Renderer) -> None:
    text = text_of(renderer.render(document("FPF")))

    assert (
        missing(text, "Faktura pro forma", "nie jest fakturą", "Nr rachunku", "Zeskanuj w aplikacji banku")
        == []
    )


@pytest.mark.parametrize(
    ("made", "english"),
    [
        (document("FPF"), "neither an invoice"),
        (advance(), "Advance invoice"),
        (final(), "SETTLEMENT OF ADVANCES"),
    ],
    ids=["FPF", "FZAL", "FS"],
)
def test_all_of_them_are_printed_in_english_and_in_both_languages(
    renderer: Renderer, made: Document, english: str
) -> None:
    assert missing(text_of(renderer.render(made, "en")), english) == []
    assert missing(text_of(renderer.render(made, "pl-en")), english, "NABYWCA / BUYER") == []


def test_an_ordinary_invoice_has_no_settlement(renderer: Renderer) -> None:
    assert "zaliczek" not in text_of(renderer.render(document()))
