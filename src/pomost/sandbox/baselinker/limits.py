"""The limit of calls for each token, and the block that follows (reference, section 2)."""

from __future__ import annotations

from collections import deque
from datetime import datetime
from zoneinfo import ZoneInfo

from pomost.sandbox.baselinker.protocol import Refusal

WARSAW = ZoneInfo("Europe/Warsaw")


class Limit:
    """``calls`` in a sliding ``window_s``; one more blocks the token for ``block_s``. 0 calls: no limit."""

    def __init__(self, calls: int, window_s: float, block_s: float) -> None:
        self._calls = calls
        self._window_s = window_s
        self._block_s = block_s
        self._seen: dict[str, deque[float]] = {}
        self._blocked: dict[str, float] = {}
        self.blocks = 0

    def check(self, token: str, now: float) -> None:
        """Counts a call; raises Refusal while the token is blocked."""
        until = self._blocked.get(token, 0.0)
        if until > now:
            raise self._refusal(until)
        if not self._calls:
            return
        seen = self._seen.setdefault(token, deque())
        while seen and seen[0] <= now - self._window_s:
            seen.popleft()
        seen.append(now)
        if len(seen) > self._calls:
            raise self._refusal(self.block(token, now))

    def block(self, token: str, now: float) -> float:
        self.blocks += 1
        self._blocked[token] = now + self._block_s
        return self._blocked[token]

    @staticmethod
    def _refusal(until: float) -> Refusal:
        at = datetime.fromtimestamp(until, WARSAW)
        return Refusal(
            "ERROR_BLOCKED_TOKEN", f"Query limit exceeded, token blocked until {at:%Y-%m-%d %H:%M:%S}"
        )
