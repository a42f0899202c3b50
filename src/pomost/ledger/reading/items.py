"""Items as people look at them: the list by SKU, one with its stock, and what happened to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, cast, exists, func, select, type_coerce

from pomost.ledger import schema
from pomost.ledger.reading.paging import SCAN, Listed, Page, Turn, cleaned, count, find, holds
from pomost.ledger.reading.parties import company_ids

ZERO = Decimal(0)
MOST = 100
"""Lots, reservations and parts that are shown of one item."""

ITEM_KINDS = ("goods", "service", "compound")
STOCKS = ("in", "out", "short")

_item = schema.item
_company = schema.company
_warehouse = schema.warehouse
_stock = schema.stock
_lot = schema.lot
_doc = schema.document
_line = schema.line
_reservation = schema.reservation
_component = schema.component


@dataclass(frozen=True, slots=True)
class ItemsAsked:
    """``text``: a SKU or EAN, or else (or with ``partly``) a part of SKU or name. ``stock``: "in" (some is there), "out" (none), "short" (more
    is reserved than there is in a warehouse)."""

    company: str = ""
    kind: str = ""
    stock: str = ""
    text: str = ""
    partly: bool = False


@dataclass(frozen=True, slots=True)
class ItemRow:
    """An item in a list, with its stock in all warehouses together."""

    id: int
    company: str
    sku: str
    name: str
    kind: str
    unit: str
    vat: str
    ean: str
    quantity: Decimal
    reserved: Decimal

    @property
    def available(self) -> Decimal:
        return self.quantity - self.reserved


@dataclass(frozen=True, slots=True)
class Shelf:
    """An item in one warehouse. ``value`` in PLN; of a kit, ``quantity`` and ``available`` are what its parts make."""

    warehouse: str
    name: str
    quantity: Decimal
    reserved: Decimal
    available: Decimal
    value: Decimal


@dataclass(frozen=True, slots=True)
class LotRow:
    """What is left of one receipt, at the cost of one unit in PLN. Below 0: issued before it came."""

    warehouse: str
    received_on: date
    received: Decimal
    left: Decimal
    cost: Decimal
    document_id: int | None
    kind: str
    number: str


@dataclass(frozen=True, slots=True)
class Held:
    """What an order document holds. ``open`` is what is still to be issued of ``quantity``."""

    warehouse: str
    document_id: int
    kind: str
    number: str
    foreign_number: str
    issued_on: date
    quantity: Decimal
    open: Decimal


@dataclass(frozen=True, slots=True)
class PriceRow:
    level: str
    basis: str
    currency: str
    price: Decimal


@dataclass(frozen=True, slots=True)
class PartRow:
    """A part of a kit, or a kit that an item is a part of; ``quantity`` pieces in one kit."""

    id: int
    sku: str
    name: str
    unit: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class ItemPage:
    """One item. ``recipe``: what is taken to make one, ``parts``: what leaves the stock for one, ``inside``: kits that it
    is in. ``more_lots``, ``more_held``: there are more than are shown."""

    row: ItemRow
    weight: Decimal | None
    sizes: tuple[Decimal | None, Decimal | None, Decimal | None]
    """Height, width and length in cm."""
    parent: str
    """The SKU of the main item, of a variant."""
    manufacturer: str
    category: str
    shelves: tuple[Shelf, ...]
    lots: tuple[LotRow, ...]
    more_lots: bool
    held: tuple[Held, ...]
    more_held: bool
    prices: tuple[PriceRow, ...]
    parts: tuple[PartRow, ...]
    recipe: tuple[PartRow, ...]
    inside: tuple[PartRow, ...]


def list_items(
    connection: Connection, asked: ItemsAsked, turn: Turn | None = None, scan: int = SCAN
) -> Page[ItemRow]:
    """A page of the items that are asked for, by SKU."""
    words = cleaned(asked.text)
    companies = company_ids(connection, asked.company)
    ranges: tuple[ColumnElement[bool], ...] = tuple(_item.c.company_id == one for one in companies)
    conditions: list[ColumnElement[bool]] = []
    exactly = _exactly(connection, companies, words) if words and not asked.partly else []
    if exactly:
        ranges = (_item.c.id.in_(exactly),)
    elif words:
        conditions.append(holds([_item.c.sku, _item.c.name], words))
    if asked.kind:
        conditions.append(_item.c.kind == cleaned(asked.kind))
    if asked.stock in STOCKS:
        conditions.append(_in_stock(asked.stock))
    passing = None
    for one in conditions:
        passing = one if passing is None else passing & one
    listed = Listed(_item.c.sku, _item.c.id, False, ranges, passing)
    found = find(connection, listed, turn or Turn(), scan)
    total = count(connection, listed) if passing is None else None
    return Page(items_of(connection, found.ids), found.after, found.before, found.cut, total, bool(exactly))


def items_of(connection: Connection, ids: Sequence[int]) -> tuple[ItemRow, ...]:
    """The cards with these ids, in this order, with their stock."""
    if not ids:
        return ()
    held = {
        row.item_id: (row.quantity, row.reserved)
        for row in connection.execute(
            select(
                _stock.c.item_id,
                _total(_stock.c.quantity).label("quantity"),
                _total(_stock.c.reserved).label("reserved"),
            )
            .where(_stock.c.item_id.in_(ids))
            .group_by(_stock.c.item_id)
        )
    }
    found = {}
    for row in connection.execute(_cards().where(_item.c.id.in_(ids))):
        quantity, reserved = held.get(row.id, (ZERO, ZERO))
        found[row.id] = ItemRow(
            row.id,
            row.company,
            row.sku,
            row.name,
            row.kind,
            row.unit,
            row.vat,
            row.ean,
            quantity,
            reserved,
        )
    return tuple(found[one] for one in ids if one in found)


def item_id_of(connection: Connection, company: str, sku: str) -> int | None:
    """The id of an item's card; None when there is none."""
    found: int | None = connection.execute(
        select(_item.c.id)
        .join(_company, _company.c.id == _item.c.company_id)
        .where(_company.c.code == cleaned(company), _item.c.sku == sku.replace("\0", ""))
    ).scalar()
    return found


