"""How many documents of each kind were issued by day."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, func, select

from pomost.ledger import schema


def documents_by_day(connection: Connection, since: date) -> dict[tuple[str, date], int]:
    """(kind, day of issue) -> how many, of all companies, from a day on; cancelled ones are not counted."""
    document = schema.document
    query = (
        select(document.c.kind, document.c.issued_on, func.count().label("n"))
        .where(document.c.issued_on >= since, document.c.state != "cancelled")
        .group_by(document.c.kind, document.c.issued_on)
    )
    return {(row.kind, row.issued_on): row.n for row in connection.execute(query)}
