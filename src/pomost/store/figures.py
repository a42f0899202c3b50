"""What products shall show in their channels, and what was sent of it.

A figure is decided anew whenever something changed that it is made of, and each decision is a new version, even where the
number is the same: the channel may have changed its own meanwhile. The channel has answered for ``done``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import Connection, bindparam, case, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from pomost.ports import Json
from pomost.sql import Database
from pomost.store import schema
from pomost.store.claims import dump

_figures = schema.figures
_products = schema.products

What = Literal["stock", "price"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A decision: the product with this number shall show ``figure`` at ``place``."""

    product: int
    place: str
    figure: Decimal


@dataclass(frozen=True, slots=True)
class Unsent:
    """A decision that the channel has not answered yet."""

    product: int
    product_id: str
    place: str
    figure: Decimal
    version: int


class Figures:
    def __init__(self, database: Database) -> None:
        self._db = database
        self._unsent = (
            select(
                _figures.c.product,
                _products.c.product_id,
                _figures.c.place,
                _figures.c.wanted,
                _figures.c.version,
            )
            .join(_products, _products.c.id == _figures.c.product)
            .where(
                _figures.c.catalogue_id == bindparam("catalogue"),
                _figures.c.what == bindparam("what"),
                _figures.c.version > _figures.c.done,
                _figures.c.product > bindparam("after"),
            )
            .order_by(_figures.c.product)
            .limit(bindparam("most"))
        )
        newer = _figures.c.done > bindparam("answered")
        self._answer = (
            update(_figures)
            .where(
                _figures.c.product == bindparam("of"),
                _figures.c.what == bindparam("kind"),
                _figures.c.place == bindparam("at"),
            )
            .values(
                # something newer was sent before this: what the channel shows now is old, so it is sent again
                version=case((newer, _figures.c.version + 1), else_=_figures.c.version),
                done=case((newer, _figures.c.done), else_=bindparam("answered")),
                sent=bindparam("figure", type_=_figures.c.sent.type),
                sent_at=bindparam("moment"),
                problem=bindparam("why"),
            )
        )

    def decide(
        self,
        catalogue_id: int,
        what: What,
        wanted: Iterable[Wanted],
        now: float,
        *,
        cursor: tuple[str, Json] | None = None,
        also: Callable[[Connection], None] = lambda connection: None,
    ) -> int:
        """Writes decisions and the cursor (its name and value) up to which they were made, in one transaction.

        ``also`` is done in it, too.
        """
        rows = [
            {
                "product": one.product,
                "what": what,
                "place": one.place,
                "catalogue_id": catalogue_id,
                "wanted": one.figure,
                "version": 1,
                "done": 0,
                "decided_at": now,
                "problem": "",
            }
            for one in wanted
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
            also(connection)
        return len(rows)

    def undecided(self, catalogue_id: int, what: What, after: int, most: int) -> list[tuple[int, str]]:
        """Products that are known to be an item and have no figures of this kind: (number, SKU), after number ``after``."""
        some = select(_figures.c.product).where(_figures.c.product == _products.c.id, _figures.c.what == what)
        query = (
            select(_products.c.id, _products.c.item)
            .where(
                _products.c.catalogue_id == catalogue_id,
                _products.c.id > after,
                _products.c.item != "",
                ~some.exists(),
            )
            .order_by(_products.c.id)
            .limit(most)
        )
        with self._db.reading() as connection:
            return [(row.id, row.item) for row in connection.execute(query)]

    def unsent(self, catalogue_id: int, what: What, after: int, products: int) -> list[Unsent]:
        """What is to be sent of the next ``products`` products after the number ``after``; whole products only."""
        found: list[Unsent] = []
        most = products + 1
        with self._db.reading() as connection:
            while True:
                asked = {"catalogue": catalogue_id, "what": what, "after": after, "most": most}
                rows = connection.execute(self._unsent, asked).all()
                found = [
                    Unsent(row.product, row.product_id, row.place, row.wanted, row.version) for row in rows
                ]
                numbers = list(dict.fromkeys(one.product for one in found))
                if len(rows) < most or len(numbers) > products:
                    break
                # several places a product: as many rows as it takes
                most *= 2
        kept = set(numbers[:products])
        return [one for one in found if one.product in kept]

    def answer(
        self,
        what: What,
        sent: Iterable[Unsent],
        problems: Mapping[int, str],
        now: float,
    ) -> None:
        """The channel has answered for these versions. ``problems``: product number -> why it took nothing."""
        rows = [
            {
                "of": one.product,
                "kind": what,
                "at": one.place,
                "answered": one.version,
                "figure": one.figure,
                "moment": now,
                "why": problems.get(one.product, ""),
            }
            for one in sent
        ]
        if rows:
            with self._db.writing() as connection:
                connection.execute(self._answer, rows)

    def count(self, catalogue_id: int, what: What) -> dict[str, int]:
        """How many figures there are, are not sent yet, have a problem."""
        with self._db.reading() as connection:
            unsent, problem = _figures.c.version > _figures.c.done, _figures.c.problem != ""
            row = connection.execute(
                select(
                    func.count().label("all"),
                    func.coalesce(func.sum(case((unsent, 1), else_=0)), 0).label("unsent"),
                    func.coalesce(func.sum(case((problem, 1), else_=0)), 0).label("problem"),
                ).where(_figures.c.catalogue_id == catalogue_id, _figures.c.what == what)
            ).one()
        return {"all": int(row.all), "unsent": int(row.unsent), "problem": int(row.problem)}


def _deciding(connection: Connection) -> Any:
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    upsert: Any = insert(_figures)
    return upsert.on_conflict_do_update(
        index_elements=["product", "what", "place"],
        set_={
            "wanted": upsert.excluded.wanted,
            "version": _figures.c.version + 1,
            "decided_at": upsert.excluded.decided_at,
        },
    )
