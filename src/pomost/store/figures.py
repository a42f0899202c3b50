"""What products shall show in their channels, and what was sent of it.

A figure is decided anew whenever something changed that it is made of, and each decision is a new version, even where the
number is the same: the channel may have changed its own meanwhile. The channel has answered for ``done``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    text,
    update,
)

from pomost.batches import Given, update_rows, upsert_rows
from pomost.ports import Json
from pomost.sql import Database
from pomost.store import schema
from pomost.store.claims import dump
from pomost.store.products import GONE_AFTER, in_order, numbers_of

_figures = schema.figures
_products = schema.products

What = Literal["stock", "price"]
_KEY = ("product", "what", "place")
NOTHING: Mapping[str, Decimal] = {"price": Decimal(0), "stock": Decimal(-1)}
"""Kind -> the figure that stands for none: nothing is to be sent. No price is zero, and ``problem`` says why there is none; no stock
is below zero, and that of a product with variants is carried by these, which is no problem."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A decision: the product with this number shall show ``figure`` at ``place``; None: nothing is sent, for ``why`` (a price) or
    because its variants carry it (stock, without a reason)."""

    product: int
    place: str
    figure: Decimal | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Unsent:
    """A decision that the channel has not answered yet."""

    product: int
    product_id: str
    place: str
    figure: Decimal
    version: int


@dataclass(frozen=True, slots=True)
class Drift:
    """A figure that the channel shows otherwise than it was sent."""

    product: int
    product_id: str
    item: str
    place: str
    wanted: Decimal
    seen: Decimal


@dataclass(frozen=True, slots=True)
class FigureLine:
    """A figure with its whole state, for people."""

    what: What
    place: str
    wanted: Decimal
    version: int
    done: int
    decided_at: float
    sent: Decimal | None
    sent_at: float | None
    problem: str
    seen: Decimal | None
    seen_at: float | None

    @property
    def carried(self) -> bool:
        """Whether the product has variants, so that its stock is theirs."""
        return self.what == "stock" and self.wanted < 0


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
                "wanted": NOTHING[what] if one.figure is None else one.figure,
                "version": 1,
                "done": 1 if one.figure is None else 0,
                "decided_at": now,
                "problem": one.why if one.figure is None else "",
            }
            for one in wanted
        ]
        with self._db.writing() as connection:
            upsert_rows(connection, _figures, _KEY, rows, _decided)
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
                in_order(catalogue_id, after),
                _products.c.item != "",
                _products.c.missed < GONE_AFTER,
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
                "product": one.product,
                "what": what,
                "place": one.place,
                "done": one.version,
                "sent": one.figure,
                "sent_at": now,
                "problem": problems.get(one.product, ""),
            }
            for one in sent
        ]

        def values(given: Given) -> dict[str, Any]:
            return {
                # what the channel shows now is old, so the newer is sent again
                "version": case(
                    (and_(is_late(given), ~is_withheld()), _figures.c.version + 1), else_=_figures.c.version
                ),
                "done": case((_figures.c.done > given("done"), _figures.c.done), else_=given("done")),
                "sent": given("sent"),
                "sent_at": given("sent_at"),
                "problem": case((is_withheld(), _figures.c.problem), else_=given("problem")),
            }

        with self._db.writing() as connection:
            update_rows(connection, _figures, _KEY, rows, values)

    def compare(
        self,
        catalogue_id: int,
        what: What,
        shown: Mapping[str, Mapping[str, Decimal]],
        since: float,
        now: float,
    ) -> None:
        """Notes the figures that the channel shows (product id -> place -> figure) where they are not what was sent.

        What was decided or sent after ``since``, when the channel began to be read, is left alone.
        """
        with self._db.writing() as connection:
            numbers = numbers_of(connection, catalogue_id, list(shown))
            rows = [
                {"product": numbers[product_id], "what": what, "place": place, "seen": figure, "seen_at": now}
                for product_id, places in shown.items()
                if product_id in numbers
                for place, figure in places.items()
            ]
            update_rows(
                connection,
                _figures,
                _KEY,
                rows,
                lambda given: {"seen": given("seen"), "seen_at": given("seen_at")},
                lambda given: and_(_figures.c.wanted != given("seen"), ~is_withheld(), _settled(since)),
            )

    def drifted(self, catalogue_id: int, what: What, since: float) -> list[Drift]:
        """What was noted by comparisons from ``since`` on and is not decided anew yet, in the order of products."""
        query = (
            select(
                _figures.c.product,
                _products.c.product_id,
                _products.c.item,
                _figures.c.place,
                _figures.c.wanted,
                _figures.c.seen,
            )
            .join(_products, _products.c.id == _figures.c.product)
            .where(
                _figures.c.catalogue_id == catalogue_id,
                _figures.c.what == what,
                _figures.c.seen_at >= since,
                _settled_at(_figures.c.seen_at),
            )
            .order_by(_figures.c.product, _figures.c.place)
        )
        with self._db.reading() as connection:
            return [
                Drift(row.product, row.product_id, row.item, row.place, row.wanted, row.seen)
                for row in connection.execute(query)
            ]

    def correct(self, what: What, drifts: Iterable[Drift], now: float) -> None:
        """Decides anew what the channel shows wrongly, unless that was done meanwhile."""
        rows = [
            {"product": one.product, "what": what, "place": one.place, "decided_at": now} for one in drifts
        ]
        with self._db.writing() as connection:
            update_rows(
                connection,
                _figures,
                _KEY,
                rows,
                lambda given: {"version": _figures.c.version + 1, "decided_at": given("decided_at")},
                lambda given: _settled_at(_figures.c.seen_at),
            )

    def retry(self, catalogue_id: int, what: What, before: float, now: float) -> int:
        """Decides anew what the channel did not take when it was sent before that moment; gives how many figures."""
        with self._db.writing() as connection:
            return connection.execute(
                update(_figures)
                .where(
                    _figures.c.catalogue_id == catalogue_id,
                    _figures.c.what == what,
                    _figures.c.problem != "",
                    ~is_withheld(),
                    _figures.c.done == _figures.c.version,
                    _figures.c.sent_at < before,
                )
                .values(version=_figures.c.version + 1, decided_at=now)
            ).rowcount

    def agree(self, what: What, drifts: Iterable[Drift]) -> None:
        """The channel shows what it should by now."""
        rows = [{"product": one.product, "what": what, "place": one.place} for one in drifts]
        with self._db.writing() as connection:
            update_rows(connection, _figures, _KEY, rows, lambda given: {"seen": None, "seen_at": None})

    def unsee(self, catalogue_id: int, what: What, before: float) -> None:
        """What was found different before that moment is as it should be by now: a comparison of all did not find it again."""
        with self._db.writing() as connection:
            connection.execute(
                update(_figures)
                .where(
                    _figures.c.catalogue_id == catalogue_id,
                    _figures.c.what == what,
                    # as the index of these says it
                    text("seen_at IS NOT NULL AND done = version AND decided_at < seen_at"),
                    _figures.c.seen_at < before,
                )
                .values(seen=None, seen_at=None)
            )

    def of_product(self, product: int) -> list[FigureLine]:
        """All figures of a product."""
        with self._db.reading() as connection:
            return [
                FigureLine(
                    row.what,
                    row.place,
                    row.wanted,
                    row.version,
                    row.done,
                    row.decided_at,
                    row.sent,
                    row.sent_at,
                    row.problem,
                    row.seen,
                    row.seen_at,
                )
                for row in connection.execute(
                    select(_figures)
                    .where(_figures.c.product == product)
                    .order_by(_figures.c.what.desc(), _figures.c.place)
                )
            ]

    def problems(self, catalogue_id: int, what: What, most: int) -> list[tuple[str, str, str, str]]:
        """(product id, SKU of the ERP, place, why) of figures that the channel did not take, or that were not sent."""
        query = (
            select(_products.c.product_id, _products.c.item, _figures.c.place, _figures.c.problem)
            .join(_products, _products.c.id == _figures.c.product)
            .where(_figures.c.catalogue_id == catalogue_id, _figures.c.what == what, _figures.c.problem != "")
            .order_by(_figures.c.product)
            .limit(most)
        )
        with self._db.reading() as connection:
            return [(row.product_id, row.item, row.place, row.problem) for row in connection.execute(query)]

    def count(self, catalogue_id: int, what: What) -> dict[str, int]:
        """How many figures there are, are not sent yet, have a problem, are carried by variants (no problem)."""
        with self._db.reading() as connection:
            unsent, problem = _figures.c.version > _figures.c.done, _figures.c.problem != ""
            carried = and_(_figures.c.what == "stock", _figures.c.wanted == NOTHING["stock"])
            row = connection.execute(
                select(
                    func.count().label("all"),
                    func.coalesce(func.sum(case((unsent, 1), else_=0)), 0).label("unsent"),
                    func.coalesce(func.sum(case((problem, 1), else_=0)), 0).label("problem"),
                    func.coalesce(func.sum(case((carried, 1), else_=0)), 0).label("carried"),
                ).where(_figures.c.catalogue_id == catalogue_id, _figures.c.what == what)
            ).one()
        names = ("all", "unsent", "problem", "carried")
        return {name: int(getattr(row, name)) for name in names}


def is_withheld() -> ColumnElement[bool]:
    """Whether nothing is to be sent. Such a figure is answered for from the beginning."""
    return or_(*(and_(_figures.c.what == what, _figures.c.wanted == none) for what, none in NOTHING.items()))


def is_late(given: Given) -> ColumnElement[bool]:
    """Whether something newer was sent before what is answered now: by another process, while this one stood still."""
    return _figures.c.done > given("done")


def _settled_at(moment: ColumnElement[float]) -> ColumnElement[bool]:
    """Nothing was decided or sent after ``moment``, and all that was decided has been answered."""
    return and_(
        _figures.c.done == _figures.c.version,
        _figures.c.decided_at < moment,
        or_(_figures.c.sent_at.is_(None), _figures.c.sent_at < moment),
    )


def _settled(since: float) -> ColumnElement[bool]:
    return _settled_at(literal(since))


def _decided(given: Given) -> Mapping[str, Any]:
    return {
        "wanted": given("wanted"),
        "version": _figures.c.version + 1,
        "decided_at": given("decided_at"),
        # what is withheld is answered for at once
        "done": case((given("done") > 0, _figures.c.version + 1), else_=_figures.c.done),
        "problem": case(
            (or_(given("done") > 0, is_withheld()), given("problem")),
            else_=_figures.c.problem,
        ),
    }
