"""What a catalogue is made of: inventories, warehouses, price groups, categories, manufacturers (reference, 10.1)."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from pomost.sandbox.baselinker.inventory_figures import amount
from pomost.sandbox.baselinker.protocol import Json, Refusal, invalid, money
from pomost.sandbox.baselinker.state import Account

OWN = "bl"
MANUFACTURERS_PAGE = 1000
LABELS = {
    "name": "Nazwa",
    "description": "Opis",
    "features": "Parametry",
    "description_extra1": "Opis dodatkowy 1",
    "description_extra2": "Opis dodatkowy 2",
    "description_extra3": "Opis dodatkowy 3",
    "description_extra4": "Opis dodatkowy 4",
}


def storage_refusal(why: str) -> Refusal:
    return Refusal("ERROR_STORAGE_ID", f"Invalid storage identifier: {why}")


def inventory(account: Account, inventory_id: int) -> Json:
    """The inventory; refuses an unknown one as the reference tells (section 3)."""
    for found in account.records("inventory", id_from=inventory_id):
        if found["inventory_id"] == inventory_id:
            return found
        break
    raise storage_refusal(f"inventory {inventory_id} is unknown")


def default_inventory(account: Account) -> Json | None:
    return next((found for found in account.records("inventory") if found["is_default"]), None)


def key_of(warehouse: Json) -> str:
    return f"{warehouse['warehouse_type']}_{warehouse['warehouse_id']}"


def get_inventories(account: Account, sent: Json) -> Json:
    return {"inventories": account.records("inventory")}


def add_inventory(account: Account, sent: Json) -> Json:
    known_groups = {group["price_group_id"] for group in account.records("price_group")}
    known_keys = {key_of(warehouse) for warehouse in account.records("warehouse")}
    if unknown := set(sent.get("price_groups", [])) - known_groups:
        raise invalid("price_groups", f"no group {min(unknown)}")
    for name in ("languages", "warehouses"):
        if name in sent and not _texts(sent[name]):
            raise invalid(name, "a list of texts expected")
    if unknown_keys := set(sent.get("warehouses", [])) - known_keys:
        raise invalid("warehouses", f"no warehouse {min(unknown_keys)}")
    if "inventory_id" in sent:
        made = {**inventory(account, sent["inventory_id"]), **sent}
    else:
        first = not account.records("inventory")
        made = {
            "inventory_id": account.next_id("inventory"),
            "name": "",
            "description": "",
            "languages": ["pl"],
            "default_language": "pl",
            "price_groups": [],
            "default_price_group": 0,
            "warehouses": [],
            "default_warehouse": "",
            "reservations": False,
            "is_default": first,
            **sent,
        }
    for default, listed in (
        ("default_language", "languages"),
        ("default_price_group", "price_groups"),
        ("default_warehouse", "warehouses"),
    ):
        if made[default] not in made[listed]:
            if default in sent:
                raise invalid(default, f"not among {listed}")
            made[default] = made[listed][0] if made[listed] else ("" if listed != "price_groups" else 0)
    account.save_record("inventory", made["inventory_id"], made)
    return {"inventory_id": made["inventory_id"]}


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def delete_inventory(account: Account, sent: Json) -> Json:
    """Delete an inventory with all its products and categories."""
    number = inventory(account, sent["inventory_id"])["inventory_id"]
    account.goods.delete_inventory(number, "API")
    for category in account.records("category", number):
        account.remove_record("category", category["category_id"])
    account.remove_record("inventory", number)
    return {}


def get_inventory_warehouses(account: Account, sent: Json) -> Json:
    return {"warehouses": account.records("warehouse")}


def add_inventory_warehouse(account: Account, sent: Json) -> Json:
    if "warehouse_id" in sent:
        made = account.record("warehouse", sent["warehouse_id"])
        if made["warehouse_type"] != OWN:
            raise invalid("warehouse_id", "an external warehouse cannot be edited")
    else:
        made = {"warehouse_type": OWN, "warehouse_id": account.next_id("warehouse"), "name": ""}
        made |= {"description": "", "stock_edition": True, "is_default": False}
    made |= sent
    account.save_record("warehouse", made["warehouse_id"], made)
    return {"warehouse_id": made["warehouse_id"]}


def delete_inventory_warehouse(account: Account, sent: Json) -> Json:
    gone = account.record("warehouse", sent["warehouse_id"])
    if gone["warehouse_type"] != OWN:
        raise invalid("warehouse_id", "an external warehouse cannot be deleted")
    key = key_of(gone)
    account.remove_record("warehouse", gone["warehouse_id"])
    for shelf in account.records("inventory"):
        if key in shelf["warehouses"]:
            shelf["warehouses"].remove(key)
            if shelf["default_warehouse"] == key:
                shelf["default_warehouse"] = next(iter(shelf["warehouses"]), "")
            account.save_record("inventory", shelf["inventory_id"], shelf)
    return {}


def get_inventory_price_groups(account: Account, sent: Json) -> Json:
    return {"price_groups": account.records("price_group")}


def add_inventory_price_group(account: Account, sent: Json) -> Json:
    if "price_group_id" in sent:
        made = account.record("price_group", sent["price_group_id"])
    else:
        made = {"price_group_id": account.next_id("price_group"), "name": "", "description": ""}
        made |= {"currency": "PLN", "is_default": False, "price_group_type": "standard"}
        made |= {"source_price_group_id": 0, "price_multiplier": 1, "price_addition": 0}
    made |= sent
    source = made["source_price_group_id"]
    if source:
        base = account.record("price_group", source)
        if source == made["price_group_id"] or base["source_price_group_id"]:
            raise invalid("source_price_group_id", "a derived group follows one that is not")
    made["price_group_type"] = "derived" if source else "standard"
    account.save_record("price_group", made["price_group_id"], made)
    return {"price_group_id": made["price_group_id"]}


def delete_inventory_price_group(account: Account, sent: Json) -> Json:
    gone = account.record("price_group", sent["price_group_id"])["price_group_id"]
    for group in account.records("price_group"):
        if group["source_price_group_id"] == gone:
            raise invalid("price_group_id", f"group {group['price_group_id']} follows it")
    account.remove_record("price_group", gone)
    for shelf in account.records("inventory"):
        if gone in shelf["price_groups"]:
            shelf["price_groups"].remove(gone)
            if shelf["default_price_group"] == gone:
                shelf["default_price_group"] = next(iter(shelf["price_groups"]), 0)
            account.save_record("inventory", shelf["inventory_id"], shelf)
    return {}


def why_not_priced(account: Account, shelf: Json) -> dict[int, str]:
    """The price groups that take no price in this inventory, and why; the others of it take one."""
    reasons = {}
    for group in account.records("price_group"):
        number = group["price_group_id"]
        if number not in shelf["price_groups"]:
            reasons[number] = f"price group {number} does not belong to the inventory"
        elif group["source_price_group_id"]:
            reasons[number] = f"prices of group {number} are computed from another group"
    return reasons


def shown_prices(account: Account, shelf: Json, ids: Iterable[int]) -> dict[int, Json]:
    """Prices by group, those of derived groups computed."""
    groups = [g for g in account.records("price_group") if g["price_group_id"] in shelf["price_groups"]]
    found: dict[int, Json] = {}
    for product_id, kept in account.goods.prices(ids).items():
        shown = found[product_id] = {}
        for group in groups:
            number, source = group["price_group_id"], group["source_price_group_id"]
            if source and source in kept:
                exact = kept[source] * money(group["price_multiplier"]) + money(group["price_addition"]) * 100
                shown[str(number)] = amount(int(exact.quantize(Decimal(1), ROUND_HALF_UP)))
            elif not source and number in kept:
                shown[str(number)] = amount(kept[number])
    return found


def get_inventory_categories(account: Account, sent: Json) -> Json:
    """Those of one inventory with the common ones; without an inventory the common ones only."""
    found = account.records("category", 0)
    if "inventory_id" in sent:
        found = sorted(
            found + account.records("category", inventory(account, sent["inventory_id"])["inventory_id"]),
            key=lambda category: int(category["category_id"]),
        )
    return {"categories": found}


def category_fits(account: Account, category_id: int, inventory_id: int) -> bool:
    """Whether a product of this inventory can stand in the category; 0 is none."""
    if category_id == 0:
        return True
    return account.owner_of("category", category_id) in (0, inventory_id)


def add_inventory_category(account: Account, sent: Json) -> Json:
    owner = inventory(account, sent["inventory_id"])["inventory_id"] if "inventory_id" in sent else 0
    number = sent.get("category_id", 0)
    if number:
        made = account.record("category", number)
        if "inventory_id" not in sent:
            owner = account.owner_of("category", number) or 0
    else:
        made = {"category_id": account.next_id("category"), "name": "", "parent_id": 0}
    made |= {name: sent[name] for name in ("name", "parent_id") if name in sent}
    above, line = made["parent_id"], [made["category_id"]]
    while above:
        if above in line:
            raise invalid("parent_id", "a category cannot stand under itself")
        line.append(above)
        above = _parent_of(account, above)
    account.save_record("category", made["category_id"], made, owner)
    return {"category_id": made["category_id"]}


def _parent_of(account: Account, category_id: int) -> int:
    try:
        return int(account.record("category", category_id)["parent_id"])
    except Refusal:
        raise invalid("parent_id", f"no category {category_id}; send parents first") from None


def delete_inventory_category(account: Account, sent: Json) -> Json:
    """Delete a category with the products inside; its sub-categories become top level."""
    number = account.record("category", sent["category_id"])["category_id"]
    account.goods.delete(account.goods.in_category(number), "API")
    for shelf in (0, *(found["inventory_id"] for found in account.records("inventory"))):
        for below in account.records("category", shelf):
            if below["parent_id"] == number:
                account.save_record("category", below["category_id"], {**below, "parent_id": 0}, shelf)
    account.remove_record("category", number)
    return {}


def get_inventory_manufacturers(account: Account, sent: Json) -> Json:
    found = account.records("manufacturer")
    if "page" in sent:
        start = (max(sent["page"], 1) - 1) * MANUFACTURERS_PAGE
        found = found[start : start + MANUFACTURERS_PAGE]
    return {"manufacturers": [{name: m[name] for name in ("manufacturer_id", "name")} for m in found]}


def add_inventory_manufacturer(account: Account, sent: Json) -> Json:
    number = sent.get("manufacturer_id", 0)
    if number:
        made = account.record("manufacturer", number)
    else:
        if "name" not in sent and "manufacturer_name" not in sent:
            raise invalid("name", "required")
        made = {"manufacturer_id": account.next_id("manufacturer"), "name": sent.get("manufacturer_name", "")}
    made |= {name: value for name, value in sent.items() if name != "manufacturer_id"}
    account.save_record("manufacturer", made["manufacturer_id"], made)
    return {"manufacturer_id": made["manufacturer_id"]}


def delete_inventory_manufacturer(account: Account, sent: Json) -> Json:
    account.record("manufacturer", sent["manufacturer_id"])
    account.remove_record("manufacturer", sent["manufacturer_id"])
    account.goods.forget_manufacturer(sent["manufacturer_id"])
    return {}


def get_inventory_tags(account: Account, sent: Json) -> Json:
    return {"tags": account.records("tag")}


def get_inventory_extra_fields(account: Account, sent: Json) -> Json:
    return {"extra_fields": account.records("product_extra_field")}


def get_inventory_integrations(account: Account, sent: Json) -> Json:
    """The map of channels, in a list as in the vendor's example."""
    languages = inventory(account, sent["inventory_id"])["languages"]
    return {
        "integrations": [
            {
                "allegro": {"langs": ["pl"], "accounts": {"51877": "sample_seller"}},
                "amazon": {"langs": languages, "accounts": {"7245": "Sample Amazon.de"}},
            }
        ]
    }


