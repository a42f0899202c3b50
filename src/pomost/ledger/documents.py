"""Documents are made here, each in one transaction: lines, VAT, number, relations, stock and payment, or nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from pomost.batches import insert_rows
from pomost.ledger import advances, schema
from pomost.ledger.cards import Cards
from pomost.ledger.change_numbers import next_change
from pomost.ledger.companies import Company, check_kind, open_desk, unknown_series
from pomost.ledger.contractors import party_to_json
from pomost.ledger.conversion import convert
from pomost.ledger.given_up import give_up
from pomost.ledger.keys import made_by_key
from pomost.ledger.numbering import Number, next_number
from pomost.ledger.reading import load_one
from pomost.ledger.receipts import Arrival, receive
from pomost.ledger.rules import stock_by
from pomost.ledger.schema import LINES_PER_DOCUMENT
from pomost.ledger.sheet import Sheet, SheetLine, check_draft, check_partial, lines_with_items, name_of
from pomost.ledger.shortage import not_in_stock
from pomost.ledger.stock import Shelf, Short, open_shelf, reserve
from pomost.ports import NeedsPerson
from pomost.trade.count import Counted, count_lines
from pomost.trade.documents import KINDS, Document, DocumentLine, Draft, State

ZERO = Decimal(0)
CENT = Decimal("0.01")
ORIGIN = "ORDER_SOURCE"
"""The attribute that names the channel an order came from; what has none was made here and may go out to one."""

_insert_document = insert(schema.document).returning(schema.document.c.id)
_insert_payment = insert(schema.payment)
_number = (
    update(schema.document)
    .where(schema.document.c.id == bindparam("document"))
    .values({name: bindparam(f"new_{name}") for name in ("number", "period", "ordinal")})
)
_mark_changed = (
    update(schema.document)
    .where(schema.document.c.id.in_(bindparam("ids", expanding=True)))
    .values(change=bindparam("new_change"))
)


def issue(connection: Connection, cards: Cards, draft: Draft, at: datetime) -> Document:
    """The document of the draft, or the one that its key made before.

    Goods of a document that issues them leave at once, also into bufor; what reserves or receives does so when it is
    approved. What all documents of a kind share, the counter of their numbers, is taken last, so that others wait
    for it no longer than the commit takes.

    Raises NeedsPerson ``ledger.key-reused`` when the key belongs to a document of another kind, and what checking,
    converting and issuing raise.
    """
    check_kind(draft.kind)
    check_draft(draft)
    check_partial(draft)
    advances.check_advance(draft)
    desk = open_desk(connection, draft.company, draft.key, draft.kind, draft.series)
    company = desk.company
    if (before := made_by_key(connection, desk, draft)) is not None:
        return before
    if desk.pattern is None:
        raise unknown_series(connection, company, draft.kind, draft.series)
    sheet = (
        convert(connection, company, draft, cards)
        if draft.sources
        else new_sheet(connection, company, draft, cards)
    )
    check_rate(sheet)
    state: State = "approved" if draft.approve else "bufor"
    shelf = take_from_shelf(connection, sheet, state)
    counted, settling = advances.reduce(
        connection, company, sheet.draft, sheet.contractor_id, count_sheet(sheet)
    )

    def effect(document_id: int) -> None:
        advances.write(connection, document_id, draft, settling)
        _write_payment(connection, document_id, sheet)
        take_effect(connection, document_id, sheet, counted, shelf, state)
        mark_orders(connection, sheet.entered_orders)

    document_id, number = enter(connection, sheet, counted, state, at, desk.pattern, effect)
    if settling is not None:
        return load_one(connection, document_id)
    return _document(sheet, document_id, number, state, counted)


def enter(
    connection: Connection,
    sheet: Sheet,
    counted: Counted,
    state: State,
    at: datetime,
    pattern: str,
    effect: Callable[[int], None],
) -> tuple[int, Number]:
    """Writes a document with its lines, then what it does (``effect``, given its id), and numbers it."""
    # SQLite has one writer: nobody waits for its counter, so there the number is written with the rest
    number = _take_number(connection, sheet, pattern) if connection.dialect.name == "sqlite" else None
    document_id = _write_header(connection, sheet, counted, state, at, number)
    write_lines(connection, document_id, sheet, counted)
    effect(document_id)
    if number is None:
        number = _take_number(connection, sheet, pattern)
        _write_number(connection, document_id, number)
    return document_id, number


def made_before(connection: Connection, draft: Draft) -> Document | None:
    """The document of the draft's kind that its key made already."""
    table, company = schema.document, schema.company
    document_id = connection.execute(
        select(table.c.id)
        .join(company, company.c.id == table.c.company_id)
        .where(company.c.code == draft.company, table.c.key == draft.key, table.c.kind == draft.kind)
    ).scalar()
    return load_one(connection, document_id) if document_id is not None else None


