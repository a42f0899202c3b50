"""Who did what in the panel and when: written with each act, never changed."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select

from pomost.ports import Json
from pomost.sql import Database
from pomost.store.claims import dump
from pomost.store.panel_schema import audit


@dataclass(frozen=True, slots=True)
class Act:
    """One act of a person or of a program with a token."""

    id: int
    at: float
    who: str
    act: str
    target: str
    data: Json
    address: str


class Audits:
    def __init__(self, database: Database) -> None:
        self._db = database

    def note(self, now: float, who: str, act: str, target: str, data: Json, address: str) -> None:
        row = {"at": now, "who": who, "act": act, "target": target, "address": address}
        with self._db.writing() as connection:
            connection.execute(insert(audit).values(data=dump(data) if data else "", **row))

    def page(
        self,
        who: str = "",
        act: str = "",
        before: int = 0,
        most: int = 50,
        *,
        text: str = "",
        since: float | None = None,
        until: float | None = None,
    ) -> list[Act]:
        """Newest first; ``before`` is the id of the last one seen. ``text``: a part of the target. ``since`` and ``until``:
        Unix seconds, the latter not included."""
        query = select(audit).order_by(audit.c.id.desc()).limit(most)
        if who:
            query = query.where(audit.c.who == who)
        if act:
            query = query.where(audit.c.act == act)
        if text:
            query = query.where(func.lower(audit.c.target).contains(text.lower(), autoescape=True))
        if before:
            query = query.where(audit.c.id < before)
        with self._db.reading() as connection:
            low, high = self._bound(connection, since), self._bound(connection, until)
            if low is not None:
                query = query.where(audit.c.id >= low)
            if high is not None:
                query = query.where(audit.c.id < high)
            return [
                Act(
                    row.id,
                    row.at,
                    row.who,
                    row.act,
                    row.target,
                    json.loads(row.data) if row.data else {},
                    row.address,
                )
                for row in connection.execute(query)
            ]

    def different(self, name: str) -> list[str]:
        """The different values of "who" or "act" that there are: a seek for each."""
        column = {"who": audit.c.who, "act": audit.c.act}[name]
        found: list[str] = []
        with self._db.reading() as connection:
            while True:
                query = select(column).order_by(column).limit(1)
                if found:
                    query = query.where(column > found[-1])
                value = connection.execute(query).scalar()
                if value is None:
                    return found
                found.append(str(value))

    @staticmethod
    def _bound(connection: Connection, moment: float | None) -> int | None:
        """A moment as the first id from it on: ids are given in the order in which acts happen."""
        if moment is None:
            return None
        query = select(audit.c.id).where(audit.c.at >= moment).order_by(audit.c.at, audit.c.id).limit(1)
        found = connection.execute(query).scalar()
        return 2**62 if found is None else int(found)
