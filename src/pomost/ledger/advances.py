"""Advance invoices (FZAL) in the ledger: what is left of them, and final invoices that are reduced by them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from pomost.batches import insert_rows
from pomost.ledger import schema
from pomost.ledger.companies import Company
from pomost.ledger.conversion import number_of
from pomost.ledger.corrected import corrections_of
from pomost.ledger.settled import row_of
from pomost.ledger.sheet import check_line, name_of
from pomost.ports import NeedsPerson
from pomost.trade.advances import Advance, Settling, plus, settle
from pomost.trade.count import Counted, count_lines
from pomost.trade.documents import Draft, OrderedLine, VatRow

_doc = schema.document
_settled = schema.settled
_ordered = schema.ordered_line
_FINAL = "FS"


def check_advance(draft: Draft) -> None:
    """Raises NeedsPerson ``ledger.advance-draft``: only an FS settles advances; an FZAL is counted from gross and shows
    the order that it is paid towards."""
    who = name_of(draft)
    if draft.settles and draft.kind != _FINAL:
        raise NeedsPerson(
            "ledger.advance-draft",
            f"{who}: a {draft.kind} can't settle advances.",
            "Only an FS does: a receipt has no place for them.",
        )
    if draft.kind == "FZAL" and (draft.basis != "gross" or not draft.ordered or draft.sources):
        raise NeedsPerson(
            "ledger.advance-draft",
            f"{who}: an advance invoice is counted from the gross payment, shows the order, and has no sources.",
            "Give the lines of the order (ordered) and one line for each VAT rate.",
        )
    for line in draft.ordered:
        check_line(who, line)


def reduce(
    connection: Connection, company: Company, draft: Draft, buyer_id: int, counted: Counted
) -> tuple[Counted, Settling | None]:
    """What the final invoice charges once the advances of the draft are taken off; they stay locked until the end.

    Raises NeedsPerson ``ledger.not-an-advance`` for one that is no FZAL in force, or of another buyer or currency.
    """
    if not draft.settles:
        return counted, None
    ids = sorted({number_of(one) for one in draft.settles})
    rows = connection.execute(
        select(_doc)
        .where(_doc.c.company_id == company.id, _doc.c.id.in_(ids))
        .order_by(_doc.c.id)
        .with_for_update()
    ).all()
    fits = [
        row
        for row in rows
        if row.kind == "FZAL"
        and row.state == "approved"
        and row.currency == draft.currency
        and row.contractor_id == buyer_id
    ]
    if len(fits) != len(ids):
        wrong = ", ".join(row.number for row in rows if row not in fits) or "a document that is not there"
        raise NeedsPerson(
            "ledger.not-an-advance",
            f"{name_of(draft)}: {wrong} can't be settled: it is no advance invoice in force of this buyer in "
            f"{draft.currency}.",
            "Look at the advance in the ERP: correct the buyer, or settle the advance by hand and skip the step.",
        )
    settling = settle(counted.vat_rows, advances(connection, ids))
    charged = settling.charged
    return (
        replace(
            counted,
            vat_rows=charged,
            net=sum((row.net for row in charged), counted.net * 0),
            tax=sum((row.tax for row in charged), counted.net * 0),
            gross=settling.gross,
        ),
        settling,
    )


def advances(connection: Connection, ids: Sequence[int]) -> list[Advance]:
    """What is left of these advance invoices, oldest first: after their corrections, and what documents in force settle."""
    left: dict[int, tuple[VatRow, ...]] = dict.fromkeys(sorted(ids), ())
    numbers: dict[int, str] = {}
    for row in connection.execute(select(_doc.c.id, _doc.c.number, _doc.c.state).where(_doc.c.id.in_(ids))):
        if row.state != "cancelled":
            numbers[row.id] = row.number
    for one in numbers:
        whole = rows_after_corrections(connection, one)
        left[one] = plus(whole, settled_rows(connection, one), -1)
    return [Advance(str(one), numbers[one], rows) for one, rows in left.items() if one in numbers]


def rows_after_corrections(connection: Connection, advance_id: int) -> tuple[VatRow, ...]:
    """The VAT table of an advance invoice after its corrections, whatever was settled of it."""
    table = schema.vat_row
    found = connection.execute(
        select(table)
        .where(table.c.document_id.in_([advance_id, *corrections_of(connection, advance_id)]))
        .order_by(table.c.document_id, table.c.position)
    )
    return plus((), [row_of(row) for row in found])


def settled_rows(connection: Connection, advance_id: int) -> tuple[VatRow, ...]:
    """By how much documents in force are reduced by the advance; corrections of final invoices give some of it back."""
    found = connection.execute(
        select(_settled)
        .join(_doc, _doc.c.id == _settled.c.document_id)
        .where(_settled.c.advance_id == advance_id, _doc.c.state != "cancelled")
    )
    return plus((), [row_of(row) for row in found])


def write(connection: Connection, document_id: int, draft: Draft, settling: Settling | None) -> None:
    """Writes what the document settles, and the order that an advance is paid towards."""
    if settling is not None and settling.taken:
        connection.execute(
            insert(_settled),
            [
                {
                    "document_id": document_id,
                    "advance_id": int(advance),
                    "position": position,
                    "vat": row.vat.code,
                    "net": row.net,
                    "tax": row.tax,
                    "gross": row.gross,
                }
                for advance, rows in settling.taken
                for position, row in enumerate(rows)
            ],
        )
    if draft.ordered:
        insert_rows(
            connection,
            _ordered,
            [
                {
                    "document_id": document_id,
                    "position": position,
                    "sku": line.sku,
                    "name": line.name,
                    "quantity": line.quantity,
                    "unit": line.unit,
                    "vat": line.vat.code,
                    "net": line.net,
                    "tax": line.tax,
                    "gross": line.gross,
                }
                for position, line in enumerate(ordered_lines(draft))
            ],
        )


def ordered_lines(draft: Draft) -> tuple[OrderedLine, ...]:
    """The lines of the order as an advance invoice shows them."""
    counted = count_lines(draft.ordered, draft.ordered_basis)
    return tuple(
        OrderedLine(
            line.sku, line.name, line.quantity, line.unit, line.vat, value.net, value.tax, value.gross
        )
        for line, value in zip(draft.ordered, counted.lines, strict=True)
    )


def settlers_of(connection: Connection, advance_id: int) -> dict[int, str]:
    """Id -> number of the documents in force that settle the advance."""
    rows = connection.execute(
        select(_doc.c.id, _doc.c.number)
        .join(_settled, _settled.c.document_id == _doc.c.id)
        .where(_settled.c.advance_id == advance_id, _doc.c.state != "cancelled", _doc.c.kind == _FINAL)
        .distinct()
        .order_by(_doc.c.id)
    )
    return {row.id: row.number for row in rows}


def check_not_settled(connection: Connection, row: Any) -> None:
    """Raises NeedsPerson ``ledger.advance-settled`` while documents in force settle the advance of ``row``."""
    if row.kind != "FZAL":
        return
    numbers = settlers_of(connection, row.id).values()
    if numbers:
        raise NeedsPerson(
            "ledger.advance-settled",
            f"{row.number} is settled by {', '.join(numbers)}.",
            "Correct the final invoice instead, or cancel it first.",
        )


def delete_of(connection: Connection, document_id: int) -> None:
    """Of a document that is deleted from bufor."""
    connection.execute(delete(_settled).where(_settled.c.document_id == document_id))
    connection.execute(delete(_ordered).where(_ordered.c.document_id == document_id))
