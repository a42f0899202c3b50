"""Looking at sources: cursors, who looks, when it was last done and what it found."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import or_, select, update

from pomost.ports import Json
from pomost.sql import Database, insert_unless_there
from pomost.store import schema

looks = schema.looks


@dataclass(frozen=True, slots=True)
class Look:
    """The state of one source: last look, orders found so far, a note on what went wrong, why it is stopped."""

    source: str
    cursor: Json
    looked_at: float | None
    found: int
    note: str
    stopped: str


class Looks:
    def __init__(self, database: Database) -> None:
        self._db = database

    def take(self, source: str, owner: str, lease_s: float, now: float) -> Json | None:
        """The cursor, if nobody else is looking at this source; None otherwise."""
        with self._db.writing() as connection:
            known = connection.execute(select(looks.c.source).where(looks.c.source == source)).scalar()
            if known is None:
                connection.execute(insert_unless_there(connection, looks).values(source=source, cursor="{}"))
            row = connection.execute(
                update(looks)
                .where(
                    looks.c.source == source,
                    or_(
                        looks.c.lease_until.is_(None), looks.c.lease_until < now, looks.c.lease_owner == owner
                    ),
                )
                .values(lease_owner=owner, lease_until=now + lease_s)
                .returning(looks.c.cursor)
            ).first()
        if row is None:
            return None
        cursor: Json = json.loads(row.cursor)
        return cursor

    def note(self, source: str, now: float, text: str) -> None:
        """When it was last looked, and what went wrong; the lease stays."""
        with self._db.writing() as connection:
            connection.execute(update(looks).where(looks.c.source == source).values(looked_at=now, note=text))

    def heard(self, source: str, now: float, text: str) -> None:
        """What something that is only used, never looked at, answered last: "" where all was well. Made where it is new."""
        with self._db.writing() as connection:
            connection.execute(insert_unless_there(connection, looks).values(source=source, cursor="{}"))
            connection.execute(update(looks).where(looks.c.source == source).values(looked_at=now, note=text))

    def begin(self, source: str, cursor: Json) -> None:
        """Sets the cursor of a source that has none yet."""
        with self._db.writing() as connection:
            connection.execute(
                insert_unless_there(connection, looks).values(source=source, cursor=json.dumps(cursor))
            )

    def keep(self, source: str, cursor: Json) -> None:
        """Sets the cursor of a source, made where it is new."""
        self.begin(source, cursor)
        with self._db.writing() as connection:
            connection.execute(
                update(looks).where(looks.c.source == source).values(cursor=json.dumps(cursor))
            )

    def cursor(self, source: str) -> Json:
        """The cursor of a source; {} where it has none."""
        with self._db.reading() as connection:
            text = connection.execute(select(looks.c.cursor).where(looks.c.source == source)).scalar()
        found: Json = json.loads(text) if text else {}
        return found

    def end(self, source: str, owner: str, now: float, *, note: str = "", stopped: str = "") -> None:
        """Ends a look. ``note`` says what went wrong, ``stopped`` why the source is not looked at any more."""
        with self._db.writing() as connection:
            connection.execute(
                update(looks)
                .where(looks.c.source == source, looks.c.lease_owner == owner)
                .values(looked_at=now, note=note, stopped=stopped, lease_until=None, lease_owner=None)
            )

    def all(self) -> list[Look]:
        with self._db.reading() as connection:
            return [
                Look(row.source, json.loads(row.cursor), row.looked_at, row.found, row.note, row.stopped)
                for row in connection.execute(select(looks).order_by(looks.c.source))
            ]
