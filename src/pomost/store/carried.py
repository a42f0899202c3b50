"""Main products: their stock is carried by their variants, which is a state and no problem.

Such a figure is below zero (``figures.NOTHING``), and those have an index of their own, so that of a million products only these
are read. ``of_items``: only variants that are items carry anything; where a main product can hold the stock of all, those that
are none sell from it.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, Exists, literal_column, select

from pomost.batches import among
from pomost.sql import Database
from pomost.store import schema
from pomost.store.figures import is_withheld
from pomost.store.products import GONE_AFTER

_figures, _products = schema.figures, schema.products
# as the index says it
_CARRIED: ColumnElement[bool] = literal_column("wanted < 0")


class Carried:
    def __init__(self, database: Database) -> None:
        self._db = database

    def products(self, catalogue_id: int, most: int) -> list[tuple[str, str, str]]:
        """(product id, SKU of the ERP, place) of those whose stock is that of their variants, by product."""
        query = (
            select(_products.c.product_id, _products.c.item, _figures.c.place)
            .join(_products, _products.c.id == _figures.c.product)
            .where(_figures.c.catalogue_id == catalogue_id, _figures.c.what == "stock", _CARRIED)
            .order_by(_figures.c.product)
            .limit(most)
        )
        with self._db.reading() as connection:
            return [(row.product_id, row.item, row.place) for row in connection.execute(query)]

    def not_yet(self, catalogue_id: int, parents: Iterable[str], *, of_items: bool = False) -> list[str]:
        """The items of those of these main products (ids) whose stock is still told, though it is that of their variants."""
        with self._db.reading() as connection:
            query = (
                select(_products.c.item)
                .join(_figures, _figures.c.product == _products.c.id)
                .where(
                    _products.c.catalogue_id == catalogue_id,
                    among(connection, _products.c.product_id, list(parents)),
                    _products.c.item != "",
                    _figures.c.what == "stock",
                    ~is_withheld(),
                    *([_variants(of_items)] if of_items else ()),
                )
            )
            return list(connection.execute(query.distinct()).scalars())

    def no_more(self, catalogue_id: int, *, of_items: bool = False) -> list[str]:
        """The items of products whose stock is carried by variants that they do not have (any more)."""
        query = (
            select(_products.c.item)
            .join(_figures, _figures.c.product == _products.c.id)
            .where(
                _figures.c.catalogue_id == catalogue_id,
                _figures.c.what == "stock",
                _CARRIED,
                _products.c.item != "",
                ~_variants(of_items),
            )
        )
        with self._db.reading() as connection:
            return list(connection.execute(query.distinct()).scalars())


def _variants(of_items: bool) -> Exists:
    """Whether the product has variants."""
    variant = _products.alias()
    query = select(variant.c.id).where(
        variant.c.catalogue_id == _products.c.catalogue_id,
        variant.c.parent_id == _products.c.product_id,
        variant.c.missed < GONE_AFTER,
    )
    return (query.where(variant.c.item != "") if of_items else query).exists()