def item_ids(connection: Connection, company: str, skus: Sequence[str]) -> dict[str, int]:
    """SKU -> id, for those of ``skus`` that have a card."""
    found: dict[str, int] = {}
    for start in range(0, len(skus), 500):
        rows = connection.execute(
            select(_item.c.sku, _item.c.id)
            .join(_company, _company.c.id == _item.c.company_id)
            .where(_company.c.code == company, _item.c.sku.in_(skus[start : start + 500]))
        )
        found.update((row.sku, row.id) for row in rows)
    return found


def item_page(connection: Connection, item_id: int, most: int = MOST) -> ItemPage | None:
    """All of one item but its history; None when there is no such item."""
    rows = items_of(connection, [item_id])
    if not rows:
        return None
    card = connection.execute(
        select(
            *(_item.c[name] for name in ("company_id", "weight", "manufacturer", "category")),
            *(_item.c[name] for name in ("height", "width", "length", "parent")),
        ).where(_item.c.id == item_id)
    ).one()
    places = connection.execute(
        select(_warehouse.c.id, _warehouse.c.code, _warehouse.c.name)
        .where(_warehouse.c.company_id == card.company_id)
        .order_by(_warehouse.c.id)
    ).all()
    parts = _parts(connection, _component, _component.c.item_id, _component.c.part_id, item_id)
    lots, held = _lots(connection, places, item_id, most), _held(connection, places, item_id, most)
    return ItemPage(
        row=rows[0],
        weight=card.weight,
        sizes=(card.height, card.width, card.length),
        parent=card.parent or "",
        manufacturer=card.manufacturer or "",
        category=card.category or "",
        shelves=_shelves(connection, places, item_id, parts if rows[0].kind == "compound" else ()),
        lots=tuple(lots[:most]),
        more_lots=len(lots) > most,
        held=tuple(held[:most]),
        more_held=len(held) > most,
        prices=tuple(
            PriceRow(row.level, row.basis, row.currency, row.price)
            for row in connection.execute(
                select(schema.price)
                .where(schema.price.c.item_id == item_id)
                .order_by(schema.price.c.level)
                .limit(MOST)
            )
        ),
        parts=parts,
        recipe=_parts(connection, schema.recipe, schema.recipe.c.item_id, schema.recipe.c.part_id, item_id),
        inside=_parts(connection, _component, _component.c.part_id, _component.c.item_id, item_id),
    )


def _cards() -> Any:
    return select(
        _item.c.id,
        _company.c.code.label("company"),
        _item.c.sku,
        _item.c.name,
        _item.c.kind,
        _item.c.unit,
        _item.c.vat,
        _item.c.ean,
    ).join(_company, _company.c.id == _item.c.company_id)


