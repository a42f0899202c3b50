"""What goods cost, who gets the last piece, and that stock adds up whatever happens."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from pathlib import Path
from threading import Barrier

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pomost.ledger import Ledger
from pomost.ports import Failure, NeedsPerson, Waiting
from pomost.sql import Database
from pomost.trade.documents import Document
from tests import tables
from tests.ledger.books import TODAY, Books, goods

D = Decimal


@pytest.mark.parametrize(
    ("method", "costs"),
    [
        pytest.param("FIFO", ["8.00", "20.00", "12.00"], id="FIFO"),
        pytest.param("LIFO", ["24.00", "12.00", "4.00"], id="LIFO"),
        pytest.param("AVCO", ["16.00", "16.00", "8.00"], id="AVCO"),
    ],
)
def test_goods_cost_what_the_method_says(
    open_books: Callable[..., Books], method: str, costs: list[str]
) -> None:
    books = open_books(method)
    books.receive("later", "A", "10", "3.00", on=TODAY)
    books.receive("earlier", "A", "10", "1.00", on=date(2026, 11, 1))
    books.receive("elsewhere", "A", "10", "9.00", warehouse="MAG2")
    issued = [books.issue("WZ", quantity, goods("A", quantity)) for quantity in ("8", "8.0", "4")]
    assert [books.cost(document) for document in issued] == [[D(cost)] for cost in costs]


def test_an_average_stays_when_nothing_comes_in(open_books: Callable[..., Books]) -> None:
    books = open_books("AVCO")
    books.receive("dear", "A", "1", "3.00")
    books.receive("cheap", "A", "3", "1.00")
    costs = [books.cost(books.issue("WZ", f"wz{n}", goods("A", "1")))[0] for n in range(3)]
    assert costs == [D("1.50")] * 3
    books.receive("dearer", "A", "1", "2.50")
    assert books.cost(books.issue("WZ", "last", goods("A", "2"))) == [D("4.00")]


@pytest.mark.parametrize(
    ("basis", "rate", "cost"),
    [("net", None, "12.30"), ("gross", None, "10.00"), ("gross", "4.50", "45.00")],
    ids=["net", "gross", "gross in EUR"],
)
def test_goods_received_cost_net_pln(books: Books, basis: str, rate: str | None, cost: str) -> None:
    currency = {"currency": "EUR", "rate": D(rate)} if rate else {}
    books.issue("PZ", "pz", goods("A", "4", "12.30"), basis=basis, **currency)
    assert books.cost(books.issue("WZ", "wz", goods("A", "1"))) == [D(cost)]


def test_a_company_that_allows_it_sells_what_it_has_not(books: Books) -> None:
    books.ledger.setup.add_company("main", "Sklep Przykładowy", negative_stock=True)
    books.receive("pw", "A", "1", "2.00")
    wz = books.issue("WZ", "wz", goods("A", "3"))
    assert (books.level("A"), books.cost(wz)) == ((D(-2), D(0)), [D("6.00")])
    books.ledger.cancel("main", "wz")
    assert (books.level("A"), books.lots()) == ((D(1), D(0)), [D(1), D(0)])


def test_the_same_key_gives_the_same_document(books: Books) -> None:
    books.receive("pw", "A", "5")
    first = books.issue("WZ", "wz", goods("A", "1"))
    assert books.issue("WZ", "wz", goods("A", "4")) == first
    assert books.level("A") == (D(4), D(0))
    with pytest.raises(NeedsPerson, match=first.number) as refused:
        books.issue("FS", "wz", goods("A", "1"))
    assert refused.value.code == "ledger.key-reused"


def at_once(count: int, act: Callable[[int], Document]) -> list[Document | Failure]:
    """What each of ``count`` threads, started together, got."""
    start = Barrier(count)

    def run(number: int) -> Document | Failure:
        start.wait(10)
        try:
            return act(number)
        except Failure as failure:
            return failure

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_eight_threads_with_one_key_make_one_document(books: Books) -> None:
    books.receive("pw", "A", "8")
    found = at_once(8, lambda _: books.issue("WZ", "wz", goods("A", "1")))
    assert len({document.id for document in found if isinstance(document, Document)}) == 1
    assert not [failure for failure in found if isinstance(failure, Failure)]
    assert books.level("A") == (D(7), D(0))
    assert len(books.ledger.documents(kind="WZ")) == 1


def test_eight_threads_with_eight_keys_get_numbers_without_gaps(books: Books) -> None:
    found = at_once(8, lambda number: books.issue("FS", str(number), goods("USL", "1")))
    numbers = {document.number for document in found if isinstance(document, Document)}
    assert numbers == {f"FS/{number}/2026" for number in range(1, 9)}


@pytest.mark.parametrize("reserved", [False, True], ids=["sold directly", "reserved before"])
def test_of_two_who_want_the_last_piece_exactly_one_gets_it(
    open_books: Callable[..., Books], reserved: bool
) -> None:
    for _ in range(5):
        books = open_books()
        books.receive("pw", "A", "1")
        orders = [books.issue("RO", f"ro{n}", goods("A", "1")) for n in range(2)] if reserved else []

        def sell(number: int, books: Books = books, orders: list[Document] = orders) -> Document:
            if orders:
                return books.issue("WZ", str(number), of=orders[number])
            return books.issue("WZ", str(number), goods("A", "1"))

        found = at_once(2, sell)
        waiting = [failure for failure in found if isinstance(failure, Waiting)]
        assert [failure.code for failure in waiting] == ["ledger.not-in-stock"]
        assert sum(isinstance(document, Document) for document in found) == 1
        assert books.level("A")[0] == 0
        assert books.lots() == [D(0)]


STEP = st.tuples(
    st.sampled_from(["receive", "reserve", "sell", "convert", "partial", "bill", "cancel", "cancel"]),
    st.sampled_from(["A", "A", "B"]),
    st.sampled_from(["MAG", "MAG", "MAG2"]),
    st.sampled_from(["0.5", "1", "2", "3.25", "7"]),
    st.integers(0, 3),
)


class Life:
    """A ledger that lives by random steps; steps that the ledger refuses leave no trace."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self.made: list[Document] = []

    def step(self, number: int, act: str, sku: str, warehouse: str, quantity: str, which: int) -> None:
        books, key = self.books, f"k{number}"
        chosen = self.made[-1 - which % len(self.made)] if self.made else None
        if act == "receive":
            self.made.append(books.receive(key, sku, quantity, warehouse=warehouse))
        elif act in ("reserve", "sell"):
            kind = "RO" if act == "reserve" else "WZ"
            self.made.append(books.issue(kind, key, goods(sku, quantity), warehouse=warehouse))
        elif chosen is not None and act == "cancel":
            books.ledger.cancel("main", chosen.key)
        elif chosen is not None and act == "bill":
            self.made.append(books.issue("FS", key, of=chosen, moves_stock=number % 2 == 0))
        elif chosen is not None:
            self.made.append(books.issue("WZ", key, of=chosen, partial=act == "partial"))


@pytest.mark.parametrize("method", ["FIFO", "LIFO", "AVCO"])
@settings(max_examples=40, deadline=None)
@given(steps=st.lists(STEP, min_size=5, max_size=30))
def test_stock_adds_up_in_any_life(method: str, steps: list[tuple[str, str, str, str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(tables.lay(Path(folder) / "ledger.db", "ledger"), durable=False)
        books = Books(Ledger(database), database, method)
        life = Life(books)
        for warehouse in ("MAG", "MAG2"):
            books.receive(f"opening {warehouse}", "A", "9", warehouse=warehouse)
        for number, step in enumerate(steps):
            before = books.sums()
            try:
                life.step(number, *step)
            except (Waiting, NeedsPerson):
                assert books.sums() == before
            sums = books.sums()
            assert all(quantity >= 0 for quantity in sums["stock"].values())
            assert all(quantity >= 0 for quantity in books.lots())
            assert sums["lots"] == sums["stock"]
            assert sums["reservations"] == sums["reserved"]
        for document in reversed(life.made):
            if document.kind != "PW":
                books.ledger.cancel("main", document.key)
        assert not any(books.sums()["reserved"].values())
        database.close()
