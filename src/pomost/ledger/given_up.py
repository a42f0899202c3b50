"""Reservations that a sale gives up because another company issues its goods: nothing of them ever leaves here.

What is given up counts as realised of the order document, as it would be by a WZ; a sale that is cancelled gives it back.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, select

from pomost.ledger import schema
from pomost.ledger.companies import Company
from pomost.ledger.schema import LINES_PER_DOCUMENT
from pomost.ledger.sheet import Sheet
from pomost.ledger.stock import ZERO, change_reservations, open_shelf, write_stock_changes

_line = schema.line
_reservation = schema.reservation


def give_up(connection: Connection, sheet: Sheet) -> None:
    """What the order lines behind the sheet's lines hold of these goods is free again, wherever they hold it."""
    wanted: dict[tuple[int, int], Decimal] = {}
    for line in sheet.lines:
        if line.item is None or not line.moves or line.reserved_line is None:
            continue
        for part, ratio in line.item.parts:
            key = (line.reserved_line, part)
            wanted[key] = wanted.get(key, ZERO) + line.draft.quantity * ratio
    _change(connection, sheet.company, sheet.warehouse.id, wanted, giving_up=True)


def hold_again(connection: Connection, company: Company, row: Any) -> None:
    """Undoes it: the order lines behind the document ``row`` hold the goods again."""
    first = row.id * LINES_PER_DOCUMENT
    order_line = _line.alias()
    lines = connection.execute(
        select(_line.c.reserved_line_id, _line.c.quantity, order_line.c.quantity.label("ordered"))
        .join(order_line, order_line.c.id == _line.c.reserved_line_id)
        .where(_line.c.id.between(first, first + LINES_PER_DOCUMENT - 1))
    ).all()
    held: dict[int, dict[int, Decimal]] = {}
    for one in connection.execute(
        select(_reservation).where(_reservation.c.line_id.in_([line.reserved_line_id for line in lines]))
    ):
        held.setdefault(one.line_id, {})[one.item_id] = one.quantity
    wanted: dict[tuple[int, int], Decimal] = {}
    for line in lines:
        for item, whole in held.get(line.reserved_line_id, {}).items():
            key = (line.reserved_line_id, item)
            # of a kit each part, as it was reserved and not as the kit is now
            wanted[key] = wanted.get(key, ZERO) + whole * line.quantity / line.ordered
    _change(connection, company, row.warehouse_id, wanted, giving_up=False)


def _change(
    connection: Connection,
    company: Company,
    warehouse_id: int,
    wanted: dict[tuple[int, int], Decimal],
    *,
    giving_up: bool,
) -> None:
    if not wanted:
        return
    lines = {line for line, _ in wanted}
    # locks the stock first, wherever the goods are held; then what is held can't change any more
    open_shelf(connection, company, warehouse_id, (item for _, item in wanted), lines)
    stock: dict[tuple[int, int], list[Decimal]] = {}
    reservations: dict[tuple[int, int], Decimal] = {}
    for one in connection.execute(select(_reservation).where(_reservation.c.line_id.in_(sorted(lines)))):
        asked = wanted.get((one.line_id, one.item_id), ZERO)
        change = -min(asked, one.open) if giving_up else min(asked, one.quantity - one.open)
        if change:
            reservations[(one.line_id, one.item_id)] = change
            stock.setdefault((one.item_id, one.warehouse_id), [ZERO, ZERO, ZERO])[1] += change
    write_stock_changes(connection, stock)
    if reservations:
        change_reservations(connection, reservations)
