"""BaseLinker's methods for the product catalogue, one thin function each (reference, section 10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pomost.connectors.baselinker.calls import Calls, given
from pomost.connectors.baselinker.errors import unclear
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

    def get_inventory_products_data(self, inventory_id: int, products: Sequence[str]) -> dict[str, Json]:
        """Product id -> everything that is known of it; variants have ids of their own."""
        asked = {"inventory_id": inventory_id, "products": [int(one) for one in products]}
        return self._products("getInventoryProductsData", asked)

    def get_inventory_products_stock(self, inventory_id: int, page: int) -> dict[str, Json]:
        return self._products("getInventoryProductsStock", {"inventory_id": inventory_id, "page": page})

    def get_inventory_products_prices(self, inventory_id: int, page: int) -> dict[str, Json]:
        return self._products("getInventoryProductsPrices", {"inventory_id": inventory_id, "page": page})

    def update_inventory_products_stock(self, inventory_id: int, products: Mapping[str, Any]) -> Json:
        return self._update("updateInventoryProductsStock", inventory_id, products, Priority.STOCK)

    def update_inventory_products_prices(self, inventory_id: int, products: Mapping[str, Any]) -> Json:
        return self._update("updateInventoryProductsPrices", inventory_id, products, Priority.CATALOGUE)

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
