"""Writing orders: lines, meta, payment, notes, refunds, and what happens to the stock (section 5)."""

from decimal import Decimal
from typing import Any

import pytest

from pomost.sandbox.woocommerce import Settings, Shop

from .conftest import Caller, Clock


def line_of(order: Any, place: int = 0) -> dict[str, Any]:
    return dict(order["line_items"][place])


def test_an_empty_order_is_accepted(call: Caller) -> None:
    made = call("POST", "/orders", body={})
    assert (made["status"], made["total"], made["line_items"]) == ("pending", "0.00", [])


def test_an_unknown_sku_makes_a_nameless_line_that_costs_nothing(call: Caller) -> None:
    made = call("POST", "/orders", body={"line_items": [{"sku": "NIE-MA", "quantity": 2}]})
    assert {key: line_of(made)[key] for key in ("name", "product_id", "total", "sku")} == {
        "name": "",
        "product_id": 0,
        "total": "0.00",
        "sku": None,
    }


def test_stock_is_not_checked(shop: Shop, call: Caller) -> None:
    shop.set_stock("TOW-0005", 1)
    call("POST", "/orders", body={"status": "processing", "line_items": [{"product_id": 15, "quantity": 2}]})
    assert shop.stock("TOW-0005") == -1
    assert shop.product("TOW-0005")["stock_status"] == "outofstock"


def test_given_totals_override_the_price(call: Caller) -> None:
    sent = {"line_items": [{"product_id": 11, "quantity": 2, "subtotal": "40.00", "total": "30,00"}]}
    made = call("POST", "/orders", body=sent)
    assert (line_of(made)["total"], made["total"], made["discount_total"]) == ("30.00", "36.90", "10.00")


def test_a_line_with_id_is_changed_without_is_added_and_with_nothing_removed(
    shop: Shop, call: Caller
) -> None:
    number = shop.place(lines=[("TOW-0001", 2), ("TOW-0002", 1)])[0]
    one, two = (line["id"] for line in call.get(f"/orders/{number}")["line_items"])
    sent = {
        "line_items": [
            {"id": one, "quantity": 0},
            {"id": two, "name": "Inna"},
            {"product_id": 13, "quantity": 1},
        ]
    }
    found = call("PUT", f"/orders/{number}", body=sent)
    assert [line["name"] for line in found["line_items"]] == ["Inna", "Słuchawki bezprzewodowe"]
    found = call("PUT", f"/orders/{number}", body={"line_items": [{"id": two, "product_id": None}]})
    assert [line["product_id"] for line in found["line_items"]] == [13]
    assert shop.stock("TOW-0001") == 80
    strange = {"line_items": [{"id": 99_999, "quantity": 1}]}
    assert call.refused("PUT", f"/orders/{number}", body=strange) == (400, "woocommerce_rest_invalid_item_id")


def test_quantity_alone_leaves_the_money_and_moves_the_stock(shop: Shop, call: Caller) -> None:
    number = shop.place(lines=[("TOW-0001", 2)])[0]
    before = call.get(f"/orders/{number}")
    line = line_of(before)
    found = call("PUT", f"/orders/{number}", body={"line_items": [{"id": line["id"], "quantity": 5}]})
    assert (line_of(found)["quantity"], line_of(found)["total"], found["total"]) == (
        5,
        line["total"],
        before["total"],
    )
    assert shop.stock("TOW-0001") == 75


def test_unknown_fields_are_dropped_without_a_word(shop: Shop, call: Caller) -> None:
    number = shop.place()[0]
    found = call(
        "PUT", f"/orders/{number}", body={"billing": {"nip": "1234563218", "city": "Łódź"}, "paid": True}
    )
    assert "nip" not in found["billing"]
    assert (found["billing"]["city"], found["billing"]["last_name"]) == ("Łódź", "Kowalski")


def test_an_order_in_the_trash_is_returned_and_a_status_takes_it_out(shop: Shop, call: Caller) -> None:
    number = shop.place()[0]
    shop.trash(number)
    assert call.get(f"/orders/{number}")["status"] == "trash"
    assert call("PUT", f"/orders/{number}", body={"status": "completed"})["status"] == "completed"


