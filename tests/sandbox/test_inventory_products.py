"""Cards of products: made, changed, listed, deleted, logged."""

from typing import Any

import pytest

from pomost.sandbox.baselinker import Sandbox

from .conftest import PDF, Caller, Clock, data

SHELF, MUG = 30711, 700_200_301
FIELDS = """
is_bundle parent_id sku ean asin tags tax_rate weight height width length star category_id manufacturer_id prices stock
thresholds incoming locations text_fields average_cost average_landed_cost images videos links bundle_products variants
"""


def add(call: Caller, **sent: Any) -> int:
    made = call.done("addInventoryProduct", inventory_id=SHELF, **sent)
    assert made["warnings"] == "", made
    return int(made["product_id"])


def card(call: Caller, product_id: int, **sent: Any) -> dict[str, Any]:
    found = call.done("getInventoryProductsData", inventory_id=SHELF, products=[product_id], **sent)[
        "products"
    ]
    one: dict[str, Any] = found[str(product_id)]
    return one


def listed(call: Caller, **sent: Any) -> list[int]:
    found = call.done("getInventoryProductsList", inventory_id=SHELF, **sent)["products"]
    return [int(number) for number in found]


def test_a_card_has_every_field_of_the_reference(call: Caller) -> None:
    found = card(call, MUG)
    assert set(found) == set(FIELDS.split())
    assert (found["sku"], found["tax_rate"], found["weight"], found["category_id"]) == (
        "KUBEK-01",
        23,
        0.35,
        81001,
    )
    assert (found["variants"], found["images"], found["links"]) == ([], [], [])
    flags = ("include_erp_units", "include_wms_units", "include_additional_eans", "include_suppliers")
    more = card(call, MUG, **dict.fromkeys(flags, True)).keys() - found.keys()
    assert more == {"stock_erp_units", "stock_wms_units", "ean_additional", "suppliers"}


def test_a_card_is_made_whole_and_changed_key_by_key(call: Caller) -> None:
    number = add(
        call,
        sku="A-1",
        ean="5901234123457",
        tags=["nowość"],
        tax_rate=8,
        weight=1.239,
        height=10,
        average_cost=5.5,
        category_id=81002,
        manufacturer_id=82001,
        prices={"21001": 9.99, "21003": 3},
        stock={"bl_20517": 5},
        locations={"bl_20517": "A-1-1;B-2"},
        text_fields={"name": "Świeca", "name|de": "Kerze", "features": {"Kolor": "biały"}},
        links={"shop_8235": {"product_id": "7", "variant_id": "0"}},
    )
    add(call, product_id=number, prices={"21001": 8}, text_fields={"name|de": "Duftkerze"}, tags=[])
    found = card(call, number)
    assert found["prices"] == {"21001": 8, "21003": 3, "21004": 6.4}
    assert (found["sku"], found["weight"], found["stock"]) == ("A-1", 1.24, {"bl_20517": 5})
    assert found["text_fields"] == {
        "name": "Świeca",
        "description": "",
        "name|de": "Duftkerze",
        "features": {"Kolor": "biały"},
    }
    assert (found["tags"], found["locations"]) == ([], {"bl_20517": "A-1-1;B-2"})
    assert listed(call, filter_name="ŚWIECA") == [MUG + 22, number]


def test_the_same_creation_twice_makes_two_products(call: Caller) -> None:
    assert add(call, sku="B-1") != add(call, sku="B-1")
    assert len(listed(call, filter_sku="B-1")) == 2


REFUSED: list[Any] = [
    pytest.param({"product_id": 5}, "PRODUCT_ID", id="unknown product"),
    pytest.param({"inventory_id": 5}, "STORAGE_ID", id="unknown inventory"),
    pytest.param({"parent_id": 5}, "PARENT_ID", id="unknown parent"),
    pytest.param({"product_id": MUG, "parent_id": MUG}, "PARENT_ID", id="its own parent"),
    pytest.param({"category_id": 5}, "CATEGORY_ID", id="unknown category"),
    pytest.param({"manufacturer_id": 5}, "MANUFACTURER_ID", id="unknown manufacturer"),
    pytest.param({"tax_rate": 101}, "TAX_RATE", id="rate"),
    pytest.param({"weight": -1}, "WEIGHT", id="negative weight"),
    pytest.param({"prices": {"21001": "x"}}, "PRICE", id="price no number"),
    pytest.param({"stock": {"bl_20517": 0.5}}, "STOCK", id="half a piece"),
    pytest.param({"tags": "x"}, "TAGS", id="tags no list"),
    pytest.param({"stock": [1]}, "STOCK", id="stock no map"),
]


