"""Orders, lines, payments and statuses: the traps of sections 5 and 6."""

from typing import Any

import pytest

from pomost.sandbox.baselinker import Sandbox

from .conftest import START, Caller, Clock

NOW = int(START)
NEW, IN_WORK = 41001, 41003


def ids(answer: dict[str, Any]) -> list[int]:
    return [order["order_id"] for order in answer["orders"]]


def events(call: Caller, order_id: int) -> list[tuple[int, int]]:
    logs = call.done("getJournalList", order_id=order_id)["logs"]
    return [(log["log_type"], log["object_id"]) for log in logs]


def test_unconfirmed_orders_are_hidden_unless_asked_for(sandbox: Sandbox, call: Caller) -> None:
    seen, hidden = sandbox.place()[0], sandbox.place(confirmed=False)[0]
    assert ids(call.done("getOrders")) == [seen]
    assert ids(call.done("getOrders", order_id=hidden)) == []
    assert ids(call.done("getOrders", get_unconfirmed_orders=True)) == [seen, hidden]
    assert ids(call.done("getOrders", order_id=hidden, get_unconfirmed_orders="1")) == [hidden]
    assert sandbox.order(hidden)["date_confirmed"] == 0


def test_there_is_no_total_and_gated_fields_are_absent_without_their_flags(
    sandbox: Sandbox, call: Caller
) -> None:
    sandbox.place()
    plain = call.done("getOrders")["orders"][0]
    gated = {"custom_extra_fields", "commissions", "connect_data", "discounts"}
    assert not gated & set(plain)
    assert not any("total" in key for key in plain)
    flags = "include_custom_extra_fields include_commissions include_connect_data include_discounts_data"
    full = call.done("getOrders", **dict.fromkeys(flags.split(), True))["orders"][0]
    assert set(full) - set(plain) == gated


