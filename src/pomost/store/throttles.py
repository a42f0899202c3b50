"""Failed sign-ins: after a few of them the next is allowed only after a wait that doubles."""

from __future__ import annotations

from sqlalchemy import delete, insert, select, update

from pomost.sql import Database
from pomost.store.panel_schema import throttles

FREE = 5
"""Failures in a row that cost nothing: people mistype."""
FIRST_S = 2.0
MOST_S = 900.0
FORGET_S = 86_400.0


class Throttles:
    """Counts by any key (a name, an address); all processes share the counts."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def wait_s(self, keys: tuple[str, ...], now: float) -> float:
        """Seconds until the next try is allowed for all the keys; 0 when it is now."""
        with self._db.reading() as connection:
            found = connection.execute(select(throttles.c.until).where(throttles.c.key.in_(keys)))
            return max([0.0, *(float(until) - now for until in found.scalars())])

    def failed(self, keys: tuple[str, ...], now: float) -> None:
        with self._db.writing() as connection:
            connection.execute(delete(throttles).where(throttles.c.last_at < now - FORGET_S))
            for key in keys:
                row = connection.execute(
                    select(throttles.c.failures).where(throttles.c.key == key).with_for_update()
                ).first()
                failures = (row.failures if row else 0) + 1
                pause = min(FIRST_S * 2 ** min(failures - FREE, 20), MOST_S) if failures >= FREE else 0.0
                values = {"failures": failures, "until": now + pause, "last_at": now}
                if row:
                    connection.execute(update(throttles).where(throttles.c.key == key).values(values))
                else:
                    connection.execute(insert(throttles).values(key=key, **values))

    def passed(self, keys: tuple[str, ...]) -> None:
        """A sign-in that succeeded takes the failures of its keys away."""
        with self._db.writing() as connection:
            connection.execute(delete(throttles).where(throttles.c.key.in_(keys)))