def new_sheet(connection: Connection, company: Company, draft: Draft, cards: Cards) -> Sheet:
    """The sheet of a document that is made from nothing else."""
    who = name_of(draft)
    if not draft.lines:
        raise NeedsPerson("ledger.no-lines", f"{who} has no lines.", "Add at least one.")
    return Sheet(
        company=company,
        draft=draft,
        lines=lines_with_items(connection, company, cards.items, [(line, None) for line in draft.lines], who),
        warehouse=cards.warehouses.find(connection, company, draft.warehouse, who),
        contractor_id=cards.contractors.card_for(connection, company, draft.buyer),
        stock_by=stock_by(draft.kind, "", draft.moves_stock, draft.issued_by),
    )


def take_from_shelf(connection: Connection, sheet: Sheet, state: State) -> Shelf | None:
    """Takes from the locked stock what the lines need; with ``partial``, cuts the lines to what is there.

    Raises Waiting ``ledger.not-in-stock``.
    """
    draft = sheet.draft
    kind = KINDS[draft.kind]
    moving = [line for line in sheet.lines if line.moves]
    issues = kind.stock < 0 and sheet.stock_by == "self"
    cuts = draft.partial and sheet.stock_by in ("self", "later")
    bounded = kind.reserves and state == "approved" and not sheet.company.reserve_beyond_stock
    if not moving or not (issues or cuts or bounded):
        return None
    shelf = open_shelf(
        connection,
        sheet.company,
        sheet.warehouse.id,
        (part for line in moving if line.item for part, _ in line.item.parts),
        (line.reserved_line for line in moving if line.reserved_line is not None),
    )
    kept: list[SheetLine] = []
    takes_any = False
    shorts: list[Short] = []
    for line in sheet.lines:
        if line.item is None or not line.moves:
            kept.append(line)
            continue
        quantity, short = shelf.allot(line.item, line.draft.quantity, line.reserved_line, cuts)
        if short:
            shorts.append(short)
        if not quantity:
            continue
        line.draft = replace(line.draft, quantity=quantity)
        shelf.take(len(kept), line.item, quantity, line.reserved_line)
        takes_any = True
        kept.append(line)
    if shorts and (not cuts or not takes_any):
        raise not_in_stock(sheet, shorts, cuts)
    sheet.lines = kept
    return shelf if issues else None


def count_sheet(sheet: Sheet) -> Counted:
    if len(sheet.lines) >= LINES_PER_DOCUMENT:
        raise NeedsPerson(
            "ledger.too-many-lines",
            f"{sheet.who} has {len(sheet.lines)} lines.",
            f"Make several documents of less than {LINES_PER_DOCUMENT} lines.",
        )
    counted = count_lines([line.draft for line in sheet.lines], sheet.draft.basis)
    if counted.gross < 0:
        raise NeedsPerson(
            "ledger.negative-total",
            f"{sheet.who}: the total is {counted.gross} {sheet.draft.currency}.",
            "Lessen the discount.",
        )
    return counted


def check_rate(sheet: Sheet) -> None:
    draft = sheet.draft
    if draft.currency != "PLN" and draft.rate is None:
        raise NeedsPerson(
            "ledger.no-rate",
            f"{sheet.who}: it is in {draft.currency} and has no exchange rate.",
            "Give the rate of its day; amounts in another currency are never counted as PLN.",
            currency=draft.currency,
        )


