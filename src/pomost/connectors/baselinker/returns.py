"""Returns: goods that come back. Listed by id for new ones; open ones are read anew now and then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pomost.connectors.baselinker.mapping import return_from_wire, return_with_names
from pomost.connectors.baselinker.methods import PAGE, BaseLinkerClient
from pomost.connectors.baselinker.wire_types import as_text, number_in
from pomost.ports import Json, NeedsPerson, ReturnSeen, ReturnsPage

ENTRIES = 200


class Returns:
    """Looks for one connection; one look at a time."""

    def __init__(self, client: BaseLinkerClient) -> None:
        self._client = client
        self._statuses: dict[int, str] = {}
        self._reasons: dict[int, str] = {}

    def look(self, cursor: Json) -> Iterator[ReturnsPage]:
        """New returns by id, then those that the journal of returns names. Overlaps are normal."""
        last_id, last_log = int(cursor.get("return_id", 0)), int(cursor.get("log_id", 0))
        logs = list(cursor.get("logs", []))
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
        changed: set[int] = set()
        while True:
            entries = self._client.get_order_return_journal_list(last_log)
            ids = {(number_in(entry, "log_id") or number_in(entry, "id")): entry for entry in entries}
            unseen = {log_id: entry for log_id, entry in ids.items() if log_id not in logs}
            changed.update(number_in(entry, "return_id") for entry in unseen.values())
            logs = [*logs, *sorted(unseen)][-ENTRIES:]
            top = max([last_log, *ids])
            if top == last_log or len(entries) < PAGE:
                last_log = top
                break
            last_log = top
        read: list[Json] = []
        gone: list[str] = []
        for return_id in sorted(changed - new - {0}):
            found = self._one(return_id)
            read += found
            gone += [] if found else [str(return_id)]
        cursor = {"return_id": last_id, "log_id": last_log, "logs": logs}
        yield ReturnsPage(self._seen(read), cursor, tuple(gone))

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
