"""Work lists: what hurts most comes first, and millions of finished cases are not read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import event, insert, text

from pomost.store.schema import cases, needs
from pomost.store.store import Store
from pomost.store.worklists import MANY, MOST

DAY = 86_400.0


def order(total: str, paid: str = "0", currency: str = "PLN") -> str:
    return json.dumps(
        {
            "lines": [{"price": total, "quantity": "1"}],
            "delivery": {"price": "0"},
            "payment": {"paid": paid},
            "currency": currency,
        }
    )


def put(store: Store, *rows: dict[str, Any]) -> None:
    usual = {"company": "main", "source": "sklep", "kind": "order", "flow": "f", "raw": "{}", "parsed": ""}
    with store.database.writing() as connection:
        connection.execute(
            insert(cases),
            [
                {
                    **usual,
                    "external_id": str(number),
                    "number": str(number),
                    "seen_at": 0.0,
                    "changed_at": 0.0,
                    "waits": "",
                    "since": 0.0,
                    **row,
                }
                for number, row in enumerate(rows, 1)
            ],
        )


def test_paid_orders_come_first_then_days_then_value(store: Store) -> None:
    put(
        store,
        {"state": "person", "since": 9 * DAY, "parsed": order("900.00", "0")},
        {"state": "person", "since": 9 * DAY, "parsed": order("10.00", "10.00")},
        {"state": "person", "since": 9 * DAY + 60, "parsed": order("500.00", "500.00")},
        {"state": "person", "since": 1 * DAY, "parsed": order("5.00", "5.00")},
        {"state": "person", "since": 8 * DAY, "parsed": order("900.00", "899.99")},
        {"state": "person", "since": 2 * DAY},
        {"state": "done", "since": 1 * DAY, "parsed": order("5.00", "5.00")},
        {"state": "doubt", "since": 1 * DAY, "parsed": order("5.00", "5.00")},
    )

    page = store.worklists.of_state("person")

    assert [one.line.number for one in page.shown] == ["4", "3", "2", "6", "5", "1"]
    assert (page.counted, page.more) == (6, False)
    second = store.worklists.of_state("person", 1, 4)
    assert [one.line.number for one in second.shown] == ["5", "1"]


def test_a_reason_is_counted_and_picked(store: Store) -> None:
    waits = [json.dumps({"code": code, "text": "?"}, separators=(",", ":")) for code in ("a.b", "a.c", "a.b")]
    put(store, *({"state": "person", "waits": one} for one in waits))

    assert store.worklists.codes("person") == [("a.b", 2), ("a.c", 1)]
    assert [one.line.number for one in store.worklists.of_state("person", code="a.b").shown] == ["1", "3"]
    assert store.worklists.of_state("person", code="a.").shown == ()
    assert store.worklists.of_state("person", code="' OR 1=1 --").shown == ()


def test_what_is_left_of_cancelled_orders_is_ordered_by_value(store: Store) -> None:
    left = json.dumps({"code": "flow.cancelled-after-documents"}, separators=(",", ":"))
    put(
        store,
        {"state": "person", "waits": left, "parsed": order("10.00")},
        {"state": "person", "waits": left, "parsed": order("99.00")},
        {"state": "person", "waits": '{"code":"flow.vat-differs"}', "parsed": order("99.00")},
    )

    assert [one.line.number for one in store.worklists.leftovers().shown] == ["2", "1"]


def test_goods_that_are_short_are_added_up_over_the_orders_that_wait(store: Store) -> None:
    def short(since: float, currency: str = "PLN", **lacks: str) -> dict[str, Any]:
        facts = {"company": "main", "lacks": json.dumps(lacks)}
        waits = json.dumps({"code": "flow.short", "facts": facts}, separators=(",", ":"))
        return {"state": "waiting", "waits": waits, "since": since, "parsed": order("50.00", "0", currency)}

    put(
        store,
        short(3 * DAY, KUBEK="2", TALERZ="1.5"),
        short(2 * DAY, KUBEK="1"),
        short(5 * DAY, "EUR", MISKA="4"),
        {"state": "waiting", "waits": '{"code":"flow.not-taken"}', "since": DAY},
        {**short(DAY, KUBEK="9"), "state": "done"},
    )
    with store.database.writing() as connection:
        connection.execute(
            insert(needs), [{"case_id": one, "need": f"f|stock:{one}"} for one in (1, 2, 3, 5)]
        )

    found = store.worklists.lacks()

    assert [(one.sku, str(one.quantity), len(one.orders)) for one in found] == [
        ("KUBEK", "3", 2),
        ("TALERZ", "1.5", 1),
        ("MISKA", "4", 1),
    ]
    assert {name: str(value) for name, value in found[0].values.items()} == {"PLN": "100.00"}
    assert [one.line.number for one in found[0].orders] == ["1", "2"], "the oldest first"


def test_returns_are_ordered_by_what_is_to_be_refunded(store: Store) -> None:
    put(
        store,
        {"state": "waiting", "kind": "return", "parsed": order("10.00")},
        {"state": "person", "kind": "return", "parsed": order("80.00", "75.00")},
        {"state": "waiting", "kind": "return", "parsed": order("60.00")},
        {"state": "done", "kind": "return", "parsed": order("999.00")},
        {"state": "waiting", "parsed": order("999.00")},
    )
    with store.database.writing() as connection:
        connection.execute(
            text(
                "INSERT INTO steps (case_id, step, state, key, request, result, error, attempts, started_at) "
                "VALUES (3, 'correction', 'done', 'k', '', '{\"refund\":\"25.50\"}', '', 1, 0)"
            )
        )

    found = store.worklists.returns()

    assert [(one.line.number, str(one.refund)) for one in found.shown] == [
        ("3", "25.50"),
        ("1", "10.00"),
        ("2", "5.00"),
    ]
    assert found.counted == 3


def test_only_the_longest_waiting_are_put_in_order_and_counting_stops(store: Store) -> None:
    put(store, *({"state": "person", "since": float(n), "parsed": order("1.00")} for n in range(MANY + 5)))

    page = store.worklists.of_state("person", MOST // 50 - 1)

    assert page.counted == MANY + 1
    assert not page.more
    assert max(one.line.since for one in page.shown) < MOST


def test_no_list_reads_a_finished_case(store: Store) -> None:
    if not store.database.is_sqlite:
        pytest.skip("a small table is read whole by PostgreSQL")
    put(store, *({"state": "done"} for _ in range(50)))
    asked: list[tuple[str, Any]] = []

    def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        if "FROM cases" in statement:
            asked.append((statement, parameters))

    event.listen(store.database.engine, "before_cursor_execute", note)
    lists = store.worklists
    lists.counts()
    for state in ("doubt", "person", "stopped"):
        lists.of_state(state)
        lists.codes(state)
    lists.leftovers()
    lists.returns()
    lists.lacks()
    lists.stopped_by_source()
    event.remove(store.database.engine, "before_cursor_execute", note)

    with store.database.engine.connect() as connection:
        for statement, parameters in asked:
            cursor = connection.connection.cursor()
            plan = [
                row[3] for row in cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
            ]
            read = next(step for step in plan if " cases " in step)
            assert "(state=?" in read, (statement, plan)
            if "ORDER BY" in statement and "needs" not in statement:
                # a page: in its order as it is read, nothing is sorted
                assert "ix_cases_open (state=? AND kind=?)" in read, (statement, plan)
                assert not any("TEMP B-TREE" in step for step in plan), (statement, plan)
    assert asked
