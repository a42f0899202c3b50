"""Products that are made in a channel for items that have none there: each exactly once.

wanted -> intended (written before the call: from then on the product may be there) -> made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from pomost.sql import Database
from pomost.store import schema
from pomost.store.cards import counted, pause

_births = schema.births
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Birth:
    """An item for which a product is to be made. ``intended``: a call was begun before."""

    item: str
    intended: bool
    version: int
    attempts: int


class Births:
    def __init__(self, database: Database) -> None:
        self._db = database

    def want(self, catalogue_id: int, items: Iterable[str], now: float, *, again: bool) -> None:
        """A product is to be made for each; ``again``: also where one could not be made before."""
        rows = [{"catalogue_id": catalogue_id, "item": item, "decided_at": now} for item in items]
        if not rows:
            return
        with self._db.writing() as connection:
            insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
            upsert: Any = insert(_births)
            if again:
                upsert = upsert.on_conflict_do_update(
                    index_elements=["catalogue_id", "item"],
                    set_={"version": _births.c.version + 1, "decided_at": upsert.excluded.decided_at},
                    where=_births.c.state != "made",
                )
            else:
                upsert = upsert.on_conflict_do_nothing()
            connection.execute(upsert, rows)

    def next(self, catalogue_id: int, after: str, most: int, now: float) -> list[Birth]:
        query = (
            select(_births)
            .where(
                _births.c.catalogue_id == catalogue_id,
                _births.c.version > _births.c.done,
                _births.c.due_at <= now,
                _births.c.item > after,
            )
            .order_by(_births.c.item)
            .limit(most)
        )
        with self._db.reading() as connection:
            return [
                Birth(row.item, row.state == "intended", row.version, row.attempts)
                for row in connection.execute(query)
            ]

    def intend(self, catalogue_id: int, birth: Birth) -> None:
        self._set(catalogue_id, birth.item, state="intended")

    def made(self, catalogue_id: int, birth: Birth, product_id: str, problem: str, now: float) -> None:
        self._set(
            catalogue_id,
            birth.item,
            state="made",
            product_id=product_id,
            done=_births.c.version,
            sent_at=now,
            problem=problem,
        )

    def refused(self, catalogue_id: int, birth: Birth, problem: str) -> None:
        """Nothing was made; it is tried again when the item changes."""
        self._set(catalogue_id, birth.item, state="wanted", done=birth.version, problem=problem, attempts=0)

    def doubt(self, catalogue_id: int, birth: Birth, problem: str, now: float) -> None:
        """It may have been made: looked for after a pause."""
        attempts = birth.attempts + 1
        self._set(catalogue_id, birth.item, attempts=attempts, due_at=now + pause(attempts), problem=problem)

    def one(self, catalogue_id: int, item: str, now: float) -> tuple[Birth, bool] | None:
        """What is noted of this item, and whether it is due; None where nothing is to be done (any more)."""
        query = select(_births).where(
            _births.c.catalogue_id == catalogue_id,
            _births.c.item == item,
            _births.c.version > _births.c.done,
        )
        with self._db.reading() as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        return Birth(row.item, row.state == "intended", row.version, row.attempts), row.due_at <= now

    def refused_ones(self, catalogue_id: int, after: str, most: int) -> list[str]:
        """Items for which no product could be made, in their order after the item ``after``."""
        query = (
            select(_births.c.item)
            .where(
                _births.c.catalogue_id == catalogue_id,
                _births.c.problem != "",
                _births.c.state == "wanted",
                _births.c.version == _births.c.done,
                _births.c.item > after,
            )
            .order_by(_births.c.item)
            .limit(most)
        )
        with self._db.reading() as connection:
            return list(connection.execute(query).scalars())

    def states(self, catalogue_id: int, items: Sequence[str]) -> dict[str, str]:
        """Item -> wanted, intended or made."""
        found: dict[str, str] = {}
        with self._db.reading() as connection:
            for some in _chunks(items):
                query = select(_births.c.item, _births.c.state).where(
                    _births.c.catalogue_id == catalogue_id, _births.c.item.in_(some)
                )
                found.update((row.item, row.state) for row in connection.execute(query))
        return found

    def problems(self, catalogue_id: int, most: int) -> list[tuple[str, str]]:
        query = (
            select(_births.c.item, _births.c.problem)
            .where(_births.c.catalogue_id == catalogue_id, _births.c.problem != "")
            .order_by(_births.c.item)
            .limit(most)
        )
        with self._db.reading() as connection:
            return [(row.item, row.problem) for row in connection.execute(query)]

    def count(self, catalogue_id: int) -> dict[str, int]:
        return counted(self._db, _births, catalogue_id)

    def _set(self, catalogue_id: int, item: str, **values: Any) -> None:
        with self._db.writing() as connection:
            connection.execute(
                update(_births)
                .where(_births.c.catalogue_id == catalogue_id, _births.c.item == item)
                .values(**values)
            )


def _chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    return (values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK))
