"""Comparing with the figures that the channel itself shows: drift is found, named and put right.

A channel lowers its own stock when somebody buys, before we have read the order. A figure that is lower than ours may
therefore be right: it is corrected only when it is the same some time later, after the orders were read. A figure that is
higher sells what is not there and is corrected at once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pomost.catalogue.offer import Offer
from pomost.ports.catalogue import Figures
from pomost.store.figures import Drift, What
from pomost.store.store import Store

REREAD = 2_000
"""Suspects that are read one by one; where there are more the next comparison tells."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What a comparison found. ``corrected`` will be sent again; ``suspects`` are looked at once more."""

    products: int
    corrected: tuple[Drift, ...]
    suspects: tuple[Drift, ...]
    whole: bool = True


class Comparer:
    """Compares one kind of figures of an offer."""

    def __init__(self, store: Store, offer: Offer, what: What, now: Callable[[], float]) -> None:
        self._store = store
        self._offer = offer
        self._what = what
        self._now = now

    def compare(
        self,
        still_mine: Callable[[], bool] = lambda: True,
        told: Callable[[int], None] = lambda products: None,
    ) -> Compared:
        """Reads all of the channel's figures. Raises what calls raise; nothing is decided then. ``told`` gets how many products
        were read so far after each page."""
        read = self._offer.channel.stock if self._what == "stock" else self._offer.channel.prices
        began = self._now()
        found = self._compare(read(self._offer.catalogue), still_mine, told)
        if found.whole:
            self._store.figures.unsee(self._offer.id, self._what, began)
            drift = len(found.corrected) + len(found.suspects)
            note = {"at": began, "products": found.products, "drift": drift}
            self._store.looks.keep(compared_name(self._offer.name, self._what), note)
        return found

    def check(self, ids: Collection[str]) -> Compared:
        """Compares these products only."""
        return self._compare(iter([self._read(ids)]), lambda: True)

    def _compare(
        self,
        pages: Iterator[Figures],
        still_mine: Callable[[], bool],
        told: Callable[[int], None] = lambda products: None,
    ) -> Compared:
        began, products, whole = self._now(), 0, True
        for page in pages:
            self._store.figures.compare(self._offer.id, self._what, page, began, self._now())
            products += len(page)
            told(products)
            if not still_mine():
                whole = False
                break
        found = self._store.figures.drifted(self._offer.id, self._what, began)
        at_once = [one for one in found if self._is_urgent(one)]
        self._store.figures.correct(self._what, at_once, self._now())
        urgent = set(at_once)
        return Compared(products, tuple(at_once), tuple(one for one in found if one not in urgent), whole)

    def confirm(self, suspects: Sequence[Drift]) -> Compared:
        """Looks at suspects once more: those that show the same as before are corrected, those that moved stay suspects."""
        shown = self._read({one.product_id for one in suspects[:REREAD]})
        agree, wrong, moved = [], [], []
        for one in suspects[:REREAD]:
            seen = shown.get(one.product_id, {}).get(one.place)
            if seen is None or seen == one.wanted:
                agree.append(one)
            elif seen == one.seen:
                wrong.append(one)
            else:
                moved.append(Drift(one.product, one.product_id, one.item, one.place, one.wanted, seen))
        self._store.figures.agree(self._what, agree)
        self._store.figures.correct(self._what, wrong, self._now())
        return Compared(len(shown), tuple(wrong), (*moved, *suspects[REREAD:]))

    def _is_urgent(self, drift: Drift) -> bool:
        return self._what != "stock" or drift.seen > drift.wanted

    def _read(self, ids: Collection[str]) -> dict[str, Mapping[str, Decimal]]:
        products = self._offer.channel.read(self._offer.catalogue, ids)
        return {one.id: one.stock if self._what == "stock" else one.prices for one in products}


def compared_name(catalogue: str, what: What) -> str:
    """The name under which it is kept when all was compared last, and what that found."""
    return f"{catalogue}.{what}.compared"[:40]
