"""Keeping the catalogues of channels up to date, each by one process at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from pomost.catalogue.cards import CardKeeper
from pomost.catalogue.comparing import Compared, Comparer
from pomost.catalogue.deciding import Decider, Maker, cursor_name
from pomost.catalogue.linking import Linker
from pomost.catalogue.offer import Offer
from pomost.catalogue.sending import Sender
from pomost.engine.holding import Holding
from pomost.engine.watcher import Watcher
from pomost.ports import Failure
from pomost.store.figures import Drift, What
from pomost.store.store import Store

log = structlog.get_logger("pomost.engine")


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of figures of an offer: how they are made, decided, sent and compared."""

    what: What
    maker: Maker
    decider: Decider
    sender: Sender
    comparer: Comparer


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between looks, listings and comparisons; how long a change waits for others, a suspicion for another look,
    and what was not taken for another try."""

    every_s: float
    debounce_s: float
    list_s: float
    compare_s: float
    confirm_s: float
    retry_s: float


@dataclass(frozen=True, slots=True)
class Prepared:
    """An offer whose channel has been asked for its warehouses, with the parts that keep it up to date."""

    offer: Offer
    lines: Sequence[Line]
    linker: Linker
    cards: CardKeeper | None = None
    sweep: Callable[[], int] = lambda: 0
    """Repairs what is kept of pending goods; done before each listing."""
    drafts: Callable[[], int] = lambda: 0
    """Asks what became of the order documents that were left in bufor."""


class Suspects:
    """Figures that may be wrong, each with the moment at which it is looked at once more."""

    def __init__(self, after_s: float) -> None:
        self._after_s = after_s
        self._due: dict[Drift, float] = {}

    def replace(self, drifts: Sequence[Drift], now: float) -> None:
        """These and no others; one that shows the same as before keeps its moment."""
        self._due = {one: self._due.get(one, now + self._after_s) for one in drifts}

    def add(self, drifts: Sequence[Drift], now: float) -> None:
        for one in drifts:
            self._due.setdefault(one, now + self._after_s)

    def take_due(self, now: float) -> list[Drift]:
        """Those whose moment has come; they are suspects no more."""
        due = [one for one, moment in self._due.items() if moment <= now]
        for one in due:
            del self._due[one]
        return due


class CatalogueWatcher(Watcher):
    """One thread for a catalogue: takes what changed in the ERP, decides, sends; lists the channel's products now and then."""

    def __init__(
        self,
        store: Store,
        name: str,
        prepare: Callable[[], Prepared],
        owner: str,
        lease_s: float,
        now: Callable[[], float],
        pace: Pace,
    ) -> None:
        super().__init__(f"catalogue-{name}", pace.every_s, pace.debounce_s)
        self._store = store
        self.catalogue = name
        """The name of the entry in the configuration."""
        self._holding = Holding(store.looks, f"{name}.catalogue"[:40], owner, lease_s, now)
        self._said: str | None = None
        self._prepare = prepare
        self._prepared: Prepared | None = None
        self._now = now
        self._pace = pace
        self._next_list = 0.0
        self._next_drafts = 0.0
        self._next_retry = now() + pace.retry_s
        self._next_compare: float | None = None
        self._counter_tells = True
        """Whether a counter lower than what was sent has ever meant that something was not taken."""
        self._suspects: dict[What, Suspects] = {}

    def prepared(self) -> Prepared:
        """The offer and its parts; asks the channel for its warehouses the first time. Raises Failure."""
        if self._prepared is None:
            self._prepared = self._prepare()
        return self._prepared

    def look_once(self) -> int:
        """Gives how many products were sent. Raises Failure."""
        if not self._holding.is_held():
            return 0
        try:
            with self._holding.kept():
                sent = self._work()
        except Failure as failure:
            self._note(str(failure))
            raise
        told = self._half_done()
        if sent or self._said != told:
            self._note(told)
        return sent

    def _half_done(self) -> str:
        """What was left out of a look that did not fail; empty when nothing was."""
        lines = self._prepared.lines if self._prepared else ()
        return " ".join(dict.fromkeys(str(one.maker.failed) for one in lines if one.maker.failed))

    def stop(self) -> None:
        super().stop()
        if not self._thread.is_alive():
            self._holding.release()

    def _note(self, text: str) -> None:
        self._holding.note(text)
        self._said = text

    def _held(self) -> bool:
        """Whether this process still has the catalogue and is not to stop."""
        return not self._stop.is_set() and self._holding.is_held()

    def _work(self) -> int:
        prepared = self.prepared()
        self._list(prepared)
        self._compare(prepared)
        self._retry(prepared)
        if self._now() >= self._next_drafts:
            prepared.drafts()
            self._next_drafts = self._now() + self._pace.every_s
        sent = 0
        for line in prepared.lines:
            line.decider.take_grounds(self._held)
            if self.decide(prepared.offer, line) and self._pace.debounce_s:
                self._stop.wait(self._pace.debounce_s)
                self.decide(prepared.offer, line)
            done = line.sender.send(self._held)
            sent += done.products
            if done.uncertain and self._counter_tells:
                checked = line.comparer.check(done.uncertain)
                self._name_drift(line, checked)
                self._suspects[line.what].add(checked.suspects, self._now())
                self._counter_tells = bool(checked.corrected or checked.suspects)
        if prepared.cards is not None:
            sent += prepared.cards.work(self._held)
        return sent

    def _list(self, prepared: Prepared) -> None:
        """Lists the channel's products where it is time; those that two whole listings did not show are gone."""
        if self._now() < self._next_list:
            return
        self.begin(prepared)
        if repaired := prepared.sweep():
            log.warning("pending-repaired", catalogue=self.catalogue, items=repaired)
        for line in prepared.lines:
            line.decider.take_grounds(self._held)
        if not prepared.linker.link(self._held).whole:
            return
        if prepared.cards is not None:
            prepared.cards.listed(self._held)
        self._next_list = self._now() + self._pace.list_s

    def _retry(self, prepared: Prepared) -> None:
        now = self._now()
        if now >= self._next_retry:
            for line in prepared.lines:
                self._store.figures.retry(prepared.offer.id, line.what, now - self._pace.retry_s / 2, now)
            self._next_retry = now + self._pace.retry_s

    def _compare(self, prepared: Prepared) -> None:
        if self._next_compare is None:
            self._next_compare = self._now() + self._pace.compare_s
        for line in prepared.lines:
            suspects = self._suspects.setdefault(line.what, Suspects(self._pace.confirm_s))
            if self._now() >= self._next_compare:
                compared = line.comparer.compare(self._held)
                self._name_drift(line, compared)
                suspects.replace(compared.suspects, self._now())
            elif due := suspects.take_due(self._now()):
                confirmed = line.comparer.confirm(due)
                self._name_drift(line, confirmed)
                suspects.add(confirmed.suspects, self._now())
        if self._now() >= self._next_compare:
            self._next_compare = self._now() + self._pace.compare_s

    def _name_drift(self, line: Line, compared: Compared) -> None:
        for one in compared.corrected:
            log.warning(
                "figure-drifted",
                catalogue=self.catalogue,
                what=line.what,
                product=one.product_id,
                item=one.item,
                place=one.place,
                wanted=str(one.wanted),
                seen=str(one.seen),
            )

    def begin(self, prepared: Prepared) -> None:
        """Changes from before the first listing need not be taken one by one: the listing decides all."""
        if prepared.cards is not None:
            prepared.cards.begin()
        for line in prepared.lines:
            for company in line.maker.companies:
                name = cursor_name(prepared.offer, line.what, company)
                self._store.looks.begin(name, prepared.offer.erp.position(company))

    def decide(self, offer: Offer, line: Line) -> int:
        """Decides for all that changed in the ERP; gives how many figures."""
        decided = 0
        for company in line.maker.companies:
            cursor = self._store.looks.cursor(cursor_name(offer, line.what, company))
            for some in line.decider.take_changes(company, cursor):
                decided += some
                if not self._held():
                    break
        if line.what == "stock":
            decided += sum(line.decider.take_sold())
        return decided
