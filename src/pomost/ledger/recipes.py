"""Recipes on item cards: keeping them, and reading those that a product needs, with all levels below."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from pomost.ledger import schema
from pomost.ledger.companies import Company
from pomost.ports import NeedsPerson
from pomost.trade.errors import Refused
from pomost.trade.kits import Component
from pomost.trade.recipes import Book, Part, decimals_of_unit, leaves, products_first
from pomost.trade.vat import VatRate

_item = schema.item
_recipe = schema.recipe


def put_recipes(connection: Connection, company: Company, cards: Sequence[Mapping[str, Any]]) -> None:
    """Keeps the recipes of those ``cards`` that have ``recipe``; an empty one takes the product's away.

    A recipe: {sku: quantity}, or {sku: {quantity, unit, base, of, loss}} as ``trade.recipes.Part`` names them.
    Raises NeedsPerson ``ledger.bad-item`` for parts that are no goods; Refused ``trade.bad-recipe`` and
    ``trade.recipe-cycle``, naming the way round.
    """
    for card in cards:
        if "recipe" not in card:
            continue
        sku = str(card["sku"]).strip()
        if card.get("parts"):
            raise _bad(sku, "it is either made by its recipe or issued as its parts, not both")
        parts = [_part(str(part), given) for part, given in card["recipe"].items()]
        rows = {row.sku: row for row in _rows(connection, company, [sku, *(part.sku for part in parts)])}
        wrong = [
            one
            for one in (sku, *(part.sku for part in parts))
            if one not in rows or rows[one].kind != "goods"
        ]
        if wrong:
            raise _bad(sku, f"{', '.join(wrong)} of its recipe are no goods that have a card")
        connection.execute(delete(_recipe).where(_recipe.c.item_id == rows[sku].id))
        if parts:
            connection.execute(
                insert(_recipe), [_recipe_row(rows[sku].id, rows[part.sku].id, part) for part in parts]
            )
    changed = [str(card["sku"]).strip() for card in cards if card.get("recipe")]
    if changed:
        products_first(dict.fromkeys(changed), read_book(connection, company, changed))


def read_book(connection: Connection, company: Company, skus: Collection[str]) -> Book:
    """The recipes of ``skus`` and of all that they are made of."""
    recipes: dict[str, tuple[Part, ...]] = {}
    decimals: dict[str, int] = {}
    part = _item.alias()
    asked: set[str] = set()
    level = set(skus)
    for row in _rows(connection, company, sorted(level)):
        decimals[row.sku] = decimals_of_unit(row.unit)
    while level := level - asked:
        asked |= level
        found: dict[str, list[Part]] = {}
        query = (
            select(_recipe, _item.c.sku, part.c.sku.label("part_sku"), part.c.unit.label("part_unit"))
            .join(_item, _item.c.id == _recipe.c.item_id)
            .join(part, part.c.id == _recipe.c.part_id)
            .where(_item.c.company_id == company.id, _item.c.sku.in_(sorted(level)))
            .order_by(_recipe.c.item_id, _recipe.c.part_id)
        )
        for row in connection.execute(query):
            found.setdefault(row.sku, []).append(
                Part(row.part_sku, row.quantity, row.unit, row.base, row.of, row.loss)
            )
            decimals[row.part_sku] = decimals_of_unit(row.part_unit)
        recipes.update((sku, tuple(parts)) for sku, parts in found.items())
        level = {one.sku for parts in found.values() for one in parts}
    return Book(recipes, decimals)


def kits_of(
    connection: Connection, company: Company, level: str, skus: Iterable[str]
) -> dict[str, tuple[Component, ...]]:
    """Of those ``skus`` that have a recipe or are issued as their parts: what one holds at the bottom, with the prices at
    ``level``. Raises Refused ``trade.recipe-cycle``."""
    rows = {row.sku: row for row in _rows(connection, company, sorted(set(skus)))}
    compounds = _compounds(connection, [row for row in rows.values() if row.kind == "compound"])
    below = {part.sku for parts in compounds.values() for part in parts}
    book = read_book(connection, company, {*rows, *below})
    book = Book({**book.recipes, **compounds}, book.decimals)
    inside = {sku: leaves(sku, book) for sku in rows if book.recipes.get(sku)}
    wanted = sorted({part for parts in inside.values() for part in parts})
    cards = {row.sku: row for row in _rows(connection, company, wanted)}
    prices = {
        row.item_id: row
        for row in connection.execute(
            select(schema.price).where(
                schema.price.c.item_id.in_([card.id for card in cards.values()]),
                schema.price.c.level == level,
                schema.price.c.currency == "PLN",
            )
        )
    }

    def component(sku: str, quantity: Any) -> Component:
        card = cards[sku]
        price = prices.get(card.id)
        return Component(
            sku,
            card.name,
            card.unit,
            VatRate.of(card.vat),
            quantity,
            price.price if price else None,
            price.basis if price else "gross",
        )

    return {sku: tuple(component(*one) for one in parts.items()) for sku, parts in inside.items()}


def _compounds(connection: Connection, rows: Sequence[Any]) -> dict[str, tuple[Part, ...]]:
    table = schema.component
    skus = {row.id: row.sku for row in rows}
    found: dict[str, list[Part]] = {}
    query = (
        select(table.c.item_id, table.c.quantity, _item.c.sku)
        .join(_item, _item.c.id == table.c.part_id)
        .where(table.c.item_id.in_(list(skus)))
        .order_by(table.c.item_id, table.c.part_id)
    )
    for row in connection.execute(query):
        found.setdefault(skus[row.item_id], []).append(Part(row.sku, row.quantity))
    return {sku: tuple(parts) for sku, parts in found.items()}


def _rows(connection: Connection, company: Company, skus: Sequence[str]) -> Sequence[Any]:
    return connection.execute(
        select(_item).where(_item.c.company_id == company.id, _item.c.sku.in_(skus))
    ).all()


def _part(sku: str, given: Any) -> Part:
    if not isinstance(given, Mapping):
        return Part(sku.strip(), Decimal(given))
    numbers = {name: Decimal(given[name]) for name in ("quantity", "base", "of", "loss") if name in given}
    if "quantity" not in numbers or set(given) - set(numbers) - {"unit"}:
        raise Refused(
            "trade.bad-recipe",
            f"{', '.join(map(str, given)) or 'nothing'} of {sku} is no part of a recipe.",
            "Write quantity, and where it is needed unit, base, of and loss.",
            sku=sku,
        )
    return Part(sku.strip(), unit=str(given.get("unit", "")), **numbers)


def _recipe_row(item_id: int, part_id: int, part: Part) -> dict[str, Any]:
    return {
        "item_id": item_id,
        "part_id": part_id,
        "quantity": part.quantity,
        "unit": part.unit,
        "base": part.base,
        "of": part.of,
        "loss": part.loss,
    }


def _bad(sku: str, why: str) -> NeedsPerson:
    return NeedsPerson("ledger.bad-item", f"Item {sku!r} can't be kept: {why}.", "Correct the card.")
