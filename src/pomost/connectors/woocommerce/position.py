"""How far a shop was read: what the looks at its orders and at its refunds remember."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pomost.ports import Json

Known = Callable[[datetime], Mapping[str, str]]
"""What Pomost has of a shop's orders, or of its refunds, since a moment: id -> status."""


@dataclass(slots=True)
class Position:
    """``modified``: the newest change that answers have shown. ``since``: what was made (and paid) before is left alone.
    ``compared``: when all was last compared, Unix seconds. ``known``: id -> what the overlap showed."""

    modified: datetime
    since: datetime
    compared: float = 0.0
    known: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, cursor: Json) -> Position:
        return cls(
            datetime.fromisoformat(str(cursor["modified"])),
            datetime.fromisoformat(str(cursor["since"])),
            float(cursor.get("compared", 0.0)),
            dict(cursor.get("known", {})),
        )

    def cursor(self) -> Json:
        return {
            "modified": self.modified.isoformat(),
            "since": self.since.isoformat(),
            "compared": self.compared,
            "known": dict(self.known),
        }
