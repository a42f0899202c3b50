"""A SKU is renamed in the shop: what was sold stays what it was, as an accountant would tell it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pomost.sandbox.woocommerce import Settings, Shop
from tests.woo_house import RETURNS, SALE, WooHouse

D = Decimal
RESERVES: dict[str, Any] = {
    **SALE,
    "take": 'order.status == "on-hold" || order.status == "completed"',
    "rules": {"unconfirmed_payment": "sell"},
    "step": [
        {"id": "ro", "issue": "RO"},
        {"id": "sale", "issue": "FS/PA", "source": ["ro"], "when": 'order.status == "completed"'},
    ],
}
"""An order is reserved first and sold when it is completed."""


@pytest.fixture
def shop() -> Iterator[Shop]:
    with Shop(Settings(catalogue="shared"), seed=0) as running:
        yield running


def items(home: WooHouse, order: int, kind: str) -> dict[str, Decimal]:
    """Item -> pieces; three mugs for 78.01 are two lines."""
    [document] = [one for one in home.documents(order) if one.kind == kind]
    found: dict[str, Decimal] = {}
    for line in document.lines:
        found[line.sku] = found.get(line.sku, D(0)) + line.quantity
    return found


def test_an_order_that_was_taken_keeps_its_item_and_a_new_one_has_the_new_sku(
    shop: Shop, tmp_path: Path
) -> None:
    home = WooHouse(tmp_path, shop, flows=[RESERVES])
    try:
        # Two mugs are ordered and reserved under the item KUBEK-1.
        old = shop.place(lines=[("KUBEK-1", 2)], payment="bacs", shipping="none")[0]
        home.run_until(lambda: home.kinds(old) == ["RO"])

        # The shop renames the product; from now on it shows the new SKU in all orders, old ones too.
        shop.edit_product("KUBEK-1", sku="KUBEK-1-STARY")
        home.ledger.setup.add_items("main", [{"sku": "KUBEK-1-STARY", "name": "Kubek", "vat": "23"}])
        assert shop.order(old)["line_items"][0]["sku"] == "KUBEK-1-STARY"

        # The buyer wants a third one: that comes through, and the reservation is of the same item.
        line = shop.order(old)["line_items"][0]
        net = D(line["total"]) * 3 / 2
        shop.edit(old, line_items=[{"id": line["id"], "quantity": 3, "total": f"{net:.2f}"}])
        home.run_until(lambda: items(home, old, "RO") == {"KUBEK-1": D(3)})

        shop.set_status(old, "completed")
        home.run_until_state(old, "done")
        assert items(home, old, "PA") == {"KUBEK-1": D(3)}

        # What is ordered after that has the new SKU.
        new = shop.place(lines=[("KUBEK-1-STARY", 1)], payment="bacs", shipping="none")[0]
        home.run_until(lambda: home.kinds(new) == ["RO"])
        assert items(home, new, "RO") == {"KUBEK-1-STARY": D(1)}
    finally:
        home.stop()


def test_a_sale_whose_product_was_renamed_and_deleted_is_left_alone_and_can_come_back(
    shop: Shop, tmp_path: Path
) -> None:
    home = WooHouse(tmp_path, shop, flows=[SALE, RETURNS])
    try:
        order = shop.place(lines=[("KUBEK-1", 2)], payment="payu", paid=True, shipping="none")[0]
        home.run_until_state(order, "done")

        # Renamed, then deleted; somebody writes a comment into the order, so that it is read again.
        shop.edit_product("KUBEK-1", sku="KUBEK-1-STARY")
        shop.edit(order, customer_note="Proszę o szybką wysyłkę")
        home.run_until(lambda: "szybką" in home.pomost.store.cases.load(home.line(order).id).raw_text)
        shop.remove_product("KUBEK-1-STARY")
        shop.edit(order, customer_note="Proszę nie dzwonić")
        home.run_until(lambda: "dzwonić" in home.pomost.store.cases.load(home.line(order).id).raw_text)
        home.run_until_state(order, "done")
        assert home.kinds(order) == ["PA", "WZ"]

        line = int(shop.order(order)["line_items"][0]["id"])
        refund = shop.refund(order, {line: 1}, reason="Za mały")
        home.run_until(lambda: home.state_of_return(order, refund) == "done")
        assert items(home, order, "PAK") == {"KUBEK-1": D(-1)}
    finally:
        home.stop()
