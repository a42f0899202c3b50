"""Placing orders: plain ones, exact ones, and those of buyers."""

from pathlib import Path
from typing import Any

import pytest

from pomost.sandbox.baselinker import Sandbox, Settings

from .conftest import START, Caller


@pytest.mark.parametrize(
    ("wishes", "expected"),
    [
        pytest.param({}, {"payment_done": 74.89, "order_source": "personal"}, id="nothing"),
        pytest.param({"paid": 50}, {"payment_done": 50}, id="a part paid"),
        pytest.param({"paid": False}, {"payment_done": 0}, id="unpaid"),
        pytest.param({"cod": True}, {"payment_done": 0, "payment_method_cod": "1"}, id="cash on delivery"),
        pytest.param({"cod": True, "paid": True}, {"payment_done": 74.89}, id="cash that has come"),
        pytest.param(
            {"source": "allegro"}, {"order_source": "allegro", "order_source_id": 51877}, id="marketplace"
        ),
        pytest.param(
            {"nip": "123-456-32-18"}, {"invoice_nip": "123-456-32-18", "want_invoice": "1"}, id="NIP"
        ),
        pytest.param(
            {"want_invoice": True}, {"invoice_nip": "", "want_invoice": "1"}, id="invoice without NIP"
        ),
        pytest.param({"at": 1_700_000_000}, {"date_confirmed": 1_700_000_000}, id="at"),
        pytest.param({"country": "DE", "currency": "EUR"}, {"delivery_country": "Niemcy"}, id="abroad"),
    ],
)
def test_a_plain_order_is_as_wished(
    sandbox: Sandbox, wishes: dict[str, Any], expected: dict[str, Any]
) -> None:
    order = sandbox.order(sandbox.place(**wishes)[0])
    assert {key: order[key] for key in expected} == expected


def test_a_wished_line_takes_the_rest_from_the_catalogue(sandbox: Sandbox) -> None:
    (order_id,) = sandbox.place(lines=[{"sku": "MIOD-LIP", "quantity": 3}, {"sku": "X-9", "price_brutto": 5}])
    known, unknown = sandbox.order(order_id)["products"]
    assert (known["name"], known["price_brutto"], known["tax_rate"], known["quantity"]) == (
        "Miód lipowy 900 g",
        49,
        5,
        3,
    )
    assert (unknown["name"], unknown["ean"], unknown["product_id"]) == ("Towar X-9", "", "")


def test_an_unknown_wish_is_refused_with_the_known_ones(sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match="no wish 'colour'; known are at, cod, company"):
        sandbox.place(colour="red")
    assert sandbox.orders() == []


def placed(path: Path | None, seed: int, orders: int, **wishes: Any) -> list[dict[str, Any]]:
    with Sandbox(path, Settings(clock=lambda: START), seed=seed) as shop:
        return [shop.order(order_id) for order_id in shop.place(orders, **wishes)]


def test_buyers_orders_follow_from_the_seed_and_are_confirmed() -> None:
    first, same, other = placed(None, 7, 50), placed(None, 7, 50), placed(None, 8, 50)
    assert first == same != other
    assert {order["confirmed"] for order in first} == {True}
    assert {order["confirmed"] for order in placed(None, 7, 5, confirmed=False)} == {False}


def test_a_restarted_shop_gets_new_orders_instead_of_the_same_again(tmp_path: Path) -> None:
    path = tmp_path / "shop.sqlite"
    orders = placed(path, 7, 10) + placed(path, 7, 10)
    assert orders[:10] != orders[10:]
    assert len({(order["phone"], order["order_page"]) for order in orders}) == 20
    assert [{**o, "order_id": 0} for o in orders] == [{**o, "order_id": 0} for o in placed(None, 7, 20)]


def test_channels_may_hand_over_negative_pieces_but_the_api_takes_none(
    sandbox: Sandbox, call: Caller
) -> None:
    line = {"sku": "POST", "name": "", "price_brutto": 0, "tax_rate": 20, "quantity": -12}
    order_id = sandbox.add_order({"products": [line], "currency": "GBP"})
    read = call.done("getOrders", order_id=order_id)["orders"][0]["products"][0]
    assert {key: read[key] for key in line} == line
    assert call.refused("addOrderProduct", order_id=order_id, **line)[0] == "ERROR_QUANTITY"
    assert call.refused("addOrder", order_status_id=41001, date_add=1, products=[line])[0] == "ERROR_QUANTITY"


def test_finished_picking_and_packing_enter_the_history_once(sandbox: Sandbox, call: Caller) -> None:
    (order_id,) = sandbox.place()
    for _ in range(2):
        call.done("setOrderFields", order_id=order_id, pick_state=1)
    call.done("setOrderFields", order_id=order_id, pack_state=1)
    history = call.done("getOrderPickPackHistory", order_id=order_id)["history"]
    assert [(entry["action_type"], entry["entry_date"]) for entry in history] == [(5, START), (11, START)]


def test_invoices_come_in_pages_of_100(sandbox: Sandbox, call: Caller) -> None:
    (order_id,) = sandbox.place()
    made = [call.done("addInvoice", order_id=order_id)["invoice_id"] for _ in range(103)]
    first = [invoice["invoice_id"] for invoice in call.done("getInvoices")["invoices"]]
    assert first == made[:100]
    rest = call.done("getInvoices", id_from=first[-1] + 1)["invoices"]
    assert [invoice["invoice_id"] for invoice in rest] == made[100:]


@pytest.mark.parametrize("rate", [-2, 100.5, -0.01])
def test_a_rate_of_vat_that_there_is_not_is_refused(sandbox: Sandbox, call: Caller, rate: float) -> None:
    (order_id,) = sandbox.place()
    line_id = sandbox.order(order_id)["products"][0]["order_product_id"]
    line = {"order_id": order_id, "order_product_id": line_id, "tax_rate": rate}
    assert call.refused("setOrderProductFields", **line)[0] == "ERROR_TAX_RATE"
    assert call.refused("addOrderProduct", order_id=order_id, tax_rate=rate)[0] == "ERROR_TAX_RATE"
    assert sandbox.order(order_id)["products"][0]["tax_rate"] == 23


@pytest.mark.parametrize("rate", [0, 5.5, 100, -1, -0.02, -0.03])
def test_every_rate_of_the_reference_is_taken(sandbox: Sandbox, call: Caller, rate: float) -> None:
    (order_id,) = sandbox.place()
    call.done("addOrderProduct", order_id=order_id, tax_rate=rate)
    assert sandbox.order(order_id)["products"][1]["tax_rate"] == rate


def test_a_field_that_orders_do_not_have_cannot_be_edited(sandbox: Sandbox) -> None:
    (order_id,) = sandbox.place()
    before = sandbox.order(order_id)
    line_id = before["products"][0]["order_product_id"]
    with pytest.raises(ValueError, match="'deliverycity' cannot be changed; known are admin_comments"):
        sandbox.edit(order_id, deliverycity="Sopot")
    with pytest.raises(ValueError, match="'products' cannot be changed"):
        sandbox.edit(order_id, products=[])
    with pytest.raises(ValueError, match="'price' cannot be changed; known are attributes"):
        sandbox.edit_line(order_id, line_id, price=1)
    assert sandbox.order(order_id) == before