def test_meta_is_written_by_key_by_id_and_deleted_by_null(shop: Shop, call: Caller) -> None:
    number = shop.place(nip="1234563218")[0]

    def put(*entries: dict[str, Any]) -> list[tuple[str, Any]]:
        found = call("PUT", f"/orders/{number}", body={"meta_data": list(entries)})
        own = [entry for entry in found["meta_data"] if entry["key"].startswith(("_erp", "_billing"))]
        return [(entry["key"], entry["value"]) for entry in own]

    twice = put({"key": "_erp_no", "value": "1"}, {"key": "_erp_no", "value": "2"})
    assert twice == [("_billing_nip", "1234563218"), ("_erp_no", "2")]
    nip = next(one for one in call.get(f"/orders/{number}")["meta_data"] if one["key"] == "_billing_nip")
    assert put({"id": nip["id"], "value": {"a": [1, 2.5]}})[0] == ("_billing_nip", {"a": [1, 2.5]})
    assert put({"key": "_billing_nip", "value": None}) == [("_erp_no", "2")]


@pytest.mark.parametrize(
    ("payment", "status", "write", "after", "paid"),
    [
        ("przelewy24", "pending", {"status": "processing"}, "processing", True),
        ("przelewy24", "pending", {"set_paid": True}, "processing", True),
        ("przelewy24", "failed", {"set_paid": True}, "processing", True),
        ("bacs", "on-hold", {"set_paid": True}, "on-hold", False),
        ("bacs", "on-hold", {"status": "processing"}, "processing", True),
        ("cod", "processing", {"status": "completed"}, "completed", True),
        ("cod", "processing", {"date_paid": "2026-11-22T05:18:18"}, "processing", False),
    ],
)
def test_how_a_payment_is_booked_later(
    shop: Shop, call: Caller, payment: str, status: str, write: dict[str, Any], after: str, paid: bool
) -> None:
    number = shop.place(payment=payment, status=status, paid=False)[0]
    assert call.get(f"/orders/{number}")["date_paid"] is None
    found = call("PUT", f"/orders/{number}", body=write)
    assert (found["status"], found["date_paid"] is not None) == (after, paid)


@pytest.mark.parametrize(
    ("statuses", "left"),
    [
        (["pending"], 10),
        (["processing"], 8),
        (["on-hold"], 8),
        (["completed"], 8),
        (["processing", "completed"], 8),
        (["processing", "cancelled"], 10),
        (["processing", "cancelled", "processing"], 8),
        (["processing", "pending"], 10),
        (["processing", "failed"], 8),
        (["processing", "refunded"], 8),
        (["processing", "trash"], 8),
        (["cancelled"], 10),
    ],
    ids=" ".join,
)
def test_the_status_table_of_the_stock(shop: Shop, call: Caller, statuses: list[str], left: int) -> None:
    shop.set_stock("TOW-0001", 10)
    made = call("POST", "/orders", body={"line_items": [{"product_id": 11, "quantity": 2}]})
    for status in statuses:
        if status == "trash":
            call("DELETE", f"/orders/{made['id']}")
        else:
            call("PUT", f"/orders/{made['id']}", body={"status": status})
    assert shop.stock("TOW-0001") == left


def test_deletion_for_good_does_not_put_goods_back(shop: Shop, call: Caller) -> None:
    number = shop.place(lines=[("TOW-0001", 2)])[0]
    call("DELETE", f"/orders/{number}", {"force": "true"})
    assert shop.stock("TOW-0001") == 78


def test_a_note_to_the_customer_is_mailed_and_moves_no_date(shop: Shop, call: Caller, clock: Clock) -> None:
    number = shop.place()[0]
    before = call.get(f"/orders/{number}")["date_modified_gmt"]
    clock.pass_s(30)
    call("POST", f"/orders/{number}/notes", body={"note": "Faktura FS 1", "customer_note": True})
    private = call("POST", f"/orders/{number}/notes", body={"note": "do ERP"})
    assert [mail.text for mail in shop.mails if mail.kind == "customer_note"] == ["Faktura FS 1"]
    assert call.get(f"/orders/{number}")["date_modified_gmt"] == before
    assert len(call.get(f"/orders/{number}/notes", type="customer")) == 1
    path = f"/orders/{number}/notes/{private['id']}"
    assert call.refused("DELETE", path) == (501, "woocommerce_rest_trash_not_supported")
    call("DELETE", path, {"force": "true"})
    assert len(call.get(f"/orders/{number}/notes")) == 3


