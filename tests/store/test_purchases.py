"""Purchases that are alike are found at once, whoever comes first, on both databases."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import text

from pomost.ports import Page, Seen
from pomost.store.purchases import Noted
from pomost.store.store import Store


def case(store: Store, external_id: str) -> int:
    seen = Seen(external_id, {"order_id": external_id}, None)
    found = store.cases.keep_seen(source="bl", company="main", kind="order", flow="f", seen=seen, now=1.0)
    assert found is not None
    return found


def noted(external_id: str, digest: str = "a" * 64, at: float = 1000.0, within: float | None = 60.0) -> Noted:
    return Noted("main", "bl", external_id, at, ((digest, within),))


def test_the_later_one_finds_the_earlier_one_and_never_the_other_way_round(store: Store) -> None:
    first, second = case(store, "1"), case(store, "2")

    assert store.purchases.note(second, noted("2")) == []
    assert [twin.external_id for twin in store.purchases.note(first, noted("1"))] == ["2"]
    assert store.purchases.note(second, noted("2")) == [], "asked again it is still the first"


def test_of_many_at_the_same_moment_exactly_one_is_the_first(store: Store) -> None:
    cases = {str(number): case(store, str(number)) for number in range(8)}
    found: dict[str, int] = {}

    def note(name: str) -> None:
        found[name] = len(store.purchases.note(cases[name], noted(name)))

    threads = [threading.Thread(target=note, args=(name,)) for name in cases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(found.values()) == list(range(8))


def test_a_changed_order_is_compared_as_it_is_now(store: Store) -> None:
    first, second = case(store, "1"), case(store, "2")
    store.purchases.note(first, noted("1"))
    store.purchases.note(first, noted("1", "b" * 64))

    assert store.purchases.note(second, noted("2")) == []
    assert [twin.external_id for twin in store.purchases.note(second, noted("2", "b" * 64))] == ["1"]


@pytest.mark.parametrize(("at", "within", "count"), [(1060.0, 60.0, 1), (1061.0, 60.0, 0), (9999.0, None, 1)])
def test_the_window_is_between_the_moments_of_ordering(
    at: float, within: float | None, count: int, store: Store
) -> None:
    store.purchases.note(case(store, "1"), noted("1"))

    assert len(store.purchases.note(case(store, "2"), noted("2", at=at, within=within))) == count


def test_parts_of_one_order_are_no_twins_and_whoever_waited_for_a_person_is_woken(store: Store) -> None:
    first, second = case(store, "1"), case(store, "2")
    store.purchases.note(first, noted("1"))
    with store.database.writing() as connection:
        connection.execute(text("UPDATE cases SET state = 'person', due_at = NULL"))

    page = Page((), {"at": 1}, kin=(("1", "2"),))
    woken = store.cases.keep_page(source="bl", company="main", kind="order", flow="f", page=page, now=5.0)

    assert sorted(woken) == [first, second]
    assert store.purchases.note(second, noted("2")) == []
    assert (
        store.cases.keep_page(source="bl", company="main", kind="order", flow="f", page=page, now=6.0) == []
    )


def test_purchases_are_looked_up_by_an_index(store: Store) -> None:
    if not store.database.is_sqlite:
        pytest.skip("the plan of PostgreSQL depends on the size of the table")
    with store.database.reading() as connection:
        plan = connection.execute(
            text("EXPLAIN QUERY PLAN SELECT case_id FROM purchases WHERE print = 'a' AND id < 5")
        ).all()

    assert "ix_purchases_print" in str(plan)
