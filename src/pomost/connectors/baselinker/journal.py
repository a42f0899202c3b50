"""The journal of orders as a source of hints: which orders changed, and whether it was us.

An entry says that something happened, never what the order is like now. Numbers of entries: reference of the API,
section getJournalList. Unknown numbers count as a change.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import count
from threading import Lock

from pydantic import ValidationError

from pomost.connectors.baselinker.methods import BaseLinkerClient
from pomost.connectors.baselinker.wire_types import WireLog
from pomost.ports import Json

CREATED, CONFIRMED, MERGED, SPLIT, INVOICED, RECEIPTED = 1, 2, 5, 6, 7, 8
EDITED, COPIED, MOVED = 16, 17, 18
NEW = frozenset({CREATED, CONFIRMED})
NAMES_ANOTHER = frozenset({MERGED, SPLIT, COPIED})
"""Entries whose object is another order."""
PARTS_OF_ONE = frozenset({MERGED, SPLIT})
"""Entries whose two orders are parts of one purchase; a copy is a purchase of its own."""
NO_CHANGE = frozenset({7, 8, 9, 10, 15, 19, 20, 22})
"""Invoices, receipts, shipments, blacklist: nothing that an order's documents depend on."""
REMEMBERED = 200
PAGES_AT_ONCE = 10
"""After so many pages the orders they named are read before it is asked for more."""
LIKELY_PAGE = 100
SMALL_PAGE = 10
"""The size of a page is not documented; one shorter than this is never a full one."""


@dataclass(frozen=True, slots=True)
class Event:
    id: int
    kind: int
    order_id: int
    object_id: int
    at: int


@dataclass(slots=True)
class Heard:
    """What one poll brought. ``hints``: events by order that ask for reading it; ``orders``: all orders named; ``kin``:
    pairs that are parts of one purchase."""

    hints: dict[int, list[Event]] = field(default_factory=dict)
    orders: set[int] = field(default_factory=set)
    kin: set[tuple[int, int]] = field(default_factory=set)
    new: bool = False
    """Whether an order was created or confirmed."""
    events: int = 0
    own: int = 0
    last_id: int = 0
    last_at: int = 0
    more: bool = False
    """Whether there may be more than these pages."""
    ids: list[int] = field(default_factory=list)

    def hint(self, order_id: int, event: Event) -> None:
        self.hints.setdefault(order_id, []).append(event)


class OwnWrites:
    """What this process wrote a moment ago, so that its echo in the journal is not taken for somebody's change.

    Each write explains one entry of its kind, near its own time; a person's change in the same minute has an entry
    of its own and is read.
    """

    MEMORY_S = 180.0
    MOVES_S = 3600.0

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = Lock()
        self._notes: dict[int, dict[tuple[int, int], list[float]]] = {}
        self._ages: deque[tuple[float, int]] = deque()
        """When which order was noted, oldest first: what is forgotten is found without going through all."""
        self._moves: dict[int, float] = {}
        """Order -> when this process moved it last, the longest ago first."""

    def note(self, order_ids: Iterable[int], kind: int, object_id: int = 0) -> None:
        """To be called before the write goes out: its echo may be quicker than its answer."""
        now = self._clock()
        with self._lock:
            self._forget(now)
            for order_id in order_ids:
                self._notes.setdefault(order_id, {}).setdefault((kind, object_id), []).append(now)
                self._ages.append((now, order_id))
                if kind == MOVED:
                    self._moves.pop(order_id, None)
                    self._moves[order_id] = now

    def withdraw(self, order_ids: Iterable[int], kind: int, object_id: int = 0) -> None:
        """The write did not happen, or nobody knows."""
        with self._lock:
            for order_id in order_ids:
                self._take(order_id, (kind, object_id))

    def explain(self, event: Event) -> bool:
        """Whether the event is the echo of a write; each write explains one."""
        what = (event.kind, event.object_id if event.kind == MOVED else 0)
        with self._lock:
            notes = self._notes.get(event.order_id, {}).get(what, [])
            if not any(abs(event.at - noted) <= self.MEMORY_S for noted in notes):
                return False
            self._take(event.order_id, what)
            return True

    def moved_since(self, order_id: int, moment: float) -> bool:
        """Whether this process moved the order, or tried to, at or after ``moment``; remembered for an hour."""
        with self._lock:
            return self._moves.get(order_id, -1.0) >= moment

    def _take(self, order_id: int, what: tuple[int, int]) -> None:
        of_order = self._notes.get(order_id, {})
        notes = of_order.get(what)
        if notes:
            notes.pop(0)
        if not notes:
            of_order.pop(what, None)
        if not of_order:
            self._notes.pop(order_id, None)

    def _forget(self, now: float) -> None:
        while self._ages and now - self._ages[0][0] > self.MEMORY_S:
            _noted, order_id = self._ages.popleft()
            of_order = self._notes.get(order_id, {})
            for what in [what for what, notes in of_order.items() if now - notes[-1] > self.MEMORY_S]:
                del of_order[what]
            if not of_order:
                self._notes.pop(order_id, None)
        while self._moves and now - self._moves[first := next(iter(self._moves))] > self.MOVES_S:
            del self._moves[first]


