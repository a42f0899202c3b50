"""Orders entered in the ledger go out: each change once, page by page, as orders in the language of trade."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import update

from pomost.ledger import schema
from pomost.ledger.change_numbers import next_change, resume
from pomost.ledger.orders_out import PAGE, LedgerOrders
from pomost.ports import NeedsPerson, OrderSource, Seen
from pomost.sql import Database
from pomost.trade.order import Delivery, Order, OrderLine, Payment
from pomost.trade.vat import VatRate
from tests.ledger.firm import FIRMA, Firm, mugs

D = Decimal


def look(source: LedgerOrders, cursor: dict[str, Any]) -> tuple[list[Seen], dict[str, Any]]:
    seen: list[Seen] = []
    for page in source.look(cursor):
        seen += page.seen
        cursor = page.cursor
    return seen, cursor


def statuses(seen: list[Seen]) -> list[tuple[str, str, str]]:
    return [(one.order.number, one.order.status, one.order.extra["realised"]) for one in seen if one.order]


def test_it_is_an_order_source(firm: Firm) -> None:
    assert isinstance(firm.ledger.order_source(), OrderSource)


def test_an_entered_order_is_seen_as_an_order(firm: Firm) -> None:
    made = firm.ledger.issue(
        firm.draft(
            "RO", "b2b-1", mugs(2), buyer=FIRMA, basis="net", paid=D("5.00"), payment_form="przelew",
            notes="Pilne", foreign_number="PO-7", attributes={"CHANNEL": "bl"},
        )
    )  # fmt: skip
    source = firm.ledger.order_source("KUBKI")

    (seen,), _ = look(source, {})

    day = datetime(2026, 3, 5, tzinfo=UTC)
    assert seen.order == Order(
        id=made.id,
        number="RO/1/2026",
        source="ledger",
        status="approved",
        confirmed=True,
        placed_at=day,
        confirmed_at=day,
        currency="PLN",
        buyer=FIRMA,
        lines=(
            OrderLine(
                made.lines[0].id, "KUBEK-1", "Kubek", D(2), D("19.99"), VatRate(D(23)), warehouse="MAG"
            ),
        ),
        basis="net",
        delivery=Delivery(to=FIRMA),
        payment=Payment("przelew", paid=D("5.00")),
        wants_invoice=True,
        comments="Pilne",
        external_id="PO-7",
        extra={"CHANNEL": "bl", "kind": "RO", "company": "KUBKI", "realised": "none"},
    )
    assert seen.marker == ""
    assert source.parse(seen.raw) == seen.order
    assert source.read(made.id) == seen


def test_what_came_from_a_channel_is_not_seen(firm: Firm) -> None:
    order = firm.issue("RO", "bl:7:ro", mugs(1), attributes={"ORDER_SOURCE": "bl"})
    firm.convert("FS", "bl:7:fs", order)
    source = firm.ledger.order_source()

    assert (look(source, {})[0], source.read(order.id)) == ([], None)


def test_every_change_is_seen_once(firm: Firm) -> None:
    source = firm.ledger.order_source()
    order = firm.issue("RO", "1", mugs(2))
    firm.issue("RO", "2", mugs(1), approve=False)
    first, cursor = look(source, {})
    again, cursor = look(source, cursor)
    assert statuses(first) == [("RO/1/2026", "approved", "none")]
    assert again == []

    firm.ledger.approve("KUBKI", "2")
    firm.convert("FS", "fs", order, lines=(mugs(1, source_line=order.lines[0].id),))
    second, cursor = look(source, cursor)
    assert statuses(second) == [("RO/2/2026", "approved", "none"), ("RO/1/2026", "approved", "partial")]

    firm.ledger.cancel("KUBKI", "fs")
    firm.ledger.cancel("KUBKI", "1")
    third, cursor = look(source, cursor)
    assert statuses(third) == [("RO/1/2026", "Anulowane", "none")]


def test_a_long_look_comes_in_pages_and_can_go_on_from_any(firm: Firm) -> None:
    for n in range(PAGE + 5):
        firm.issue("RO", f"{n}", mugs(1))
    source = firm.ledger.order_source()

    pages = list(source.look({}))
    rest, _ = look(source, pages[0].cursor)

    assert [len(page.seen) for page in pages] == [PAGE, 5]
    assert rest == list(pages[1].seen)


def test_orders_realised_by_one_document_are_never_parted_by_a_page(firm: Firm) -> None:
    orders = [firm.issue("RO", f"{n}", mugs(1), buyer=FIRMA) for n in range(PAGE + 20)]
    source = firm.ledger.order_source()
    _, cursor = look(source, {})
    firm.convert("FS", "fs", *orders)

    seen, _ = look(source, cursor)

    assert sorted(int(one.external_id) for one in seen) == [int(order.id) for order in orders]


def test_only_order_documents_of_the_company_are_read(firm: Firm) -> None:
    order = firm.issue("RO", "1", mugs(1))
    invoice = firm.issue("FS", "2", mugs(1))
    source = firm.ledger.order_source("KUBKI")

    assert source.read(order.id) is not None
    assert source.read(invoice.id) is None
    assert source.read("none") is None
    assert firm.ledger.order_source("OTHER").read(order.id) is None
    assert look(firm.ledger.order_source("OTHER"), {})[0] == []


def test_a_raw_form_that_cannot_be_read_needs_a_person(firm: Firm) -> None:
    failure = firm.refused("ledger.bad-order", lambda: firm.ledger.order_source().parse({"id": "1"}))
    assert isinstance(failure, NeedsPerson)


@pytest.mark.postgres
def test_a_change_that_is_committed_late_is_seen_all_the_same(firm: Firm, database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("SQLite has one writer at a time")
    source = firm.ledger.order_source()
    slow = firm.issue("RO", "slow", mugs(1))
    _, cursor = look(source, {})
    with database.writing() as connection:
        number = next_change(connection)
        connection.execute(
            update(schema.document).where(schema.document.c.id == int(slow.id)).values(change=number)
        )
        quick = firm.issue("RO", "quick", mugs(1))
        seen, cursor = look(source, cursor)
        assert seen == []

    seen, _ = look(source, cursor)

    assert [one.external_id for one in seen] == [slow.id, quick.id]


@pytest.mark.postgres
def test_changes_go_on_in_a_database_that_was_restored_elsewhere(firm: Firm, database: Database) -> None:
    old = firm.issue("RO", "old", mugs(1))
    with database.writing() as connection:
        connection.execute(
            update(schema.document)
            .where(schema.document.c.id == int(old.id))
            .values(change=schema.document.c.change + (0 if database.is_sqlite else 10_000_000))
        )
    resume(database)
    source = firm.ledger.order_source()
    seen, cursor = look(source, {})
    assert [one.external_id for one in seen] == [old.id]

    new = firm.issue("RO", "new", mugs(1))

    assert [one.external_id for one in look(source, cursor)[0]] == [new.id]
