"""The twenty things that break integrations (section 1 of the reference): the shop really does each of them."""

from collections import Counter
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal

from pomost.sandbox.woocommerce import Shop

from .conftest import Caller, Clock, Receiver

CENT = Decimal("0.01")


def hook(call: Caller, receiver: Receiver, topic: str, secret: str = "s") -> int:
    sent = {"name": topic, "topic": topic, "delivery_url": receiver.url, "secret": secret}
    return int(call("POST", "/webhooks", body=sent)["id"])


def test_1_deliveries_of_one_second_share_their_id(
    shop: Shop, call: Caller, receiver: Receiver, clock: Clock
) -> None:
    hook(call, receiver, "order.created")
    shop.place(12)
    shop.settle()
    burst = {hit.headers["x-wc-webhook-delivery-id"] for hit in receiver.of("order.created")}
    assert (len(receiver.of("order.created")), len(burst)) == (12, 1)
    clock.pass_s(1)
    shop.place()
    shop.settle()
    assert receiver.hits[-1].headers["x-wc-webhook-delivery-id"] not in burst


def test_2_a_delivery_may_carry_an_error_instead_of_an_order(
    shop: Shop, call: Caller, receiver: Receiver
) -> None:
    shop.configure(webhook_delay_s=60)
    hook(call, receiver, "order.created")
    shop.delete(shop.place()[0])
    shop.settle()
    [hit] = receiver.of("order.created")
    assert hit.data == {
        "code": "woocommerce_rest_shop_order_invalid_id",
        "message": "Invalid ID.",
        "data": {"status": 404},
    }
    assert hit.headers["x-wc-webhook-signature"]


def test_3_the_ping_is_a_form_without_signature_or_topic(
    shop: Shop, call: Caller, receiver: Receiver
) -> None:
    number = hook(call, receiver, "order.created")
    shop.settle()
    [ping] = receiver.hits
    assert ping.body == f"webhook_id={number}".encode()
    assert ping.headers["content-type"] == "application/x-www-form-urlencoded"
    assert not [name for name in ping.headers if name.startswith("x-wc-")]


def test_4_a_failed_delivery_is_never_repeated_and_the_seventh_in_a_row_ends_it(
    shop: Shop, call: Caller, receiver: Receiver
) -> None:
    number = hook(call, receiver, "order.created")
    receiver.status = 500
    statuses = []
    for _ in range(8):
        shop.place()
        shop.settle()
        statuses.append(call.get(f"/webhooks/{number}")["status"])
    assert statuses == ["active"] * 6 + ["disabled"] * 2
    assert len(receiver.of("order.created")) == 7
    receiver.status = 200
    call("PUT", f"/webhooks/{number}", body={"status": "active"})
    shop.settle()
    assert len(receiver.of("order.created")) == 7


def test_5_writing_the_same_value_again_moves_the_date_and_fires(
    shop: Shop, call: Caller, receiver: Receiver, clock: Clock
) -> None:
    hook(call, receiver, "order.updated")
    number = shop.place()[0]
    same = {"meta_data": [{"key": "_erp_order_no", "value": "ZK 1"}]}
    call("PUT", f"/orders/{number}", body=same)
    shop.settle()
    before, fired = call.get(f"/orders/{number}")["date_modified_gmt"], len(receiver.of("order.updated"))
    clock.pass_s(5)
    call("PUT", f"/orders/{number}", body=same)
    shop.settle()
    assert call.get(f"/orders/{number}")["date_modified_gmt"] > before
    assert len(receiver.of("order.updated")) == fired + 1


def test_6_a_moment_without_zone_is_local_time(shop: Shop, call: Caller, clock: Clock) -> None:
    number = shop.place()[0]
    order = call.get(f"/orders/{number}")
    assert (order["date_modified"], order["date_modified_gmt"]) == (
        "2026-11-22T05:18:18",
        "2026-11-22T04:18:18",
    )
    local, utc = order["date_modified"], order["date_modified_gmt"]
    assert call.ids("/orders", modified_after=utc) == [number]
    assert call.ids("/orders", modified_after=local) == []
    assert call.ids("/orders", modified_after=f"{utc}Z") == []
    assert call.ids("/orders", modified_after=f"{utc}+00:00") == []
    assert call.ids("/orders", modified_after=utc, dates_are_gmt="true") == []
    assert call.ids("/orders", modified_after=f"{utc}Z", dates_are_gmt="true") == []


