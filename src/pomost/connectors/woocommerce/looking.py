"""One look at the shop: what is new or changed, by the shop's own date of change, with an overlap.

Webhooks only hint. The cursor is the greatest date of change that answers have shown, never a clock of ours; each look reads back
behind it, since a slow request of the shop is written down after the time it carries, and drops what it knows. Now and then all ids
of the last days are compared: what was deleted for good shows in no list and fires no webhook.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from pomost.connectors.values import as_text
from pomost.connectors.woocommerce.client import PER_PAGE, WooCommerceClient, in_parts
from pomost.connectors.woocommerce.customers import Customers
from pomost.connectors.woocommerce.errors import cached, found_by_comparing, unclear
from pomost.connectors.woocommerce.first_skus import Taken, with_first_skus
from pomost.connectors.woocommerce.mapping import DRAFTS, TRASH, kept, moment_of, seen_from_wire
from pomost.connectors.woocommerce.payments import unconfirmed
from pomost.connectors.woocommerce.position import Known, Position
from pomost.connectors.woocommerce.settings import Settings
from pomost.connectors.woocommerce.webhooks import Webhooks
from pomost.ports import Json, Page, Priority, Seen, StopConnection
from pomost.ports.account import LookReport

USUAL = ("pending", "processing", "on-hold", "completed", "cancelled", "refunded", "failed")
"""Statuses of a shop that has no list of them."""
SECOND = timedelta(seconds=1)
ROUNDS = 1_000
"""Pages that one look reads at most; the next one goes on."""
GONE_AT_ONCE = 200
STATUSES_S = 600.0
_TRIED = "2999-01-01T00:00:00Z"


class Looking:
    """Looks for one connection; one look at a time."""

    def __init__(
        self,
        settings: Settings,
        client: WooCommerceClient,
        webhooks: Webhooks,
        clock: Callable[[], datetime],
        known: Known,
        taken: Taken = lambda ids: {},
    ) -> None:
        self._taken = taken
        self._settings = settings
        self._client = client
        self._webhooks = webhooks
        self._customers = Customers(settings, client, clock)
        self._clock = clock
        self._known = known
        self._listed: tuple[tuple[str, ...], float] = ((), 0.0)
        self._trusted = False
        self._faults: list[str] | None = None
        self.report = LookReport()

    def statuses(self) -> tuple[str, ...]:
        """The statuses of the shop by slug, those of plugins among them, without drafts and trash."""
        now = self._clock().timestamp()
        if not self._listed[0] or now - self._listed[1] > STATUSES_S:
            rows = self._client.get("orders/statuses", priority=Priority.CHECKS)
            found = [as_text(row.get("slug")) for row in rows] if isinstance(rows, list) else []
            names = tuple(
                slug.removeprefix("wc-")
                for slug in found
                if slug.removeprefix("wc-") not in (*DRAFTS, TRASH, "")
            )
            self._listed = (names or USUAL, now)
        return self._listed[0]

    def read(self, order_id: int) -> Json | None:
        """The order as it is now; None for one that is deleted, in the trash, or a basket that nobody ordered yet."""
        raw = self._client.get(f"orders/{order_id}", priority=Priority.EDITS)
        if raw is not None and not isinstance(raw, dict):
            raise unclear(f"GET orders/{order_id}", "its answer is no order", False)
        return None if raw is None or raw.get("status") in (TRASH, *DRAFTS) else raw

    def seen(self, *rows: Json) -> tuple[Seen, ...]:
        """What the shop gave, as it is kept; see `first_skus` for what orders keep that were taken before."""
        taken = self._taken([as_text(row.get("id")) for row in rows])
        own = (with_first_skus(row, taken.get(as_text(row.get("id")))) for row in rows)
        return tuple(seen_from_wire(self._customers.beside(row), self._settings) for row in own)

    def look(self, cursor: Json) -> Iterator[Page]:
        """What changed since ``cursor`` ({} at first), then what is in the trash or gone."""
        self.report = LookReport(at=self._clock(), complete=True)
        self._check_filter()
        position = Position.of(cursor) if cursor else self._first()
        self._webhooks.keep()
        before = position.modified
        yield from self._changed(position)
        gone = self._in_trash(before)
        due = position.compared + self._settings.compare_every_s <= self._clock().timestamp()
        if due or self._faults is None:
            # what a shop offers changes without a word
            self._faults = [str(one) for one in unconfirmed(self._client, self._settings)]
        self.report.faults += self._faults
        if due:
            yield from self._compared(position, gone)
        self.report.gone = len(gone)
        self.report.journal_note = self._webhooks.note
        if self._webhooks.alarm:
            self.report.warnings.append(self._webhooks.alarm)
        if self._client.cached:
            self.report.warnings.append(str(cached(self._client.cached)))
        yield Page((), position.cursor(), tuple(sorted(gone)))

    # parts of a look

    def _first(self) -> Position:
        """Where reading begins: at the moment set, else at the newest change that the shop shows, or the shop's present."""
        # everything is read now: there is nothing to compare yet
        compared = self._clock().timestamp()
        asked = self._settings.import_from
        if isinstance(asked, datetime):
            since = asked.astimezone(UTC)
            return Position(since - SECOND, since, compared)
        newest = self._client.page(
            "orders", {"per_page": 1, "orderby": "modified", "order": "desc", **self._of_statuses()}
        )
        skew = timedelta(seconds=self._client.clock_skew_s or 0.0)
        since = (self._clock() + skew).replace(microsecond=0)
        found = [moment for row in newest if (moment := _modified(row)) is not None]
        return Position(min([*found, since]), since, compared)

    def _changed(self, position: Position) -> Iterator[Page]:
        """Pages by date of change. Not by page numbers: a row that changes meanwhile would push another one past us. Asked from the
        second reached last; only where one second fills a page, the next page of it."""
        after, number = position.modified - timedelta(seconds=self._settings.overlap_s), 1
        fresh: dict[str, str] = {}
        when: dict[str, datetime] = {}
        for _ in range(ROUNDS):
            rows = self._client.page(
                "orders", {**self._since(after), **self._of_statuses(), "page": number}, Priority.NEW_ORDERS
            )
            self.report.read += len(rows)
            new = []
            for row in rows:
                order_id, print_ = as_text(row.get("id")), _print(row)
                if fresh.get(order_id) == print_:
                    continue
                fresh[order_id] = print_
                when[order_id] = _modified(row) or after
                if position.known.get(order_id) != print_:
                    new.append(row)
            reached = max([moment for row in rows if (moment := _modified(row)) is not None], default=after)
            position.modified = max(position.modified, reached)
            self._webhooks.told_by_polling([row for row in new if self._concerns(row, position)])
            seen = self.seen(*(row for row in new if self._concerns(row, position)))
            self.report.unreadable += sum(1 for one in seen if one.problem is not None)
            if len(rows) < PER_PAGE:
                overlap = position.modified - timedelta(seconds=self._settings.overlap_s)
                position.known = {one: print_ for one, print_ in fresh.items() if when[one] >= overlap}
                yield Page(seen, position.cursor())
                return
            yield Page(seen, position.cursor())
            if reached - SECOND > after:
                after, number = reached - SECOND, 1
            else:
                number += 1

    def _since(self, after: datetime) -> dict[str, str | int]:
        return {
            "modified_after": after.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "dates_are_gmt": "true",
            "orderby": "modified",
            "order": "asc",
        }

    def _of_statuses(self) -> dict[str, str | int]:
        """Without a status a list has baskets at the checkout in it."""
        return {"status": ",".join(self._settings.statuses or self.statuses())}

    def _concerns(self, row: Json, position: Position) -> bool:
        """Made or paid since the beginning; what was in the shop before is left alone, however often it changes."""
        moments = [_gmt(row, "date_created_gmt"), _gmt(row, "date_paid_gmt")]
        if any(moment is not None and moment >= position.since for moment in moments) or moments[0] is None:
            return True
        self.report.left_older += 1
        return False

    def _in_trash(self, since: datetime) -> set[str]:
        after = since - timedelta(seconds=self._settings.overlap_s)
        found: set[str] = set()
        for rows in self._client.pages("orders", {**self._since(after), "status": TRASH, "_fields": "id"}):
            found |= {as_text(row.get("id")) for row in rows}
        return found

    def _compared(self, position: Position, gone: set[str]) -> Iterator[Page]:
        """All orders of the last days: those that the shop has and we do not, and the other way round."""
        begin = max(position.since, self._clock() - timedelta(days=self._settings.compare_days))
        ours = dict(self._known(begin))
        asked: dict[str, str | int] = {
            **self._of_statuses(),
            "after": (begin - SECOND).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "dates_are_gmt": "true",
            "orderby": "id",
            "order": "asc",
            "_fields": "id,status",
        }
        listed = {
            as_text(row.get("id")): as_text(row.get("status"))
            for rows in self._client.pages("orders", asked, Priority.CHECKS)
            for row in rows
        }
        other = sorted(order_id for order_id, status in listed.items() if ours.get(order_id) != status)
        for some in in_parts(other, PER_PAGE):
            rows = self._client.page(
                "orders", {"include": ",".join(some), **self._of_statuses()}, Priority.CHECKS
            )
            fresh = [row for row in rows if self._concerns(row, position)]
            if fresh:
                self.report.warnings.append(str(found_by_comparing(len(fresh))))
                yield Page(self.seen(*fresh), position.cursor())
        for order_id in sorted(set(ours) - set(listed))[:GONE_AT_ONCE]:
            if order_id.isdecimal() and self.read(int(order_id)) is None:
                gone.add(order_id)
        position.compared = self._clock().timestamp()

    def _check_filter(self) -> None:
        """A shop that does not know ``modified_after`` gives everything, without an error: told apart by a date to come."""
        if self._trusted:
            return
        rows = self._client.page(
            "orders",
            {"modified_after": _TRIED, "dates_are_gmt": "true", "per_page": 1, "_fields": "id"},
            Priority.CHECKS,
        )
        if rows:
            raise StopConnection(
                "woocommerce.too-old",
                "The shop does not filter orders by their date of change: changes can't be read.",
                "Update WooCommerce to 5.8 or newer; if it is, a cache answers in its place: leave /wp-json out of it.",
            )
        self._trusted = True


def _print(row: Json) -> str:
    """What an order is like, without what each answer reckons anew."""
    text = json.dumps(kept(row), sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _modified(row: Json) -> datetime | None:
    return _gmt(row, "date_modified_gmt")


def _gmt(row: Json, name: str) -> datetime | None:
    try:
        return moment_of(as_text(row.get(name)))
    except ValueError:
        return None
