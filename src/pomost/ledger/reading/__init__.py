"""Documents read back from the ledger, many at a time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from pomost.ledger import schema
from pomost.ledger.contractors import party_from_json
from pomost.ledger.rules import CORRECTED, GATHERED
from pomost.ledger.settled import ordered_of, settled_of
from pomost.trade.documents import (
    KINDS,
    CorrectedLine,
    Correction,
    Document,
    DocumentLine,
    LineStand,
    OrderedLine,
    SettledAdvance,
    VatRow,
)
from pomost.trade.vat import VatRate

ZERO = Decimal(0)
_CHUNK = 500

_target = schema.warehouse.alias()
_documents = (
    select(
        *schema.document.c,
        schema.company.c.code.label("company_code"),
        schema.warehouse.c.code.label("warehouse_code"),
        _target.c.code.label("target_code"),
    )
    .select_from(schema.document)
    .join(schema.company, schema.company.c.id == schema.document.c.company_id)
    .join(schema.warehouse, schema.warehouse.c.id == schema.document.c.warehouse_id)
    .outerjoin(_target, _target.c.id == schema.document.c.target_id)
)

_realised = (
    select(
        schema.relation.c.source_line_id,
        schema.relation.c.aspect,
        func.sum(schema.relation.c.quantity).label("quantity"),
    )
    .where(
        schema.relation.c.active,
        schema.relation.c.aspect.not_in((CORRECTED, GATHERED)),
        schema.relation.c.source_id.in_(bindparam("ids", expanding=True)),
    )
    .group_by(schema.relation.c.source_line_id, schema.relation.c.aspect)
)


@lru_cache(maxsize=256)
def vat_of(code: str) -> VatRate:
    return VatRate.of(code)


def realised_of(connection: Connection, document_ids: Sequence[int]) -> dict[int, dict[str, Decimal]]:
    """Line id -> aspect -> quantity that documents in force have taken over."""
    found: dict[int, dict[str, Decimal]] = {}
    for row in connection.execute(_realised, {"ids": document_ids}):
        found.setdefault(row.source_line_id, {})[row.aspect] = row.quantity
    return found


def load(connection: Connection, document_ids: Sequence[int]) -> list[Document]:
    """The documents in the order of ``document_ids``; those that do not exist are left out."""
    found: dict[int, Document] = {}
    for start in range(0, len(document_ids), _CHUNK):
        found.update(_load(connection, document_ids[start : start + _CHUNK]))
    return [found[document_id] for document_id in document_ids if document_id in found]


def load_one(connection: Connection, document_id: int) -> Document:
    return load(connection, [document_id])[0]


def _load(connection: Connection, ids: Sequence[int]) -> dict[int, Document]:
    lines: dict[int, list[DocumentLine]] = {}
    realised = realised_of(connection, ids)
    for row in connection.execute(
        select(schema.line).where(schema.line.c.document_id.in_(ids)).order_by(schema.line.c.id)
    ):
        lines.setdefault(row.document_id, []).append(
            _line(row, max(realised.get(row.id, {}).values(), default=ZERO))
        )
    rows: dict[int, list[VatRow]] = {}
    for row in connection.execute(
        select(schema.vat_row)
        .where(schema.vat_row.c.document_id.in_(ids))
        .order_by(schema.vat_row.c.document_id, schema.vat_row.c.position)
    ):
        rows.setdefault(row.document_id, []).append(VatRow(vat_of(row.vat), row.net, row.tax, row.gross))
    sources: dict[int, list[str]] = {}
    for row in connection.execute(
        select(schema.relation.c.target_id, schema.relation.c.source_id)
        .where(schema.relation.c.target_id.in_(ids))
        .distinct()
        .order_by(schema.relation.c.target_id, schema.relation.c.source_id)
    ):
        sources.setdefault(row.target_id, []).append(str(row.source_id))
    found = connection.execute(_documents.where(schema.document.c.id.in_(ids))).all()
    correcting = [row.id for row in found if KINDS[row.kind].corrects]
    corrections = _corrections(connection, correcting) if correcting else {}
    finals = [row.id for row in found if row.kind in ("FS", "FSK")]
    settled = settled_of(connection, finals) if finals else {}
    paid_towards = [row.id for row in found if row.kind in ("FZAL", "FSK")]
    ordered = ordered_of(connection, paid_towards) if paid_towards else {}
    return {
        row.id: _document(
            row,
            tuple(lines.get(row.id, ())),
            tuple(rows.get(row.id, ())),
            tuple(sources.get(row.id, ())),
            corrections.get(row.id),
            settled.get(row.id, ()),
            ordered.get(row.id, ()),
        )
        for row in found
    }


def _corrections(connection: Connection, ids: Sequence[int]) -> dict[int, Correction]:
    lines: dict[int, list[CorrectedLine]] = {}
    table = schema.corrected_line
    for row in connection.execute(
        select(table, schema.line.c.document_id)
        .join(schema.line, schema.line.c.id == table.c.line_id)
        .where(schema.line.c.document_id.in_(ids))
        .order_by(table.c.line_id)
    ):
        lines.setdefault(row.document_id, []).append(
            CorrectedLine(
                str(row.of_line_id),
                LineStand(row.before_quantity, row.before_price, row.before_value),
                LineStand(row.after_quantity, row.after_price, row.after_value),
            )
        )
    corrected = schema.document.alias()
    query = (
        select(
            schema.correction,
            corrected.c.kind.label("of_kind"),
            corrected.c.number.label("of_number"),
            corrected.c.issued_on.label("of_date"),
        )
        .join(corrected, corrected.c.id == schema.correction.c.corrected_id)
        .where(schema.correction.c.document_id.in_(ids))
    )
    return {
        row.document_id: Correction(
            of_id=str(row.corrected_id),
            of_kind=row.of_kind,
            of_number=row.of_number,
            of_date=row.of_date,
            reason=row.reason,
            agreed_on=row.agreed_on,
            agreement=row.agreement,
            lines=tuple(lines.get(row.document_id, ())),
            refund=row.refund,
        )
        for row in connection.execute(query)
    }


def _line(row: Any, realised: Decimal) -> DocumentLine:
    return DocumentLine(
        id=str(row.id),
        sku=row.sku,
        name=row.name,
        quantity=row.quantity,
        unit=row.unit,
        price=row.price,
        vat=vat_of(row.vat),
        net=row.net,
        tax=row.tax,
        gross=row.gross,
        service=row.service,
        order_line=row.order_line,
        realised=realised,
        notes=row.notes,
    )


def _document(
    row: Any,
    lines: tuple[DocumentLine, ...],
    vat_rows: tuple[VatRow, ...],
    sources: tuple[str, ...],
    correction: Correction | None,
    settled: tuple[SettledAdvance, ...],
    ordered: tuple[OrderedLine, ...],
) -> Document:
    return Document(
        id=str(row.id),
        kind=row.kind,
        number=row.number,
        company=row.company_code,
        key=row.key,
        state=row.state,
        issued_on=row.issued_on,
        sold_on=row.sold_on,
        due_on=row.due_on,
        currency=row.currency,
        basis=row.basis,
        buyer=party_from_json(row.buyer),
        recipient=party_from_json(row.recipient) if row.recipient else None,
        lines=lines,
        vat_rows=vat_rows,
        net=row.net,
        tax=row.tax,
        gross=row.gross,
        payment_form=row.payment_form,
        paid=row.paid,
        foreign_number=row.foreign_number,
        notes=row.notes,
        rate=row.rate,
        rate_note=row.rate_note,
        warehouse=row.warehouse_code,
        sources=sources,
        attributes=json.loads(row.attributes),
        correction=correction,
        target=row.target_code or "",
        settled=settled,
        ordered=ordered,
    )
