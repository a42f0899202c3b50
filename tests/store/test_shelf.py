"""Products by what is wrong with them: pages that leave nothing out, and plans that read one index."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event, insert, update

from pomost.ports.catalogue import Product
from pomost.store.figures import Unsent, Wanted
from pomost.store.schema import figures, products
from pomost.store.shelf import MANY, Shelf, Wrong
from pomost.store.store import Store, open_store


@pytest.fixture
def store(url: str) -> Store:
    """Of 300 products every third is no item; every 5th is unsent, every 7th refused, every 11th drifted."""
    made = open_store(url, durable=False)
    number = made.products.catalogue_id("sklep")
    other = made.products.catalogue_id("inny")
    page = [
        Product(f"p{n}", f"SKU-{n}", f"590{n:04}", f"Kubek Żółty {n}" if n % 2 else f"Talerz {n}")
        for n in range(1, 301)
    ]
    made.products.keep(number, page, {one.id: one.sku for one in page if int(one.id[1:]) % 3}, 1.0)
    made.products.keep(other, [Product("x1", "SKU-1", "", "Kubek")], {}, 1.0)
    made.figures.decide(number, "stock", [Wanted(n, "m", Decimal(n)) for n in range(1, 301)], 10.0)
    sent = [Unsent(n, f"p{n}", "m", Decimal(n), 1) for n in range(1, 301) if n % 5]
    refused = {one.product: "baselinker.ERROR_X: no" for one in sent if one.product % 7 == 0}
    made.figures.answer("stock", sent, refused, 11.0)
    drifted = [n for n in range(11, 301, 11) if n % 5]
    with made.database.writing() as connection:
        connection.execute(
            update(figures).where(figures.c.product.in_(drifted)).values(seen=Decimal(1), seen_at=20.0)
        )
    return made


FITS: dict[Wrong, Callable[[int], bool]] = {
    "": lambda n: True,
    "unknown": lambda n: n % 3 == 0,
    "unsent": lambda n: n % 5 == 0,
    "problem": lambda n: n % 5 != 0 and n % 7 == 0,
    "drift": lambda n: n % 5 != 0 and n % 11 == 0,
}


@pytest.mark.parametrize("wrong", FITS)
@pytest.mark.parametrize("text", ["", "żółty"])
def test_the_pages_are_all_that_fit_each_once(store: Store, wrong: Wrong, text: str) -> None:
    expected = [n for n in range(1, 301) if FITS[wrong](n) and (not text or n % 2)]

    found: list[int] = []
    after = -1
    while True:
        page = store.shelf.page(1, wrong, text, after, 7)
        found += [row.line.id for row in page.rows]
        if page.following is None:
            break
        after = page.following

    assert found == expected


def test_what_is_carried_by_variants_is_no_problem_and_found_by_a_filter_of_its_own(store: Store) -> None:
    mains = [13, 14, 26]  # 14 was refused before it got variants
    store.figures.decide(1, "stock", [Wanted(n, "m", None) for n in mains], 30.0)

    assert [row.line.id for row in store.shelf.page(1, "carried").rows] == mains
    problem = [n for n in range(1, 301) if FITS["problem"](n) and n not in mains]
    assert [row.line.id for row in store.shelf.page(1, "problem", most=300).rows] == problem
    count = store.shelf.count(1, "stock")
    assert (count.carried, count.problem) == (3, len(problem))
    assert store.figures.count(1, "stock")["carried"] == 3
    assert [item for _, item, _ in store.carried.products(1, 2)] == ["SKU-13", "SKU-14"]
    assert all(figure.carried for row in store.shelf.page(1, "carried").rows for figure in row.figures)
    assert {one.product for one in store.figures.unsent(1, "stock", 0, 300)}.isdisjoint(mains)

    # the last variant is gone: it has a stock of its own again
    assert store.carried.no_more(1) == ["SKU-13", "SKU-14", "SKU-26"]
    store.figures.decide(1, "stock", [Wanted(13, "m", Decimal(5))], 31.0)
    assert [row.line.id for row in store.shelf.page(1, "carried").rows] == [14, 26]
    assert 13 in {one.product for one in store.figures.unsent(1, "stock", 0, 300)}


@pytest.mark.parametrize("text", ["SKU-17", "5900017", "p17"])
def test_what_is_named_exactly_comes_first(store: Store, text: str) -> None:
    page = store.shelf.page(1, "", text)

    [first] = page.rows
    assert first.line.sku == "SKU-17"
    assert [figure.wanted for figure in first.figures] == [Decimal(17)]
    # and then those that only hold it
    assert page.following is not None
    others = [row.line.sku for row in store.shelf.page(1, "", text, page.following).rows]
    assert "SKU-17" not in others
    assert all("17" in one for one in others)


def test_counts(store: Store) -> None:
    found = store.shelf.count(1, "stock")

    numbers = range(1, 301)
    assert (found.products, found.linked) == (300, 200)
    for name in ("unsent", "problem", "drift"):
        assert getattr(found, name) == len([n for n in numbers if FITS[name](n)]), name  # type: ignore[index]
    assert store.shelf.unsent(1, "stock") == 60
    assert store.shelf.count(2, "stock").products == 1
    assert store.shelf.count(99, "stock").products == 0


def test_drift_is_told_with_what_is_seen(store: Store) -> None:
    found = store.shelf.drifts(1, "stock")

    assert [one.product for one, _ in found] == [n for n in range(1, 301) if FITS["drift"](n)]
    assert {(one.seen, at) for one, at in found} == {(Decimal(1), 20.0)}


def test_counting_stops_at_many(store: Store) -> None:
    with store.database.writing() as connection:
        connection.execute(
            insert(products),
            [{"catalogue_id": 2, "product_id": f"b{n}", "sku": f"b{n}"} for n in range(MANY + 5)],
        )

    assert store.shelf.count(2, "stock").products == MANY + 1


def test_every_question_is_answered_by_an_index(store: Store) -> None:
    if not store.database.is_sqlite:
        pytest.skip("a small table is read whole by PostgreSQL")
    asked: list[tuple[str, Any]] = []

    def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        if statement.lstrip().startswith("SELECT"):
            asked.append((statement, parameters))

    event.listen(store.database.engine, "before_cursor_execute", note)
    shelf: Shelf = store.shelf
    for wrong in (*FITS, "carried"):
        shelf.page(1, wrong)  # type: ignore[arg-type]
        shelf.page(1, wrong, "kubek", 5)  # type: ignore[arg-type]
    shelf.count(1, "stock")
    shelf.drifts(1, "stock")
    shelf.card_problems(1)
    shelf.births(1)
    shelf.sold(["main"], ["SKU-1"])
    event.remove(store.database.engine, "before_cursor_execute", note)

    plans = ""
    with store.database.engine.connect() as connection:
        for statement, parameters in asked:
            cursor = connection.connection.cursor()
            for row in cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall():
                plans += f"{row[3]}\n"
                assert not row[3].startswith(
                    ("SCAN products", "SCAN figures", "SCAN cards", "SCAN births")
                ), (
                    statement,
                    row[3],
                )
                assert "TEMP B-TREE FOR ORDER BY" not in row[3] or "sku" in statement, (statement, row[3])
    for name in (
        "ix_figures_problem",
        "ix_figures_unsent",
        "ix_figures_drift",
        "ix_figures_carried",
        "ix_products_problem",
        "ix_products_place",
        "ix_cards_problem",
        "ix_cards_unsent",
    ):
        assert name in plans, name
