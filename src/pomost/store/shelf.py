"""Products of the catalogues as people look for them: counts, lists by what is wrong, cards with a problem.

Pages go on after the number of the last product; whatever is wrong has an index of its own, so that a million products that are
right cost nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Select, func, literal_column, select, union

from pomost.sql import Database
from pomost.store import schema
from pomost.store.figures import Drift, FigureLine, What
from pomost.store.products import ProductLine

_products, _figures, _cards, _births = schema.products, schema.figures, schema.cards, schema.births
MANY = 10_000
"""Counting stops here."""
PAGE = 50
LOOKED_AT = 20_000
"""Products that are looked at for a text before the page is given as it is."""
_CHUNK = 500
_NAMES = 2_000
"""Names that are looked at in one go."""
Wrong = Literal["", "problem", "unsent", "drift", "unknown", "carried"]
"""Which products: all, or those with something wrong; ``unknown``: no item of the ERP. ``carried``: their stock is that of their
variants, which is nothing wrong."""

# as the partial indexes say it
_UNSENT = "version > done"
_PROBLEM = "problem <> ''"
_DRIFTED = "seen_at IS NOT NULL AND done = version AND decided_at < seen_at"
_CARRIED = "wanted < 0"


@dataclass(frozen=True, slots=True)
class Count:
    """Of one catalogue and kind of figures, each up to MANY + 1."""

    products: int
    linked: int
    unsent: int
    problem: int
    drift: int
    carried: int = 0


@dataclass(frozen=True, slots=True)
class Shown:
    """A product with all its figures, and what is wrong with its card."""

    line: ProductLine
    figures: tuple[FigureLine, ...] = ()
    card_problem: str = ""


@dataclass(frozen=True, slots=True)
class ShelfPage:
    """``following``: the number to ask for the next page with, None at the end. ``cut``: there may be more in between."""

    rows: tuple[Shown, ...]
    following: int | None = None
    cut: bool = False


@dataclass(frozen=True, slots=True)
class BirthLine:
    """A product that is to be made, or was."""

    item: str
    state: str
    product_id: str
    due: bool
    decided_at: float
    sent_at: float | None
    problem: str


@dataclass(frozen=True, slots=True)
class SoldLine:
    """An order of which an item is pending."""

    case_id: int
    number: str
    company: str
    sku: str
    quantity: Decimal
    state: str


@dataclass(frozen=True, slots=True)
class CardLine:
    """A card that was not taken."""

    number: int
    product_id: str
    item: str
    name: str
    problem: str
    tried_at: float | None = field(default=None)


class Shelf:
    def __init__(self, database: Database) -> None:
        self._db = database

    def catalogues(self) -> dict[str, int]:
        """Name -> number of those that were ever kept up to date."""
        with self._db.reading() as connection:
            return {row.name: row.id for row in connection.execute(select(schema.catalogues))}

    def count(self, catalogue_id: int, what: What) -> Count:
        """What is counted is bounded, so the page of a large shop is as quick as that of a small one."""
        of = _figures.c.catalogue_id == catalogue_id, _figures.c.what == what
        own = _products.c.catalogue_id == catalogue_id
        with self._db.reading() as connection:
            return Count(
                _counted(connection, select(_products.c.id).where(own)),
                _counted(connection, select(_products.c.id).where(own, _products.c.item > "")),
                *(
                    _counted(
                        connection, select(_figures.c.product).where(*of, literal_column(which)).distinct()
                    )
                    for which in (_UNSENT, _PROBLEM, _DRIFTED, _CARRIED)
                ),
            )

    def page(
        self, catalogue_id: int, wrong: Wrong = "", text: str = "", after: int = -1, most: int = PAGE
    ) -> ShelfPage:
        """Products of a catalogue by their number, those after the number ``after`` (-1: the first page). ``text``: part of SKU,
        EAN, id, item or name."""
        with self._db.reading() as connection:
            if not text:
                numbers = _numbers(connection, catalogue_id, wrong, after, most + 1)
                rows = _shown(connection, _lines(connection, numbers[:most]))
                return ShelfPage(tuple(rows), numbers[most - 1] if len(numbers) > most else None)
            return _searched(connection, catalogue_id, wrong, text, after, most)

    def drifts(self, catalogue_id: int, what: What, most: int = 1_000) -> list[tuple[Drift, float]]:
        """What the channel shows otherwise and nothing was done about since, with when that was seen."""
        query = (
            select(
                _figures.c.product,
                _products.c.product_id,
                _products.c.item,
                _figures.c.place,
                _figures.c.wanted,
                _figures.c.seen,
                _figures.c.seen_at,
            )
            .join(_products, _products.c.id == _figures.c.product)
            .where(
                _figures.c.catalogue_id == catalogue_id,
                _figures.c.what == what,
                *(literal_column(f"figures.{one}") for one in _DRIFTED_PARTS),
            )
            .order_by(_figures.c.product, _figures.c.place)
            .limit(most)
        )
        with self._db.reading() as connection:
            return [
                (
                    Drift(row.product, row.product_id, row.item, row.place, row.wanted, row.seen),
                    float(row.seen_at),
                )
                for row in connection.execute(query)
            ]

    def unsent(self, catalogue_id: int, what: What) -> int:
        """How many products have something unsent; all are counted, through their index."""
        query = (
            select(_figures.c.product)
            .where(_figures.c.catalogue_id == catalogue_id, _figures.c.what == what, literal_column(_UNSENT))
            .distinct()
        )
        with self._db.reading() as connection:
            return int(connection.execute(select(func.count()).select_from(query.subquery())).scalar_one())

    def unsent_cards(self, catalogue_id: int) -> int:
        """How many cards are still to be looked at, through their index."""
        query = select(func.count()).where(_cards.c.catalogue_id == catalogue_id, literal_column(_UNSENT))
        with self._db.reading() as connection:
            return int(connection.execute(query.select_from(_cards)).scalar_one())

    def sold(self, companies: Collection[str], skus: Collection[str], most: int = 50) -> list[SoldLine]:
        """Orders of which one of these items is sold and on no document yet, the oldest first."""
        pending, cases = schema.pending, schema.cases
        query = (
            select(pending, cases.c.number, cases.c.state)
            .join(cases, cases.c.id == pending.c.case_id)
            .where(pending.c.company.in_(sorted(companies)), pending.c.sku.in_(sorted(skus)))
            .order_by(pending.c.case_id)
            .limit(most)
        )
        with self._db.reading() as connection:
            return [
                SoldLine(row.case_id, row.number, row.company, row.sku, row.quantity, row.state)
                for row in connection.execute(query)
            ]

    def card_problems(self, catalogue_id: int, after: int = 0, most: int = PAGE) -> list[CardLine]:
        """Cards that were not taken, by the number of their product."""
        query = (
            select(_cards.c.product, _products, _cards.c.problem.label("why"), _cards.c.sent_at)
            .join(_products, _products.c.id == _cards.c.product)
            .where(
                _cards.c.catalogue_id == catalogue_id,
                literal_column("cards.problem <> ''"),
                _cards.c.product > after,
            )
            .order_by(_cards.c.product)
            .limit(most)
        )
        with self._db.reading() as connection:
            return [
                CardLine(row.product, row.product_id, row.item, row.name, row.why, row.sent_at)
                for row in connection.execute(query)
            ]

    def births(self, catalogue_id: int, after: str = "", most: int = PAGE) -> list[BirthLine]:
        """Products to be made and made, by item."""
        query = (
            select(_births)
            .where(_births.c.catalogue_id == catalogue_id, _births.c.item > after)
            .order_by(_births.c.item)
            .limit(most)
        )
        with self._db.reading() as connection:
            return [
                BirthLine(
                    row.item,
                    row.state,
                    row.product_id,
                    row.version > row.done,
                    row.decided_at,
                    row.sent_at,
                    row.problem,
                )
                for row in connection.execute(query)
            ]

    def shown(self, lines: Sequence[ProductLine]) -> list[Shown]:
        """These products with their figures."""
        with self._db.reading() as connection:
            return _shown(connection, lines)


_DRIFTED_PARTS = ("seen_at IS NOT NULL", "done = figures.version", "decided_at < figures.seen_at")


def _counted(connection: Connection, query: Select[Any]) -> int:
    some = query.limit(MANY + 1).subquery()
    return int(connection.execute(select(func.count()).select_from(some)).scalar_one())


def _numbers(connection: Connection, catalogue_id: int, wrong: Wrong, after: int, most: int) -> list[int]:
    """Numbers of products after ``after``, ascending."""

    def of_figures(which: str) -> list[Select[Any]]:
        return [
            select(_figures.c.product.label("number"))
            .where(
                _figures.c.catalogue_id == catalogue_id,
                _figures.c.what == what,
                _figures.c.product > after,
                literal_column(which),
            )
            .distinct()
            .order_by(_figures.c.product)
            .limit(most)
            for what in ("stock", "price")
        ]

    def of_products(*which: ColumnElement[Any]) -> Select[Any]:
        return (
            select(_products.c.id.label("number"))
            .where(_products.c.catalogue_id == catalogue_id, _products.c.id > after, *which)
            .order_by(_products.c.id)
            .limit(most)
        )

    def of_cards(which: str) -> Select[Any]:
        return (
            select(_cards.c.product.label("number"))
            .where(_cards.c.catalogue_id == catalogue_id, _cards.c.product > after, literal_column(which))
            .order_by(_cards.c.product)
            .limit(most)
        )

    runs: list[Select[Any]]
    if wrong == "problem":
        runs = [*of_figures(_PROBLEM), of_cards(_PROBLEM), of_products(literal_column(_PROBLEM))]
    elif wrong == "unsent":
        runs = [*of_figures(_UNSENT), of_cards(_UNSENT)]
    elif wrong == "drift":
        runs = of_figures(_DRIFTED)
    elif wrong == "carried":
        runs = of_figures(_CARRIED)
    elif wrong == "unknown":
        runs = [of_products(_products.c.item == "")]
    else:
        runs = [of_products()]
    found: set[int] = set()
    for run in runs:
        found.update(int(one) for one in connection.execute(run).scalars())
    return sorted(found)[:most]


def _searched(
    connection: Connection, catalogue_id: int, wrong: Wrong, text: str, after: int, most: int
) -> ShelfPage:
    """Those whose SKU, EAN or id is the text are a page of their own, found by their indexes; then those that hold it, number
    by number."""
    exact = [] if wrong else _exact(connection, catalogue_id, text)
    if exact and after < 0:
        return ShelfPage(tuple(_shown(connection, exact)), 0)
    known = {line.id for line in exact}
    wanted = text.casefold()
    kept: list[int] = []
    looked, last = 0, after
    while looked < LOOKED_AT:
        rows = _named(connection, catalogue_id, wrong, last)
        for number, *said in rows:
            if number not in known and wanted in "\n".join(said).casefold():
                if len(kept) >= most:
                    return ShelfPage(tuple(_shown(connection, _lines(connection, kept))), last)
                kept.append(number)
            last = number
        looked += len(rows)
        if len(rows) < _NAMES:
            return ShelfPage(tuple(_shown(connection, _lines(connection, kept))), None)
    return ShelfPage(tuple(_shown(connection, _lines(connection, kept))), last, cut=True)


def _named(
    connection: Connection, catalogue_id: int, wrong: Wrong, after: int
) -> Sequence[tuple[int, str, str, str, str, str]]:
    """Number, SKU, EAN, item, id and name of the next products."""
    query = select(
        _products.c.id,
        _products.c.sku,
        _products.c.ean,
        _products.c.item,
        _products.c.product_id,
        _products.c.name,
    ).order_by(_products.c.id)
    if wrong:
        numbers = _numbers(connection, catalogue_id, wrong, after, _NAMES)
        query = query.where(_products.c.id.in_(numbers))
    else:
        query = query.where(_products.c.catalogue_id == catalogue_id, _products.c.id > after).limit(_NAMES)
    return [tuple(row) for row in connection.execute(query)]


def _exact(connection: Connection, catalogue_id: int, text: str) -> list[ProductLine]:
    own = _products.c.catalogue_id == catalogue_id
    parts = [
        select(_products.c.id).where(own, _products.c[name] == text)
        for name in ("sku", "ean", "item", "product_id")
    ]
    numbers = [int(one) for one in connection.execute(union(*parts)).scalars()]
    return _lines(connection, sorted(numbers)[:PAGE])


def _lines(connection: Connection, numbers: Sequence[int]) -> list[ProductLine]:
    found: list[ProductLine] = []
    for some in _chunks(numbers):
        query = select(_products).where(_products.c.id.in_(some)).order_by(_products.c.id)
        found += [
            ProductLine(
                row.id, row.product_id, row.sku, row.ean, row.name, row.item, row.problem, row.parent_id
            )
            for row in connection.execute(query)
        ]
    return found


def _shown(connection: Connection, lines: Sequence[ProductLine]) -> list[Shown]:
    numbers = [line.id for line in lines]
    figures: dict[int, list[FigureLine]] = {}
    problems: dict[int, str] = {}
    for some in _chunks(numbers):
        query = (
            select(_figures)
            .where(_figures.c.product.in_(some))
            .order_by(_figures.c.product, _figures.c.what.desc(), _figures.c.place)
        )
        for row in connection.execute(query):
            figures.setdefault(row.product, []).append(
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
            )
        cards = select(_cards.c.product, _cards.c.problem).where(_cards.c.product.in_(some))
        problems.update((row.product, row.problem) for row in connection.execute(cards))
    return [Shown(line, tuple(figures.get(line.id, ())), problems.get(line.id, "")) for line in lines]


def _chunks(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    return (numbers[start : start + _CHUNK] for start in range(0, len(numbers), _CHUNK))
