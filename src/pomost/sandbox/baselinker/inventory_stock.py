"""Stock and prices of the catalogue (reference, section 10.5): read in pages of 1000, written 1000 at once."""

import re
from typing import Any

from pomost.sandbox.baselinker.inventory_figures import API, Figures
from pomost.sandbox.baselinker.inventory_structure import OWN, inventory, shown_prices, why_not_priced
from pomost.sandbox.baselinker.parameters import an_amount, an_integer
from pomost.sandbox.baselinker.protocol import Json, Refusal, money
from pomost.sandbox.baselinker.state import Account

PAGE = 1000


def shown_stock(account: Account, shelf: Json, ids: list[int], column: str = "quantity") -> dict[int, Json]:
    """Figures by warehouse, of the warehouses of the inventory."""
    keys = set(shelf["warehouses"])
    return {
        product_id: {key: pieces for key, pieces in figures.items() if key in keys}
        for product_id, figures in account.goods.stock(ids, column).items()
    }


def get_inventory_products_stock(account: Account, sent: Json) -> Json:
    shelf = inventory(account, sent["inventory_id"])
    ids = account.goods.page(
        shelf["inventory_id"], sent.get("page", 1), PAGE, conditions=filters(shelf, sent)
    )
    variants = account.goods.variants(ids)
    figures = shown_stock(account, shelf, [*ids, *(v for listed in variants.values() for v in listed)])
    reserved = shown_stock(account, shelf, ids, "reserved") if shelf["reservations"] else {}
    found: Json = {}
    for number in ids:
        one: Json = {"product_id": number, "stock": figures.get(number, {})}
        if shelf["reservations"]:
            held = reserved.get(number, {})
            one["reservations"] = held if any(held.values()) else {}
        if number in variants:
            one["variants"] = {str(v): figures.get(v, {}) for v in variants[number]}
        found[str(number)] = one
    return {"products": found}


def get_inventory_products_prices(account: Account, sent: Json) -> Json:
    shelf = inventory(account, sent["inventory_id"])
    ids = account.goods.page(
        shelf["inventory_id"], sent.get("page", 1), PAGE, conditions=filters(shelf, sent)
    )
    variants = account.goods.variants(ids)
    prices = shown_prices(account, shelf, [*ids, *(v for listed in variants.values() for v in listed)])
    found: Json = {}
    for number in ids:
        found[str(number)] = {"prices": prices.get(number, {})}
        if number in variants:
            found[str(number)]["variants"] = {str(v): prices.get(v, {}) for v in variants[number]}
    return {"products": found}


def why_no_stock(account: Account, shelf: Json, key: str) -> str | None:
    """Why a warehouse takes no figure from the API, None when it does."""
    kind, _, _ = key.partition("_")
    if key not in shelf["warehouses"]:
        return f"warehouse {key} does not belong to the inventory"
    if kind != OWN:
        return f"warehouse {key} is external, its stock cannot be set"
    return None


class _Batch:
    """Up to 1000 products of one inventory to be written; what is wrong with single ones becomes a warning."""

    def __init__(self, account: Account, sent: Json) -> None:
        self.shelf = inventory(account, sent["inventory_id"])
        self.warnings: dict[str, str] = {}
        self._sent: Json = sent["products"]
        numbers = {key: int(key) for key in self._sent if re.fullmatch(r"[0-9]{1,18}", key)}
        kinds = account.goods.kinds(numbers.values())
        self.wanted: list[tuple[str, int, Json]] = []
        self.derived: dict[int, str] = {}
        for key, value in self._sent.items():
            kind = kinds.get(numbers.get(key, 0))
            if kind is None:
                self.warnings[key] = f"Product {key} does not exist"
            elif kind[0] != self.shelf["inventory_id"]:
                self.warnings[key] = f"Product {key} belongs to another inventory"
            elif not isinstance(value, dict):
                self.warnings[key] = "A map is expected"
            else:
                if kind[1]:
                    self.derived[numbers[key]] = (
                        "the stock of a product with variants is that of its variants"
                    )
                elif kind[2]:
                    self.derived[numbers[key]] = "the stock of a bundle follows from its products"
                self.wanted.append((key, numbers[key], value))

    def warn(self, key: str, why: str) -> None:
        """Add one reason; several of one product stand in one text."""
        why = why[0].upper() + why[1:]
        self.warnings[key] = f"{self.warnings[key]}; {why}" if key in self.warnings else why

    def answer(self, account: Account, counter: int) -> Json:
        return {"counter": counter, "warnings": shown_warnings(account, self.warnings)}


def shown_warnings(account: Account, warnings: dict[str, str]) -> Any:
    """A map, or when there are none what the account sends then."""
    if warnings:
        return warnings
    return {"text": "", "list": [], "map": {}}[account.settings.empty_warnings]