def _in_stock(stock: str) -> ColumnElement[bool]:
    of_item = exists().where(_stock.c.item_id == _item.c.id)
    if stock == "short":
        return of_item.where(_stock.c.reserved > _stock.c.quantity)
    there = of_item.where(_stock.c.quantity > 0)
    return there if stock == "in" else ~there


def _exactly(connection: Connection, companies: Sequence[int], words: str) -> list[int]:
    query = select(_item.c.id).where(_item.c.company_id.in_(companies))
    found: dict[int, None] = {}
    for way in (_item.c.sku.in_({words, words.upper()}), _item.c.ean == words):
        found.update(dict.fromkeys(connection.execute(query.where(way).limit(MOST)).scalars()))
    return list(found)


def _shelves(
    connection: Connection, places: Sequence[Any], item_id: int, parts: Sequence[PartRow]
) -> tuple[Shelf, ...]:
    wanted = [part.id for part in parts] or [item_id]
    rows = {
        (row.warehouse_id, row.item_id): row
        for row in connection.execute(select(_stock).where(_stock.c.item_id.in_(wanted)))
    }
    shelves = []
    for place in places:
        if not parts:
            row = rows.get((place.id, item_id))
            quantity, reserved = (row.quantity, row.reserved) if row else (ZERO, ZERO)
            value = row.value if row else ZERO
            shelves.append(Shelf(place.code, place.name, quantity, reserved, quantity - reserved, value))
            continue
        whole, free = [], []
        for part in parts:
            row = rows.get((place.id, part.id))
            whole.append((row.quantity if row else ZERO) / part.quantity)
            free.append(((row.quantity - row.reserved) if row else ZERO) / part.quantity)
        quantity, available = (max(min(one), ZERO).to_integral_value(ROUND_DOWN) for one in (whole, free))
        shelves.append(Shelf(place.code, place.name, quantity, quantity - available, available, ZERO))
    return tuple(shelves)


def _lots(connection: Connection, places: Sequence[Any], item_id: int, most: int) -> list[LotRow]:
    """Lots that are not used up, warehouse by warehouse, oldest first; one more than ``most`` where there are more."""
    found: list[LotRow] = []
    for place in places:
        query = (
            select(_lot, _doc.c.id.label("document_id"), _doc.c.kind, _doc.c.number)
            .outerjoin(_line, _line.c.id == _lot.c.line_id)
            .outerjoin(_doc, _doc.c.id == _line.c.document_id)
            .where(_lot.c.warehouse_id == place.id, _lot.c.item_id == item_id, _lot.c.left != 0)
            .order_by(_lot.c.received_on, _lot.c.id)
            .limit(most + 1 - len(found))
        )
        found += [
            LotRow(
                place.code,
                row.received_on,
                row.received,
                row.left,
                row.cost,
                row.document_id,
                row.kind or "",
                row.number or "",
            )
            for row in connection.execute(query)
        ]
        if len(found) > most:
            break
    return found


def _held(connection: Connection, places: Sequence[Any], item_id: int, most: int) -> list[Held]:
    """Open reservations, warehouse by warehouse, in the order in which they get the goods."""
    found: list[Held] = []
    for place in places:
        query = (
            select(_reservation, _doc.c.id.label("document_id"), *_shown())
            .join(_line, _line.c.id == _reservation.c.line_id)
            .join(_doc, _doc.c.id == _line.c.document_id)
            .where(
                _reservation.c.warehouse_id == place.id,
                _reservation.c.item_id == item_id,
                _reservation.c.open > 0,
            )
            .order_by(_reservation.c.line_id)
            .limit(most + 1 - len(found))
        )
        found += [
            Held(
                place.code,
                row.document_id,
                row.kind,
                row.number,
                row.foreign_number,
                row.issued_on,
                row.quantity,
                row.open,
            )
            for row in connection.execute(query)
        ]
        if len(found) > most:
            break
    return found


def _shown() -> tuple[Any, ...]:
    return (_doc.c.kind, _doc.c.number, _doc.c.foreign_number, _doc.c.issued_on)


def _parts(connection: Connection, table: Any, mine: Any, other: Any, item_id: int) -> tuple[PartRow, ...]:
    rows = connection.execute(
        select(_item.c.id, _item.c.sku, _item.c.name, _item.c.unit, table.c.quantity)
        .select_from(table)
        .join(_item, _item.c.id == other)
        .where(mine == item_id)
        .order_by(_item.c.sku)
        .limit(MOST)
    )
    return tuple(PartRow(*row) for row in rows)


def _total(column: Any) -> Any:
    # PostgreSQL sums bigint to numeric
    return type_coerce(cast(func.sum(column), BigInteger), column.type)
