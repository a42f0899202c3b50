"""Webhooks delivered over real HTTP to a real receiver (section 9)."""

import base64
import hashlib
import hmac
import time

import pytest

from pomost.sandbox.woocommerce import Settings, Shop

from .conftest import Caller, Clock, Receiver

SECRET = "sekret-żółw"


def subscribe(call: Caller, receiver: Receiver, *topics: str) -> list[int]:
    made = []
    for topic in topics:
        sent = {
            "name": topic,
            "topic": topic,
            "delivery_url": receiver.url,
            "secret": SECRET,
            "status": "active",
        }
        made.append(call("POST", "/webhooks", body=sent)["id"])
    call.shop.settle()
    receiver.hits.clear()
    return made


def test_the_signature_is_over_the_raw_body(shop: Shop, call: Caller, receiver: Receiver) -> None:
    subscribe(call, receiver, "order.created")
    shop.place(address="ul. Łąkowa 3/4")
    shop.settle()
    [hit] = receiver.hits
    made = base64.b64encode(hmac.new(SECRET.encode(), hit.body, hashlib.sha256).digest()).decode()
    assert hit.headers["x-wc-webhook-signature"] == made
    assert b"3\\/4" in hit.body
    assert b"\\u0141" in hit.body


def test_a_delivery_carries_its_headers_and_the_order_as_the_api_shows_it(
    shop: Shop, call: Caller, receiver: Receiver
) -> None:
    [number] = subscribe(call, receiver, "order.created")
    order = shop.place()[0]
    shop.settle()
    [hit] = receiver.hits
    assert hit.data == call.get(f"/orders/{order}")
    wished = {
        "content-type": "application/json",
        "user-agent": "WooCommerce/9.9.5 Hookshot (WordPress/6.8.7)",
        "x-wc-webhook-source": f"{shop.url}/",
        "x-wc-webhook-topic": "order.created",
        "x-wc-webhook-resource": "order",
        "x-wc-webhook-event": "created",
        "x-wc-webhook-id": str(number),
    }
    assert {name: hit.headers[name] for name in wished} == wished


def test_a_new_order_fires_created_updated_and_its_products(
    shop: Shop, call: Caller, receiver: Receiver
) -> None:
    subscribe(call, receiver, "order.created", "order.updated", "product.updated")
    shop.place(lines=[("TOW-0001", 1), ("KOSZ-BIA-S", 1), ("TOW-0029", 1)])
    shop.settle()
    assert sorted(receiver.topics()) == [
        "order.created",
        "order.updated",
        "product.updated",
        "product.updated",
    ]
    kinds = {(hit.data["type"], hit.data["sku"]) for hit in receiver.of("product.updated")}
    assert kinds == {("simple", "TOW-0001"), ("variation", "KOSZ-BIA-S")}


def test_every_write_of_stock_fires_also_when_nothing_changed(
    shop: Shop, call: Caller, receiver: Receiver
) -> None:
    subscribe(call, receiver, "product.updated")
    for _ in range(2):
        call("PUT", "/products/11", body={"stock_quantity": 80})
        shop.settle()
    assert len(receiver.hits) == 2


def test_quick_changes_become_one_delivery_built_when_it_leaves(
    shop: Shop, call: Caller, receiver: Receiver
) -> None:
    subscribe(call, receiver, "order.created", "order.updated")
    shop.configure(webhook_delay_s=60)
    number = shop.place()[0]
    for status in ("on-hold", "processing", "on-hold", "processing", "completed"):
        call("PUT", f"/orders/{number}", body={"status": status})
    shop.settle()
    assert sorted(receiver.topics()) == ["order.created", "order.updated"]
    assert {hit.data["status"] for hit in receiver.hits} == {"completed"}


def test_notes_fire_nothing_and_drafts_neither(shop: Shop, call: Caller, receiver: Receiver) -> None:
    number = shop.place()[0]
    subscribe(call, receiver, "order.created", "order.updated")
    call("POST", f"/orders/{number}/notes", body={"note": "x"})
    shop.open_checkout()
    shop.settle()
    assert receiver.hits == []


def test_restoring_from_the_trash_fires_updated_only(shop: Shop, call: Caller, receiver: Receiver) -> None:
    subscribe(call, receiver, "order.updated", "order.restored", "order.deleted")
    number = shop.place()[0]
    shop.trash(number)
    shop.settle()
    receiver.hits.clear()
    shop.untrash(number)
    shop.settle()
    assert receiver.topics() == ["order.updated"]


def test_a_refund_arrives_as_a_changed_order(shop: Shop, call: Caller, receiver: Receiver) -> None:
    number = shop.place()[0]
    subscribe(call, receiver, "order.updated")
    shop.refund(number, amount="1.00")
    shop.settle()
    assert [hit.data["refunds"][0]["total"] for hit in receiver.hits] == ["-1.00"]


def test_topics_of_actions_carry_the_id_only(shop: Shop, call: Caller, receiver: Receiver) -> None:
    subscribe(call, receiver, "action.woocommerce_payment_complete")
    number = shop.place(payment="payu")[0]
    shop.settle()
    assert receiver.hits[0].data == {"action": "woocommerce_payment_complete", "arg": number}


def test_customers_coupons_and_products_have_their_topics(
    shop: Shop, call: Caller, receiver: Receiver
) -> None:
    subscribe(call, receiver, "customer.created", "coupon.created", "product.created", "product.deleted")
    customer = call("POST", "/customers", body={"email": "nowa@example.test"})["id"]
    call("POST", "/coupons", body={"code": "NOWY", "amount": "5"})
    product = call("POST", "/products", body={"name": "Nowość"})["id"]
    call("DELETE", f"/products/{product}")
    shop.settle()
    found = {hit.topic: hit.data["id"] for hit in receiver.hits}
    assert found["customer.created"] == customer
    assert found["product.created"] == found["product.deleted"] == product
    assert "coupon.created" in found


