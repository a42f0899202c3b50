"""Products that are gone from a channel and whose items get another one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select, update

from pomost.batches import among
from pomost.sql import Database
from pomost.store import schema
from pomost.store.products import GONE_AFTER

_products, _births, _cards, _figures = schema.products, schema.births, schema.cards, schema.figures


@dataclass(frozen=True, slots=True)
class Missed:
    """A product that is an item and that the last complete listing did not show; ``parent_id`` as it was listed last."""

    number: int
    product_id: str
    item: str
    parent_id: str
    prints: Mapping[str, str]


class Anew:
    def __init__(self, database: Database) -> None:
        self._db = database

    def missed(self, catalogue_id: int, after: int, most: int) -> list[Missed]:
        """By number, those after the number ``after``."""
        query = (
            select(
                _products.c.id,
                _products.c.product_id,
                _products.c.item,
                _products.c.parent_id,
                _cards.c.prints,
            )
            .join(_cards, _cards.c.product == _products.c.id, isouter=True)
            .where(
                _products.c.catalogue_id == catalogue_id,
                _products.c.id > after,
                _products.c.missed > 0,
                _products.c.item != "",
            )
            .order_by(_products.c.id)
            .limit(most)
        )
        with self._db.reading() as connection:
            return [
                Missed(row.id, row.product_id, row.item, row.parent_id, json.loads(row.prints or "{}"))
                for row in connection.execute(query)
            ]

    def begin(self, catalogue_id: int, gone: Sequence[Missed], now: float) -> None:
        """These products are no item any more, and an item whose product was made here gets another one. All in one
        transaction; done twice it changes nothing more."""
        with self._db.writing() as connection:
            for one in gone:
                unlinked = connection.execute(
                    update(_products)
                    .where(_products.c.id == one.number, _products.c.item == one.item, _products.c.missed > 0)
                    .values(item="", problem="", missed=GONE_AFTER)
                ).rowcount
                if not unlinked:
                    # listed again meanwhile, or another item by now
                    continue
                connection.execute(delete(_figures).where(_figures.c.product == one.number))
                connection.execute(delete(_cards).where(_cards.c.product == one.number))
                connection.execute(
                    update(_births)
                    .where(
                        _births.c.catalogue_id == catalogue_id,
                        _births.c.item == one.item,
                        _births.c.state == "made",
                        # of another product that it is by now nothing is known here
                        _births.c.product_id.in_(("", one.product_id)),
                    )
                    .values(
                        state="wanted",
                        version=_births.c.version + 1,
                        product_id="",
                        problem="",
                        attempts=0,
                        due_at=0.0,
                        decided_at=now,
                    )
                )

    def prints(self, numbers: Sequence[int]) -> dict[int, dict[str, str]]:
        """Number of a product -> field -> print of what was sent or agreed on last."""
        found: dict[int, dict[str, str]] = {}
        with self._db.reading() as connection:
            query = select(_cards.c.product, _cards.c.prints)
            query = query.where(among(connection, _cards.c.product, list(numbers)))
            for row in connection.execute(query):
                found[row.product] = json.loads(row.prints)
        return found
