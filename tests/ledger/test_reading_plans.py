"""Lists of a ledger with many documents are found through an index, never by looking at all of them.

The statements that a page really sends are taken down and explained by the database itself.
"""

# ruff: noqa: S608
from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, select, text

from pomost.ledger import schema
from pomost.ledger.reading.chain import chain_of
from pomost.ledger.reading.contractors import ContractorsAsked, account_of, list_contractors
from pomost.ledger.reading.documents import DocumentsAsked, list_documents, of_order
from pomost.ledger.reading.item_history import history
from pomost.ledger.reading.items import ItemsAsked, item_page, list_items
from pomost.ledger.reading.paging import Turn
from tests.ledger.firm import DAY, Firm, mugs

MANY = 30_000
BIG = ("led_document", "led_line", "led_contractor", "led_item", "led_relation", "led_movement")


@pytest.fixture
def great(firm: Firm) -> Firm:
    """A firm with 30,000 documents of one line each, and as many items and contractors."""
    made = firm.issue("FS", "one", mugs(1), foreign_number="1")
    firm.issue("PA", "two", mugs(1), approve=False)
    with firm.ledger._transactions.database.writing() as connection:
        numbers = f"WITH RECURSIVE n(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM n WHERE n < {MANY}) "
        for table, changed in (
            (
                schema.document,
                {
                    "id": "1000 + n",
                    "key": "'k' || n",
                    "number": "'FS/' || n || '/2026'",
                    "ordinal": "n",
                    "foreign_number": "CAST(n AS TEXT)",
                    "contractor_id": "contractor_id",
                },
            ),
            (
                schema.contractor,
                {"id": "1000 + n", "code": "'C' || n", "tax_id": "'PL' || n", "name": "'Firma ' || n"},
            ),
            (
                schema.item,
                {"id": "1000 + n", "sku": "'SKU-' || n", "name": "'Towar ' || n", "ean": "CAST(n AS TEXT)"},
            ),
            (
                schema.line,
                {"id": "CAST(1000 + n AS BIGINT) * 100000 + 1", "document_id": "1000 + n"},
            ),
        ):
            source = {
                "led_document": f"id = {made.id}",
                "led_contractor": "id = (SELECT min(id) FROM led_contractor)",
                "led_item": "sku = 'KUBEK-1'",
                "led_line": f"document_id = {made.id}",
            }[table.name]
            names = [column.name for column in table.c]
            shown = ", ".join(f'"{name}"' for name in names)
            values = ", ".join(changed.get(name, f'"{name}"') for name in names)
            connection.execute(
                text(
                    f"INSERT INTO {table.name} ({shown}) {numbers} SELECT {values} FROM n, {table.name} WHERE {source}"
                )
                if connection.dialect.name == "sqlite"
                else text(
                    f"{numbers} INSERT INTO {table.name} ({shown}) SELECT {values} FROM n, {table.name} WHERE {source}"
                )
            )
    with firm.ledger._transactions.database.writing() as connection:
        # each document made from the one before
        connection.execute(
            text(
                "INSERT INTO led_relation SELECT a.id - 100000, a.id, a.document_id - 1, a.document_id, 'order', 10000, true "
                "FROM led_line a WHERE a.document_id > 1002"
            )
        )
        connection.execute(
            text(
                "INSERT INTO led_movement SELECT id, (SELECT min(id) FROM led_lot), 1, item_id, 10000, 100, true "
                "FROM led_line WHERE document_id > 1002"
            )
        )
    with firm.ledger._transactions.database.engine.begin() as connection:
        connection.execute(text("ANALYZE"))
    return firm


@contextmanager
def explained(connection: Connection) -> Iterator[list[str]]:
    """The plans of all statements that are sent meanwhile."""
    sent: list[tuple[str, Any]] = []

    def take_down(_c: Any, _cursor: Any, statement: str, parameters: Any, _x: Any, _many: bool) -> None:
        sent.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", take_down)
    plans: list[str] = []
    try:
        yield plans
    finally:
        event.remove(connection, "before_cursor_execute", take_down)
    word = "EXPLAIN QUERY PLAN " if connection.dialect.name == "sqlite" else "EXPLAIN "
    for statement, parameters in sent:
        rows = connection.exec_driver_sql(word + statement, parameters).all()
        plans.append(statement + "\n" + "\n".join(str(row[-1]) for row in rows))