def test_pages_hold_100_ascending_and_both_cursors_are_inclusive(sandbox: Sandbox, call: Caller) -> None:
    placed = [sandbox.place(at=NOW + n // 3)[0] for n in range(105)]
    page = call.done("getOrders", date_confirmed_from=NOW)
    assert ids(page) == placed[:100]
    last = page["orders"][-1]["date_confirmed"]
    assert ids(call.done("getOrders", date_confirmed_from=last)) == placed[99:]
    assert ids(call.done("getOrders", id_from=placed[99])) == placed[99:]
    later = call.done("getOrders", date_confirmed_from=last + 1)
    assert ids(later) == placed[102:], "the +1 rule loses the orders of the border second"


def test_confirmation_order_differs_from_id_order(sandbox: Sandbox, call: Caller) -> None:
    late, early = sandbox.place(at=NOW + 50)[0], sandbox.place(at=NOW)[0]
    assert ids(call.done("getOrders", date_confirmed_from=NOW)) == [early, late]
    assert ids(call.done("getOrders", id_from=1)) == [late, early]


def test_filters_narrow_the_page(sandbox: Sandbox, call: Caller) -> None:
    base = {"products": [], "order_source": "shop", "order_source_id": 8235}
    one = sandbox.add_order({**base, "email": "a@example.com", "shop_order_id": 7, "external_order_id": "E7"})
    two = sandbox.add_order({**base, "email": "b@example.com", "status": "W realizacji"})
    assert ids(call.done("getOrders", filter_email="a@example.com")) == [one]
    assert ids(call.done("getOrders", filter_shop_order_id=7)) == [one]
    assert ids(call.done("getOrders", filter_external_order_id="E7")) == [one]
    assert ids(call.done("getOrders", status_id=IN_WORK)) == [two]
    both = call.done("getOrders", filter_order_source="shop", filter_order_source_id=8235)
    assert ids(both) == [one, two]
    code, _ = call.refused("getOrders", filter_order_source_id=8235)
    assert code == "ERROR_FILTER_ORDER_SOURCE"
    assert ids(call.done("getOrders", order_id=999)) == []


def test_a_status_moves_date_in_status_but_not_date_confirmed(
    sandbox: Sandbox, call: Caller, clock: Clock
) -> None:
    order_id = sandbox.place()[0]
    clock.pass_s(500)
    call.done("setOrderStatus", order_id=order_id, status_id=IN_WORK)
    order = sandbox.order(order_id)
    assert (order["status"], order["date_confirmed"], order["date_in_status"]) == (
        "W realizacji",
        NOW,
        NOW + 500,
    )
    assert events(call, order_id) == [(1, 0), (2, 0), (3, 0), (18, IN_WORK)]


def test_one_unknown_order_in_a_list_of_statuses_changes_nothing(sandbox: Sandbox, call: Caller) -> None:
    order_id = sandbox.place()[0]
    refused = call.refused("setOrderStatuses", order_ids=[order_id, 5], status_id=IN_WORK)
    assert (refused[1], sandbox.order(order_id)["order_status_id"]) == ("Invalid order_id", NEW)
    assert sandbox.writes(order_id) == []
    call.done("setOrderStatuses", order_ids=[order_id], status_id=IN_WORK)
    assert [(w.method, w.changed) for w in sandbox.writes(order_id)] == [
        ("setOrderStatuses", {"order_status_id": IN_WORK})
    ]


def test_add_order_called_twice_makes_two_orders(call: Caller) -> None:
    line = {"name": "Kubek", "sku": "K-1", "price_brutto": "29.95", "tax_rate": 23, "quantity": 2}
    order = {"order_status_id": NEW, "date_add": NOW, "delivery_price": 10.1, "paid": 1, "products": [line]}
    first, second = (call.done("addOrder", **order)["order_id"] for _ in range(2))
    assert first != second
    made = call.done("getOrders")["orders"]
    assert [(o["payment_done"], o["products"][0]["price_brutto"]) for o in made] == [(70, 29.95)] * 2
    assert made[0]["products"][0]["order_product_id"] != made[1]["products"][0]["order_product_id"]
    assert events(call, first) == [(1, 0), (2, 0), (3, 0)]


EDITS: list[Any] = [
    pytest.param({"delivery_city": "Gdynia"}, [11], id="delivery"),
    pytest.param({"invoice_nip": "123-456-32-18"}, [21], id="invoice data"),
    pytest.param({"want_invoice": True}, [21], id="invoice wish"),
    pytest.param({"admin_comments": "ok"}, [16], id="other data"),
    pytest.param({"custom_extra_fields": {"51001": "RO 1"}}, [16], id="extra field"),
    pytest.param({"delivery_price": 1, "invoice_city": "Łódź", "star": 5}, [11, 16, 21], id="all"),
]


@pytest.mark.parametrize(("fields", "expected"), EDITS)
def test_each_group_of_edited_data_has_its_event(
    sandbox: Sandbox, call: Caller, fields: dict[str, Any], expected: list[int]
) -> None:
    order_id = sandbox.place()[0]
    call.done("setOrderFields", order_id=order_id, **fields)
    assert [kind for kind, _ in events(call, order_id)][3:] == expected
    assert [(w.method, w.changed) for w in sandbox.writes(order_id)] == [("setOrderFields", fields)]


def test_payment_is_replaced_not_added_and_only_the_last_one_fires(sandbox: Sandbox, call: Caller) -> None:
    order_id = sandbox.place(cod=True)[0]
    for amount in (20, 50, 74.89):
        call.done(
            "setOrderPayment",
            order_id=order_id,
            payment_done=amount,
            payment_date=NOW,
            payment_comment="kasa",
        )
    assert sandbox.order(order_id)["payment_done"] == 74.89
    assert events(call, order_id) == [(1, 0), (2, 0), (3, 0)]
    history = call.done("getOrderPaymentsHistory", order_id=order_id, show_full_history=True)["payments"]
    assert [(p["paid_before"], p["paid_after"], p["total_price"]) for p in history] == [
        ("0.00", "20.00", "74.89"),
        ("20.00", "50.00", "74.89"),
        ("50.00", "74.89", "74.89"),
    ]
    assert call.done("getOrderPaymentsHistory", order_id=order_id) == {"payments": []}


def test_lines_are_added_edited_and_removed(sandbox: Sandbox, call: Caller) -> None:
    order_id = sandbox.place()[0]
    line = {"name": "Talerz", "price_brutto": 9.99, "tax_rate": 23, "quantity": 1}
    line_id = call.done("addOrderProduct", order_id=order_id, **line)["order_product_id"]
    call.done("setOrderProductFields", order_id=order_id, order_product_id=line_id, quantity=4)
    assert sandbox.order(order_id)["products"][1]["quantity"] == 4
    call.done("deleteOrderProduct", order_id=order_id, order_product_id=line_id)
    assert len(sandbox.order(order_id)["products"]) == 1
    assert events(call, order_id)[3:] == [(12, 0), (13, line_id), (14, line_id)]
    gone = call.refused("deleteOrderProduct", order_id=order_id, order_product_id=line_id)
    assert gone == ("ERROR_ORDER_PRODUCT_ID", "Invalid order_product_id")


def test_a_split_moves_quantities_delivery_and_payment_to_a_new_order(sandbox: Sandbox, call: Caller) -> None:
    order_id = sandbox.place(lines=[{"sku": "A", "quantity": 3, "price_brutto": 10, "tax_rate": 23}])[0]
    line_id = sandbox.order(order_id)["products"][0]["order_product_id"]
    items = [{"order_product_id": line_id, "quantity": 1}]
    new_id = call.done(
        "addOrderBySplit", order_id=order_id, items_to_split=items, delivery_cost_to_split=4.99
    )["new_order_id"]
    old, new = sandbox.order(order_id), sandbox.order(new_id)
    assert [(o["products"][0]["quantity"], o["delivery_price"], o["payment_done"]) for o in (old, new)] == [
        (2, 10, 30),
        (1, 4.99, 14.99),
    ]
    assert events(call, order_id)[-1] == (6, new_id)
    too_many = [{"order_product_id": line_id, "quantity": 3}]
    assert call.refused("addOrderBySplit", order_id=order_id, items_to_split=too_many)[0] == "ERROR_QUANTITY"


@pytest.mark.parametrize("mode", ["into_main_order", "technical_merge"])
def test_a_merge_gathers_lines_and_payments(sandbox: Sandbox, call: Caller, mode: str) -> None:
    main, other = sandbox.place(2)
    asked = {"main_order_id": main, "order_ids_to_merge": [other], "sum_delivery_costs": True}
    merged = call.done("setOrdersMerge", merge_mode=mode, **asked)["merged_order_id"]
    order = sandbox.order(merged)
    assert (len(order["products"]), order["payment_done"], order["delivery_price"]) == (2, 149.78, 29.98)
    left = [o["order_id"] for o in sandbox.orders()]
    assert left == ([main] if mode == "into_main_order" else [main, other, merged])
    assert (5, merged) in events(call, main)


def test_a_copy_and_a_removal_leave_their_events(sandbox: Sandbox, call: Caller) -> None:
    order_id = sandbox.place()[0]
    copy_id = call.done("addOrderDuplicate", order_id=order_id)["order_id"]
    assert events(call, order_id)[-1] == (17, copy_id)
    assert call.done("deleteOrders", order_ids=[copy_id]) == {"deleted_order_ids": [copy_id]}
    assert events(call, copy_id)[-1] == (4, 0)
    assert call.refused("deleteOrders", order_ids=[1] * 1001)[0] == "ERROR_ORDER_IDS"


def test_carts_and_statuses_live_their_lives(sandbox: Sandbox, call: Caller) -> None:
    order_id = sandbox.place()[0]
    cart_id = call.done("addPickPackCart", name="Wózek 1")["cart_id"]
    call.done("addPickPackOrdersToCart", cart_id=cart_id, order_ids=[order_id])
    assert call.done("getPickPackOrderCart", order_id=order_id) == {"cart_id": cart_id}
    history = call.done("getOrderPickPackHistory", order_id=order_id, action_type=1)["history"]
    assert [(entry["action_type"], entry["cart_id"]) for entry in history] == [(1, cart_id)]
    status = {"name": "Eksport", "short_name": "Eksp", "color": "#123456"}
    status_id = call.done("addOrderStatus", **status)["status_id"]
    call.done("setOrderStatus", order_id=order_id, status_id=status_id)
    call.done("deleteOrderStatus", status_id=status_id, target_status_id=NEW)
    assert sandbox.order(order_id)["status"] == "Nowe zamówienia"
    assert len(call.done("getOrderStatusList")["statuses"]) == 10


def test_the_shops_own_people_leave_events_but_no_writes(sandbox: Sandbox, call: Caller) -> None:
    order_id = sandbox.place(cod=True)[0]
    sandbox.edit(order_id, delivery_city="Sopot")
    line_id = sandbox.add_line(order_id, sku="X", quantity=1, price_brutto=5)
    sandbox.edit_line(order_id, line_id, quantity=2)
    sandbox.remove_line(order_id, line_id)
    sandbox.pay(order_id)
    sandbox.cancel(order_id)
    assert [kind for kind, _ in events(call, order_id)] == [1, 2, 11, 12, 13, 14, 3, 18]
    assert sandbox.writes() == []
    assert sandbox.order(order_id)["status"] == "Anulowane"
    with pytest.raises(LookupError, match="Invalid order_id"):
        sandbox.move(12345, "Spakowane")
