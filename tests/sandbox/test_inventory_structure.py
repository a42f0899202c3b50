"""What a catalogue is made of."""

from typing import Any

import pytest

from pomost.sandbox.baselinker import Sandbox

from .conftest import Caller

SHELF, MUG = 30711, 700_200_301


def names(call: Caller, method: str, key: str, field: str = "name", **sent: Any) -> list[Any]:
    return [one[field] for one in call.done(method, **sent)[key]]


def test_a_new_account_has_one_inventory_with_warehouses_groups_and_categories(call: Caller) -> None:
    (shelf,) = call.done("getInventories")["inventories"]
    assert shelf == {
        "inventory_id": SHELF,
        "name": "Katalog podstawowy",
        "description": "",
        "languages": ["pl", "en", "de"],
        "default_language": "pl",
        "price_groups": [21001, 21002, 21003, 21004],
        "default_price_group": 21001,
        "warehouses": ["bl_20517", "bl_20518", "shop_8235"],
        "default_warehouse": "bl_20517",
        "reservations": False,
        "is_default": True,
    }
    assert names(call, "getInventoryWarehouses", "warehouses", "warehouse_id") == [8235, 20517, 20518]
    assert names(call, "getInventoryPriceGroups", "price_groups", "price_group_type")[3] == "derived"
    assert names(call, "getInventoryCategories", "categories", inventory_id=SHELF)[:2] == ["Kuchnia", "Dom"]
    assert call.done("getInventoryCategories") == {"categories": []}
    assert names(call, "getInventoryManufacturers", "manufacturers")[1] == "Sample Tools"
    assert names(call, "getInventoryTags", "tags") == ["nowość", "wyprzedaż"]
    assert names(call, "getInventoryExtraFields", "extra_fields", "kind") == [1, 0, 0]
    assert names(call, "getInventoryPrintoutTemplates", "printouts") == ["Etykieta produktu"]


def test_channels_come_as_a_map_in_a_list_and_text_keys_as_a_map(call: Caller) -> None:
    (channels,) = call.done("getInventoryIntegrations", inventory_id=SHELF)["integrations"]
    assert channels["amazon"] == {"langs": ["pl", "en", "de"], "accounts": {"7245": "Sample Amazon.de"}}
    keys = call.done("getInventoryAvailableTextFieldKeys", inventory_id=SHELF)["text_field_keys"]
    assert {"name", "name|de", "description|en|allegro_0", "extra_field_83001"} <= keys.keys()


def test_an_inventory_of_its_own_is_built_from_warehouses_and_groups(call: Caller) -> None:
    warehouse = call.done("addInventoryWarehouse", name="Zaplecze", description="", stock_edition=False)
    group = call.done("addInventoryPriceGroup", name="B2B", description="", currency="PLN")
    key = f"bl_{warehouse['warehouse_id']}"
    made = call.done(
        "addInventory",
        name="Hurt",
        description="",
        languages=["pl"],
        price_groups=[group["price_group_id"]],
        warehouses=[key],
    )["inventory_id"]
    found = call.done("getInventories")["inventories"][1]
    assert (found["default_warehouse"], found["default_price_group"]) == (key, group["price_group_id"])
    assert (found["is_default"], found["default_language"]) == (False, "pl")
    call.done("addInventory", inventory_id=made, name="Hurt 2")
    assert names(call, "getInventories", "inventories") == ["Katalog podstawowy", "Hurt 2"]
    call.done("deleteInventoryWarehouse", warehouse_id=warehouse["warehouse_id"])
    call.done("deleteInventoryPriceGroup", price_group_id=group["price_group_id"])
    left = call.done("getInventories")["inventories"][1]
    assert (left["warehouses"], left["default_warehouse"], left["price_groups"]) == ([], "", [])


def test_a_deleted_inventory_takes_its_products_along(sandbox: Sandbox, call: Caller) -> None:
    call.done("deleteInventory", inventory_id=SHELF)
    assert call.done("getInventories") == {"inventories": []}
    assert call.refused("getInventoryProductsList", inventory_id=SHELF)[0] == "ERROR_STORAGE_ID"
    with pytest.raises(LookupError):
        sandbox.product(MUG)


