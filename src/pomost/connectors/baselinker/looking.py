"""One look at the account: what is new or changed, in as few calls as that takes.

The journal only hints. What an order is like comes from ``getOrders``: new ones by confirmation time from the second
reached last (known ids of that second are skipped, so a page border inside a second loses nothing), changed ones in
windows of 100 by id or by status where one call covers several, else one by one. Now and then recent orders and
watched statuses are listed anew, as neither journal nor cursor is trusted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pomost.connectors.baselinker.bounds import lowest_id_since
from pomost.connectors.baselinker.errors import unclear
from pomost.connectors.baselinker.journal import MOVED, Event, Heard, Journal, OwnWrites
from pomost.connectors.baselinker.mapping import seen_from_wire
from pomost.connectors.baselinker.methods import PAGE, BaseLinkerClient
from pomost.connectors.baselinker.position import Listing, Position
from pomost.connectors.baselinker.settings import Settings
from pomost.connectors.baselinker.wire_types import as_flag, as_int, number_in
from pomost.connectors.baselinker.words import AccountWords
from pomost.ports import Json, NeedsPerson, Page, Priority, Seen
from pomost.ports.account import LookReport

DAY = 86_400
JOURNAL_DAYS = 3
GAP_S = int(2.5 * DAY)
"""Away longer than this, the journal (three days) may have lost entries."""
REACH_AFTER_GAP_S = 14 * DAY
HEARING_TIME_S = 120
"""An order this old that the journal has not named is not just a late entry."""
FUTURE_S = 3600
ROUNDS = 20
"""How many times ten pages of the journal one look hears."""
FIRST_REACH = 5_000
"""How far apart two order ids may lie to be looked for on one page, until pages have shown how dense ids are."""


@dataclass(slots=True)
class _Listed:
    """Which orders a listing showed, and when it began."""

    begun: float
    ids: set[int] = field(default_factory=set)


class Looking:
    """Looks for one connection; one look at a time."""

    def __init__(
        self,
        settings: Settings,
        client: BaseLinkerClient,
        words: AccountWords,
        own: OwnWrites,
        clock: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._client = client
        self._words = words
        self._own = own
        self._clock = clock
        self._journal = Journal(client, own)
        self._reach = FIRST_REACH
        self._listed: dict[str, _Listed] = {}
        self._listing: dict[str, _Listed] = {}
        self.report = LookReport()

    def look(self, cursor: Json) -> Iterator[Page]:
        """See `pomost.ports.OrderSource.look`. NeedsPerson comes through when BaseLinker refuses a reading call."""
        now = int(self._clock().timestamp())
        first = not cursor
        position = self._begin(now) if first else Position.of(cursor)
        away = not first and now - position.looked_at > GAP_S
        self.report = report = LookReport(at=self._clock())
        done: set[int] = set()
        heard = self._listen(position, now, to_the_end=first or away)
        yield from self._kin(heard, cursor)
        if first and heard:
            # The bulk reading that follows is newer than all of them.
            position.take(heard)
            heard.hints.clear()
        if away:
            start = max(position.import_from, position.second - REACH_AFTER_GAP_S)
            self._add(position, Listing("confirmed", start, begun=start))
            self._add_statuses(position, now)
        if self._bulk_is_due(position, heard, now):
            yield from self._new_orders(position, heard, done, now)
            position.bulk_at = now
        if heard:
            yield from self._hinted(position, heard, done)
            if not first:
                position.take(heard)
                yield from self._hear_the_rest(position, heard, now)
        self._plan_listings(position, now, first)
        yield from self._go_on_listing(position, done)
        position.looked_at = now
        report.journal, report.complete = position.journal, True
        yield Page((), position.json())

    def read(self, order_id: int) -> Json | None:
        """One order, unconfirmed ones included; None when there is none."""
        found = self._orders(Priority.EDITS, order_id=order_id, get_unconfirmed_orders=True)
        if not found:
            return None
        for raw in found:
            if number_in(raw, "order_id") == order_id:
                return raw
        raise unclear("getOrders", f"it was asked for order {order_id} and gave others", write=False)

    def seen(self, raws: list[Json]) -> tuple[Seen, ...]:
        if not raws:
            return ()
        words = self._words.for_orders(raws)
        return tuple(seen_from_wire(raw, words) for raw in raws)

    # the journal

    def _begin(self, now: int) -> Position:
        chosen = self._settings.import_from
        start = now if chosen == "now" else int(chosen.timestamp())
        return Position(import_from=start, second=start)

    def _listen(self, position: Position, now: int, to_the_end: bool) -> Heard | None:
        """What the journal says; None when it is not asked."""
        if self._settings.journal == "off":
            position.journal = "off"
            self.report.journal_note = "switched off in the configuration"
            return None
        off = position.journal == "off"
        if off and now - position.relist_at < self._relist_s(position):
            self.report.journal_note = NOT_ENABLED
            return None
        try:
            return self._journal.listen(position.log_id, position.logs, to_the_end)
        except NeedsPerson as refused:
            position.journal = "off"
            self.report.journal_note = refused.text
            return None

    def _kin(self, heard: Heard | None, cursor: Json) -> Iterator[Page]:
        """Told before the orders themselves: what is split off must not be taken for a second purchase."""
        if heard is None:
            return
        self.report.events += heard.events
        self.report.own_events += heard.own
        if heard.kin:
            pairs = sorted(heard.kin)
            yield Page((), cursor, kin=tuple((str(one), str(other)) for one, other in pairs))

    def _hear_the_rest(self, position: Position, heard: Heard, now: int) -> Iterator[Page]:
        """What the journal has beyond the first pages: one that was left behind would fall back further with each look
        while much happens, and would be taken for one that is off."""
        for _round in range(ROUNDS):
            if not heard.more:
                break
            yield Page((), position.json())
            more = self._listen(position, now, to_the_end=False)
            if more is None:
                return
            yield from self._kin(more, position.json())
            yield from self._hinted(position, more, set())
            position.take(more)
            heard = more
        if not heard.more:
            self._judge_journal(position, now)

    def _judge_journal(self, position: Position, now: int) -> None:
        """Off answers like "nothing happened": it is known by an order that it should have named and did not."""
        if self._settings.journal == "on":
            return
        for order_id, second in list(position.unheard.items()):
            if now - second < HEARING_TIME_S:
                continue
            if second > position.log_at and now - second < JOURNAL_DAYS * DAY - HEARING_TIME_S:
                position.journal = "off"
                self.report.journal_note = NOT_ENABLED
            del position.unheard[order_id]

    # new orders

    def _bulk_is_due(self, position: Position, heard: Heard | None, now: int) -> bool:
        if heard is None or position.journal != "on" or heard.new:
            return True
        return now - position.bulk_at >= self._settings.bulk_every_s

    def _new_orders(
        self, position: Position, heard: Heard | None, done: set[int], now: int
    ) -> Iterator[Page]:
        for raws, second, ids in self._by_confirmation(position.second, position.ids):
            position.confirmed(second, ids, now + FUTURE_S)
            for raw in raws:
                order_id = number_in(raw, "order_id")
                if heard is not None and order_id not in heard.orders:
                    position.did_not_hear(order_id, number_in(raw, "date_confirmed"))
            page = self._page(position, raws, done)
            if page.seen:
                yield page

    def _by_confirmation(
        self, second: int, known: Iterable[int]
    ) -> Iterator[tuple[list[Json], int, list[int]]]:
        """Confirmed orders from ``second`` on: rows, second reached, and the ids known in that second.

        The next page starts in the second in which the last one ended. When a whole page lies in one second, the
        rest of that second is looked for by id, and then the next second follows.
        """
        known = set(known)
        while True:
            found = self._orders(Priority.NEW_ORDERS, date_confirmed_from=second)
            ids_in: dict[int, set[int]] = {second: set(known)}
            fresh = []
            for raw in found:
                order_id, at = number_in(raw, "order_id"), number_in(raw, "date_confirmed")
                if at == second and order_id in known:
                    continue
                ids_in.setdefault(at, set()).add(order_id)
                fresh.append(raw)
            last = max([second, *(number_in(raw, "date_confirmed") for raw in found)])
            yield fresh, last, sorted(ids_in[last])
            if len(found) < PAGE:
                return
            if last > second:
                second, known = last, ids_in[last]
                continue
            known = ids_in[second]
            yield from self._rest_of_second(second, known, min(number_in(raw, "order_id") for raw in found))
            second, known = second + 1, set()

    def _rest_of_second(
        self, second: int, known: set[int], id_from: int
    ) -> Iterator[tuple[list[Json], int, list[int]]]:
        while True:
            found = self._orders(Priority.NEW_ORDERS, id_from=id_from)
            fresh = [
                raw
                for raw in found
                if number_in(raw, "date_confirmed") == second and number_in(raw, "order_id") not in known
            ]
            known.update(number_in(raw, "order_id") for raw in fresh)
            if fresh:
                yield fresh, second, sorted(known)
            top = max([id_from, *(number_in(raw, "order_id") for raw in found)])
            if len(found) < PAGE or top == id_from:
                return
            id_from = top

    # hinted orders

    def _hinted(self, position: Position, heard: Heard, done: set[int]) -> Iterator[Page]:
        """Reads what the journal hinted at. The cursor keeps the journal's old place until all is read."""
        left = {order_id: events for order_id, events in heard.hints.items() if order_id not in done}
        by_status: dict[int, list[int]] = {}
        others: list[int] = []
        for order_id, events in left.items():
            status = _only_moved_to(events)
            if status:
                by_status.setdefault(status, []).append(order_id)
            else:
                others.append(order_id)
        for status, ids in by_status.items():
            if len(ids) == 1:
                others += ids
            else:
                yield from self._windows(position, ids, done, status_id=status)
        yield from self._windows(position, others, done)

    def _windows(self, position: Position, ids: list[int], done: set[int], **filters: Any) -> Iterator[Page]:
        """Reads these orders by pages that begin with the lowest id still missing; never more calls than orders.

        What such a page does not show although it should is read by itself before it is called gone.
        """
        left = sorted(ids)
        alone: list[int] = []
        while left:
            dense = len(left) > 1 and (filters or left[1] - left[0] <= self._reach)
            if not dense:
                alone.append(left.pop(0))
                continue
            found = self._orders(Priority.EDITS, id_from=left[0], get_unconfirmed_orders=True, **filters)
            by_id = {number_in(raw, "order_id"): raw for raw in found}
            self._learn_density(sorted(by_id), filters)
            top = max(by_id, default=0) if len(found) >= PAGE else left[-1]
            shown = [by_id[order_id] for order_id in left if order_id in by_id]
            rest = [order_id for order_id in left if order_id not in by_id]
            left = [order_id for order_id in rest if order_id > top]
            alone += [order_id for order_id in rest if order_id <= top]
            page = self._page(position, shown, done)
            if page.seen:
                yield page
        for order_id in alone:
            yield from self._single(position, order_id, done)

    def _single(self, position: Position, order_id: int, done: set[int]) -> Iterator[Page]:
        try:
            raw = self.read(order_id)
        except NeedsPerson as refused:
            # One order that BaseLinker does not hand out must not keep the others behind it.
            self.report.unreadable += 1
            yield Page((Seen(str(order_id), {"order_id": order_id}, None, refused),), position.json())
            return
        if raw is None:
            self.report.gone += 1
            yield Page((), position.json(), (str(order_id),))
            return
        page = self._page(position, [raw], done)
        if page.seen:
            yield page

    def _learn_density(self, ids: list[int], filters: dict[str, Any]) -> None:
        if not filters and len(ids) >= PAGE:
            self._reach = max(PAGE, (ids[-1] - ids[0]) * PAGE // (len(ids) - 1))

    # listing anew

    def _plan_listings(self, position: Position, now: int, first: bool) -> None:
        settings = self._settings
        if first:
            position.relist_at = position.watch_at = now
            recent = max(position.import_from, now - JOURNAL_DAYS * DAY)
            if settings.unconfirmed and recent < now:
                # those that wait for their buyer already; the journal names the later ones
                self._add(position, Listing("created", recent, begun=recent))
            self._add_statuses(position, now)
            return
        if now - position.relist_at >= self._relist_s(position):
            position.relist_at = now
            start = max(position.import_from, position.second - int(settings.relist_hours * 3600))
            self._add(position, Listing("confirmed", start, begun=start))
            if settings.unconfirmed and position.journal != "on":
                self._add(position, Listing("created", start, begun=start))
            self._add_statuses(position, now)
            position.watch_at = now
        elif position.journal == "off" and now - position.watch_at >= settings.watch_every_s:
            position.watch_at = now
            self._add_statuses(position, now)

    def _relist_s(self, position: Position) -> float:
        on = position.journal == "on"
        return self._settings.relist_journal_s if on else self._settings.relist_every_s

    def _add(self, position: Position, listing: Listing) -> None:
        """One listing of a kind at a time: a long one is finished before it starts anew."""
        if all(other.key != listing.key for other in position.listings):
            position.listings.append(listing)

    def _add_statuses(self, position: Position, now: int) -> None:
        settings = self._settings
        if settings.watched_statuses and now - position.floor_at >= DAY:
            position.floor = lowest_id_since(
                self._client, now - int(settings.watch_days * DAY), Priority.CHECKS
            )
            position.floor_at = now
        for name in settings.watched_statuses:
            try:
                status = self._words.status_id(name)
            except NeedsPerson as unknown:
                self.report.warnings.append(str(unknown))
                continue
            self._add(position, Listing("status", position.floor, status, position.floor))

    def _go_on_listing(self, position: Position, done: set[int]) -> Iterator[Page]:
        pages = 0
        while position.listings and pages < self._settings.pages_per_look:
            pages += 1
            listing = position.listings[0]
            found = self._list(listing)
            if listing.start == listing.begun:
                self._listing[listing.key] = _Listed(self._clock().timestamp())
            part = self._listing.get(listing.key)
            if part is not None:
                part.ids.update(number_in(raw, "order_id") for raw in found)
            fresh = [raw for raw in found if number_in(raw, "order_id") not in done - {0}]
            ended = len(found) < PAGE or not self._advance(listing, found)
            if ended:
                position.listings.pop(0)
            yield self._page(position, fresh, done)
            if ended:
                yield from self._vanished(position, listing, done)

    def _list(self, listing: Listing) -> list[Json]:
        if listing.by == "status":
            return self._orders(Priority.CHECKS, status_id=listing.status, id_from=listing.start)
        if listing.by == "created":
            return self._orders(Priority.CHECKS, date_from=listing.start, get_unconfirmed_orders=True)
        return self._orders(Priority.CHECKS, date_confirmed_from=listing.start)

    def _advance(self, listing: Listing, found: list[Json]) -> bool:
        """Moves the listing behind a full page; a page within one second or id is stepped over."""
        key = {"status": "order_id", "created": "date_add"}.get(listing.by, "date_confirmed")
        top = max(number_in(raw, key) for raw in found)
        if top < listing.start:
            return False
        listing.start = top + 1 if key == "order_id" or top == listing.start else top
        return True

    def _vanished(self, position: Position, listing: Listing, done: set[int]) -> Iterator[Page]:
        """Without a journal: orders of the last such listing that this one no longer shows are read by themselves.

        They were deleted, or moved where nobody watches; those that this process moved are not asked for.
        """
        now_there = self._listing.pop(listing.key, None)
        before = self._listed.get(listing.key)
        if now_there is None:
            return
        self._listed[listing.key] = now_there
        if position.journal != "off" or before is None or listing.by != "status":
            return
        if now_there.begun - before.begun > OwnWrites.MOVES_S:
            # the journal told of it meanwhile, and which of them this process moved is not known any more
            return
        for order_id in sorted(before.ids - now_there.ids - done):
            if order_id < listing.begun:
                continue
            if not self._own.moved_since(order_id, before.begun):
                yield from self._single(position, order_id, done)

    # pages

    def _orders(self, priority: int, **filters: Any) -> list[Json]:
        if self._settings.include_custom_extra_fields:
            filters["include_custom_extra_fields"] = True
        return self._client.get_orders(priority, **filters)

    def _page(self, position: Position, raws: list[Json], done: set[int]) -> Page:
        wanted = []
        for raw in raws:
            done.add(number_in(raw, "order_id"))
            if not self._settings.unconfirmed and not as_flag(raw.get("confirmed", True)):
                self.report.left_unconfirmed += 1
            elif _is_older(raw, position.import_from):
                self.report.left_older += 1
            else:
                wanted.append(raw)
        seen = self.seen(wanted)
        self.report.read += len(seen)
        self.report.unreadable += sum(1 for one in seen if one.order is None)
        return Page(seen, position.json())


NOT_ENABLED = (
    "BaseLinker's journal shows nothing although there are new orders: it is not enabled on this account. "
    "Switch it on in the panel (API settings); until then changes are found by listing, later and with more calls."
)


def _is_older(raw: Json, second: int) -> bool:
    """Whether the order was made, confirmed and last moved before; not so where its moments can't be read."""
    try:
        return max(as_int(raw.get(key)) for key in ("date_add", "date_confirmed", "date_in_status")) < second
    except ValueError:
        return False


def _only_moved_to(events: list[Event]) -> int:
    """The status to which all these events moved the order last; 0 when anything else happened to it."""
    if any(event.kind != MOVED for event in events):
        return 0
    return events[-1].object_id
