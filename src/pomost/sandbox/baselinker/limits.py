"""The limit of calls per token and the block that follows it (reference, section 2)."""

from collections import deque
from datetime import datetime
from zoneinfo import ZoneInfo

from pomost.sandbox.baselinker.protocol import Refusal
from pomost.sandbox.baselinker.state import Account

POLISH_TIME = ZoneInfo("Europe/Warsaw")


class Limiter:
    """Counts calls in a sliding window; the first one too many blocks the token, also over a restart."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._settings = account.settings
        self._calls: deque[float] = deque()
        self._blocked_until = account.blocked_until

    def block(self) -> None:
        self._blocked_until = self._settings.clock() + self._settings.block_s
        with self._account.transaction():
            self._account.block_until(self._blocked_until)
        self._calls.clear()

    def admit(self) -> None:
        """Count one call; raises ``Refusal`` while the token is blocked."""
        now = self._settings.clock()
        if now < self._blocked_until:
            if self._settings.block_prolongs:
                self.block()
            raise self._refusal()
        limit = self._settings.limit
        if limit <= 0:
            return
        calls = self._calls
        while calls and calls[0] <= now - self._settings.window_s:
            calls.popleft()
        if len(calls) >= limit:
            self.block()
            raise self._refusal()
        calls.append(now)

    def _refusal(self) -> Refusal:
        until = datetime.fromtimestamp(self._blocked_until, POLISH_TIME)
        return Refusal(
            "ERROR_BLOCKED_TOKEN", f"Query limit exceeded, token blocked until {until:%Y-%m-%d %H:%M:%S}"
        )
