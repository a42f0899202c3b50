"""Products are made: a PWP takes them in, its RWS takes their components out at lot cost, in one transaction.

What a product costs is the sum of what was used for it, to the grosz. Components that are made themselves are made
first, of what is missing of them, and stand on the same PWP and RWS.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from pomost.batches import insert_rows
from pomost.ledger import schema
from pomost.ledger.cards import Cards
from pomost.ledger.companies import Company, Warehouse, find_company, open_desk, unknown_series
from pomost.ledger.conversion import number_of
from pomost.ledger.documents import count_sheet, enter, new_sheet
from pomost.ledger.items import Item
from pomost.ledger.keys import made_by_key
from pomost.ledger.needs import StockNeed
from pomost.ledger.reading import load, load_one
from pomost.ledger.receipts import Arrival, receive, take_back
from pomost.ledger.recipes import read_book
from pomost.ledger.schema import LINES_PER_DOCUMENT
from pomost.ledger.sheet import Sheet, check_draft, name_of
from pomost.ledger.stock import Shelf, change_lots, open_shelf, write_stock_changes
from pomost.ports import NeedsPerson, Ties, Waiting
from pomost.trade.allocation import lacks_text
from pomost.trade.documents import KINDS, Document, Draft, DraftLine
from pomost.trade.order import Party
from pomost.trade.recipes import Book, Make, Making, ToMake, explode
from pomost.trade.vat import VatRate

ZERO = Decimal(0)
MADE = "made"
"""The aspect of the relation from a component issued to the product made of it."""
_FOURTH = Decimal("0.0001")
_OUTSIDE_VAT = VatRate(ZERO, "np")
_NOTHING = ToMake((), Making(()))

_line = schema.line
_lot = schema.lot
_movement = schema.movement
_relation = schema.relation


@dataclass(frozen=True, slots=True)
class _Wanted:
    item: Item
    quantity: Decimal
    reserved_line: int | None
    order_line: str


def to_make(
    connection: Connection,
    cards: Cards,
    company_code: str,
    warehouse: str,
    sources: Sequence[str],
    lines: Sequence[DraftLine],
) -> ToMake:
    """What must be made so that the documents ``sources`` (or, without any, ``lines``) can be issued from stock.

    What their own reservations hold is there for them; what others reserved is not, neither as product nor as
    component. Raises Waiting ``ledger.components-short``, naming what is short.
    """
    company = find_company(connection, company_code)
    wanted, place = _wanted(connection, cards, company, sources, lines)
    who = f"Products of {company.code}"
    if warehouse or place is None:
        place = cards.warehouses.find(connection, company, warehouse, who)
    ids = sorted({part for one in wanted for part, _ in one.item.parts})
    skus = _skus(connection, ids)
    book = read_book(connection, company, set(skus.values()))
    if not book.recipes:
        return _NOTHING
    items = cards.items.look_up(connection, company, {*skus.values(), *_below(book)})
    reserved = {one.reserved_line for one in wanted if one.reserved_line is not None}
    shelf = open_shelf(
        connection, company, place.id, (item.id for item in items.values()), reserved, only_look=True
    )
    made: list[DraftLine] = []
    missing: dict[str, Decimal] = {}
    for one in wanted:
        for part, ratio in one.item.parts:
            sku, needed = skus[part], one.quantity * ratio
            there = min(shelf.available(part, one.reserved_line), needed)
            if there:
                shelf.take(0, _single(items[sku]), there, one.reserved_line)
            if needed > there and book.recipes.get(sku):
                made.append(_asked(sku, needed - there, one))
                missing[sku] = missing.get(sku, ZERO) + needed - there
    making = explode(missing, book, _free(shelf, items))
    _check_components(making, company, place, who)
    return ToMake(tuple(made), making, place.code)


def issue(connection: Connection, cards: Cards, draft: Draft, at: datetime) -> Document:
    """The PWP that makes the draft's lines, with its RWS under the same key and ``:rws``; or the one made before.

    A line's ``source_line`` names the order line that it is made for: an older order that is short does not get it.
    Raises NeedsPerson ``ledger.key-reused``, ``ledger.no-lines``, ``ledger.no-recipe``, ``ledger.made-in-bufor``,
    ``ledger.unknown-series``; Waiting ``ledger.unknown-item``, ``ledger.components-short``.
    """
    check_draft(draft)
    desk = open_desk(connection, draft.company, draft.key, draft.kind, draft.series)
    company = desk.company
    if (before := made_by_key(connection, desk, draft)) is not None:
        return before
    rws_key = f"{draft.key}:rws"
    rws_pattern = open_desk(connection, draft.company, rws_key, "RWS", "").pattern
    if desk.pattern is None or rws_pattern is None:
        raise unknown_series(connection, company, draft.kind if rws_pattern else "RWS", draft.series)
    if not draft.approve:
        raise NeedsPerson(
            "ledger.made-in-bufor",
            f"{name_of(draft)}: products and their components move together, so a PWP does not wait in bufor.",
            "Take approve = false out of the step.",
        )
    # checks the draft as it was asked for
    new_sheet(connection, company, draft, cards)
    place = cards.warehouses.find(connection, company, draft.warehouse, name_of(draft))
    book = read_book(connection, company, {line.sku for line in draft.lines})
    unknown = sorted({line.sku for line in draft.lines if not book.recipes.get(line.sku)})
    if unknown:
        raise NeedsPerson(
            "ledger.no-recipe",
            f"{name_of(draft)}: {', '.join(unknown)} can't be made, no card says of what.",
            "Give the card a recipe.",
            skus=", ".join(unknown),
        )
    items = cards.items.need(connection, company, _below(book), name_of(draft))
    shelf = open_shelf(connection, company, place.id, (item.id for item in items.values()), ())
    missing: dict[str, Decimal] = {}
    for line in draft.lines:
        missing[line.sku] = missing.get(line.sku, ZERO) + line.quantity
    making = explode(missing, book, _free(shelf, items))
    _check_components(making, company, place, name_of(draft))
    names = _names(connection, items)
    pwp = _sheet(
        connection, cards, company, draft, [_line_of(m.sku, m.quantity, names) for m in making.makes]
    )
    used = [use for make in making.makes for use in make.uses]
    lines = [_line_of(use.sku, use.quantity, names) for use in used]
    rws = _sheet(connection, cards, company, replace(draft, kind="RWS", key=rws_key, series=""), lines)

    def make_all(pwp_id: int) -> None:
        def effect(rws_id: int) -> None:
            _make_all(connection, company, place, making, items, pwp_id, rws_id, draft)

        enter(connection, rws, count_sheet(rws), "approved", at, rws_pattern, effect)

    document_id, _ = enter(connection, pwp, count_sheet(pwp), "approved", at, desk.pattern, make_all)
    return load_one(connection, document_id)


def undo(connection: Connection, company: Company, row: Any) -> None:
    """Takes the products out again and puts the components back into their lots, the last made first; the RWS is
    cancelled with it. Raises NeedsPerson ``ledger.goods-used``, ``ledger.goods-reserved``."""
    lines = connection.execute(
        select(_line).where(_line.c.document_id == row.id).order_by(_line.c.id.desc())
    ).all()
    used: dict[int, list[int]] = {}
    of: set[int] = set()
    for relation in connection.execute(select(_relation).where(_relation.c.target_id == row.id)):
        used.setdefault(relation.target_line_id, []).append(relation.source_line_id)
        of.add(relation.source_id)
    taken = [one for sources in used.values() for one in sources]
    components = connection.execute(select(_line.c.item_id).where(_line.c.id.in_(taken))).scalars()
    # all at once, in one order: two that undo never wait for each other
    open_shelf(connection, company, row.warehouse_id, {*components, *(line.item_id for line in lines)}, ())
    for line in lines:
        _take_out(connection, company, row, line)
        take_back(connection, company, used.get(line.id, ()))
    table = schema.made_for
    connection.execute(delete(table).where(table.c.line_id.in_([line.id for line in lines])))
    connection.execute(
        update(schema.document).where(schema.document.c.id.in_(sorted(of))).values(state="cancelled")
    )


def ties(connection: Connection, row: Any) -> Ties:
    """What keeps a PWP from being undone: documents that issued its products, except its own RWS."""
    first = row.id * LINES_PER_DOCUMENT
    lots = connection.execute(
        select(_lot.c.id, _lot.c.received, _lot.c.left).where(
            _lot.c.line_id.between(first, first + LINES_PER_DOCUMENT - 1), _lot.c.received > 0
        )
    ).all()
    own = set(
        connection.execute(select(_relation.c.source_id).where(_relation.c.target_id == row.id)).scalars()
    )
    gone = {lot.id: lot.received - lot.left for lot in lots}
    users: set[int] = set()
    for movement in connection.execute(
        select(_movement).where(_movement.c.lot_id.in_(sorted(gone)), _movement.c.active)
    ):
        document_id = movement.line_id // LINES_PER_DOCUMENT
        if document_id in own:
            gone[movement.lot_id] -= movement.quantity
        else:
            users.add(document_id)
    return Ties((), any(gone.values()), tuple(str(one) for one in sorted(users)))


def _wanted(
    connection: Connection,
    cards: Cards,
    company: Company,
    sources: Sequence[str],
    lines: Sequence[DraftLine],
) -> tuple[list[_Wanted], Warehouse | None]:
    """What is to be issued, and from where; items without a card are left to the document that needs them."""
    asked: list[tuple[str, Decimal, int | None, str]] = []
    place = None
    if not sources:
        asked = [(line.sku, line.quantity, None, line.order_line) for line in lines if not line.service]
    for document in load(connection, [number_of(source) for source in sources]):
        place = place or cards.warehouses.find(connection, company, document.warehouse, document.number)
        query = select(_line.c.id, _line.c.reserved_line_id).where(_line.c.document_id == int(document.id))
        held = {row.id: row.reserved_line_id for row in connection.execute(query)}
        for line in document.lines:
            if line.service or line.realised >= line.quantity:
                continue
            own = int(line.id) if KINDS[document.kind].reserves else held[int(line.id)]
            asked.append((line.sku, line.quantity - line.realised, own, line.order_line))
    found = cards.items.look_up(connection, company, {sku for sku, *_ in asked if sku})
    return [_Wanted(found[sku], *rest) for sku, *rest in asked if sku in found], place  # type: ignore[arg-type]


def _asked(sku: str, quantity: Decimal, one: _Wanted) -> DraftLine:
    line = str(one.reserved_line) if one.reserved_line is not None else ""
    return DraftLine(sku, sku, quantity, ZERO, _OUTSIDE_VAT, order_line=one.order_line, source_line=line)


def _check_components(making: Making, company: Company, place: Warehouse, who: str) -> None:
    if not making.lacking or company.negative_stock:
        return
    what = ", ".join(f"{one.sku} (needed {one.needed}, free {one.free})" for one in making.lacking)
    products = ", ".join(sorted({make.sku for make in making.makes}))
    raise Waiting(
        "ledger.components-short",
        f"{who}: {products} can't be made, warehouse {place.code} of {company.code} is short of {what}.",
        tuple(StockNeed(one.sku, place.code, None, one.needed).text for one in making.lacking),
        "Receive the components; the products are then made by themselves.",
        warehouse=place.code,
        skus=", ".join(one.sku for one in making.lacking),
        company=company.code,
        lacks=lacks_text((one.sku, one.needed - one.free) for one in making.lacking),
    )


def _below(book: Book) -> set[str]:
    return {*book.recipes, *(part.sku for parts in book.recipes.values() for part in parts)}


def _free(shelf: Shelf, items: Mapping[str, Item]) -> dict[str, Decimal]:
    return {sku: shelf.available(item.id, None) for sku, item in items.items()}


def _single(item: Item) -> Item:
    return Item(item.id, item.sku, "goods", ((item.id, Decimal(1)),))


def _skus(connection: Connection, ids: Iterable[int]) -> dict[int, str]:
    table = schema.item
    rows = connection.execute(select(table.c.id, table.c.sku).where(table.c.id.in_(list(ids))))
    return {row.id: row.sku for row in rows}


def _names(connection: Connection, items: Mapping[str, Item]) -> dict[str, tuple[str, str]]:
    table = schema.item
    ids = [item.id for item in items.values()]
    rows = connection.execute(select(table.c.sku, table.c.name, table.c.unit).where(table.c.id.in_(ids)))
    return {row.sku: (row.name, row.unit) for row in rows}


def _line_of(sku: str, quantity: Decimal, names: Mapping[str, tuple[str, str]]) -> DraftLine:
    name, unit = names[sku]
    return DraftLine(sku, name, quantity, ZERO, _OUTSIDE_VAT, unit=unit)


def _sheet(
    connection: Connection, cards: Cards, company: Company, draft: Draft, lines: Sequence[DraftLine]
) -> Sheet:
    plain = replace(
        draft, lines=tuple(lines), basis="net", currency="PLN", rate=None, buyer=Party(), paid=ZERO
    )
    return new_sheet(connection, company, plain, cards)


def _make_all(
    connection: Connection,
    company: Company,
    place: Warehouse,
    making: Making,
    items: Mapping[str, Item],
    pwp_id: int,
    rws_id: int,
    draft: Draft,
) -> None:
    first_made, first_used = pwp_id * LINES_PER_DOCUMENT, rws_id * LINES_PER_DOCUMENT
    costs: dict[int, tuple[Decimal, Decimal]] = {}
    relations: list[dict[str, Any]] = []
    used = first_used
    for position, make in enumerate(making.makes):
        values = _use(connection, company, place, make, items, used, draft)
        cost = sum(values, ZERO)
        costs |= {used + n: (use.quantity, values[n]) for n, use in enumerate(make.uses)}
        costs[first_made + position] = (make.quantity, cost)
        relations += [
            {
                "source_line_id": used + n,
                "target_line_id": first_made + position,
                "source_id": rws_id,
                "target_id": pwp_id,
                "aspect": MADE,
                "quantity": use.quantity,
                "active": True,
            }
            for n, use in enumerate(make.uses)
        ]
        used += len(make.uses)
        arrival = Arrival(first_made + position, items[make.sku].id, make.quantity, cost / make.quantity)
        receive(connection, company, place.id, [arrival], draft.issued_on)
    insert_rows(connection, schema.relation, relations)
    _write_costs(connection, costs)
    for document_id in (pwp_id, rws_id):
        _write_total(connection, document_id)
    _write_made_for(connection, making, items, first_made, draft)


def _use(
    connection: Connection,
    company: Company,
    place: Warehouse,
    make: Make,
    items: Mapping[str, Item],
    first: int,
    draft: Draft,
) -> list[Decimal]:
    """Issues the components of one product; gives what each of them cost."""
    shelf = open_shelf(connection, company, place.id, (items[use.sku].id for use in make.uses), ())
    for n, use in enumerate(make.uses):
        shelf.take(n, _single(items[use.sku]), use.quantity, None)
    shelf.write(connection, first, draft.issued_on)
    values: dict[int, Decimal] = {}
    mine = _movement.c.line_id.between(first, first + len(make.uses) - 1)
    for row in connection.execute(select(_movement.c.line_id, _movement.c.value).where(mine)):
        values[row.line_id] = values.get(row.line_id, ZERO) + row.value
    return [values.get(first + n, ZERO) for n in range(len(make.uses))]


def _write_costs(connection: Connection, costs: Mapping[int, tuple[Decimal, Decimal]]) -> None:
    for line_id, (quantity, cost) in costs.items():
        price = (cost / quantity).quantize(_FOURTH, ROUND_HALF_UP)
        connection.execute(
            update(_line).where(_line.c.id == line_id).values(price=price, net=cost, gross=cost)
        )


def _write_total(connection: Connection, document_id: int) -> None:
    first = document_id * LINES_PER_DOCUMENT
    mine = _line.c.id.between(first, first + LINES_PER_DOCUMENT - 1)
    total = sum(connection.execute(select(_line.c.net).where(mine)).scalars(), ZERO)
    row, doc = schema.vat_row, schema.document
    connection.execute(update(row).where(row.c.document_id == document_id).values(net=total, gross=total))
    connection.execute(
        update(doc).where(doc.c.id == document_id).values(net=total, gross=total, net_pln=total)
    )


def _write_made_for(
    connection: Connection, making: Making, items: Mapping[str, Item], first: int, draft: Draft
) -> None:
    asked: dict[tuple[str, int], Decimal] = {}
    for line in draft.lines:
        if line.source_line:
            key = (line.sku, number_of(line.source_line))
            asked[key] = asked.get(key, ZERO) + line.quantity
    lines = {make.sku: first + position for position, make in enumerate(making.makes)}
    rows = [
        {"line_id": lines[sku], "order_line_id": order_line, "item_id": items[sku].id, "quantity": quantity}
        for (sku, order_line), quantity in asked.items()
    ]
    if rows:
        connection.execute(insert(schema.made_for), rows)


def _take_out(connection: Connection, company: Company, row: Any, line: Any) -> None:
    """Takes a product out at exactly what it came in at."""
    lot = connection.execute(select(_lot).where(_lot.c.line_id == line.id, _lot.c.received > 0)).one()
    if lot.left != lot.received:
        raise NeedsPerson(
            "ledger.goods-used",
            f"{row.number}: {lot.received - lot.left} of {lot.received} {line.sku} were issued already.",
            "Cancel the documents that issued them first.",
        )
    shelf = open_shelf(connection, company, lot.warehouse_id, [lot.item_id], ())
    stock = shelf.rows[(lot.warehouse_id, lot.item_id)]
    value = stock.value if stock.quantity == lot.received else line.net
    if stock.quantity - lot.received < stock.reserved and not company.reserve_beyond_stock:
        raise NeedsPerson(
            "ledger.goods-reserved",
            f"{row.number}: the {line.sku} that were made are reserved.",
            "Cancel the reservations first.",
        )
    write_stock_changes(connection, {(lot.item_id, lot.warehouse_id): [-lot.received, ZERO, -value]})
    change_lots(connection, {lot.id: -lot.received})