@pytest.mark.parametrize(("sent", "code"), REFUSED)
def test_a_card_that_cannot_be_is_refused_and_leaves_nothing(
    sandbox: Sandbox, call: Caller, sent: dict[str, Any], code: str
) -> None:
    assert (
        call.refused("addInventoryProduct", **{"inventory_id": SHELF, "sku": "X", **sent})[0]
        == f"ERROR_{code}"
    )
    assert len(sandbox.products()) == 61
    assert sandbox.product_writes() == []


WARNED: list[Any] = [
    pytest.param({"stock": {"shop_8235": 1}}, "stock", "external", id="external warehouse"),
    pytest.param({"stock": {"bl_9": 1}}, "stock", "does not belong", id="unknown warehouse"),
    pytest.param({"prices": {"21004": 1}}, "prices", "computed", id="derived group"),
    pytest.param({"sku": "S" * 51}, "sku", "Cut to 50", id="long sku"),
    pytest.param({"text_fields": {"name": "n" * 201}}, "text_fields", "Cut to 200", id="long name"),
    pytest.param({"text_fields": {"nazwa": "x"}}, "text_fields", "no field nazwa", id="unknown field"),
    pytest.param({"text_fields": {"name|fr": "x"}}, "text_fields", "no language fr", id="unknown language"),
    pytest.param({"images": {"16": "url:x"}}, "images", "Position 16", id="position"),
    pytest.param({"images": {"0": "data:!!"}}, "images", "not base64", id="broken picture"),
    pytest.param({"images": {"0": "url:" + "x" * 1001}}, "images", "up to 1000", id="long address"),
    pytest.param(
        {"images": {"0": data(b"x" * (2 * 1024 * 1024 + 1))}}, "images", "larger than", id="over 2 MB"
    ),
    pytest.param({"bundle_products": {str(MUG): 1}}, "bundle_products", "no bundle", id="no bundle"),
]


@pytest.mark.parametrize(("sent", "field", "why"), WARNED)
def test_what_cannot_be_kept_is_a_warning_and_the_card_is_made(
    call: Caller, sent: dict[str, Any], field: str, why: str
) -> None:
    made = call.done("addInventoryProduct", inventory_id=SHELF, **sent)
    assert list(made["warnings"]) == [field]
    assert why in made["warnings"][field]
    assert made["product_id"] > 710_000_000


def test_over_long_texts_are_refused_where_the_account_refuses_them(sandbox: Sandbox, call: Caller) -> None:
    sandbox.configure(over_long="refuse")
    assert call.refused("addInventoryProduct", inventory_id=SHELF, sku="S" * 51)[0] == "ERROR_SKU"


def test_pictures_are_written_from_position_0_and_read_from_1(sandbox: Sandbox, call: Caller) -> None:
    sent = {"0": data(b"\x89PNG one"), "1": "url:https://example.com/2.jpg", "15": data(b"last")}
    number = add(call, images=sent)
    found = card(call, number)["images"]
    assert list(found) == ["1", "2", "16"]
    assert found["2"] == "https://example.com/2.jpg"
    assert call.http.get(found["1"]).content == b"\x89PNG one"
    assert sandbox.product_file(number, 15) == b"last"
    add(call, product_id=number, images={"0": "", "1": data(b"two")})
    assert list(card(call, number)["images"]) == ["2", "16"]
    assert sandbox.product_file(number, 0) is None


def test_a_file_field_keeps_its_title_and_gives_an_address(sandbox: Sandbox, call: Caller) -> None:
    number = add(call, text_fields={"extra_field_83003": {"title": "Instrukcja", "file": data()}})
    found = card(call, number)["text_fields"]["extra_field_83003"]
    assert (found["title"], call.http.get(found["url"]).content) == ("Instrukcja", PDF)
    assert sandbox.product_file(number, "extra_field_83003") == PDF


