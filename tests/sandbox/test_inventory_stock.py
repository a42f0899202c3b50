"""Stock and prices of the catalogue: read in pages, written a thousand at once."""

import json
from pathlib import Path
from typing import Any

import pytest

from pomost.sandbox.baselinker import Sandbox, catalogue

from .conftest import Caller

SAMPLE = Path(__file__).parent / "samples" / "getInventoryProductsStock.json"
SHELF = 30711
MUG = 700_200_301


def stock(call: Caller, product_id: int = MUG) -> dict[str, int]:
    found = call.done("getInventoryProductsStock", inventory_id=SHELF)["products"]
    figures: dict[str, int] = found[str(product_id)]["stock"]
    return figures


def test_what_buyers_buy_stands_in_the_default_inventory(call: Caller) -> None:
    shelf = call.done("getInventories")["inventories"][0]
    assert (shelf["inventory_id"], shelf["is_default"], shelf["default_warehouse"]) == (
        SHELF,
        True,
        "bl_20517",
    )
    listed = call.done("getInventoryProductsList", inventory_id=SHELF)["products"]
    assert list(listed) == [item.product_id for item in catalogue.ITEMS]
    assert listed[str(MUG)] == {
        "id": MUG,
        "sku": "KUBEK-01",
        "ean": "5900000000015",
        "asin": "",
        "name": "Kubek ceramiczny 350 ml, biały",
        "prices": {"21001": 29.95, "21004": 23.96},
        "stock": {"bl_20517": 240, "bl_20518": 0, "shop_8235": 11},
    }


def test_figures_are_absolute_and_those_of_other_warehouses_stay(call: Caller) -> None:
    for _ in range(2):
        sent = {str(MUG): {"bl_20518": 7}, "700200302": {"bl_20517": "3"}}
        answer = call.done("updateInventoryProductsStock", inventory_id=SHELF, products=sent)
        assert answer == {"counter": 2, "warnings": ""}
    assert stock(call) == {"bl_20517": 240, "bl_20518": 7, "shop_8235": 11}
    assert stock(call, MUG + 1) == {"bl_20517": 3, "bl_20518": 0}


BAD: list[Any] = [
    pytest.param("5", {"bl_20517": 1}, "Product 5 does not exist", id="unknown product"),
    pytest.param("x", {"bl_20517": 1}, "Product x does not exist", id="no number"),
    pytest.param(
        str(MUG), {"shop_8235": 1}, "Warehouse shop_8235 is external, its stock cannot be set", id="shop"
    ),
    pytest.param(
        str(MUG), {"bl_1": 1}, "Warehouse bl_1 does not belong to the inventory", id="unknown warehouse"
    ),
    pytest.param(str(MUG), {"bl_20517": 1.5}, "integer expected", id="fraction"),
    pytest.param(str(MUG), {"bl_20517": -1}, "a quantity from 0 expected", id="negative"),
    pytest.param(str(MUG), [], "A map is expected", id="list"),
]


@pytest.mark.parametrize(("key", "figures", "why"), BAD)
def test_one_bad_product_gets_a_warning_while_the_rest_is_done(
    call: Caller, key: str, figures: Any, why: str
) -> None:
    sent = {key: figures, "700200302": {"bl_20517": 9}}
    answer = call.done("updateInventoryProductsStock", inventory_id=SHELF, products=sent)
    assert answer["counter"] == 1
    assert why in answer["warnings"][key]
    assert stock(call)["bl_20517"] == 240
    assert stock(call, MUG + 1)["bl_20517"] == 9


def test_more_than_a_thousand_products_and_a_foreign_inventory_are_refused(call: Caller) -> None:
    many = {str(number): {"bl_20517": 1} for number in range(1001)}
    for method in ("updateInventoryProductsStock", "updateInventoryProductsPrices"):
        refused = call.refused(method, inventory_id=SHELF, products=many)
        assert refused == ("ERROR_PRODUCTS", "Invalid products: at most 1000 expected")
        assert call.refused(method, inventory_id=1, products={})[0] == "ERROR_STORAGE_ID"
        assert call.refused(method, inventory_id=SHELF, products=[1])[0] == "ERROR_PRODUCTS"


def test_prices_are_set_by_group_but_not_in_a_derived_one(call: Caller) -> None:
    sent = {str(MUG): {"21001": 20, "21003": "4.99", "21004": 1}, "700200302": {"99": 5}}
    answer = call.done("updateInventoryProductsPrices", inventory_id=SHELF, products=sent)
    assert answer["counter"] == 1
    assert answer["warnings"] == {
        str(MUG): "Prices of group 21004 are computed from another group",
        "700200302": "Price group 99 does not exist",
    }
    found = call.done("getInventoryProductsPrices", inventory_id=SHELF)["products"]
    assert found[str(MUG)] == {"prices": {"21001": 20, "21003": 4.99, "21004": 16}}


def test_a_product_is_created_and_found(sandbox: Sandbox, call: Caller) -> None:
    made = call.done(
        "addInventoryProduct",
        inventory_id=SHELF,
        sku="NOWY-1",
        text_fields={"name": "Nowy towar"},
        prices={"21001": 10},
        stock={"bl_20517": 4},
    )
    assert made["warnings"] == ""
    listed = call.done("getInventoryProductsList", inventory_id=SHELF, filter_sku="NOWY-1")["products"]
    assert listed[str(made["product_id"])]["name"] == "Nowy towar"
    assert listed[str(made["product_id"])]["stock"] == {"bl_20517": 4}


def test_an_account_like_that_of_the_sample_answers_like_the_sample(sandbox: Sandbox, call: Caller) -> None:
    sample = json.loads(SAMPLE.read_text(encoding="utf-8"))
    goods = sandbox.shop.account.goods
    plain = {
        "inventory_id": SHELF,
        "is_bundle": 0,
        "sku": "",
        "ean": "",
        "asin": "",
        "name": "",
        "category_id": 0,
    }
    plain |= {"manufacturer_id": 0, "tax_rate": 23, "weight": 0, "doc": {}}
    with sandbox.shop.account.transaction():
        goods.delete(sandbox.products(), "Panel")
        for key, told in sample["products"].items():
            goods.save({**plain, "product_id": int(key), "parent_id": 0})
            figures = {int(v): row for v, row in told.get("variants", {}).items()} or {
                int(key): told["stock"]
            }
            for variant in figures.keys() - {int(key)}:
                goods.save({**plain, "product_id": variant, "parent_id": int(key)})
            goods.put_stock(figures, "Panel")
            held = told["reservations"] or {}
            goods.reserve([(min(figures), warehouse, pieces) for warehouse, pieces in held.items()])
    call.done("addInventory", inventory_id=SHELF, reservations=True)
    assert call("getInventoryProductsStock", inventory_id=SHELF) == sample


def test_ids_of_categories_and_manufacturers_are_texts_in_the_old_profile(
    sandbox: Sandbox, call: Caller
) -> None:
    sandbox.configure(profile="legacy")
    card = call.done("getInventoryProductsData", inventory_id=SHELF, products=[MUG])["products"][str(MUG)]
    assert (card["category_id"], card["manufacturer_id"]) == ("81001", "0")
