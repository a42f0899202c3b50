"""The list of cases against a plain reading of all of them, on both databases."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from sqlalchemy import insert, text

from pomost.store import lists, searching
from pomost.store.lists import MANY, PAGE, Filter
from pomost.store.schema import cases, finds
from pomost.store.store import Store, open_store
from pomost.trade.finding import words_in

STATES = ("done", "done", "done", "waiting", "person", "doubt", "retrying")
SOURCES = ("sklep", "sklep.returns", "hurt")
STATUSES = ("Nowe", "W realizacji", "Wysłane")
NAMES = ("jan", "janina", "anna", "zenon", "łucja")


@pytest.fixture
def store(url: str) -> Store:
    made = open_store(url)
    chance = random.Random(7)
    rows = [
        {
            "company": chance.choice(("main", "other")),
            "source": chance.choice(SOURCES),
            "kind": "order",
            "external_id": str(number),
            "flow": "sklep",
            "number": f"Z/{number}",
            "status": chance.choice(STATUSES),
            "raw": "{}",
            "seen_at": float(number),
            "changed_at": 0.0,
            "state": chance.choice(STATES),
            "waits": '{"code":"ledger.unknown-item","text":"?"}' if chance.random() < 0.3 else "",
        }
        for number in range(1, 1_001)
    ]
    with made.database.writing() as connection:
        connection.execute(insert(cases), rows)
        words = [{"word": next(words_in(NAMES[number % 5])), "case_id": number} for number in range(1, 1_001)]
        connection.execute(
            insert(finds), words + [{"word": "kowal", "case_id": n} for n in range(3, 1_001, 7)]
        )
    return made


FILTERS: list[tuple[str, Filter, Callable[[dict[str, object]], bool]]] = [
    ("all", Filter(), lambda row: True),
    ("state", Filter(state="person"), lambda row: row["state"] == "person"),
    ("attention", Filter(attention=True), lambda row: row["state"] in ("doubt", "person", "stopped")),
    (
        "status and source",
        Filter(status="Nowe", source="hurt"),
        lambda row: row["status"] == "Nowe" and row["source"] == "hurt",
    ),
    ("days", Filter(seen_from=100.0, seen_to=300.0), lambda row: 100 <= float(str(row["seen_at"])) < 300),
    ("a day after the last", Filter(seen_from=9_999.0), lambda row: False),
    (
        "days and state",
        Filter(seen_from=500.0, state="done"),
        lambda row: row["state"] == "done" and float(str(row["seen_at"])) >= 500,
    ),
    ("company", Filter(company="other"), lambda row: row["company"] == "other"),
    (
        "code",
        Filter(code="ledger", state="waiting"),
        lambda row: row["state"] == "waiting" and row["waits"] != "",
    ),
    ("word", Filter(text="JAN"), lambda row: int(str(row["id"])) % 5 in (0, 1)),
    ("accents", Filter(text="Łucj"), lambda row: int(str(row["id"])) % 5 == 4),
    (
        "two words and a state",
        Filter(text="anna kowal", state="done"),
        lambda row: row["state"] == "done" and int(str(row["id"])) % 5 == 2 and int(str(row["id"])) % 7 == 3,
    ),
    ("nobody", Filter(text="nikt"), lambda row: False),
    ("no word", Filter(text="!!"), lambda row: False),
    ("nothing fits", Filter(flow="other"), lambda row: False),
]


@pytest.mark.parametrize("oldest_first", [False, True], ids=["newest", "oldest"])
@pytest.mark.parametrize(("wanted", "fits"), [row[1:] for row in FILTERS], ids=[row[0] for row in FILTERS])
def test_the_pages_of_a_filter_are_all_that_fit_each_once_in_order(
    store: Store, wanted: Filter, fits: Callable[[dict[str, object]], bool], oldest_first: bool
) -> None:
    with store.database.reading() as connection:
        rows = [dict(row) for row in connection.execute(text("SELECT * FROM cases")).mappings()]
    expected = sorted((int(row["id"]) for row in rows if fits(row)), reverse=not oldest_first)

    found: list[int] = []
    after: int | None = None
    while True:
        page = store.lists.page(wanted, after, 17, oldest_first=oldest_first)
        assert len(page.lines) <= 17
        found += [line.id for line in page.lines]
        if page.following is None:
            break
        after = page.following

    assert found == expected
    assert store.lists.count(wanted) == len(expected)
    if oldest_first:
        assert store.lists.ids(wanted, 10_000) == expected


@pytest.mark.parametrize(
    "hostile", ["' OR 1=1 --", "%", "_", "a" * 10_000, "\x00", "ё" * 100, "\ud7ff\U0010fffd"]
)
def test_a_hostile_text_finds_nothing_and_breaks_nothing(store: Store, hostile: str) -> None:
    assert store.lists.page(Filter(text=hostile)).lines == ()


def test_counting_stops_at_many(store: Store) -> None:
    with store.database.writing() as connection:
        first = {"company": "main", "source": "big", "kind": "order", "flow": "f", "raw": "{}"}
        rows = [
            {**first, "external_id": f"b{n}", "seen_at": 5_000.0 + n, "changed_at": 0.0, "state": "done"}
            for n in range(MANY + 5)
        ]
        connection.execute(insert(cases), rows)

    assert store.lists.count(Filter(source="big")) == MANY + 1
    assert len(store.lists.page(Filter(source="big")).lines) == PAGE


def test_each_beginning_is_read_by_its_index(store: Store) -> None:
    if not store.database.is_sqlite:
        pytest.skip("a small table is read whole by PostgreSQL; bench/panel.py looks at it with many rows")
    said: list[str] = []
    with store.database.reading() as connection:
        for asked in (
            "SELECT id FROM cases WHERE state='done' AND source='hurt' AND flow='sklep' AND status='Nowe' AND id < 500 "
            "ORDER BY id DESC LIMIT 51",
            "SELECT state, source, flow, status FROM cases WHERE state='done' AND source='hurt' AND flow='sklep' AND status > 'd' "
            "ORDER BY status LIMIT 1",
            "SELECT state, source, flow, status FROM cases WHERE state='done' AND source > 'c' ORDER BY source, flow, status LIMIT 1",
        ):
            said += [row.detail for row in connection.execute(text(f"EXPLAIN QUERY PLAN {asked}"))]

    assert all("ix_cases_list" in one for one in said)
    assert not any("TEMP B-TREE" in one for one in said)


@pytest.fixture
def busy(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Hardly anything is rare, and many words begin alike."""
    monkeypatch.setattr(searching, "RARE", 20)
    monkeypatch.setattr(searching, "SPELLINGS", 6)
    with store.database.writing() as connection:
        connection.execute(
            insert(finds), [{"word": f"kowal{n % 9}", "case_id": n} for n in range(1, 1_001) if n % 2]
        )
    return store


