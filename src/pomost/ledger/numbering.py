"""Numbers of documents: a counter for each kind and period of a pattern, without gaps.

The counter is raised in the transaction that makes the document, so what fails leaves no gap. A number that a
deleted document leaves behind is given to the next one that the same counter numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from pomost.ledger import schema
from pomost.ledger.companies import Company
from pomost.trade.numbering import Numbering

_counter = schema.counter
_free = schema.free_number


@dataclass(frozen=True, slots=True)
class Number:
    """A number as the database keeps it and as people read it."""

    period: str
    ordinal: int
    text: str


def _raise_counter(dialect_insert: Any) -> Any:
    return (
        dialect_insert(_counter)
        .on_conflict_do_update(
            index_elements=["company_id", "kind", "period"], set_={"last": _counter.c.last + 1}
        )
        .returning(_counter.c.last, _counter.c.free)
    )


_raise = {"sqlite": _raise_counter(sqlite.insert), "postgresql": _raise_counter(postgresql.insert)}


@lru_cache(maxsize=1024)
def _parsed(pattern: str) -> Numbering:
    return Numbering.parse(pattern)


def next_number(
    connection: Connection,
    company: Company,
    kind: str,
    series: str,
    pattern: str,
    warehouse: str,
    issued_on: date,
) -> Number:
    """The next number of the series; holds its counter until the transaction ends.

    Raises Refused when the pattern needs what the document has not.
    """
    numbering = _parsed(pattern)
    period = numbering.period_key(issued_on, series, warehouse)
    key = {"company_id": company.id, "kind": kind, "period": period}
    last, free = connection.execute(_raise[connection.dialect.name], {**key, "last": 1, "free": 0}).one()
    ordinal = _take_free(connection, key) if free else last
    return Number(period, ordinal, numbering.format(ordinal, issued_on, kind, series, warehouse))


def give_back(connection: Connection, company: Company, kind: str, number: Number) -> None:
    """Keeps the number of a deleted document for the next one."""
    key = {"company_id": company.id, "kind": kind, "period": number.period}
    connection.execute(
        update(_counter)
        .where(*(_counter.c[name] == value for name, value in key.items()))
        .values(free=_counter.c.free + 1)
    )
    connection.execute(insert(_free).values(**key, ordinal=number.ordinal))


def _take_free(connection: Connection, key: dict[str, Any]) -> int:
    mine = [_free.c[name] == value for name, value in key.items()]
    ordinal = connection.execute(
        select(_free.c.ordinal).where(*mine).order_by(_free.c.ordinal).limit(1)
    ).scalar_one()
    connection.execute(delete(_free).where(*mine, _free.c.ordinal == ordinal))
    connection.execute(
        update(_counter)
        .where(*(_counter.c[name] == value for name, value in key.items()))
        .values(last=_counter.c.last - 1, free=_counter.c.free - 1)
    )
    return int(ordinal)