def test_variants_hold_the_stock_of_their_product(sandbox: Sandbox, call: Caller) -> None:
    shirt = add(call, sku="KOSZULKA", text_fields={"name": "Koszulka"}, prices={"21001": 50})
    small = add(
        call, parent_id=shirt, sku="KOSZULKA-S", stock={"bl_20517": 6, "bl_20518": 4}, prices={"21001": 49}
    )
    large = add(call, parent_id=shirt, sku="KOSZULKA-L", stock={"bl_20517": 3, "bl_20518": 0})
    found = call.done("getInventoryProductsStock", inventory_id=SHELF, filter_id=shirt)["products"][
        str(shirt)
    ]
    assert found == {
        "product_id": shirt,
        "stock": {"bl_20517": 9, "bl_20518": 4},
        "variants": {
            str(small): {"bl_20517": 6, "bl_20518": 4},
            str(large): {"bl_20517": 3, "bl_20518": 0},
        },
    }
    answer = call.done(
        "updateInventoryProductsStock",
        inventory_id=SHELF,
        products={str(small): {"bl_20517": 1}, str(shirt): {"bl_20517": 99}},
    )
    assert answer["counter"] == 1
    assert "variants" in answer["warnings"][str(shirt)]
    assert sandbox.stock(shirt) == {"bl_20517": 4, "bl_20518": 4}
    prices = call.done("getInventoryProductsPrices", inventory_id=SHELF)["products"][str(shirt)]
    assert prices["variants"] == {str(small): {"21001": 49, "21004": 39.2}, str(large): []}
    assert card(call, shirt)["variants"][str(small)]["sku"] == "KOSZULKA-S"
    assert (shirt in listed(call), small in listed(call)) == (True, False)
    rows = call.done("getInventoryProductsList", inventory_id=SHELF, include_variants=True)["products"]
    assert (rows[str(shirt)]["parent_id"], rows[str(large)]["parent_id"]) == (0, shirt)
    call.done("deleteInventoryProduct", product_id=small)
    assert sandbox.stock(shirt) == {"bl_20517": 3, "bl_20518": 0}
    call.done("deleteInventoryProduct", product_id=shirt)
    assert len(sandbox.products()) == 61


def test_a_variant_stands_under_a_main_product_only(call: Caller) -> None:
    shirt = add(call, sku="K")
    small = add(call, parent_id=shirt, sku="K-S")
    assert call.refused("addInventoryProduct", inventory_id=SHELF, parent_id=small)[0] == "ERROR_PARENT_ID"
    refused = call.refused("addInventoryProduct", inventory_id=SHELF, product_id=shirt, parent_id=MUG)
    assert refused[0] == "ERROR_PARENT_ID"


def test_there_are_as_many_bundles_as_the_parts_allow(sandbox: Sandbox, call: Caller) -> None:
    coffee = sandbox.product(sku="KAWA-1KG")["product_id"]
    bundle = add(call, is_bundle=True, sku="ZESTAW", bundle_products={str(MUG): 2, str(coffee): 1})
    assert sandbox.stock(bundle) == {"bl_20517": 110, "bl_20518": 0}
    call.done("updateInventoryProductsStock", inventory_id=SHELF, products={str(MUG): {"bl_20517": 7}})
    assert sandbox.stock(bundle)["bl_20517"] == 3
    answer = call.done(
        "updateInventoryProductsStock", inventory_id=SHELF, products={str(bundle): {"bl_20517": 9}}
    )
    assert (answer["counter"], "bundle" in answer["warnings"][str(bundle)]) == (0, True)
    assert card(call, bundle)["bundle_products"] == {str(MUG): 2, str(coffee): 1}
    call.done("deleteInventoryProduct", product_id=coffee)
    assert card(call, bundle)["bundle_products"] == {str(MUG): 2}


FILTERS: list[Any] = [
    pytest.param({"filter_sku": "KUBEK-01"}, [MUG], id="sku"),
    pytest.param({"filter_sku": "KUBEK"}, [], id="part of a sku"),
    pytest.param({"filter_ean": "5900000000022"}, [MUG + 1], id="ean"),
    pytest.param({"filter_id": MUG + 2}, [MUG + 2], id="id"),
    pytest.param({"filter_name": "TERMICZNY"}, [MUG + 2], id="name"),
    pytest.param({"filter_category_id": 81006, "filter_price_to": 30}, [MUG + 58, MUG + 60], id="category"),
    pytest.param({"filter_price_from": 1199, "filter_price_to": 1199}, [MUG + 25], id="price"),
    pytest.param({"filter_stock_from": 5000}, [MUG + 38], id="stock"),
    pytest.param({"filter_stock_to": 3}, [MUG + 55], id="little stock"),
    pytest.param({"filter_asin": "B0"}, [], id="asin"),
    pytest.param({"filter_locations": ["C-3"]}, [], id="locations"),
]


@pytest.mark.parametrize(("sent", "found"), FILTERS)
def test_lists_are_filtered(call: Caller, sent: dict[str, Any], found: list[int]) -> None:
    assert listed(call, **sent) == found


def test_a_place_is_found_by_its_location(call: Caller) -> None:
    add(call, product_id=MUG, locations={"bl_20517": "C-3-1"})
    assert listed(call, filter_locations=["C-3"]) == [MUG]


