"""The cards of products: which of them have to be looked at again, and what was sent of each.

As with figures, each decision is a new version whether or not anything changed, and the channel has answered for ``done``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, case, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from pomost.ports import Json
from pomost.sql import Database
from pomost.store import schema
from pomost.store.claims import dump
from pomost.store.products import in_order

_cards = schema.cards
_products = schema.products
LONGEST_S = 600.0


def pause(attempts: int) -> float:
    """Seconds until the next attempt after so many of which nobody knows what came."""
    return float(min(LONGEST_S, 2.0 ** min(attempts, 20) / 2))


@dataclass(frozen=True, slots=True)
class UnsentCard:
    """A product whose card has to be looked at. ``prints``: field -> print of what was sent last."""

    product: int
    product_id: str
    item: str
    version: int
    prints: Mapping[str, str]
    attempts: int


@dataclass(frozen=True, slots=True)
class CardAnswer:
    """What came of one. ``prints``: of the fields that were sent now."""

    card: UnsentCard
    prints: Mapping[str, str]
    problem: str = ""


class Cards:
    def __init__(self, database: Database) -> None:
        self._db = database
        newer = _cards.c.done > bindparam("answered")
        self._answer = (
            update(_cards)
            .where(_cards.c.product == bindparam("of"))
            .values(
                # something newer was sent before this: what the channel shows now is old, so it is looked at again
                version=case((newer, _cards.c.version + 1), else_=_cards.c.version),
                done=case((newer, _cards.c.done), else_=bindparam("answered")),
                sent_at=bindparam("moment"),
                prints=bindparam("sent"),
                problem=bindparam("why"),
                attempts=0,
                due_at=0.0,
            )
        )

    def decide(
        self,
        catalogue_id: int,
        products: Iterable[int],
        now: float,
        *,
        cursor: tuple[str, Json] | None = None,
    ) -> int:
        """Makes the cards of these products due, and keeps the cursor up to which changes were taken."""
        rows = [
            {"product": one, "catalogue_id": catalogue_id, "decided_at": now}
            for one in dict.fromkeys(products)
        ]
        with self._db.writing() as connection:
            if rows:
                connection.execute(_deciding(connection), rows)
            if cursor is not None:
                connection.execute(
                    update(schema.looks)
                    .where(schema.looks.c.source == cursor[0])
                    .values(cursor=dump(cursor[1]), found=schema.looks.c.found + len(rows))
                )
        return len(rows)

    def keep_prints(
        self, catalogue_id: int, products: Iterable[int], prints: Mapping[str, str], now: float
    ) -> None:
        """What these products were made with; they are compared once more."""
        numbers = list(products)
        self.decide(catalogue_id, numbers, now)
        if prints:
            with self._db.writing() as connection:
                connection.execute(
                    update(_cards)
                    .where(_cards.c.product.in_(numbers))
                    .values(prints=json.dumps(dict(prints)))
                )

    def decide_all(self, catalogue_id: int, now: float, *, cursor: tuple[str, Json] | None = None) -> int:
        """Makes every card due: all are compared with the channel. ``cursor`` keeps when that was."""
        with self._db.writing() as connection:
            if cursor is not None:
                connection.execute(
                    update(schema.looks)
                    .where(schema.looks.c.source == cursor[0])
                    .values(cursor=dump(cursor[1]))
                )
            return connection.execute(
                update(_cards)
                .where(_cards.c.catalogue_id == catalogue_id)
                .values(version=_cards.c.version + 1, decided_at=now, due_at=0.0)
            ).rowcount

    def undecided(self, catalogue_id: int, after: int, most: int) -> list[int]:
        """Numbers of products that are known to be an item and were never looked at, after number ``after``."""
        some = select(_cards.c.product).where(_cards.c.product == _products.c.id)
        query = (
            select(_products.c.id)
            .where(
                in_order(catalogue_id, after),
                _products.c.item != "",
                ~some.exists(),
            )
            .order_by(_products.c.id)
            .limit(most)
        )
        with self._db.reading() as connection:
            return list(connection.execute(query).scalars())

    def unsent(self, catalogue_id: int, after: int, most: int, now: float) -> list[UnsentCard]:
        query = (
            select(_cards, _products.c.product_id, _products.c.item)
            .join(_products, _products.c.id == _cards.c.product)
            .where(
                _cards.c.catalogue_id == catalogue_id,
                _cards.c.version > _cards.c.done,
                _cards.c.due_at <= now,
                _cards.c.product > after,
                _products.c.item != "",
            )
            .order_by(_cards.c.product)
            .limit(most)
        )
        with self._db.reading() as connection:
            return [
                UnsentCard(
                    row.product,
                    row.product_id,
                    row.item,
                    row.version,
                    json.loads(row.prints),
                    row.attempts,
                )
                for row in connection.execute(query)
            ]

    def answer(self, answers: Iterable[CardAnswer], now: float) -> None:
        """The channel has answered for these versions."""
        rows = [
            {
                "of": one.card.product,
                "answered": one.card.version,
                "moment": now,
                "sent": json.dumps({**one.card.prints, **one.prints}),
                "why": one.problem,
            }
            for one in answers
        ]
        if rows:
            with self._db.writing() as connection:
                connection.execute(self._answer, rows)

    def doubt(self, card: UnsentCard, problem: str, now: float) -> None:
        """Nobody knows what came of it: it stays due and is compared again after a pause."""
        with self._db.writing() as connection:
            connection.execute(
                update(_cards)
                .where(_cards.c.product == card.product)
                .values(attempts=card.attempts + 1, due_at=now + pause(card.attempts + 1), problem=problem)
            )

    def problem_of(self, product: int) -> str:
        with self._db.reading() as connection:
            query = select(_cards.c.problem).where(_cards.c.product == product)
            return str(connection.execute(query).scalar() or "")

    def problems(self, catalogue_id: int, most: int) -> list[tuple[str, str, str]]:
        """(product id, SKU, problem) of cards that were not taken."""
        query = (
            select(_products.c.product_id, _products.c.item, _cards.c.problem)
            .join(_products, _products.c.id == _cards.c.product)
            .where(_cards.c.catalogue_id == catalogue_id, _cards.c.problem != "")
            .order_by(_cards.c.product)
            .limit(most)
        )
        with self._db.reading() as connection:
            return [(row.product_id, row.item, row.problem) for row in connection.execute(query)]

    def count(self, catalogue_id: int) -> dict[str, int]:
        return counted(self._db, _cards, catalogue_id)


def counted(database: Database, table: Any, catalogue_id: int) -> dict[str, int]:
    """How many rows there are, are not sent yet, have a problem."""
    unsent, problem = table.c.version > table.c.done, table.c.problem != ""
    query = select(
        func.count().label("all"),
        func.coalesce(func.sum(case((unsent, 1), else_=0)), 0).label("unsent"),
        func.coalesce(func.sum(case((problem, 1), else_=0)), 0).label("problem"),
    ).where(table.c.catalogue_id == catalogue_id)
    with database.reading() as connection:
        row = connection.execute(query).one()
    return {"all": int(row.all), "unsent": int(row.unsent), "problem": int(row.problem)}


def _deciding(connection: Connection) -> Any:
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    upsert: Any = insert(_cards)
    return upsert.on_conflict_do_update(
        index_elements=["product"],
        set_={"version": _cards.c.version + 1, "decided_at": upsert.excluded.decided_at, "due_at": 0.0},
    )
