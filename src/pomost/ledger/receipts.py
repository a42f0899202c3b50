"""Goods that come in, and goods that come back when a document is cancelled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import Connection, delete, select, update

from pomost.batches import insert_rows
from pomost.ledger import schema
from pomost.ledger.companies import Company
from pomost.ledger.stock import (
    CENT,
    ZERO,
    change_lots,
    change_reservations,
    open_shelf,
    write_stock_changes,
)
from pomost.ports import NeedsPerson

_FOURTH = Decimal("0.0001")

_lot = schema.lot
_movement = schema.movement
_reservation = schema.reservation
_line = schema.line


@dataclass(frozen=True, slots=True)
class Arrival:
    """Goods of one line. ``cost`` is of one piece, net, in PLN.

    Goods that were in another warehouse before keep the day on which they were first received (``on``) and the
    ``value`` with which they left there, to the grosz.
    """

    line_id: int
    item_id: int
    quantity: Decimal
    cost: Decimal
    on: date | None = None
    value: Decimal | None = None


def receive(
    connection: Connection, company: Company, warehouse_id: int, arrivals: Sequence[Arrival], on: date
) -> None:
    """Makes a lot of each arrival; goods that were issued before they came are settled first."""
    shelf = open_shelf(connection, company, warehouse_id, (arrival.item_id for arrival in arrivals), ())
    owes = any(row.quantity < 0 for row in shelf.rows.values())
    debts = _debts(connection, warehouse_id, arrivals) if owes else {}
    lots: list[dict[str, Any]] = []
    settled: dict[int, Decimal] = {}
    changes: dict[tuple[int, int], list[Decimal]] = {}
    for arrival in arrivals:
        left = arrival.quantity
        for debt in debts.get(arrival.item_id, ()):
            paid = min(debt[1], left)
            if paid:
                debt[1] -= paid
                left -= paid
                settled[debt[0]] = settled.get(debt[0], ZERO) + paid
        lots.append(
            {
                "warehouse_id": warehouse_id,
                "item_id": arrival.item_id,
                "line_id": arrival.line_id,
                "received_on": arrival.on or on,
                "received": arrival.quantity,
                "left": left,
                "cost": arrival.cost.quantize(_FOURTH, ROUND_HALF_UP),
            }
        )
        change = changes.setdefault((arrival.item_id, warehouse_id), [ZERO, ZERO, ZERO])
        change[0] += arrival.quantity
        value = arrival.quantity * arrival.cost if arrival.value is None else arrival.value
        change[2] += value.quantize(CENT, ROUND_HALF_UP)
    write_stock_changes(connection, changes)
    change_lots(connection, settled)
    insert_rows(connection, _lot, lots)


def take_back(connection: Connection, company: Company, line_ids: Iterable[int]) -> None:
    """Returns what the lines issued to the lots it came from, and their reservations to the order."""
    lines = sorted(line_ids)
    moved = _active_movements(connection, lines)
    if not moved:
        return
    reserved = _reserved_lines(connection, lines)
    warehouse_id = moved[0].warehouse_id
    shelf = open_shelf(connection, company, warehouse_id, (m.item_id for m in moved), reserved.values())
    changes: dict[tuple[int, int], list[Decimal]] = {}
    returned: dict[tuple[int, int], Decimal] = {}
    for movement in moved:
        change = changes.setdefault((movement.item_id, movement.warehouse_id), [ZERO, ZERO, ZERO])
        change[0] += movement.quantity
        change[2] += movement.value
        order_line = reserved.get(movement.line_id)
        if order_line is not None and (order_line, movement.item_id) in shelf.held:
            key = (order_line, movement.item_id)
            returned[key] = returned.get(key, ZERO) + movement.quantity
    for (order_line, item_id), quantity in returned.items():
        holder = shelf.held[(order_line, item_id)][0]
        changes.setdefault((item_id, holder), [ZERO, ZERO, ZERO])[1] += quantity
    write_stock_changes(connection, changes)
    back: dict[int, Decimal] = {}
    for movement in moved:
        back[movement.lot_id] = back.get(movement.lot_id, ZERO) + movement.quantity
    change_lots(connection, back)
    change_reservations(connection, returned)
    connection.execute(update(_movement).where(_movement.c.line_id.in_(lines)).values(active=False))


def forget(connection: Connection, line_ids: Iterable[int]) -> None:
    """Deletes the movements of lines that are deleted, after ``take_back``."""
    connection.execute(delete(_movement).where(_movement.c.line_id.in_(list(line_ids))))


def send_back(connection: Connection, company: Company, line_ids: Iterable[int], who: str) -> None:
    """Takes received goods out again, as if they had never come.

    Raises NeedsPerson ``ledger.goods-used`` when some of them were issued already, ``ledger.goods-reserved`` when
    what would be left does not cover the reservations and the company forbids that.
    """
    lines = sorted(line_ids)
    items = {
        row.item_id
        for row in connection.execute(
            select(_lot.c.item_id).where(_lot.c.line_id.in_(lines), _lot.c.received > 0)
        )
    }
    if not items:
        return
    warehouse_id = connection.execute(
        select(_lot.c.warehouse_id).where(_lot.c.line_id.in_(lines)).limit(1)
    ).scalar_one()
    shelf = open_shelf(connection, company, warehouse_id, items, ())
    # read once the stock is locked: until then somebody may issue from these lots
    lots = connection.execute(select(_lot).where(_lot.c.line_id.in_(lines), _lot.c.received > 0)).all()
    changes: dict[tuple[int, int], list[Decimal]] = {}
    for lot in lots:
        if lot.left != lot.received:
            raise NeedsPerson(
                "ledger.goods-used",
                f"{who}: {lot.received - lot.left} of {lot.received} received pieces of {_sku(connection, lot)} "
                "were issued already.",
                "Cancel the documents that issued them first.",
            )
        row = shelf.rows[(warehouse_id, lot.item_id)]
        value = (lot.received * lot.cost).quantize(CENT, ROUND_HALF_UP)
        if row.quantity == lot.received:
            value = row.value
        row.quantity -= lot.received
        row.value -= value
        if row.quantity < row.reserved and not company.reserve_beyond_stock:
            raise NeedsPerson(
                "ledger.goods-reserved",
                f"{who}: the received pieces of {_sku(connection, lot)} are reserved.",
                "Cancel the reservations first.",
            )
        change = changes.setdefault((lot.item_id, warehouse_id), [ZERO, ZERO, ZERO])
        change[0] -= lot.received
        change[2] -= value
    write_stock_changes(connection, changes)
    change_lots(connection, {lot.id: -lot.received for lot in lots})


def release(connection: Connection, company: Company, line_ids: Iterable[int]) -> None:
    """Gives up what the lines of an order document still hold."""
    lines = sorted(line_ids)
    held = connection.execute(select(_reservation).where(_reservation.c.line_id.in_(lines))).all()
    if not held:
        return
    open_shelf(connection, company, held[0].warehouse_id, (row.item_id for row in held), ())
    held = connection.execute(select(_reservation).where(_reservation.c.line_id.in_(lines))).all()
    changes: dict[tuple[int, int], list[Decimal]] = {}
    for row in held:
        changes.setdefault((row.item_id, row.warehouse_id), [ZERO, ZERO, ZERO])[1] -= row.open
    write_stock_changes(connection, changes)
    connection.execute(delete(_reservation).where(_reservation.c.line_id.in_(lines)))


def _debts(
    connection: Connection, warehouse_id: int, arrivals: Sequence[Arrival]
) -> dict[int, list[list[Any]]]:
    found: dict[int, list[list[Any]]] = {}
    rows = connection.execute(
        select(_lot.c.id, _lot.c.item_id, _lot.c.left)
        .where(
            _lot.c.warehouse_id == warehouse_id,
            _lot.c.item_id.in_({arrival.item_id for arrival in arrivals}),
            _lot.c.left < 0,
        )
        .order_by(_lot.c.id)
    )
    for row in rows:
        found.setdefault(row.item_id, []).append([row.id, -row.left])
    return found


def _active_movements(connection: Connection, lines: Sequence[int]) -> Sequence[Any]:
    return connection.execute(
        select(_movement)
        .where(_movement.c.line_id.in_(lines), _movement.c.active)
        .order_by(_movement.c.lot_id)
    ).all()


def _reserved_lines(connection: Connection, lines: Sequence[int]) -> dict[int, int]:
    rows = connection.execute(
        select(_line.c.id, _line.c.reserved_line_id).where(
            _line.c.id.in_(lines), _line.c.reserved_line_id.is_not(None)
        )
    )
    return {row.id: row.reserved_line_id for row in rows}


def _sku(connection: Connection, lot: Any) -> str:
    return str(
        connection.execute(select(schema.item.c.sku).where(schema.item.c.id == lot.item_id)).scalar_one()
    )
