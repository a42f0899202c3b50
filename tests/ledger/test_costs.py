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
from tests.ledger.firm import DAY, Firm, goods

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
    make_firm: Callable[..., Firm], method: str, costs: list[str]
) -> None:
    bare = make_firm(goods=False, method=method)
    bare.receive("later", "10", "3.00", on=DAY)
    bare.receive("earlier", "10", "1.00", on=date(2026, 3, 1))
    bare.receive("elsewhere", "10", "9.00", warehouse="MAG2")
    issued = [bare.issue("WZ", quantity, goods("KUBEK-1", quantity)) for quantity in ("8", "8.0", "4")]
    assert [bare.cost(document) for document in issued] == [[D(cost)] for cost in costs]


def test_an_average_stays_when_nothing_comes_in(make_firm: Callable[..., Firm]) -> None:
    bare = make_firm(goods=False, method="AVCO")
    bare.receive("dear", "1", "3.00")
    bare.receive("cheap", "3", "1.00")
    costs = [bare.cost(bare.issue("WZ", f"wz{n}", goods("KUBEK-1", "1")))[0] for n in range(3)]
    assert costs == [D("1.50")] * 3
    bare.receive("dearer", "1", "2.50")
    assert bare.cost(bare.issue("WZ", "last", goods("KUBEK-1", "2"))) == [D("4.00")]


@pytest.mark.parametrize(
    ("basis", "rate", "cost"),
    [("net", None, "12.30"), ("gross", None, "10.00"), ("gross", "4.50", "45.00")],
    ids=["net", "gross", "gross in EUR"],
)
def test_goods_received_cost_net_pln(bare: Firm, basis: str, rate: str | None, cost: str) -> None:
    currency = {"currency": "EUR", "rate": D(rate)} if rate else {}
    bare.issue("PZ", "pz", goods("KUBEK-1", "4", "12.30"), basis=basis, **currency)
    assert bare.cost(bare.issue("WZ", "wz", goods("KUBEK-1", "1"))) == [D(cost)]


def test_a_company_that_allows_it_sells_what_it_has_not(bare: Firm) -> None:
    bare.ledger.setup.add_company("KUBKI", "Sklep Przykładowy", negative_stock=True)
    bare.receive("pw", "1", "2.00")
    wz = bare.issue("WZ", "wz", goods("KUBEK-1", "3"))
    assert (bare.stock("KUBEK-1"), bare.cost(wz)) == ((D(-2), D(0)), [D("6.00")])
    bare.ledger.cancel("KUBKI", "wz")
    assert (bare.stock("KUBEK-1"), bare.lots()) == ((D(1), D(0)), [D(1), D(0)])


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


def test_eight_threads_with_eight_keys_get_numbers_without_gaps(bare: Firm) -> None:
    found = at_once(8, lambda number: bare.issue("FS", str(number), goods("DOSTAWA", "1")))
    numbers = {document.number for document in found if isinstance(document, Document)}
    assert numbers == {f"FS/{number}/2026" for number in range(1, 9)}


@pytest.mark.parametrize("reserved", [False, True], ids=["sold directly", "reserved before"])
def test_of_two_who_want_the_last_piece_exactly_one_gets_it(bare: Firm, reserved: bool) -> None:
    for turn in range(5):
        sku = f"KUBEK-1{turn}"
        bare.ledger.setup.put_item(bare.code, sku, "Kubek", "23")
        bare.receive(f"pw{turn}", 1, sku=sku)
        orders = [bare.issue("RO", f"ro{turn}{n}", goods(sku, "1")) for n in range(2)] if reserved else []

        def sell(number: int, turn: int = turn, sku: str = sku, orders: list[Document] = orders) -> Document:
            if orders:
                return bare.convert("WZ", f"wz{turn}{number}", orders[number])
            return bare.issue("WZ", f"wz{turn}{number}", goods(sku, "1"))

        found = at_once(2, sell)
        waiting = [failure for failure in found if isinstance(failure, Waiting)]
        assert [failure.code for failure in waiting] == ["ledger.not-in-stock"]
        assert sum(isinstance(document, Document) for document in found) == 1
        assert bare.stock(sku)[0] == 0
        assert bare.lots() == [D(0)] * (turn + 1)


STEP = st.tuples(
    st.sampled_from(["receive", "reserve", "sell", "convert", "partial", "bill", "cancel", "cancel"]),
    st.sampled_from(["KUBEK-1", "KUBEK-1", "KUBEK-2"]),
    st.sampled_from(["MAG", "MAG", "MAG2"]),
    st.sampled_from(["0.5", "1", "2", "3.25", "7"]),
    st.integers(0, 3),
)


class Life:
    """A ledger that lives by random steps; steps that the ledger refuses leave no trace."""

    def __init__(self, bare: Firm) -> None:
        self.bare = bare
        self.made: list[Document] = []

    def step(self, number: int, act: str, sku: str, warehouse: str, quantity: str, which: int) -> None:
        bare, key = self.bare, f"k{number}"
        chosen = self.made[-1 - which % len(self.made)] if self.made else None
        if act == "receive":
            self.made.append(bare.receive(key, quantity, sku=sku, warehouse=warehouse))
        elif act in ("reserve", "sell"):
            kind = "RO" if act == "reserve" else "WZ"
            self.made.append(bare.issue(kind, key, goods(sku, quantity), warehouse=warehouse))
        elif chosen is not None and act == "cancel":
            bare.ledger.cancel("KUBKI", chosen.key)
        elif chosen is not None and act == "bill":
            self.made.append(bare.convert("FS", key, chosen, moves_stock=number % 2 == 0))
        elif chosen is not None:
            self.made.append(bare.convert("WZ", key, chosen, partial=act == "partial"))


@pytest.mark.parametrize("method", ["FIFO", "LIFO", "AVCO"])
@settings(max_examples=40, deadline=None)
@given(steps=st.lists(STEP, min_size=5, max_size=30))
def test_stock_adds_up_in_any_life(method: str, steps: list[tuple[str, str, str, str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(tables.lay(Path(folder) / "ledger.db", "ledger"), durable=False)
        bare = Firm(Ledger(database), goods=False, method=method)
        life = Life(bare)
        for warehouse in ("MAG", "MAG2"):
            bare.receive(f"opening {warehouse}", "9", warehouse=warehouse)
        for number, step in enumerate(steps):
            before = bare.sums()
            try:
                life.step(number, *step)
            except (Waiting, NeedsPerson):
                assert bare.sums() == before
            sums = bare.sums()
            assert all(quantity >= 0 for quantity in sums["stock"].values())
            assert all(quantity >= 0 for quantity in bare.lots())
            assert sums["lots"] == sums["stock"]
            assert sums["reservations"] == sums["reserved"]
        for document in reversed(life.made):
            if document.kind != "PW":
                bare.ledger.cancel("KUBKI", document.key)
        assert not any(bare.sums()["reserved"].values())
        database.close()
