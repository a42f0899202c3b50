"""Documents made from documents: what is taken over, what is left, and who moves the goods."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from pomost.ledger.views import realisation
from pomost.ports import Waiting
from pomost.trade.order import Address, Party
from tests.ledger.firm import ANNA, DAY, FIRMA, Firm, mugs, refused, shipping

D = Decimal


def test_an_invoice_takes_over_a_whole_order_and_its_wz_moves_the_goods(firm: Firm) -> None:
    order = firm.issue(
        "RO", "ro", mugs(2), shipping(), recipient=FIRMA, attributes={"BL": "1"}, foreign_number="7"
    )

    invoice = firm.convert("FS", "fs", order)
    assert firm.stock() == (10, 2)
    assert realisation(firm.again(order)) == "full"
    issue = firm.convert("WZ", "wz", invoice)

    assert (invoice.sources, issue.sources) == ((order.id,), (invoice.id,))
    assert (invoice.gross, invoice.buyer, invoice.recipient) == (order.gross, ANNA, FIRMA)
    assert (invoice.attributes, invoice.foreign_number) == ({"BL": "1"}, "7")
    assert [line.realised for line in firm.again(invoice).lines] == [2, 1]
    assert firm.stock() == (8, 0)


def test_an_invoice_that_moves_stock_itself_needs_no_wz(firm: Firm) -> None:
    order = firm.issue("RO", "ro", mugs(2))

    invoice = firm.convert("FS", "fs", order, moves_stock=True)

    assert firm.stock() == (8, 0)
    firm.refused("ledger.stock-already-moved", lambda: firm.convert("WZ", "wz", invoice))


@pytest.mark.parametrize("moves_stock", [True, False], ids=["told to move stock", "not told"])
def test_goods_issued_by_a_wz_are_not_issued_again_by_its_invoice(firm: Firm, moves_stock: bool) -> None:
    order = firm.issue("RO", "ro", mugs(3))
    issue = firm.convert("WZ", "wz", order)
    assert firm.stock() == (7, 0)

    invoice = firm.convert("FS", "fs", issue, moves_stock=moves_stock)

    assert firm.stock() == (7, 0)
    assert invoice.gross == order.gross
    firm.refused("ledger.stock-already-moved", lambda: firm.convert("WZ", "wz2", invoice))


def test_a_receipt_has_both_its_goods_issued_and_an_invoice_made(firm: Firm) -> None:
    receipt = firm.issue("PA", "pa", mugs(2))

    invoice = firm.convert("FS", "fs", receipt)
    firm.convert("WZ", "wz", receipt)

    assert invoice.gross == receipt.gross
    assert firm.stock() == (8, 0)
    firm.refused("ledger.nothing-left", lambda: firm.convert("WZ", "wz2", receipt))
    firm.refused("ledger.stock-already-moved", lambda: firm.convert("WZ", "wz3", invoice))


def test_an_order_is_realised_in_parts(firm: Firm) -> None:
    order = firm.issue("RO", "ro", mugs(5))
    line = order.lines[0].id

    first = firm.convert("FS", "fs1", order, lines=(mugs(2, source_line=line),), moves_stock=True)
    assert realisation(firm.again(order)) == "partial"
    assert firm.stock() == (8, 3)
    rest = firm.convert("FS", "fs2", order, moves_stock=True)

    assert [one.lines[0].quantity for one in (first, rest)] == [2, 3]
    assert realisation(firm.again(order)) == "full"
    assert firm.stock() == (5, 0)
    firm.refused("ledger.nothing-left", lambda: firm.convert("FS", "fs3", order))


def test_no_more_is_realised_than_was_ordered(firm: Firm) -> None:
    order = firm.issue("RO", "ro", mugs(5))
    line = order.lines[0].id

    failure = firm.refused(
        "ledger.over-realised", lambda: firm.convert("FS", "fs", order, lines=(mugs(6, source_line=line),))
    )
    firm.refused(
        "ledger.over-realised",
        lambda: firm.convert("FS", "fs", order, lines=(mugs(3, source_line=line), mugs(3, source_line=line))),
    )

    assert failure.facts == {"sku": "KUBEK-1", "left": "5"}
    assert realisation(firm.again(order)) == "none"


def test_partial_takes_what_is_in_stock_and_leaves_the_rest(firm: Firm) -> None:
    order = firm.issue("RO", "ro", mugs(12), mugs(3, sku="KUBEK-2"), shipping())

    first = firm.convert("FS", "fs1", order, partial=True, moves_stock=True)
    waits = firm.refused(
        "ledger.not-in-stock", lambda: firm.convert("FS", "fs2", order, partial=True, moves_stock=True)
    )
    firm.receive("more", 5, "6.00")
    second = firm.convert("FS", "fs2", order, partial=True, moves_stock=True)

    assert [(line.sku, line.quantity) for line in first.lines] == [
        ("KUBEK-1", 10),
        ("KUBEK-2", 3),
        ("DOSTAWA", 1),
    ]
    assert isinstance(waits, Waiting)
    assert waits.needs == (f"stock:KUBEK-1@MAG#{order.lines[0].id}",)
    assert [(line.sku, line.quantity) for line in second.lines] == [("KUBEK-1", 2)]
    assert realisation(firm.again(order)) == "full"


def test_partial_of_an_invoice_before_its_wz_leaves_the_stock_alone(firm: Firm) -> None:
    order = firm.issue("RO", "ro", mugs(12))

    invoice = firm.convert("FS", "fs", order, partial=True)

    assert invoice.lines[0].quantity == 10
    assert firm.stock() == (10, 12)
    firm.convert("WZ", "wz", invoice)
    assert firm.stock() == (0, 2)


def test_many_orders_become_one_invoice(firm: Firm) -> None:
    first = firm.issue("RO", "1", mugs(1), buyer=FIRMA)
    second = firm.issue("RO", "2", mugs(2), buyer=FIRMA)

    invoice = firm.convert("FS", "fs", second, first)

    assert invoice.sources == (first.id, second.id)
    assert [line.quantity for line in invoice.lines] == [1, 2]
    assert realisation(firm.again(first)) == realisation(firm.again(second)) == "full"


def test_orders_of_different_buyers_or_currencies_do_not_meet_on_one_invoice(firm: Firm) -> None:
    order = firm.issue("RO", "1", mugs(1), buyer=FIRMA)
    other_buyer = firm.issue("RO", "2", mugs(1))
    other_currency = firm.issue("RO", "3", mugs(1), buyer=FIRMA, currency="EUR", rate=D("4.30"))

    firm.refused("ledger.sources-differ", lambda: firm.convert("FS", "fs", order, other_buyer))
    firm.refused("ledger.sources-differ", lambda: firm.convert("FS", "fs", order, other_currency))


def test_the_currency_and_the_rate_come_from_the_source(firm: Firm) -> None:
    order = firm.issue(
        "RO", "ro", mugs(1, "10.00"), currency="EUR", rate=D("4.30"), rate_note="NBP", basis="net"
    )

    invoice = firm.convert("FS", "fs", order)
    later = firm.convert("WZ", "wz", invoice, rate=D("4.50"))

    assert (invoice.currency, invoice.rate, invoice.rate_note, invoice.basis) == (
        "EUR",
        D("4.30"),
        "NBP",
        "net",
    )
    assert (later.rate, later.rate_note) == (D("4.50"), "")


def test_lines_may_be_added_while_converting(firm: Firm) -> None:
    order = firm.issue("RO", "ro", mugs(1))

    invoice = firm.convert("FS", "fs", order, lines=(mugs(1, source_line=order.lines[0].id), shipping()))

    assert [line.sku for line in invoice.lines] == ["KUBEK-1", "DOSTAWA"]


def test_a_line_that_is_not_in_the_sources_is_refused(firm: Firm) -> None:
    order = firm.issue("RO", "ro", mugs(1))
    other = firm.issue("RO", "ro2", mugs(1))

    for line in (
        mugs(1, source_line=other.lines[0].id),
        mugs(1, sku="KUBEK-2", source_line=order.lines[0].id),
        mugs(1, source_line="first"),
    ):
        refused("ledger.line-mismatch", lambda line=line: firm.convert("FS", "fs", order, lines=(line,)))


def test_only_documents_in_force_are_converted_and_only_to_what_they_become(firm: Firm) -> None:
    bufor = firm.issue("RO", "bufor", mugs(1), approve=False)
    cancelled = firm.issue("RO", "cancelled", mugs(1))
    firm.ledger.cancel("KUBKI", "cancelled")

    assert (
        firm.refused("ledger.source-not-approved", lambda: firm.convert("FS", "1", bufor)).advice
        == "Approve it first."
    )
    firm.refused("ledger.source-not-approved", lambda: firm.convert("FS", "2", cancelled))
    order = firm.issue("RO", "ro", mugs(1))
    firm.refused("ledger.not-convertible", lambda: firm.convert("PZ", "3", order))
    firm.refused("ledger.unknown-source", lambda: firm.issue("FS", "4", sources=("999",)))


def test_an_invoice_in_bufor_realises_its_order_and_takes_the_goods(firm: Firm) -> None:
    order = firm.issue("RO", "ro", mugs(4))

    firm.convert("FS", "fs", order, approve=False, moves_stock=True)

    assert realisation(firm.again(order)) == "full"
    assert firm.stock() == (6, 0)
    firm.ledger.approve("KUBKI", "fs")
    assert firm.stock() == (6, 0)


@pytest.mark.parametrize(
    "other",
    [
        Party(name="Jan Przykładowy", address=ANNA.address),
        Party(name=ANNA.name, address=Address("Inna 5", "00-001", "Warszawa", "", "PL")),
    ],
    ids=["other name", "other address"],
)
def test_buyers_without_a_card_share_an_invoice_only_when_they_are_the_same(firm: Firm, other: Party) -> None:
    order, same = firm.issue("RO", "1", mugs(1)), firm.issue("RO", "2", mugs(1))
    stranger = firm.issue("RO", "3", mugs(1), buyer=other)

    failure = firm.refused("ledger.sources-differ", lambda: firm.convert("FS", "fs", order, stranger))

    assert "differ in buyer" in failure.text
    assert other.name not in str(failure)
    assert firm.convert("FS", "fs", order, same).sources == (order.id, same.id)


def test_a_receipt_is_made_of_a_wz_counted_from_gross_only(firm: Firm) -> None:
    net, gross = firm.issue("WZ", "net", mugs(1), basis="net"), firm.issue("WZ", "gross", mugs(1))

    firm.refused("ledger.receipt-from-net", lambda: firm.convert("PA", "pa", net))

    assert firm.convert("PA", "pa", gross).gross == D("19.99")


def test_goods_may_leave_another_warehouse_than_they_were_reserved_in(firm: Firm) -> None:
    firm.ledger.setup.add_warehouse("KUBKI", "SKLEP")
    firm.ledger.setup.receive("KUBKI", "SKLEP", {"KUBEK-1": (5, 4)}, "shop", on=DAY)
    order = firm.issue("RO", "ro", mugs(5))

    firm.convert("WZ", "wz", order, warehouse="SKLEP")

    assert firm.stock(warehouse="MAG") == (10, 0)
    assert firm.stock(warehouse="SKLEP") == (0, 0)


def test_a_compound_takes_of_its_parts_no_finer_than_stock_is_counted(firm: Firm) -> None:
    firm.ledger.setup.put_item("KUBKI", "PROBKA", "Próbka", "23", parts={"KUBEK-1": D("0.25")})

    firm.refused("ledger.too-many-decimals", lambda: firm.issue("RO", "ro", mugs("0.0001", sku="PROBKA")))


def test_a_compound_issues_its_parts(make_firm: Callable[..., Firm]) -> None:
    firm = make_firm()
    firm.ledger.setup.put_item("KUBKI", "ZESTAW", "Zestaw", "23", parts={"KUBEK-1": 2, "KUBEK-2": 1})
    order = firm.issue("RO", "ro", mugs(6, "50", sku="ZESTAW"))
    assert (firm.stock("KUBEK-1"), firm.stock("KUBEK-2")) == ((10, 12), (10, 6))

    invoice = firm.convert("FS", "fs", order, partial=True, moves_stock=True)

    assert [(line.sku, line.quantity) for line in invoice.lines] == [("ZESTAW", 5)]
    assert (firm.stock("KUBEK-1"), firm.stock("KUBEK-2")) == ((0, 2), (5, 1))
