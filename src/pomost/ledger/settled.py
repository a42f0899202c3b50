"""What documents settle and what orders advances were paid towards, read back many at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select

from pomost.ledger import schema
from pomost.trade.documents import OrderedLine, SettledAdvance, VatRow
from pomost.trade.vat import VatRate

_doc = schema.document
_settled = schema.settled
_ordered = schema.ordered_line


def row_of(row: Any) -> VatRow:
    """A row of a VAT table from one of the database."""
    return VatRow(VatRate.of(row.vat), row.net, row.tax, row.gross)


def settled_of(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[SettledAdvance, ...]]:
    """Document -> the advances that it settles, oldest first."""
    found: dict[int, dict[int, SettledAdvance]] = {}
    rows = connection.execute(
        select(_settled, _doc.c.number, _doc.c.issued_on)
        .join(_doc, _doc.c.id == _settled.c.advance_id)
        .where(_settled.c.document_id.in_(ids))
        .order_by(_settled.c.document_id, _settled.c.advance_id, _settled.c.position)
    )
    for row in rows:
        of_document = found.setdefault(row.document_id, {})
        known = of_document.get(row.advance_id)
        earlier = known.rows if known else ()
        of_document[row.advance_id] = SettledAdvance(
            str(row.advance_id), row.number, row.issued_on, (*earlier, row_of(row))
        )
    return {document: tuple(advances.values()) for document, advances in found.items()}


def ordered_of(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[OrderedLine, ...]]:
    """Advance invoice -> the lines of its order."""
    found: dict[int, list[OrderedLine]] = {}
    rows = connection.execute(
        select(_ordered)
        .where(_ordered.c.document_id.in_(ids))
        .order_by(_ordered.c.document_id, _ordered.c.position)
    )
    for row in rows:
        found.setdefault(row.document_id, []).append(
            OrderedLine(
                row.sku, row.name, row.quantity, row.unit, VatRate.of(row.vat), row.net, row.tax, row.gross
            )
        )
    return {document: tuple(lines) for document, lines in found.items()}
