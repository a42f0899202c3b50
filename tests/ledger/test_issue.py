"""Documents are made once, numbered without gaps, and refused when a rule says so."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from pomost.ports import Erp, NeedsPerson, Waiting
from pomost.trade.documents import Document, DocumentLine, DraftLine, VatRow
from pomost.trade.vat import VatRate
from tests.ledger.firm import ANNA, DAY, FIRMA, Firm, mugs, shipping

D = Decimal


def test_the_ledger_is_an_erp(firm: Firm) -> None:
    assert isinstance(firm.ledger, Erp)
    assert {"issue:RO", "convert:RO>FS", "convert:FS>WZ", "amend:RO", "approve", "partial", "orders"} <= (
        firm.ledger.capabilities()
    )


def test_a_reservation_is_made_as_asked_for(firm: Firm) -> None:
    made = firm.issue(
        "RO",
        "order-1:ro",
        mugs(2, order_line="L1"),
        shipping(),
        recipient=FIRMA,
        payment_form="przelew",
        paid=D("49.97"),
        foreign_number="BL-1",
        notes="Proszę dzwonić",
        attributes={"BL_ORDER_ID": "1"},
    )

    rate = VatRate(D(23))
    assert made == Document(
        id=made.id,
        kind="RO",
        number="RO/1/2026",
        company="KUBKI",
        key="order-1:ro",
        state="approved",
        issued_on=DAY,
        sold_on=None,
        due_on=None,
        currency="PLN",
        basis="gross",
        buyer=ANNA,
        recipient=FIRMA,
        lines=(
            DocumentLine(
                made.lines[0].id, "KUBEK-1", "Kubek", D(2), "szt", D("19.99"), rate, D("32.51"), D("7.47"), D("39.98"),
                order_line="L1",
            ),
            DocumentLine(
                made.lines[1].id, "DOSTAWA", "Dostawa", D(1), "szt", D("9.99"), rate, D("8.12"), D("1.87"), D("9.99"),
                service=True,
            ),
        ),
        vat_rows=(VatRow(rate, D("40.63"), D("9.34"), D("49.97")),),
        net=D("40.63"),
        tax=D("9.34"),
        gross=D("49.97"),
        payment_form="przelew",
        paid=D("49.97"),
        foreign_number="BL-1",
        notes="Proszę dzwonić",
        warehouse="MAG",
        attributes={"BL_ORDER_ID": "1"},
    )  # fmt: skip
    assert firm.ledger.find("KUBKI", "order-1:ro") == made
    assert firm.ledger.read("KUBKI", made.id) == made


def test_the_same_key_gives_the_same_document(firm: Firm) -> None:
    first = firm.issue("RO", "order-1:ro", mugs(2))

    second = firm.issue("RO", "order-1:ro", mugs(3))

    assert second == first
    assert len(firm.ledger.documents(kind="RO")) == 1
    assert firm.stock() == (10, 2)


def test_a_key_that_made_another_kind_is_refused(firm: Firm) -> None:
    firm.issue("RO", "order-1", mugs(1))

    firm.refused("ledger.key-reused", lambda: firm.issue("FS", "order-1", mugs(1)))


def test_two_companies_use_the_same_key(firm: Firm) -> None:
    setup = firm.ledger.setup
    setup.add_company("TALERZE", "Talerze sp. z o.o.")
    setup.add_warehouse("TALERZE", "MAG")
    setup.put_item("TALERZE", "KUBEK-1", "Kubek", "23")
    mine = firm.issue("RO", "order-1", mugs(1))

    theirs = firm.ledger.issue(replace(firm.draft("RO", "order-1", mugs(1)), company="TALERZE"))

    assert (mine.number, theirs.number) == ("RO/1/2026", "RO/1/2026")
    assert firm.ledger.find("TALERZE", "order-1") == theirs
    assert firm.ledger.read("TALERZE", mine.id) is None


def test_numbers_have_no_gap_after_a_refusal(firm: Firm) -> None:
    firm.issue("FS", "1", mugs(1), moves_stock=True)
    firm.refused("ledger.not-in-stock", lambda: firm.issue("FS", "2", mugs(100), moves_stock=True))

    assert firm.issue("FS", "3", mugs(1), moves_stock=True).number == "FS/2/2026"


def test_each_series_and_year_counts_for_itself(firm: Firm) -> None:
    firm.ledger.setup.add_series("KUBKI", "FS", "ALLE", "%SYMBOL/%NUMBER:4/%MONTH/%SERIES/%YEAR")
    firm.issue("FS", "1", mugs(1))

    numbers = [
        firm.issue("FS", "2", mugs(1), series="ALLE").number,
        firm.issue("FS", "3", mugs(1), series="ALLE").number,
        firm.issue("FS", "4", mugs(1), series="ALLE", on=DAY.replace(month=4)).number,
        firm.issue("FS", "5", mugs(1)).number,
        firm.issue("FS", "6", mugs(1), on=DAY.replace(year=2027)).number,
    ]

    assert numbers == [
        "FS/0001/03/ALLE/2026",
        "FS/0002/03/ALLE/2026",
        "FS/0001/04/ALLE/2026",
        "FS/2/2026",
        "FS/1/2027",
    ]


def test_a_pattern_that_cannot_be_used_is_refused_with_the_code_of_trade(firm: Firm) -> None:
    failure = firm.refused(
        "trade.numbering-not-unique",
        lambda: firm.ledger.setup.add_series("KUBKI", "FS", "X", "%SYMBOL/%YEAR"),
    )
    assert isinstance(failure, NeedsPerson)


def test_a_pattern_that_makes_numbers_which_exist_is_named(firm: Firm) -> None:
    firm.ledger.setup.add_series("KUBKI", "FS", "2026", "%SYMBOL/%NUMBER/%SERIES")
    firm.issue("FS", "1", mugs(1))

    failure = firm.refused("ledger.number-taken", lambda: firm.issue("FS", "2", mugs(1), series="2026"))

    assert isinstance(failure, NeedsPerson)
    assert firm.issue("FS", "3", mugs(1)).number == "FS/2/2026"


def test_an_unknown_item_is_waited_for_by_name(firm: Firm) -> None:
    failure = firm.refused(
        "ledger.unknown-item", lambda: firm.issue("RO", "1", mugs(1, sku="TALERZ"), mugs(1))
    )

    assert isinstance(failure, Waiting)
    assert failure.needs == ("item:TALERZ",)
    assert "TALERZ" in str(failure)
    assert firm.ledger.unknown_items("KUBKI", ["TALERZ", "KUBEK-1"]) == {"TALERZ"}
    assert firm.ledger.count_documents() == {("KUBKI", "PW", "approved"): 1}


BAD = {
    "quantity below zero": ("ledger.negative-quantity", {"lines": (mugs(-1),)}),
    "quantity of zero": ("ledger.negative-quantity", {"lines": (mugs(0),)}),
    "quantity too fine": ("trade.quantity-too-fine", {"lines": (mugs("1.00001"),)}),
    "price too fine": ("ledger.too-many-decimals", {"lines": (mugs(1, "1.00001"),)}),
    "price not a number": ("ledger.not-a-number", {"lines": (mugs(1, "NaN"),)}),
    "goods at a price below zero": ("ledger.negative-price", {"lines": (mugs(1, "-1"),)}),
    "total below zero": ("ledger.negative-total", {"lines": (shipping("-1"),)}),
    "goods without a SKU": ("ledger.no-sku", {"lines": (mugs(1, sku=""),)}),
    "no lines": ("ledger.no-lines", {"lines": ()}),
    "unknown kind": ("ledger.unknown-kind", {"kind": "XX"}),
    "unknown warehouse": ("ledger.unknown-warehouse", {"warehouse": "OTHER"}),
    "unknown series": ("ledger.unknown-series", {"series": "OTHER"}),
    "unknown company": ("ledger.unknown-company", {"company": "OTHER"}),
    "a key too long": ("ledger.key-too-long", {"key": "k" * 201}),
    "an unknown currency": ("trade.unknown-currency", {"currency": "EURO"}),
    "a price too large": ("ledger.too-large", {"lines": (mugs(1, "1e14"),)}),
    "a quantity too large": ("trade.too-large", {"lines": (mugs("1e14", "0.01"),)}),
    "a value too large": ("trade.too-large", {"lines": (mugs("1e13", "1e13"),)}),
    "no key": ("ledger.no-key", {"key": ""}),
    "paid below zero": ("ledger.negative-payment", {"paid": D(-1)}),
    "rate of zero": ("ledger.bad-rate", {"rate": D(0)}),
    "part of a reservation": ("ledger.partial", {"partial": True}),
}


@pytest.mark.parametrize(("code", "change"), BAD.values(), ids=BAD.keys())
def test_a_draft_is_refused_for(firm: Firm, code: str, change: dict[str, object]) -> None:
    draft = replace(firm.draft("RO", "1", mugs(1)), **change)  # type: ignore[arg-type]

    failure = firm.refused(code, lambda: firm.ledger.issue(draft))

    assert isinstance(failure, NeedsPerson)
    assert failure.advice
    assert firm.ledger.count_documents() == {("KUBKI", "PW", "approved"): 1}


def test_messages_name_what_may_be_written(firm: Firm) -> None:
    failure = firm.refused(
        "ledger.unknown-warehouse", lambda: firm.issue("RO", "1", mugs(1), warehouse="OTHER")
    )
    assert str(failure) == ("RO for 1: company KUBKI has no warehouse 'OTHER'. Write one of MAG, or add it.")


def test_a_discount_is_a_service_line_below_zero(firm: Firm) -> None:
    discount = DraftLine("", "Rabat", D(1), D("-5.00"), VatRate(D(23)), service=True)

    made = firm.issue("RO", "1", mugs(1), discount)

    assert made.gross == D("14.99")
    assert firm.again(made) == made


def test_a_document_in_a_currency_also_has_its_amounts_in_pln(firm: Firm) -> None:
    made = firm.issue(
        "FS",
        "1",
        mugs(3, "10.00"),
        currency="EUR",
        rate=D("4.2567"),
        rate_note="NBP 042/A/NBP/2026 z 2026-03-04",
    )

    assert (made.net, made.tax, made.gross) == (D("24.39"), D("5.61"), D("30.00"))
    assert (made.rate, made.rate_note) == (D("4.2567"), "NBP 042/A/NBP/2026 z 2026-03-04")
    assert firm.again(made) == made
    assert firm.ledger.in_pln("KUBKI", "1") == (D("103.82"), D("23.88"))


@pytest.mark.parametrize("kind", ["RO", "FS", "PA", "WZ", "PZ"])
def test_a_document_in_a_currency_without_a_rate_is_refused(firm: Firm, kind: str) -> None:
    failure = firm.refused("ledger.no-rate", lambda: firm.issue(kind, "1", mugs(3, "10.00"), currency="EUR"))

    assert isinstance(failure, NeedsPerson)
    assert firm.ledger.find("KUBKI", "1") is None


def test_the_rates_of_cards_are_told(firm: Firm) -> None:
    assert firm.ledger.item_vat("KUBKI", ["KUBEK-1", "KUBEK-2", "X"]) == {
        "KUBEK-1": VatRate(D(23)),
        "KUBEK-2": VatRate(D(8)),
    }


def test_attributes_stand_on_documents_and_lines(firm: Firm) -> None:
    made = firm.issue("RO", "1", mugs(1), attributes={"A": "1"})

    firm.ledger.set_attribute("KUBKI", "1", "B", "2")
    firm.ledger.set_attribute("KUBKI", "1", "A", "")
    firm.ledger.set_attribute("KUBKI", "1", "LOT", "X7", line_id=made.lines[0].id)

    assert firm.again(made).attributes == {"B": "2"}
    assert firm.ledger.line_attributes(made.id) == {made.lines[0].id: {"LOT": "X7"}}
    firm.refused(
        "ledger.line-mismatch", lambda: firm.ledger.set_attribute("KUBKI", "1", "A", "1", line_id="7")
    )
