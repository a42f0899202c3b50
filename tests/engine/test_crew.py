"""Threads that only wait for an account's turn keep no other order waiting, and the end of the program waits for none."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pomost.engine.crew import at_work, resting
from pomost.sandbox.baselinker import Sandbox
from tests.house import House

SLOW = {"calls_per_minute": 300, "status_linger_s": 0.1}


def test_one_worker_is_enough_for_orders_to_share_a_call(shop: Sandbox, house: Callable[..., House]) -> None:
    shop.place(6, paid=True)
    one = house(flow={"preset": "ro-fs-wz-at-once"}, engine={"workers": 1}, baselinker=SLOW)

    one.run_until(lambda: shop.count("Wysłane") == 6)

    assert [call.method for call in shop.calls()].count("setOrderStatuses") < 6


def test_the_end_does_not_wait_for_calls_that_have_no_turn_soon(
    shop: Sandbox, house: Callable[..., House], tmp_path: Path
) -> None:
    shop.place(20, paid=True)
    one = house(baselinker={"calls_per_minute": 60})
    one.run_until(lambda: len(one.ledger.documents(kind="RO")) == 20)

    begun = time.monotonic()
    assert one.pomost.stop(3.0), "nothing is left running"

    assert time.monotonic() - begun < 8
    assert {line.state for line in one.pomost.store.queries.all()} <= {"new", "retrying"}
    assert one.waits()[0][2] in ("engine.closing", None)


def test_a_thread_that_rests_twice_is_counted_once() -> None:
    told: list[int] = []
    with at_work(told.append):
        with resting(), resting():
            pass
        with pytest.raises(ValueError), resting():
            raise ValueError
    with resting():
        pass

    assert told == [1, -1, 1, -1]
