"""Numbers of documents without gaps: a counter per series and period, moved on in the document's own transaction."""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from pomost.ledger import schema
from pomost.sql import insert_unless_there
from pomost.trade.documents import Draft
from pomost.trade.numbering import Numbering

counters = schema.counters
DEFAULT_PATTERN = "%SYMBOL/%NUMBER/%SERIES/%YEAR"


def next_number(connection: Connection, draft: Draft, warehouse: str) -> str:
    """The next number of the draft's kind, series and period."""
    pattern = connection.execute(
        select(schema.series.c.pattern).where(
            schema.series.c.company == draft.company,
            schema.series.c.kind == draft.kind,
            schema.series.c.code == draft.series,
        )
    ).scalar()
    numbering = Numbering.parse(pattern or DEFAULT_PATTERN)
    period = numbering.period(draft.issued_on, draft.series, warehouse)
    number = _next(connection, draft.company, f"{draft.kind}|{period}")
    return numbering.format(draft.kind, number, draft.issued_on, draft.series, warehouse)


def next_change(connection: Connection) -> int:
    """A number that grows with every change of the ledger, in the order of commits."""
    return _next(connection, "", "change")


def _next(connection: Connection, company: str, name: str) -> int:
    query = (
        update(counters)
        .where(counters.c.company == company, counters.c.name == name)
        .values(last=counters.c.last + 1)
        .returning(counters.c.last)
    )
    number = connection.execute(query).scalar()
    if number is None:
        connection.execute(
            insert_unless_there(connection, counters).values(company=company, name=name, last=0)
        )
        number = connection.execute(query).scalar_one()
    return int(number)