def write_lines(connection: Connection, document_id: int, sheet: Sheet, counted: Counted) -> None:
    """Writes the lines, the VAT table and the relations to the sources."""
    first = document_id * LINES_PER_DOCUMENT
    rows: list[dict[str, Any]] = []
    relations: list[dict[str, Any]] = []
    for position, (line, value) in enumerate(zip(sheet.lines, counted.lines, strict=True)):
        draft, taken = line.draft, line.taken
        rows.append(
            {
                "id": first + position,
                "document_id": document_id,
                "item_id": line.item.id if line.item else None,
                "reserved_line_id": line.reserved_line,
                "sku": draft.sku,
                "name": draft.name,
                "quantity": draft.quantity,
                "unit": draft.unit,
                "price": draft.price,
                "vat": draft.vat.code,
                "net": value.net,
                "tax": value.tax,
                "gross": value.gross,
                "service": draft.service,
                "order_line": draft.order_line,
                "notes": draft.notes,
                "attributes": "{}",
            }
        )
        if taken:
            relations.append(
                {
                    "source_line_id": taken.source_line,
                    "target_line_id": first + position,
                    "source_id": taken.source_id,
                    "target_id": document_id,
                    "aspect": taken.aspect,
                    "quantity": draft.quantity,
                    "active": True,
                }
            )
    insert_rows(connection, schema.line, rows)
    insert_rows(
        connection,
        schema.vat_row,
        [
            {
                "document_id": document_id,
                "position": position,
                "vat": row.vat.code,
                "net": row.net,
                "tax": row.tax,
                "gross": row.gross,
            }
            for position, row in enumerate(counted.vat_rows)
        ],
    )
    insert_rows(connection, schema.relation, relations)


def take_effect(
    connection: Connection,
    document_id: int,
    sheet: Sheet,
    counted: Counted,
    shelf: Shelf | None,
    state: State,
) -> None:
    """What a document does to the stock: it issues in any state, reserves and receives once it is approved."""
    first = document_id * LINES_PER_DOCUMENT
    kind = KINDS[sheet.draft.kind]
    if shelf is not None:
        shelf.write(connection, first, sheet.draft.issued_on)
    elif kind.stock < 0 and sheet.stock_by == "none":
        give_up(connection, sheet)
    elif state != "approved":
        return
    elif kind.reserves:
        reserve(
            connection,
            sheet.warehouse.id,
            [
                (first + position, line.item, line.draft.quantity)
                for position, line in enumerate(sheet.lines)
                if line.item and line.moves
            ],
        )
    elif kind.stock > 0 and sheet.stock_by == "self":
        arrivals = _arrivals(first, sheet, counted)
        if arrivals:
            receive(connection, sheet.company, sheet.warehouse.id, arrivals, sheet.draft.issued_on)


def mark_orders(connection: Connection, order_ids: Collection[int]) -> None:
    """Gives these order documents a new change number, since how far they are realised has changed."""
    if order_ids:
        change = next_change(connection)
        connection.execute(_mark_changed, {"ids": sorted(order_ids), "new_change": change})


def _arrivals(first: int, sheet: Sheet, counted: Counted) -> list[Arrival]:
    rate = sheet.draft.rate or Decimal(1)
    return [
        Arrival(first + position, line.item.id, line.draft.quantity, value.net * rate / line.draft.quantity)
        for position, (line, value) in enumerate(zip(sheet.lines, counted.lines, strict=True))
        if line.item and line.moves
    ]


def _write_header(
    connection: Connection,
    sheet: Sheet,
    counted: Counted,
    state: State,
    at: datetime,
    number: Number | None,
) -> int:
    """Without a number its key stands in the place until ``_write_number``."""
    number = number or Number("", 0, f"?{sheet.draft.key}")
    draft = sheet.draft
    origin = draft.attributes.get(ORIGIN, "")
    tracked = KINDS[draft.kind].reserves and not origin
    return int(
        connection.execute(
            _insert_document,
            {
                "company_id": sheet.company.id,
                "key": draft.key,
                "kind": draft.kind,
                "series": draft.series,
                "period": number.period,
                "ordinal": number.ordinal,
                "number": number.text,
                "state": state,
                "origin": origin,
                "created_at": at.isoformat(),
                "change": next_change(connection) if tracked else 0,
                **header_values(sheet, counted),
            },
        ).scalar_one()
    )


def _take_number(connection: Connection, sheet: Sheet, pattern: str) -> Number:
    draft = sheet.draft
    return next_number(
        connection, sheet.company, draft.kind, draft.series, pattern, sheet.warehouse.code, draft.issued_on
    )


