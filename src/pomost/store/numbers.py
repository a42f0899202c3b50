"""Orders by what people call them, and back."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from pomost.sql import Database
from pomost.store import schema
from pomost.trade.finding import words_in

MOST = 100
_AT_ONCE = 500


class Numbers:
    def __init__(self, database: Database) -> None:
        self._db = database

    def find(self, word: str) -> tuple[int, ...]:
        """Ids of the cases that a whole word finds (a number, an id of the channel), at most ``MOST``."""
        wanted = next(iter(words_in(word)), "")
        query = select(schema.finds.c.case_id).where(schema.finds.c.word == wanted).limit(MOST)
        with self._db.reading() as connection:
            return tuple(connection.execute(query).scalars())

    def of(self, case_ids: Iterable[int]) -> dict[int, str]:
        """The numbers of cases by id; those that are not there are missing."""
        ids, found = sorted(set(case_ids)), {}
        with self._db.reading() as connection:
            for begin in range(0, len(ids), _AT_ONCE):
                some = schema.cases.c.id.in_(ids[begin : begin + _AT_ONCE])
                query = select(schema.cases.c.id, schema.cases.c.number).where(some)
                found.update({row.id: row.number for row in connection.execute(query)})
        return found
