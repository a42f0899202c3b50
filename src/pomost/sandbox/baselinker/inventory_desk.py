"""What the shop's people do in the catalogue by hand, and the truth about it; none of it counts as a call."""

import random
from typing import Any

from pomost.sandbox.baselinker import catalogue, inventory_sales
from pomost.sandbox.baselinker.inventory_defaults import rows
from pomost.sandbox.baselinker.inventory_products import existing, images_of, text_fields_of
from pomost.sandbox.baselinker.inventory_stock import grosze
from pomost.sandbox.baselinker.inventory_structure import default_inventory, inventory, shown_prices
from pomost.sandbox.baselinker.protocol import Json, invalid
from pomost.sandbox.baselinker.state import Account

PANEL = "Panel"


class GoodsDesk:
    """The part of the shop that knows its products."""

    account: Account

    def _shelf(self, inventory_id: int | None) -> Json:
        shelf = (
            default_inventory(self.account) if inventory_id is None else inventory(self.account, inventory_id)
        )
        if shelf is None:
            raise invalid("inventory_id", "there is no default inventory")
        return shelf

    def product(self, product_id: int | None = None, sku: str | None = None) -> Json:
        """The whole truth about a product, by id, or by SKU in the default inventory."""
        account = self.account
        if product_id is None:
            product_id = account.goods.by_sku(self._shelf(None)["inventory_id"], sku or "")
            if product_id is None:
                raise invalid("sku", f"no product {sku}")
        card = existing(account, product_id)
        shelf, doc = inventory(account, card["inventory_id"]), card.pop("doc")
        found: Json = {**doc, **card, "is_bundle": bool(card["is_bundle"])}
        found |= {"stock": account.goods.stock([product_id]).get(product_id, {})}
        reserved = account.goods.stock([product_id], "reserved").get(product_id, {})
        found |= {"reserved": {key: pieces for key, pieces in reserved.items() if pieces}}
        found |= {"prices": shown_prices(account, shelf, [product_id]).get(product_id, {})}
        found |= {"text_fields": text_fields_of(account, {**card, "doc": doc})}
        found |= {"images": images_of(account, {**card, "doc": doc})}
        found |= {"bundle_products": {str(part): n for part, n in account.goods.parts(product_id).items()}}
        return found | {"variants": account.goods.variants([product_id]).get(product_id, [])}

    def products(self, inventory_id: int | None = None) -> list[int]:
        """The ids of all products of an inventory, variants too."""
        return self.account.goods.page(self._shelf(inventory_id)["inventory_id"], 1, -1, variants=True)

    def figures(self, what: str = "stock", inventory_id: int | None = None) -> dict[int, Json]:
        """All figures of an inventory at once: stock by warehouse, or ``what="prices"`` by price group."""
        shelf = self._shelf(inventory_id)
        ids = self.products(shelf["inventory_id"])
        if what == "prices":
            return shown_prices(self.account, shelf, ids)
        if what != "stock":
            raise ValueError(f"There are no figures {what!r}; ask for stock or prices")
        return dict(self.account.goods.stock(ids))

    def set_stock(self, product_id: int, quantity: int, warehouse: str | None = None) -> None:
        """Somebody corrects a figure by hand in the panel; without a warehouse in the default one."""
        shelf = inventory(self.account, existing(self.account, product_id)["inventory_id"])
        key = warehouse or shelf["default_warehouse"]
        if key not in shelf["warehouses"]:
            raise invalid("warehouse", f"no warehouse {key}")
        self.account.goods.put_stock({product_id: {key: quantity}}, PANEL)

    def set_price(self, product_id: int, price: Any, group: int | None = None) -> None:
        shelf = inventory(self.account, existing(self.account, product_id)["inventory_id"])
        number = group or shelf["default_price_group"]
        if number not in shelf["price_groups"]:
            raise invalid("group", f"no price group {number}")
        self.account.goods.put_prices({product_id: {number: grosze(price)}}, PANEL)

    def remove_product(self, product_id: int) -> None:
        self.account.goods.delete([existing(self.account, product_id)["product_id"]], PANEL)

    def drift(self, product_ids: list[int], by: int, chance: random.Random) -> None:
        """An operator changes one figure of one of the products by hand, without telling anybody; not below 0."""
        kinds = self.account.goods.kinds(product_ids)
        plain = [number for number, kind in kinds.items() if not (kind[1] or kind[2])]
        found = [
            (number, key, max(0, pieces + by))
            for number, figures in sorted(self.account.goods.stock(plain).items())
            for key, pieces in sorted(figures.items())
            if key.startswith("bl_") and max(0, pieces + by) != pieces
        ]
        if found:
            number, key, pieces = chance.choice(found)
            self.set_stock(number, pieces, key)

    def slip_product_in(self, inventory_id: int) -> None:
        """A product appears before all others of an inventory, so that every later page begins one earlier."""
        ids = self.account.goods.page(inventory_id, 1, 1, variants=True)
        number = (ids[0] if ids else 1_000) - 1
        card: Json = {"product_id": number, "inventory_id": inventory_id, "parent_id": 0, "is_bundle": 0}
        card |= {
            "sku": f"WSUNIETY-{number}",
            "ean": "",
            "asin": "",
            "name": f"Towar wsunięty {number}",
            "doc": {},
        }
        self.account.goods.save(card | {"category_id": 0, "manufacturer_id": 0, "tax_rate": 23, "weight": 0})

    def fill_catalogue(self, products: int, seed: int = 0) -> int:
        """Put so many generated articles (`catalogue.many`) into the default inventory; how many it then holds."""
        shelf = self._shelf(None)
        made = catalogue.each(products, seed)
        number = shelf["inventory_id"]
        self.account.goods.fill(number, shelf["default_warehouse"], shelf["default_price_group"], rows(made))
        return self.account.goods.count(number)

    def product_file(self, product_id: int, field: int | str) -> bytes | None:
        """The picture at a writing position (0 to 15), or the file of a text field given by its key."""
        name = f"image_{field}" if str(field).isdecimal() else f"text_{field}"
        return self.account.file("product", product_id, name)

    def product_writes(self, product_id: int | None = None, kind: str | None = None) -> list[Json]:
        return self.account.goods.writes(product_id, kind)

    def write_counts(self, kind: str = "stock") -> dict[int, int]:
        return self.account.goods.write_counts(kind)

    def sales(self, order_id: int | None = None) -> list[Json]:
        return self.account.goods.sales(order_id)

    def oversold(self) -> dict[int, int]:
        return inventory_sales.oversold(self.account)


ACTS = [
    "product",
    "products",
    "figures",
    "set_stock",
    "set_price",
    "remove_product",
    "fill_catalogue",
    "product_file",
    "product_writes",
    "write_counts",
    "sales",
    "oversold",
]
