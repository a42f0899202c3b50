"""Finding out which item of the ERP each product of a channel is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pomost.catalogue.deciding import Decider
from pomost.catalogue.offer import Offer
from pomost.ports.catalogue import Product
from pomost.store.store import Store


@dataclass(slots=True)
class Linked:
    """What a pass over the channel's products found; ``whole`` unless it was ended early."""

    products: int = 0
    new: int = 0
    whole: bool = True


class Linker:
    """Reads the channel's products and keeps them with the items they are."""

    def __init__(
        self, store: Store, offer: Offer, deciders: Sequence[Decider], now: Callable[[], float]
    ) -> None:
        self._store = store
        self._offer = offer
        self._deciders = deciders
        self._now = now

    def link(self, still_mine: Callable[[], bool] = lambda: True) -> Linked:
        """One pass over all products; those newly known to be an item get their figures at once."""
        found = Linked()
        decided = [0 for _ in self._deciders]
        for page in self._offer.channel.products(self._offer.catalogue):
            found.new += self._store.products.keep(self._offer.id, page, self._items(page), self._now())
            found.products += len(page)
            # new products come last, so that what is new of this page follows what was decided for the page before
            decided = [
                decider.take_undecided(after) for decider, after in zip(self._deciders, decided, strict=True)
            ]
            if not still_mine():
                found.whole = False
                break
        for decider in self._deciders:
            decider.take_undecided()
        return found

    def _items(self, page: Sequence[Product]) -> Mapping[str, str]:
        cards = self._offer.erp.cards(self._offer.company, {product.sku for product in page if product.sku})
        return {product.id: product.sku for product in page if product.sku in cards}
