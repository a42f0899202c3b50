"""Main items and their variants, between the ERP (by SKU) and the channel (by the product's id)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pomost.catalogue.offer import Offer
from pomost.ports import NeedsPerson
from pomost.store.products import ProductLine
from pomost.store.store import Store
from pomost.trade.card import Card


def main_product(store: Store, offer: Offer, sku: str, main: str) -> ProductLine:
    """The product under which ``sku``, a variant of the item ``main``, stands. Raises NeedsPerson
    ``catalogue.no-main-product``."""
    lines = store.products.of_item(offer.id, main)
    if not lines:
        raise NeedsPerson(
            "catalogue.no-main-product",
            f"Item {sku} is a variant of {main}, which is no product of the channel.",
            "See why that one has no product; once it has one, this goes on.",
            sku=sku,
            main=main,
        )
    if len(lines) > 1:
        ids = ", ".join(line.product_id for line in lines[:10])
        raise NeedsPerson(
            "catalogue.no-main-product",
            f"Item {sku} is a variant of {main}, which is several products: {ids}.",
            "Link one of them only.",
            sku=sku,
            main=main,
        )
    if lines[0].parent_id:
        raise NeedsPerson(
            "catalogue.no-main-product",
            f"Item {sku} is a variant of {main}, whose product {lines[0].product_id} is a variant in the channel itself.",
            "Correct the product, or the main item on the card.",
            sku=sku,
            main=main,
        )
    return lines[0]


def items_of_parents(store: Store, offer: Offer, shown: Iterable[Card]) -> Mapping[str, str]:
    """Id of a main product that the channel shows -> the item that it is, for those that are one."""
    ids = {card.parent for card in shown if card.parent}
    return {line.product_id: line.item for line in store.products.with_ids(offer.id, ids) if line.item}
