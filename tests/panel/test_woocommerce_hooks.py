"""Webhooks of a WooCommerce shop at the panel: real deliveries of the sandbox, and what strangers send."""

from __future__ import annotations

import base64
import hashlib
import hmac
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from pomost.panel.app import make_app
from pomost.panel.serve import Server
from pomost.sandbox.woocommerce import Settings, Shop
from tests.woo_house import RETURNS, SALE, WooHouse

SECRET = "sekret sklepu, długi i zgadnąć go trudno"
SLOW = {"poll_s": 3600, "poll_busy_s": 3600, "returns_s": 3600, "compare_s": 3600}


class Counter:
    """A panel with a shop that sends its webhooks to it."""

    def __init__(self, folder: Path, shop: Shop, **wanted: Any) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.shop = shop
        woocommerce = {"webhooks": True, "webhook_secret": SECRET, **wanted.pop("woocommerce", {})}
        self.house = WooHouse(
            folder,
            shop,
            panel={"public_url": self.url},
            woocommerce=woocommerce,
            flows=[SALE, RETURNS],
            **wanted,
        )
        self.channel: Any = self.house.pomost.channels["woocommerce"]
        self.server = Server(make_app(self.house.pomost, None), "127.0.0.1", port)
        self._thread = threading.Thread(target=self.server.run, name="panel")
        self._thread.start()
        end = time.monotonic() + 20
        while not self.server.started and time.monotonic() < end:
            time.sleep(0.01)

    def send(
        self,
        body: bytes,
        *,
        secret: str = SECRET,
        topic: str = "order.updated",
        name: str = "woocommerce",
        kind: str = "application/json",
        signed: bool = True,
    ) -> httpx2.Response:
        headers = {"content-type": kind, "x-wc-webhook-topic": topic}
        if signed:
            digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
            headers["x-wc-webhook-signature"] = base64.b64encode(digest).decode()
        return httpx2.post(f"{self.url}/hooks/woocommerce/{name}", content=body, headers=headers)

    def stop(self) -> None:
        self.server.should_exit = True
        self._thread.join(20)
        self.house.stop()


@pytest.fixture
def shop() -> Iterator[Shop]:
    with Shop(Settings(catalogue="shared"), seed=0) as running:
        yield running


@pytest.fixture
def counter(shop: Shop, tmp_path: Path) -> Iterator[Callable[..., Counter]]:
    made: list[Counter] = []

    def build(**wanted: Any) -> Counter:
        made.append(Counter(tmp_path, shop, **wanted))
        return made[-1]

    yield build
    for one in made:
        one.stop()


def place(shop: Shop, **wanted: Any) -> int:
    return shop.place(lines=[("KUBEK-1", 1)], payment="payu", paid=True, **wanted)[0]


def hooks_ready(shop: Shop) -> bool:
    return len([one for one in shop.hooks() if one["status"] == "active"]) == 4


def test_the_shop_tells_at_once_what_polling_would_bring_in_an_hour(
    shop: Shop, counter: Callable[..., Counter]
) -> None:
    desk = counter(woocommerce=SLOW)
    desk.house.run_until(lambda: hooks_ready(shop))
    # the pings that follow are not signed, and are taken
    desk.house.run_until(lambda: len([one for one in shop.deliveries if one.topic == "ping"]) == 4)
    assert {one.status for one in shop.deliveries} == {200}

    order = place(shop)
    desk.house.run_until_state(order, "done", seconds=15)

    assert desk.house.kinds(order) == ["PA", "WZ"]
    assert {one.status for one in shop.deliveries} == {200}


def test_doubled_late_and_reordered_webhooks_make_no_second_document(
    shop: Shop, counter: Callable[..., Counter]
) -> None:
    desk = counter()
    desk.house.run_until(lambda: hooks_ready(shop))
    shop.misbehave("webhook-doubled", times="always")
    shop.misbehave("webhook-reordered", times="always", seconds=0.5)
    shop.misbehave("webhook-late", times=4, seconds=1.5)
    orders = [place(shop) for _ in range(8)]
    for order in orders:
        desk.house.run_until_state(order, "done")
    refunds = [(order, shop.refund(order, {"KUBEK-1": 1})) for order in orders[:3]]
    for order, refund in refunds:
        desk.house.run_until(lambda one=order, two=refund: desk.house.state_of_return(one, two) == "done")
    shop.settle()
    time.sleep(1)

    for order in orders[3:]:
        assert desk.house.kinds(order) == ["PA", "WZ"]
    for order in orders[:3]:
        assert desk.house.kinds(order) == ["PA", "WZ", "PAK", "WZK"]


