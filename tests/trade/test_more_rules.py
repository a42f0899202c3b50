"""FS or PA, tax numbers, the day of a rate, and whether an order is still the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pomost.trade.changes import CONTENT, compare_orders, content_print
from pomost.trade.choice import SaleRule, choose_sale_kind
from pomost.trade.currency_rate import easter_sunday, is_working_day, rate_day
from pomost.trade.nip import clean_tax_id
from pomost.trade.order import Address, Delivery, Party, Payment, PickupPoint
from tests.trade.orders import line, order

GOOD, BAD = "123-456-32-18", "123-456-32-19"


@pytest.mark.parametrize(
    ("rule", "tax_id", "company", "wish", "kind"),
    [
        pytest.param("nip-or-wish", "", "", False, "PA", id="nothing asked for"),
        pytest.param("nip-or-wish", "", "", True, "FS", id="a wish"),
        pytest.param("nip-or-wish", GOOD, "", False, "FS", id="a number"),
        pytest.param("nip-or-wish", BAD, "", False, "PA", id="a wrong number, no wish"),
        pytest.param("nip-or-wish", BAD, "", True, "FS", id="a wrong number of a person who wishes"),
        pytest.param("nip-or-wish", BAD, "Firma", False, "PA", id="a wrong number of a company, no wish"),
        pytest.param("nip-or-wish", BAD, "Firma", True, None, id="a company wishes with a wrong number"),
        pytest.param("nip-or-wish", "  ", "Firma", True, "FS", id="blanks are no number"),
        pytest.param("nip", "", "", True, "PA", id="nip: a wish is not enough"),
        pytest.param("nip", GOOD, "", False, "FS", id="nip: a number"),
        pytest.param("nip", BAD, "", True, "PA", id="nip: a wrong number"),
        pytest.param("nip", BAD, "Firma", True, None, id="nip: a company's wrong number"),
        pytest.param("wish", GOOD, "Firma", False, "PA", id="wish: a number is not enough"),
        pytest.param("wish", BAD, "Firma", True, "FS", id="wish: numbers do not matter"),
        pytest.param("always-fs", "", "", False, "FS", id="always FS"),
        pytest.param("always-pa", GOOD, "Firma", True, "PA", id="always PA"),
    ],
)
def test_the_kind_of_sale_follows_the_rule(
    rule: SaleRule, tax_id: str, company: str, wish: bool, kind: str | None
) -> None:
    buyer = Party(name="Anna Przykładowa", company=company, tax_id=tax_id)
    choice = choose_sale_kind(order(line(), buyer=buyer, wants_invoice=wish), rule)
    assert choice.kind == kind
    assert choice.reason


@pytest.mark.parametrize(
    ("text", "country", "wanted"),
    [
        ("1234563218", "PL", ("PL", "1234563218", True)),
        ("123-456-32-18", "PL", ("PL", "1234563218", True)),
        ("PL 123 456 32 18", "", ("PL", "1234563218", True)),
        ("pl1234563218", "DE", ("PL", "1234563218", True)),
        ("NIP: 1234563218", "PL", ("PL", "1234563218", True)),
        ("1234563219", "PL", ("PL", "1234563219", False)),
        ("DE136695976", "PL", ("DE", "136695976", True)),
        ("136695976", "DE", ("DE", "136695976", True)),
        ("136 695 976", "de", ("DE", "136695976", True)),
        ("136695978", "DE", ("DE", "136695978", False)),
        ("brak", "PL", ("PL", "", False)),
        ("", "PL", ("PL", "", False)),
        ("123456789", "US", ("US", "123456789", False)),
    ],
)
def test_a_tax_number_is_cleaned_and_checked(text: str, country: str, wanted: tuple[str, str, bool]) -> None:
    found = clean_tax_id(text, country)
    assert (found.country, found.number, found.valid) == wanted
    assert found.original == text


@settings(max_examples=100, deadline=None)
@given(text=st.text(max_size=30), country=st.sampled_from(["", "PL", "DE", "XX"]))
def test_garbage_for_a_tax_number_is_no_error(text: str, country: str) -> None:
    found = clean_tax_id(text, country)
    assert found.original == text
    assert all(sign in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ+*" for sign in found.number)


@pytest.mark.parametrize(
    ("day", "before"),
    [
        pytest.param("2026-11-25", "2026-11-24", id="a plain Wednesday"),
        pytest.param("2026-11-23", "2026-11-20", id="Monday: Friday"),
        pytest.param("2026-11-22", "2026-11-20", id="Sunday: Friday"),
        pytest.param("2026-04-07", "2026-04-03", id="after Easter Monday: Good Friday works"),
        pytest.param("2026-06-05", "2026-06-03", id="after Corpus Christi"),
        pytest.param("2026-12-28", "2026-12-23", id="after Christmas: 24 December is free"),
        pytest.param("2024-12-27", "2024-12-24", id="24 December 2024 still worked"),
        pytest.param("2026-01-02", "2025-12-31", id="after New Year"),
        pytest.param("2026-01-01", "2025-12-31", id="on New Year"),
        pytest.param("2026-01-07", "2026-01-05", id="after Epiphany"),
        pytest.param("2026-11-12", "2026-11-10", id="after Independence Day"),
        pytest.param("2025-05-05", "2025-05-02", id="the days of May"),
    ],
)
def test_the_rate_is_of_the_last_working_day_before(day: str, before: str) -> None:
    assert rate_day(date.fromisoformat(day)) == date.fromisoformat(before)


@pytest.mark.parametrize(
    "day", ["1961-04-02", "2000-04-23", "2024-03-31", "2025-04-20", "2026-04-05", "2027-03-28", "2038-04-25"]
)
def test_easter_is_when_it_is(day: str) -> None:
    assert easter_sunday(int(day[:4])) == date.fromisoformat(day)


@settings(max_examples=100, deadline=None)
@given(day=st.dates(date(2011, 1, 1), date(2099, 12, 31)))
def test_between_the_day_of_the_rate_and_the_day_nobody_works(day: date) -> None:
    found = rate_day(day)
    assert found < day
    assert is_working_day(found)
    between = range(found.toordinal() + 1, day.toordinal())
    assert not any(is_working_day(date.fromordinal(number)) for number in between)


BOUGHT = order(
    line("A", "2", "10.00"),
    line("B", "1", "5.00", "8"),
    delivery="9.99",
    payment=Payment(method="blik"),
)


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"status": "Wysłane"}, id="status"),
        pytest.param({"payment": Payment(method="blik", paid=Decimal("34.99"))}, id="payment"),
        pytest.param({"comments": "Proszę o telefon", "seller_comments": "ok"}, id="comments"),
        pytest.param({"confirmed_at": datetime(2026, 11, 26, tzinfo=UTC)}, id="day of confirmation"),
        pytest.param({"lines": (line("A", "2.000", "10"), line("B", "1", "5", "8"))}, id="zeros of a number"),
        pytest.param({"extra": {"pole": "1"}}, id="extra fields"),
    ],
)
def test_what_documents_do_not_depend_on_changes_nothing(changed: dict[str, Any]) -> None:
    after = replace(BOUGHT, **changed)
    assert content_print(after) == content_print(BOUGHT)
    assert not {change.what for change in compare_orders(BOUGHT, after)} & CONTENT


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        pytest.param({"lines": BOUGHT.lines[:1]}, "lines", id="a line less"),
        pytest.param({"lines": (*BOUGHT.lines, line("C"))}, "lines", id="a line more"),
        pytest.param({"lines": (line("A", "3", "10"), BOUGHT.lines[1])}, "lines", id="quantity"),
        pytest.param({"lines": (line("A", "2", "10.01"), BOUGHT.lines[1])}, "prices", id="price"),
        pytest.param({"lines": (line("A", "2", "10", "8"), BOUGHT.lines[1])}, "vat", id="VAT"),
        pytest.param({"lines": (line("X", "2", "10", name="Towar A"), BOUGHT.lines[1])}, "lines", id="SKU"),
        pytest.param({"lines": (replace(BOUGHT.lines[0], unit="opak"), BOUGHT.lines[1])}, "lines", id="unit"),
        pytest.param(
            {"lines": (replace(BOUGHT.lines[0], attributes="kolor: biały"), BOUGHT.lines[1])},
            "lines",
            id="attributes",
        ),
        pytest.param({"currency": "EUR"}, "currency", id="currency"),
        pytest.param({"basis": "net"}, "currency", id="basis"),
        pytest.param({"buyer": replace(BOUGHT.buyer, tax_id=GOOD)}, "buyer", id="tax number"),
        pytest.param({"wants_invoice": True}, "invoice", id="wish for an invoice"),
        pytest.param(
            {"delivery": Delivery(price=Decimal("9.99"), to=Party(address=Address(city="Łódź")))},
            "delivery",
            id="address",
        ),
        pytest.param(
            {"delivery": Delivery(price=Decimal("9.99"), point=PickupPoint("KRA01"))}, "delivery", id="point"
        ),
        pytest.param({"delivery": Delivery(price=Decimal("8.99"))}, "delivery", id="price of delivery"),
    ],
)
def test_what_documents_depend_on_is_a_change_of_its_name(changed: dict[str, Any], what: str) -> None:
    after = replace(BOUGHT, **changed)
    assert content_print(after) != content_print(BOUGHT)
    assert [change.what for change in compare_orders(BOUGHT, after)] == [what]


def test_changes_tell_amounts_and_no_person() -> None:
    after = replace(BOUGHT, lines=BOUGHT.lines[:1], buyer=Party(name="Jan Przykładowy"))
    lines, buyer = compare_orders(BOUGHT, after)
    assert (lines.before, lines.after) == ("2 szt A, 1 szt B", "2 szt A")
    assert (buyer.before, buyer.after) == ("name given, country given", "name other, country empty")