LOOKS: dict[str, Callable[[Connection], object]] = {
    "all documents": lambda c: list_documents(c, DocumentsAsked()),
    "the next page": lambda c: list_documents(c, DocumentsAsked(), Turn(after=f"20000.{DAY}")),
    "the page before": lambda c: list_documents(c, DocumentsAsked(), Turn(before=f"20000.{DAY}")),
    "a kind": lambda c: list_documents(c, DocumentsAsked(kind="FS"), Turn(after=f"20000.{DAY}")),
    "a company": lambda c: list_documents(c, DocumentsAsked(company="KUBKI")),
    "a state": lambda c: list_documents(c, DocumentsAsked(state="bufor"), Turn(after=f"20000.{DAY}")),
    "approved": lambda c: list_documents(c, DocumentsAsked(state="approved")),
    "days": lambda c: list_documents(
        c, DocumentsAsked(first_day=DAY - timedelta(days=9), last_day=DAY + timedelta(days=9))
    ),
    "a contractor": lambda c: list_documents(c, DocumentsAsked(contractor=1), Turn(after=f"20000.{DAY}")),
    "a contractor's kind": lambda c: list_documents(c, DocumentsAsked(contractor=1, kind="FS")),
    "a number": lambda c: list_documents(c, DocumentsAsked(number="FS/777/2026")),
    "an order": lambda c: list_documents(c, DocumentsAsked(text="777")),
    "a part of a name": lambda c: list_documents(c, DocumentsAsked(text="nobody at all"), scan=1000),
    "documents of an order": lambda c: of_order(c, "777"),
    "a chain": lambda c: chain_of(c, 1777),
    "contractors": lambda c: list_contractors(c, ContractorsAsked(), Turn(after="20000.C5")),
    "a tax number": lambda c: list_contractors(c, ContractorsAsked(text="PL777")),
    "a contractor's name": lambda c: list_contractors(c, ContractorsAsked(text="irma 77"), scan=1000),
    "an account": lambda c: account_of(c, 1777),
    "items": lambda c: list_items(c, ItemsAsked(), Turn(after="20000.SKU-5")),
    "an ean": lambda c: list_items(c, ItemsAsked(text="777")),
    "an item's name": lambda c: list_items(c, ItemsAsked(text="owar 77"), scan=1000),
    "items in stock": lambda c: list_items(c, ItemsAsked(stock="in"), scan=1000),
    "one item": lambda c: item_page(c, 1777),
    "an item's history": lambda c: history(c, 1, Turn(after="2000000000.2000000000")),
}


def test_no_list_looks_at_all_rows(great: Firm) -> None:
    for name, look in LOOKS.items():
        with great.ledger._transactions.database.reading() as connection:
            with explained(connection) as plans:
                look(connection)
            assert plans, name
            for plan in plans:
                bad = [
                    table
                    for table in BIG
                    if f"Seq Scan on {table}" in plan or f"\nSCAN {table}\n" in plan + "\n"
                ]
                assert not bad, f"{name}: {plan}"


def test_each_range_of_a_list_comes_sorted_from_the_index(great: Firm) -> None:
    """What is sorted is at most a page of each range, never a range."""
    with great.ledger._transactions.database.reading() as connection:
        with explained(connection) as plans:
            list_documents(connection, DocumentsAsked(kind="FS"), Turn(after=f"20000.{DAY}"))
            list_documents(connection, DocumentsAsked(contractor=1, kind="FS"), Turn(before=f"20000.{DAY}"))
        pages = [plan for plan in plans if plan.startswith("SELECT led_document.issued_on AS")]
        assert len(pages) == 2
        for plan in pages:
            _, _, how = plan.partition("\n LIMIT")
            assert "TEMP B-TREE" not in how, plan
            assert "Sort" not in how, plan


def test_without_its_index_the_proof_would_fail(great: Firm) -> None:
    """The guard of the test above: it does see a look at all rows."""
    with great.ledger._transactions.database.reading() as connection, explained(connection) as plans:
        connection.execute(select(schema.document.c.id).where(schema.document.c.notes == "x")).all()
    assert any("SCAN led_document" in plan or "Seq Scan on led_document" in plan for plan in plans)
