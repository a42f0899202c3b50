"""Rows of the ledger <-> documents of trade."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, select

from pomost.ledger import schema
from pomost.trade.count import LineValue
from pomost.trade.documents import Document, DocumentLine, VatRow
from pomost.trade.order import Party
from pomost.trade.vat import VatRate


@lru_cache(maxsize=1)
def _parties() -> TypeAdapter[Party]:
    return TypeAdapter(Party)


def party_to_text(party: Party) -> str:
    return _parties().dump_json(party).decode()


def party_from_text(text: str) -> Party:
    return _parties().validate_json(text)


def read_documents(
    connection: Connection, where: Any, *, order: Any = None, limit: int | None = None
) -> list[Document]:
    """Documents with their lines, in two statements however many there are."""
    query = (
        select(schema.documents).where(where).order_by(order if order is not None else schema.documents.c.id)
    )
    rows = connection.execute(query.limit(limit) if limit else query).all()
    if not rows:
        return []
    by_document: dict[int, list[Any]] = {row.id: [] for row in rows}
    ids = list(by_document)
    for start in range(0, len(ids), 500):
        for line in connection.execute(
            select(schema.lines)
            .where(schema.lines.c.document_id.in_(ids[start : start + 500]))
            .order_by(schema.lines.c.document_id, schema.lines.c.position)
        ):
            by_document[line.document_id].append(line)
    return [_document(row, by_document[row.id]) for row in rows]


def _document(row: Any, lines: Sequence[Any]) -> Document:
    return Document(
        id=str(row.id),
        kind=row.kind,
        number=row.number,
        company=row.company,
        key=row.key,
        state=row.state,
        issued_on=row.issued_on,
        sold_on=row.sold_on,
        due_on=row.due_on,
        currency=row.currency,
        basis=row.basis,
        buyer=party_from_text(row.buyer),
        recipient=party_from_text(row.recipient) if row.recipient else None,
        lines=tuple(_line(line) for line in lines),
        vat_rows=_vat_rows(lines),
        net=row.net,
        tax=row.tax,
        gross=row.gross,
        payment_form=row.payment_form,
        paid=row.paid,
        foreign_number=row.foreign_number,
        notes=row.notes,
        rate=row.rate,
        rate_note=row.rate_note,
        warehouse=row.warehouse,
        sources=tuple(json.loads(row.sources)),
        attributes=json.loads(row.attributes),
    )


def _line(row: Any) -> DocumentLine:
    return DocumentLine(
        id=str(row.id),
        sku=row.sku,
        name=row.name,
        quantity=row.quantity,
        unit=row.unit,
        price=row.price,
        vat=VatRate.of(row.vat),
        net=row.net,
        tax=row.tax,
        gross=row.gross,
        service=row.service,
        order_line=row.order_line,
        realised=row.realised,
        notes=row.notes,
    )


def _vat_rows(lines: Sequence[Any]) -> tuple[VatRow, ...]:
    sums: dict[str, LineValue] = {}
    for line in lines:
        known = sums.get(line.vat, LineValue(Decimal(0), Decimal(0), Decimal(0)))
        sums[line.vat] = LineValue(known.net + line.net, known.tax + line.tax, known.gross + line.gross)
    rows = [VatRow(VatRate.of(code), value.net, value.tax, value.gross) for code, value in sums.items()]
    return tuple(sorted(rows, key=lambda row: (bool(row.vat.special), -row.vat.percent, row.vat.special)))