def test_webhooks_are_checked_when_they_are_made(shop: Shop, call: Caller) -> None:
    sent = {"topic": "order.paid", "delivery_url": "http://127.0.0.1:1/hook"}
    assert call.refused("POST", "/webhooks", body=sent) == (
        400,
        "woocommerce_rest_shop_webhook_invalid_topic",
    )
    made = call("POST", "/webhooks", body={**sent, "topic": "order.created"})
    assert made["status"] == "active"
    assert "secret" not in made
    assert len(shop.hooks()[0]["secret"]) > 20
    assert call.refused("DELETE", f"/webhooks/{made['id']}") == (501, "woocommerce_rest_trash_not_supported")
    call("DELETE", f"/webhooks/{made['id']}", {"force": "true"})
    assert call.get("/webhooks") == []


def test_a_change_of_the_address_is_pinged_and_another_is_not(
    shop: Shop, call: Caller, receiver: Receiver
) -> None:
    [number] = subscribe(call, receiver, "order.created")
    call("PUT", f"/webhooks/{number}", body={"name": "inna"})
    shop.settle()
    assert receiver.topics() == []
    call("PUT", f"/webhooks/{number}", body={"delivery_url": receiver.url + "2"})
    shop.settle()
    assert receiver.topics() == ["ping"]


def test_a_paused_webhook_loses_what_happens_meanwhile(shop: Shop, call: Caller, receiver: Receiver) -> None:
    [number] = subscribe(call, receiver, "order.created")
    call("PUT", f"/webhooks/{number}", body={"status": "paused"})
    shop.place()
    call("PUT", f"/webhooks/{number}", body={"status": "active"})
    shop.settle()
    assert receiver.hits == []
    assert [one["id"] for one in call.get("/webhooks", status="active")] == [number]


@pytest.mark.parametrize(("status", "failures"), [(200, 0), (204, 0), (302, 0), (303, 1), (401, 1), (500, 1)])
def test_what_counts_as_a_failure(
    shop: Shop, call: Caller, receiver: Receiver, status: int, failures: int
) -> None:
    subscribe(call, receiver, "order.created")
    receiver.status = status
    shop.place()
    shop.settle()
    assert shop.hooks()[0]["failures"] == failures
    assert shop.deliveries[-1].status == status


def test_a_success_resets_the_counter(shop: Shop, call: Caller, receiver: Receiver) -> None:
    subscribe(call, receiver, "order.created")
    for status in (500, 500, 200):
        receiver.status = status
        shop.place()
        shop.settle()
    assert shop.hooks()[0]["failures"] == 0


def test_the_queue_waits_for_somebody_to_drive_it(shop: Shop, call: Caller, receiver: Receiver) -> None:
    subscribe(call, receiver, "order.created")
    shop.configure(action_scheduler=False)
    shop.place(3)
    time.sleep(0.2)
    assert receiver.hits == []
    assert shop.run_queue() == 3
    assert len(receiver.hits) == 3


def test_without_a_filter_private_addresses_are_not_called(clock: Clock, receiver: Receiver) -> None:
    with Shop(Settings(now=clock, basic_over_http=True, private_delivery=False)) as shop:
        caller = Caller(shop)
        with caller.http:
            sent = {"topic": "order.created", "delivery_url": receiver.url, "secret": SECRET}
            caller("POST", "/webhooks", body=sent)
            shop.place()
            shop.settle()
            assert receiver.hits == []
            assert shop.hooks()[0]["failures"] == 1


def test_late_deliveries_come_late(shop: Shop, call: Caller, receiver: Receiver) -> None:
    subscribe(call, receiver, "order.created")
    shop.misbehave("webhook-late", seconds=0.4)
    first, second = shop.place(2)
    deadline = time.monotonic() + 10
    while len(receiver.hits) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert [hit.data["id"] for hit in receiver.hits] == [second, first]


def test_deliveries_are_dropped_doubled_and_reordered_on_request(
    shop: Shop, call: Caller, receiver: Receiver
) -> None:
    subscribe(call, receiver, "order.created")
    shop.misbehave("webhook-dropped", "order.created")
    shop.misbehave("webhook-doubled", "order.created")
    dropped = shop.place()[0]
    doubled = shop.place()[0]
    shop.settle()
    found = [hit.data["id"] for hit in receiver.hits]
    # The first order meets both faults: dropped it is dropped, and the doubling is used up with it or waits.
    assert dropped not in found
    assert doubled in found
    receiver.hits.clear()
    shop.misbehave("webhook-reordered", times=8)
    numbers = shop.place(8)
    shop.settle()
    found = [hit.data["id"] for hit in receiver.hits]
    assert sorted(found) == numbers
    assert found != numbers


def test_a_doubled_delivery_is_the_same_twice(shop: Shop, call: Caller, receiver: Receiver) -> None:
    subscribe(call, receiver, "order.created")
    shop.misbehave("webhook-doubled")
    shop.place()
    shop.settle()
    one, two = receiver.hits
    assert (one.body, one.headers) == (two.body, two.headers)


def test_a_webhook_is_switched_off_by_the_shop(shop: Shop, call: Caller, receiver: Receiver) -> None:
    [number] = subscribe(call, receiver, "order.created")
    shop.misbehave("webhook-disabled")
    shop.place(2)
    shop.settle()
    assert receiver.hits == []
    assert call.get(f"/webhooks/{number}")["status"] == "disabled"
