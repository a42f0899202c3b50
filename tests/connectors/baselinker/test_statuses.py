"""Many threads that move orders share calls."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest

from pomost.connectors.baselinker import BaseLinkerChannel, Settings
from pomost.connectors.baselinker.batching import StatusBatcher
from pomost.ports import Failure, InDoubt, NeedsPerson
from pomost.sandbox.baselinker import Sandbox

Join = Callable[..., BaseLinkerChannel]


class Gate:
    """A limiter that grants nothing until it is opened; ``waiting`` is set once somebody waits."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.waiting = threading.Event()
        self.opened.set()

    def acquire(self, priority: int) -> None:
        self.waiting.set()
        assert self.opened.wait(20)

    def block(self, until: datetime) -> None:
        raise AssertionError("nothing is blocked here")


def test_all_orders_of_one_caller_go_in_calls_of_a_hundred(
    channel: BaseLinkerChannel, sandbox: Sandbox
) -> None:
    placed = sandbox.place(230)
    channel.set_status([str(order_id) for order_id in placed], "Spakowane")
    assert {order["status"] for order in sandbox.orders()} == {"Spakowane"}
    assert channel.client.calls["setOrderStatuses"] == 3


def test_callers_that_come_while_a_call_waits_for_the_limiter_join_it(sandbox: Sandbox) -> None:
    gate = Gate()
    channel = BaseLinkerChannel(Settings("sklep", sandbox.token, sandbox.url, status_linger_s=0.0), gate)
    channel.check_words(["Spakowane"], [])
    placed = sandbox.place(40)
    gate.opened.clear()
    gate.waiting.clear()
    with ThreadPoolExecutor(40) as pool:
        first = pool.submit(channel.set_status, [str(placed[0])], "Spakowane")
        assert gate.waiting.wait(20)
        others = [pool.submit(channel.set_status, [str(order_id)], "Spakowane") for order_id in placed[1:]]
        group = channel._statuses._open[41004]
        deadline = threading.Event()
        while len(group.ids) < 40:
            assert not deadline.wait(0.005)
        gate.opened.set()
        for done in [first, *others]:
            done.result(20)
    assert [call.outcome for call in sandbox.calls("setOrderStatuses")] == ["SUCCESS"]
    assert {order["status"] for order in sandbox.orders()} == {"Spakowane"}
    channel.close()


def test_callers_within_the_linger_share_a_call(join: Join, sandbox: Sandbox) -> None:
    channel = join(status_linger_s=0.5)
    channel.check_words(["Spakowane"], [])
    placed = sandbox.place(30)
    with ThreadPoolExecutor(30) as pool:
        list(pool.map(lambda order_id: channel.set_status([str(order_id)], "Spakowane"), placed))
    assert len(sandbox.calls("setOrderStatuses")) <= 2
    assert {order["status"] for order in sandbox.orders()} == {"Spakowane"}


def test_different_statuses_never_share_a_call(join: Join, sandbox: Sandbox) -> None:
    channel = join(status_linger_s=0.1)
    placed = sandbox.place(4)
    wanted = ["Spakowane", "Wysłane", "Spakowane", "Wysłane"]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda order_id, status: channel.set_status([str(order_id)], status), placed, wanted))
    assert [sandbox.order(order_id)["status"] for order_id in placed] == wanted


def test_pain_11_one_order_that_is_gone_fails_alone(join: Join, sandbox: Sandbox) -> None:
    channel = join(status_linger_s=0.3)
    channel.check_words(["Spakowane"], [])
    placed = sandbox.place(8)
    sandbox.remove(placed[5])

    def move(order_id: int) -> str:
        try:
            channel.set_status([str(order_id)], "Spakowane")
        except NeedsPerson as refused:
            return refused.code
        return "moved"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(move, placed))
    assert outcomes == ["moved"] * 5 + ["baselinker.refused"] + ["moved"] * 2
    assert {order["status"] for order in sandbox.orders()} == {"Spakowane"}


def test_every_caller_of_a_call_with_a_lost_answer_is_in_doubt(join: Join, sandbox: Sandbox) -> None:
    channel = join(status_linger_s=0.3)
    channel.check_words(["Spakowane"], [])
    placed = sandbox.place(5)
    sandbox.misbehave("cut-after", "setOrderStatuses", times="always")

    def move(order_id: int) -> bool:
        with pytest.raises(InDoubt):
            channel.set_status([str(order_id)], "Spakowane")
        return True

    with ThreadPoolExecutor(5) as pool:
        assert all(pool.map(move, placed))


def test_who_comes_after_a_call_gets_one_of_his_own(channel: BaseLinkerChannel, sandbox: Sandbox) -> None:
    placed = sandbox.place(3)
    for order_id in placed:
        channel.set_status([str(order_id)], "Spakowane")
    assert [sandbox.order(order_id)["status"] for order_id in placed] == ["Spakowane"] * 3
    assert channel.client.calls["setOrderStatuses"] == 3


def test_moving_nothing_calls_nobody(channel: BaseLinkerChannel) -> None:
    channel.set_status([], "Spakowane")
    assert not channel.client.calls


def test_a_status_created_meanwhile_is_found(channel: BaseLinkerChannel, sandbox: Sandbox) -> None:
    order_id = sandbox.place(1)[0]
    channel.check_words([], [])
    channel.client.call(
        "addOrderStatus", {"name": "Faktura w ERP", "short_name": "ERP", "color": "#00acc1"}, write=True
    )
    channel.set_status([str(order_id)], "Faktura w ERP")
    assert sandbox.order(order_id)["status"] == "Faktura w ERP"


def test_an_interrupted_leader_leaves_nobody_waiting() -> None:
    class Stop(BaseException):
        pass

    def send(status_id: int, take: Callable[[], list[int]]) -> dict[int, Failure]:
        raise Stop

    batcher = StatusBatcher(send, linger_s=0.2, chunk=2)
    with ThreadPoolExecutor(2) as pool:
        leader = pool.submit(batcher.move, [1], 7)
        joined = pool.submit(batcher.move, [2, 3, 4, 5], 7)
        errors = [done.exception(20) for done in (leader, joined)]
    assert all(error is not None for error in errors)
