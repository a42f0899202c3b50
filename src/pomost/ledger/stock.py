"""Stock: what is there, what is reserved, and taking it out of lots. Two writers never get the same piece.

A reservation holds goods in the order the reserving documents were made: with 5 in stock and two reservations of 5,
the first is covered and the second is short. So a reservation beyond stock never blocks an older one.

Every change of stock or of a reservation is made while holding the stock rows of the items concerned, locked in
the order of item and warehouse.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Connection, bindparam, func, insert, select

from pomost.batches import add_or_insert_rows, add_to_rows, insert_rows
from pomost.ledger import schema
from pomost.ledger.change_numbers import next_change
from pomost.ledger.companies import Company
from pomost.ledger.items import Item

ZERO = Decimal(0)
CENT = Decimal("0.01")
_LOTS_AT_ONCE = 200

_stock = schema.stock
_lot = schema.lot
_reservation = schema.reservation

_items: BindParameter[Any] = bindparam("items", expanding=True)
_lines: BindParameter[Any] = bindparam("lines", expanding=True)

# with a reservation, other warehouses count too: it may stand in another one than the goods leave
_stock_everywhere = (
    select(_stock).where(_stock.c.item_id.in_(_items)).order_by(_stock.c.item_id, _stock.c.warehouse_id)
)
_stock_here = _stock_everywhere.where(_stock.c.warehouse_id == bindparam("w"))
_locked_everywhere = _stock_everywhere.with_for_update()
_locked_here = _stock_here.with_for_update()
_held = select(_reservation).where(_reservation.c.line_id.in_(_lines))
_queues = select(_reservation).where(
    _reservation.c.warehouse_id == bindparam("w"),
    _reservation.c.item_id.in_(_items),
    _reservation.c.open > 0,
    _reservation.c.line_id <= bindparam("last"),
)
_made_for = (
    select(
        _reservation.c.line_id,
        _reservation.c.item_id,
        _reservation.c.open,
        func.sum(schema.made_for.c.quantity, type_=_reservation.c.open.type).label("made"),
    )
    .join(
        schema.made_for,
        (schema.made_for.c.order_line_id == _reservation.c.line_id)
        & (schema.made_for.c.item_id == _reservation.c.item_id),
    )
    .where(
        _reservation.c.warehouse_id == bindparam("w"),
        schema.made_for.c.item_id.in_(_items),
        _reservation.c.open > 0,
    )
    .group_by(_reservation.c.line_id, _reservation.c.item_id, _reservation.c.open)
)
_lots_of = select(_lot.c.id, _lot.c.item_id, _lot.c.left, _lot.c.cost).where(
    _lot.c.warehouse_id == bindparam("w"), _lot.c.item_id.in_(_items), _lot.c.left > 0
)
_oldest_first = (_lot.c.received_on, _lot.c.id)
_order_of_lots = {
    "FIFO": _oldest_first,
    "LIFO": (_lot.c.received_on.desc(), _lot.c.id.desc()),
    # the oldest goods, at average cost
    "AVCO": _oldest_first,
}
_first_lots = {
    method: _lots_of.order_by(_lot.c.item_id, *order).limit(bindparam("most"))
    for method, order in _order_of_lots.items()
}


def _enough_lots(order: Sequence[ColumnElement[Any]]) -> Any:
    """Of each item no more lots than hold ``most`` pieces together."""
    up_to = func.sum(_lot.c.left, type_=_lot.c.left.type).over(
        partition_by=_lot.c.item_id, order_by=order, rows=(None, 0)
    )
    place = func.row_number().over(partition_by=_lot.c.item_id, order_by=order)
    lots = _lots_of.add_columns((up_to - _lot.c.left).label("before"), place.label("place")).subquery()
    needed = lots.c.before < bindparam("most", type_=_lot.c.left.type)
    return select(lots).where(needed).order_by(lots.c.item_id, lots.c.place)


_all_lots_needed = {method: _enough_lots(order) for method, order in _order_of_lots.items()}


@dataclass(slots=True)
class Row:
    """A stock row as it will be once what was taken is written."""

    quantity: Decimal
    reserved: Decimal
    value: Decimal


@dataclass(frozen=True, slots=True)
class Short:
    """What can't be issued. ``available``: how much of what was asked for is there for this buyer.

    ``reserved_line``: the order line whose reservation stands behind it.
    """

    sku: str
    asked: Decimal
    available: Decimal
    reserved_line: int | None


@dataclass(slots=True)
class _Take:
    line_id: int
    item_id: int
    quantity: Decimal


@dataclass(slots=True)
class Shelf:
    """The locked stock of some items, from which a document takes what its lines need.

    ``taken`` and ``released`` are only noted; ``write`` carries them out once the document has its lines.
    """

    company: Company
    warehouse_id: int
    rows: dict[tuple[int, int], Row]
    held: dict[tuple[int, int], tuple[int, Decimal]]
    queues: dict[int, list[tuple[int, Decimal]]]
    taken: list[tuple[int, int, Decimal]] = field(default_factory=list)
    released: list[tuple[int, int, int, Decimal]] = field(default_factory=list)
    pledged: dict[int, dict[int, Decimal]] = field(default_factory=dict)
    """Of items that are short: what was made for order lines that still hold it."""

    def available(self, item_id: int, reserved_line: int | None) -> Decimal:
        """How much a line may take: what no reservation holds and, if it has one, what its own holds."""
        row = self.rows.get((self.warehouse_id, item_id))
        if row is None:
            return ZERO
        free = row.quantity - row.reserved
        held = self.held.get((reserved_line, item_id)) if reserved_line is not None else None
        if held is None or held[0] != self.warehouse_id:
            return max(free, ZERO)
        own = held[1]
        if free >= 0:
            return free + own
        # somebody is short; who reserved earlier is not
        pledged = self.pledged.get(item_id, {})
        before = sum(
            (
                n - pledged.get(line, ZERO)
                for line, n in self.queues.get(item_id, ())
                if line < (reserved_line or 0)
            ),
            ZERO,
        )
        mine = pledged.get(reserved_line or 0, ZERO)
        loose = row.quantity - sum(pledged.values(), ZERO)
        return max(min(own, mine + max(loose - before, ZERO), row.quantity), ZERO)

    def allot(
        self, item: Item, quantity: Decimal, reserved_line: int | None, partial: bool
    ) -> tuple[Decimal, Short | None]:
        """How much of ``quantity`` the shelf gives; and, unless it is all, what is short."""
        if not item.parts or self.company.negative_stock:
            return quantity, None
        possible = self.possible(item, reserved_line)
        if possible >= quantity:
            return quantity, None
        if item.kind == "compound":
            possible = possible.quantize(Decimal(1), ROUND_DOWN)
        return (possible if partial else ZERO), Short(item.sku, quantity, possible, reserved_line)

    def possible(self, item: Item, reserved_line: int | None) -> Decimal:
        """How many of ``item`` can be issued now."""
        return min(
            self.available(part, reserved_line) if ratio == 1 else self.available(part, reserved_line) / ratio
            for part, ratio in item.parts
        )

    def take(self, position: int, item: Item, quantity: Decimal, reserved_line: int | None) -> None:
        """Notes that the line at ``position`` takes ``quantity`` of ``item``."""
        for part, ratio in item.parts:
            amount = quantity * ratio
            row = self.rows.setdefault((self.warehouse_id, part), Row(ZERO, ZERO, ZERO))
            row.quantity -= amount
            self.taken.append((position, part, amount))
            held = self.held.get((reserved_line, part)) if reserved_line is not None else None
            if reserved_line is None or held is None:
                continue
            warehouse_id, still_open = held
            given_up = min(still_open, amount)
            if given_up:
                self.held[(reserved_line, part)] = (warehouse_id, still_open - given_up)
                self.rows[(warehouse_id, part)].reserved -= given_up
                self.released.append((warehouse_id, part, reserved_line, given_up))
                pledged = self.pledged.get(part, {})
                if reserved_line in pledged:
                    pledged[reserved_line] = min(pledged[reserved_line], still_open - given_up)
                queue = self.queues.get(part, [])
                self.queues[part] = [
                    (line, n - given_up) if line == reserved_line else (line, n) for line, n in queue
                ]

    def write(self, connection: Connection, first_line: int, on: date) -> None:
        """Takes the goods out of lots by the company's method and releases the reservations."""
        if not self.taken:
            return
        takes = [_Take(first_line + position, item, quantity) for position, item, quantity in self.taken]
        values = _issue_from_lots(connection, self.company, self.warehouse_id, self.rows, takes, on)
        changes: dict[tuple[int, int], list[Decimal]] = {}
        for take in takes:
            change = changes.setdefault((take.item_id, self.warehouse_id), [ZERO, ZERO, ZERO])
            change[0] -= take.quantity
        for item_id, value in values.items():
            changes[(item_id, self.warehouse_id)][2] -= value
        given_up: dict[tuple[int, int], Decimal] = {}
        for warehouse_id, item_id, line, quantity in self.released:
            changes.setdefault((item_id, warehouse_id), [ZERO, ZERO, ZERO])[1] -= quantity
            given_up[(line, item_id)] = given_up.get((line, item_id), ZERO) - quantity
        write_stock_changes(connection, changes)
        change_reservations(connection, given_up)


