"""Item cards: goods, services and compounds (sold as one, issued as their parts), with price levels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from pomost.ledger import schema
from pomost.ledger.change_numbers import next_change
from pomost.ledger.companies import Company
from pomost.ledger.recipes import put_recipes
from pomost.ports import NeedsPerson, Waiting
from pomost.sql import insert_unless_there
from pomost.trade.order import Basis
from pomost.trade.vat import VatRate

ItemKind = Literal["goods", "service", "compound"]

_CHUNK = 500
_CACHED = 200_000


@dataclass(frozen=True, slots=True)
class Item:
    """What documents must know of a card. ``parts``: what leaves the stock for one piece, as (item id, quantity).

    Goods are their own single part, a service has none.
    """

    id: int
    sku: str
    kind: ItemKind
    parts: tuple[tuple[int, Decimal], ...]


@dataclass(frozen=True, slots=True)
class Price:
    """A price of an item at one level."""

    basis: Basis
    currency: str
    price: Decimal


@dataclass(frozen=True, slots=True)
class ItemCard:
    """An item card as people see it."""

    sku: str
    name: str
    kind: ItemKind
    unit: str
    vat: VatRate
    ean: str
    prices: dict[str, Price]


class Items:
    """Looks items up. Keeps what never changes on a card (id, kind, parts) in memory."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, str], Item] = {}

    def forget(self) -> None:
        """To be called after cards were changed in this process."""
        self._known.clear()

    def look_up(self, connection: Connection, company: Company, skus: Iterable[str]) -> dict[str, Item]:
        """Those of ``skus`` that have a card."""
        known = self._known
        company_id = company.id
        found: dict[str, Item] = {}
        missing: list[str] = []
        for sku in skus:
            item = known.get((company_id, sku))
            if item is None:
                missing.append(sku)
            else:
                found[sku] = item
        if missing:
            if len(known) > _CACHED:
                known.clear()
            for item in _read(connection, company_id, missing):
                found[item.sku] = known[(company_id, item.sku)] = item
        return found

    def need(
        self, connection: Connection, company: Company, skus: Iterable[str], who: str
    ) -> dict[str, Item]:
        """As ``look_up``; raises Waiting ``ledger.unknown-item`` naming all that have no card."""
        wanted = dict.fromkeys(skus)
        found = self.look_up(connection, company, wanted)
        unknown = [sku for sku in wanted if sku not in found]
        if unknown:
            raise Waiting(
                "ledger.unknown-item",
                f"{who}: company {company.code} has no item card for {', '.join(unknown)}.",
                tuple(f"item:{sku}" for sku in unknown),
                "Add the cards; the document is then made by itself.",
                skus=", ".join(unknown),
            )
        return found


def add_items(connection: Connection, company: Company, cards: Sequence[Mapping[str, Any]]) -> int:
    """Adds those cards whose SKU has none yet; gives how many. For the rest as ``put_items``."""
    skus = list(dict.fromkeys(str(card.get("sku", "")).strip() for card in cards))
    table = schema.item
    known: set[str] = set()
    for start in range(0, len(skus), _CHUNK):
        known.update(
            connection.execute(
                select(table.c.sku).where(
                    table.c.company_id == company.id, table.c.sku.in_(skus[start : start + _CHUNK])
                )
            ).scalars()
        )
    new = {sku: card for card in reversed(cards) if (sku := str(card.get("sku", "")).strip()) not in known}
    if new:
        put_items(connection, company, list(reversed(new.values())))
    return len(new)


def put_items(connection: Connection, company: Company, cards: Sequence[Mapping[str, Any]]) -> None:
    """Adds the cards, or changes those whose SKU is known.

    A card: sku, vat (as ``VatRate.of`` reads it), and optionally name, unit, ean, kind (goods or service), parts
    ({sku: quantity}, makes it a compound), recipe (goods that are made, see ``recipes.put_recipes``), prices ({level: Price, or a Decimal meaning gross PLN}).
    Raises NeedsPerson ``ledger.bad-item``.
    """
    change = next_change(connection)
    rows = [{**_card_row(company, card), "change": change} for card in cards]
    upsert = _insert(connection, schema.item)
    upsert = upsert.on_conflict_do_update(
        index_elements=["company_id", "sku"],
        set_={name: upsert.excluded[name] for name in ("name", "unit", "vat", "ean", "change")},
    )
    for start in range(0, len(rows), 10_000):
        connection.execute(upsert, rows[start : start + 10_000])
    _put_prices(connection, company, cards)
    _put_parts(connection, company, cards)
    put_recipes(connection, company, cards)


def cards_of(connection: Connection, company: Company, skus: Sequence[str] | None = None) -> list[ItemCard]:
    """The company's cards by SKU; all of them when ``skus`` is None."""
    table = schema.item
    query = select(table).where(table.c.company_id == company.id).order_by(table.c.sku)
    prices = select(schema.price).join(table, table.c.id == schema.price.c.item_id)
    prices = prices.where(table.c.company_id == company.id)
    if skus is not None:
        query = query.where(table.c.sku.in_(skus))
        prices = prices.where(table.c.sku.in_(skus))
    by_item: dict[int, dict[str, Price]] = {}
    for row in connection.execute(prices):
        by_item.setdefault(row.item_id, {})[row.level] = Price(row.basis, row.currency, row.price)
    return [
        ItemCard(row.sku, row.name, row.kind, row.unit, VatRate.of(row.vat), row.ean, by_item.get(row.id, {}))
        for row in connection.execute(query)
    ]


