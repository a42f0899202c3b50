"""A21: stock of the ERP in the channel, as a shopkeeper would tell it."""

from __future__ import annotations

import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from pomost.ledger import receive_draft
from pomost.ports import NeedsPerson
from pomost.sandbox.baselinker import Sandbox
from tests.house import TODAY, House
from tests.shelf import INVENTORY, MAIN, Shelf

OFFER: dict[str, Any] = {"name": "sklep", "stock": [{"buffer": 0}], "every_s": 0.1, "debounce_s": 0.0}


def test_goods_come_in_an_order_reserves_some_and_the_channel_shows_what_is_left(
    house: Callable[..., House], shop: Sandbox
) -> None:
    home, shelf = house(catalogue=[OFFER]), Shelf(shop)

    home.run_until(lambda: shelf.stock("KUBEK-01") == 10_000)

    home.ledger.issue(
        receive_draft("main", "MAG", "delivery", TODAY, {"KUBEK-01": (Decimal(25), Decimal(5))})
    )
    home.run_until(lambda: shelf.stock("KUBEK-01") == 10_025)

    order = shop.add_order(
        {
            "order_status_id": 0,
            "email": "anna@example.com",
            "products": [{"sku": "KUBEK-01", "name": "Kubek", "quantity": 3, "price_brutto": 29.95}],
        }
    )
    home.run_until(lambda: "RO" in home.kinds(order))
    home.run_until(lambda: shelf.stock("KUBEK-01") == 10_022)


def test_somebody_raises_a_figure_by_hand_and_it_is_put_right_at_once(
    house: Callable[..., House], shop: Sandbox
) -> None:
    home, shelf = house(catalogue=[{**OFFER, "compare_s": 1.0, "confirm_s": 600}]), Shelf(shop)
    home.run_until(lambda: shelf.stock("KUBEK-01") == 10_000)

    shelf.set_stock("KUBEK-01", 12_345)

    home.run_until(lambda: shelf.stock("KUBEK-01") == 10_000)


def test_a_figure_that_is_lower_is_put_right_only_after_a_second_look(
    house: Callable[..., House], shop: Sandbox
) -> None:
    """It may be a sale whose order was not read yet."""
    home, shelf = house(catalogue=[{**OFFER, "compare_s": 1.0, "confirm_s": 2.0}]), Shelf(shop)
    home.run_until(lambda: shelf.stock("KUBEK-01") == 10_000)

    shelf.set_stock("KUBEK-01", 9_990)
    began = time.monotonic()
    home.run_until(lambda: shelf.stock("KUBEK-01") == 10_000)

    assert time.monotonic() - began > 1.5


def test_a_product_that_the_channel_refuses_is_kept_with_the_reason_and_the_rest_goes_on(
    house: Callable[..., House], shop: Sandbox
) -> None:
    home, shelf = house(catalogue=[OFFER]), Shelf(shop)
    home.run_until(lambda: shelf.stock("KUBEK-01") == 10_000)
    gone = shelf.row("KUBEK-02")["id"]
    shelf.call("deleteInventoryProduct", product_id=gone)

    goods = {"KUBEK-01": (Decimal(5), Decimal(5)), "KUBEK-02": (Decimal(5), Decimal(5))}
    home.ledger.issue(receive_draft("main", "MAG", "delivery", TODAY, goods))
    home.run_until(lambda: shelf.stock("KUBEK-01") == 10_005)

    number = home.pomost.store.products.catalogue_id("sklep")
    home.run_until(lambda: bool(home.pomost.store.figures.problems(number, "stock", 9)))
    [(product_id, item, place, why)] = home.pomost.store.figures.problems(number, "stock", 9)
    assert (product_id, item, place) == (str(gone), "KUBEK-02", MAIN)
    assert "does not exist" in why


def test_a_new_product_of_the_channel_gets_its_stock_once_it_is_listed(
    house: Callable[..., House], shop: Sandbox
) -> None:
    home, shelf = house(catalogue=[{**OFFER, "list_s": 1.0}]), Shelf(shop)
    home.ledger.setup.put_item("main", "NOWY-1", "Nowy towar", "23")
    goods = {"NOWY-1": (Decimal(7), Decimal(5))}
    home.ledger.issue(receive_draft("main", "MAG", "delivery", TODAY, goods))
    home.run_until(lambda: shelf.stock("KUBEK-01") == 10_000)

    shelf.call("addInventoryProduct", inventory_id=INVENTORY, sku="NOWY-1", text_fields={"name": "Nowy"})

    home.run_until(lambda: shelf.row("NOWY-1")["stock"] == {MAIN: 7})


def test_a_buffer_a_share_a_minimum_and_a_maximum_each_take_their_part(
    house: Callable[..., House], shop: Sandbox
) -> None:
    rules = {"buffer": 4, "share": 50, "minimum": 3, "maximum": 20}
    home, shelf = house(stocked=False, catalogue=[{**OFFER, "stock": [rules]}]), Shelf(shop)
    names = {"KUBEK-01": 10, "KUBEK-02": 9, "TALERZ-27": 300}
    for sku, quantity in names.items():
        home.ledger.setup.put_item("main", sku, sku, "23")
        goods = {sku: (Decimal(quantity), Decimal(5))}
        home.ledger.issue(receive_draft("main", "MAG", sku, TODAY, goods))

    home.run_until(lambda: [shelf.stock(sku) for sku in names] == [3, 0, 20])


def test_a_warehouse_that_the_channel_does_not_have_is_named_with_those_that_there_are(
    house: Callable[..., House],
) -> None:
    home = house(catalogue=[{**OFFER, "stock": [{"to": "bl_1"}]}])

    with pytest.raises(NeedsPerson) as caught:
        home.pomost.catalogues[0].prepared()

    assert caught.value.code == "catalogue.unknown-warehouse"
    assert "Magazyn główny (bl_20517)" in caught.value.advice
