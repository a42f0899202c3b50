"""Correcting documents: FSK, PAK and WZK. What comes back comes back at the cost at which it left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import Connection, insert, select, update

from pomost.batches import insert_rows
from pomost.ledger import released, schema
from pomost.ledger.advances import settlers_of
from pomost.ledger.cards import Cards
from pomost.ledger.companies import Company, find_company, open_desk, unknown_series
from pomost.ledger.contractors import party_from_json
from pomost.ledger.conversion import number_of
from pomost.ledger.corrected import corrections_of
from pomost.ledger.documents import enter
from pomost.ledger.keys import made_by_key
from pomost.ledger.reading import load, load_one
from pomost.ledger.receipts import Arrival, receive
from pomost.ledger.rules import CORRECTED, StockBy
from pomost.ledger.schema import LINES_PER_DOCUMENT
from pomost.ledger.sheet import Sheet, SheetLine, check_draft, name_of
from pomost.ports import NeedsPerson, TryAgain
from pomost.trade.corrections import Corrected, Standing, StandingLine, check_grounds, correct, standing
from pomost.trade.documents import (
    CORRECTED_BY,
    KINDS,
    CorrectedLine,
    CorrectionAsked,
    Document,
    Draft,
    DraftLine,
)
from pomost.trade.documents import Correction as CorrectionMade

ZERO = Decimal(0)
CENT = Decimal("0.01")
_doc = schema.document
_movement = schema.movement


@dataclass(frozen=True, slots=True)
class ReturnEntry:
    """A row of the register of returns and complaints: one line of goods that came back to a receipt.

    What it must hold: the regulation on cash registers, par. 3 sec. 3-5. ``fiscal_number`` is the attribute
    FISCAL_NUMBER of the receipt, empty where it was printed elsewhere.
    """

    sold_on: date
    receipt: str
    fiscal_number: str
    returned_on: date
    sku: str
    name: str
    quantity: Decimal
    unit: str
    gross: Decimal
    tax: Decimal
    whole: bool
    reason: str
    protocol: str
    number: str


def issue(connection: Connection, cards: Cards, draft: Draft, at: datetime) -> Document:
    """The correction of the draft's source, or the one that its key made before.

    It begins from the source as it stands after its corrections so far, and takes effect at once. Goods come back
    where the source itself issued them (a WZ, an FS or PA that moves stock), into the draft's warehouse or, without
    one, into that of the source, at the cost of the lots they left from.

    Raises NeedsPerson ``ledger.key-reused``, ``ledger.unknown-source``, ``ledger.not-correctable``,
    ``ledger.correction-in-bufor``, ``ledger.correction-draft``, and what the rules of trade refuse
    (``trade.correction-...``). Raises TryAgain ``ledger.corrected-meanwhile`` for one that was decided before another
    correction was made: it must be decided anew.
    """
    check_draft(draft)
    who = name_of(draft)
    desk = open_desk(connection, draft.company, draft.key, draft.kind, draft.series)
    company = desk.company
    if (before := made_by_key(connection, desk, draft)) is not None:
        return before
    if desk.pattern is None:
        raise unknown_series(connection, company, draft.kind, draft.series)
    asked = _asked(draft, who)
    row = _lock_corrected(connection, company, draft, who)
    source = load_one(connection, row.id)
    earlier = load(connection, corrections_of(connection, row.id))
    if asked.follows is not None and asked.follows != len(earlier):
        raise TryAgain(
            "ledger.corrected-meanwhile",
            f"{who}: {row.number} was corrected, or a correction of it cancelled, since this one was decided.",
            "It is decided anew from how the document stands now.",
        )
    corrected = correct(standing(source, earlier), asked.changes)
    check_grounds(draft.kind, asked, corrected.counted.gross, who)
    sheet = _sheet(connection, cards, company, draft, row, corrected, who)
    released.check_free(
        connection, source, corrected.counted.vat_rows, list(settlers_of(connection, row.id).values())
    )
    charged, given_back = released.charged(connection, source, earlier, corrected)
    sheet, in_pln = released.with_pln(sheet, source, earlier, charged)
    refund = _refund(source, earlier, charged.gross) if KINDS[draft.kind].sale else ZERO

    def effect(document_id: int) -> None:
        if in_pln:
            connection.execute(update(_doc).where(_doc.c.id == document_id).values(**in_pln))
        released.write(connection, document_id, given_back)
        if draft.ordered:
            released.write_ordered(connection, document_id, draft, source)
        _write_correction(connection, document_id, row.id, asked, refund)
        _write_lines(connection, document_id, row.id, corrected.lines)
        if sheet.stock_by == "self":
            arrivals = _arrivals(connection, document_id, source, corrected.lines)
            if arrivals:
                receive(connection, company, sheet.warehouse.id, arrivals, draft.issued_on)

    document_id, _number = enter(connection, sheet, charged, "approved", at, desk.pattern, effect)
    return load_one(connection, document_id)


def standings(connection: Connection, company_code: str, order: str) -> tuple[Standing, ...]:
    """The FS, PA, WZ and FZAL in force of an order (by its number), oldest first, as they stand after their corrections.

    A receipt that was turned into an invoice is left out: it is the invoice that is corrected. Lines whose goods left
    by the document itself have their cost.
    """
    company = find_company(connection, company_code)
    invoiced = select(schema.relation.c.source_id).where(
        schema.relation.c.active, schema.relation.c.aspect == "invoice"
    )
    ids = (
        connection.execute(
            select(_doc.c.id)
            .where(
                _doc.c.company_id == company.id,
                _doc.c.foreign_number == order,
                _doc.c.kind.in_(list(CORRECTED_BY)),
                _doc.c.state == "approved",
                (_doc.c.kind != "PA") | _doc.c.id.not_in(invoiced),
            )
            .order_by(_doc.c.id)
        )
        .scalars()
        .all()
    )
    found = []
    for document in load(connection, ids):
        now = standing(document, load(connection, corrections_of(connection, int(document.id))))
        costs = _costs(connection, [int(line.id) for line in now.lines])
        lines = tuple(replace(line, cost=_cost_of(document, line, costs)) for line in now.lines)
        found.append(replace(now, lines=lines))
    return tuple(released.with_ordered(connection, found))


def returns_register(connection: Connection, company_code: str, start: date, end: date) -> list[ReturnEntry]:
    """The returns to receipts of a company from ``start`` to ``end``, both included, in the order they were made."""
    company = find_company(connection, company_code)
    ids = (
        connection.execute(
            select(_doc.c.id)
            .where(
                _doc.c.company_id == company.id,
                _doc.c.kind == "PAK",
                _doc.c.state == "approved",
                _doc.c.issued_on.between(start, end),
            )
            .order_by(_doc.c.id)
        )
        .scalars()
        .all()
    )
    found = load(connection, ids)
    receipts = {
        one.id: one for one in load(connection, sorted({int(_of(document).of_id) for document in found}))
    }
    return [
        _entry(document, receipts[_of(document).of_id], index)
        for document in found
        for index in range(len(document.lines))
    ]


def _of(document: Document) -> CorrectionMade:
    assert document.correction is not None
    return document.correction


def _entry(document: Document, receipt: Document, index: int) -> ReturnEntry:
    correction, line = _of(document), document.lines[index]
    corrected = correction.lines[index]
    return ReturnEntry(
        sold_on=receipt.sold_on or receipt.issued_on,
        receipt=receipt.number,
        fiscal_number=receipt.attributes.get("FISCAL_NUMBER", ""),
        returned_on=document.issued_on,
        sku=line.sku,
        name=line.name,
        quantity=corrected.back,
        unit=line.unit,
        gross=-line.gross,
        tax=-line.tax,
        whole=not corrected.after.value,
        reason=correction.reason,
        protocol=correction.agreement,
        number=document.number,
    )


def _asked(draft: Draft, who: str) -> CorrectionAsked:
    if draft.correction is None or draft.lines or len(draft.sources) != 1:
        raise NeedsPerson(
            "ledger.correction-draft",
            f"{who}: a correction has one source, says what it changes there, and has no lines of its own.",
            "Name the document to correct and the changes of its lines.",
        )
    if not draft.approve:
        raise NeedsPerson(
            "ledger.correction-in-bufor",
            f"{who}: a correction takes effect at once and is not kept in bufor.",
            "Let the step approve it.",
        )
    return draft.correction


def _lock_corrected(connection: Connection, company: Company, draft: Draft, who: str) -> Any:
    """The document to correct, locked: two corrections of one document come one after the other."""
    wanted = number_of(draft.sources[0])
    row = connection.execute(
        select(_doc).where(_doc.c.company_id == company.id, _doc.c.id == wanted).with_for_update()
    ).one_or_none()
    if row is None:
        raise NeedsPerson(
            "ledger.unknown-source",
            f"{who}: company {company.code} has no document with id {wanted}.",
            "Look whether the source was deleted.",
        )
    if CORRECTED_BY.get(row.kind) != draft.kind or row.state != "approved":
        by = CORRECTED_BY.get(row.kind)
        raise NeedsPerson(
            "ledger.not-correctable",
            f"{who}: {row.number} is {row.state} and can't be corrected by a {draft.kind}.",
            f"A {row.kind} is corrected by a {by} once it is approved."
            if by
            else f"Nothing corrects a {row.kind}; cancel it instead.",
        )
    return row


def _sheet(
    connection: Connection,
    cards: Cards,
    company: Company,
    draft: Draft,
    row: Any,
    corrected: Corrected,
    who: str,
) -> Sheet:
    """Header and parties of the corrected document; its rate too, for the cause is as old as the sale."""
    warehouse = (
        cards.warehouses.find(connection, company, draft.warehouse, who)
        if draft.warehouse
        else cards.warehouses.by_id(connection, company, row.warehouse_id)
    )
    lines = tuple(
        _difference(before, line) for before, line in zip(corrected.before, corrected.lines, strict=True)
    )
    items = cards.items.need(connection, company, (line.sku for line in lines if line.sku), who)
    stock_by: StockBy = "self" if row.stock_by == "self" else "none"
    return Sheet(
        company=company,
        draft=replace(
            draft,
            sold_on=row.sold_on,
            due_on=draft.due_on,
            currency=row.currency,
            rate=row.rate,
            rate_note=row.rate_note,
            basis=row.basis,
            buyer=party_from_json(row.buyer),
            recipient=party_from_json(row.recipient) if row.recipient else None,
            payment_form=row.payment_form,
            paid=ZERO,
            foreign_number=row.foreign_number,
            lines=lines,
        ),
        lines=[SheetLine(line, items.get(line.sku)) for line in lines],
        warehouse=warehouse,
        contractor_id=row.contractor_id,
        stock_by=stock_by,
    )


def _difference(before: StandingLine, line: CorrectedLine) -> DraftLine:
    """A line of a correction: how many pieces less, at the price; or no piece less, and the difference in price."""
    return DraftLine(
        sku=before.sku,
        name=before.name,
        quantity=-line.back,
        price=line.after.price if line.back else line.after.price - line.before.price,
        vat=before.vat,
        unit=before.unit,
        service=before.service,
        order_line=before.order_line,
    )


def _refund(source: Document, earlier: Sequence[Document], difference: Decimal) -> Decimal:
    """What must be paid back because of this correction: of what was paid, all that is not owed any more."""
    before = source.gross + sum((one.gross for one in earlier), ZERO)
    owed = before + difference
    return max(source.paid - owed, ZERO) - max(source.paid - before, ZERO)


def _write_correction(
    connection: Connection, document_id: int, corrected_id: int, asked: CorrectionAsked, refund: Decimal
) -> None:
    connection.execute(
        insert(schema.correction).values(
            document_id=document_id,
            corrected_id=corrected_id,
            reason=asked.reason,
            agreed_on=asked.agreed_on,
            agreement=asked.agreement,
            refund=max(refund, ZERO),
        )
    )


def _write_lines(
    connection: Connection, document_id: int, corrected_id: int, lines: Sequence[CorrectedLine]
) -> None:
    first = document_id * LINES_PER_DOCUMENT
    insert_rows(
        connection,
        schema.corrected_line,
        [
            {
                "line_id": first + position,
                "of_line_id": int(line.line),
                "before_quantity": line.before.quantity,
                "before_price": line.before.price,
                "before_value": line.before.value,
                "after_quantity": line.after.quantity,
                "after_price": line.after.price,
                "after_value": line.after.value,
            }
            for position, line in enumerate(lines)
        ],
    )
    insert_rows(
        connection,
        schema.relation,
        [
            {
                "source_line_id": int(line.line),
                "target_line_id": first + position,
                "source_id": corrected_id,
                "target_id": document_id,
                "aspect": CORRECTED,
                "quantity": line.back,
                "active": True,
            }
            for position, line in enumerate(lines)
        ],
    )


def _arrivals(
    connection: Connection, document_id: int, source: Document, lines: Sequence[CorrectedLine]
) -> list[Arrival]:
    """Goods that come back, each part at the cost at which it left; a kit comes back as its parts.

    Pieces come back in the order of the lots they left from: those that came back before are passed over.
    """
    sold = {line.id: line.quantity for line in source.lines}
    first = document_id * LINES_PER_DOCUMENT
    left = _costs(connection, [int(line.line) for line in lines if line.back])
    arrivals: list[Arrival] = []
    for position, line in enumerate(lines):
        for item_id, parts in left.get(int(line.line), {}).items():
            total = sum((quantity for quantity, _ in parts), ZERO)
            # multiplied before it is divided: a third of a third is exact then
            start = (sold[line.line] - line.before.quantity) * total / sold[line.line]
            end = (sold[line.line] - line.after.quantity) * total / sold[line.line]
            for quantity, value in _between(parts, start, end):
                arrivals.append(Arrival(first + position, item_id, quantity, value / quantity))
    return arrivals


def _between(
    parts: Sequence[tuple[Decimal, Decimal]], start: Decimal, end: Decimal
) -> list[tuple[Decimal, Decimal]]:
    """The pieces from ``start`` to ``end`` of what left in ``parts`` (quantity, value): (quantity, value) of each.

    The value of a part that comes back bit by bit sums to the grosz to the value at which it left.
    """
    found = []
    before = ZERO
    for quantity, value in parts:
        low, high = max(start - before, ZERO), min(end - before, quantity)
        if high > low:
            part = (value * high / quantity).quantize(CENT, ROUND_HALF_UP) - (
                value * low / quantity
            ).quantize(CENT, ROUND_HALF_UP)
            found.append((high - low, part))
        before += quantity
    return found


def _costs(
    connection: Connection, line_ids: Sequence[int]
) -> dict[int, dict[int, list[tuple[Decimal, Decimal]]]]:
    """Line -> item -> (quantity, value) of what left for it, by lot."""
    found: dict[int, dict[int, list[tuple[Decimal, Decimal]]]] = {}
    if not line_ids:
        return found
    rows = connection.execute(
        select(_movement)
        .where(_movement.c.line_id.in_(line_ids), _movement.c.active)
        .order_by(_movement.c.line_id, _movement.c.item_id, _movement.c.lot_id)
    )
    for row in rows:
        found.setdefault(row.line_id, {}).setdefault(row.item_id, []).append((row.quantity, row.value))
    return found


def _cost_of(
    document: Document, line: StandingLine, costs: dict[int, dict[int, list[tuple[Decimal, Decimal]]]]
) -> Decimal | None:
    parts = costs.get(int(line.id))
    if not parts:
        return None
    sold = next(one.quantity for one in document.lines if one.id == line.id)
    value = sum((value for of_item in parts.values() for _, value in of_item), ZERO)
    return (value / sold).quantize(Decimal("0.0001"), ROUND_HALF_UP)
