"""What the shop answers has the keys, the types and, for the same orders, the amounts of the samples."""

import json
from typing import Any

import pytest

from pomost.sandbox.woocommerce import Shop

from .conftest import Caller, Receiver, sample

ORDERS = (
    "order_paid_locker",
    "order_company_nip",
    "order_cod_three_rates_fee",
    "order_coupon",
    "order_eur_vat_exempt",
    "order_partially_refunded",
)
FROZEN = ("name", "quantity", "tax_class", "subtotal", "subtotal_tax", "total", "total_tax", "sku", "price")
SUMS = ("discount_total", "discount_tax", "shipping_total", "shipping_tax", "cart_tax", "total", "total_tax")
REFUND: dict[str, Any] = {"amount": "6.98", "reason": "Zwrot 2 długopisów", "api_refund": False}


def kind(value: Any) -> Any:
    """Keys and types all the way down; of lists the shape of the first entry."""
    if isinstance(value, dict):
        return {key: kind(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [kind(value[0])] if value else []
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "number"
    return type(value).__name__


def unlike(wished: Any, found: Any, where: str = "") -> list[str]:
    """Where two shapes differ; an empty list is like any list."""
    if isinstance(wished, dict) and isinstance(found, dict):
        missing = [f"{where}.{key} is missing" for key in wished.keys() - found.keys()]
        extra = [f"{where}.{key} is too much" for key in found.keys() - wished.keys()]
        inner = [
            one
            for key in wished.keys() & found.keys()
            for one in unlike(wished[key], found[key], f"{where}.{key}")
        ]
        return missing + extra + inner
    if isinstance(wished, list) and isinstance(found, list):
        return unlike(wished[0], found[0], f"{where}[]") if wished and found else []
    return [] if wished == found else [f"{where}: {wished} but {found}"]


def same_shape(wished: Any, found: Any) -> None:
    assert unlike(kind(wished), kind(found)) == []


def as_sent(order: Any) -> dict[str, Any]:
    """What one would POST to get such an order."""
    texts = (
        "currency",
        "billing",
        "shipping",
        "payment_method",
        "payment_method_title",
        "transaction_id",
        "customer_note",
    )
    return {
        **{name: order[name] for name in texts},
        "customer_id": order["customer_id"],
        "meta_data": [{"key": one["key"], "value": one["value"]} for one in order["meta_data"]],
        "line_items": [{"sku": one["sku"], "quantity": one["quantity"]} for one in order["line_items"]],
        "shipping_lines": [
            {name: one[name] for name in ("method_id", "method_title", "instance_id", "total")}
            for one in order["shipping_lines"]
        ],
        "fee_lines": [
            {name: one[name] for name in ("name", "total", "tax_class")} for one in order["fee_lines"]
        ],
        "coupon_lines": [{"code": one["code"]} for one in order["coupon_lines"]],
        **({"set_paid": True} if order["date_paid"] else {"status": order["status"]}),
    }


@pytest.mark.parametrize("name", ORDERS)
def test_the_orders_of_the_samples_come_out_with_the_same_shape_and_amounts(
    shop: Shop, call: Caller, name: str
) -> None:
    shop.add_customer("anna.nowak@example.test", first_name="Anna", last_name="Nowak")
    wished = sample(name)
    made = call("POST", "/orders", body=as_sent(wished))
    if wished["refunds"]:
        pens = next(one for one in made["line_items"] if one["sku"] == "TOW-0016")
        line = {
            "id": pens["id"],
            "quantity": 2,
            "refund_total": 5.67,
            "refund_tax": [{"id": 1, "refund_total": 1.31}],
        }
        call("POST", f"/orders/{made['id']}/refunds", body={**REFUND, "line_items": [line]})
    found = call.get(f"/orders/{made['id']}")
    same_shape(wished, found)
    assert {name: found[name] for name in SUMS} == {name: wished[name] for name in SUMS}
    for theirs, ours in zip(wished["line_items"], found["line_items"], strict=True):
        assert [ours[name] for name in FROZEN] == [theirs[name] for name in FROZEN]
        assert [(one["total"], one["subtotal"]) for one in ours["taxes"]] == [
            (one["total"], one["subtotal"]) for one in theirs["taxes"]
        ]
        assert [(one["key"], one["value"]) for one in ours["meta_data"]] == [
            (one["key"], one["value"]) for one in theirs["meta_data"]
        ]
    for theirs, ours in zip(wished["tax_lines"], found["tax_lines"], strict=True):
        assert {**ours, "id": 0} == {**theirs, "id": 0}
    for lines in ("shipping_lines", "fee_lines"):
        for theirs, ours in zip(wished[lines], found[lines], strict=True):
            assert {**ours, "id": 0} == {**theirs, "id": 0}
    assert [one["total"] for one in found["refunds"]] == [one["total"] for one in wished["refunds"]]


def test_a_refund_looks_like_that_of_the_sample(shop: Shop, call: Caller) -> None:
    made = call("POST", "/orders", body=as_sent(sample("order_partially_refunded")))
    pens = next(one for one in made["line_items"] if one["sku"] == "TOW-0016")
    line = {
        "id": pens["id"],
        "quantity": 2,
        "refund_total": 5.67,
        "refund_tax": [{"id": 1, "refund_total": 1.31}],
    }
    call("POST", f"/orders/{made['id']}/refunds", body={**REFUND, "line_items": [line]})
    [found], [wished] = call.get(f"/orders/{made['id']}/refunds"), sample("order_refunds")
    same_shape(wished, found)
    assert [found["line_items"][0][name] for name in FROZEN] == [
        wished["line_items"][0][name] for name in FROZEN
    ]
    assert (found["amount"], found["refunded_payment"]) == ("6.98", False)


def test_notes_and_statuses_look_like_those_of_the_samples(shop: Shop, call: Caller) -> None:
    [number] = shop.place()
    found = call.get(f"/orders/{number}/notes")
    same_shape(sample("order_notes"), found)
    assert found[-1]["note"] == "Order status changed from Pending payment to Processing."
    assert "&rarr;" in found[0]["note"]
    assert call.get("/orders/statuses") == sample("order_statuses")


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("product_simple", "/products/13"),
        ("product_variable", "/products/40"),
        ("variation", "/products/40/variations/41"),
        ("coupon", "/coupons/50"),
    ],
)
def test_what_the_shop_has_from_the_start_looks_like_the_samples(call: Caller, name: str, path: str) -> None:
    wished, found = sample(name), call.get(path)
    same_shape(wished, found)
    for key in (
        "sku",
        "price",
        "regular_price",
        "sale_price",
        "tax_class",
        "code",
        "amount",
        "price_html",
        "slug",
        "name",
    ):
        assert found.get(key) == wished.get(key)


