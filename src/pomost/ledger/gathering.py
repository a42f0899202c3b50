"""Where the goods of an order lie, for the order: what older orders hold or still lack is not there for it, and neither is what
was brought or made for others.

Reservations queue in the order in which order documents were made. Where older ones hold more in a warehouse than there is,
they will want what other warehouses have: that much is taken off there, the preferred warehouse first. So a younger order
never takes what an older one waits for, and the older one is never starved.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, func, select

from pomost.ledger import schema
from pomost.ledger.cards import Cards
from pomost.ledger.companies import Company, Warehouse
from pomost.ledger.conversion import number_of
from pomost.ledger.pledges import due_to, loose_of, older, pledged
from pomost.ledger.schema import LINES_PER_DOCUMENT
from pomost.trade.allocation import Want, allocate, is_met, read_need

ZERO = Decimal(0)
_CHUNK = 500

_doc = schema.document
_line = schema.line
_reservation = schema.reservation


@dataclass(slots=True)
class _Picture:
    """Stock, reservations and expected deliveries of some items, as they were at one moment."""

    stock: dict[tuple[int, int], Decimal]
    reserved: dict[tuple[int, int], Decimal]
    queues: dict[tuple[int, int], list[tuple[int, Decimal]]]
    expected: dict[int, list[tuple[int, date, Decimal]]]
    cards: dict[int, Any]
    kept: dict[tuple[int, int], dict[int, Decimal]]


@dataclass(frozen=True, slots=True)
class _Hold:
    """What an order's lines hold of one item."""

    item_id: int
    place: int
    quantity: Decimal
    lines: tuple[int, ...]


def wants(
    connection: Connection,
    cards: Cards,
    company: Company,
    documents: Iterable[str],
    warehouse: str,
    givers: Sequence[str],
) -> tuple[Want, ...]:
    """What the order documents still hold, item by item (kits: their parts), and where it lies for them; see ``Want``.

    Raises NeedsPerson ``ledger.unknown-warehouse``.
    """
    ids = sorted({number_of(one) for one in documents})
    holds = _holds(connection, ids)
    own = _of_documents(holds, ids)
    return _wants(connection, cards, company, own, _picture(connection, company, own), warehouse, givers)


def present(connection: Connection, cards: Cards, company: Company, needs: Iterable[str]) -> frozenset[str]:
    """Those of ``needs`` (as ``allocation.need_text`` writes them) that are satisfied now. However many orders wait, the
    tables are read once for 500 of them."""
    asked = {text: need for text in needs if (need := read_need(text)) is not None}
    found: set[str] = set()
    texts = sorted(asked)
    for start in range(0, len(texts), _CHUNK):
        some = texts[start : start + _CHUNK]
        ids = {text: [number_of(one) for one in asked[text][0]] for text in some}
        holds = _holds(connection, sorted({one for own in ids.values() for one in own}))
        picture = _picture(connection, company, holds)
        for text in some:
            _, warehouse, givers, known = asked[text]
            own = _of_documents(holds, ids[text])
            if is_met(allocate(_wants(connection, cards, company, own, picture, warehouse, givers)), known):
                found.add(text)
    return frozenset(found)


def _holds(connection: Connection, ids: Sequence[int]) -> list[_Hold]:
    found: dict[tuple[int, int, int], tuple[Decimal, tuple[int, ...]]] = {}
    for start in range(0, len(ids), _CHUNK):
        rows = connection.execute(
            select(_reservation, _line.c.document_id)
            .join(_line, _line.c.id == _reservation.c.line_id)
            .where(_line.c.document_id.in_(ids[start : start + _CHUNK]), _reservation.c.open > 0)
            .order_by(_reservation.c.line_id)
        )
        for row in rows:
            key = (row.document_id, row.item_id, row.warehouse_id)
            quantity, lines = found.get(key, (ZERO, ()))
            found[key] = (quantity + row.open, (*lines, row.line_id))
    return [_Hold(item, place, quantity, lines) for (_, item, place), (quantity, lines) in found.items()]


