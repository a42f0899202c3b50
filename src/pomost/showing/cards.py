"""What a person decides of products, and what would be made for items that have none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Never

from pomost.bootstrap import Pomost
from pomost.catalogue.cards import CardKeeper
from pomost.catalogue.variants import items_of_parents
from pomost.engine.catalogue import Prepared
from pomost.ports import NeedsPerson
from pomost.store.questions import Answered
from pomost.store.store import Store
from pomost.trade.card import Card
from pomost.trade.units import unit_read


def link_product(pomost: Pomost, prepared: Prepared, product: str, sku: str, who: str) -> None:
    """Decides that a product is this item; it stays so whatever is listed later.

    Raises NeedsPerson ``catalogue.no-such-product``, ``catalogue.no-such-item``.
    """
    offer = prepared.offer
    _known(pomost, prepared, product)
    if sku not in offer.erp.cards(offer.company, [sku]):
        raise NeedsPerson(
            "catalogue.no-such-item",
            f"Company {offer.company} has no item {sku}.",
            "Write the SKU as the ERP has it.",
        )
    _decide(pomost, prepared, product, Answered("link", sku), who)


def ignore_product(pomost: Pomost, prepared: Prepared, product: str, who: str) -> None:
    """Decides that a product is left alone. Raises NeedsPerson ``catalogue.no-such-product``."""
    _known(pomost, prepared, product)
    _decide(pomost, prepared, product, Answered("ignore", ""), who)


def missing_products(keeper: CardKeeper, sku: str = "") -> Iterator[str]:
    """Items for which a product would be made."""
    if sku:
        yield from keeper.creator.without_product([sku])
        return
    for some in keeper.creator.items_without_product():
        yield from some


def as_the_erp_says(store: Store, prepared: Prepared, shown: Mapping[str, Card]) -> Mapping[str, Card]:
    """Cards of products with main items by their SKU (one that is no item: "#" and the product's id), and with units."""
    mains = items_of_parents(store, prepared.offer, shown.values())
    unit = prepared.cards.owners.rules.unit_attribute if prepared.cards else ""
    return {
        product: replace(
            unit_read(card, unit),
            parent=mains.get(card.parent or "") or (f"#{card.parent}" if card.parent else None),
        )
        for product, card in shown.items()
    }


def _decide(pomost: Pomost, prepared: Prepared, product: str, answered: Answered, who: str) -> None:
    pomost.store.questions.decide(prepared.offer.id, product, answered, who, pomost.work.now())
    prepared.linker.again(product)
    for line in prepared.lines:
        line.decider.take_undecided()
    if prepared.cards is not None:
        prepared.cards.take_undecided()


def _known(pomost: Pomost, prepared: Prepared, product: str) -> None:
    if pomost.store.products.with_ids(prepared.offer.id, [product]):
        return
    similar = pomost.store.products.find(prepared.offer.id, product)
    ids = ", ".join(line.product_id for line in similar) or "-"
    _no_product(product, ids)


def _no_product(product: str, ids: str) -> Never:
    raise NeedsPerson(
        "catalogue.no-such-product",
        f"No product with the id {product} was listed.",
        f"Write the channel's id of the product; with this SKU or EAN there are: {ids}.",
    )