def vat_of_cards(connection: Connection, company: Company, skus: Iterable[str]) -> dict[str, VatRate]:
    """The rate on the card of each of ``skus`` that has one."""
    table, wanted = schema.item, sorted(set(skus))
    found: dict[str, VatRate] = {}
    for start in range(0, len(wanted), _CHUNK):
        query = select(table.c.sku, table.c.vat).where(
            table.c.company_id == company.id, table.c.sku.in_(wanted[start : start + _CHUNK])
        )
        found.update((row.sku, VatRate.of(row.vat)) for row in connection.execute(query))
    return found


def _read(connection: Connection, company_id: int, skus: Sequence[str]) -> list[Item]:
    table = schema.item
    rows: list[Any] = []
    for start in range(0, len(skus), _CHUNK):
        rows += connection.execute(
            select(table.c.id, table.c.sku, table.c.kind).where(
                table.c.company_id == company_id, table.c.sku.in_(skus[start : start + _CHUNK])
            )
        )
    compounds = [row.id for row in rows if row.kind == "compound"]
    parts: dict[int, list[tuple[int, Decimal]]] = {}
    if compounds:
        for part in connection.execute(
            select(schema.component).where(schema.component.c.item_id.in_(compounds))
        ):
            parts.setdefault(part.item_id, []).append((part.part_id, part.quantity))
    own = Decimal(1)
    return [
        Item(
            row.id,
            row.sku,
            row.kind,
            ((row.id, own),) if row.kind == "goods" else tuple(sorted(parts.get(row.id, ()))),
        )
        for row in rows
    ]


def _card_row(company: Company, card: Mapping[str, Any]) -> dict[str, Any]:
    sku = str(card.get("sku", "")).strip()
    try:
        vat = VatRate.of(card["vat"])
    except (KeyError, ValueError) as error:
        raise _bad_item(sku, f"its VAT rate is missing or wrong ({error})") from error
    if not sku:
        raise _bad_item(str(card.get("name", "")), "it has no SKU")
    kind = "compound" if card.get("parts") else card.get("kind", "goods")
    if kind not in ("goods", "service", "compound") or (kind == "compound" and not card.get("parts")):
        raise _bad_item(sku, f"{kind!r} is no kind of item")
    return {
        "company_id": company.id,
        "sku": sku,
        "name": str(card.get("name") or sku),
        "kind": kind,
        "unit": str(card.get("unit") or "szt"),
        "vat": vat.code,
        "ean": str(card.get("ean") or ""),
    }


def _put_prices(connection: Connection, company: Company, cards: Sequence[Mapping[str, Any]]) -> None:
    priced = {str(card["sku"]).strip(): card["prices"] for card in cards if card.get("prices")}
    if not priced:
        return
    ids = {item.sku: item.id for item in _read(connection, company.id, list(priced))}
    rows = []
    for sku, levels in priced.items():
        for level, given in levels.items():
            price = given if isinstance(given, Price) else Price("gross", "PLN", Decimal(given))
            rows.append(
                {
                    "item_id": ids[sku],
                    "level": level,
                    "basis": price.basis,
                    "currency": price.currency,
                    "price": price.price,
                }
            )
    upsert = _insert(connection, schema.price)
    upsert = upsert.on_conflict_do_update(
        index_elements=["item_id", "level"],
        set_={name: upsert.excluded[name] for name in ("basis", "currency", "price")},
    )
    connection.execute(upsert, rows)


def _put_parts(connection: Connection, company: Company, cards: Sequence[Mapping[str, Any]]) -> None:
    for card in cards:
        if not card.get("parts"):
            continue
        sku = str(card["sku"]).strip()
        parts = {str(part): Decimal(quantity) for part, quantity in card["parts"].items()}
        found = {item.sku: item for item in _read(connection, company.id, [sku, *parts])}
        wrong = [part for part in parts if part not in found or found[part].kind != "goods"]
        if wrong:
            raise _bad_item(sku, f"its parts {', '.join(wrong)} are not goods that have a card")
        own = found[sku].id
        before = select(schema.component.c.part_id).where(schema.component.c.item_id == own)
        touched = {part for (part,) in connection.execute(before)} | {found[part].id for part in parts}
        # a card that was goods or a service so far becomes a compound only while nothing was done with it
        connection.execute(update(schema.item).where(schema.item.c.id == own).values(kind="compound"))
        connection.execute(delete(schema.component).where(schema.component.c.item_id == own))
        connection.execute(
            insert(schema.component),
            [{"item_id": own, "part_id": found[part].id, "quantity": n} for part, n in parts.items()],
        )
        # how many of it there are is told anew; a part that never was in stock has no row to say so
        _put_on_shelf(connection, company, [found[part].id for part in parts])
        connection.execute(
            update(schema.stock)
            .where(schema.stock.c.item_id.in_(touched))
            .values(change=next_change(connection))
        )


def _put_on_shelf(connection: Connection, company: Company, item_ids: Sequence[int]) -> None:
    """Rows of no pieces for items that have none yet, in the company's first warehouse."""
    stock, warehouse = schema.stock, schema.warehouse
    there = set(connection.execute(select(stock.c.item_id).where(stock.c.item_id.in_(item_ids))).scalars())
    first = connection.execute(
        select(func.min(warehouse.c.id)).where(warehouse.c.company_id == company.id)
    ).scalar()
    rows = [
        {"warehouse_id": first, "item_id": one, "quantity": 0, "reserved": 0, "value": 0, "change": 0}
        for one in sorted(set(item_ids) - there)
    ]
    if rows and first is not None:
        connection.execute(insert_unless_there(connection, stock), rows)


def _bad_item(sku: str, why: str) -> NeedsPerson:
    return NeedsPerson("ledger.bad-item", f"Item {sku!r} can't be kept: {why}.", "Correct the card.")


def _insert(connection: Connection, table: Any) -> Any:
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)
