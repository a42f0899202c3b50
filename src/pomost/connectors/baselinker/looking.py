"""Finding what is new or changed with the fewest calls: the journal as a hint, ``getOrders`` as the truth.

Traps of the reference (section 5.1): a page may end within a second; a status moves no date; edits move none either.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pomost.connectors.baselinker.client import Client
from pomost.ports import Json, NeedsPerson, Page, Seen

PAGE = 100
REMEMBERED_LOGS = 300
STATUS_CHANGED, ORDER_REMOVED, ORDERS_MERGED = 18, 4, 5
JOURNAL_AGE_S = 2 * 86400
OWN_WRITE_S = 900.0
FLAGS = {"include_custom_extra_fields": True}


class OwnWrites:
    """What this process wrote lately, so that the journal's echo of it costs no call."""

    def __init__(self) -> None:
        self._statuses: dict[tuple[str, int], float] = {}
        self._fields: dict[str, float] = {}
        self._lock = threading.Lock()

    def note_status(self, order_id: str, status_id: int) -> None:
        with self._lock:
            self._statuses[(order_id, status_id)] = time.monotonic()
            self._forget()

    def note_fields(self, order_id: str) -> None:
        with self._lock:
            self._fields[order_id] = time.monotonic()
            self._forget()

    def explain(self, entry: Mapping[str, Any]) -> bool:
        """Whether this entry of the journal is the echo of our own write."""
        order_id = str(entry.get("order_id"))
        with self._lock:
            if entry.get("log_type") == STATUS_CHANGED:
                return self._statuses.pop((order_id, int(entry.get("object_id") or 0)), None) is not None
            return (
                entry.get("log_type") in (7, 8, 11, 16, 21) and self._fields.pop(order_id, None) is not None
            )

    def _forget(self) -> None:
        if len(self._fields) + len(self._statuses) > 50_000:
            limit = time.monotonic() - OWN_WRITE_S
            self._fields = {key: at for key, at in self._fields.items() if at > limit}
            self._statuses = {key: at for key, at in self._statuses.items() if at > limit}