def _write_number(connection: Connection, document_id: int, number: Number) -> None:
    connection.execute(
        _number,
        {
            "document": document_id,
            "new_number": number.text,
            "new_period": number.period,
            "new_ordinal": number.ordinal,
        },
    )


def header_values(sheet: Sheet, counted: Counted) -> dict[str, Any]:
    """The columns of a document that an amendment may change."""
    draft = sheet.draft
    net_pln, tax_pln = in_pln(counted, draft)
    return {
        "stock_by": sheet.stock_by,
        "issued_on": draft.issued_on,
        "sold_on": draft.sold_on,
        "due_on": draft.due_on,
        "currency": draft.currency,
        "rate": draft.rate,
        "rate_note": draft.rate_note,
        "basis": draft.basis,
        "contractor_id": sheet.contractor_id,
        "warehouse_id": sheet.warehouse.id,
        "target_id": sheet.target.id if sheet.target else None,
        "buyer": party_to_json(draft.buyer),
        "recipient": party_to_json(draft.recipient) if draft.recipient else None,
        "net": counted.net,
        "tax": counted.tax,
        "gross": counted.gross,
        "net_pln": net_pln,
        "tax_pln": tax_pln,
        "payment_form": draft.payment_form,
        "paid": draft.paid,
        "foreign_number": draft.foreign_number,
        "notes": draft.notes,
        "attributes": json.dumps(draft.attributes, ensure_ascii=False),
    }


def in_pln(counted: Counted, draft: Draft) -> tuple[Decimal, Decimal]:
    """Net and tax in PLN: the same for PLN, by the rate for other currencies (``check_rate`` saw to it).

    Each row of the VAT table is turned into PLN and rounded by itself, as an invoice in a currency must show the tax.
    """
    if draft.currency == "PLN":
        return counted.net, counted.tax
    rate = draft.rate
    assert rate is not None
    return (
        sum(((row.net * rate).quantize(CENT, ROUND_HALF_UP) for row in counted.vat_rows), ZERO),
        sum(((row.tax * rate).quantize(CENT, ROUND_HALF_UP) for row in counted.vat_rows), ZERO),
    )


def _write_payment(connection: Connection, document_id: int, sheet: Sheet) -> None:
    draft = sheet.draft
    if draft.paid:
        connection.execute(
            _insert_payment,
            {
                "company_id": sheet.company.id,
                "document_id": document_id,
                "key": f"{draft.key}:paid",
                "form": draft.payment_form,
                "paid_on": draft.issued_on,
                "amount": draft.paid,
            },
        )


def _document(sheet: Sheet, document_id: int, number: Number, state: State, counted: Counted) -> Document:
    """What ``load_one`` would read, without asking the database for what was just written."""
    draft = sheet.draft
    first = document_id * LINES_PER_DOCUMENT
    return Document(
        id=str(document_id),
        kind=draft.kind,
        number=number.text,
        company=draft.company,
        key=draft.key,
        state=state,
        issued_on=draft.issued_on,
        sold_on=draft.sold_on,
        due_on=draft.due_on,
        currency=draft.currency,
        basis=draft.basis,
        buyer=draft.buyer,
        recipient=draft.recipient,
        lines=tuple(
            DocumentLine(
                id=str(first + position),
                sku=line.draft.sku,
                name=line.draft.name,
                quantity=line.draft.quantity,
                unit=line.draft.unit,
                price=line.draft.price,
                vat=line.draft.vat,
                net=value.net,
                tax=value.tax,
                gross=value.gross,
                service=line.draft.service,
                order_line=line.draft.order_line,
                notes=line.draft.notes,
            )
            for position, (line, value) in enumerate(zip(sheet.lines, counted.lines, strict=True))
        ),
        vat_rows=counted.vat_rows,
        net=counted.net,
        tax=counted.tax,
        gross=counted.gross,
        payment_form=draft.payment_form,
        paid=draft.paid,
        foreign_number=draft.foreign_number,
        notes=draft.notes,
        rate=draft.rate,
        rate_note=draft.rate_note,
        warehouse=sheet.warehouse.code,
        sources=tuple(str(i) for i in sorted({line.taken.source_id for line in sheet.lines if line.taken})),
        attributes=draft.attributes,
        ordered=advances.ordered_lines(draft) if draft.ordered else (),
    )
