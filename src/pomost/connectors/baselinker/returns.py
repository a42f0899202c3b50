"""Returns: goods that come back. Listed by id for new ones; the journal of returns names those that changed.

The statuses that somebody waits for are listed at each look as well, whatever the journal says or leaves out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pomost.connectors.baselinker.mapping import return_from_wire, return_with_names
from pomost.connectors.baselinker.methods import PAGE, BaseLinkerClient
from pomost.connectors.baselinker.wire_types import as_text, number_in
from pomost.ports import Json, NeedsPerson, ReturnSeen, ReturnsPage

ENTRIES = 200


class Returns:
    """Looks for one connection; one look at a time."""

    def __init__(self, client: BaseLinkerClient, watched: Iterable[str] = ()) -> None:
        self._client = client
        self._watched = tuple(watched)
        self._statuses: dict[int, str] = {}
        self._reasons: dict[int, str] = {}

    def look(self, cursor: Json) -> Iterator[ReturnsPage]:
        """New returns by id, those that the journal of returns names, and those in watched statuses. Overlaps are normal.

        The journal is asked first: what changes while new returns are listed is then either seen by the listing or
        told by the journal next time.
        """
        last_id, last_log = int(cursor.get("return_id", 0)), int(cursor.get("log_id", 0))
        logs = list(cursor.get("logs", []))
        changed, told = self._journal(last_log, logs)
        new: set[int] = set()
        while True:
            found = self._client.get_order_returns(id_from=last_id, include_custom_extra_fields=True)
            # One whose id can't be read comes with every look, with its problem.
            fresh = [raw for raw in found if not 0 < number_in(raw, "return_id") <= last_id]
            top = max([last_id, *(number_in(raw, "return_id") for raw in fresh)])
            if fresh:
                new.update(number_in(raw, "return_id") for raw in fresh)
                last_id, moved = top, top > last_id
                yield ReturnsPage(self._seen(fresh), {"return_id": last_id, "log_id": last_log, "logs": logs})
            if len(found) < PAGE or not fresh or not moved:
                break
        read = [raw for raw in self._in_watched() if number_in(raw, "return_id") not in new]
        known = new | {number_in(raw, "return_id") for raw in read}
        gone: list[str] = []
        for return_id in sorted(changed - known - {0}):
            found = self._one(return_id)
            read += found
            gone += [] if found else [str(return_id)]
        yield ReturnsPage(self._seen(read), {"return_id": last_id, **told}, tuple(gone))

    def _journal(self, last_log: int, logs: list[int]) -> tuple[set[int], Json]:
        """The returns that changed since, and how far the journal is read then."""
        changed: set[int] = set()
        while True:
            entries = self._client.get_order_return_journal_list(last_log)
            ids = {(number_in(entry, "log_id") or number_in(entry, "id")): entry for entry in entries}
            unseen = {log_id: entry for log_id, entry in ids.items() if log_id not in logs}
            changed.update(number_in(entry, "return_id") for entry in unseen.values())
            logs = [*logs, *sorted(unseen)][-ENTRIES:]
            top = max([last_log, *ids])
            if top == last_log or len(entries) < PAGE:
                return changed, {"log_id": top, "logs": logs}
            last_log = top

    def _in_watched(self) -> list[Json]:
        """All returns in the statuses that somebody waits for: they are few, for each leaves its status once done."""
        rows: list[Json] = []
        for name in self._watched:
            status_id, after = self._known_status(name), 0
            while status_id:
                found = self._client.get_order_returns(
                    status_id=status_id, id_from=after, include_custom_extra_fields=True
                )
                fresh = [raw for raw in found if number_in(raw, "return_id") > after]
                rows += fresh
                after = max([after, *(number_in(raw, "return_id") for raw in fresh)])
                if len(found) < PAGE or not fresh:
                    break
        return rows

    def _known_status(self, name: str) -> int:
        """The id of a status; 0 for one that the account does not have, which is found when flows are checked."""
        if not self._statuses:
            self._fetch_words()
        return next((status_id for status_id, known in self._statuses.items() if name == known), 0)

    def read(self, return_id: int) -> ReturnSeen | None:
        """The return as it is now; None when there is none."""
        found = self._seen(self._one(return_id))
        return found[0] if found else None

    def status_id(self, name: str) -> int:
        """The status of that name or number. Raises NeedsPerson ``baselinker.unknown-return-status``."""
        for fresh in (False, True):
            if fresh or not self._statuses:
                self._fetch_words()
            for status_id, known in self._statuses.items():
                if name in (known, str(status_id)):
                    return status_id
        raise NeedsPerson(
            "baselinker.unknown-return-status",
            f'BaseLinker has no status of returns "{name}".',
            f"Create it or correct the configuration; there are: {', '.join(self._statuses.values())}.",
            status=name,
        )

    def move(self, return_ids: Iterable[int], status: str) -> None:
        """One call for each hundred."""
        ids, status_id = list(dict.fromkeys(return_ids)), self.status_id(status)
        for start in range(0, len(ids), PAGE):
            self._client.set_order_return_statuses(ids[start : start + PAGE], status_id)

    def _one(self, return_id: int) -> list[Json]:
        found = self._client.get_order_returns(return_id=return_id, include_custom_extra_fields=True)
        return [raw for raw in found if number_in(raw, "return_id") == return_id]

    def _seen(self, raws: list[Json]) -> tuple[ReturnSeen, ...]:
        if not raws:
            return ()
        if any(number_in(raw, "status_id") not in self._statuses for raw in raws):
            self._fetch_words()
        return tuple(return_from_wire(return_with_names(raw, self._statuses, self._reasons)) for raw in raws)

    def _fetch_words(self) -> None:
        self._statuses = {
            number_in(row, "id"): as_text(row.get("name"))
            for row in self._client.get_order_return_status_list()
        }
        self._reasons = {
            number_in(row, "return_reason_id"): as_text(row.get("name"))
            for row in self._client.get_order_return_reasons_list()
        }
