"""The print queue: one entry for each thing, marked and put back by people, on both databases."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import text

from pomost.ports import Seen
from pomost.store.prints import NewPrint, Wanted, document_print, key_of_print, packing_print
from pomost.store.store import Store

WAITING, PRINTED = Wanted(), Wanted(printed=True)


def case(store: Store, external_id: str) -> int:
    seen = Seen(external_id, {"order_id": external_id}, None)
    found = store.cases.keep_seen(source="bl", company="main", kind="order", flow="f", seen=seen, now=1.0)
    assert found is not None
    return found


def fs(number: int, case_id: int | None = None, *, again: bool = False, company: str = "main") -> NewPrint:
    return document_print(company, str(number), "FS", str(number), case_id=case_id, again=again)


def titles(store: Store, wanted: Wanted = WAITING) -> list[str]:
    return [one.title for one in store.prints.page(wanted)]


def test_what_waits_is_not_put_in_twice_whatever_is_said(store: Store) -> None:
    put = [store.prints.add(fs(1, again=again), 1.0) for again in (False, False, True)]

    assert put == [True, False, False]
    assert titles(store) == ["FS 1"]


def test_what_was_printed_comes_back_only_when_it_is_wanted_again(store: Store) -> None:
    store.prints.add(fs(1), 1.0)
    ids = [one.id for one in store.prints.page(WAITING)]
    store.prints.printed(ids, "ania", 2.0)

    by_itself = store.prints.add(fs(1), 3.0)
    printed = store.prints.page(PRINTED)
    wanted = store.prints.add(fs(1, again=True), 4.0)

    assert (by_itself, wanted) == (False, True)
    assert [(one.printed_at, one.printed_by) for one in printed] == [(2.0, "ania")]
    assert titles(store) == ["FS 1"]
    assert titles(store, PRINTED) == []


def test_the_same_document_of_two_companies_is_two_entries(store: Store) -> None:
    store.prints.add(fs(1), 1.0)
    store.prints.add(fs(1, company="hurt"), 1.0)

    assert store.prints.count(WAITING) == 2
    assert store.prints.count(Wanted(company="hurt")) == 1


def test_each_order_lies_together_label_first_packing_list_last(store: Store) -> None:
    first, second = case(store, "501"), case(store, "502")
    for new in (
        packing_print("main", second, "2"),
        fs(20, second),
        packing_print("main", first, "1"),
        fs(10, first),
        NewPrint("l1", "main", "label", "paczka 1", first, file="l.pdf", place=first),
        fs(99),
    ):
        store.prints.add(new, 1.0)

    assert titles(store) == ["FS 99", "paczka 1", "FS 10", "1", "FS 20", "2"]
    assert titles(store, Wanted(sort="newest")) == ["FS 99", "paczka 1", "FS 10", "1", "FS 20", "2"], (
        "as put in, backwards"
    )
    assert titles(store, Wanted(kind="packing")) == ["1", "2"]
    assert titles(store, Wanted(cases=store.numbers.find("502"))) == ["FS 20", "2"]
    assert titles(store, Wanted(cases=store.numbers.find("503"))) == []


def test_pages_together_are_the_whole_list(store: Store) -> None:
    cases = [case(store, str(number)) for number in range(7)]
    for number in range(25):
        store.prints.add(fs(number, cases[number % 7]), 1.0)
    for sort in ("packing", "newest"):
        wanted, after, seen = Wanted(sort=sort), None, []  # type: ignore[arg-type]
        while page := store.prints.page(wanted, after, 4):
            seen += [one.id for one in page]
            last = max(page, key=lambda one: (one.place, one.id)) if sort == "packing" else page[-1]
            after = (last.place, last.id)

        assert sorted(seen) == sorted(set(seen))
        assert len(seen) == 25


def test_of_two_who_mark_the_same_at_once_one_did_it(store: Store) -> None:
    store.prints.add(fs(1), 1.0)
    (ids,) = [[one.id for one in store.prints.page(WAITING)]]
    marked: list[int] = []

    def mark() -> None:
        marked.extend(store.prints.printed(ids, "x", 2.0))

    threads = [threading.Thread(target=mark) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert marked == ids
    assert store.prints.back(ids) == ids
    assert store.prints.back(ids) == []
    assert store.prints.remove(ids) == ids
    assert store.prints.remove(ids) == []


def test_a_long_name_still_makes_a_key_that_fits_and_is_its_own() -> None:
    keys = {key_of_print("main", "label", "x" * 200 + end) for end in ("a", "b")}

    assert len(keys) == 2
    assert all(len(key) <= 160 for key in keys)


def test_the_list_of_a_company_and_of_an_order_use_their_indexes(store: Store) -> None:
    if not store.database.is_sqlite:
        pytest.skip("the planner of PostgreSQL reads a table of three rows whole")
    queries = {
        "ix_prints_waiting": "SELECT * FROM prints WHERE printed_at IS NULL AND company = 'main' AND (place, id) > (1, 1) ORDER BY place, id LIMIT 9",
        "ix_prints_case": "SELECT * FROM prints WHERE printed_at IS NOT NULL AND case_id IN (1, 2)",
    }
    for index, query in queries.items():
        with store.database.reading() as connection:
            plan = " ".join(row[-1] for row in connection.execute(text(f"EXPLAIN QUERY PLAN {query}")))
        assert index in plan
        assert "ORDER BY" not in plan
