"""Plans of sales: net targets in PLN for a period, of a company, and of a channel, an item or a group of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from pomost.sql import Database
from pomost.store.schema import plans

_KEY = ("company", "period", "channel", "sku", "category")


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One target. ``period``: "2026-11", "2026-Q4" or "2026"; empty texts mean all. ``id`` 0: not kept yet."""

    period: str
    company: str
    target: Decimal
    channel: str = ""
    sku: str = ""
    category: str = ""
    id: int = 0


class Plans:
    def __init__(self, database: Database) -> None:
        self._db = database

    def put(self, lines: Iterable[PlanLine], now: float, who: str) -> int:
        """Writes targets, all or none; one that is there for the same is replaced. Gives how many."""
        rows = {
            (one.company, one.period, one.channel, one.sku, one.category): {
                "company": one.company,
                "period": one.period,
                "channel": one.channel,
                "sku": one.sku,
                "category": one.category,
                "target": one.target,
                "changed_at": now,
                "who": who,
            }
            for one in lines
        }
        if not rows:
            return 0
        insert = sqlite.insert if self._db.is_sqlite else postgresql.insert
        new = insert(plans)
        query = new.on_conflict_do_update(
            index_elements=list(_KEY),
            set_={name: new.excluded[name] for name in ("target", "changed_at", "who")},
        )
        with self._db.writing() as connection:
            connection.execute(query, list(rows.values()))
        return len(rows)

    def remove(self, plan_id: int) -> bool:
        """Whether there was such a target."""
        with self._db.writing() as connection:
            return connection.execute(delete(plans).where(plans.c.id == plan_id)).rowcount == 1

    def all(self, company: str = "") -> list[PlanLine]:
        """In the order of periods."""
        query = select(plans).order_by(
            plans.c.period, plans.c.company, plans.c.channel, plans.c.sku, plans.c.category
        )
        if company:
            query = query.where(plans.c.company == company)
        with self._db.reading() as connection:
            return [
                PlanLine(row.period, row.company, row.target, row.channel, row.sku, row.category, row.id)
                for row in connection.execute(query)
            ]
