"""Buyers that go on by themselves, webhooks that are switched off, and the overview of the shop."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from pomost.sandbox.woocommerce import FAULTS, RemoteShop, Settings, Shop

from .conftest import Caller, Receiver


def until(done: Callable[[], bool], seconds: float = 15.0) -> None:
    end = time.monotonic() + seconds
    while not done() and time.monotonic() < end:
        time.sleep(0.05)
    assert done()


def test_buyers_order_until_they_have_ordered_enough() -> None:
    with Shop(seed=3) as shop:
        remote = RemoteShop(shop.url)
        remote.start_buyers(rate=6_000, count=20)
        until(lambda: not remote.overview()["buyers"]["running"])

        told = remote.overview()["buyers"]
        assert (told["error"], told["placed"], told["count"]) == ("", 20, 20)
        assert sum(one["created_via"] == "store-api" for one in shop.orders()) >= 20


def test_buyers_stop_when_they_are_told_to_and_may_begin_again() -> None:
    with Shop(seed=3) as shop:
        remote = RemoteShop(shop.url)
        remote.start_buyers(rate=3_000)
        until(lambda: bool(shop.orders()))
        remote.stop_buyers()
        before = len(shop.orders())
        time.sleep(0.3)

        assert len(shop.orders()) == before
        assert remote.overview()["buyers"]["running"] is False
        remote.start_buyers(rate=3_000)
        until(lambda: len(shop.orders()) > before)
        assert remote.overview()["buyers"]["running"] is True


@pytest.mark.parametrize("wrong", [{"rate": 0}, {"rate": -1}, {"rate": 1e9}, {"count": -1}])
def test_wrong_numbers_are_refused_and_those_who_order_go_on(wrong: dict[str, float]) -> None:
    with Shop(seed=3) as shop:
        shop.start_buyers(rate=60)
        with pytest.raises(ValueError, match="Buyers"):
            RemoteShop(shop.url).start_buyers(**wrong)
        assert shop.overview()["buyers"]["running"] is True


def test_the_overview_tells_how_the_shop_stands(shop: Shop, call: Caller) -> None:
    first, second = shop.place(orders=2)
    shop.trash(first)
    call.get("/orders")
    shop.misbehave("bom", "/orders", times=2, method="GET")
    call.send("GET", "/orders")
    told = RemoteShop(shop.url).overview()

    assert told["sandbox"] == "woocommerce"
    assert told["faults"] == list(FAULTS)
    assert [(one["fault"], one["path"], one["left"]) for one in told["asked"]] == [("bom", "/orders", 1)]
    assert {one["name"]: one["orders"] for one in told["statuses"]} == {"processing": 1, "trash": 1}
    assert [one["id"] for one in told["orders"]] == [second, first]
    assert [(one["path"], one["fault"]) for one in told["calls"]] == [
        ("/wc/v3/orders", "bom"),
        ("/wc/v3/orders", ""),
    ]
    assert told["last_minute"] == 2
    assert told["hooks"] == {"on": 0, "off": 0, "delivered": 0, "failed": 0, "waiting": 0}
    assert "TOW-0001" in told["skus"]


def test_webhooks_are_switched_off_and_on_by_hand(shop: Shop, call: Caller, receiver: Receiver) -> None:
    for topic in ("order.created", "order.updated"):
        call("POST", "/webhooks", body={"topic": topic, "delivery_url": receiver.url, "secret": "s"})
    shop.settle()
    receiver.hits.clear()
    remote = RemoteShop(shop.url)

    assert remote.switch_hooks(on=False) == 2
    shop.place()
    shop.settle()
    assert receiver.hits == []
    assert (remote.overview()["hooks"]["on"], remote.overview()["hooks"]["off"]) == (0, 2)

    assert (remote.switch_hooks(on=True), remote.switch_hooks(on=True)) == (2, 0)
    shop.place()
    shop.settle()
    assert "order.created" in receiver.topics()
    assert remote.overview()["hooks"]["on"] == 2


def test_what_the_shop_refuses_is_a_wrong_value_from_outside_too() -> None:
    with Shop(Settings(sell_beyond_stock=False)) as shop, pytest.raises(ValueError, match="26 wished"):
        RemoteShop(shop.url).place(lines=[["TOW-0005", 26]])
