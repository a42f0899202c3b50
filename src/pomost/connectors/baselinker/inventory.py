"""BaseLinker's methods for the product catalogue, one thin function each (reference, section 10)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from pomost.connectors.baselinker.calls import Calls, given, rows
from pomost.connectors.baselinker.errors import unclear
from pomost.connectors.baselinker.wire_types import as_int
from pomost.ports import Json, Priority

PAGE = 1000
"""Products in a full page, and the most that one call may write."""
DATA = 100
"""Products whose data are asked for in one call: no limit is documented, and this many are known to work."""


class Inventory:
    """The catalogue's methods over the wire of an account."""

    def __init__(self, wire: Calls) -> None:
        self._wire = wire

    def get_inventories(self) -> list[Json]:
        return self._wire.listed("getInventories", "inventories")

    def get_inventory_warehouses(self) -> list[Json]:
        return self._wire.listed("getInventoryWarehouses", "warehouses")

    def get_inventory_price_groups(self) -> list[Json]:
        return self._wire.listed("getInventoryPriceGroups", "price_groups")

    def get_inventory_products_list(
        self, inventory_id: int, page: int, *, variants: bool = True, **filters: Any
    ) -> dict[str, Json]:
        """Product id -> row; 1000 a page from 1."""
        asked = given(
            inventory_id=inventory_id,
            page=page,
            filter_sort="id ASC",
            include_variants=True if variants else None,
            **filters,
        )
        return self._products("getInventoryProductsList", asked)

    def get_inventory_products_stock(self, inventory_id: int, page: int) -> dict[str, Json]:
        return self._products("getInventoryProductsStock", {"inventory_id": inventory_id, "page": page})

    def get_inventory_products_prices(self, inventory_id: int, page: int) -> dict[str, Json]:
        return self._products("getInventoryProductsPrices", {"inventory_id": inventory_id, "page": page})

    def update_inventory_products_stock(self, inventory_id: int, products: Mapping[str, Any]) -> Json:
        return self._update("updateInventoryProductsStock", inventory_id, products, Priority.STOCK)

    def update_inventory_products_prices(self, inventory_id: int, products: Mapping[str, Any]) -> Json:
        return self._update("updateInventoryProductsPrices", inventory_id, products, Priority.CATALOGUE)

    def get_inventory_products_data(self, inventory_id: int, ids: Collection[int]) -> dict[str, Json]:
        """Product id -> card; products that are not there are missing."""
        return self._products(
            "getInventoryProductsData", {"inventory_id": inventory_id, "products": list(ids)}
        )

    def add_inventory_product(self, asked: Json) -> Json:
        """Changes only what is sent. Makes a product where there is no ``product_id``, each time it is called."""
        return self._wire.call("addInventoryProduct", asked, Priority.CATALOGUE, write=True)

    def get_inventory_categories(self, inventory_id: int) -> list[Json]:
        answer = self._wire.call("getInventoryCategories", {"inventory_id": inventory_id}, Priority.CATALOGUE)
        return rows("getInventoryCategories", answer, "categories")

    def add_inventory_category(self, inventory_id: int, name: str, parent_id: int) -> int:
        asked = {"inventory_id": inventory_id, "name": name, "parent_id": parent_id}
        return self._made("addInventoryCategory", "category_id", asked)

    def get_inventory_manufacturers(self) -> list[Json]:
        return self._wire.listed("getInventoryManufacturers", "manufacturers")

    def add_inventory_manufacturer(self, name: str) -> int:
        return self._made("addInventoryManufacturer", "manufacturer_id", {"name": name})

    def _made(self, method: str, key: str, asked: Json) -> int:
        answer = self._wire.call(method, asked, Priority.CATALOGUE, write=True)
        try:
            return as_int(answer[key])
        except (KeyError, ValueError) as error:
            raise unclear(method, f"its answer has no {key}", write=True) from error

    def _update(self, method: str, inventory_id: int, products: Mapping[str, Any], priority: int) -> Json:
        asked = {"inventory_id": inventory_id, "products": dict(products)}
        return self._wire.call(method, asked, priority, write=True)

    def _products(self, method: str, asked: Json) -> dict[str, Json]:
        answer = self._wire.call(method, asked, Priority.CATALOGUE)
        products = answer.get("products")
        # PHP sends an empty map as a list
        if products in ([], ""):
            return {}
        if not isinstance(products, dict):
            raise unclear(method, "its answer has no products", write=False)
        return {str(key): row if isinstance(row, dict) else {} for key, row in products.items()}
