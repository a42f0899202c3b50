"""What the tests of this folder share: a clock moved by hand, sample answers, whole looks."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from pomost.connectors.baselinker import BaseLinkerChannel
from pomost.ports import Json, Seen, WaitUntil

SAMPLES = Path(__file__).parent / "samples"
MORNING = datetime(2026, 10, 5, 8, 0, tzinfo=UTC).timestamp()


class Clock:
    """Stands still until it is moved; the sandbox and the channel share it."""

    def __init__(self, now: float = MORNING) -> None:
        self.now = now

    def seconds(self) -> float:
        return self.now

    def moment(self) -> datetime:
        return datetime.fromtimestamp(self.now, UTC)

    def go(self, seconds: float) -> None:
        self.now += seconds


def sample(name: str) -> Any:
    """A sample answer as the client reads it."""
    return json.loads((SAMPLES / name).read_text(encoding="utf-8"), parse_float=Decimal)


class NoLimit:
    """Grants everything at once, as long as the account is not blocked."""

    def __init__(self) -> None:
        self.blocked_until: datetime | None = None

    def acquire(self, priority: int) -> None:
        if self.blocked_until is not None and self.blocked_until > datetime.now(UTC):
            raise WaitUntil("test.blocked", "The account is blocked.", self.blocked_until)

    def block(self, until: datetime) -> None:
        self.blocked_until = max(self.blocked_until or until, until)


class Looker:
    """Looks again and again with one kept cursor, which goes through JSON as the store would have it."""

    def __init__(self, channel: BaseLinkerChannel) -> None:
        self.channel = channel
        self.cursor: Json = {}
        self.gone: list[int] = []
        self.calls: dict[str, int] = {}

    def look(self) -> list[int]:
        """The ids seen, in the order in which they came; what was called is in ``calls``, what is gone in ``gone``."""
        return [int(one.external_id) for one in self.seen()]

    def seen(self) -> list[Seen]:
        before = Counter(self.channel.client.calls)
        found: list[Seen] = []
        self.gone = []
        for page in self.channel.look(self.cursor):
            found += page.seen
            self.gone += [int(external_id) for external_id in page.gone]
            self.cursor = json.loads(json.dumps(page.cursor))
        self.calls = dict(self.channel.client.calls - before)
        return found
