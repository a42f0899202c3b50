"""Finding out which item of the ERP each product of a channel is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pomost.catalogue.deciding import Decider
from pomost.catalogue.matching import Matched, Matcher
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
        self,
        store: Store,
        offer: Offer,
        deciders: Sequence[Decider],
        now: Callable[[], float],
        making_items: bool = False,
    ) -> None:
        self._store = store
        self._offer = offer
        self._deciders = deciders
        self._now = now
        self._matcher = Matcher(store, offer, making_items)

    def link(self, still_mine: Callable[[], bool] = lambda: True) -> Linked:
        """One pass over all products; those newly known to be an item get their figures at once."""
        found, began = Linked(), self._now()
        decided = [0 for _ in self._deciders]
        for page in self._offer.channel.products(self._offer.catalogue):
            matched = self._matcher.match(page)
            new = self._store.products.keep(self._offer.id, page, matched.items, self._now())
            found.new += new
            found.products += len(page)
            self._settle(page, matched)
            if new:
                # new products come last, so that what is new of this page follows what was decided for the page before;
                # looking for them on every page of what is known would read all products as many times
                decided = [
                    decider.take_undecided(after)
                    for decider, after in zip(self._deciders, decided, strict=True)
                ]
            if not still_mine():
                found.whole = False
                return found
        self._store.products.all_listed(self._offer.id, began)
        for decider in self._deciders:
            decider.take_undecided()
        return found

    def again(self, product_id: str) -> None:
        """After a person decided of this product: it and those with the same key are matched anew, as they were listed."""
        store, offer = self._store, self._offer
        lines = store.products.with_ids(offer.id, [product_id])
        if offer.match != "id":
            alike = store.products.same(offer.id, offer.match, [getattr(one, offer.match) for one in lines])
            lines += [one for one in alike if one.product_id != product_id]
        page = [Product(line.product_id, line.sku, line.ean, line.name, line.parent_id) for line in lines]
        matched = self._matcher.match(page)
        store.products.relink({line.id: matched.items.get(line.product_id, "") for line in lines})
        self._settle(page, matched)

    def _settle(self, page: Sequence[Product], matched: Matched) -> None:
        """Keeps what is asked, takes back what is clear by now, and what turned out to be no clear item."""
        self._store.products.relink(dict.fromkeys(matched.unlinked, ""))
        self._store.questions.ask(self._offer.id, matched.asked, self._now())
        clear = [one.id for one in page if one.id not in matched.asked]
        self._store.questions.withdraw(self._offer.id, clear)