def _of_documents(holds: Iterable[_Hold], ids: Sequence[int]) -> list[_Hold]:
    """Those of these order documents."""
    wanted = set(ids)
    return [hold for hold in holds if hold.lines[0] // LINES_PER_DOCUMENT in wanted]


def _picture(connection: Connection, company: Company, holds: Sequence[_Hold]) -> _Picture:
    items = sorted({hold.item_id for hold in holds})
    picture = _Picture({}, {}, {}, {}, {}, {})
    for start in range(0, len(items), _CHUNK):
        some = items[start : start + _CHUNK]
        for row in connection.execute(select(schema.stock).where(schema.stock.c.item_id.in_(some))):
            picture.stock[row.item_id, row.warehouse_id] = row.quantity
            picture.reserved[row.item_id, row.warehouse_id] = row.reserved
        for row in connection.execute(
            select(_reservation)
            .where(_reservation.c.item_id.in_(some), _reservation.c.open > 0)
            .order_by(_reservation.c.line_id)
        ):
            key = (row.item_id, row.warehouse_id)
            picture.queues.setdefault(key, []).append((row.line_id, row.open))
        picture.kept.update(pledged(connection, some))
        for row in connection.execute(_expected(company, some)):
            left = row.quantity - (row.delivered or ZERO)
            if left > 0:
                picture.expected.setdefault(row.item_id, []).append((row.warehouse_id, row.due_on, left))
        picture.cards.update(
            (row.id, row) for row in connection.execute(select(schema.item).where(schema.item.c.id.in_(some)))
        )
    return picture


def _expected(company: Company, items: Sequence[int]) -> Any:
    """Lines of orders to suppliers in force, with their day and how much of them came."""
    delivered = (
        select(func.sum(schema.relation.c.quantity, type_=schema.relation.c.quantity.type))
        .where(
            schema.relation.c.source_line_id == _line.c.id,
            schema.relation.c.active,
            schema.relation.c.aspect == "order",
        )
        .scalar_subquery()
    )
    return (
        select(
            _line.c.item_id,
            _line.c.quantity,
            _doc.c.due_on,
            _doc.c.warehouse_id,
            delivered.label("delivered"),
        )
        .join(_doc, _doc.c.id == _line.c.document_id)
        .where(
            _doc.c.company_id == company.id,
            _doc.c.kind == "ZD",
            _doc.c.state == "approved",
            _doc.c.due_on.is_not(None),
            _line.c.item_id.in_(items),
        )
        .order_by(_doc.c.due_on, _line.c.id)
    )


def _wants(
    connection: Connection,
    cards: Cards,
    company: Company,
    holds: Sequence[_Hold],
    picture: _Picture,
    warehouse: str,
    givers: Sequence[str],
) -> tuple[Want, ...]:
    if not holds:
        return ()
    who = "Gathering"
    target = (
        cards.warehouses.find(connection, company, warehouse, who)
        if warehouse
        else cards.warehouses.by_id(connection, company, holds[0].place)
    )
    if givers:
        others = [cards.warehouses.find(connection, company, code, who) for code in givers]
    else:
        others = list(cards.warehouses.of(connection, company).values())
    places = [place for place in others if place.id != target.id]
    return tuple(_want(company, hold, picture, target, places) for hold in holds)


def _want(
    company: Company, hold: _Hold, picture: _Picture, target: Warehouse, places: Sequence[Warehouse]
) -> Want:
    item, first = hold.item_id, hold.lines[0]

    def on_hand(place: int) -> Decimal:
        return picture.stock.get((item, place), ZERO)

    def queue(place: int) -> Sequence[tuple[int, Decimal]]:
        return picture.queues.get((item, place), ())

    def kept(place: int) -> dict[int, Decimal]:
        return picture.kept.get((item, place), {})

    def given(place: int) -> Decimal:
        free = on_hand(place) - picture.reserved.get((item, place), ZERO)
        if place != hold.place:
            return max(free, ZERO)
        if free >= 0:
            return free + hold.quantity
        return due_to(on_hand(place), hold.quantity, hold.lines, queue(place), kept(place))

    here = min(given(target.id), hold.quantity)
    loose = max(loose_of(on_hand(target.id), kept(target.id)), ZERO)
    debt = max(older(first, queue(target.id), kept(target.id)) - loose, ZERO)
    there: list[tuple[str, Decimal]] = []
    for place in places:
        free = given(place.id)
        taken = min(free, debt) if place.id != hold.place else ZERO
        debt -= taken
        if free - taken > 0:
            there.append((place.code, free - taken))
    wanted = {target.id, *(place.id for place in places)}
    card = picture.cards[item]
    return Want(
        item=card.sku,
        quantity=hold.quantity,
        here=hold.quantity if company.negative_stock else here,
        there=tuple(there),
        expected=tuple(
            (day, quantity) for place, day, quantity in picture.expected.get(item, ()) if place in wanted
        ),
        before=debt,
        name=card.name,
        unit=card.unit,
        lines=tuple(str(line) for line in hold.lines),
    )
