"""Documents that were cancelled after a payment settled them: what they gave back is owed to the buyer, though nothing corrects
them. For the report ``refunds``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, func, select

from pomost.ledger import schema
from pomost.ledger.parts import back_of
from pomost.reports import facts
from pomost.reports.report import Asked

ZERO = Decimal("0.00")
_doc, _payment = schema.document, schema.payment
_MOST = 500


@dataclass(frozen=True, slots=True)
class Cancelled:
    """``refund``: what the cancelled document gave back on ``day``; ``booked``: what of it was paid back or settled other
    documents since. ``row``: its row, with the ``code`` of its company."""

    row: Any
    day: date
    refund: Decimal
    booked: Decimal


def cancelled(connection: Connection, asked: Asked, companies: list[int]) -> list[Cancelled]:
    """Those that gave something back on the days asked for, the oldest first."""
    query = (
        select(_doc, schema.company.c.code, func.max(_payment.c.paid_on).label("day"))
        .join(schema.company, schema.company.c.id == _doc.c.company_id)
        .join(_payment, _payment.c.document_id == _doc.c.id)
        .where(
            _doc.c.company_id.in_(companies),
            _doc.c.state == "cancelled",
            _payment.c.entry_id.is_not(None),
            facts.whole(_payment.c.amount) < 0,
            _payment.c.paid_on.between(asked.start, asked.end),
        )
        .group_by(_doc.c.id, schema.company.c.code)
        .order_by(_doc.c.id)
    )
    if asked.channel:
        query = query.where(facts.origin() == asked.channel)
    rows = connection.execute(query).all()
    found: list[Cancelled] = []
    for first in range(0, len(rows), _MOST):
        some = rows[first : first + _MOST]
        ids = [row.id for row in some]
        back, paid = back_of(connection, ids), paid_back(connection, ids)
        for row in some:
            booked = back[row.id].used + paid.get(row.id, ZERO)
            found.append(Cancelled(row, row.day, ZERO + back[row.id].open + booked, ZERO + booked))
    return found


def paid_back(connection: Connection, documents: list[int]) -> dict[int, Decimal]:
    """Document -> what was paid back to its buyer; what it only gave back to a payment is not."""
    return {
        row.document_id: Decimal(-int(row.paid)).scaleb(-2)
        for row in connection.execute(
            select(_payment.c.document_id, func.sum(facts.whole(_payment.c.amount)).label("paid"))
            .where(
                _payment.c.document_id.in_(documents),
                _payment.c.entry_id.is_(None),
                facts.whole(_payment.c.amount) < 0,
            )
            .group_by(_payment.c.document_id)
        )
    }


def settled_with(connection: Connection, documents: list[int]) -> dict[int, Decimal]:
    """Document -> what was paid back to its buyer, and what of the money that it gave back settled other documents."""
    found = paid_back(connection, documents)
    for document, back in back_of(connection, documents).items():
        if back.used:
            found[document] = found.get(document, ZERO) + back.used
    return found
