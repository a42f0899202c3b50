"""MM: goods go from one warehouse of a company to another, at the cost of their lots, and may come back.

An MM may be made for order documents (its sources). It realises nothing of them. What they hold in the giving warehouse
moves to the other one with the goods, so that nobody else can take them there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, select, update

from pomost.ledger import schema
from pomost.ledger.cards import Cards
from pomost.ledger.companies import Company, open_desk, unknown_series
from pomost.ledger.conversion import number_of
from pomost.ledger.documents import count_sheet, enter
from pomost.ledger.keys import made_by_key
from pomost.ledger.pledges import due_to, forget_pledges, pledge, pledged
from pomost.ledger.reading import load_one
from pomost.ledger.receipts import Arrival, receive, take_back
from pomost.ledger.rules import GATHERED, stock_by
from pomost.ledger.sheet import Sheet, Taken, check_draft, lines_with_items, name_of
from pomost.ledger.shortage import not_in_stock
from pomost.ledger.stock import ZERO, Shelf, Short, change_lots, open_shelf, write_stock_changes
from pomost.ports import NeedsPerson
from pomost.trade.documents import KINDS, Document, Draft, DraftLine, State

_doc = schema.document
_line = schema.line
_lot = schema.lot
_movement = schema.movement
_relation = schema.relation
_reservation = schema.reservation


def issue(connection: Connection, cards: Cards, draft: Draft, at: datetime) -> Document:
    """The MM of the draft, or the one that its key made before.

    A line may name the line of the order document that it brings goods for (``source_line``). The goods leave at once,
    also into bufor; they arrive when it is approved. Stock never goes below zero by an MM, whatever the company allows.

    Raises NeedsPerson ``ledger.key-reused``, ``ledger.no-lines``, ``ledger.no-target``, ``ledger.same-warehouse``,
    ``ledger.unknown-warehouse``, ``ledger.unknown-source``, ``ledger.line-mismatch``; Waiting ``ledger.unknown-item``,
    ``ledger.not-in-stock``.
    """
    check_draft(draft)
    desk = open_desk(connection, draft.company, draft.key, draft.kind, draft.series)
    company = desk.company
    if (before := made_by_key(connection, desk, draft)) is not None:
        return before
    if desk.pattern is None:
        raise unknown_series(connection, company, draft.kind, draft.series)
    sheet = _sheet(connection, company, draft, cards)
    state: State = "approved" if draft.approve else "bufor"
    shelf = _take(connection, sheet)

    def effect(document_id: int) -> None:
        shelf.write(connection, document_id * schema.LINES_PER_DOCUMENT, draft.issued_on)
        row = connection.execute(select(_doc).where(_doc.c.id == document_id)).one()
        _move_reservations(connection, row, row.warehouse_id, row.target_id)
        if state == "approved":
            arrive(connection, company, row)

    document_id, _ = enter(connection, sheet, count_sheet(sheet), state, at, desk.pattern, effect)
    return load_one(connection, document_id)


def arrive(connection: Connection, company: Company, row: Any) -> None:
    """Puts the goods of an MM into its target: a lot for each lot they came from, with its day and cost."""
    query = (
        select(_movement, _lot.c.received_on, _lot.c.cost)
        .join(_lot, _lot.c.id == _movement.c.lot_id)
        .where(_movement.c.line_id.in_(_lines_of(row.id)), _movement.c.active)
        .order_by(_movement.c.line_id, _movement.c.lot_id)
    )
    arrivals = [
        Arrival(
            one.line_id,
            one.item_id,
            one.quantity,
            one.value / one.quantity if company.method == "AVCO" else one.cost,
            one.received_on,
            one.value,
        )
        for one in connection.execute(query)
    ]
    if arrivals:
        receive(connection, company, row.target_id, arrivals, row.issued_on)
        pledge(connection, row)


def move_back(connection: Connection, company: Company, row: Any, line_ids: Iterable[int]) -> None:
    """Undoes an MM: the goods go back to the lots that they came from, and so do the reservations of its orders.

    Raises NeedsPerson ``ledger.goods-used`` when some were issued from the target since, ``ledger.goods-reserved`` when
    others hold them there and the company does not reserve beyond stock.
    """
    lines = sorted(line_ids)
    moved = connection.execute(
        select(_movement).where(_movement.c.line_id.in_(lines), _movement.c.active)
    ).all()
    shelf = open_shelf(
        connection, company, row.target_id, {one.item_id for one in moved}, (), everywhere=True
    )
    forget_pledges(connection, lines)
    _move_reservations(connection, row, row.target_id, row.warehouse_id)
    lots = connection.execute(select(_lot).where(_lot.c.line_id.in_(lines), _lot.c.received > 0)).all()
    if lots:
        _take_out(connection, company, row, shelf, lots, moved)
    take_back(connection, company, lines)


def users_of(connection: Connection, line_ids: Sequence[int]) -> tuple[str, ...]:
    """Ids of the documents in force that issued goods which these lines received."""
    rows = connection.execute(
        select(_line.c.document_id)
        .join(_movement, _movement.c.line_id == _line.c.id)
        .join(_lot, _lot.c.id == _movement.c.lot_id)
        .where(_lot.c.line_id.in_(line_ids), _lot.c.received > 0, _movement.c.active)
        .distinct()
        .order_by(_line.c.document_id)
    ).scalars()
    return tuple(str(one) for one in rows)


def _sheet(connection: Connection, company: Company, draft: Draft, cards: Cards) -> Sheet:
    who = name_of(draft)
    if not draft.lines:
        raise NeedsPerson("ledger.no-lines", f"{who} has no lines.", "Add at least one.")
    if not draft.target:
        raise NeedsPerson(
            "ledger.no-target", f"{who} says from where and not to where.", "Name the warehouse to move to."
        )
    giver = cards.warehouses.find(connection, company, draft.warehouse, who)
    target = cards.warehouses.find(connection, company, draft.target, who)
    if giver.id == target.id:
        raise NeedsPerson(
            "ledger.same-warehouse",
            f"{who}: the goods are in {giver.code} already.",
            "Name another warehouse.",
        )
    sources = _lock_sources(connection, company, draft, who)
    pairs: list[tuple[DraftLine, Taken | None]] = []
    for line in draft.lines:
        document_id = number_of(line.source_line) // schema.LINES_PER_DOCUMENT
        if line.source_line and document_id not in sources:
            raise NeedsPerson(
                "ledger.line-mismatch",
                f"{who}: line {line.source_line} with {line.sku!r} is not in its sources.",
                "Name a line of a source.",
            )
        # no reservation stands behind the line: it is moved with the goods, not used up by them
        taken = Taken(document_id, number_of(line.source_line), GATHERED, None) if line.source_line else None
        pairs.append((line, taken))
    return Sheet(
        company=company,
        draft=draft,
        lines=lines_with_items(connection, company, cards.items, pairs, who),
        warehouse=giver,
        contractor_id=cards.contractors.card_for(connection, company, draft.buyer),
        stock_by=stock_by(draft.kind, "", True),
        target=target,
    )


def _lock_sources(connection: Connection, company: Company, draft: Draft, who: str) -> set[int]:
    ids = sorted({number_of(source) for source in draft.sources})
    if not ids:
        return set()
    found = connection.execute(
        select(_doc.c.id, _doc.c.kind, _doc.c.state)
        .where(_doc.c.company_id == company.id, _doc.c.id.in_(ids))
        .order_by(_doc.c.id)
        .with_for_update()
    ).all()
    if len(found) != len(ids) or any(
        one.state != "approved" or not KINDS[one.kind].reserves for one in found
    ):
        raise NeedsPerson(
            "ledger.unknown-source",
            f"{who}: company {company.code} has no order document in force with id {', '.join(map(str, ids))}.",
            "Look whether it was cancelled or is still in bufor.",
        )
    return set(ids)


def _take(connection: Connection, sheet: Sheet) -> Shelf:
    """Takes what the lines need: what nobody holds, and what the orders that it is made for hold there themselves."""
    moving = [line for line in sheet.lines if line.moves and line.item]
    items = {part for line in moving if line.item for part, _ in line.item.parts}
    shelf = open_shelf(connection, sheet.company, sheet.warehouse.id, items, (), everywhere=True)
    own: dict[int, Decimal] = {}
    for one in _held(connection, (number_of(source) for source in sheet.draft.sources), sheet.warehouse.id):
        own[one.item_id] = own.get(one.item_id, ZERO) + one.open
    free = {part: _free(connection, shelf, part, own.get(part, ZERO), sheet.draft.sources) for part in items}
    shorts: list[Short] = []
    for position, line in enumerate(sheet.lines):
        item = line.item
        if item is None or not line.moves:
            continue
        possible = min(max(free[part], ZERO) / ratio for part, ratio in item.parts)
        if possible < line.draft.quantity:
            shorts.append(Short(item.sku, line.draft.quantity, possible, None))
            continue
        for part, ratio in item.parts:
            free[part] -= line.draft.quantity * ratio
        shelf.take(position, item, line.draft.quantity, None)
    if shorts:
        raise not_in_stock(sheet, shorts, False)
    return shelf


def _free(
    connection: Connection, shelf: Shelf, item_id: int, own: Decimal, sources: Sequence[str]
) -> Decimal:
    """What may leave: nobody's goods, and of its orders' own what older reservations leave to them."""
    row = shelf.rows.get((shelf.warehouse_id, item_id))
    if row is None:
        return ZERO
    free = row.quantity - row.reserved
    if free >= 0 or not own:
        return free + own
    queue = [
        (one.line_id, one.open)
        for one in connection.execute(
            select(_reservation.c.line_id, _reservation.c.open)
            .where(
                _reservation.c.warehouse_id == shelf.warehouse_id,
                _reservation.c.item_id == item_id,
                _reservation.c.open > 0,
            )
            .order_by(_reservation.c.line_id)
        )
    ]
    kept = pledged(connection, [item_id]).get((item_id, shelf.warehouse_id), {})
    documents = {number_of(source) for source in sources}
    lines = [line for line, _ in queue if line // schema.LINES_PER_DOCUMENT in documents]
    return due_to(row.quantity, own, lines, queue, kept)


def _held(connection: Connection, document_ids: Iterable[int], warehouse_id: int) -> Sequence[Any]:
    """The open reservations of order documents in a warehouse."""
    found: list[Any] = []
    for document_id in sorted(document_ids):
        first = document_id * schema.LINES_PER_DOCUMENT
        found += connection.execute(
            select(_reservation).where(
                _reservation.c.line_id.between(first, first + schema.LINES_PER_DOCUMENT - 1),
                _reservation.c.warehouse_id == warehouse_id,
                _reservation.c.open > 0,
            )
        ).all()
    return found


def _move_reservations(connection: Connection, row: Any, here: int, there: int) -> None:
    """What the MM's orders hold ``here`` of the items that it moves, they hold ``there`` from now on.

    Back, only what was moved by an MM: an order whose own warehouse is the target had its goods reserved there anyway.
    """
    sources = connection.execute(
        select(_doc.c.id, _doc.c.warehouse_id)
        .where(_doc.c.id.in_(select(_relation.c.source_id).where(_relation.c.target_id == row.id)))
        .order_by(_doc.c.id)
    ).all()
    items = set(
        connection.execute(
            select(_movement.c.item_id).where(_movement.c.line_id.in_(_lines_of(row.id)), _movement.c.active)
        ).scalars()
    )
    back = there == row.warehouse_id
    ids = [one.id for one in sources if not back or one.warehouse_id == there]
    changes: dict[tuple[int, int], list[Decimal]] = {}
    for held in _held(connection, ids, here):
        if held.item_id not in items:
            continue
        changes.setdefault((held.item_id, here), [ZERO, ZERO, ZERO])[1] -= held.open
        changes.setdefault((held.item_id, there), [ZERO, ZERO, ZERO])[1] += held.open
        connection.execute(
            update(_reservation)
            .where(_reservation.c.line_id == held.line_id, _reservation.c.item_id == held.item_id)
            .values(warehouse_id=there)
        )
    write_stock_changes(connection, changes)


def _take_out(
    connection: Connection,
    company: Company,
    row: Any,
    shelf: Shelf,
    lots: Sequence[Any],
    moved: Sequence[Any],
) -> None:
    """Takes the goods out of the target with the value with which they came."""
    values: dict[int, Decimal] = {}
    for one in moved:
        values[one.item_id] = values.get(one.item_id, ZERO) + one.value
    received: dict[int, Decimal] = {}
    for lot in lots:
        if lot.left != lot.received:
            raise NeedsPerson(
                "ledger.goods-used",
                f"{row.number}: {lot.received - lot.left} of {lot.received} moved pieces were issued already.",
                "Cancel the documents that issued them first.",
            )
        received[lot.item_id] = received.get(lot.item_id, ZERO) + lot.received
    reserved = {
        one.item_id: one.reserved
        for one in connection.execute(
            select(schema.stock).where(
                schema.stock.c.warehouse_id == row.target_id, schema.stock.c.item_id.in_(list(received))
            )
        )
    }
    changes: dict[tuple[int, int], list[Decimal]] = {}
    for item_id, quantity in received.items():
        stock = shelf.rows[(row.target_id, item_id)]
        left = stock.quantity - quantity
        if left < reserved[item_id] and not company.reserve_beyond_stock:
            raise NeedsPerson(
                "ledger.goods-reserved",
                f"{row.number}: the moved pieces are reserved in the warehouse that they came to.",
                "Cancel the reservations first.",
            )
        changes[(item_id, row.target_id)] = [-quantity, ZERO, -(values[item_id] if left else stock.value)]
    write_stock_changes(connection, changes)
    change_lots(connection, {lot.id: -lot.received for lot in lots})


def _lines_of(document_id: int) -> Any:
    return select(_line.c.id).where(_line.c.document_id == document_id)