def open_shelf(
    connection: Connection,
    company: Company,
    warehouse_id: int,
    item_ids: Iterable[int],
    reserved_lines: Iterable[int],
    *,
    only_look: bool = False,
    everywhere: bool = False,
) -> Shelf:
    """Locks the stock of ``item_ids`` and reads it, with the reservations that ``reserved_lines`` hold.

    ``only_look``: reads it without a lock. ``everywhere``: the stock of the items in all warehouses, as with reservations.
    """
    items = sorted(set(item_ids))
    lines = sorted(set(reserved_lines))
    if lines or everywhere:
        query = _stock_everywhere if only_look else _locked_everywhere
        found = connection.execute(query, {"items": items})
    else:
        query = _stock_here if only_look else _locked_here
        found = connection.execute(query, {"items": items, "w": warehouse_id})
    rows = {(row.warehouse_id, row.item_id): Row(row.quantity, row.reserved, row.value) for row in found}
    held: dict[tuple[int, int], tuple[int, Decimal]] = {}
    queues: dict[int, list[tuple[int, Decimal]]] = {}
    pledged: dict[int, dict[int, Decimal]] = {}
    if lines:
        for row in connection.execute(_held, {"lines": lines}):
            held[(row.line_id, row.item_id)] = (row.warehouse_id, row.open)
        short = [i for (w, i), row in rows.items() if w == warehouse_id and row.reserved > row.quantity]
        if short:
            wanted = {"w": warehouse_id, "items": short, "last": lines[-1]}
            for row in connection.execute(_queues, wanted):
                queues.setdefault(row.item_id, []).append((row.line_id, row.open))
            for row in connection.execute(_made_for, {"w": warehouse_id, "items": short}):
                pledged.setdefault(row.item_id, {})[row.line_id] = min(row.made, row.open)
    return Shelf(company, warehouse_id, rows, held, queues, pledged=pledged)