def text_fields(account: Account) -> dict[str, str]:
    """The text fields of products with their labels."""
    fields = account.records("product_extra_field")
    return LABELS | {f"extra_field_{field['extra_field_id']}": field["name"] for field in fields}


def get_inventory_available_text_field_keys(account: Account, sent: Json) -> Json:
    shelf = inventory(account, sent["inventory_id"])
    keys = {}
    for field, label in text_fields(account).items():
        keys[field] = label
        for language in shelf["languages"]:
            if language != shelf["default_language"]:
                keys[f"{field}|{language}"] = f"{label} ({language})"
            keys[f"{field}|{language}|allegro_0"] = f"{label} ({language}, allegro)"
    return {"text_field_keys": keys}


def get_inventory_printout_templates(account: Account, sent: Json) -> Json:
    return {"printouts": account.records("printout")}


METHODS = {
    "getInventories": get_inventories,
    "addInventory": add_inventory,
    "deleteInventory": delete_inventory,
    "getInventoryWarehouses": get_inventory_warehouses,
    "addInventoryWarehouse": add_inventory_warehouse,
    "deleteInventoryWarehouse": delete_inventory_warehouse,
    "getInventoryPriceGroups": get_inventory_price_groups,
    "addInventoryPriceGroup": add_inventory_price_group,
    "deleteInventoryPriceGroup": delete_inventory_price_group,
    "getInventoryCategories": get_inventory_categories,
    "addInventoryCategory": add_inventory_category,
    "deleteInventoryCategory": delete_inventory_category,
    "getInventoryManufacturers": get_inventory_manufacturers,
    "addInventoryManufacturer": add_inventory_manufacturer,
    "deleteInventoryManufacturer": delete_inventory_manufacturer,
    "getInventoryTags": get_inventory_tags,
    "getInventoryExtraFields": get_inventory_extra_fields,
    "getInventoryIntegrations": get_inventory_integrations,
    "getInventoryAvailableTextFieldKeys": get_inventory_available_text_field_keys,
    "getInventoryPrintoutTemplates": get_inventory_printout_templates,
}
