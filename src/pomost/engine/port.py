"""The small port that runs the work. Two runners pass the same tests: embedded (SQLite) and procrastinate (PostgreSQL).

A wake-up is only a hint: all state is in the store, so a lost or doubled one harms nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol


class Runner(Protocol):
    def start(self) -> None:
        """Begins to work; returns at once."""
        ...

    def wake(self, case_ids: Iterable[int]) -> None:
        """These cases are due: look at them soon. Never blocks, never fails."""
        ...

    def stop(self, timeout_s: float = 30.0) -> bool:
        """Takes no new work, finishes what is under way; False when something was still running at the time-out."""
        ...
