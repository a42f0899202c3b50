"""Deciding what products shall show: whatever changed in the ERP is reckoned anew and kept as a new version."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Protocol

from sqlalchemy import Connection

from pomost.catalogue.offer import Offer
from pomost.ports import Json
from pomost.ports.catalogue import Stream
from pomost.store.figures import Wanted, What
from pomost.store.pending import News
from pomost.store.store import Store
from pomost.trade.availability import Reckoning, reckon

AT_ONCE = 5_000
"""Items dealt with in one go: so many are held in memory."""

Pending = Callable[[Collection[str], Collection[str]], Mapping[tuple[str, str], Decimal]]
"""Companies and SKUs -> (company, SKU) -> pieces sold that no document of the ERP holds yet."""


class Maker(Protocol):
    """Makes the figures of one kind."""

    what: What
    stream: Stream
    companies: tuple[str, ...]
    """Those in which a change makes a figure anew."""

    def figures(self, skus: Collection[str]) -> Mapping[str, Mapping[str, Decimal]]:
        """SKU -> place of the channel -> figure; nothing for what is not to be written."""
        ...


class StockMaker:
    """Figures of stock, by the rules of the offer."""

    what: What = "stock"
    stream: Stream = "stock"

    def __init__(self, offer: Offer, pending: Pending) -> None:
        self._offer = offer
        self._pending = pending
        self.companies = offer.companies

    def figures(self, skus: Collection[str]) -> Mapping[str, Mapping[str, Decimal]]:
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

    def __init__(self, store: Store, offer: Offer, maker: Maker, now: Callable[[], float]) -> None:
        self._store = store
        self._offer = offer
        self._maker = maker
        self._now = now

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
            yield self.decide(touched.skus, (self.source(company), touched.cursor))
            cursor, more = touched.cursor, touched.more

    def take_undecided(self) -> Iterator[int]:
        """Decides for products that have no figures yet; gives how many figures, step by step."""
        after = 0
        while True:
            some = self._store.figures.undecided(self._offer.id, self._maker.what, after, AT_ONCE)
            if not some:
                return
            after = some[-1][0]
            yield self.decide({sku for _, sku in some})

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
        also: Callable[[Connection], None] = lambda connection: None,
    ) -> int:
        """Decides anew for these items of the ERP; gives how many figures. ``also`` is done in the same transaction."""
        products = self._store.products.of_items(self._offer.id, skus)
        figures = self._maker.figures([sku for sku in skus if sku in products]) if products else {}
        wanted = (
            Wanted(product, place, figure)
            for sku, places in figures.items()
            for product in products[sku]
            for place, figure in places.items()
        )
        return self._store.figures.decide(
            self._offer.id, self._maker.what, wanted, self._now(), cursor=cursor, also=also
        )


def cursor_name(offer: Offer, what: What, company: str) -> str:
    return f"{offer.name}.{what}.{company}"[:40]
