"""Calls are paced in the store, urgent ones first within a process, and nobody sleeps through a block."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pomost.engine.limiter import AccountLimiter
from pomost.ports import Priority, WaitUntil
from pomost.store.store import Store, open_store
from tests import tables


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tables.lay(tmp_path / "pomost.db", "store"), durable=False)
    yield opened
    opened.close()


def until_true(done: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not done():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_threads_of_two_processes_together_keep_the_pace(store: Store) -> None:
    limiters = [AccountLimiter(store.limits, "shop", 1202) for _process in range(2)]
    granted: list[float] = []

    def work(limiter: AccountLimiter) -> None:
        for _call in range(4):
            limiter.acquire(Priority.EDITS)
            granted.append(time.monotonic())

    threads = [threading.Thread(target=work, args=(limiter,)) for limiter in limiters * 2]
    begun = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert len(granted) == 16
    # two go at once, every further one 50 ms after the one before
    assert all(at - begun >= (place - 1) * 0.05 - 0.005 for place, at in enumerate(sorted(granted)))
    assert store.limits.calls("shop") == 16


def test_the_urgent_goes_first_and_what_is_shared_last(store: Store) -> None:
    limiter = AccountLimiter(store.limits, "shop", 122)
    for _burst in range(2):
        limiter.acquire()
    order: list[Priority] = []

    def work(priority: Priority) -> None:
        limiter.acquire(priority)
        order.append(priority)

    threads = []
    for priority in (
        Priority.WRITE_BACK,
        Priority.CATALOGUE,
        Priority.SHARED,
        Priority.WRITE_BACK,
        Priority.NEW_ORDERS,
    ):
        threads.append(threading.Thread(target=work, args=(priority,)))
        threads[-1].start()
        until_true(lambda: limiter.queue_s() >= limiter.interval * len(threads) or bool(order))
    for thread in threads:
        thread.join(20)

    # the first one has its moment already when the others come
    assert order == [
        Priority.WRITE_BACK,
        Priority.NEW_ORDERS,
        Priority.WRITE_BACK,
        Priority.SHARED,
        Priority.CATALOGUE,
    ]


def test_without_a_limit_calls_go_at_once_and_blocks_count_all_the_same(store: Store) -> None:
    limiter = AccountLimiter(store.limits, "shop", 0)
    for _call in range(1000):
        limiter.acquire()
    limiter.block(datetime.now(UTC) + timedelta(minutes=10))

    with pytest.raises(WaitUntil):
        limiter.acquire()


def test_a_block_told_to_one_process_stops_the_others_and_those_in_the_queue(store: Store) -> None:
    told, other = (AccountLimiter(store.limits, "shop", 3) for _process in range(2))
    for _burst in range(2):
        other.acquire()
    until = datetime.now(UTC) + timedelta(minutes=10)
    caught: list[WaitUntil] = []

    def work() -> None:
        try:
            other.acquire()
        except WaitUntil as blocked:
            caught.append(blocked)

    threads = [threading.Thread(target=work) for _waiting in range(3)]
    for thread in threads:
        thread.start()
    until_true(lambda: other.queue_s() == 3 * other.interval)
    told.block(until)
    for thread in threads:
        thread.join(20)

    assert [failure.code for failure in caught] == ["engine.account-blocked"] * 3
    assert all(until < failure.until < until + timedelta(seconds=5) for failure in caught)


def test_after_a_block_calls_go_on_by_themselves(store: Store) -> None:
    now = [1_000_000.0]
    limiter = AccountLimiter(store.limits, "shop", 1202, lambda: now[0])
    limiter.block(datetime.fromtimestamp(now[0] + 600, UTC))
    with pytest.raises(WaitUntil):
        limiter.acquire()
    now[0] += 601

    limiter.acquire()

    assert store.limits.calls("shop") == 1
