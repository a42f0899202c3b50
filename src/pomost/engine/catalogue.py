"""Keeping the catalogues of channels up to date, each by one process at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog

from pomost.catalogue.deciding import Decider, cursor_name
from pomost.catalogue.linking import Linker
from pomost.catalogue.offer import Offer
from pomost.catalogue.sending import Sender
from pomost.engine.watcher import Watcher
from pomost.ports import Failure
from pomost.store.figures import What
from pomost.store.store import Store

log = structlog.get_logger("pomost.engine")

LEASE_S = 30.0


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of figures of an offer: how they are decided and how they are sent."""

    what: What
    companies: Sequence[str]
    decider: Decider
    sender: Sender


@dataclass(slots=True)
class Pace:
    """Seconds between looks, listings and comparisons; how long a change waits for others."""

    every_s: float
    debounce_s: float
    list_s: float
    compare_s: float
    next_list: float = field(default=0.0)


@dataclass(frozen=True, slots=True)
class Prepared:
    """An offer whose channel has been asked for its warehouses, with the parts that keep it up to date."""

    offer: Offer
    lines: Sequence[Line]
    linker: Linker
    sweep: Callable[[], int] = lambda: 0
    """Repairs what is kept of pending goods; done before each listing."""


class CatalogueWatcher(Watcher):
    """One thread for a catalogue: takes what changed in the ERP, decides, sends; lists the channel's products now and then."""

    def __init__(
        self,
        store: Store,
        name: str,
        prepare: Callable[[], Prepared],
        owner: str,
        now: Callable[[], float],
        pace: Pace,
    ) -> None:
        super().__init__(f"catalogue-{name}", pace.every_s, pace.debounce_s)
        self._store = store
        self._source = f"{name}.catalogue"[:40]
        self._prepare = prepare
        self._prepared: Prepared | None = None
        self._owner = owner
        self._now = now
        self._pace = pace

    def look_once(self) -> int:
        """Gives how many products were sent. Raises Failure."""
        if self._store.looks.take(self._source, self._owner, LEASE_S, self._now()) is None:
            return 0
        note = ""
        try:
            return self._work()
        except Failure as failure:
            note = str(failure)
            raise
        finally:
            self._store.looks.end(self._source, self._owner, self._now(), note=note)

    def _held(self) -> bool:
        """Whether this process still has the catalogue; holds it a lease longer."""
        return (
            not self._stop.is_set()
            and self._store.looks.take(self._source, self._owner, LEASE_S, self._now()) is not None
        )

    def _work(self) -> int:
        prepared = self._prepared = self._prepared or self._prepare()
        if self._now() >= self._pace.next_list:
            self._begin(prepared)
            if repaired := prepared.sweep():
                log.warning("pending-repaired", catalogue=prepared.offer.name, items=repaired)
            prepared.linker.link(self._held)
            self._pace.next_list = self._now() + self._pace.list_s
        sent = 0
        for line in prepared.lines:
            if self._decide(prepared.offer, line) and self._pace.debounce_s:
                self._stop.wait(self._pace.debounce_s)
                self._decide(prepared.offer, line)
            sent += line.sender.send(self._held).products
        return sent

    def _begin(self, prepared: Prepared) -> None:
        """Changes from before the first listing need not be taken one by one: the listing decides all."""
        for line in prepared.lines:
            for company in line.companies:
                name = cursor_name(prepared.offer, line.what, company)
                self._store.looks.begin(name, prepared.offer.erp.position(company))

    def _decide(self, offer: Offer, line: Line) -> int:
        """Decides for all that changed in the ERP; gives how many figures."""
        decided = 0
        for company in line.companies:
            cursor = self._store.looks.cursor(cursor_name(offer, line.what, company))
            for some in line.decider.take_changes(company, cursor):
                decided += some
                if not self._held():
                    break
        if line.what == "stock":
            decided += sum(line.decider.take_sold())
        return decided