def test_without_any_webhook_polling_brings_all_and_says_that_they_are_missed(
    shop: Shop, counter: Callable[..., Counter]
) -> None:
    desk = counter(woocommerce={"webhook_late_s": 1.0})
    desk.house.run_until(lambda: hooks_ready(shop))
    time.sleep(1.1)
    shop.misbehave("webhook-dropped", times="always")
    order = place(shop)
    desk.house.run_until_state(order, "done")

    desk.house.run_until(lambda: "by polling only" in desk.channel.webhooks.alarm)

    from pomost.health import connections

    def warned() -> bool:
        found = connections(desk.house.pomost, desk.house.pomost.work.now())
        return any("by polling only" in one for one in found[0].passed_over.warnings)

    desk.house.run_until(warned)


def test_a_webhook_that_the_shop_switched_off_is_switched_on_again_with_an_alarm(
    shop: Shop, counter: Callable[..., Counter], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pomost.connectors.woocommerce.webhooks.KEEP_S", 0.3)
    desk = counter()
    desk.house.run_until(lambda: hooks_ready(shop))
    shop.misbehave("webhook-disabled", path="order.updated")
    order = place(shop)
    desk.house.run_until_state(order, "done")

    desk.house.run_until(lambda: hooks_ready(shop) and "switched off" in desk.channel.webhooks.alarm)

    assert "order.updated" in desk.channel.webhooks.alarm


def test_after_a_start_the_shop_signs_with_the_secret_of_now(
    shop: Shop, counter: Callable[..., Counter]
) -> None:
    desk = counter()
    desk.house.run_until(lambda: hooks_ready(shop))
    with shop.store.lock:
        for hook in shop.store.hooks.values():
            hook["secret"] = "an older secret of this shop"

    def begun_anew() -> bool:
        # a look that was under way would note that it had kept them
        desk.channel.webhooks._kept_at = None
        return {one["secret"] for one in shop.hooks()} == {SECRET}

    desk.house.run_until(begun_anew)


@pytest.mark.parametrize(
    "body",
    [
        b'{"code":"woocommerce_rest_shop_order_invalid_id","message":"x","data":{"status":404}}',
        b'{"id":999999}',
        b"[]",
        b"not json",
        b"",
        b"[" * 100_000,
    ],
)
def test_what_is_signed_is_taken_whatever_it_says(counter: Callable[..., Counter], body: bytes) -> None:
    desk = counter()

    assert desk.send(body).status_code == 200
    assert desk.send(body, topic="product.updated").status_code == 200
    assert desk.send(body, topic="").status_code == 200


def test_strangers_are_refused_and_slowed_down_and_the_shop_never_is(counter: Callable[..., Counter]) -> None:
    desk = counter()
    body = b'{"id": 5}'

    assert desk.send(body, signed=False).status_code == 401
    assert desk.send(body, name="inny").status_code == 401
    assert (
        desk.send(b"webhook_id=5", kind="application/x-www-form-urlencoded", signed=False).status_code == 200
    )
    assert (
        desk.send(
            b"webhook_id=5", kind="application/x-www-form-urlencoded", name="inny", signed=False
        ).status_code
        == 401
    )
    assert desk.send(b"x" * 5_000_000).status_code == 413
    answers = [desk.send(body, secret="wrong wrong wrong wrong").status_code for _ in range(7)]
    assert answers[-1] == 429
    assert set(answers) == {401, 429}
    assert desk.send(body).status_code == 200
    # the same bytes with a blank more have another signature
    digest = base64.b64encode(hmac.new(SECRET.encode(), body, hashlib.sha256).digest()).decode()
    spaced = httpx2.post(
        f"{desk.url}/hooks/woocommerce/woocommerce",
        content=b'{"id":  5}',
        headers={"x-wc-webhook-topic": "order.updated", "x-wc-webhook-signature": digest},
    )
    assert spaced.status_code in (401, 429)


def test_without_webhooks_nobody_is_let_in(counter: Callable[..., Counter]) -> None:
    desk = counter(woocommerce={"webhooks": False})

    assert desk.send(b'{"id": 5}').status_code == 401
