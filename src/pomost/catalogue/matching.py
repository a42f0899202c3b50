"""Which item each product is, by the declared key. What is not clear is a question to a person; nothing is taken at random."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pomost.catalogue.offer import Offer
from pomost.ports import NeedsPerson
from pomost.ports.catalogue import Product
from pomost.store.products import ProductLine
from pomost.store.store import Store

ADVICE = "Correct the one that is wrong, or decide: `pomost items link PRODUCT SKU`, `pomost items ignore PRODUCT`."
MOST_NAMED = 10


@dataclass(slots=True)
class Matched:
    """``items``: product id -> SKU of the ERP. ``asked``: product id -> the question. ``unlinked``: numbers of products
    listed before that turn out to be no clear item."""

    items: dict[str, str] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)
    unlinked: set[int] = field(default_factory=set)


class Matcher:
    """Matches products by SKU, EAN, or their id kept in an attribute of the item."""

    def __init__(self, store: Store, offer: Offer, making_items: bool = False) -> None:
        self._store = store
        self._offer = offer
        self._making_items = making_items

    def match(self, products: Sequence[Product]) -> Matched:
        """A page of products, beside those that were kept before."""
        offer, found = self._offer, Matched()
        answers = self._store.questions.answers(offer.id, [one.id for one in products])
        headless = self._headless(products)
        keys = {
            one.id: key
            for one in products
            if one.id not in answers and one.id not in headless and (key := self._key(one))
        }
        candidates = self._candidates(set(keys.values()))
        alike = self._alike(products, headless, set(keys.values()))
        for one in products:
            answer = answers.get(one.id)
            if answer is not None:
                if answer.answer == "link":
                    found.items[one.id] = answer.item
                continue
            key = keys.get(one.id, "")
            items = candidates.get(key, ())
            if not key or (not items and not self._making_items):
                continue
            same = alike.get(key, {one.id: None})
            if len(items) > 1:
                found.asked[one.id] = self._several_items(one.id, key, items)
            elif len(same) > 1:
                self._ask_all(same, key, found)
            elif items:
                found.items[one.id] = items[0]
        found.unlinked |= self._parents_linked_before(products, headless)
        return found

    def _key(self, product: Product) -> str:
        match = self._offer.match
        return product.sku if match == "sku" else product.ean if match == "ean" else product.id

    def _candidates(self, keys: set[str]) -> Mapping[str, tuple[str, ...]]:
        offer = self._offer
        if not keys:
            return {}
        key = offer.id_attribute if offer.match == "id" else offer.match
        return offer.erp.find_items(offer.company, key, keys)

    def _headless(self, products: Sequence[Product]) -> set[str]:
        """Products that have variants and no SKU of their own: what is sold are their variants."""
        without = {one.id for one in products if not one.sku}
        here = {one.parent_id for one in products if one.parent_id}
        return (without & here) | self._store.products.parents(self._offer.id, without)

    def _alike(
        self, products: Sequence[Product], headless: set[str], keys: set[str]
    ) -> dict[str, dict[str, ProductLine | None]]:
        """Key -> the products that have it, on this page (None) or kept before; those left out by a person do not count."""
        match = self._offer.match
        if match == "id":
            return {}
        here = {one.id for one in products}
        before = [
            line
            for line in self._store.products.same(self._offer.id, match, keys)
            if line.product_id not in here
        ]
        without = {line.product_id for line in before if not line.sku}
        hidden = headless | self._store.products.parents(self._offer.id, without)
        answers = self._store.questions.answers(
            self._offer.id, [*here, *(line.product_id for line in before)]
        )
        ignored = {one for one, answer in answers.items() if answer.answer == "ignore"}
        found: dict[str, dict[str, ProductLine | None]] = {}
        for one in products:
            if one.id not in hidden and one.id not in ignored:
                found.setdefault(self._key(one), {})[one.id] = None
        for line in before:
            if line.product_id not in hidden and line.product_id not in ignored:
                # a product that a person linked counts, but stays what it is
                decided = line.product_id in answers
                key = line.sku if match == "sku" else line.ean
                found.setdefault(key, {})[line.product_id] = None if decided else line
        return found

    def _ask_all(self, same: Mapping[str, ProductLine | None], key: str, found: Matched) -> None:
        text = self._several_products(key, list(same))
        answered = self._store.questions.answers(self._offer.id, same)
        for product_id, line in same.items():
            if product_id not in answered:
                found.asked[product_id] = text
            if line is not None and line.item:
                found.unlinked.add(line.id)

    def _parents_linked_before(self, products: Sequence[Product], headless: set[str]) -> set[int]:
        """Products that were taken for items before their variants were listed."""
        here = {one.id for one in products}
        parents = {one.parent_id for one in products if one.parent_id and one.parent_id not in here}
        lines = [
            line
            for line in self._store.products.with_ids(self._offer.id, parents - headless)
            if line.item and not line.sku
        ]
        answers = self._store.questions.answers(self._offer.id, [line.product_id for line in lines])
        return {line.id for line in lines if line.product_id not in answers}

    def _several_products(self, key: str, ids: Sequence[str]) -> str:
        ids = [*sorted(ids)[:MOST_NAMED], *(["..."] if len(ids) > MOST_NAMED else [])]
        return str(
            NeedsPerson(
                "catalogue.ambiguous",
                f"Several products of the channel have the {self._offer.match} {key}: {', '.join(ids)}.",
                ADVICE,
            )
        )

    def _several_items(self, product: str, key: str, items: Sequence[str]) -> str:
        skus = [*items[:MOST_NAMED], *(["..."] if len(items) > MOST_NAMED else [])]
        return str(
            NeedsPerson(
                "catalogue.ambiguous",
                f"Product {product} may be several items, which have the {self._offer.match} {key}: {', '.join(skus)}.",
                ADVICE,
            )
        )
