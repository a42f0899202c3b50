"""Each misbehaviour on request, seen by a caller."""

import json
import time
from typing import Any

import httpx2
import pytest

from pomost.sandbox.woocommerce import Shop

from .conftest import Caller, Clock


@pytest.mark.parametrize("wait", [None, 7])
def test_too_many_requests_with_and_without_a_time_to_wait(
    shop: Shop, call: Caller, wait: int | None
) -> None:
    shop.misbehave("too-many-requests", times=2, **({} if wait is None else {"retry_after": wait}))
    answers = [call.send("GET", "/orders") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert answers[0].headers.get("retry-after") == (None if wait is None else str(wait))


@pytest.mark.parametrize(
    ("fault", "status"), [("maintenance", 503), ("firewall", 403), ("server-error", 500), ("html-200", 200)]
)
def test_pages_instead_of_answers_and_nothing_is_done(
    shop: Shop, call: Caller, fault: str, status: int
) -> None:
    shop.misbehave(fault)
    answer = call.send("POST", "/orders", body={})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=UTF-8")
    assert answer.text.startswith("<!DOCTYPE html>")
    assert shop.orders() == []


def test_a_gateway_times_out_after_the_order_was_written(shop: Shop, call: Caller) -> None:
    shop.misbehave("gateway-timeout", "/orders", method="POST")
    assert call.send("GET", "/orders").status_code == 200
    assert call.send("POST", "/orders", body={}).status_code == 504
    assert len(shop.orders()) == 1
    shop.misbehave("gateway-timeout", done=False)
    assert call.send("POST", "/orders", body={}).status_code == 504
    assert len(shop.orders()) == 1


def test_a_batch_is_written_in_part_when_the_hosts_time_is_over(shop: Shop, call: Caller) -> None:
    shop.misbehave("batch-part-done", count=1)
    sent = {"update": [{"id": 11, "stock_quantity": 1}, {"id": 12, "stock_quantity": 1}]}
    assert call.send("POST", "/products/batch", body=sent).status_code == 504
    assert (shop.stock("TOW-0001"), shop.stock("TOW-0002")) == (1, 40)


@pytest.mark.parametrize(("fault", "orders"), [("cut-before", 0), ("cut-after", 1)])
def test_the_connection_is_cut_before_or_after(shop: Shop, call: Caller, fault: str, orders: int) -> None:
    shop.misbehave(fault)
    with pytest.raises(httpx2.TransportError):
        call.send("POST", "/orders", body={})
    assert len(shop.orders()) == orders
    assert shop.calls[-1].fault == fault


@pytest.mark.parametrize("fault", ["bom", "php-warning", "empty-body", "truncated-json"])
def test_bytes_that_are_no_json_with_200(shop: Shop, call: Caller, fault: str) -> None:
    shop.place()
    shop.misbehave(fault)
    answer = call.send("GET", "/orders")
    assert answer.status_code == 200
    with pytest.raises(ValueError):
        json.loads(answer.content.decode("utf-8"))
    starts = {"bom": b"\xef\xbb\xbf[", "php-warning": b"<br />", "empty-body": b"", "truncated-json": b"[{"}
    assert answer.content.startswith(starts[fault])


def test_a_host_strips_the_authorization(shop: Shop, call: Caller) -> None:
    shop.misbehave("authorization-stripped", times="always")
    assert call.refused("GET", "/orders") == (401, "woocommerce_rest_cannot_view")
    keys = {"consumer_key": shop.key, "consumer_secret": shop.secret}
    assert call.send("GET", "/orders", keys).status_code == 200


def test_a_cache_serves_stale_lists_until_a_parameter_changes(shop: Shop, call: Caller) -> None:
    first = shop.place()[0]
    assert call.ids("/orders", status="processing") == [first]
    second = shop.place()[0]
    shop.misbehave("stale-list", "/orders", times="always")
    stale = call.send("GET", "/orders", {"status": "processing"})
    assert [one["id"] for one in stale.json()] == [first]
    assert (stale.headers["x-litespeed-cache"], stale.headers["age"]) == ("hit", "300")
    fresh = call.send("GET", "/orders", {"status": "processing", "_nocache": "1"})
    assert [one["id"] for one in fresh.json()] == [second, first]
    assert "x-litespeed-cache" not in fresh.headers
    shop.behave()
    assert call.ids("/orders", status="processing") == [second, first]


def test_a_slow_answer_is_slow(shop: Shop, call: Caller) -> None:
    shop.misbehave("delay", seconds=0.3)
    then = time.monotonic()
    call.get("/orders")
    assert time.monotonic() - then >= 0.3


def test_a_legacy_shop_ignores_the_filter_by_modification(shop: Shop, call: Caller, clock: Clock) -> None:
    number = shop.place()[0]
    shop.misbehave("legacy")
    assert call.ids("/orders", modified_after="2099-01-01T00:00:00Z") == [number]
    assert call.ids("/orders", modified_after="2099-01-01T00:00:00Z") == []


@pytest.mark.parametrize(
    ("to", "start"),
    [("https", "https://127"), ("www", "http://www.127"), ("http://x.test/", "http://x.test/")],
)
def test_a_redirect_leads_elsewhere(shop: Shop, call: Caller, to: str, start: str) -> None:
    shop.misbehave("redirect", to=to)
    answer = call.send("POST", "/orders", body={})
    assert answer.status_code == 301
    assert answer.headers["location"].startswith(start)
    assert shop.orders() == []


def test_faults_strike_by_chance_the_same_ones_for_the_same_seed(shop: Shop, call: Caller) -> None:
    def strikes() -> list[int]:
        shop.behave()
        shop.misbehave("server-error", times="always", probability=0.5, seed=4)
        return [call.send("GET", "/orders/statuses").status_code for _ in range(20)]

    first = strikes()
    assert strikes() == first
    assert {200, 500} == set(first)


WRONG: list[Any] = [
    ({"fault": "meteor"}, "no fault"),
    ({"fault": "bom", "times": 0}, "0 times"),
    ({"fault": "bom", "probability": 2}, "probability"),
    ({"fault": "bom", "colour": "red"}, "colour"),
]


@pytest.mark.parametrize(("asked", "why"), WRONG)
def test_a_fault_that_makes_no_sense_is_refused(shop: Shop, asked: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        shop.misbehave(**asked)


def test_what_is_still_to_come_can_be_asked(shop: Shop, call: Caller) -> None:
    shop.misbehave("bom", times=2)
    call.send("GET", "/orders")
    assert shop.faults.left() == 1
    assert shop.faults.asked()[0]["fault"] == "bom"
