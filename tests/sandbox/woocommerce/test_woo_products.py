"""Products, variations, prices and stock (section 7)."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from pomost.sandbox.woocommerce import Shop

from .conftest import Caller, Clock


def test_a_search_by_sku_takes_several_and_gives_variations(call: Caller) -> None:
    found = call.get("/products", sku="TOW-0001,KOSZ-BIA-S,NIE-MA")
    assert {(one["sku"], one["type"], one["parent_id"]) for one in found} == {
        ("TOW-0001", "simple", 0),
        ("KOSZ-BIA-S", "variation", 40),
    }
    assert len(call.get("/products", search_sku="tow-00", per_page=100)) == 29


def test_a_plain_list_has_parents_only(call: Caller) -> None:
    kinds = {one["type"] for one in call.get("/products", per_page=100)}
    assert kinds == {"simple", "variable"}
    assert len(call.get("/products/40/variations")) == 8


def test_a_sku_is_held_once_and_the_holder_is_named(call: Caller) -> None:
    answer = call.send("POST", "/products", body={"name": "Druga", "sku": "TOW-0001"})
    told = answer.json()
    assert (answer.status_code, told["code"]) == (400, "product_invalid_sku")
    assert (told["data"]["resource_id"], told["data"]["unique_sku"]) == (11, "TOW-0001-1")


def test_a_product_in_the_trash_still_holds_its_sku(shop: Shop, call: Caller) -> None:
    shown = call("DELETE", "/products/11")
    assert shown["status"] == "publish"
    assert call.get("/products", sku="TOW-0001") == []
    refused = call.refused("POST", "/products", body={"sku": "TOW-0001"})
    assert refused == (400, "woocommerce_rest_product_not_created")


def test_of_parallel_creates_of_one_sku_exactly_one_succeeds(call: Caller) -> None:
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: call.send("POST", "/products", body={"sku": "RAZ"}), range(6)))
    assert sorted(answer.status_code for answer in answers) == [201, 400, 400, 400, 400, 400]


def test_names_are_escaped_and_lose_what_resembles_a_tag(call: Caller) -> None:
    made = call("POST", "/products", body={"name": "Powerbank & kabel <20000>"})
    assert made["name"] == "Powerbank &amp; kabel"


def test_company_and_note_come_back_raw(shop: Shop) -> None:
    order = shop.order(shop.place(company="A & <b>B</b>", note="<i>pilne</i>")[0])
    assert (order["billing"]["company"], order["customer_note"]) == ("A & <b>B</b>", "<i>pilne</i>")


PRICES: list[Any] = [
    ({"regular_price": "45,55"}, {"regular_price": "45.55", "price": "45.55"}),
    ({"regular_price": "45.5555"}, {"regular_price": "45.5555"}),
    ({"regular_price": "50.00", "sale_price": "50.00"}, {"sale_price": "", "on_sale": False}),
    ({"regular_price": "50.00", "sale_price": "40.00"}, {"sale_price": "40.00", "price": "40.00"}),
    ({"sale_price": ""}, {"sale_price": "", "on_sale": False}),
]


@pytest.mark.parametrize(("sent", "wished"), PRICES)
def test_prices_are_read_in_their_own_way(call: Caller, sent: Any, wished: Any) -> None:
    found = call("PUT", "/products/13", body=sent)
    assert {key: found[key] for key in wished} == wished


def test_a_price_that_is_a_number_is_refused(call: Caller) -> None:
    assert call.refused("PUT", "/products/13", body={"regular_price": 45.5}) == (400, "rest_invalid_param")


def test_a_variable_product_has_no_price_of_its_own(call: Caller) -> None:
    found = call("PUT", "/products/40", body={"regular_price": "70.00"})
    assert (found["regular_price"], found["price"]) == ("", "59.00")


def test_a_promotion_runs_by_its_dates(call: Caller, clock: Clock) -> None:
    sent = {"regular_price": "100.00", "sale_price": "80.00", "date_on_sale_from_gmt": "2026-11-22T05:00:00"}
    assert call("PUT", "/products/11", body=sent)["price"] == "100.00"
    clock.pass_s(3600)
    assert call.get("/products/11")["price"] == "80.00"


STOCKS: list[Any] = [
    ({"stock_quantity": 7}, 7, "instock"),
    ({"stock_quantity": "7"}, 7, "instock"),
    ({"stock_quantity": -2}, -2, "outofstock"),
    ({"stock_quantity": None}, 0, "outofstock"),
    ({"stock_quantity": 0, "backorders": "notify"}, 0, "onbackorder"),
    ({"manage_stock": False, "stock_status": "outofstock"}, None, "outofstock"),
]


@pytest.mark.parametrize(("sent", "quantity", "status"), STOCKS)
def test_stock_is_an_absolute_overwrite_in_whole_pieces(
    call: Caller, sent: Any, quantity: Any, status: str
) -> None:
    found = call("PUT", "/products/11", body=sent)
    assert (found["stock_quantity"], found["stock_status"]) == (quantity, status)


def test_a_part_of_a_piece_is_refused(call: Caller) -> None:
    assert call.refused("PUT", "/products/11", body={"stock_quantity": 2.5}) == (400, "rest_invalid_param")


def test_a_variation_cannot_be_written_as_a_product(call: Caller) -> None:
    refused = call.refused("PUT", "/products/41", body={"stock_quantity": 1})
    assert refused == (404, "woocommerce_rest_invalid_product_id")


def test_variations_are_written_in_batches_of_one_parent(shop: Shop, call: Caller, clock: Clock) -> None:
    clock.pass_s(10)
    sent = {"update": [{"id": 41, "stock_quantity": 9}, {"id": 13, "stock_quantity": 9}]}
    found = call("POST", "/products/40/variations/batch", body=sent)["update"]
    assert found[0]["stock_quantity"] == 9
    assert found[1]["error"]["code"] == "woocommerce_rest_product_variation_invalid_id"
    assert shop.stock("TOW-0003") == 22
    assert call.ids("/products", modified_after="2026-11-22T04:18:20Z") == [40]
    assert call.ids("/products/40/variations", modified_after="2026-11-22T04:18:20Z") == [41]


def test_a_variation_may_live_off_its_parents_stock(shop: Shop, call: Caller) -> None:
    call("PUT", "/products/40", body={"manage_stock": True, "stock_quantity": 100})
    found = call("PUT", "/products/40/variations/41", body={"manage_stock": False})
    assert (found["manage_stock"], found["stock_quantity"]) == ("parent", 100)
    shop.place(lines=[("KOSZ-BIA-S", 3)])
    assert (shop.stock("KOSZ-BIA-S"), shop.stock("KOSZ")) == (97, 97)


def test_a_new_variation_gets_its_place_under_the_parent(shop: Shop, call: Caller) -> None:
    made = call("POST", "/products/40/variations", body={"sku": "KOSZ-XXL", "regular_price": "65.00"})
    assert made["parent_id"] == 40
    assert made["id"] in call.get("/products/40")["variations"]
    call("DELETE", f"/products/40/variations/{made['id']}", {"force": "true"})
    assert made["id"] not in call.get("/products/40")["variations"]


def test_the_delta_is_not_atomic(shop: Shop, call: Caller) -> None:
    shop.set_stock("TOW-0001", 0)
    gate = threading.Barrier(12)

    def add(_: int) -> int:
        gate.wait()
        return call.send("PUT", "/products/11", body={"inventory_delta": 1}).status_code

    with ThreadPoolExecutor(12) as pool:
        assert set(pool.map(add, range(12))) == {200}
    assert 0 < (shop.stock("TOW-0001") or 0) < 12


def test_the_shops_own_reduction_loses_nothing(shop: Shop, call: Caller) -> None:
    sent = {"status": "processing", "line_items": [{"product_id": 11, "quantity": 1}]}
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda _: call.send("POST", "/orders", body=sent), range(12)))
    assert shop.stock("TOW-0001") == 68


def test_the_shared_catalogue_has_the_skus_of_the_other_channel() -> None:
    from pomost.sandbox.baselinker.catalogue import BY_SKU
    from pomost.sandbox.woocommerce import Settings

    shop = Shop(Settings(catalogue="shared", more_products=5))
    assert set(BY_SKU) <= set(shop.store.by_sku)
    assert shop.stock("KUBEK-01") == BY_SKU["KUBEK-01"].stock
    order = shop.order(shop.place(lines=[("KUBEK-01", 2), ("SZKOL-BHP", 1)])[0])
    assert [line["tax_class"] for line in order["line_items"]] == ["", "zwolnione"]
