"""Deciding what products shall show: whatever changed in the ERP is reckoned anew and kept as a new version."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from sqlalchemy import Connection

from pomost.catalogue.offer import Offer
from pomost.ports import Failure, Json
from pomost.ports.catalogue import Stream
from pomost.store.figures import Wanted, What
from pomost.store.pending import News
from pomost.store.store import Store
from pomost.trade.availability import Reckoning, reckon

AT_ONCE = 5_000
"""Items dealt with in one go: so many are held in memory."""


@dataclass(frozen=True, slots=True)
class Withheld:
    """Why there is no figure to be sent; a text that the command line puts into words. Empty: its variants carry it, which is no
    problem."""

    why: str


OF_VARIANTS = Withheld("")


@dataclass(frozen=True, slots=True)
class Scope:
    """What has to be decided anew; None: all items, all places."""

    skus: frozenset[str] | None = None
    places: frozenset[str] | None = None


ALL = Scope()

Pending = Callable[[Collection[str], Collection[str]], Mapping[tuple[str, str], Decimal]]
"""Companies and SKUs -> (company, SKU) -> pieces sold that no document of the ERP holds yet."""


class Maker(Protocol):
    """Makes the figures of one kind."""

    what: What
    stream: Stream
    companies: tuple[str, ...]
    """Those in which a change makes a figure anew."""
    failed: Failure | None
    """Why the grounds are not whole at the moment; what does not depend on the rest of them is made all the same."""

    def grounds(self, before: Json) -> Json:
        """What all figures depend on beside the ERP (rules, dates, rates); where it changes, all are decided anew.

        ``before``: what it was when all were decided last.
        """
        ...

    def scope(self, before: Json, now: Json) -> Scope:
        """What of it a change of the grounds touches."""
        ...

    def figures(self, skus: Collection[str]) -> Mapping[str, Mapping[str, Decimal | Withheld]]:
        """SKU -> place of the channel -> figure, or why none is to be written; nothing for what is not shown at all."""
        ...


class StockMaker:
    """Figures of stock, by the rules of the offer."""

    what: What = "stock"
    stream: Stream = "stock"
    failed: Failure | None = None

    def __init__(self, offer: Offer, pending: Pending) -> None:
        self._offer = offer
        self._pending = pending
        self.companies = offer.companies

    def grounds(self, before: Json) -> Json:
        """The rules."""
        return {"rules": {place: repr(rule) for place, rule in sorted(self._offer.stock.items())}}

    def scope(self, before: Json, now: Json) -> Scope:
        return Scope()

    def figures(self, skus: Collection[str]) -> Mapping[str, Mapping[str, Decimal | Withheld]]:
        return {
            sku: {place: one.figure for place, one in places.items()}
            for sku, places in self.reckon(skus).items()
        }

    def reckon(self, skus: Collection[str]) -> dict[str, dict[str, Reckoning]]:
        """SKU -> place -> the figure and how it came about; nothing for services and for what has no card."""
        offer = self._offer
        # before the stock is read: what passes meanwhile from pending to reserved counts twice, and never not at all
        sold = self._pending(self.companies, offer.erp.sharing(offer.company, skus))
        known = offer.erp.on_hand(offer.company, skus)
        held = {(offer.company, sku): one.held for sku, one in known.items()}
        for company in offer.companies[1:]:
            held.update(
                ((company, sku), one.held) for sku, one in offer.erp.on_hand(company, list(known)).items()
            )
        pending = self._in_parts(sold)
        return {
            sku: {
                place: reckon(rule, sku, known[sku].parts, held, pending)
                for place, rule in offer.stock.items()
            }
            for sku in skus
            if sku in known and known[sku].parts
        }

    def _in_parts(self, sold: Mapping[tuple[str, str], Decimal]) -> dict[tuple[str, str], Decimal]:
        """What was sold as the goods that it takes, kits as their parts."""
        parts: dict[str, tuple[tuple[str, Decimal], ...]] = {}
        if sold:
            offer = self._offer
            asked = offer.erp.on_hand(offer.company, {sku for _, sku in sold})
            parts = {sku: one.parts for sku, one in asked.items()}
        found: dict[tuple[str, str], Decimal] = {}
        for (company, sku), quantity in sold.items():
            for part, ratio in parts.get(sku, ()):
                found[(company, part)] = found.get((company, part), Decimal(0)) + quantity * ratio
        return found


class Decider:
    """Takes what changed from the ERP and decides the figures of its products."""

    def __init__(
        self,
        store: Store,
        offer: Offer,
        maker: Maker,
        now: Callable[[], float],
        at: Callable[[str], None] = lambda point: None,
    ) -> None:
        self._at = at
        self._store = store
        self._offer = offer
        self._maker = maker
        self._now = now
        self._grounded = False
        # where a main product can hold the stock of all, only variants that are items carry it
        self._of_items = offer.channel.mains_hold_stock

    def source(self, company: str) -> str:
        """The name under which the cursor of a company is kept."""
        return cursor_name(self._offer, self._maker.what, company)

    def take_changes(self, company: str, cursor: Json) -> Iterator[int]:
        """Decides for all that changed in ``company`` after ``cursor``; gives how many figures, step by step."""
        more = True
        while more:
            touched = self._offer.erp.touched(company, self._maker.stream, cursor, AT_ONCE)
            if not touched.skus:
                return
            self._at(f"{self._maker.what}:taken")
            yield self.decide(touched.skus, (self.source(company), touched.cursor))
            cursor, more = touched.cursor, touched.more

    def take_grounds(self, still_mine: Callable[[], bool] = lambda: True) -> int:
        """Decides anew what the rules, a date or a rate touch where they changed since that was done last; gives how many
        figures. Cut in the middle it begins again: the grounds are kept only once all is decided."""
        self._grounded = True
        source = f"{self._offer.name}.{self._maker.what}.grounds"[:40]
        before = self._store.looks.cursor(source)
        now = self._maker.grounds(before)
        if now == before:
            return 0
        self._at(f"{self._maker.what}:turned")
        decided = 0
        for some in self.take_all(self._maker.scope(before, now) if before else ALL):
            decided += some
            if not still_mine():
                return decided
        self._at(f"{self._maker.what}:anew")
        self._store.looks.keep(source, now)
        return decided

    def take_all(self, scope: Scope = ALL) -> Iterator[int]:
        """Decides anew for every product that is known to be an item; gives how many figures, step by step."""
        if scope.skus is not None:
            asked = sorted(scope.skus)
            for start in range(0, len(asked), AT_ONCE):
                yield self.decide(asked[start : start + AT_ONCE], places=scope.places)
            return
        after = 0
        while True:
            some = self._store.products.known(self._offer.id, after, AT_ONCE)
            if not some:
                return
            after = some[-1][0]
            yield self.decide({sku for _, sku in some}, places=scope.places)

    def take_undecided(self, after: int = 0) -> int:
        """Decides for products that have no figures yet, beginning after the product with this number; gives the last one."""
        while some := self._store.figures.undecided(self._offer.id, self._maker.what, after, AT_ONCE):
            after = some[-1][0]
            self.decide({sku for _, sku in some})
        return after

    def take_families(self, parents: Collection[str]) -> None:
        """Decides for main products (ids) of which variants became known, as no stock of their own is told any more."""
        if self._maker.what != "stock" or not parents:
            return
        if items := self._store.carried.not_yet(self._offer.id, parents, of_items=self._of_items):
            self.decide(items)

    def take_orphans(self) -> None:
        """Decides for products whose variants are gone: their stock is told again."""
        if self._maker.what != "stock":
            return
        if items := self._store.carried.no_more(self._offer.id, of_items=self._of_items):
            self.decide(items)

    def take_sold(self) -> Iterator[int]:
        """Decides for items of which something else is pending than before; gives how many figures, step by step."""
        pending, offer = self._store.pending, self._offer
        while news := pending.news(offer.id, AT_ONCE):
            ours = {one.sku for one in news if one.company in self._maker.companies}
            skus = offer.erp.sharing(offer.company, ours) if ours else ()

            def dealt_with(connection: Connection, news: Sequence[News] = news) -> None:
                pending.dealt_with(connection, offer.id, news)

            yield self.decide(skus, also=dealt_with)

    def decide(
        self,
        skus: Collection[str],
        cursor: tuple[str, Json] | None = None,
        places: Collection[str] | None = None,
        also: Callable[[Connection], None] = lambda connection: None,
    ) -> int:
        """Decides anew for these items of the ERP; gives how many figures. ``also`` is done in the same transaction."""
        if not self._grounded:
            # whoever decides first in a process: without its grounds a figure would be wrong for good
            self.take_grounds()
        products = self._store.products.of_items(self._offer.id, skus)
        figures = self._maker.figures([sku for sku in skus if sku in products]) if products else {}
        mains: set[int] = set()
        if self._maker.what == "stock" and figures:
            numbers = [number for some in products.values() for number in some]
            mains = self._store.products.mains(self._offer.id, numbers, of_items=self._of_items)
        wanted = (
            _wanted(product, place, OF_VARIANTS if product in mains else figure)
            for sku, shown in figures.items()
            for product in products[sku]
            for place, figure in shown.items()
            if places is None or place in places
        )
        return self._store.figures.decide(
            self._offer.id, self._maker.what, wanted, self._now(), cursor=cursor, also=also
        )


def _wanted(product: int, place: str, figure: Decimal | Withheld) -> Wanted:
    if isinstance(figure, Withheld):
        return Wanted(product, place, None, figure.why)
    return Wanted(product, place, figure)


def cursor_name(offer: Offer, what: What, company: str) -> str:
    return f"{offer.name}.{what}.{company}"[:40]
