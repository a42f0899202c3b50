"""Corrections of sales that were paid in advance: what a final invoice gives back to its advances, and what of them is free.

A final invoice charges what its advances leave. A correction of it lowers what it charges first; beyond that it is reduced by
less of its advances, and those are corrected themselves. Sales without a final invoice show their goods on the advances.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import Connection, func, insert, select

from pomost.batches import insert_rows
from pomost.ledger import schema
from pomost.ledger.advances import advances, rows_after_corrections, settled_rows
from pomost.ledger.corrected import corrections_of
from pomost.ledger.sheet import Sheet
from pomost.ports import NeedsPerson
from pomost.trade.advance_returns import Released, Settlement, release
from pomost.trade.advances import Advance
from pomost.trade.corrections import Corrected, Standing, StandingLine
from pomost.trade.count import Counted
from pomost.trade.documents import Document, Draft, VatRow
from pomost.trade.in_pln import difference_in_pln
from pomost.trade.vat import VatRate

ZERO = Decimal("0.00")
CENT = Decimal("0.01")
_doc = schema.document
_settled = schema.settled
_ordered = schema.ordered_line
_correction = schema.correction


def charged(
    connection: Connection, source: Document, earlier: Sequence[Document], corrected: Corrected
) -> tuple[Counted, Released | None]:
    """What a correction of ``source`` says once its advances bear their part; they stay locked until the end."""
    counted = corrected.counted
    if source.kind != "FS" or not source.settled:
        return counted, None
    ids = [int(one.advance_id) for one in source.settled]
    connection.execute(
        select(_doc.c.id).where(_doc.c.id.in_(ids)).order_by(_doc.c.id).with_for_update()
    ).all()
    found = release(
        charges_now(source, earlier),
        counted.vat_rows,
        [
            Settlement(str(one), settled_rows(connection, one), rows_after_corrections(connection, one))
            for one in reversed(ids)
        ],
    )
    rows = found.charged
    return (
        replace(
            counted,
            vat_rows=rows,
            net=sum((row.net for row in rows), ZERO),
            tax=sum((row.tax for row in rows), ZERO),
            gross=sum((row.gross for row in rows), ZERO),
        ),
        found,
    )


def charges_now(source: Document, earlier: Sequence[Document]) -> tuple[VatRow, ...]:
    """What a document charges after its corrections so far, rate by rate; rows that come to nothing stay."""
    now = {row.vat: row for row in source.vat_rows}
    for one in earlier:
        for row in one.vat_rows:
            known = now[row.vat]
            now[row.vat] = VatRow(row.vat, known.net + row.net, known.tax + row.tax, known.gross + row.gross)
    return tuple(now.values())


def with_pln(
    sheet: Sheet, source: Document, earlier: Sequence[Document], counted: Counted
) -> tuple[Sheet, dict[str, Decimal]]:
    """Of a correction in a foreign currency: the sheet with its tax in PLN by rate, as it is printed (attribute ``TAX_PLN``),
    and its totals in PLN; nothing of one in PLN."""
    draft = sheet.draft
    if draft.currency == "PLN" or draft.rate is None:
        return sheet, {}
    found = difference_in_pln(charges_now(source, earlier), counted.vat_rows, draft.rate)
    taxes = ";".join(f"{vat.code}={tax}" for vat, (_, tax) in found.items())
    totals = {
        "net_pln": sum((net for net, _ in found.values()), ZERO),
        "tax_pln": sum((tax for _, tax in found.values()), ZERO),
    }
    return replace(sheet, draft=replace(draft, attributes={**draft.attributes, "TAX_PLN": taxes})), totals


def write(connection: Connection, document_id: int, released: Released | None) -> None:
    """By how much less the corrected invoice is reduced by each of its advances: rows below zero."""
    if released is None or not released.taken:
        return
    connection.execute(
        insert(_settled),
        [
            {
                "document_id": document_id,
                "advance_id": int(advance),
                "position": position,
                "vat": row.vat.code,
                "net": -row.net,
                "tax": -row.tax,
                "gross": -row.gross,
            }
            for advance, rows in released.taken
            for position, row in enumerate(rows)
        ],
    )


def check_free(
    connection: Connection, source: Document, rows: Sequence[VatRow], settlers: Sequence[str]
) -> None:
    """Raises NeedsPerson ``ledger.advance-settled`` where a correction takes of an advance what invoices in force settle."""
    if source.kind != "FZAL" or not settlers:
        return
    (left,) = advances(connection, [int(source.id)])
    free = {row.vat: row.gross for row in left.rows}
    if any(row.gross > 0 or free.get(row.vat, ZERO) + row.gross < 0 for row in rows):
        raise _is_settled(source.number, settlers)


def check_not_used(connection: Connection, row: Any) -> None:
    """Raises NeedsPerson ``ledger.advance-corrected`` for a correction whose advances were corrected after it: without it
    they would be settled by more than is left of them."""
    if row.kind != "FSK":
        return
    ids = sorted(
        connection.execute(
            select(_settled.c.advance_id).where(_settled.c.document_id == row.id).distinct()
        ).scalars()
    )
    # nobody corrects them meanwhile
    connection.execute(
        select(_doc.c.id).where(_doc.c.id.in_(ids)).order_by(_doc.c.id).with_for_update()
    ).all()
    for one in ids:
        given = {
            known.vat: -known.gross
            for known in connection.execute(
                select(_settled).where(_settled.c.document_id == row.id, _settled.c.advance_id == one)
            )
        }
        (left,) = advances(connection, [one]) or (Advance("", "", ()),)
        free = {each.vat.code: each.gross for each in left.rows}
        if any(free.get(vat, ZERO) < gross for vat, gross in given.items()):
            raise NeedsPerson(
                "ledger.advance-corrected",
                f"{row.number} can't be cancelled: {left.number} was corrected because of it.",
                "Cancel the correction of the advance first.",
            )


def _is_settled(number: str, settlers: Sequence[str]) -> NeedsPerson:
    return NeedsPerson(
        "ledger.advance-settled",
        f"{number} is settled by {', '.join(settlers)}.",
        "Correct the final invoice instead, or cancel it first.",
    )


def with_ordered(connection: Connection, found: Sequence[Standing]) -> list[Standing]:
    """The standings, the newest advance with the goods of its order that were not given back yet."""
    newest = max((int(one.id) for one in found if one.kind == "FZAL"), default=None)
    if newest is None:
        return list(found)
    ids = [int(one.id) for one in found if one.kind == "FZAL"]
    lines = ordered_standing(connection, newest, ids)
    return [replace(one, ordered=lines) if one.id == str(newest) else one for one in found]


def ordered_standing(connection: Connection, newest: int, ids: Sequence[int]) -> tuple[StandingLine, ...]:
    """The order as the newest of its advances shows it, less what came back on corrections of any of them (gross)."""
    corrections = [one for advance in ids for one in corrections_of(connection, advance)]
    back = {
        row.position: row
        for row in connection.execute(
            select(
                _ordered.c.position,
                func.sum(_ordered.c.quantity).label("quantity"),
                func.sum(_ordered.c.gross).label("gross"),
            )
            .where(_ordered.c.document_id.in_(corrections))
            .group_by(_ordered.c.position)
        )
    }
    lines = []
    for row in connection.execute(
        select(_ordered).where(_ordered.c.document_id == newest).order_by(_ordered.c.position)
    ):
        less = back.get(row.position)
        quantity = row.quantity + (less.quantity if less else 0)
        lines.append(
            StandingLine(
                str(row.position),
                row.sku,
                row.name,
                row.unit,
                VatRate.of(row.vat),
                quantity,
                (row.gross / row.quantity).quantize(Decimal("0.0001"), ROUND_HALF_UP),
                row.gross + (less.gross if less else 0),
            )
        )
    return tuple(lines)


def write_ordered(connection: Connection, document_id: int, draft: Draft, source: Document) -> None:
    """The goods that came back, as the correction of an advance shows them: the lines of the order, below zero.

    Raises NeedsPerson ``ledger.correction-draft`` for what the order has not, or has less of.
    """
    advances_of_order = (
        connection.execute(
            select(_doc.c.id)
            .where(
                _doc.c.company_id
                == select(_doc.c.company_id).where(_doc.c.id == document_id).scalar_subquery(),
                _doc.c.kind == "FZAL",
                _doc.c.foreign_number == source.foreign_number,
                _doc.c.state == "approved",
            )
            .order_by(_doc.c.id)
            .with_for_update()
        )
        .scalars()
        .all()
    )
    known = {
        line.id: line for line in ordered_standing(connection, max(advances_of_order), advances_of_order)
    }
    found = []
    for line in draft.ordered:
        own = known.get(line.source_line)
        if own is None or not 0 < line.quantity <= own.quantity:
            raise NeedsPerson(
                "ledger.correction-draft",
                f"{line.quantity} of {line.sku} can't come back to {source.number}: the order has less of it left.",
                "Name the document to correct and the changes of its lines.",
            )
        gross = own.value - own.after(line.quantity)
        tax = (gross * own.vat.percent / (100 + own.vat.percent)).quantize(CENT, ROUND_HALF_UP)
        found.append(
            {
                "document_id": document_id,
                "position": int(own.id),
                "sku": own.sku,
                "name": own.name,
                "quantity": -line.quantity,
                "unit": own.unit,
                "vat": own.vat.code,
                "net": tax - gross,
                "tax": -tax,
                "gross": -gross,
            }
        )
    insert_rows(connection, _ordered, found)