def reserve(connection: Connection, warehouse_id: int, wishes: Sequence[tuple[int, Item, Decimal]]) -> None:
    """Holds goods for each (line id, item, quantity).

    Beyond stock too: whether that is allowed is asked before.
    """
    totals: dict[int, Decimal] = {}
    for _, item, quantity in wishes:
        for part, ratio in item.parts:
            totals[part] = totals.get(part, ZERO) + quantity * ratio
    if not totals:
        return
    write_stock_changes(connection, {(item, warehouse_id): [ZERO, n, ZERO] for item, n in totals.items()})
    insert_rows(
        connection,
        _reservation,
        [
            {"line_id": line_id, "item_id": part, "warehouse_id": warehouse_id, "quantity": n, "open": n}
            for line_id, item, quantity in wishes
            for part, ratio in item.parts
            for n in (quantity * ratio,)
        ],
    )


def write_stock_changes(connection: Connection, changes: dict[tuple[int, int], list[Decimal]]) -> None:
    """Adds (quantity, reserved, value) to the rows of (item, warehouse), making those that are missing, and numbers the change."""
    if not changes:
        return
    change = next_change(connection)
    add_or_insert_rows(
        connection,
        _stock,
        ("warehouse_id", "item_id"),
        [
            {"warehouse_id": w, "item_id": i, "quantity": dq, "reserved": dr, "value": dv, "change": change}
            for (i, w), (dq, dr, dv) in sorted(changes.items())
        ],
        replaced="change",
    )


def change_lots(connection: Connection, changes: Mapping[int, Decimal]) -> None:
    """Adds to what is left in lots, by id."""
    add_to_rows(connection, _lot, ("id",), [{"id": i, "left": n} for i, n in sorted(changes.items())])


def change_reservations(connection: Connection, changes: Mapping[tuple[int, int], Decimal]) -> None:
    """Adds to what reservations hold, by (line, item)."""
    add_to_rows(
        connection,
        _reservation,
        ("line_id", "item_id"),
        [{"line_id": line, "item_id": item, "open": n} for (line, item), n in sorted(changes.items())],
    )


