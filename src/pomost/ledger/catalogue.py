"""What the catalogue asks of the ledger: which items changed, what lies in stock, what they cost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, select

from pomost.batches import among
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
    changed: list[tuple[int, int, str]] = []
    if stream == "stock":
        query = select(_warehouse.c.id).where(_warehouse.c.company_id == company.id)
        warehouses = connection.execute(query).scalars().all()
        for warehouse in warehouses:
            own = _stock.c.warehouse_id == warehouse
            changed += _changed(connection, own, _stock.c.change, _stock.c.item_id, after, most)
        if len(warehouses) > 1:
            # of each warehouse the first ones, so the first of them all are among these
            changed = sorted({(change, number, sku) for change, number, sku in changed})[:most]
    else:
        own = _item.c.company_id == company.id
        changed = _changed(connection, own, _item.c.change, _item.c.id, after, most)
    if not changed:
        return Touched((), cursor)
    skus = dict.fromkeys(sku for _, _, sku in changed)
    if stream == "stock":
        skus.update(dict.fromkeys(_kits_with(connection, [number for _, number, _ in changed])))
    following = {"change": changed[-1][0], "item": changed[-1][1]}
    return Touched(tuple(skus), following, len(changed) == most)


def changes_after(
    own: ColumnElement[bool], change: ColumnElement[int], number: ColumnElement[int], after: tuple[int, int]
) -> tuple[Select[int, int], Select[int, int]]:
    """The rows of ``own`` after a cursor, in order: those of the cursor's own change, and those of later ones.

    Two queries, because a database that is asked for (change, number) > cursor in one may seek by the change only; a
    million rows of one change were then read anew for every page of it.
    """
    rows = select(change.label("change"), number.label("number"))
    return (
        rows.where(own, change == after[0], number > after[1]).order_by(number),
        rows.where(own, change > after[0]).order_by(change, number),
    )


def _changed(
    connection: Connection,
    own: ColumnElement[bool],
    change: ColumnElement[int],
    number: ColumnElement[int],
    after: tuple[int, int],
    most: int,
) -> list[tuple[int, int, str]]:
    """At most so many (change, item, SKU) after the cursor, in order."""
    found: list[tuple[int, int, str]] = []
    for query in changes_after(own, change, number, after):
        some = query.where(settled(connection, change)).limit(most - len(found)).subquery()
        named = (
            select(some.c.change, some.c.number, _item.c.sku)
            .join(_item, _item.c.id == some.c.number)
            .order_by(some.c.change, some.c.number)
        )
        found += connection.execute(named).all()
        if len(found) == most:
            break
    return found


def position(connection: Connection) -> Json:
    """The cursor after which nothing is that is settled by now."""
    return {"change": newest(connection), "item": _LAST}


def sharing(connection: Connection, company: Company, skus: Iterable[str]) -> frozenset[str]:
    """See the port."""
    asked = list(dict.fromkeys(skus))
    ids: set[int] = set()
    for some in _chunks(asked):
        query = select(_item.c.id).where(
            _item.c.company_id == company.id, among(connection, _item.c.sku, some)
        )
        ids.update(connection.execute(query).scalars())
    for some_ids in _chunks(sorted(ids)):
        parts = select(_component.c.part_id).where(among(connection, _component.c.item_id, some_ids))
        ids.update(connection.execute(parts).scalars())
    found = set(asked)
    for some_ids in _chunks(sorted(ids)):
        found.update(
            connection.execute(select(_item.c.sku).where(among(connection, _item.c.id, some_ids))).scalars()
        )
    found.update(_kits_with(connection, sorted(ids)))
    return frozenset(found)


def on_hand(connection: Connection, company: Company, skus: Iterable[str]) -> dict[str, OnHand]:
    """See the port."""
    asked = list(dict.fromkeys(skus))
    cards: dict[int, Any] = {}
    for some in _chunks(asked):
        query = select(_item.c.id, _item.c.sku, _item.c.kind).where(
            _item.c.company_id == company.id, among(connection, _item.c.sku, some)
        )
        cards.update((row.id, row) for row in connection.execute(query).all())
    parts: dict[int, list[tuple[str, Decimal]]] = {}
    kits = [row.id for row in cards.values() if row.kind == "compound"]
    for some_ids in _chunks(kits):
        components = (
            select(_component.c.item_id, _component.c.quantity, _item.c.id, _item.c.sku, _item.c.kind)
            .join(_item, _item.c.id == _component.c.part_id)
            .where(among(connection, _component.c.item_id, some_ids))
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
            .where(among(connection, _stock.c.item_id, some_ids))
        )
        for here in connection.execute(rows).all():
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
            .where(_item.c.company_id == company.id, among(connection, _item.c.sku, some))
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
            .where(among(connection, _component.c.part_id, some))
            .distinct()
        )
        yield from connection.execute(query).scalars()


def _chunks(values: Sequence[One]) -> Iterator[Sequence[One]]:
    return (values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK))
