"""What happened to an item: the documents that it stands on, and how each moved its stock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection, select

from pomost.ledger import schema
from pomost.ledger.reading.items import MOST
from pomost.ledger.reading.paging import Listed, Page, Turn, find

ZERO = Decimal(0)

_warehouse = schema.warehouse
_lot = schema.lot
_doc = schema.document
_line = schema.line
_component = schema.component


@dataclass(frozen=True, slots=True)
class Happened:
    """A line of a document with the item, or with a kit that it is in (``sku``). ``moved``: by how much it changed the
    stock of the item, ``value`` by how much its value in PLN."""

    document_id: int
    kind: str
    number: str
    state: str
    issued_on: date
    warehouse: str
    sku: str
    quantity: Decimal
    unit: str
    price: Decimal
    currency: str
    moved: Decimal
    value: Decimal


def history(connection: Connection, item_id: int, turn: Turn | None = None) -> Page[Happened]:
    """A page of the documents with the item, or with a kit that it is in; the last made first."""
    kits = connection.execute(
        select(_component.c.item_id).where(_component.c.part_id == item_id).limit(MOST)
    ).scalars()
    ranges = tuple(_line.c.item_id == one for one in (item_id, *kits))
    # the id of a line grows with that of its document: it is what the list is ordered by, and its key as well
    listed = Listed(_line.c.id, _line.c.id, True, ranges)
    found = find(connection, listed, turn or Turn())
    return Page(_happened(connection, item_id, found.ids), found.after, found.before, found.cut)


def _happened(connection: Connection, item_id: int, lines: Sequence[int]) -> tuple[Happened, ...]:
    if not lines:
        return ()
    movement = schema.movement
    moved: dict[int, list[Decimal]] = {}
    for row in connection.execute(
        select(movement.c.line_id, movement.c.quantity, movement.c.value).where(
            movement.c.line_id.in_(lines), movement.c.item_id == item_id, movement.c.active
        )
    ):
        of_line = moved.setdefault(row.line_id, [ZERO, ZERO])
        of_line[0] -= row.quantity
        of_line[1] -= row.value
    for lot in connection.execute(
        select(_lot.c.line_id, _lot.c.received, _lot.c.cost, _doc.c.state)
        .join(_line, _line.c.id == _lot.c.line_id)
        .join(_doc, _doc.c.id == _line.c.document_id)
        .where(_lot.c.line_id.in_(lines), _lot.c.item_id == item_id, _lot.c.received > 0)
    ):
        if lot.state == "cancelled":
            continue
        of_line = moved.setdefault(lot.line_id, [ZERO, ZERO])
        of_line[0] += lot.received
        of_line[1] += lot.received * lot.cost
    rows = {
        row.id: row
        for row in connection.execute(
            select(
                _line.c.id,
                _line.c.sku,
                _line.c.quantity,
                _line.c.unit,
                _line.c.price,
                _doc.c.id.label("document_id"),
                _doc.c.kind,
                _doc.c.number,
                _doc.c.state,
                _doc.c.issued_on,
                _doc.c.currency,
                _warehouse.c.code.label("warehouse"),
            )
            .join(_doc, _doc.c.id == _line.c.document_id)
            .join(_warehouse, _warehouse.c.id == _doc.c.warehouse_id)
            .where(_line.c.id.in_(lines))
        )
    }
    return tuple(
        Happened(
            document_id=row.document_id,
            kind=row.kind,
            number=row.number,
            state=row.state,
            issued_on=row.issued_on,
            warehouse=row.warehouse,
            sku=row.sku,
            quantity=row.quantity,
            unit=row.unit,
            price=row.price,
            currency=row.currency,
            moved=moved.get(row.id, [ZERO, ZERO])[0],
            value=moved.get(row.id, [ZERO, ZERO])[1].quantize(Decimal("0.01")),
        )
        for row in (rows[one] for one in lines if one in rows)
    )