REFUSED: list[Any] = [
    pytest.param("addInventory", {"name": "x", "price_groups": [1]}, "PRICE_GROUPS", id="unknown group"),
    pytest.param("addInventory", {"name": "x", "warehouses": ["bl_1"]}, "WAREHOUSES", id="unknown warehouse"),
    pytest.param("addInventory", {"name": "x", "warehouses": "bl_1"}, "WAREHOUSES", id="no list"),
    pytest.param("addInventory", {"inventory_id": 1}, "STORAGE_ID", id="unknown inventory"),
    pytest.param("deleteInventoryWarehouse", {"warehouse_id": 8235}, "WAREHOUSE_ID", id="external"),
    pytest.param(
        "addInventoryWarehouse", {"warehouse_id": 8235, "name": "x"}, "WAREHOUSE_ID", id="edit external"
    ),
    pytest.param(
        "deleteInventoryPriceGroup", {"price_group_id": 21001}, "PRICE_GROUP_ID", id="group followed"
    ),
    pytest.param(
        "addInventoryPriceGroup",
        {"name": "x", "source_price_group_id": 21004},
        "SOURCE_PRICE_GROUP_ID",
        id="derived",
    ),
    pytest.param("addInventoryCategory", {"name": "x", "parent_id": 5}, "PARENT_ID", id="parent first"),
    pytest.param(
        "addInventoryCategory",
        {"category_id": 81001, "name": "x", "parent_id": 81001},
        "PARENT_ID",
        id="under itself",
    ),
    pytest.param("deleteInventoryCategory", {"category_id": 5}, "CATEGORY_ID", id="unknown category"),
    pytest.param("addInventoryManufacturer", {}, "NAME", id="no name"),
    pytest.param(
        "deleteInventoryManufacturer", {"manufacturer_id": 5}, "MANUFACTURER_ID", id="unknown maker"
    ),
    pytest.param("getInventoryIntegrations", {"inventory_id": 5}, "STORAGE_ID", id="integrations of nothing"),
]


@pytest.mark.parametrize(("method", "sent", "code"), REFUSED)
def test_what_does_not_fit_is_refused(call: Caller, method: str, sent: dict[str, Any], code: str) -> None:
    assert call.refused(method, **sent)[0] == f"ERROR_{code}"


def test_a_deleted_category_takes_its_products_and_lifts_its_children(sandbox: Sandbox, call: Caller) -> None:
    child = call.done("addInventoryCategory", inventory_id=SHELF, name="Noże", parent_id=81001)["category_id"]
    call.done("deleteInventoryCategory", category_id=81001)
    found = {
        c["category_id"]: c for c in call.done("getInventoryCategories", inventory_id=SHELF)["categories"]
    }
    assert found[child] == {"category_id": child, "name": "Noże", "parent_id": 0}
    assert 81001 not in found
    assert len(sandbox.products()) == 61 - 18
    assert [w.kind for w in sandbox.product_writes(MUG)] == ["deleted"]


def test_common_categories_belong_to_every_inventory(call: Caller) -> None:
    common = call.done("addInventoryCategory", name="Promocje", parent_id=0)["category_id"]
    assert names(call, "getInventoryCategories", "categories") == ["Promocje"]
    assert "Promocje" in names(call, "getInventoryCategories", "categories", inventory_id=SHELF)
    card = call.done("addInventoryProduct", inventory_id=SHELF, product_id=MUG, category_id=common)
    assert card["product_id"] == MUG


def test_manufacturers_are_paged_by_a_thousand_when_a_page_is_asked_for(
    sandbox: Sandbox, call: Caller
) -> None:
    for number in range(1000):
        sandbox.shop.account.save_record(  # quicker than a thousand calls
            "manufacturer", 90_000 + number, {"manufacturer_id": 90_000 + number, "name": f"M {number}"}
        )
    assert len(names(call, "getInventoryManufacturers", "manufacturers")) == 1002
    assert len(names(call, "getInventoryManufacturers", "manufacturers", page=1)) == 1000
    assert names(call, "getInventoryManufacturers", "manufacturers", page=2) == ["M 998", "M 999"]
    assert call.done("getInventoryManufacturers", page=3) == {"manufacturers": []}


def test_a_deleted_manufacturer_is_forgotten_by_its_products(sandbox: Sandbox, call: Caller) -> None:
    made = call.done("addInventoryManufacturer", name="Huta")["manufacturer_id"]
    call.done("addInventoryProduct", inventory_id=SHELF, product_id=MUG, manufacturer_id=made)
    assert sandbox.product(MUG)["manufacturer_id"] == made
    call.done("deleteInventoryManufacturer", manufacturer_id=made)
    assert sandbox.product(MUG)["manufacturer_id"] == 0


def test_a_derived_group_follows_its_source_with_multiplier_and_addition(call: Caller) -> None:
    group = call.done(
        "addInventoryPriceGroup",
        name="Marża",
        currency="PLN",
        source_price_group_id=21001,
        price_multiplier=1.1,
        price_addition=0.05,
    )["price_group_id"]
    call.done("addInventory", inventory_id=SHELF, price_groups=[21001, 21004, group])
    listed = call.done("getInventoryProductsList", inventory_id=SHELF, filter_id=MUG)["products"][str(MUG)]
    assert listed["prices"] == {"21001": 29.95, "21004": 23.96, str(group): 33}
