"""Goods that were moved for an order are kept for it, as are products that were made for one (``led_made_for``).

Else an older order that is served from another warehouse would take them, and the order that they were brought for would have to
move again: more than it needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, delete, func, select

from pomost.batches import insert_rows
from pomost.ledger import schema
from pomost.ledger.rules import GATHERED

ZERO = Decimal(0)
_line = schema.line
_movement = schema.movement
_made_for = schema.made_for
_relation = schema.relation
_reservation = schema.reservation


def pledge(connection: Connection, row: Any) -> None:
    """What an MM (``row``) brought is kept for the order lines that it was made for, as far as these hold it where it arrived."""
    orders = select(_relation.c.source_id).where(
        _relation.c.target_id == row.id, _relation.c.aspect == GATHERED, _relation.c.active
    )
    held = connection.execute(
        select(_reservation)
        .join(_line, _line.c.id == _reservation.c.line_id)
        .where(
            _line.c.document_id.in_(orders),
            _reservation.c.warehouse_id == row.target_id,
            _reservation.c.open > 0,
        )
        .order_by(_reservation.c.line_id)
    ).all()
    if not held:
        return
    kept: dict[tuple[int, int], Decimal] = {}
    for one in connection.execute(
        select(_made_for).where(_made_for.c.order_line_id.in_([one.line_id for one in held]))
    ):
        key = (one.order_line_id, one.item_id)
        kept[key] = kept.get(key, ZERO) + one.quantity
    wanting = {
        (one.line_id, one.item_id): one.open - kept.get((one.line_id, one.item_id), ZERO) for one in held
    }
    rows = []
    for line, item, quantity in _brought(connection, row.id):
        left = quantity
        for (order_line, wanted), lacks in wanting.items():
            given = min(left, lacks) if wanted == item else ZERO
            if given > 0:
                rows.append(
                    {"line_id": line, "order_line_id": order_line, "item_id": item, "quantity": given}
                )
                wanting[order_line, wanted] -= given
                left -= given
    insert_rows(connection, _made_for, rows)


def _brought(connection: Connection, document_id: int) -> list[tuple[int, int, Decimal]]:
    """(line, item, quantity) of what an MM moved; kits that were moved as such are left out, for a line is of one item here."""
    found: dict[int, dict[int, Decimal]] = {}
    rows = connection.execute(
        select(_movement)
        .join(_line, _line.c.id == _movement.c.line_id)
        .where(_line.c.document_id == document_id, _movement.c.active)
        .order_by(_movement.c.line_id)
    )
    for row in rows:
        of_line = found.setdefault(row.line_id, {})
        of_line[row.item_id] = of_line.get(row.item_id, ZERO) + row.quantity
    return [
        (line, item, quantity)
        for line, items in found.items()
        if len(items) == 1
        for item, quantity in items.items()
    ]


def forget_pledges(connection: Connection, line_ids: Sequence[int]) -> None:
    """The MM is undone: what its lines brought is kept for nobody."""
    connection.execute(delete(_made_for).where(_made_for.c.line_id.in_(list(line_ids))))


def pledged(connection: Connection, items: Iterable[int]) -> dict[tuple[int, int], dict[int, Decimal]]:
    """(item, warehouse) -> order line -> what is kept there for it and was not issued yet."""
    found: dict[tuple[int, int], dict[int, Decimal]] = {}
    made = func.sum(_made_for.c.quantity, type_=_reservation.c.open.type).label("made")
    columns = (
        _reservation.c.line_id, _reservation.c.item_id, _reservation.c.warehouse_id, _reservation.c.open,
    )  # fmt: skip
    for row in connection.execute(
        select(*columns, made)
        .join(
            _made_for,
            (_made_for.c.order_line_id == _reservation.c.line_id)
            & (_made_for.c.item_id == _reservation.c.item_id),
        )
        .where(_made_for.c.item_id.in_(list(items)), _reservation.c.open > 0)
        .group_by(*columns)
    ):
        found.setdefault((row.item_id, row.warehouse_id), {})[row.line_id] = min(row.made, row.open)
    return found


def due_to(
    quantity: Decimal,
    own: Decimal,
    lines: Sequence[int],
    queue: Iterable[tuple[int, Decimal]],
    kept: Mapping[int, Decimal],
) -> Decimal:
    """Of ``quantity`` in a warehouse that does not suffice for all who hold it, what is there for the order lines ``lines``,
    which hold ``own``: what is kept for them, and of what is kept for nobody what older ones (``queue``) leave. Pure."""
    mine = sum((kept.get(line, ZERO) for line in lines), ZERO)
    loose = loose_of(quantity, kept)
    return max(min(own, mine + max(loose - older(lines[0], queue, kept), ZERO), quantity), ZERO)


def older(line: int, queue: Iterable[tuple[int, Decimal]], kept: Mapping[int, Decimal]) -> Decimal:
    """What older reservations still want of what is kept for nobody."""
    return sum((n - kept.get(one, ZERO) for one, n in queue if one < line), ZERO)


def loose_of(quantity: Decimal, kept: Mapping[int, Decimal]) -> Decimal:
    """What is kept for nobody."""
    return quantity - sum(kept.values(), ZERO)
