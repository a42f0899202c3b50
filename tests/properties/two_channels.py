"""Many buyers in two channels that offer the same few mugs: the real store, ledger, decider and sender; the channels are
modelled, so that calls can be late, lost and doubled at will.

Everything is known here: what was sold anywhere, and what the engine could know when it made the figure that a channel shows.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from pomost.catalogue.deciding import Decider, StockMaker, cursor_name
from pomost.catalogue.offer import Offer
from pomost.catalogue.sending import Sender
from pomost.config.flow import Flow
from pomost.flows.acts.once import made_result
from pomost.flows.catalogue import resolve
from pomost.flows.pending import pending_rule
from pomost.ledger import Ledger, receive_draft
from pomost.ledger.ledger import open_ledger
from pomost.ports import Page, Seen, TryAgain, Waiting
from pomost.ports.catalogue import (
    FROM_THE_FIRST,
    Figures,
    PriceGroup,
    Product,
    Reached,
    Shelves,
    Written,
)
from pomost.store.cases import Outcome
from pomost.store.claims import Claim
from pomost.store.steps import Finished, Intention
from pomost.store.store import Store, open_store
from pomost.trade.availability import StockRule
from pomost.trade.card import Card
from pomost.trade.documents import Document, Draft, DraftLine
from pomost.trade.order import Order, OrderLine, Party
from pomost.trade.vat import VatRate
from tests.house import TODAY

PLACE = "main"
FLOW = resolve(Flow.model_validate({"name": "sklep", "source": "a", "company": "main", "preset": "ro-fs-wz"}))
NEW, CANCELLED = "Nowe zamówienia", "Anulowane"


@dataclass
class Knowledge:
    """What the engine could know when it decided: pieces of each sale, and what had been taken out of stock by hand."""

    sold: dict[int, int]
    removed: int


@dataclass
class Sale:
    """``arrivals``: how many figures had arrived at its channel when it was bought."""

    number: int
    channel: str
    pieces: int
    arrivals: int
    edited: int = 0
    cancelled: bool = False
    seen: int = 0
    case: int = 0
    claim: Claim | None = None
    document: Document | None = None
    stored: bool = False


class Channel:
    """Shows one figure. A call may arrive now, later, twice or never, with its answer or without."""

    batch = 1000
    moves_products = False
    mains_hold_stock = False

    def __init__(self) -> None:
        self.shown = 0
        self.behind = Knowledge({}, 0)
        self.arrivals = 0
        self.drift = 0
        self.fate = "ok"
        self.sending = Knowledge({}, 0)
        self.late: list[tuple[int, Knowledge]] = []

    def write_stock(self, catalogue: str, figures: Figures) -> Written:
        (places,) = figures.values()
        call = int(places[PLACE]), self.sending
        if self.fate in ("ok", "answer-lost", "twice"):
            self.arrive(*call)
        if self.fate in ("late", "twice"):
            self.late.append(call)
        if self.fate in ("late", "lost", "answer-lost"):
            raise TryAgain("test.no-answer", "No answer came.", "It is tried again.")
        return Written()

    def arrive(self, figure: int, knowledge: Knowledge) -> None:
        self.shown, self.behind, self.drift = figure, knowledge, 0
        self.arrivals += 1

    def shelves(self, catalogue: str) -> Shelves:
        return Shelves("1", "Sklep", {PLACE: "Główny"}, (PriceGroup("1", "Detal", "PLN"),))

    def products(self, catalogue: str, after: Reached = FROM_THE_FIRST) -> Iterator[tuple[Product, ...]]:
        yield (Product("1", "", "", "Kubek"),)

    def stock(self, catalogue: str) -> Iterator[Figures]:
        yield {"1": {PLACE: Decimal(self.shown)}}

    def prices(self, catalogue: str) -> Iterator[Figures]:
        yield {}

    def write_prices(self, catalogue: str, figures: Figures) -> Written:
        return Written()

    def read_cards(self, catalogue: str, ids: Collection[str]) -> Mapping[str, Card]:
        return {}

    def put_card(self, catalogue: str, product_id: str, card: Card, fields: Collection[str]) -> str:
        return product_id


class Books:
    """A store and a ledger that many models share, each with an item of its own."""

    def __init__(self, folder: Path) -> None:
        self.store: Store = open_store(f"sqlite:///{folder / 'store.db'}", durable=False)
        self.ledger: Ledger = open_ledger(f"sqlite:///{folder / 'ledger.db'}", durable=False)
        self.ledger.setup.add_company("main", "Sklep", "1234563218")
        self.ledger.setup.add_warehouse("main", "MAG")
        self.store.pending.rule = pending_rule({"sklep": FLOW})
        self.numbers = itertools.count(1)
        self.clock = itertools.count(1)

    def close(self) -> None:
        self.store.close()
        self.ledger.close()


@dataclass
class Model:
    """``counts_pending``: False proves that the property is able to fail."""

    books: Books
    pieces: int
    counts_pending: bool = True
    confirms: bool = False
    sales: list[Sale] = field(default_factory=list)
    removed: int = 0

    def __post_init__(self) -> None:
        self.id = next(self.books.numbers)
        self.sku = f"KUBEK-{self.id}"
        self.store, self.ledger = self.books.store, self.books.ledger
        self.keys = itertools.count(1)
        self.sold = itertools.count(1)
        self.ledger.setup.add_items("main", [{"sku": self.sku, "name": "Kubek", "vat": "23"}])
        self.restock(self.pieces)
        self.channels = {name: Channel() for name in ("a", "b")}
        self.parts: dict[str, tuple[Decider, Sender, Offer]] = {}
        pending = self.store.pending.totals if self.counts_pending else lambda companies, skus: {}
        for name, channel in self.channels.items():
            own = f"{name}{self.id}"
            number = self.store.products.catalogue_id(own)
            rule = StockRule((("main", "MAG"),))
            offer = Offer(number, own, "main", self.ledger, channel, "1", stock={PLACE: rule})
            decider = Decider(self.store, offer, StockMaker(offer, pending), self.now)
            self.parts[name] = decider, Sender(self.store, offer, "stock", self.now), offer
            self.store.products.keep(
                number, (Product("1", self.sku, "", "Kubek"),), {"1": self.sku}, self.now()
            )
            self.store.looks.begin(cursor_name(offer, "stock", "main"), self.ledger.position("main"))
            decider.take_undecided()
            channel.sending = self.knowledge()
            self.send(name, "ok")

    def now(self) -> float:
        return float(next(self.books.clock))

    # --- what is true ------------------------------------------------------------------------------------------------

    def left(self) -> int:
        """Pieces that nobody bought; below zero: sold and not there."""
        level = self.ledger.stock("main", self.sku)["MAG"]
        open_sales = [one for one in self.sales if not one.cancelled]
        return int(level.quantity) - sum(one.pieces for one in open_sales)

    def knowledge(self) -> Knowledge:
        return Knowledge({one.number: one.seen for one in self.sales if not one.cancelled}, self.removed)

    def in_window(self, name: str) -> int:
        """Pieces that the figure shown in this channel could not know of, beyond what the channel took off itself."""
        channel = self.channels[name]
        behind = channel.behind
        pieces = 0
        for one in self.sales:
            if one.cancelled:
                continue
            unknown = max(one.pieces - behind.sold.get(one.number, 0), 0)
            if one.channel == name and one.arrivals == channel.arrivals:
                unknown = min(unknown, one.edited)
            pieces += unknown
        return pieces + channel.drift + self.removed - behind.removed

    # --- what happens ------------------------------------------------------------------------------------------------

    def buy(self, name: str, pieces: int) -> None:
        """Somebody buys what is shown. Where the channel confirms, only what could be reserved at once is sold."""
        channel = self.channels[name]
        pieces = min(pieces, channel.shown)
        if pieces <= 0:
            return
        sale = Sale(next(self.sold), name, pieces, channel.arrivals)
        if self.confirms:
            level = self.ledger.stock("main", self.sku)["MAG"]
            if level.quantity - level.reserved < pieces:
                return
        channel.shown -= pieces
        self.sales.append(sale)
        if self.confirms:
            self.see(sale)
            self.reserve(sale)
            self.remember(sale)
            return
        assert -self.left() <= max(self.in_window(name), 0), (name, self.left(), channel.behind, self.sales)

    def edit(self, sale: Sale, pieces: int) -> None:
        """The buyer adds some; no figure is asked."""
        sale.pieces += pieces
        sale.edited += pieces

    def see(self, sale: Sale) -> None:
        if sale.case and sale.seen == sale.pieces and not sale.cancelled:
            return
        sale.seen = sale.pieces
        line = OrderLine("1", self.sku, "Kubek", Decimal(sale.pieces), Decimal(10), VatRate.of("23"))
        status = CANCELLED if sale.cancelled else NEW
        own = f"{self.id}-{sale.number}"
        order = Order(
            own, own, sale.channel, status, True, datetime(2026, 11, 25, tzinfo=UTC), None,
            "PLN", Party(name="Anna"), (line,),
        )  # fmt: skip
        seen = Seen(own, {"pieces": sale.pieces, "status": status}, order)
        page = Page((seen,), {})
        whose: dict[str, Any] = {"source": sale.channel, "company": "main", "kind": "order", "flow": "sklep"}
        touched = self.store.cases.keep_page(**whose, page=page, now=self.now())
        sale.case = sale.case or touched[0]

    def reserve(self, sale: Sale) -> None:
        """Intended and made; that it was is not stored yet, as after a kill."""
        if not sale.case or sale.document is not None or sale.cancelled:
            return
        sale.claim = self.store.cases.claim_one("worker", sale.case, 1e9, self.now())
        assert sale.claim is not None
        line = DraftLine(self.sku, "Kubek", Decimal(sale.seen), Decimal(10), VatRate.of("23"), order_line="1")
        draft = Draft("RO", "main", self.key("ro", sale), TODAY, buyer=Party(name="Anna"), lines=(line,))
        asked = TypeAdapter(Draft).dump_json(draft).decode()
        self.store.steps.write(sale.claim, self.now(), intended=[Intention("ro", draft.key, asked)])
        sale.document = self.ledger.issue(draft)

    def remember(self, sale: Sale) -> None:
        """It is stored that the document was made."""
        if sale.document is None or sale.stored or sale.claim is None:
            return
        result = made_result(sale.document) | {"print": self.store.cases.load(sale.case).content}
        self.store.steps.write(sale.claim, self.now(), finished=[Finished("ro", result)])
        self.store.cases.release(sale.claim, Outcome("waiting", {}), self.now())
        sale.stored, sale.claim = True, None

    def issue(self, sale: Sale) -> None:
        """The goods leave, and the sale with them."""
        if sale.document is None or sale.cancelled or not sale.stored or sale.seen != sale.pieces:
            return
        if sale.document.lines[0].quantity != sale.pieces:
            return
        try:
            self.ledger.issue(Draft("WZ", "main", self.key("wz", sale), TODAY, sources=(sale.document.id,)))
        except Waiting:
            return
        claim = self.store.cases.claim_one("worker", sale.case, 1e9, self.now())
        if claim is not None:
            self.store.cases.release(claim, Outcome("done", {}), self.now())
        self.sales.remove(sale)
        for channel in self.channels.values():
            channel.behind.sold.pop(sale.number, None)

    def cancel(self, sale: Sale) -> None:
        """Cancelled in the channel and seen; its document is undone."""
        if sale.claim is not None:
            return
        sale.cancelled = True
        if sale.case:
            self.see(sale)
            if sale.document is not None:
                self.ledger.cancel("main", self.key("ro", sale))

    def key(self, step: str, sale: Sale) -> str:
        return f"{step}-{self.id}-{sale.number}"

    def restock(self, pieces: int) -> None:
        goods = {self.sku: (Decimal(pieces), Decimal(5))}
        self.ledger.issue(receive_draft("main", "MAG", f"more-{self.id}-{next(self.keys)}", TODAY, goods))

    def take_out(self, pieces: int) -> None:
        """Broken mugs: RW by hand, of what nobody reserved."""
        level = self.ledger.stock("main", self.sku)["MAG"]
        pieces = min(pieces, int(level.quantity - level.reserved))
        if pieces > 0:
            line = DraftLine(self.sku, "Kubek", Decimal(pieces), Decimal(5), VatRate.of("np"))
            self.ledger.issue(
                Draft("RW", "main", f"rw-{self.id}-{next(self.keys)}", TODAY, basis="net", lines=(line,))
            )
            self.removed += pieces

    def by_hand(self, name: str, figure: int) -> None:
        """Somebody writes a figure of his own into the channel."""
        channel = self.channels[name]
        channel.drift += max(figure - channel.shown, 0)
        channel.shown = figure

    def decide(self, name: str) -> None:
        decider, _, offer = self.parts[name]
        known = self.knowledge()
        cursor = self.store.looks.cursor(cursor_name(offer, "stock", "main"))
        decided = sum(decider.take_changes("main", cursor)) + sum(decider.take_sold())
        if decided:
            self.channels[name].sending = known

    def send(self, name: str, fate: str) -> None:
        channel = self.channels[name]
        channel.fate = fate
        with contextlib.suppress(TryAgain):
            self.parts[name][1].send()

    def arrive(self, name: str) -> None:
        """A call that was on its way so long arrives."""
        channel = self.channels[name]
        if channel.late:
            channel.arrive(*channel.late.pop(0))

    def settle(self) -> None:
        """All is seen, decided and sent; whoever looks finds the truth in both channels."""
        for sale in self.sales:
            self.see(sale)
            self.remember(sale)
        for name, channel in self.channels.items():
            while channel.late:
                self.arrive(name)
            self.parts[name][0].decide({self.sku})
            self.decide(name)
            channel.sending = self.knowledge()
            self.send(name, "ok")
            assert channel.shown == max(self.left(), 0), (name, channel.shown, self.left(), self.sales)
        assert self.store.pending.sweep() == 0, "what is kept follows from the cases"
