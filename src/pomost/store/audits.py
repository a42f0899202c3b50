"""Who did what in the panel and when: written with each act, never changed."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import insert, select

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

    def page(self, who: str = "", act: str = "", before: int = 0, most: int = 50) -> list[Act]:
        """Newest first; ``before`` is the id of the last one seen."""
        query = select(audit).order_by(audit.c.id.desc()).limit(most)
        if who:
            query = query.where(audit.c.who == who)
        if act:
            query = query.where(audit.c.act == act)
        if before:
            query = query.where(audit.c.id < before)
        with self._db.reading() as connection:
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
