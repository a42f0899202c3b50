"""Writers at the same time. Each guard is first switched off, to show what it guards against."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any

import pytest

from pomost.ledger import stock
from pomost.ports import Failure
from tests.ledger.firm import FIRMA, Firm, mugs, sell_in_a_process


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Runs all acts at the same time; gives what each returned or the failure it raised."""
    start = threading.Barrier(len(acts))
    outcomes: list[object] = [None] * len(acts)

    def run(index: int, act: Callable[[], object]) -> None:
        start.wait(30)
        try:
            outcomes[index] = act()
        except Failure as failure:
            outcomes[index] = failure.code

    threads = [threading.Thread(target=run, args=(index, act)) for index, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return outcomes


@contextmanager
def both_look_before_either_takes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Makes two writers meet after each has read the stock; one that is kept waiting is not waited for long."""
    meeting = threading.Barrier(2)
    read = stock.open_shelf

    def read_and_meet(*arguments: Any) -> stock.Shelf:
        shelf = read(*arguments)
        try:
            meeting.wait(1)
        except threading.BrokenBarrierError:
            return shelf
        return shelf

    with monkeypatch.context() as patch:
        patch.setattr("pomost.ledger.documents.open_shelf", read_and_meet)
        yield


def sell_the_last_piece_twice(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    firm.issue("WZ", "all but one", mugs(9))
    with both_look_before_either_takes(monkeypatch):
        return at_once(*(lambda n=n: firm.issue("WZ", f"wz{n}", mugs(1)).kind for n in range(2)))


def test_without_the_guard_the_last_piece_is_sold_twice(
    make_firm: Callable[..., Firm], monkeypatch: pytest.MonkeyPatch
) -> None:
    firm = make_firm(guarded=False)

    outcomes = sell_the_last_piece_twice(firm, monkeypatch)

    assert outcomes == ["WZ", "WZ"]
    assert firm.stock() == (-1, 0)


def test_with_the_guard_the_last_piece_is_sold_once(
    make_firm: Callable[..., Firm], monkeypatch: pytest.MonkeyPatch
) -> None:
    firm = make_firm()

    outcomes = sell_the_last_piece_twice(firm, monkeypatch)

    assert sorted(map(str, outcomes)) == ["WZ", "ledger.not-in-stock"]
    assert firm.stock() == (0, 0)


def test_one_key_from_eight_threads_makes_one_document(firm: Firm) -> None:
    outcomes = at_once(*(lambda: firm.issue("FS", "fs", mugs(1), moves_stock=True) for _ in range(8)))

    (document,) = firm.ledger.documents(kind="FS")
    assert outcomes == [document] * 8
    assert document.number == "FS/1/2026"
    assert firm.stock() == (9, 0)


def test_one_key_makes_one_document_of_the_last_piece(firm: Firm) -> None:
    order = firm.issue("RO", "ro", mugs(10))

    outcomes = at_once(*(lambda: firm.convert("FS", "fs", order, moves_stock=True) for _ in range(8)))

    (document,) = firm.ledger.documents(kind="FS")
    assert outcomes == [document] * 8
    assert firm.stock() == (0, 0)


def test_one_order_is_realised_by_one_of_eight(firm: Firm) -> None:
    order = firm.issue("RO", "ro", mugs(3))

    outcomes = at_once(
        *(lambda n=n: firm.convert("FS", f"fs{n}", order, moves_stock=True).kind for n in range(8))
    )

    assert sorted(map(str, outcomes)) == ["FS"] + ["ledger.nothing-left"] * 7
    assert firm.stock() == (7, 0)


def test_a_new_buyer_who_orders_at_once_gets_one_card(firm: Firm) -> None:
    outcomes = at_once(*(lambda n=n: firm.issue("RO", f"{n}", mugs(1), buyer=FIRMA).kind for n in range(8)))

    assert outcomes == ["RO"] * 8
    firm.issue("RO", "one more", mugs(1), buyer=FIRMA)


def test_processes_share_the_goods_and_the_keys(firm: Firm, database_url: str) -> None:
    own = [[f"{process}.{n}" for n in range(5)] for process in range(3)]
    shared = [f"shared.{n}" for n in range(2)]

    with ProcessPoolExecutor(3, get_context("spawn")) as pool:
        futures = [pool.submit(sell_in_a_process, database_url, shared + keys) for keys in own]
        outcomes = [future.result(120) for future in futures]

    sold = [document.key for document in firm.ledger.documents(kind="WZ")]
    assert len(sold) == len(set(sold)) == 10
    assert all(one[:2] == ["WZ", "WZ"] for one in outcomes)
    assert (
        sorted(outcome for one in outcomes for outcome in one[2:]) == ["WZ"] * 8 + ["ledger.not-in-stock"] * 7
    )
    assert firm.stock() == (0, 0)


def test_writers_that_want_the_same_goods_in_other_orders_do_not_block_each_other(firm: Firm) -> None:
    there, back = (mugs(1), mugs(1, sku="KUBEK-2")), (mugs(1, sku="KUBEK-2"), mugs(1))

    def sell(n: int) -> None:
        for turn in range(3):
            order = firm.issue("RO", f"ro{n}.{turn}", *(there if n % 2 else back))
            firm.convert("FS", f"fs{n}.{turn}", order, moves_stock=True)
            firm.ledger.cancel("KUBKI", f"fs{n}.{turn}")
            firm.ledger.cancel("KUBKI", f"ro{n}.{turn}")

    assert at_once(*(lambda n=n: sell(n) for n in range(6))) == [None] * 6

    assert (firm.stock("KUBEK-1"), firm.stock("KUBEK-2")) == ((10, 0), (10, 0))
    numbers = sorted(int(one.number.split("/")[1]) for one in firm.ledger.documents(kind="FS"))
    assert numbers == list(range(1, 19))
