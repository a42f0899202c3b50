"""A shop over HTTP and the catalogue joined to it, for the tests of stock, prices and cards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any

from pomost.connectors.woocommerce import Settings, WooCommerceChannel
from pomost.connectors.woocommerce.catalogue import WooCommerceCatalogue
from pomost.ports.catalogue import Figures, Product
from pomost.sandbox.woocommerce import Shop

ALL = "default"


class NoLimit:
    """Lets every call through and keeps what it was told."""

    def __init__(self) -> None:
        self.priorities: list[int] = []
        self.blocked: list[datetime] = []

    def acquire(self, priority: int) -> None:
        self.priorities.append(priority)

    def block(self, until: datetime) -> None:
        self.blocked.append(until)


@contextmanager
def joined(shop: Shop, **changes: Any) -> Iterator[WooCommerceChannel]:
    asked = {
        "name": "sklep",
        "url": shop.url,
        "key": shop.key,
        "secret": shop.secret,
        "timeout_s": 5.0,
        "batch_timeout_s": 5.0,
        **changes,
    }
    channel = WooCommerceChannel(Settings(**asked), NoLimit())
    try:
        yield channel
    finally:
        channel.close()


def catalogue_of(channel: WooCommerceChannel) -> WooCommerceCatalogue:
    assert isinstance(channel.catalogue, WooCommerceCatalogue)
    return channel.catalogue


def by_sku(catalogue: WooCommerceCatalogue) -> dict[str, Product]:
    """All products that have a SKU."""
    return {one.sku: one for page in catalogue.products(ALL) for one in page if one.sku}


def stock_figures(catalogue: WooCommerceCatalogue, **pieces: str) -> Figures:
    """SKU (with _ for -) -> pieces, as figures by product id."""
    ids = {sku.replace("-", "_"): one.id for sku, one in by_sku(catalogue).items()}
    return {ids[sku]: {"shop": Decimal(figure)} for sku, figure in pieces.items()}


def written(shop: Shop, *names: str) -> list[tuple[int, dict[str, Any]]]:
    """What API calls changed of products: id and those values that are named, oldest first."""
    return [
        (one.id, {name: one.changed[name] for name in names if name in one.changed})
        for one in shop.writes
        if one.what in ("product", "variation")
    ]