def _issue_from_lots(
    connection: Connection,
    company: Company,
    warehouse_id: int,
    rows: dict[tuple[int, int], Row],
    takes: Sequence[_Take],
    on: date,
) -> dict[int, Decimal]:
    """Writes the movements and what they leave in the lots; gives the value that left, by item."""
    asked: dict[int, Decimal] = {}
    for take in takes:
        asked[take.item_id] = asked.get(take.item_id, ZERO) + take.quantity
    lots = _open_lots(connection, company, warehouse_id, asked)
    movements: list[dict[str, Any]] = []
    used: dict[int, Decimal] = {}
    for take in takes:
        missing = take.quantity
        queue = lots.get(take.item_id, [])
        while missing > 0 and queue:
            lot_id, left, cost = queue[0]
            part = min(left, missing)
            missing -= part
            used[lot_id] = used.get(lot_id, ZERO) + part
            queue[0] = (lot_id, left - part, cost)
            if part == left:
                queue.pop(0)
            movements.append(_movement(take, lot_id, warehouse_id, part, cost))
        if missing > 0:
            lot_id, cost = _debt_lot(connection, warehouse_id, take, missing, on)
            movements.append(_movement(take, lot_id, warehouse_id, missing, cost))
    values = _value(company, warehouse_id, rows, asked, movements)
    change_lots(connection, {lot_id: -n for lot_id, n in used.items()})
    insert_rows(connection, schema.movement, movements)
    return values


def _value(
    company: Company,
    warehouse_id: int,
    rows: dict[tuple[int, int], Row],
    asked: dict[int, Decimal],
    movements: Sequence[dict[str, Any]],
) -> dict[int, Decimal]:
    """Sets the value of each movement; what empties the stock takes all the value that is left, to the grosz."""
    totals: dict[int, Decimal] = {}
    of_item: dict[int, list[dict[str, Any]]] = {}
    for movement in movements:
        of_item.setdefault(movement["item_id"], []).append(movement)
    for item_id, quantity in asked.items():
        row = rows[(warehouse_id, item_id)]
        left_value = row.value
        left_quantity = row.quantity + quantity
        for movement in of_item[item_id]:
            n = movement["quantity"]
            if n == left_quantity:
                value = left_value
            elif company.method == "AVCO" and left_quantity > 0:
                value = (left_value * n / left_quantity).quantize(CENT, ROUND_HALF_UP)
            else:
                value = (movement["value"]).quantize(CENT, ROUND_HALF_UP)
            movement["value"] = value
            left_value -= value
            left_quantity -= n
        totals[item_id] = row.value - left_value
    return totals


def _open_lots(
    connection: Connection, company: Company, warehouse_id: int, asked: dict[int, Decimal]
) -> dict[int, list[tuple[int, Decimal, Decimal]]]:
    """The lots to take from, in the order of the company's method: (id, left, cost)."""
    found: dict[int, list[tuple[int, Decimal, Decimal]]] = {}
    most = _LOTS_AT_ONCE + 2 * len(asked)
    wanted = {"w": warehouse_id, "items": list(asked)}
    rows = connection.execute(_first_lots[company.method], {**wanted, "most": most}).all()
    if len(rows) == most:
        # so many open lots that they did not fit: no further than is needed
        rows = connection.execute(
            _all_lots_needed[company.method], {**wanted, "most": max(asked.values())}
        ).all()
    for row in rows:
        found.setdefault(row.item_id, []).append((row.id, row.left, row.cost))
    return found


def _movement(
    take: _Take, lot_id: int, warehouse_id: int, quantity: Decimal, cost: Decimal
) -> dict[str, Any]:
    return {
        "line_id": take.line_id,
        "lot_id": lot_id,
        "warehouse_id": warehouse_id,
        "item_id": take.item_id,
        "quantity": quantity,
        "value": quantity * cost,
        "active": True,
    }


def _debt_lot(
    connection: Connection, warehouse_id: int, take: _Take, missing: Decimal, on: date
) -> tuple[int, Decimal]:
    """Stock below zero: a lot that owes goods, at the cost of the last receipt, settled by the next one."""
    last = connection.execute(
        select(_lot.c.cost)
        .where(_lot.c.warehouse_id == warehouse_id, _lot.c.item_id == take.item_id)
        .order_by(_lot.c.id.desc())
        .limit(1)
    ).scalar_one_or_none()
    cost = last or ZERO
    lot_id = connection.execute(
        insert(_lot)
        .values(
            warehouse_id=warehouse_id,
            item_id=take.item_id,
            line_id=take.line_id,
            received_on=on,
            received=ZERO,
            left=-missing,
            cost=cost,
        )
        .returning(_lot.c.id)
    ).scalar_one()
    return lot_id, cost
