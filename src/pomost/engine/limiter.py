"""One door per account: every call waits here for its turn, whichever worker or process it comes from."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime

from pomost.ports import WaitUntil
from pomost.store.limits import Limits

ORDERS, CATALOGUE = 0, 1
"""Priorities: a catalogue call only goes when no order call is queued before it."""

_PATIENCE_S = {ORDERS: 120.0, CATALOGUE: 0.0}
_BURST = 2


class AccountLimiter:
    """Paces the calls of one account to ``per_minute``; 0 means no limit (blocks are respected all the same).

    In any minute at most ``per_minute`` calls are granted: one less than that is paced, and a burst of two allowed.
    """

    def __init__(
        self,
        limits: Limits,
        account: str,
        per_minute: int,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._limits = limits
        self._account = account
        self._interval = 60.0 / max(per_minute - _BURST, 1) if per_minute else 0.0
        self._now = now
        self._sleep = sleep
        self._blocked_until = 0.0
        self._checked_at = 0.0

    def acquire(self, priority: int = ORDERS) -> None:
        """Returns when a call may be made. Raises WaitUntil while the account is blocked."""
        self._refuse_while_blocked()
        if not self._interval:
            return
        while True:
            wait = self._limits.grant(
                self._account,
                interval=self._interval,
                burst=_BURST,
                patience=_PATIENCE_S[priority],
                now=self._now(),
            )
            if wait is not None:
                break
            self._sleep(self._interval * random.uniform(1.0, 2.0))
        if wait > 0:
            self._sleep(wait)
            self._refuse_while_blocked()

    def block(self, until: datetime) -> None:
        """Nobody calls with this account before ``until`` (aware)."""
        self._limits.block(self._account, until.timestamp())
        self._blocked_until = max(self._blocked_until, until.timestamp())

    def _refuse_while_blocked(self) -> None:
        now = self._now()
        if now - self._checked_at > 0.5:
            self._checked_at = now
            self._blocked_until = max(self._blocked_until, self._limits.blocked_until(self._account))
        if self._blocked_until > now:
            until = datetime.fromtimestamp(self._blocked_until + random.uniform(0.5, 3.0), UTC)
            raise WaitUntil(
                "engine.account-blocked",
                f'The connection "{self._account}" is blocked until {until:%Y-%m-%d %H:%M:%S} UTC.',
                until,
                "Nothing is lost; work goes on by itself then.",
            )
