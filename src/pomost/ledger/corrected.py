"""What corrections in force did to documents: how much came back, by how much they changed, which one is the last."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Connection, bindparam, cast, func, select, type_coerce

from pomost.ledger import schema
from pomost.ledger.rules import CORRECTED
from pomost.ports import NeedsPerson

ZERO = Decimal(0)
_doc = schema.document
_correction = schema.correction
_relation = schema.relation


def corrections_of(connection: Connection, document_id: int) -> Sequence[int]:
    """Ids of a document's corrections in force, in the order they were made."""
    return (
        connection.execute(
            select(_correction.c.document_id)
            .join(_doc, _doc.c.id == _correction.c.document_id)
            .where(_correction.c.corrected_id == document_id, _doc.c.state != "cancelled")
            .order_by(_correction.c.document_id)
        )
        .scalars()
        .all()
    )


def corrected_by(connection: Connection, document_id: int) -> Decimal:
    """By how much a document's corrections in force changed its total."""
    # PostgreSQL sums bigint to numeric
    total = type_coerce(cast(func.sum(_doc.c.gross), BigInteger), _doc.c.gross.type)
    found = connection.execute(
        select(total)
        .join(_correction, _correction.c.document_id == _doc.c.id)
        .where(_correction.c.corrected_id == document_id, _doc.c.state != "cancelled")
    ).scalar()
    return found if found is not None else ZERO


def check_last(connection: Connection, row: Any) -> None:
    """Whether no later correction in force builds on this one.

    Raises NeedsPerson ``ledger.corrected-later``.
    """
    corrected = connection.execute(
        select(_correction.c.corrected_id).where(_correction.c.document_id == row.id)
    ).scalar_one()
    later = [one for one in corrections_of(connection, corrected) if one > row.id]
    if later:
        numbers = connection.execute(
            select(_doc.c.number).where(_doc.c.id.in_(later)).order_by(_doc.c.id)
        ).scalars()
        raise NeedsPerson(
            "ledger.corrected-later",
            f"{row.number} can't be cancelled: {', '.join(numbers)} came after it and is counted from it.",
            "Cancel the later corrections first.",
        )


def taken_back(connection: Connection, source_ids: Sequence[int], aspect: str) -> dict[int, Decimal]:
    """Line -> how much less of it is left to be taken over because goods came back.

    That is what a correction of the line itself took off, without what came back of documents made from the line: a
    piece that was sold, issued and returned is off both, and not off twice.
    """
    ids = list(source_ids)
    corrected = {row.source_line_id: row.quantity for row in connection.execute(_TAKEN_OFF, {"ids": ids})}
    for row in connection.execute(_FURTHER, {"ids": ids, "aspect": aspect}):
        corrected[row.source_line_id] = corrected.get(row.source_line_id, ZERO) - row.quantity
    return corrected


def _sums(line: Any) -> Any:
    return (
        select(line, func.sum(_relation.c.quantity).label("quantity"))
        .where(_relation.c.active, _relation.c.aspect == CORRECTED)
        .group_by(line)
    )


# made once: building them anew for each document took longer than asking
_made = _relation.alias()
_TAKEN_OFF = _sums(_relation.c.source_line_id).where(
    _relation.c.source_id.in_(bindparam("ids", expanding=True))
)
_FURTHER = (
    select(_made.c.source_line_id, func.sum(_relation.c.quantity).label("quantity"))
    .join(_relation, _relation.c.source_line_id == _made.c.target_line_id)
    .where(
        _made.c.source_id.in_(bindparam("ids", expanding=True)),
        _made.c.aspect == bindparam("aspect"),
        _made.c.active,
        _relation.c.active,
        _relation.c.aspect == CORRECTED,
    )
    .group_by(_made.c.source_line_id)
)
