"""What goes on a receipt."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pomost.render.mail_content import sample_document
from pomost.trade.documents import Document, DocumentLine
from pomost.trade.order import Party
from pomost.trade.receipt import FORMS, left_out, payment_form, sold_lines
from pomost.trade.vat import VatRate

D = Decimal


def document(kind: str, tax_id: str = "", gross: str = "123.00") -> Document:
    return replace(sample_document(kind, paid=True), buyer=Party(tax_id=tax_id), gross=D(gross))


@pytest.mark.parametrize(
    ("kind", "tax_id", "gross", "invoices", "printed"),
    [
        ("PA", "", "10", False, True),
        ("PA", "1234563218", "10", False, True),
        ("PA", "", "0", False, False),
        ("FS", "", "10", False, False),
        ("FS", "1234563218", "10", False, False),
        ("FS", "", "10", True, True),
        ("FS", "1234563218", "10", True, False),
        ("WZ", "", "10", True, False),
        ("FSK", "", "10", True, False),
    ],
)
def test_which_documents_are_printed(
    kind: str, tax_id: str, gross: str, invoices: bool, printed: bool
) -> None:
    assert (left_out(document(kind, tax_id, gross), invoices=invoices) == "") is printed


def line(gross: str, vat: str = "23", quantity: str = "1") -> DocumentLine:
    [found] = sample_document("PA", paid=True).lines
    return replace(found, gross=D(gross), price=D(gross), vat=VatRate.of(vat), quantity=D(quantity))


def test_a_discount_is_spread_over_the_lines_of_its_rate() -> None:
    sold = sold_lines([line("30.00"), line("10.00"), line("20.00", "8"), line("-4.00")])

    assert [one.gross for one in sold] == [D("27.00"), D("9.00"), D("20.00")]
    assert [one.price for one in sold] == [D("30.00"), D("10.00"), D("20.00")]


@pytest.mark.parametrize("lines", [[line("1.00"), line("-2.00")], [line("5.00", "8"), line("-1.00")]])
def test_a_discount_above_what_is_sold_at_its_rate_is_refused(lines: list[DocumentLine]) -> None:
    with pytest.raises(ValueError, match="discount"):
        sold_lines(lines)


@given(
    st.lists(st.integers(1, 100_000), min_size=1, max_size=8),
    st.integers(0, 100),
    st.lists(st.integers(1, 9), min_size=8, max_size=8),
)
def test_lines_always_add_up_to_the_document_and_no_price_is_below_the_value(
    values: list[int], percent: int, quantities: list[int]
) -> None:
    discount = sum(values) * percent // 100
    lines = [
        line(str(D(value) / 100), quantity=str(number))
        for value, number in zip(values, quantities, strict=False)
    ]
    lines += [line(str(-D(discount) / 100))] if discount else []

    sold = sold_lines(lines)

    assert sum(one.gross for one in sold) == D(sum(values) - discount) / 100
    assert all(one.gross >= 0 and one.price * one.quantity >= one.gross for one in sold)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("Przelew", "transfer"),
        ("PayU", "transfer"),
        ("Karta płatnicza", "card"),
        ("Pobranie", "cash"),
        ("Gotówka", "cash"),
        ("Bon sklepu", "bon"),
        ("", "other"),
        ("coś innego", "other"),
    ],
)
def test_forms_of_payment_are_known_by_their_words(text: str, form: str) -> None:
    assert payment_form(text, {"bon sklepu": "bon"}) == form
    assert form in FORMS