def test_tax_rates_are_those_of_the_sample(call: Caller) -> None:
    found, wished = call.get("/taxes"), sample("taxes")
    assert [{**one, "_links": 0} for one in found] == [{**one, "_links": 0} for one in wished]
    same_shape(wished, found)


def test_a_customer_looks_like_that_of_the_sample(shop: Shop, call: Caller) -> None:
    wished = sample("customer")
    number = shop.add_customer(
        wished["email"], **{key: wished[key] for key in ("first_name", "last_name", "billing")}
    )
    found = call.get(f"/customers/{number}")
    same_shape(wished, found)
    assert (found["billing"], found["username"]) == (wished["billing"], wished["username"])


def test_a_batch_with_a_failure_looks_like_that_of_the_sample(call: Caller) -> None:
    wished = sample("products_batch_partial_failure")
    sent = {"update": [{"id": 1039, "stock_quantity": 3}, {"id": 11, "stock_quantity": 9}]}
    found = call("POST", "/products/batch", body=sent)
    assert found["update"][0] == wished["update"][0]
    assert {key: found["update"][1][key] for key in ("id", "sku", "stock_quantity", "stock_status")} == {
        key: wished["update"][1][key] for key in ("id", "sku", "stock_quantity", "stock_status")
    }


def test_a_webhook_and_its_deliveries_look_like_the_samples(
    shop: Shop, call: Caller, receiver: Receiver
) -> None:
    wished = sample("webhook_deliveries")
    for topic in ("order.created", "order.deleted"):
        sent = {"name": topic, "topic": topic, "delivery_url": receiver.url, "secret": wished["secret"]}
        hook = call("POST", "/webhooks", body=sent)
    same_shape(sample("webhook_resource"), hook)
    assert hook["hooks"] == sample("webhook_resource")["hooks"]
    [number] = shop.place(lines=[("TOW-0002", 1), ("TOW-0019", 2)], payment="cod", note="proszę dzwonić")
    shop.settle()
    shop.trash(number)
    shop.settle()
    for name, topic in (
        ("ping", "ping"),
        ("order_created", "order.created"),
        ("order_deleted", "order.deleted"),
    ):
        [hit] = receiver.of(topic)[:1]
        assert {key.lower() for key in wished[name]["headers"]} <= set(hit.headers)
        if topic != "ping":
            same_shape(json.loads(wished[name]["body"]), hit.data)
    created = receiver.of("order.created")[0].data
    theirs = json.loads(wished["order_created"]["body"])
    assert {name: created[name] for name in SUMS} == {name: theirs[name] for name in SUMS}