def test_statuses_mail_the_buyer(shop: Shop, call: Caller) -> None:
    number = shop.place()[0]
    call("PUT", f"/orders/{number}", body={"status": "completed"})
    kinds = [mail.kind for mail in shop.mails if mail.order_id == number]
    assert kinds == ["customer_processing_order", "new_order", "customer_completed_order"]


def test_mails_can_be_asked_for(shop: Shop, call: Caller) -> None:
    number = shop.place()[0]
    names = {one["id"] for one in call.get(f"/orders/{number}/actions/email_templates")}
    assert "customer_invoice" in names
    call("POST", f"/orders/{number}/actions/send_email", body={"template_id": "customer_invoice"})
    call("POST", f"/orders/{number}/actions/send_order_details")
    assert [mail.kind for mail in shop.mails][-2:] == ["customer_invoice"] * 2
    assert call("POST", f"/orders/{number}/receipt")["receipt_url"].startswith(shop.url)


def refund(call: Caller, number: int, **sent: Any) -> Any:
    return call("POST", f"/orders/{number}/refunds", body={"api_refund": False, **sent})


def test_a_refund_of_goods_returns_them_and_the_amount_may_be_left_out(shop: Shop, call: Caller) -> None:
    order = call.get(f"/orders/{shop.place(lines=[('TOW-0001', 3)])[0]}")
    line = line_of(order)
    back = {
        "id": line["id"],
        "quantity": 1,
        "refund_total": 24.38,
        "refund_tax": [{"id": 1, "refund_total": 5.61}],
    }
    made = refund(call, order["id"], line_items=[back])
    assert (made["amount"], made["line_items"][0]["quantity"]) == ("29.99", -1)
    assert shop.stock("TOW-0001") == 78
    found = call.get(f"/orders/{order['id']}")
    assert (found["status"], found["total"], found["refunds"][0]["total"]) == (
        "processing",
        order["total"],
        "-29.99",
    )
    shop.cancel(order["id"])
    assert shop.stock("TOW-0001") == 80


def test_goods_stay_out_when_no_restock_is_wished(shop: Shop, call: Caller) -> None:
    order = call.get(f"/orders/{shop.place(lines=[('TOW-0001', 3)])[0]}")
    refund(
        call,
        order["id"],
        api_restock=False,
        line_items=[{"id": line_of(order)["id"], "quantity": 3, "refund_total": 1}],
    )
    assert shop.stock("TOW-0001") == 77


def test_the_last_refund_makes_the_order_refunded_and_more_is_refused(shop: Shop, call: Caller) -> None:
    number = shop.place()[0]
    total = Decimal(shop.order(number)["total"])
    refund(call, number, amount=str(total - 1), reason="większość")
    assert shop.order(number)["status"] == "processing"
    too_much = {"amount": "1.01", "api_refund": False}
    refused = call.send("POST", f"/orders/{number}/refunds", body=too_much)
    assert (refused.status_code, refused.json()["code"]) == (
        500,
        "woocommerce_rest_cannot_create_order_refund",
    )
    assert refused.json()["data"] == 500
    last = refund(call, number, amount="1.00")
    assert shop.order(number)["status"] == "refunded"
    assert len(call.get("/refunds")) == 2
    call("DELETE", f"/orders/{number}/refunds/{last['id']}", {"force": "true"})
    assert len(shop.refunds(number)) == 1


def test_a_refund_moves_the_date_of_the_order(shop: Shop, call: Caller, clock: Clock) -> None:
    number = shop.place()[0]
    clock.pass_s(60)
    refund(call, number, amount="1.00")
    assert call.ids("/orders", modified_after="2026-11-22T04:19:00Z") == [number]
    assert len(call.get("/refunds", modified_after="2026-11-22T04:19:00Z")) == 1


def test_a_fee_below_zero_is_a_discount_and_lowers_the_vat(shop: Shop) -> None:
    plain, less = (shop.order(shop.place(fee=fee)[0]) for fee in (None, ("Program lojalnościowy", "-10.00")))
    assert Decimal(plain["total"]) - Decimal(less["total"]) == 10
    assert Decimal(less["total_tax"]) < Decimal(plain["total_tax"])


