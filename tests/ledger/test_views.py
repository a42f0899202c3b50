"""What the ledger tells about itself."""

from __future__ import annotations

from decimal import Decimal

from pomost.ledger.items import ItemCard, Price
from pomost.ledger.views import Total
from pomost.trade.vat import VatRate
from tests.ledger.firm import DAY, Firm, mugs

D = Decimal


def test_documents_are_found_by_company_kind_and_key(firm: Firm) -> None:
    order = firm.issue("RO", "bl:1:ro", mugs(1))
    invoice = firm.convert("FS", "bl:1:fs", order)
    other = firm.issue("FS", "bl_1:fs", mugs(1))
    ledger = firm.ledger

    assert ledger.documents(key_prefix="bl:1:") == [firm.again(order), invoice]
    assert ledger.documents(kind="FS") == [invoice, other]
    assert ledger.documents(company="KUBKI", kind="FS", key_prefix="bl_") == [other]
    assert ledger.documents(kind="PA") == []


def test_totals_are_of_documents_in_force(firm: Firm) -> None:
    firm.issue("FS", "1", mugs(1, "12.30"), paid=D("12.30"))
    firm.issue("FS", "2", mugs(2, "12.30"))
    firm.issue("FS", "3", mugs(1, "10.00"), currency="EUR", rate=D("4.30"))
    firm.issue("FS", "4", mugs(1), approve=False)

    sales = [total for total in firm.ledger.totals() if total.kind == "FS"]

    assert sales == [
        Total("KUBKI", "FS", "EUR", 1, D("8.13"), D("1.87"), D("10.00"), D("0.00")),
        Total("KUBKI", "FS", "PLN", 2, D("30.00"), D("6.90"), D("36.90"), D("12.30")),
    ]


def test_open_orders_are_those_with_something_left(firm: Firm) -> None:
    done = firm.issue("RO", "done", mugs(1))
    begun = firm.issue("RO", "begun", mugs(2))
    new = firm.issue("ZK", "new", mugs(1))
    firm.issue("RO", "bufor", mugs(1), approve=False)
    firm.convert("FS", "fs1", done)
    firm.convert("FS", "fs2", begun, lines=(mugs(1, source_line=begun.lines[0].id),))

    assert [order.key for order in firm.ledger.orders("KUBKI")] == ["begun", "new"]
    assert firm.ledger.orders() == [firm.again(begun), new]


def test_stock_is_told_for_every_warehouse(firm: Firm) -> None:
    firm.ledger.setup.add_warehouse("KUBKI", "SKLEP")
    firm.issue("RO", "ro", mugs(12))

    stock = firm.ledger.stock("KUBKI", "KUBEK-1")

    assert {code: (row.quantity, row.reserved, row.available) for code, row in stock.items()} == {
        "MAG": (10, 12, -2),
        "SKLEP": (0, 0, 0),
    }


def test_cards_are_changed_by_giving_them_again(firm: Firm) -> None:
    setup = firm.ledger.setup
    setup.put_item("KUBKI", "KUBEK-1", "Kubek", "23", ean="5901234123457", prices={"detal": "19.99"})
    setup.put_item(
        "KUBKI", "KUBEK-1", "Kubek biały 330 ml", "8", prices={"hurt": Price("net", "EUR", D("2.5"))}
    )

    assert firm.ledger.items("KUBKI")[1] == ItemCard(
        "KUBEK-1",
        "Kubek biały 330 ml",
        "goods",
        "szt",
        VatRate(D(8)),
        "",
        {"detal": Price("gross", "PLN", D("19.99")), "hurt": Price("net", "EUR", D("2.5"))},
    )


def test_a_company_is_changed_by_giving_it_again(firm: Firm) -> None:
    firm.ledger.setup.add_company("KUBKI", "Kubki S.A.", "5260250274", negative_stock=True)

    assert [(company.code, company.name) for company in firm.ledger.companies()] == [("KUBKI", "Kubki S.A.")]
    firm.issue("WZ", "wz", mugs(11), on=DAY)
    assert firm.stock() == (-1, 0)
