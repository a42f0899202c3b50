"""What changed of many items is found page by page, each page by a seek: a change of a million items costs no more per page."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection, event, update

from pomost.ledger import Ledger, receive_draft, schema
from pomost.ledger import catalogue as ledger_catalogue
from pomost.ledger.companies import find_company
from pomost.ports.catalogue import Stream
from pomost.sql import Database
from tests.ledger.firm import DAY, Firm

ITEMS = 60


@pytest.fixture
def ledger(firm: Firm) -> Ledger:
    """That of KUBKI with many items in two warehouses, all of them changed in one go; another company has some as well."""
    setup = firm.ledger.setup
    setup.add_warehouse("KUBKI", "MAG2", "Drugi")
    setup.add_company("INNA", "Inna sp. z o.o.", "1234563218")
    setup.add_warehouse("INNA", "MAG", "Magazyn")
    goods = {f"S-{number:03d}": (Decimal(5), Decimal(1)) for number in range(ITEMS)}
    for company, warehouse in (("KUBKI", "MAG"), ("KUBKI", "MAG2"), ("INNA", "MAG")):
        setup.add_items(company, [{"sku": sku, "name": sku, "vat": "23"} for sku in goods])
        firm.ledger.issue(receive_draft(company, warehouse, f"{company}:{warehouse}", DAY, goods))
    return firm.ledger


def changed_together(database: Database) -> int:
    """All rows of stock and all cards get the number of one change."""
    with database.writing() as connection:
        number = ledger_catalogue.newest(connection)
        connection.execute(update(schema.stock).values(change=number))
        connection.execute(update(schema.item).values(change=number))
    return number


@pytest.mark.parametrize("stream", ["stock", "card"])
@pytest.mark.parametrize("most", [1, 7, ITEMS, 1000])
def test_pages_of_one_change_show_every_item_of_the_company_once(
    ledger: Ledger, database: Database, stream: Stream, most: int
) -> None:
    number = changed_together(database)
    cursor: dict[str, Any] = {"change": number - 1, "item": 2**62}
    seen: list[str] = []

    while True:
        touched = ledger.touched("KUBKI", stream, cursor, most)
        assert len(touched.skus) <= most
        seen += touched.skus
        cursor = dict(touched.cursor)
        if not touched.more:
            break

    wanted = {"KUBEK-1", "KUBEK-2", *(f"S-{number:03d}" for number in range(ITEMS))}
    assert wanted <= set(seen)
    # one that lies in two warehouses may be told of twice where a page ends between the two
    assert len(seen) - len(set(seen)) <= (len(seen) // most if stream == "stock" else 0)
    assert ledger.touched("KUBKI", stream, cursor, most).skus == ()


def test_what_changes_later_comes_after_all_that_changed_before(ledger: Ledger, database: Database) -> None:
    number = changed_together(database)
    ledger.issue(receive_draft("KUBKI", "MAG2", "later", DAY, {"S-003": (Decimal(1), Decimal(1))}))
    cursor: dict[str, Any] = {"change": number - 1, "item": 2**62}
    seen: list[str] = []
    while (touched := ledger.touched("KUBKI", "stock", cursor, 10)).skus:
        seen += touched.skus
        cursor = dict(touched.cursor)

    assert seen[-1] == "S-003"


@pytest.mark.parametrize("stream", ["stock", "card"])
def test_a_page_in_the_middle_of_a_change_is_found_by_a_seek(
    ledger: Ledger, database: Database, stream: Stream
) -> None:
    number = changed_together(database)
    asked: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, given: Any, context: Any, many: bool) -> None:
        asked.append((statement, given))

    with database.reading() as connection:
        company = find_company(connection, "KUBKI")
        event.listen(connection, "before_cursor_execute", note)
        ledger_catalogue.touched(connection, company, stream, {"change": number, "item": 30}, 10)
        ledger_catalogue.touched(connection, company, stream, {"change": 0, "item": 0}, 10)
        event.remove(connection, "before_cursor_execute", note)
        pages = [one for one in asked if ".change" in one[0]]
        plans = [plan_of(connection, *one) for one in pages]

    index = "ix_led_stock_change" if stream == "stock" else "ix_led_item_change"
    assert pages
    for plan in plans:
        assert index in plan, plan
        assert "SCAN led_" not in plan, plan
        assert "Seq Scan on led_stock" not in plan, plan
    # the page within a change begins at the item, not at the beginning of the change
    within = [plan for plan, (statement, _) in zip(plans, pages, strict=True) if "change =" in statement]
    assert within
    for plan in within:
        assert "item_id>?" in plan or " id>?" in plan or "item_id >" in plan or "(id >" in plan, plan


def plan_of(connection: Connection, statement: str, given: Any) -> str:
    """How the database would find the rows; as if the tables were too large to be read from end to end."""
    raw = connection.connection.cursor()
    if connection.dialect.name == "sqlite":
        raw.execute("EXPLAIN QUERY PLAN " + statement, given)
    else:
        raw.execute("SET LOCAL enable_seqscan = off")
        raw.execute("SET LOCAL enable_bitmapscan = off")
        raw.execute("SET LOCAL enable_sort = off")
        raw.execute("EXPLAIN " + statement, given)
    return "\n".join(str(row[-1]) for row in raw.fetchall())
