"""Refunds of a shop as returns: found, and read together with their order. See reference, section 5.8.

A refund has no status of its own, and most of what changes it changes its order too.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta

from pomost.connectors.values import as_list, as_text, plain
from pomost.connectors.woocommerce.client import PER_PAGE, WooCommerceClient
from pomost.connectors.woocommerce.errors import unclear
from pomost.connectors.woocommerce.first_skus import Taken, with_first_skus
from pomost.connectors.woocommerce.mapping import DRAFTS, TRASH, moment_of
from pomost.connectors.woocommerce.position import Known, Position
from pomost.connectors.woocommerce.refund_mapping import (
    kept_order,
    kept_refund,
    refund_from_wire,
)
from pomost.connectors.woocommerce.settings import Settings
from pomost.ports import Json, NeedsPerson, Priority, ReturnSeen, ReturnsPage, StopConnection

SECOND = timedelta(seconds=1)
ROUNDS = 200
GONE_AT_ONCE = 200
_OF_ORDER = re.compile(r"/orders/(\d+)/refunds")
_ID = re.compile(r"(\d+)-(\d+)")


class Refunds:
    """Looks for refunds for one connection; one look at a time."""

    def __init__(
        self,
        settings: Settings,
        client: WooCommerceClient,
        clock: Callable[[], datetime],
        known: Known,
        taken: Taken = lambda ids: {},
    ) -> None:
        self._taken = taken
        self._settings = settings
        self._client = client
        self._clock = clock
        self._known = known
        self._has_list: bool | None = None

    def look(self, cursor: Json) -> Iterator[ReturnsPage]:
        """Orders with a refund that is new or changed, each with all its refunds; now and then those that were deleted."""
        position = Position.of(cursor) if cursor else self._first()
        after = position.modified - timedelta(seconds=self._settings.overlap_s)
        before = dict(position.known)
        touched: dict[int, dict[str, str]] = {}
        fresh: dict[str, str] = {}
        for order_id, key, print_, moment in self._changed(after):
            position.modified = max(position.modified, moment)
            fresh[key] = print_
            if before.get(key) != print_:
                touched.setdefault(order_id, {})[key] = print_
        for order_id in sorted(touched):
            seen = tuple(one for one in self._of_order(order_id) if self._concerns(one, position))
            position.known |= touched[order_id]
            if seen:
                yield ReturnsPage(seen, position.cursor())
        position.known = fresh
        gone: tuple[str, ...] = ()
        if position.compared + self._settings.compare_every_s <= self._clock().timestamp():
            gone = tuple(self._deleted(position))
            position.compared = self._clock().timestamp()
        yield ReturnsPage((), position.cursor(), gone)

    def read(self, external_id: str) -> ReturnSeen | None:
        """The refund as it is now; None for one that is deleted, with or without its order."""
        found = _ID.fullmatch(external_id)
        if found is None:
            return None
        return next(
            (one for one in self._of_order(int(found[1])) if one.external_id == external_id),
            None,
        )

    # parts of a look

    def _first(self) -> Position:
        asked = self._settings.import_from
        if isinstance(asked, datetime):
            since = asked.astimezone(UTC)
        else:
            self._client.page("orders", {"per_page": 1, "_fields": "id"}, Priority.CHECKS)
            skew = timedelta(seconds=self._client.clock_skew_s or 0.0)
            since = (self._clock() + skew).replace(microsecond=0)
        return Position(since - SECOND, since)

    def _concerns(self, one: ReturnSeen, position: Position) -> bool:
        return one.created_at is None or one.created_at >= position.since

    def _changed(self, after: datetime) -> Iterator[tuple[int, str, str, datetime]]:
        """(order, what changed, its print, when) of everything that changed since. A shop without a list of all refunds (before about
        9.0) tells by its orders: a refund moves their date of change."""
        if self._has_list is None:
            self._has_list = self._lists_refunds()
        path = "refunds" if self._has_list else "orders"
        query: dict[str, str | int] = {"dates_are_gmt": "true", "order": "asc"}
        if self._has_list:
            query |= {"orderby": "id"}
        else:
            query |= {"orderby": "modified", "_fields": "id,date_modified_gmt,refunds"}
        number = 1
        for _ in range(ROUNDS):
            rows = self._client.page(path, {**query, "modified_after": _utc(after), "page": number})
            reached = after
            for row in rows:
                moment = _moment(row, "date_created_gmt" if self._has_list else "date_modified_gmt") or after
                reached = max(reached, moment)
                refunds = [row] if self._has_list else [one for one in as_list(row.get("refunds")) if one]
                order_id = _order_of(row) if self._has_list else as_text(row.get("id"))
                if not refunds or not order_id.isdecimal():
                    continue
                key = as_text(row.get("id"))
                yield int(order_id), key, _print(refunds), moment
            if len(rows) < PER_PAGE:
                return
            if not self._has_list and reached - SECOND > after:
                # not by page numbers: an order that changes meanwhile would push another one past us
                after, number = reached - SECOND, 1
            else:
                number += 1

    def _lists_refunds(self) -> bool:
        """Whether the shop lists the refunds of all orders, and by their date of change."""
        try:
            rows = self._client.page(
                "refunds", {"modified_after": "2999-01-01T00:00:00Z", "dates_are_gmt": "true", "per_page": 1}
            )
        except StopConnection as failure:
            if failure.code == "woocommerce.no-api":
                return False
            raise
        except NeedsPerson:
            return False
        return not rows

    def _of_order(self, order_id: int) -> list[ReturnSeen]:
        """All refunds of an order, the oldest first; none where the order is deleted or in the trash."""
        order = self._client.get(f"orders/{order_id}", priority=Priority.EDITS)
        if order is None:
            return []
        if not isinstance(order, dict):
            raise unclear(f"GET orders/{order_id}", "its answer is no order", False)
        if order.get("status") in (TRASH, *DRAFTS):
            return []
        rows: dict[int, Json] = {}
        query: dict[str, str | int] = {"orderby": "id", "order": "asc"}
        for page in self._client.pages(f"orders/{order_id}/refunds", query):
            rows |= {int(as_text(row.get("id")) or 0): row for row in page}
        found = [kept_refund(rows[number]) for number in sorted(rows)]
        about = kept_order(with_first_skus(order, self._taken([str(order_id)]).get(str(order_id))))
        return [
            refund_from_wire({"order": about, "refund": one, "earlier": found[:place]}, self._settings)
            for place, one in enumerate(found)
        ]

    def _deleted(self, position: Position) -> Iterator[str]:
        """Refunds that are known and that the shop does not have any more: nothing but comparing tells."""
        begin = max(position.since, self._clock() - timedelta(days=self._settings.compare_days))
        ours = sorted(one for one in self._known(begin) if _ID.fullmatch(one))
        if self._has_list and ours:
            query: dict[str, str | int] = {
                "after": _utc(begin - timedelta(days=1)), "dates_are_gmt": "true", "orderby": "id", "order": "asc",
                "_fields": "id",
            }  # fmt: skip
            there = {
                as_text(row.get("id"))
                for rows in self._client.pages("refunds", query, Priority.CHECKS)
                for row in rows
            }
            ours = [one for one in ours if one.split("-")[1] not in there]
        asked: dict[str, set[str]] = {}
        for one in ours[:GONE_AT_ONCE]:
            order_id = one.split("-")[0]
            if order_id not in asked:
                asked[order_id] = {seen.external_id for seen in self._of_order(int(order_id))}
            if one not in asked[order_id]:
                yield one


def _order_of(row: Json) -> str:
    """The order of a refund in the list of all refunds: its parent, else what its links name."""
    parent = as_text(row.get("parent_id"))
    if parent.strip("0"):
        return parent
    found = _OF_ORDER.search(json.dumps(row.get("_links") or {}, default=str))
    return found[1] if found else ""


def _print(rows: Iterable[Json]) -> str:
    found = [{name: value for name, value in plain(row).items() if name != "_links"} for row in rows]
    text = json.dumps(found, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _moment(row: Json, name: str) -> datetime | None:
    try:
        return moment_of(as_text(row.get(name)))
    except ValueError:
        return None


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
