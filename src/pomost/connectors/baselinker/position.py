"""How far a look has come: the cursor, which is kept by whoever stores the pages."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Literal

from pomost.connectors.baselinker.journal import REMEMBERED, Heard
from pomost.ports import Json

JournalState = Literal["unknown", "on", "off"]
UNHEARD = 100


@dataclass(slots=True)
class Listing:
    """A listing that is under way: ``by`` "confirmed" or "created" from a second on, or "status" from an id on."""

    by: str
    start: int
    status: int = 0
    begun: int = 0

    @property
    def key(self) -> str:
        return f"{self.by}:{self.status}"


@dataclass(slots=True)
class Position:
    """Where the source was last read. All moments are Unix seconds.

    ``second`` and ``ids``: the confirmation time reached, and the orders known in that very second. ``log_id`` and
    ``logs``: the newest journal entry, and the last ones seen. ``unheard``: orders that were listed although the
    journal had not named them, with their time. ``floor``: orders of lower ids are too old to be watched by listing. The ``..._at`` of our own clock decide only when something is read
    once more, never what is left out.
    """

    import_from: int
    second: int
    ids: list[int] = field(default_factory=list)
    log_id: int = 0
    logs: list[int] = field(default_factory=list)
    log_at: int = 0
    journal: JournalState = "unknown"
    unheard: dict[str, int] = field(default_factory=dict)
    looked_at: int = 0
    bulk_at: int = 0
    relist_at: int = 0
    watch_at: int = 0
    floor: int = 0
    floor_at: int = 0
    listings: list[Listing] = field(default_factory=list)

    @classmethod
    def of(cls, cursor: Json) -> Position:
        known = {name: cursor[name] for name in cls.__dataclass_fields__ if name in cursor}
        return cls(**{**known, "listings": [Listing(**listing) for listing in cursor.get("listings", [])]})

    def json(self) -> Json:
        return asdict(self)

    def confirmed(self, second: int, ids: list[int], limit: int) -> None:
        """Listing by confirmation has come to ``second``; a moment beyond ``limit`` is not believed."""
        if second <= limit:
            self.second, self.ids = second, ids

    def take(self, heard: Heard) -> None:
        """Everything that the journal hinted at has been read."""
        self.log_id = max(self.log_id, heard.last_id)
        self.log_at = max(self.log_at, heard.last_at)
        self.logs = [*self.logs, *heard.ids][-REMEMBERED:]
        if heard.events:
            self.journal = "on"
        for order_id in heard.orders:
            self.unheard.pop(str(order_id), None)

    def did_not_hear(self, order_id: int, second: int) -> None:
        if len(self.unheard) < UNHEARD:
            self.unheard[str(order_id)] = second
