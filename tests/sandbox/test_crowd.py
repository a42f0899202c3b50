"""Buyers that go on ordering by themselves, and the overview of the shop."""

from __future__ import annotations

import time

import pytest

from pomost.sandbox.baselinker import RemoteSandbox, Sandbox, Settings
from pomost.sandbox.baselinker.faults import FAULTS


def until(done: object, seconds: float = 15.0) -> None:
    end = time.monotonic() + seconds
    while not done() and time.monotonic() < end:  # type: ignore[operator]
        time.sleep(0.05)
    assert done()  # type: ignore[operator]


def test_buyers_order_until_they_have_ordered_enough() -> None:
    with Sandbox(seed=3) as shop:
        remote = RemoteSandbox(shop.url)

        remote.start_buyers(rate=3_000, count=20)
        until(lambda: not remote.overview()["buyers"]["running"])

        told = remote.overview()["buyers"]
        assert told["error"] == ""
        assert 20 <= told["placed"] <= 25
        assert 1 <= len(remote.orders()) <= 30


def test_buyers_stop_when_they_are_told_to_and_may_begin_again() -> None:
    with Sandbox(seed=3) as shop:
        shop.start_buyers(rate=3_000)
        until(lambda: shop.orders())
        shop.stop_buyers()
        time.sleep(0.5)
        before = len(shop.orders())
        time.sleep(0.5)

        assert len(shop.orders()) == before
        shop.start_buyers(rate=3_000)
        until(lambda: len(shop.orders()) > before)


@pytest.mark.parametrize("wrong", [{"rate": 0}, {"rate": -1}, {"rate": 1e9}, {"count": -1}, {"speed": 0}])
def test_wrong_numbers_are_refused(wrong: dict[str, float]) -> None:
    with Sandbox() as shop, pytest.raises(ValueError, match="Buyers"):
        shop.start_buyers(**wrong)  # type: ignore[arg-type]


def test_the_overview_tells_how_the_shop_stands() -> None:
    with Sandbox(settings=Settings(limit=7)) as shop:
        shop.place(3)
        shop.misbehave("http-502", "getOrders", times=2)
        shop.misbehave("delay", times="always")
        told = RemoteSandbox(shop.url).overview()

        assert told["sandbox"] == "baselinker"
        assert told["faults"] == list(FAULTS)
        assert [(one["fault"], one["method"], one["left"]) for one in told["asked"]] == [
            ("http-502", "getOrders", 2),
            ("delay", "", None),
        ]
        assert {one["name"]: one["orders"] for one in told["statuses"]}["Nowe zamówienia"] == 3
        assert (told["limit"], told["calls"], told["last_minute"]) == (7, [], 0)
        assert "token" not in str(told).casefold()
