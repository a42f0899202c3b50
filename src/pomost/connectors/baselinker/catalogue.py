"""A catalogue (inventory) of a BaseLinker account: products, stock and prices; implements `ports.catalogue.CatalogueChannel`.

Stock and prices are absolute, per product and place, so a call whose answer was lost is simply made again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from decimal import Decimal
from typing import Any

from pomost.connectors.baselinker import cards
from pomost.connectors.baselinker.inventory import DATA, PAGE, Inventory
from pomost.connectors.baselinker.wire_types import as_decimal, as_int, as_text
from pomost.ports import Json, NeedsPerson
from pomost.ports.catalogue import (
    FROM_THE_FIRST,
    CardRules,
    Figures,
    Kept,
    PriceGroup,
    Product,
    Reached,
    Shelves,
    Written,
)
from pomost.trade.card import Card

NOT_TAKEN = "BaseLinker took fewer products than were sent and does not say which."


class BaseLinkerCatalogue:
    """The catalogues of one account."""

    batch = PAGE

    def __init__(self, inventory: Inventory, name: str) -> None:
        self._calls = inventory
        self._name = name
        self._cards = cards.Cards(inventory)

    def shelves(self, catalogue: str) -> Shelves:
        """Raises NeedsPerson ``baselinker.unknown-inventory`` with those that there are."""
        rows = self._calls.get_inventories()
        found = [row for row in rows if catalogue in (as_text(row.get("inventory_id")), row.get("name"))]
        if not catalogue:
            found = [row for row in rows if row.get("is_default")] or rows[:1]
        if len(found) != 1:
            names = ", ".join(f"{row.get('name')} ({row.get('inventory_id')})" for row in rows)
            raise NeedsPerson(
                "baselinker.unknown-inventory",
                f'BaseLinker account "{self._name}": there is not exactly one catalogue "{catalogue}".',
                f"Write the id of one of these: {names}.",
                inventory=catalogue,
                names=names,
            )
        row = found[0]
        own = {as_text(key) for key in row.get("warehouses") or ()}
        groups = {as_text(key) for key in row.get("price_groups") or ()}
        warehouses = {
            key: as_text(one.get("name"))
            for one in self._calls.get_inventory_warehouses()
            if (key := f"{as_text(one.get('warehouse_type'))}_{as_text(one.get('warehouse_id'))}") in own
        }
        first = as_text(row.get("default_price_group"))
        default = as_text(row.get("default_warehouse"))
        if default in warehouses:
            warehouses = {default: warehouses.pop(default), **warehouses}
        return Shelves(
            id=as_text(row.get("inventory_id")),
            name=as_text(row.get("name")),
            warehouses=warehouses,
            price_groups=tuple(
                sorted(
                    (
                        _price_group(one)
                        for one in self._calls.get_inventory_price_groups()
                        if as_text(one.get("price_group_id")) in groups
                    ),
                    key=lambda one: one.id != first,
                )
            ),
            languages=tuple(as_text(one) for one in row.get("languages") or ()),
            default_language=as_text(row.get("default_language")),
        )

    def products(self, catalogue: str, after: Reached = FROM_THE_FIRST) -> Iterator[tuple[Product, ...]]:
        """By id; a page that shifts while it is read shows some products twice and may hide some until the next listing.

        There is no going on from an id, so a listing goes on from the number of the page.
        """
        first = after.pages + 1
        for rows in _pages(lambda page: self._calls.get_inventory_products_list(int(catalogue), page), first):
            yield tuple(_product(key, row) for key, row in rows.items())

    def stock(self, catalogue: str) -> Iterator[Figures]:
        for rows in _pages(lambda page: self._calls.get_inventory_products_stock(int(catalogue), page)):
            yield _figures(rows, "stock")

    def prices(self, catalogue: str) -> Iterator[Figures]:
        for rows in _pages(lambda page: self._calls.get_inventory_products_prices(int(catalogue), page)):
            yield _figures(rows, "prices")

    def read(self, catalogue: str, ids: Collection[str]) -> Iterator[Product]:
        asked = sorted(ids)
        for start in range(0, len(asked), DATA):
            some = [int(one) for one in asked[start : start + DATA]]
            for key, row in self._calls.get_inventory_products_data(int(catalogue), some).items():
                yield _product(key, row)

    def write_stock(self, catalogue: str, figures: Figures) -> Written:
        products = {
            product: {place: int(figure) for place, figure in places.items()}
            for product, places in figures.items()
        }
        return _written(self._calls.update_inventory_products_stock(int(catalogue), products), figures)

    def write_prices(self, catalogue: str, figures: Figures) -> Written:
        # amounts stay Decimals: the account's setting says whether they travel as text or as numbers
        products = {product: dict(places) for product, places in figures.items()}
        return _written(self._calls.update_inventory_products_prices(int(catalogue), products), figures)

    card_fields = cards.FIELDS
    mains_hold_stock = False
    moves_products = True

    def find_products(self, catalogue: str, sku: str = "", ean: str = "") -> tuple[Product, ...]:
        asked: Json = {"filter_sku": sku} if sku else {"filter_ean": ean}
        rows = self._calls.get_inventory_products_list(int(catalogue), 1, **asked)
        found = [_product(key, row) for key, row in rows.items()]
        # what the filter finds beyond the exact text is not asked for
        return tuple(one for one in found if (one.sku == sku if sku else one.ean == ean))

    def read_cards(self, catalogue: str, ids: Collection[str], language: str = "") -> Mapping[str, Card]:
        return self._cards.read(int(catalogue), ids, language)

    def put_card(
        self,
        catalogue: str,
        product_id: str,
        card: Card,
        fields: Collection[str],
        rules: CardRules,
        before: Card | None = None,
    ) -> Kept:
        return self._cards.put(int(catalogue), product_id, card, fields, rules, before)


def _pages(read: Callable[[int], dict[str, Json]], first: int = 1) -> Iterator[dict[str, Json]]:
    page = first
    while rows := read(page):
        yield rows
        if len(rows) < PAGE:
            break
        page += 1


def _price_group(row: Json) -> PriceGroup:
    return PriceGroup(
        id=as_text(row.get("price_group_id")),
        name=as_text(row.get("name")),
        currency=as_text(row.get("currency")),
        derived=as_text(row.get("source_price_group_id")) not in ("", "0"),
    )


def _product(key: str, row: Json) -> Product:
    parent = as_text(row.get("parent_id"))
    return Product(
        id=as_text(row.get("id")) or key,
        sku=as_text(row.get("sku")).strip(),
        ean=as_text(row.get("ean")).strip(),
        name=as_text(row.get("name")),
        parent_id="" if parent == "0" else parent,
        stock=_numbers(row.get("stock")),
        prices=_numbers(row.get("prices")),
    )


def _figures(rows: dict[str, Json], what: str) -> dict[str, dict[str, Decimal]]:
    """Products and their variants alike."""
    found: dict[str, dict[str, Decimal]] = {}
    for key, row in rows.items():
        found[as_text(row.get("product_id")) or key] = _numbers(row.get(what))
        variants = row.get("variants")
        if isinstance(variants, dict):
            for variant, figures in variants.items():
                own = figures.get(what, figures) if isinstance(figures, dict) else figures
                found[str(variant)] = _numbers(own)
    return found


def _numbers(value: Any) -> dict[str, Decimal]:
    if not isinstance(value, dict):
        return {}
    found = {}
    for key, number in value.items():
        try:
            found[str(key)] = as_decimal(number)
        except ValueError:
            continue
    return found


def _written(answer: Json, figures: Figures) -> Written:
    """``warnings`` name products that were not taken; a counter that is lower than what was sent names none.

    Warnings that name no product of this call, and a counter that is lower still than the warnings tell, leave in doubt
    which were taken.
    """
    warnings = answer.get("warnings")
    named = {str(key): as_text(text) for key, text in warnings.items()} if isinstance(warnings, dict) else {}
    problems = {key: text or NOT_TAKEN for key, text in named.items() if key in figures}
    unclear = len(problems) < len(named) or (bool(warnings) and not isinstance(warnings, dict))
    try:
        counter = as_int(answer.get("counter", len(figures)))
    except ValueError:
        counter = len(figures)
    unclear = unclear or counter < len(figures) - len(problems)
    return Written(problems, NOT_TAKEN if unclear else "")
