"""Finding out which item of the ERP each product of a channel is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pomost.catalogue.deciding import Decider
from pomost.catalogue.matching import Matched, Matcher
from pomost.catalogue.offer import Offer
from pomost.ports import Json
from pomost.ports.catalogue import FROM_THE_FIRST, Product, Reached
from pomost.store.store import Store

GOES_ON_S = 3600.0
"""Seconds after its last page for which a listing that was cut short goes on from there. A longer one begins anew: products
may have been deleted meanwhile, which shifts the pages."""


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
        at: Callable[[str], None] = lambda point: None,
    ) -> None:
        self._at = at
        self._store = store
        self._offer = offer
        self._deciders = deciders
        self._now = now
        self._matcher = Matcher(store, offer, making_items)

    def link(
        self,
        still_mine: Callable[[], bool] = lambda: True,
        told: Callable[[int], None] = lambda products: None,
    ) -> Linked:
        """One pass over all products; those newly known to be an item get their figures at once. ``told`` gets how many were
        read so far after each page.

        A pass that was cut short goes on from its last page.
        """
        began, reached = self._begin()
        found = Linked()
        decided = [0 for _ in self._deciders]
        for page in self._offer.channel.products(self._offer.catalogue, reached):
            matched = self._matcher.match(page)
            new = self._store.products.keep(self._offer.id, page, matched.items, self._now())
            found.new += new
            found.products += len(page)
            told(found.products)
            self._settle(page, matched)
            for decider in self._deciders:
                decider.take_families({one.parent_id for one in page if one.parent_id})
            reached = Reached(reached.pages + 1, page[-1].id)
            self._note(began, reached)
            self._at("list:kept")
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
        self._store.looks.keep(self._source, {})
        for decider in self._deciders:
            decider.take_undecided()
            decider.take_orphans()
        note = {"at": began, "products": found.products}
        self._store.looks.keep(listed_name(self._offer.name), note)
        return found

    @property
    def _source(self) -> str:
        """The name under which is kept how far the listing came."""
        return f"{self._offer.name}.listing"[:40]

    def _about(self) -> Json:
        """What a listing depends on: one that was begun otherwise does not go on."""
        return {"catalogue": self._offer.catalogue, "match": [self._offer.match, self._offer.id_attribute]}

    def _begin(self) -> tuple[float, Reached]:
        """When the listing began, and how far it came by now."""
        kept, now = self._store.looks.cursor(self._source), self._now()
        if kept.get("about") == self._about() and 0 <= now - float(kept["at"]) <= GOES_ON_S:
            return float(kept["began"]), Reached(int(kept["pages"]), str(kept["product"]))
        return now, FROM_THE_FIRST

    def _note(self, began: float, reached: Reached) -> None:
        place = {"pages": reached.pages, "product": reached.product}
        self._store.looks.keep(
            self._source, {"about": self._about(), "began": began, "at": self._now(), **place}
        )

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


def listed_name(catalogue: str) -> str:
    """The name under which it is kept when all products were listed last, and how many there were."""
    return f"{catalogue}.listed"[:40]
