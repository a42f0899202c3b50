"""Every method of the order, status, document, journal and return sections, against a strict shop."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from decimal import Decimal

import pytest

from pomost.connectors.baselinker import BaseLinkerClient
from pomost.ports import NeedsPerson
from pomost.sandbox.baselinker import Sandbox
from pomost.sandbox.baselinker.parameters import PARAMETERS
from tests.connectors.baselinker.surroundings import Clock, NoLimit

FILE = "data:" + base64.b64encode(b"%PDF-1.7 sample").decode()
LINE = {
    "storage": "db",
    "storage_id": 0,
    "name": "Kubek",
    "sku": "KUBEK-1",
    "price_brutto": Decimal("54.99"),
    "tax_rate": Decimal(23),
    "quantity": 2,
}


@pytest.fixture
def client(sandbox: Sandbox, clock: Clock) -> Iterator[BaseLinkerClient]:
    made = BaseLinkerClient(sandbox.token, sandbox.url, limiter=NoLimit(), timeout_s=5, clock=clock.moment)
    yield made
    made.close()


def read_orders(client: BaseLinkerClient, order_id: int) -> None:
    (order,) = client.get_orders(order_id=order_id)
    assert order["order_id"] == order_id
    assert "marketplace_transaction_id" in client.get_order_transaction_data(
        order_id, taxes=True, amazon=False
    )
    assert [row["order_id"] for row in client.get_orders_by_email(order["email"])] == [str(order_id)]
    assert [row["order_id"] for row in client.get_orders_by_phone(order["phone"])] == [str(order_id)]
    assert "personal" in client.get_order_sources()
    assert "file" in {row["editor_type"] for row in client.get_order_extra_fields()}
    assert "Spakowane" in {row["name"] for row in client.get_order_status_list()}
    assert order_id in {
        row["order_id"] for row in client.get_journal_list(0, logs_types=[1, 2], order_id=order_id)
    }
    assert client.get_order_pick_pack_history(order_id, action_type=1) == []
    assert [row["file_format"] for row in client.get_order_printout_templates()] == ["PDF"]


def change_orders(client: BaseLinkerClient, order_id: int, status_id: int) -> None:
    client.set_order_fields(order_id, admin_comments="Uwaga", custom_extra_fields={"51001": "RO/1/2026"})
    line_id = client.add_order_product(order_id, LINE)
    client.set_order_product_fields(order_id, line_id, quantity=3)
    copy = client.add_order_duplicate(order_id)
    part = client.add_order_by_split(copy, {_line(client, copy): 1}, Decimal(0))
    assert client.set_orders_merge(copy, [part], "into_main_order", sum_delivery_costs=True) == copy
    client.delete_order_product(order_id, line_id)
    client.set_order_payment(order_id, Decimal("12.50"), 1_790_000_000, "wpłata", "P-1")
    assert client.get_order_payments_history(order_id)[-1]["external_payment_id"] == "P-1"
    client.set_order_status(order_id, status_id)
    client.set_order_statuses(lambda: [order_id, copy], status_id)
    client.run_order_macro_trigger(order_id, 7)
    assert client.delete_orders([copy]) == [copy]
    (order,) = client.get_orders(order_id=order_id)
    assert (order["admin_comments"], Decimal(order["payment_done"]), order["order_status_id"]) == (
        "Uwaga",
        Decimal("12.50"),
        status_id,
    )


def _line(client: BaseLinkerClient, order_id: int) -> int:
    (order,) = client.get_orders(order_id=order_id)
    return max(int(line["order_product_id"]) for line in order["products"])


def make_documents(client: BaseLinkerClient, order_id: int) -> None:
    series = {row["type"]: int(row["id"]) for row in client.get_series()}
    invoice_id = client.add_invoice(order_id, series["INVOICE"], "ITEM")
    client.add_order_invoice_file(invoice_id, FILE, "FS/1/2026")
    (invoice,) = client.get_invoices(order_id=order_id, get_external_invoices=True)
    assert client.get_invoices(order_id=order_id, get_external_invoices=False) == []
    assert invoice["external_invoice_number"] == "FS/1/2026"
    assert client.get_invoice_file(invoice_id) == (FILE, "FS/1/2026")
    correction = client.add_invoice_correction(
        original_invoice_id=invoice_id, series_id=series["CORRECTION"], correcting_reason=5
    )
    assert correction != invoice_id
    receipt_id = client.add_receipt(order_id, series["RECEIPT"])
    assert [row["receipt_id"] for row in client.get_new_receipts(id_from=receipt_id)] == [receipt_id]
    client.set_order_receipt(receipt_id, "000123", 1_790_000_000, printer="EJF1234567890")
    assert [row["receipt_id"] for row in client.get_receipts(id_from=receipt_id)] == [receipt_id]
    client.add_order_receipt_file(receipt_id, FILE, "PA/1/2026")
    assert client.get_receipt(order_id=order_id)["external_receipt_number"] == "PA/1/2026"


def give_back(client: BaseLinkerClient, order_id: int) -> None:
    statuses = [int(row["id"]) for row in client.get_order_return_status_list()]
    reason = int(client.get_order_return_reasons_list()[0]["return_reason_id"])
    assert client.get_order_return_product_statuses()
    assert isinstance(client.get_order_return_extra_fields(), list)
    made = client.add_order_return(
        {
            "order_id": order_id,
            "status_id": statuses[0],
            "date_add": 1_790_000_000,
            "currency": "PLN",
            "refunded": False,
            "admin_comments": "",
            "email": "anna@example.com",
            "phone": "+48500000100",
            "user_login": "",
            "delivery_price": 0,
            "delivery_fullname": "Anna Przykładowa",
            "delivery_company": "",
            "delivery_address": "ul. Przykładowa 1",
            "delivery_postcode": "00-001",
            "delivery_city": "Warszawa",
            "delivery_state": "",
            "delivery_country_code": "PL",
            "products": [{**LINE, "return_reason_id": reason}],
        }
    )
    line = client.add_order_return_product(made, LINE)
    client.set_order_return_product_fields(made, line, quantity=1)
    client.delete_order_return_product(made, line)
    client.set_order_return_fields(made, admin_comments="Paczka uszkodzona")
    client.set_order_return_refund(made, Decimal("54.99"), 1_790_000_000, "zwrot", "R-1")
    client.set_order_return_status(made, statuses[1])
    client.set_order_return_statuses([made], statuses[0])
    client.run_order_return_macro_trigger(made, 7)
    assert client.get_order_return_payments_history(made)[-1]["external_payment_id"] == "R-1"
    assert made in {row["return_id"] for row in client.get_order_return_journal_list(0, return_id=made)}
    (found,) = client.get_order_returns(return_id=made)
    assert (found["admin_comments"], found["status_id"]) == ("Paczka uszkodzona", statuses[0])


def arrange_the_panel(client: BaseLinkerClient, order_id: int) -> None:
    for of in ("Order", "OrderReturn"):
        group = client.add_status_group("Grupa", of)
        assert group in {row["group_id"] for row in client.get_status_groups(of)}
        first = client.add_status("Próbny", "Próba", "#336699", of, group_id=group)
        second = client.add_status("Drugi", "Drugi", "#336699", of)
        client.delete_status(first, second, of)
        client.delete_status_group(group, of)
    cart = client.add_pick_pack_cart("Wózek 1")
    assert {row["cart_id"] for row in client.get_pick_pack_carts()} == {cart}
    client.add_pick_pack_orders_to_cart(cart, [order_id])
    assert client.get_pick_pack_cart_orders(cart) == [{"order_id": order_id}]
    assert client.get_pick_pack_order_cart(order_id) == cart
    client.delete_pick_pack_order_from_cart(order_id)
    client.delete_pick_pack_cart_orders(cart)
    client.delete_pick_pack_cart(cart)


def test_every_method_that_the_shop_knows_can_be_called(client: BaseLinkerClient, sandbox: Sandbox) -> None:
    (order_id,) = sandbox.place(1, paid=False)
    moved = next(int(row["id"]) for row in client.get_order_status_list() if row["name"] == "Spakowane")

    read_orders(client, order_id)
    change_orders(client, order_id, moved)
    make_documents(client, order_id)
    give_back(client, order_id)
    arrange_the_panel(client, order_id)
    with pytest.raises(NeedsPerson):
        client.add_order({"order_status_id": moved})

    assert sorted(PARAMETERS) == sorted(client.calls)


@pytest.mark.parametrize("amounts", ["text", "number"])
def test_amounts_arrive_to_the_digit_in_both_forms(sandbox: Sandbox, amounts: str) -> None:
    client = BaseLinkerClient(sandbox.token, sandbox.url, limiter=NoLimit(), amounts=amounts)  # type: ignore[arg-type]
    (order_id,) = sandbox.place(1, paid=False)

    client.set_order_payment(order_id, Decimal("1234567.89"), 1_790_000_000)

    assert Decimal(str(sandbox.order(order_id)["payment_done"])) == Decimal("1234567.89")
    client.close()
