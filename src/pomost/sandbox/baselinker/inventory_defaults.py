"""The product catalogue of a new sandbox account: one inventory with what the sample shop sells; all ids are stable."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from pomost.sandbox.baselinker.catalogue import BY_SKU, ITEMS, Item
from pomost.sandbox.baselinker.protocol import Json

if TYPE_CHECKING:
    from pomost.sandbox.baselinker.state import Account

INVENTORY, RETAIL, WHOLESALE, EURO, OUTLET = 30711, 21001, 21002, 21003, 21004
MAIN, SECOND, SHOP = "bl_20517", "bl_20518", "shop_8235"
WAREHOUSES = (
    ("bl", 20517, "Magazyn główny", True),
    ("bl", 20518, "Magazyn drugi", False),
    ("shop", 8235, "sklep.example.com", False),
)
PRICE_GROUPS = (
    (RETAIL, "Detaliczna", "PLN", 0, 1, 0),
    (WHOLESALE, "Hurtowa", "PLN", 0, 1, 0),
    (EURO, "Detaliczna EUR", "EUR", 0, 1, 0),
    (OUTLET, "Outlet", "PLN", RETAIL, 0.8, 0),
)
# Category, and the number of the sample shop's first article in it.
CATEGORIES = (
    (81001, "Kuchnia", 0),
    (81002, "Dom", 18),
    (81003, "Narzędzia", 30),
    (81004, "Spożywcze", 40),
    (81005, "Książki", 50),
    (81006, "Szkoły i usługi", 55),
)
MANUFACTURERS = ((82001, "Przykładowa Ceramika"), (82002, "Sample Tools"))
TAGS = ("nowość", "wyprzedaż")
EXTRA_FIELDS = (
    (83001, "Skład", 1, "textarea"),
    (83002, "Kod dostawcy", 0, "text"),
    (83003, "Instrukcja", 0, "file"),
)
PRINTOUTS = ((84001, "Etykieta produktu", "PDF"),)
DEFAULT: Json = {
    "inventory_id": INVENTORY,
    "name": "Katalog podstawowy",
    "description": "",
    "languages": ["pl", "en", "de"],
    "default_language": "pl",
    "price_groups": [RETAIL, WHOLESALE, EURO, OUTLET],
    "default_price_group": RETAIL,
    "warehouses": [MAIN, SECOND, SHOP],
    "default_warehouse": MAIN,
    "reservations": False,
    "is_default": True,
}


def category_of(number: int) -> int:
    """The category of the sample shop's article of this number."""
    return next(category for category, _, first in reversed(CATEGORIES) if number >= first)


_CATEGORY_OF = {item.sku: category_of(number) for number, item in enumerate(ITEMS)}


def rows(items: Iterable[Item]) -> Iterator[tuple[Any, ...]]:
    """Articles as `Goods.fill` takes them."""
    for item in items:
        model = item.sku if item.sku in BY_SKU else item.sku.rpartition("-")[0]
        yield (
            int(item.product_id),
            item.sku,
            item.ean,
            item.name,
            _CATEGORY_OF.get(model, 0),
            item.tax_rate,
            float(item.weight_kg),
            item.stock,
            int(item.price_gross * 100),
        )


def fill(account: "Account") -> None:
    """Give a new account its catalogue."""
    if account.records("inventory"):
        return
    save = account.save_record
    save("inventory", INVENTORY, DEFAULT)
    for kind, number, name, edition in WAREHOUSES:
        warehouse = {"warehouse_type": kind, "warehouse_id": number, "name": name, "description": ""}
        warehouse |= {"stock_edition": edition, "is_default": number == WAREHOUSES[0][1]}
        save("warehouse", number, warehouse)
    for group, name, currency, source, multiplier, addition in PRICE_GROUPS:
        priced: Json = {"price_group_id": group, "name": name, "description": "", "currency": currency}
        priced |= {"is_default": group == RETAIL, "price_group_type": "derived" if source else "standard"}
        priced |= {
            "source_price_group_id": source,
            "price_multiplier": multiplier,
            "price_addition": addition,
        }
        save("price_group", group, priced)
    for category, name, _ in CATEGORIES:
        save("category", category, {"category_id": category, "name": name, "parent_id": 0}, INVENTORY)
    for number, name in MANUFACTURERS:
        save("manufacturer", number, {"manufacturer_id": number, "name": name})
    for number, name in enumerate(TAGS):
        save("tag", number + 1, {"name": name})
    for number, name, kind_of, editor in EXTRA_FIELDS:
        field = {"extra_field_id": number, "name": name, "kind": kind_of, "editor_type": editor}
        save("product_extra_field", number, field)
    for number, name, form in PRINTOUTS:
        save("printout", number, {"printout_id": number, "name": name, "file_format": form})
    goods = account.goods
    goods.fill(INVENTORY, MAIN, RETAIL, rows(ITEMS))
    goods.put_stock({int(item.product_id): {SECOND: 0} for item in ITEMS}, "Panel")
    goods.put_stock({int(ITEMS[0].product_id): {SHOP: 11}}, "Panel")