def test_7_modified_after_is_strict_and_knows_whole_seconds(shop: Shop, call: Caller, clock: Clock) -> None:
    earlier = shop.place(4)
    clock.pass_s(0.4)
    later = shop.place(2)
    clock.pass_s(1)
    last = shop.place(4)
    stamp = call.get(f"/orders/{earlier[0]}")["date_modified_gmt"]
    second_before = datetime.fromtimestamp(1_795_321_097, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    after = call.ids("/orders", modified_after=stamp, dates_are_gmt="true", per_page=100)
    assert sorted(after) == last
    all_of_them = call.ids("/orders", modified_after=second_before, dates_are_gmt="true", per_page=100)
    assert sorted(all_of_them) == [*earlier, *later, *last]


def test_8_an_unknown_parameter_is_ignored(shop: Shop, call: Caller) -> None:
    numbers = shop.place(3)
    assert sorted(call.ids("/orders", **{"modified-after": "2099-01-01T00:00:00"})) == numbers
    assert call.ids("/orders", modified_after="2099-01-01T00:00:00") == []


def test_9_the_list_holds_baskets_at_the_checkout_and_no_trash(shop: Shop, call: Caller) -> None:
    kept, thrown = shop.place(2)
    draft = shop.open_checkout()
    shop.trash(thrown)
    assert sorted(call.ids("/orders")) == [kept, draft]
    assert call.ids("/orders", status="processing,on-hold,completed") == [kept]
    assert call.ids("/orders", status="trash") == [thrown]
    assert shop.finish_checkout(draft, lines=[("TOW-0002", 1)]) == draft
    assert call.get(f"/orders/{draft}")["status"] == "processing"


def test_10_rounded_net_unit_prices_miss_line_totals_but_gross_lines_make_the_total(
    shop: Shop, call: Caller
) -> None:
    varied = Shop(shop.settings, seed=7)
    off = 0
    for number in varied.place(60):
        order = varied.order(number)
        gross = Decimal(0)
        for line in order["line_items"]:
            unit = (Decimal(line["total"]) / line["quantity"]).quantize(CENT, ROUND_HALF_UP)
            off += unit * line["quantity"] != Decimal(line["total"])
        for line in (*order["line_items"], *order["shipping_lines"], *order["fee_lines"]):
            gross += Decimal(line["total"]) + Decimal(line["total_tax"])
        assert gross == Decimal(order["total"]), number
    assert off > 20


def test_11_vat_summed_per_line_differs_from_vat_of_the_gross_sum(shop: Shop) -> None:
    varied = Shop(shop.settings, seed=11)
    differences = []
    for number in varied.place(120):
        order = varied.order(number)
        for rate in order["tax_lines"]:
            lines = (*order["line_items"], *order["fee_lines"])
            mine = [line for line in lines if [tax["id"] for tax in line["taxes"]] == [rate["rate_id"]]]
            gross = sum((Decimal(one["total"]) + Decimal(one["total_tax"]) for one in mine), Decimal(0))
            statutory = (gross * rate["rate_percent"] / (100 + rate["rate_percent"])).quantize(
                CENT, ROUND_HALF_UP
            )
            differences.append(abs(Decimal(rate["tax_total"]) - statutory))
    assert sum(one == CENT for one in differences) >= 5
    assert max(differences) == CENT


def test_12_the_sku_of_a_line_is_live_and_gone_with_the_product(shop: Shop, call: Caller) -> None:
    number = shop.place(lines=[("TOW-0001", 2)])[0]
    before = call.get(f"/orders/{number}")["line_items"][0]
    shop.edit_product("TOW-0001", sku="NOWY-1", name="Inna nazwa")
    renamed = call.get(f"/orders/{number}")["line_items"][0]
    assert (renamed["sku"], renamed["name"]) == ("NOWY-1", before["name"])
    shop.remove_product("NOWY-1")
    gone = call.get(f"/orders/{number}")["line_items"][0]
    assert (gone["product_id"], gone["sku"], gone["name"], gone["total"]) == (
        0,
        None,
        before["name"],
        before["total"],
    )


def test_13_set_paid_does_nothing_to_an_order_on_hold_and_reports_success(shop: Shop, call: Caller) -> None:
    number = shop.place(payment="bacs")[0]
    found = call("PUT", f"/orders/{number}", body={"set_paid": True})
    assert (found["status"], found["date_paid"]) == ("on-hold", None)
    found = call("PUT", f"/orders/{number}", body={"status": "processing"})
    assert found["date_paid_gmt"] == "2026-11-22T04:18:18"


def test_14_a_refund_asks_the_gateway_for_the_money_unless_told_otherwise(shop: Shop, call: Caller) -> None:
    by_payu, by_cash = shop.place(payment="payu")[0], shop.place(payment="cod")[0]
    call("POST", f"/orders/{by_payu}/refunds", body={"amount": "5.00"})
    assert shop.gateway_refunds == [(by_payu, Decimal("5.00"))]
    refused = call.refused("POST", f"/orders/{by_cash}/refunds", body={"amount": "5.00"})
    assert refused == (500, "woocommerce_rest_cannot_create_order_refund")
    call("POST", f"/orders/{by_cash}/refunds", body={"amount": "5.00", "api_refund": False})
    assert len(shop.gateway_refunds) == 1


def test_15_the_status_refunded_makes_a_refund_and_returns_no_goods(shop: Shop, call: Caller) -> None:
    number = shop.place(lines=[("TOW-0001", 2)])[0]
    left = shop.stock("TOW-0001")
    order = call("PUT", f"/orders/{number}", body={"status": "refunded"})
    [refund] = call.get(f"/orders/{number}/refunds")
    assert (refund["amount"], refund["line_items"]) == (order["total"], [])
    assert shop.stock("TOW-0001") == left


def test_16_deletion_for_good_tells_nobody_and_the_trash_does(
    shop: Shop, call: Caller, receiver: Receiver
) -> None:
    for topic in ("order.deleted", "order.updated"):
        hook(call, receiver, topic)
    thrown, deleted = shop.place(2)
    shop.settle()
    receiver.hits.clear()
    shop.delete(deleted)
    call("DELETE", f"/orders/{thrown}")
    shop.settle()
    assert [(hit.topic, hit.data) for hit in receiver.hits] == [("order.deleted", {"id": thrown})]


def test_17_the_same_post_twice_makes_two_orders_and_created_via_finds_them(shop: Shop, call: Caller) -> None:
    sent = {"created_via": "erp-ZK-12-2026", "line_items": [{"product_id": 11}]}
    twice = [call("POST", "/orders", body=sent)["id"] for _ in range(2)]
    shop.place()
    assert len(set(twice)) == 2
    assert sorted(call.ids("/orders", created_via="erp-ZK-12-2026")) == twice


def test_18_a_batch_answers_200_although_items_failed(call: Caller) -> None:
    sent = {"create": [{"sku": "TOW-0001"}], "update": [{"id": 1039}, {"id": 12, "stock_quantity": 3}]}
    answer = call.send("POST", "/products/batch", body=sent)
    assert answer.status_code == 200
    created, updated = answer.json()["create"], answer.json()["update"]
    assert (created[0]["id"], created[0]["error"]["code"]) == (0, "product_invalid_sku")
    assert (updated[0]["id"], updated[0]["error"]["data"]) == (1039, {"status": 400})
    assert updated[1]["stock_quantity"] == 3


def test_19_stock_written_wipes_out_sales_made_meanwhile(shop: Shop, call: Caller) -> None:
    read = call.get("/products", sku="TOW-0005")[0]
    shop.place(lines=[("TOW-0005", 4)])
    assert shop.stock("TOW-0005") == read["stock_quantity"] - 4
    call("PUT", f"/products/{read['id']}", body={"stock_quantity": read["stock_quantity"]})
    assert shop.stock("TOW-0005") == read["stock_quantity"]


def test_20_tax_numbers_and_lockers_lie_under_many_keys(shop: Shop) -> None:
    keys: Counter[str] = Counter()
    varied = Shop(shop.settings, seed=3)
    for number in varied.place(300):
        order = varied.order(number)
        assert "nip" not in order["billing"]
        keys.update(entry["key"] for entry in order["meta_data"])
    assert len({key for key in keys if "nip" in key.lower() or "vat" in key}) >= 8
    assert {"_parcel_machine_id", "_furgonetkaPoint", "_paczkomat_id", "apaczka_delivery_point"} <= set(keys)