class Looking:
    """One look after another; the cursor is data: the last confirmation time, the last log, when all was re-listed."""

    def __init__(
        self,
        client: Client,
        seen: Callable[[Json], Seen],
        own: OwnWrites,
        *,
        journal: str,
        watched: Callable[[], list[int]],
        import_from: int,
        relist_s: float,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._client = client
        self._seen = seen
        self._own = own
        self._journal = journal
        self._watched = watched
        self._import_from = import_from
        self._relist_s = relist_s
        self._now = now
        self._gone: tuple[str, ...] = ()

    def look(self, cursor: Json) -> Iterator[Page]:
        cursor = dict(cursor) or self._first_cursor()
        read: set[str] = set()
        hints: list[Json] = []
        heard: Json = {}
        if self._journal != "off":
            hints, heard = self._hints(cursor)
        if self._journal == "off" or not cursor.get("journal_on") or self._is_due(cursor) or _has_new(hints):
            for page in self._by_confirmation(cursor):
                read.update(seen.external_id for seen in page.seen)
                yield page
        if self._is_due(cursor) or (self._journal != "on" and not cursor.get("journal_on")):
            for page in self._by_status(cursor, read):
                read.update(seen.external_id for seen in page.seen)
                yield page
            cursor["relisted"] = self._now()
        self._gone = ()
        yield from self._hinted(cursor, hints, read)
        # only now is everything read that the journal hinted at: a cut before this hears the same hints again
        yield Page((), {**cursor, **heard}, self._gone)

    def _first_cursor(self) -> Json:
        return {
            "confirmed": self._import_from or int(self._now()),
            "ids": [],
            "log": 0,
            "logs": [],
            "relisted": 0,
        }

    def _is_due(self, cursor: Json) -> bool:
        return self._now() - float(cursor.get("relisted", 0)) >= self._relist_s

    # --- the journal ---------------------------------------------------------------------------------------------

    def _hints(self, cursor: Json) -> tuple[list[Json], Json]:
        """New entries, each once, whatever order they come in, and what the cursor is to know of them once they are
        read. Late entries with old numbers are left to the re-listing."""
        found: list[Json] = []
        known = set(cursor.get("logs", []))
        last = int(cursor.get("log", 0))
        while True:
            answer = self._client.read("getJournalList", {"last_log_id": last})
            logs = [entry for entry in _rows(answer, "logs") if _log_id(entry) not in known]
            if not logs:
                break
            logs.sort(key=_log_id)
            found += logs
            known.update(map(_log_id, logs))
            last = max(last, _log_id(logs[-1]))
            cursor["journal_on"] = True
        heard = {"log": last, "logs": sorted(known)[-REMEMBERED_LOGS:]}
        return [entry for entry in found if not self._own.explain(entry)], heard

    def _hinted(self, cursor: Json, hints: list[Json], read: set[str]) -> Iterator[Page]:
        """Reads what the journal hinted at: by status where that takes fewer calls, one by one otherwise."""
        gone = tuple(
            dict.fromkeys(
                str(e["order_id"]) for e in hints if e.get("log_type") in (ORDER_REMOVED, ORDERS_MERGED)
            )
        )
        waiting = list(dict.fromkeys(str(entry["order_id"]) for entry in hints))
        waiting = [order_id for order_id in waiting if order_id not in read]
        by_status: dict[int, list[str]] = {}
        for entry in hints:
            if entry.get("log_type") == STATUS_CHANGED and str(entry["order_id"]) in waiting:
                by_status.setdefault(int(entry.get("object_id") or 0), []).append(str(entry["order_id"]))
        for status_id, ids in by_status.items():
            if len(ids) > 1:
                answer = self._orders({"status_id": status_id, "id_from": min(map(int, ids))})
                found = [self._seen(raw) for raw in answer]
                read.update(seen.external_id for seen in found)
                yield Page(tuple(found), cursor)
        missing: list[str] = []
        for order_id in waiting:
            if order_id in read:
                continue
            rows = self._orders({"order_id": int(order_id)})
            read.add(order_id)
            if rows:
                yield Page((self._seen(rows[0]),), cursor)
            elif order_id in gone:
                missing.append(order_id)
        self._gone = tuple(missing)

    # --- bulk ----------------------------------------------------------------------------------------------------

    def _by_confirmation(self, cursor: Json) -> Iterator[Page]:
        """Pages from the same second on; orders of that second already read are known by id. A page that lies within
        one second is continued by id, so that nothing at its border is lost."""
        while True:
            since = int(cursor["confirmed"])
            rows = self._orders({"date_confirmed_from": since})
            if not rows:
                return
            last = max(int(row.get("date_confirmed") or 0) for row in rows)
            if len(rows) >= PAGE and last == since:
                yield from self._within_second(cursor, since, rows)
                continue
            fresh = [row for row in rows if str(row["order_id"]) not in set(cursor["ids"])]
            same = [str(row["order_id"]) for row in rows if int(row.get("date_confirmed") or 0) == last]
            cursor["ids"] = sorted({*same, *(cursor["ids"] if last == since else [])})
            cursor["confirmed"] = max(last, since)
            yield Page(tuple(self._seen(row) for row in fresh), dict(cursor))
            if len(rows) < PAGE:
                return

    def _within_second(self, cursor: Json, second: int, rows: list[Json]) -> Iterator[Page]:
        while rows:
            inside = [row for row in rows if int(row.get("date_confirmed") or 0) == second]
            yield Page(tuple(self._seen(row) for row in inside), dict(cursor))
            if len(rows) < PAGE:
                break
            after = max(int(row["order_id"]) for row in rows) + 1
            rows = self._orders({"date_confirmed_from": second, "id_from": after})
        cursor["confirmed"], cursor["ids"] = second + 1, []

    def _by_status(self, cursor: Json, read: set[str]) -> Iterator[Page]:
        """Orders now in a watched status, by id: a status that changed long after confirmation is seen only here."""
        for status_id in self._watched():
            after = 0
            while True:
                rows = self._orders({"status_id": status_id, "id_from": after})
                fresh = [row for row in rows if str(row["order_id"]) not in read]
                if fresh:
                    yield Page(tuple(self._seen(row) for row in fresh), dict(cursor))
                if len(rows) < PAGE:
                    break
                after = max(int(row["order_id"]) for row in rows) + 1

    def _orders(self, parameters: Json) -> list[Json]:
        single = "order_id" in parameters
        extra = {"get_unconfirmed_orders": True} if single else {}
        return _rows(self._client.read("getOrders", {**parameters, **FLAGS, **extra}), "orders")


def _rows(answer: Json, name: str) -> list[Json]:
    rows = answer.get(name) or []
    if isinstance(rows, dict):
        rows = list(rows.values())
    if not isinstance(rows, list):
        raise NeedsPerson(
            "baselinker.unreadable", f'The answer has no list of "{name}".', "Report it with the log."
        )
    return [row for row in rows if isinstance(row, dict)]


def _log_id(entry: Json) -> int:
    return int(entry.get("log_id") or entry.get("id") or 0)


def _has_new(hints: list[Json]) -> bool:
    """Entries that a bulk read covers: orders made, confirmed, copied, split."""
    return any(int(entry.get("log_type") or 0) in (1, 2, 6, 17) for entry in hints)