class Journal:
    """Asks for what is new since an entry."""

    def __init__(self, client: BaseLinkerClient, own: OwnWrites) -> None:
        self._client = client
        self._own = own
        self._length_before = 0

    def listen(self, last_id: int, known: Iterable[int], to_the_end: bool = False) -> Heard:
        """The entries after ``last_id`` that are not among ``known``.

        Whether BaseLinker gives ``last_id`` itself again, how long its pages are and how they are sorted is not
        documented: entries are told apart by their ids, and it is asked again after a page that may have been a full
        one, which is one of 100 entries or one as long as the page before. ``to_the_end`` asks until nothing new
        comes.
        """
        heard = Heard(last_id=last_id)
        seen = set(known)
        for page in count(1):
            logs = self._client.get_journal_list(heard.last_id)
            events = [event for event in map(_event, logs) if event is not None]
            fresh = {(event.id, event.kind): event for event in events if event.id not in seen}
            for event in sorted(fresh.values(), key=lambda event: (event.id, event.kind)):
                self._hear(heard, event)
            ids = sorted({event.id for event in fresh.values()})
            seen.update(ids)
            heard.ids.extend(ids)
            top = max([heard.last_id, *(event.id for event in events)])
            heard.last_at = max([heard.last_at, *(event.at for event in events)])
            full = len(logs) >= LIKELY_PAGE or SMALL_PAGE <= len(logs) == self._length_before
            heard.more = top > heard.last_id and (to_the_end or full)
            self._length_before = len(logs)
            heard.last_id = top
            if not heard.more or (page >= PAGES_AT_ONCE and not to_the_end):
                break
        return heard

    def _hear(self, heard: Heard, event: Event) -> None:
        heard.events += 1
        heard.orders.add(event.order_id)
        if event.kind in NO_CHANGE:
            return
        if event.kind in PARTS_OF_ONE and event.object_id not in (0, event.order_id):
            heard.kin.add((event.order_id, event.object_id))
        if self._own.explain(event):
            heard.own += 1
            return
        heard.new = heard.new or event.kind in NEW
        heard.hint(event.order_id, event)
        if event.kind in NAMES_ANOTHER and event.object_id:
            heard.hint(event.object_id, event)


def _event(log: Json) -> Event | None:
    """Documentation and answers disagree about the key of the id: both are taken. Without an order it is no hint."""
    try:
        read = WireLog.model_validate({**log, "log_id": log.get("log_id", log.get("id"))})
    except ValidationError:
        return None
    if not read.order_id:
        return None
    return Event(read.log_id, read.log_type, read.order_id, read.object_id, read.date)
