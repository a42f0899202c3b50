"""The rate limit of each account: GCRA, one row per account, shared by all workers of all processes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, case, func, literal, select, update

from pomost.sql import Database, insert_unless_there
from pomost.store import schema

limits = schema.limits


class Limits:
    """Grants moments at which calls may be made.

    A grant is a reservation: it moves the theoretical arrival time on by one interval and says how long to wait.
    ``burst`` calls may go at once; the rest are evenly spaced. In any window of T seconds at most burst + T/interval
    calls are granted.
    """

    def __init__(self, database: Database) -> None:
        self._db = database
        self._known: set[str] = set()
        start: Any = bindparam("now") - bindparam("slack")
        tat = case((limits.c.tat > start, limits.c.tat), else_=start)
        self._grant = (
            update(limits)
            .where(limits.c.key == bindparam("account"))
            .where(tat - bindparam("now") <= bindparam("patience"))
            .values(tat=tat + bindparam("interval"), calls=limits.c.calls + 1)
            .returning(limits.c.tat, limits.c.blocked_until)
        )

    def grant(
        self, account: str, *, interval: float, burst: int, patience: float, now: float
    ) -> float | None:
        """Seconds to wait before the call; None when the queue is longer than ``patience`` seconds (try later)."""
        self._ensure(account)
        slack = interval * (burst - 1)
        with self._db.writing() as connection:
            row = connection.execute(
                self._grant,
                {"account": account, "now": now, "slack": slack, "interval": interval, "patience": patience},
            ).first()
        if row is None:
            return None
        return max(float(row.tat) - interval - now, 0.0)

    def blocked_until(self, account: str) -> float:
        with self._db.reading() as connection:
            return (
                connection.execute(select(limits.c.blocked_until).where(limits.c.key == account)).scalar()
                or 0.0
            )

    def block(self, account: str, until: float) -> None:
        """Nobody calls with this account before ``until``."""
        self._ensure(account)
        with self._db.writing() as connection:
            connection.execute(
                update(limits)
                .where(limits.c.key == account, limits.c.blocked_until < until)
                .values(
                    blocked_until=until, tat=case((limits.c.tat > until, limits.c.tat), else_=literal(until))
                )
            )

    def calls(self, account: str) -> int:
        """Calls granted so far."""
        with self._db.reading() as connection:
            return int(
                connection.execute(
                    select(func.coalesce(func.max(limits.c.calls), 0)).where(limits.c.key == account)
                ).scalar_one()
            )

    def _ensure(self, account: str) -> None:
        if account in self._known:
            return
        with self._db.writing() as connection:
            connection.execute(insert_unless_there(connection, limits).values(key=account))
        self._known.add(account)
