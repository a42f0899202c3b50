"""The report of returns that were not paid back, against what the ledger and the channel say of the same money."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from pomost.ledger import Ledger
from pomost.ports import PaymentToBook
from pomost.reports import catalogue
from pomost.reports.refunds import shared
from pomost.reports.report import Asked, Report
from pomost.sandbox.baselinker import Sandbox
from pomost.store.store import Store
from pomost.trade.documents import CorrectionAsked, Document, Draft, LineChange
from tests.house import TODAY, House
from tests.narrative.test_returns import MUGS, RETURNS, SALE, call, send_back
from tests.reports.test_figures import ANNA, NOV_3, NOV_9, NOV_10, NOVEMBER, ledger, line, store, url

__all__ = ["ledger", "store", "url"]
D = Decimal
SEEN = ("return", "correction", "of", "age", "refund", "refunded", "booked", "left", "currency")


def rows(report: Report, *columns: str) -> list[tuple[Any, ...]]:
    places = [report.place(one) for one in columns or SEEN]
    return [tuple(row[place] for place in places) for row in report.rows]


def correct(books: Ledger, key: str, sale: Document, back: int, **more: Any) -> Document:
    asked = CorrectionAsked(
        (LineChange(sale.lines[0].id, D(back)),), reason="zwrot", agreed_on=NOV_9, agreement="P/1"
    )
    return books.issue(Draft("FSK", "KUBKI", key, NOV_9, sources=(sale.id,), correction=asked, **more))


@pytest.fixture
def sale(ledger: Ledger) -> Document:
    """Ten mugs for 12.30 gross each, paid; and one that nobody paid."""
    setup = ledger.setup
    setup.add_company("KUBKI", "Kubki")
    setup.add_warehouse("KUBKI", "MAG")
    setup.put_items("KUBKI", [{"sku": "KUBEK", "name": "Kubek", "vat": "23"}])
    setup.receive("KUBKI", "MAG", {"KUBEK": (100, "5.00")}, "start", on=NOV_3)
    ten = (line("KUBEK", 10, "12.30"),)
    unpaid = ledger.issue(Draft("FS", "KUBKI", "unpaid", NOV_3, lines=ten, buyer=ANNA))
    correct(ledger, "unpaid-k", unpaid, 1)
    return ledger.issue(Draft("FS", "KUBKI", "one", NOV_3, lines=ten, buyer=ANNA, paid=D("123.00")))


def asked_of(ledger: Ledger, store: Store, **more: Any) -> Report:
    return catalogue.read(ledger, store, "refunds", Asked(*NOVEMBER, **more), NOV_10 + timedelta(days=9))


def test_what_was_paid_and_is_not_owed_any_more_is_listed_until_it_is_booked_as_paid_back(
    ledger: Ledger, store: Store, sale: Document
) -> None:
    first = correct(ledger, "k1", sale, 2)
    second = correct(ledger, "k2", sale, 3)

    before = asked_of(ledger, store)
    ledger.pay_back("KUBKI", "one", payment="r1", amount=D("30.00"), on=NOV_10)
    after = asked_of(ledger, store)
    ledger.pay_back("KUBKI", "one", payment="r2", amount=D("31.50"), on=NOV_10)
    paid = asked_of(ledger, store)

    assert rows(before) == [
        ("", second.number, sale.number, 10, D("36.90"), D("0.00"), D("0.00"), D("36.90"), "PLN"),
        ("", first.number, sale.number, 10, D("24.60"), D("0.00"), D("0.00"), D("24.60"), "PLN"),
    ]
    assert before.totals[0][before.place("left")] == D("61.50")
    # the older one is paid first
    assert rows(after, "correction", "booked", "left") == [(second.number, D("5.40"), D("31.50"))]
    assert rows(paid) == []
    assert paid.totals == ()


def test_a_document_that_was_cancelled_once_it_was_settled_is_listed_until_its_money_is_paid_back_or_used(
    ledger: Ledger, store: Store, sale: Document
) -> None:
    def issue(key: str, quantity: int) -> Document:
        lines = (line("KUBEK", quantity, "12.30"),)
        return ledger.issue(Draft("FS", "KUBKI", key, NOV_3, lines=lines, buyer=ANNA))

    def read() -> list[tuple[Any, ...]]:
        report = catalogue.read(ledger, store, "refunds", Asked(NOV_3, NOV_3 + timedelta(days=3600)), NOV_10)
        return rows(report, "correction", "of", "refund", "booked", "left")

    gone = issue("gone", 3)
    ledger.book_payment("KUBKI", PaymentToBook("p", "gone", D("36.90"), "PLN", "PAYU", NOV_3))
    ledger.cancel("KUBKI", "gone")
    assert read() == [(gone.number, gone.number, D("36.90"), D("0.00"), D("36.90"))]

    # 12.30 of it settle another part of the sale, 10.00 are paid back
    issue("more", 1)
    ledger.settle_part("KUBKI", "p", "more", NOV_9)
    ledger.pay_back("KUBKI", "gone", payment="r", amount=D("10.00"), on=NOV_10)
    assert read() == [(gone.number, gone.number, D("36.90"), D("22.30"), D("14.60"))]

    ledger.pay_back("KUBKI", "gone", payment="r2", amount=D("14.60"), on=NOV_10)
    assert read() == []


def test_days_company_and_cancelled_corrections_narrow_it(
    ledger: Ledger, store: Store, sale: Document
) -> None:
    correct(ledger, "k1", sale, 2)

    other_days = catalogue.read(ledger, store, "refunds", Asked(NOV_10, NOV_10), NOV_10)
    other_company = asked_of(ledger, store, company="INNA")
    other_channel = asked_of(ledger, store, channel="allegro")

    assert (other_days.rows, other_company.rows, other_channel.rows) == ((), (), ())
    assert len(asked_of(ledger, store, company="KUBKI").rows) == 1


def test_what_the_channel_marks_as_paid_back_counts_and_is_not_added_to_what_is_booked(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flows=[SALE, RETURNS], baselinker={"returns_s": 0.1})
    order = shop.place(lines=MUGS, nip="123-456-32-18", paid=True, delivery_price="14.99")[0]
    home.run_until_state(order, "done")
    found = send_back(shop, order)
    home.run_until_state(found, "done")

    def read() -> list[tuple[Any, ...]]:
        asked = Asked(TODAY - timedelta(days=3), TODAY)
        report = catalogue.read(home.ledger, home.pomost.store, "refunds", asked, TODAY + timedelta(days=4))
        return rows(report, "return", "age", "refund", "refunded", "booked", "left")

    # 26.00 are to be paid back; nobody has.
    assert read() == [(str(found), 4, D("26.00"), D("0.00"), D("0.00"), D("26.00"))]

    # 10.00 were, says BaseLinker, and the ledger books the same 10.00.
    refund(shop, found, 10)
    home.run_until(lambda: read()[0][3] == 10)
    (invoice,) = [one for one in home.documents(order) if one.kind == "FS"]
    home.ledger.pay_back("main", invoice.key, payment="r", amount=D("10.00"), on=TODAY)
    assert read() == [(str(found), 4, D("26.00"), D("10.00"), D("10.00"), D("16.00"))]

    # The rest follows.
    refund(shop, found, 26)
    home.run_until(lambda: read() == [])


def refund(shop: Sandbox, found: int, amount: int) -> None:
    call(
        shop,
        "setOrderReturnRefund",
        return_id=found,
        order_refund_done=amount,
        refund_date=1_780_000_000,
        refund_comment="zwrot",
    )


@pytest.mark.parametrize(
    ("paid", "due", "given"),
    [
        ("0", ["5", "5"], ["0", "0"]),
        ("7", ["5", "5"], ["5", "2"]),
        ("10", ["5", "5"], ["5", "5"]),
        ("12", ["5", "5"], ["5", "7"]),
        ("3", ["5"], ["3"]),
        ("3", [], []),
    ],
)
def test_money_goes_to_the_oldest_first_and_none_is_lost(paid: str, due: list[str], given: list[str]) -> None:
    found = shared(D(paid), [(place, D(one)) for place, one in enumerate(due)])

    assert list(found.values()) == [D(one) for one in given]


def test_documents_of_some_days_are_one_seek(ledger: Ledger, sale: Document) -> None:
    query = (
        "SELECT id FROM led_document WHERE company_id = 1 AND issued_on BETWEEN '2026-11-01' AND '2026-11-30'"
    )
    database = ledger._transactions.database
    if not database.is_sqlite:
        return
    with database.reading() as connection:
        plan = " ".join(row[-1] for row in connection.execute(text(f"EXPLAIN QUERY PLAN {query}")))

    assert "ix_led_document_issued_on" in plan