def pieces(value: Any) -> int:
    """A figure of stock; refuses fractions and less than 0."""
    found = an_integer("stock", value)
    if found < 0:
        raise Refusal("ERROR_STOCK", "a quantity from 0 expected")
    return found


def grosze(value: Any) -> int:
    """A price in hundredths, rounded; refuses less than 0."""
    found = round(money(an_amount("price", value)) * 100)
    if not 0 <= found < 10**14:
        raise Refusal("ERROR_PRICE", "a price from 0 expected")
    return found


def update_inventory_products_stock(account: Account, sent: Json) -> Json:
    batch = _Batch(account, sent)
    reasons = {
        key: why_no_stock(account, batch.shelf, key) for _, _, figures in batch.wanted for key in figures
    }
    wanted: Figures = {}
    for key, product_id, figures in batch.wanted:
        if product_id in batch.derived:
            batch.warn(key, batch.derived[product_id])
            continue
        taken: dict[str, int] = {}
        for warehouse, value in figures.items():
            reason = reasons[warehouse]
            if reason is not None:
                batch.warn(key, reason)
                continue
            try:
                taken[warehouse] = pieces(value)
            except Refusal as refusal:
                batch.warn(key, f"warehouse {warehouse}: {refusal.message}")
        if taken:
            wanted[product_id] = taken
    account.goods.put_stock(wanted, API)
    return batch.answer(account, len(wanted))


def update_inventory_products_prices(account: Account, sent: Json) -> Json:
    batch = _Batch(account, sent)
    reasons = why_not_priced(account, batch.shelf)
    open_groups = set(batch.shelf["price_groups"]) - reasons.keys()
    wanted: dict[int, dict[int, int]] = {}
    for key, product_id, prices in batch.wanted:
        taken: dict[int, int] = {}
        for group, value in prices.items():
            number = int(group) if re.fullmatch(r"[0-9]{1,18}", group) else 0
            if number not in open_groups:
                batch.warn(key, reasons.get(number, f"price group {group} does not exist"))
                continue
            try:
                taken[number] = grosze(value)
            except Refusal as refusal:
                batch.warn(key, f"price group {group}: {refusal.message}")
        if taken:
            wanted[product_id] = taken
    account.goods.put_prices(wanted, API)
    return batch.answer(account, len(wanted))


def filters(shelf: Json, sent: Json) -> list[tuple[str, list[Any]]]:
    """The filters of a product list as SQL conditions with their values (reference, section 10.2)."""
    found: list[tuple[str, list[Any]]] = []
    for name, condition in (
        ("filter_id", "product_id = ?"),
        ("filter_category_id", "category_id = ?"),
        # As a list of ids, so that the index of the SKU is chosen and not that of the inventory.
        ("filter_ean", "product_id IN (SELECT product_id FROM products WHERE ean = ?)"),
        ("filter_sku", "product_id IN (SELECT product_id FROM products WHERE sku = ?)"),
        ("filter_asin", "asin = ?"),
    ):
        if name in sent:
            found.append((condition, [sent[name]]))
    if "filter_name" in sent:
        found.append(("instr(folded(name), ?) > 0", [sent["filter_name"].casefold()]))
    price = "coalesce((SELECT grosze FROM prices WHERE prices.product_id = products.product_id AND group_id = ?), 0)"
    marks = ",".join("?" * len(shelf["warehouses"]))
    stock = (
        "coalesce((SELECT sum(quantity) FROM stock WHERE stock.product_id = products.product_id"  # noqa: S608
        f" AND warehouse IN ({marks})), 0)"
    )
    for end, sign in (("from", ">="), ("to", "<=")):
        if f"filter_price_{end}" in sent:
            group = shelf["default_price_group"]
            found.append((f"{price} {sign} ?", [group, float(money(sent[f"filter_price_{end}"]) * 100)]))
        if f"filter_stock_{end}" in sent:
            found.append((f"{stock} {sign} ?", [*shelf["warehouses"], sent[f"filter_stock_{end}"]]))
    if "filter_locations" in sent:
        asked = sent["filter_locations"]
        places = [str(place) for place in (asked if isinstance(asked, list) else [asked])]
        text = " OR ".join(["instr(coalesce(json_extract(doc, '$.locations'), ''), ?) > 0"] * len(places))
        found.append((f"({text or '0'})", places))
    return found


METHODS = {
    "getInventoryProductsStock": get_inventory_products_stock,
    "getInventoryProductsPrices": get_inventory_products_prices,
    "updateInventoryProductsStock": update_inventory_products_stock,
    "updateInventoryProductsPrices": update_inventory_products_prices,
}
