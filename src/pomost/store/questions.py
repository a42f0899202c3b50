"""Products of which it is not clear which item they are: what is asked, and what a person answered.

An answer stays, whatever later listings show.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from pomost.batches import among
from pomost.sql import Database
from pomost.store import schema

_questions = schema.questions
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Answered:
    """What a person decided: ``link`` to ``item``, or ``ignore`` the product."""

    answer: Literal["link", "ignore"]
    item: str


@dataclass(frozen=True, slots=True)
class Question:
    product_id: str
    text: str
    asked_at: float


class Questions:
    def __init__(self, database: Database) -> None:
        self._db = database

    def answers(self, catalogue_id: int, ids: Iterable[str]) -> dict[str, Answered]:
        """Product id -> what was decided of it."""
        found: dict[str, Answered] = {}
        with self._db.reading() as connection:
            for some in _chunks(list(ids)):
                query = select(_questions).where(
                    _questions.c.catalogue_id == catalogue_id,
                    among(connection, _questions.c.product_id, some),
                    _questions.c.answer != "",
                )
                for row in connection.execute(query):
                    found[row.product_id] = Answered(row.answer, row.item)
        return found

    def ask(self, catalogue_id: int, asked: Mapping[str, str], now: float) -> None:
        """Product id -> what is asked of it. What is answered already stays so."""
        if not asked:
            return
        rows = [
            {"catalogue_id": catalogue_id, "product_id": one, "text": text, "asked_at": now}
            for one, text in asked.items()
        ]
        with self._db.writing() as connection:
            insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
            upsert: Any = insert(_questions)
            upsert = upsert.on_conflict_do_update(
                index_elements=["catalogue_id", "product_id"], set_={"text": upsert.excluded.text}
            )
            connection.execute(upsert, rows)

    def withdraw(self, catalogue_id: int, ids: Iterable[str]) -> None:
        """These are clear by now."""
        with self._db.writing() as connection:
            for some in _chunks(list(ids)):
                connection.execute(
                    delete(_questions).where(
                        _questions.c.catalogue_id == catalogue_id,
                        among(connection, _questions.c.product_id, some),
                        _questions.c.answer == "",
                    )
                )

    def decide(self, catalogue_id: int, product_id: str, answered: Answered, who: str, now: float) -> None:
        """What a person decides, also where nothing was asked; the last word counts."""
        with self._db.writing() as connection:
            insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
            upsert: Any = insert(_questions).values(
                catalogue_id=catalogue_id,
                product_id=product_id,
                asked_at=now,
                answer=answered.answer,
                item=answered.item,
                who=who,
                answered_at=now,
            )
            connection.execute(
                upsert.on_conflict_do_update(
                    index_elements=["catalogue_id", "product_id"],
                    set_={name: upsert.excluded[name] for name in ("answer", "item", "who", "answered_at")},
                )
            )

    def open(self, catalogue_id: int, most: int = 1000) -> list[Question]:
        query = (
            select(_questions)
            .where(_questions.c.catalogue_id == catalogue_id, _questions.c.answer == "")
            .order_by(_questions.c.product_id)
            .limit(most)
        )
        with self._db.reading() as connection:
            return [Question(row.product_id, row.text, row.asked_at) for row in connection.execute(query)]

    def count(self, catalogue_id: int) -> int:
        query = select(func.count()).where(
            _questions.c.catalogue_id == catalogue_id, _questions.c.answer == ""
        )
        with self._db.reading() as connection:
            return int(connection.execute(query).scalar_one())


def _chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    return (values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK))