@pytest.mark.parametrize("oldest_first", [False, True], ids=["newest", "oldest"])
@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        *(row[1:] for row in FILTERS if row[1].searches and "kowal" not in row[1].text),
        (Filter(text="jan"), lambda row: int(str(row["id"])) % 5 in (0, 1)),
        (Filter(text="kowal"), lambda row: int(str(row["id"])) % 2 == 1 or int(str(row["id"])) % 7 == 3),
        (
            Filter(text="jan kowal", company="main", attention=True),
            lambda row: (
                int(str(row["id"])) % 5 in (0, 1)
                and (int(str(row["id"])) % 2 == 1 or int(str(row["id"])) % 7 == 3)
                and row["company"] == "main"
                and row["state"] in ("doubt", "person", "stopped")
            ),
        ),
        (
            Filter(text="kowal3 janina", seen_from=300.0, seen_to=900.0),
            lambda row: (
                int(str(row["id"])) % 18 == 3
                and int(str(row["id"])) % 5 == 1
                and 300 <= float(str(row["seen_at"])) < 900
            ),
        ),
    ],
)
def test_what_is_on_many_orders_is_walked_and_gives_the_same(
    busy: Store, wanted: Filter, fits: Callable[[dict[str, object]], bool], oldest_first: bool
) -> None:
    test_the_pages_of_a_filter_are_all_that_fit_each_once_in_order(busy, wanted, fits, oldest_first)


def test_a_search_in_vain_ends_and_says_how_far_it_came(busy: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "LOOKED_AT", 100)

    first = busy.lists.page(Filter(text="jan zenon"))

    assert first.cut
    assert first.lines == ()
    assert first.following is not None
    pages, after = 1, first.following
    while after is not None:
        page = busy.lists.page(Filter(text="jan zenon"), after)
        assert page.lines == ()
        pages, after = pages + 1, page.following
    assert 1 < pages < 10


def test_what_was_not_counted_is_said_to_be_more(busy: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "_LOOKED_AT_TO_COUNT", 100)

    looked = busy.lists.look(Filter(text="jan"), None, oldest_first=False, counted=True)

    assert looked.more
    assert looked.count is not None
    assert PAGE < looked.count < 400
    assert len(looked.page.lines) == PAGE
    assert not looked.page.cut


def test_words_of_found_cases_are_asked_by_the_case(store: Store) -> None:
    if not store.database.is_sqlite:
        pytest.skip("a small table is read whole by PostgreSQL; bench/panel.py looks at it with many rows")
    with store.database.reading() as connection:
        asked = "SELECT case_id FROM finds WHERE case_id IN (1, 2, 3) AND word || '' >= 'jan' AND word || '' < 'jao'"
        said = [row.detail for row in connection.execute(text(f"EXPLAIN QUERY PLAN {asked}"))]

    assert any("ix_finds_case (case_id=?)" in one for one in said), said
