"""What the catalogue asks of the ledger: which items changed, what lies in stock, what they cost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, select, tuple_

from pomost.ledger import schema
from pomost.ledger.change_numbers import newest, settled
from pomost.ledger.companies import Company
from pomost.ports import Json
from pomost.ports.catalogue import Stream, Touched
from pomost.trade.availability import Held, OnHand
from pomost.trade.between import UnitPrice

One = TypeVar("One")
_LAST = 2**62
"""No item has a higher id."""
_CHUNK = 5_000
_OWN = Decimal(1)

_item = schema.item
_stock = schema.stock
_component = schema.component
_warehouse = schema.warehouse

_ANY_KIT = select(_component.c.part_id).limit(1)


def touched(connection: Connection, company: Company, stream: Stream, cursor: Json, most: int) -> Touched:
    """See the port. The cursor is the number of a change and the id of an item with it."""
    after = (int(cursor.get("change", -1)), int(cursor.get("item", 0)))
    query: Select[Any]
    if stream == "stock":
        query = (
            select(_stock.c.change, _stock.c.item_id, _item.c.sku)
            .join(_item, _item.c.id == _stock.c.item_id)
            .join(_warehouse, _warehouse.c.id == _stock.c.warehouse_id)
            .where(_warehouse.c.company_id == company.id, settled(connection, _stock.c.change))
            .where(tuple_(_stock.c.change, _stock.c.item_id) > after)
            .order_by(_stock.c.change, _stock.c.item_id)
        )
    else:
        query = (
            select(_item.c.change, _item.c.id.label("item_id"), _item.c.sku)
            .where(_item.c.company_id == company.id, settled(connection, _item.c.change))
            .where(tuple_(_item.c.change, _item.c.id) > after)
            .order_by(_item.c.change, _item.c.id)
        )
    rows = connection.execute(query.limit(most)).all()
    if not rows:
        return Touched((), cursor)
    skus = dict.fromkeys(row.sku for row in rows)
    if stream == "stock":
        skus.update(dict.fromkeys(_kits_with(connection, [row.item_id for row in rows])))
    following = {"change": rows[-1].change, "item": rows[-1].item_id}
    return Touched(tuple(skus), following, len(rows) == most)


def position(connection: Connection) -> Json:
    """The cursor after which nothing is that is settled by now."""
    return {"change": newest(connection), "item": _LAST}


def sharing(connection: Connection, company: Company, skus: Iterable[str]) -> frozenset[str]:
    """See the port."""
    asked = list(dict.fromkeys(skus))
    ids: set[int] = set()
    for some in _chunks(asked):
        query = select(_item.c.id).where(_item.c.company_id == company.id, _item.c.sku.in_(some))
        ids.update(connection.execute(query).scalars())
    for some_ids in _chunks(sorted(ids)):
        parts = select(_component.c.part_id).where(_component.c.item_id.in_(some_ids))
        ids.update(connection.execute(parts).scalars())
    found = set(asked)
    for some_ids in _chunks(sorted(ids)):
        found.update(connection.execute(select(_item.c.sku).where(_item.c.id.in_(some_ids))).scalars())
    found.update(_kits_with(connection, sorted(ids)))
    return frozenset(found)


def on_hand(connection: Connection, company: Company, skus: Iterable[str]) -> dict[str, OnHand]:
    """See the port."""
    asked = list(dict.fromkeys(skus))
    cards: dict[int, Any] = {}
    for some in _chunks(asked):
        query = select(_item.c.id, _item.c.sku, _item.c.kind).where(
            _item.c.company_id == company.id, _item.c.sku.in_(some)
        )
        cards.update((row.id, row) for row in connection.execute(query))
    parts: dict[int, list[tuple[str, Decimal]]] = {}
    kits = [row.id for row in cards.values() if row.kind == "compound"]
    for some_ids in _chunks(kits):
        components = (
            select(_component.c.item_id, _component.c.quantity, _item.c.id, _item.c.sku, _item.c.kind)
            .join(_item, _item.c.id == _component.c.part_id)
            .where(_component.c.item_id.in_(some_ids))
            .order_by(_component.c.item_id, _component.c.part_id)
        )
        for part in connection.execute(components):
            parts.setdefault(part.item_id, []).append((part.sku, part.quantity))
            cards.setdefault(part.id, part)
    held: dict[int, dict[str, Held]] = {}
    for some_ids in _chunks(list(cards)):
        rows = (
            select(_stock.c.item_id, _warehouse.c.code, _stock.c.quantity, _stock.c.reserved)
            .join(_warehouse, _warehouse.c.id == _stock.c.warehouse_id)
            .where(_stock.c.item_id.in_(some_ids))
        )
        for here in connection.execute(rows):
            held.setdefault(here.item_id, {})[here.code] = Held(here.quantity, here.reserved)
    return {
        row.sku: OnHand(
            row.sku,
            ((row.sku, _OWN),) if row.kind == "goods" else tuple(parts.get(row.id, ())),
            held.get(row.id, {}),
        )
        for row in cards.values()
    }


def prices(connection: Connection, company: Company, skus: Iterable[str]) -> dict[str, dict[str, UnitPrice]]:
    """See the port."""
    found: dict[str, dict[str, UnitPrice]] = {}
    price = schema.price
    for some in _chunks(list(dict.fromkeys(skus))):
        query = (
            select(_item.c.sku, price.c.level, price.c.basis, price.c.currency, price.c.price)
            .join(price, price.c.item_id == _item.c.id)
            .where(_item.c.company_id == company.id, _item.c.sku.in_(some))
        )
        for row in connection.execute(query):
            found.setdefault(row.sku, {})[row.level] = UnitPrice(row.basis, row.currency, row.price)
    return found


def price_levels(connection: Connection, company: Company) -> tuple[str, ...]:
    """See the port."""
    price = schema.price
    query = (
        select(price.c.level)
        .distinct()
        .join(_item, _item.c.id == price.c.item_id)
        .where(_item.c.company_id == company.id)
        .order_by(price.c.level)
    )
    return tuple(connection.execute(query).scalars())


def _kits_with(connection: Connection, ids: Sequence[int]) -> Iterator[str]:
    """SKUs of the kits that any of these items is a part of."""
    if connection.execute(_ANY_KIT).first() is None:
        return
    for some in _chunks(ids):
        query = (
            select(_item.c.sku)
            .join(_component, _component.c.item_id == _item.c.id)
            .where(_component.c.part_id.in_(some))
            .distinct()
        )
        yield from connection.execute(query).scalars()


def _chunks(values: Sequence[One]) -> Iterator[Sequence[One]]:
    return (values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK))
