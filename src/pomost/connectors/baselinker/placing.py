"""Orders that go into BaseLinker, each marked with our reference, so that a lost answer makes no second one.

BaseLinker has neither an idempotency key nor a search by comment. The mark is found by listing the orders of the
source into which we place, by id, as ids grow as orders are made, whatever dates they carry: all of them once, or those
made since the moment that the caller or `Settings.placed_from` names, and then only what came since. A source of its own
(`Settings.custom_source_id`) keeps that list short.
"""

from __future__ import annotations

from datetime import datetime
from threading import Lock

from pomost.connectors.baselinker.bounds import lowest_id_since
from pomost.connectors.baselinker.lengths import CUT, WHOLE
from pomost.connectors.baselinker.mapping import marker_for, marker_of, order_to_wire
from pomost.connectors.baselinker.methods import PAGE, BaseLinkerClient
from pomost.connectors.baselinker.settings import Settings
from pomost.connectors.baselinker.wire_types import number_in
from pomost.connectors.baselinker.words import AccountWords
from pomost.ports import NeedsPerson, OutgoingOrder, Priority

SOURCE = "personal"
OVERLAP = 50
"""So many of the last orders are listed again: one made at the same moment may have become visible later."""


class Placing:
    """Places for one connection; thread-safe."""

    def __init__(self, settings: Settings, client: BaseLinkerClient, words: AccountWords) -> None:
        self._settings = settings
        self._client = client
        self._words = words
        self._lock = Lock()
        self._found: dict[str, int] = {}
        self._last_ids: list[int] = []
        self._listed_from: int | None = None

    def place(self, what: OutgoingOrder) -> str:
        """One call, never repeated here."""
        settings = self._settings
        marker = marker_for(what.key)
        room = CUT.get(settings.marker_field) or WHOLE[settings.marker_field]
        if len(marker) > room:
            raise NeedsPerson(
                "baselinker.key-too-long",
                f"The reference {what.key} has no room in {settings.marker_field} of BaseLinker ({room} characters).",
                "Set marker_field to admin_comments, or shorten the company's or the connection's name.",
                key=what.key,
            )
        status = self._words.status_id(what.status)
        wire = order_to_wire(what.order, status, marker, settings.marker_field, settings.custom_source_id)
        order_id = self._client.add_order(wire)
        with self._lock:
            self._found[what.key] = order_id
        return str(order_id)

    def find(self, key: str, since: datetime | None = None) -> str | None:
        """The order placed under ``key``. Asks BaseLinker even when the answer is remembered: it may be gone."""
        with self._lock:
            self._catch_up(since or self._settings.placed_from)
            order_id = self._found.get(key)
        if order_id is None:
            return None
        there = self._client.get_orders(Priority.WRITE_BACK, order_id=order_id, get_unconfirmed_orders=True)
        return str(order_id) if there else None

    def _catch_up(self, since: datetime | None) -> None:
        """Lists what was not listed yet. A moment before the one listed from so far makes it begin anew, from there."""
        second = int(since.timestamp()) if since else 0
        if self._listed_from is None or second < self._listed_from:
            first = lowest_id_since(self._client, second, Priority.WRITE_BACK) if second else 0
            self._last_ids = [first] if first else []
            self._listed_from = second
        while True:
            start = self._last_ids[0] if self._last_ids else 0
            found = self._client.get_orders(
                Priority.WRITE_BACK,
                filter_order_source=SOURCE,
                filter_order_source_id=self._settings.custom_source_id,
                id_from=start,
                get_unconfirmed_orders=True,
            )
            ids = []
            for raw in found:
                order_id = number_in(raw, "order_id")
                ids.append(order_id)
                key = marker_of(raw)
                if key:
                    # Should there be two all the same, the older one counts.
                    self._found[key] = min(order_id, self._found.get(key, order_id))
            fresh = sorted(set(ids) - set(self._last_ids))
            self._last_ids = sorted({*self._last_ids, *fresh})[-OVERLAP:]
            if len(found) < PAGE or not fresh:
                return
