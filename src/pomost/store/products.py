"""Products of the channels, and which item of the ERP each of them is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, and_, case, delete, func, select, update

from pomost.batches import among, upsert_rows
from pomost.ports.catalogue import Product
from pomost.sql import Database, insert_unless_there
from pomost.store import schema

_products = schema.products
_CHUNK = 5_000
_LISTED = ("parent_id", "sku", "ean", "name", "item", "problem", "listed_at", "missed")
GONE_AFTER = 2
"""Complete listings without a product after which it counts as gone: a page may shift once while it is read."""


@dataclass(frozen=True, slots=True)
class ProductLine:
    """A product as it was listed last. ``item`` is the SKU of the ERP, empty while it is not known."""

    id: int
    product_id: str
    sku: str
    ean: str
    name: str
    item: str
    problem: str
    parent_id: str = ""


class Products:
    def __init__(self, database: Database) -> None:
        self._db = database

    def catalogue_id(self, name: str) -> int:
        """The number of the catalogue with this name in the configuration; made when it is new."""
        table = schema.catalogues
        with self._db.writing() as connection:
            connection.execute(insert_unless_there(connection, table).values(name=name))
            return int(connection.execute(select(table.c.id).where(table.c.name == name)).scalar_one())

    def keep(self, catalogue_id: int, page: Sequence[Product], items: Mapping[str, str], now: float) -> int:
        """Keeps a page of products; gives how many are new or another item than before.

        ``items``: product id -> SKU of the ERP (missing: not known). Figures that were made of another item go.
        """
        if not page:
            return 0
        ids = [product.id for product in page]
        with self._db.writing() as connection:
            before = {
                row.product_id: row
                for some in _chunks(ids)
                for row in connection.execute(
                    select(_products.c.id, _products.c.product_id, _products.c.item).where(
                        _products.c.catalogue_id == catalogue_id,
                        among(connection, _products.c.product_id, some),
                    )
                )
            }
            rows = [
                {
                    "catalogue_id": catalogue_id,
                    "product_id": product.id,
                    "parent_id": product.parent_id,
                    "sku": product.sku,
                    "ean": product.ean,
                    "name": product.name,
                    "item": items.get(product.id, ""),
                    "problem": "",
                    "listed_at": now,
                    "missed": 0,
                }
                for product in page
            ]
            upsert_rows(
                connection,
                _products,
                ("catalogue_id", "product_id"),
                rows,
                lambda given: {name: given(name) for name in _LISTED},
            )
            others = [row.id for one, row in before.items() if row.item and row.item != items.get(one, "")]
            _forget(connection, others)
        return len(page) - len(before) + len(others)

    def relink(self, items: Mapping[int, str]) -> None:
        """Product number -> the SKU that it is from now on, empty for none. What was decided for another item goes."""
        with self._db.writing() as connection:
            before = {
                row.id: row.item
                for some in _chunks(list(items))
                for row in connection.execute(
                    select(_products.c.id, _products.c.item).where(among(connection, _products.c.id, some))
                )
            }
            others = [number for number, item in before.items() if item != items[number]]
            for number in others:
                connection.execute(
                    update(_products).where(_products.c.id == number).values(item=items[number])
                )
            _forget(connection, [number for number in others if before[number]])

    def same(self, catalogue_id: int, key: Literal["sku", "ean"], values: Iterable[str]) -> list[ProductLine]:
        """Products with one of these SKUs (the channel's) or EANs that are still listed."""
        return self._lines(catalogue_id, key, values, _products.c.missed < GONE_AFTER)

    def with_ids(self, catalogue_id: int, ids: Iterable[str]) -> list[ProductLine]:
        return self._lines(catalogue_id, "product_id", ids)

    def parents(self, catalogue_id: int, ids: Iterable[str]) -> set[str]:
        """Those of the products with these ids that have variants."""
        listed = self._lines(catalogue_id, "parent_id", ids, _products.c.missed < GONE_AFTER)
        return {one.parent_id for one in listed}

    def mains(self, catalogue_id: int, numbers: Iterable[int], *, of_items: bool = False) -> set[int]:
        """Those of the products with these numbers that have variants (``of_items``: such that are items)."""
        variant = _products.alias()
        any_at_all = select(_products.c.id).where(
            _products.c.catalogue_id == catalogue_id, _products.c.parent_id > ""
        )
        of_product = select(variant.c.id).where(
            variant.c.catalogue_id == _products.c.catalogue_id,
            variant.c.parent_id == _products.c.product_id,
            variant.c.missed < GONE_AFTER,
            *([variant.c.item != ""] if of_items else ()),
        )
        found: set[int] = set()
        with self._db.reading() as connection:
            # most catalogues have none, and then nothing is looked for product by product
            if connection.execute(any_at_all.limit(1)).first() is None:
                return found
            for some in _chunks(list(numbers)):
                query = select(_products.c.id).where(
                    among(connection, _products.c.id, some), of_product.exists()
                )
                found.update(connection.execute(query).scalars())
        return found

    def move(self, number: int, parent_id: str) -> None:
        """The product is a variant of this one from now on."""
        with self._db.writing() as connection:
            connection.execute(update(_products).where(_products.c.id == number).values(parent_id=parent_id))

    def linked(self, catalogue_id: int, after: int, most: int) -> list[ProductLine]:
        """Products that are an item, by number."""
        query = select(_products).where(in_order(catalogue_id, after), _products.c.item != "")
        with self._db.reading() as connection:
            return [_line(row) for row in connection.execute(query.order_by(_products.c.id).limit(most))]

    def unlinked(
        self, catalogue_id: int, after: int, most: int, among_ids: Iterable[str] | None = None
    ) -> list[ProductLine]:
        """Products (``among_ids``: of these) that are no item and of which nothing is asked or answered, by number."""
        asked = select(schema.questions.c.product_id).where(
            schema.questions.c.catalogue_id == catalogue_id,
            schema.questions.c.product_id == _products.c.product_id,
        )
        query = select(_products).where(
            _products.c.catalogue_id == catalogue_id,
            _products.c.item == "",
            _products.c.id > after,
            _products.c.missed < GONE_AFTER,
            ~asked.exists(),
        )
        with self._db.reading() as connection:
            if among_ids is not None:
                query = query.where(among(connection, _products.c.product_id, list(among_ids)))
            return [_line(row) for row in connection.execute(query.order_by(_products.c.id).limit(most))]

    def all_listed(self, catalogue_id: int, since: float) -> None:
        """A listing that began at ``since`` was complete: what it did not show is missed once more. What is gone by now has no
        figures any more, until it is listed again."""
        gone = select(_products.c.id).where(
            _products.c.catalogue_id == catalogue_id, _products.c.missed >= GONE_AFTER
        )
        with self._db.writing() as connection:
            connection.execute(
                update(_products)
                .where(_products.c.catalogue_id == catalogue_id, _products.c.listed_at < since)
                .values(missed=_products.c.missed + 1)
            )
            connection.execute(delete(schema.figures).where(schema.figures.c.product.in_(gone)))

    def _lines(
        self, catalogue_id: int, column: str, values: Iterable[str], *also: ColumnElement[bool]
    ) -> list[ProductLine]:
        found: list[ProductLine] = []
        with self._db.reading() as connection:
            for some in _chunks([one for one in dict.fromkeys(values) if one]):
                query = select(_products).where(
                    _products.c.catalogue_id == catalogue_id,
                    among(connection, _products.c[column], some),
                    *also,
                )
                found += [_line(row) for row in connection.execute(query.order_by(_products.c.id))]
        return found

    def of_items(self, catalogue_id: int, items: Iterable[str]) -> dict[str, list[int]]:
        """SKU of the ERP -> the numbers of the products that it is in this catalogue."""
        found: dict[str, list[int]] = {}
        with self._db.reading() as connection:
            for some in _chunks(list(items)):
                query = select(_products.c.id, _products.c.item).where(
                    _products.c.catalogue_id == catalogue_id,
                    among(connection, _products.c.item, some),
                    _products.c.missed < GONE_AFTER,
                )
                for row in connection.execute(query):
                    found.setdefault(row.item, []).append(row.id)
        return found

    def of_item(self, catalogue_id: int, item: str) -> list[ProductLine]:
        """The products that this item is and that are still listed."""
        return self._lines(catalogue_id, "item", [item], _products.c.missed < GONE_AFTER)

    def known(self, catalogue_id: int, after: int, most: int) -> list[tuple[int, str]]:
        """Products that are known to be an item: (number, SKU), in their order after the number ``after``."""
        query = (
            select(_products.c.id, _products.c.item)
            .where(in_order(catalogue_id, after), _products.c.item != "")
            .order_by(_products.c.id)
            .limit(most)
        )
        with self._db.reading() as connection:
            return [(row.id, row.item) for row in connection.execute(query)]

    def count(self, catalogue_id: int) -> dict[str, int]:
        """How many products there are, and how many of them are an item."""
        linked = func.coalesce(func.sum(case((_products.c.item != "", 1), else_=0)), 0)
        query = select(func.count().label("all"), linked.label("linked")).where(
            _products.c.catalogue_id == catalogue_id
        )
        with self._db.reading() as connection:
            row = connection.execute(query).one()
        return {"all": int(row.all), "linked": int(row.linked)}

    def find(self, catalogue_id: int, text: str) -> list[ProductLine]:
        """Products with this SKU (the channel's or the ERP's), EAN or id."""
        query = select(_products).where(
            _products.c.catalogue_id == catalogue_id,
            (_products.c.item == text)
            | (_products.c.sku == text)
            | (_products.c.ean == text)
            | (_products.c.product_id == text),
        )
        with self._db.reading() as connection:
            return [_line(row) for row in connection.execute(query.order_by(_products.c.id))]

    def set_problem(self, numbers: Sequence[int], problem: str) -> None:
        with self._db.writing() as connection:
            for some in _chunks(list(numbers)):
                connection.execute(
                    update(_products).where(among(connection, _products.c.id, some)).values(problem=problem)
                )


def in_order(catalogue_id: int, after: int) -> ColumnElement[bool]:
    """Products after a number, to be read in the order of their numbers, page by page.

    ``+ 0`` keeps the database from going by an index of the catalogue: without figures of how the values are spread
    SQLite would, and then it reads and sorts all products of the catalogue for every page.
    """
    return and_(_products.c.catalogue_id + 0 == catalogue_id, _products.c.id > after)


def numbers_of(connection: Connection, catalogue_id: int, ids: Sequence[str]) -> dict[str, int]:
    """Product id of the channel -> its number here."""
    return {
        row.product_id: row.id
        for some in _chunks(ids)
        for row in connection.execute(
            select(_products.c.id, _products.c.product_id).where(
                _products.c.catalogue_id == catalogue_id, among(connection, _products.c.product_id, some)
            )
        )
    }


def _line(row: Any) -> ProductLine:
    return ProductLine(
        row.id, row.product_id, row.sku, row.ean, row.name, row.item, row.problem, row.parent_id
    )


def _forget(connection: Connection, numbers: Sequence[int]) -> None:
    """What was decided for these products, as they are another item now."""
    for some in _chunks(numbers):
        connection.execute(delete(schema.figures).where(schema.figures.c.product.in_(some)))
        connection.execute(delete(schema.cards).where(schema.cards.c.product.in_(some)))


def _chunks(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK))
