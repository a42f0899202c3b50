"""Long acts on the catalogues: sending all that is shown, and comparing it. Harmless beside a Pomost that runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pomost.bootstrap import Pomost
from pomost.catalogue.sending import Sent
from pomost.engine.catalogue import Prepared
from pomost.progress import Report, silent
from pomost.showing.looking import lines_of
from pomost.store.figures import Drift, What


@dataclass(frozen=True, slots=True)
class Pushed:
    """What came of pushing one catalogue."""

    catalogue: str
    products: int
    calls: int
    problems: int


@dataclass(frozen=True, slots=True)
class ComparedHere:
    """What a comparison of one catalogue found."""

    catalogue: str
    products: int
    drifts: tuple[Drift, ...]


def push(
    pomost: Pomost,
    what: What,
    *,
    sku: str = "",
    catalogue: str = "",
    listing: bool = True,
    report: Report = silent,
) -> list[Pushed]:
    """Reckons anew and sends now, whatever was sent before: one item, or all. ``listing``: the channel's products are listed
    first. Raises Failure."""
    found = []
    for watcher, line in lines_of(pomost, what, catalogue):
        offer = watcher.prepared().offer
        line.decider.take_grounds()
        if listing:
            watcher.prepared().linker.link(told=report)
        if sku:
            line.decider.decide([sku])
        else:
            for _ in line.decider.take_all():
                report(0)
        total = pomost.store.shelf.unsent(offer.id, what)
        report(0, total)
        done = line.sender.send(told=_sending(report, total))
        found.append(Pushed(watcher.catalogue, done.products, done.calls, done.problems))
    return found


def push_again(pomost: Pomost, catalogue: str, report: Report = silent) -> list[Pushed]:
    """What channels did not take is sent once more, figures and cards. Raises Failure."""
    found = []
    store, now = pomost.store, pomost.work.now()
    for watcher in pomost.catalogues:
        if watcher.catalogue != catalogue:
            continue
        prepared = watcher.prepared()
        sums = [0, 0, 0]
        for line in prepared.lines:
            store.figures.retry(prepared.offer.id, line.what, now + 1, now)
            total = store.shelf.unsent(prepared.offer.id, line.what)
            report(0, total)
            done = line.sender.send(told=_sending(report, total))
            sums = [sums[0] + done.products, sums[1] + done.calls, sums[2] + done.problems]
        found.append(Pushed(catalogue, *sums))
    return found


def compare(
    pomost: Pomost, what: What, *, catalogue: str = "", report: Report = silent
) -> list[ComparedHere]:
    """Reads what the channels show and names what differs; a Pomost that runs puts it right. Raises Failure."""
    found = []
    for watcher, line in lines_of(pomost, what, catalogue):
        total = pomost.store.shelf.count(watcher.prepared().offer.id, what).products
        compared = line.comparer.compare(told=_reading(report, total))
        drifts = sorted((*compared.corrected, *compared.suspects), key=lambda one: one.item)
        found.append(ComparedHere(watcher.catalogue, compared.products, tuple(drifts)))
    return found


def make_cards_due(pomost: Pomost, prepared: Prepared, sku: str = "") -> int:
    """Cards of one item or of all are looked at again, whatever was sent before; whoever keeps the catalogue sends them. Gives
    how many."""
    keeper = prepared.cards
    if keeper is None:
        return 0
    number, now = prepared.offer.id, pomost.work.now()
    if not sku:
        return pomost.store.cards.decide_all(number, now)
    linked = pomost.store.products.of_items(number, [sku]).get(sku, [])
    due = pomost.store.cards.decide(number, linked, now)
    if keeper.owners.create:
        new = keeper.creator.without_product([sku])
        pomost.store.births.want(number, new, now, again=True)
        due += len(new)
    return due


def _sending(report: Report, total: int) -> Callable[[Sent], None]:
    return lambda done: report(done.products, max(total, done.products))


def _reading(report: Report, total: int) -> Callable[[int], None]:
    return lambda products: report(products, max(total, products))
