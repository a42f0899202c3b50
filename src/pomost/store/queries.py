"""What people ask the store: how it stands, what needs somebody, one order and its history."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, or_, select

from pomost.ports import Json
from pomost.sql import Database
from pomost.store import schema

cases = schema.cases
ATTENTION = ("doubt", "person", "stopped")


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One case in a list."""

    id: int
    company: str
    source: str
    external_id: str
    number: str
    flow: str
    status: str
    state: str
    waits: Json
    since: float
    kind: str = "order"
    seen_at: float = 0.0


COLUMNS = (
    schema.cases.c.id,
    schema.cases.c.company,
    schema.cases.c.source,
    schema.cases.c.kind,
    schema.cases.c.external_id,
    schema.cases.c.number,
    schema.cases.c.flow,
    schema.cases.c.status,
    schema.cases.c.state,
    schema.cases.c.waits,
    schema.cases.c.since,
    schema.cases.c.seen_at,
)
"""What ``line_of`` needs: all but what the source gave, which is long."""


def line_of(row: Any) -> CaseLine:
    """A row of cases as a line of a list."""
    return CaseLine(
        row.id,
        row.company,
        row.source,
        row.external_id,
        row.number,
        row.flow,
        row.status,
        row.state,
        json.loads(row.waits) if row.waits else {},
        row.since,
        row.kind,
        row.seen_at,
    )


class Queries:
    def __init__(self, database: Database) -> None:
        self._db = database

    def counts(self) -> dict[str, int]:
        """How many cases are in each state."""
        with self._db.reading() as connection:
            return {
                row.state: row.n
                for row in connection.execute(
                    select(cases.c.state, func.count().label("n")).group_by(cases.c.state)
                )
            }

    def find(self, word: str) -> list[CaseLine]:
        """Cases whose number or id at the source is ``word``."""
        where = or_(cases.c.number == word, cases.c.external_id == word)
        return self._lines(select(cases).where(where).order_by(cases.c.id))

    def in_state(self, states: tuple[str, ...], limit: int = 50) -> list[CaseLine]:
        """Cases in these states, the longest waiting first."""
        return self._lines(
            select(cases).where(cases.c.state.in_(states)).order_by(cases.c.since).limit(limit)
        )

    def all(self, limit: int = 100_000) -> list[CaseLine]:
        return self._lines(select(cases).order_by(cases.c.id).limit(limit))

    def _lines(self, query: Select[Any]) -> list[CaseLine]:
        with self._db.reading() as connection:
            return [line_of(row) for row in connection.execute(query)]