def test_a_coupon_of_an_amount_is_spread_over_the_lines(shop: Shop) -> None:
    order = shop.order(shop.place(lines=[("TOW-0001", 3), ("TOW-0019", 1)], coupon="MINUS20")[0])
    bought = Decimal("29.99") * 3 + 89
    gross = sum(Decimal(line["total"]) + Decimal(line["total_tax"]) for line in order["line_items"])
    assert bought - gross == 20
    assert order["coupon_lines"][0]["discount_type"] == "fixed_cart"


def test_an_exempt_company_abroad_pays_no_vat(shop: Shop) -> None:
    order = shop.order(
        shop.place(country="DE", nip="DE111111125", vat_exempt=True, currency="EUR", shipping="abroad")[0]
    )
    assert (order["tax_lines"], order["total_tax"], order["line_items"][0]["taxes"]) == ([], "0.00", [])


def test_a_consumer_abroad_pays_the_vat_of_the_country_where_the_shop_has_it(clock: Clock) -> None:
    order_of = {}
    for oss in (True, False):
        shop = Shop(Settings(now=clock, oss_rates=oss))
        order_of[oss] = shop.order(shop.place(country="DE", currency="EUR", shipping="abroad")[0])
    assert [line["rate_code"] for line in order_of[True]["tax_lines"]] == ["DE-MWST. 19%-1"]
    assert order_of[False]["tax_lines"] == []


def test_a_shop_without_taxes_keeps_prices_as_typed(clock: Clock) -> None:
    shop = Shop(Settings(now=clock, calc_taxes=False))
    order = shop.order(shop.place(lines=[("TOW-0001", 2)], shipping="none")[0])
    assert (order["total"], order["total_tax"], order["tax_lines"]) == ("59.98", "0.00", [])


def test_a_shop_with_net_prices_misses_the_gross_the_buyer_saw(clock: Clock) -> None:
    shop = Shop(Settings(now=clock, prices_include_tax=False))
    order = shop.order(shop.place(lines=[("TOW-0016", 7)], shipping="none")[0])
    assert (order["prices_include_tax"], order["line_items"][0]["total"]) == (False, "24.43")
    seen = (Decimal("3.49") * Decimal("1.23")).quantize(Decimal("0.01"))
    assert seen * 7 != Decimal(order["total"])


def test_unpaid_orders_are_cancelled_by_the_shop_and_may_be_paid_later(shop: Shop, clock: Clock) -> None:
    number = shop.place(paid=False)[0]
    clock.pass_s(61 * 60)
    assert shop.cancel_unpaid() == [number]
    shop.pay(number)
    assert shop.order(number)["status"] == "processing"


def test_a_variation_is_a_line_with_its_own_sku_and_stock(shop: Shop, call: Caller) -> None:
    order = call.get(f"/orders/{shop.place(lines=[('KOSZ-BIA-S', 2)])[0]}")
    line = line_of(order)
    assert (line["product_id"], line["variation_id"], line["sku"]) == (40, 41, "KOSZ-BIA-S")
    assert (line["name"], line["parent_name"]) == ("Koszulka bawełniana - S, biały", "Koszulka bawełniana")
    assert [(one["display_key"], one["display_value"]) for one in line["meta_data"]][:1] == [("Rozmiar", "S")]
    assert shop.stock("KOSZ-BIA-S") == 3


def test_writes_tell_what_the_api_changed_and_not_what_people_did(shop: Shop, call: Caller) -> None:
    number = shop.place()[0]
    shop.cancel(number)
    assert shop.writes == []
    call("PUT", f"/orders/{number}", body={"status": "processing"})
    call("POST", "/products/batch", body={"update": [{"id": 11, "stock_quantity": 1}]})
    told = [(write.what, write.id, write.method, write.changed) for write in shop.writes]
    assert told == [
        ("order", number, "PUT", {"status": "processing"}),
        ("product", 11, "PUT", {"stock_quantity": 1}),
    ]
    assert [(one.method, one.path, one.status) for one in shop.calls] == [
        ("PUT", f"/wc/v3/orders/{number}", 200),
        ("POST", "/wc/v3/products/batch", 200),
    ]