def test_a_list_is_sorted_by_id_both_ways_and_its_empty_page_is_a_list(call: Caller) -> None:
    ascending = listed(call, filter_sort="id ASC")
    assert listed(call, filter_sort="id DESC") == ascending[::-1]
    assert call.done("getInventoryProductsList", inventory_id=SHELF, page=2) == {"products": []}
    refused = call.refused("getInventoryProductsList", inventory_id=SHELF, filter_sort="name ASC")
    assert refused[0] == "ERROR_FILTER_SORT"


def test_unknown_ids_are_left_out_and_those_of_another_inventory_refused(call: Caller) -> None:
    found = call.done("getInventoryProductsData", inventory_id=SHELF, products=[5, MUG])["products"]
    assert list(found) == [str(MUG)]
    assert call.done("getInventoryProductsData", inventory_id=SHELF, products=[5]) == {"products": []}
    other = call.done("addInventory", name="Inny")["inventory_id"]
    assert (
        call.refused("getInventoryProductsData", inventory_id=other, products=[MUG])[0] == "ERROR_STORAGE_ID"
    )
    refused = call.refused("addInventoryProduct", inventory_id=other, product_id=MUG)
    assert refused[0] == "ERROR_STORAGE_ID"
    answer = call.done(
        "updateInventoryProductsStock", inventory_id=other, products={str(MUG): {"bl_20517": 1}}
    )
    assert answer == {"counter": 0, "warnings": {str(MUG): f"Product {MUG} belongs to another inventory"}}


def test_the_log_of_a_product_tells_what_changed_and_who_changed_it(
    sandbox: Sandbox, call: Caller, clock: Clock
) -> None:
    number = add(call, sku="L-1", text_fields={"name": "Log"}, stock={"bl_20517": 5}, prices={"21001": 2})
    clock.pass_s(60)
    sandbox.set_stock(number, 4)
    sandbox.set_price(number, 2.5)
    logs = call.done("getInventoryProductLogs", product_id=number)["logs"]
    seen = [(log["profile"], [entry["type"] for entry in log["entries"]]) for log in logs]
    assert seen == [("API", [2]), ("API", [1]), ("API", [3, 5]), ("Panel", [1]), ("Panel", [2])]
    assert logs[3]["entries"] == [{"type": 1, "info": "bl_20517", "from": 5, "to": 4}]
    assert logs[4]["entries"] == [{"type": 2, "info": "21001", "from": 2, "to": 2.5}]
    newest = call.done("getInventoryProductLogs", product_id=number, sort="DESC", log_type=[1])["logs"]
    assert [log["profile"] for log in newest] == ["Panel", "API"]
    since = call.done("getInventoryProductLogs", product_id=number, date_from=int(clock.now), log_type=1)[
        "logs"
    ]
    assert len(since) == 1
    call.done("deleteInventoryProduct", product_id=number)
    last = call.done("getInventoryProductLogs", product_id=number)["logs"][-1]
    assert last["entries"][0]["type"] == 4
    assert call.refused("getInventoryProductLogs", product_id=5)[0] == "ERROR_PRODUCT_ID"


def test_the_log_has_pages_of_a_hundred(sandbox: Sandbox, call: Caller) -> None:
    for pieces in range(250):
        sandbox.set_stock(MUG, 1000 + pieces)
    pages = [call.done("getInventoryProductLogs", product_id=MUG, page=page)["logs"] for page in (1, 2, 3, 4)]
    # The account itself noted two figures at its start.
    assert [len(page) for page in pages] == [100, 100, 51, 0]
    assert pages[2][-1]["entries"][0]["to"] == 1249


def test_a_trigger_of_a_product_is_noted(sandbox: Sandbox, call: Caller) -> None:
    call.done("runProductMacroTrigger", product_id=MUG, trigger_id=7)
    assert [(w.kind, w.changed) for w in sandbox.product_writes(MUG)] == [("trigger", {"trigger_id": 7})]
    assert call.refused("runProductMacroTrigger", product_id=5, trigger_id=7)[0] == "ERROR_PRODUCT_ID"


def test_unknown_parameters_are_refused_in_strict_mode_only(sandbox: Sandbox, call: Caller) -> None:
    call.done("getInventoryProductsList", inventory_id=SHELF, limit=5)
    sandbox.configure(strict=True)
    assert (
        call.refused("getInventoryProductsList", inventory_id=SHELF, limit=5)[0] == "ERROR_UNKNOWN_PARAMETER"
    )
