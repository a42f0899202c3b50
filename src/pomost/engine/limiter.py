"""One door per account: every call waits here for its turn, whichever worker or process it comes from."""

from __future__ import annotations

import heapq
import random
import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count

from pomost.engine.crew import resting
from pomost.ports import Priority, WaitUntil
from pomost.store.limits import Limits

GRACE_S: dict[int, float] = {
    Priority.NEW_ORDERS: 5.0,
    Priority.EDITS: 10.0,
    Priority.WRITE_BACK: 20.0,
    Priority.STOCK: 30.0,
    Priority.SHARED: 60.0,
    Priority.CHECKS: 60.0,
    Priority.CATALOGUE: 120.0,
}
"""Calls go in the order of arrival plus grace, so that urgent ones overtake and none waits for ever.

Reading comes first although writing matters more: looks are few and space themselves out when the account is busy
(`engine.looking`), and one look that waits behind all writes would keep every new order waiting with it. Writes that
many share wait until the queue is short, as whoever finishes before them joins; without a queue they go at once.
"""
_BURST = 2
_AHEAD = 8
"""So many calls, each of another process, may have their moment reserved at the same time."""
_CHECK_S = 0.5


class AccountLimiter:
    """Paces the calls of one account to ``per_minute``; 0 means no limit (blocks are respected all the same).

    In any minute at most ``per_minute`` calls are granted: one less than that is paced, and a burst of two allowed. The
    pace is kept in the store, for all processes together; within a process the most urgent caller asks for it.
    """

    def __init__(
        self, limits: Limits, account: str, per_minute: int, now: Callable[[], float] = time.time
    ) -> None:
        self._limits = limits
        self._account = account
        self.interval = 60.0 / max(per_minute - _BURST, 1) if per_minute else 0.0
        """Seconds between two calls; 0 without a limit."""
        self._now = now
        self._blocked_until = 0.0
        self._checked_at = 0.0
        self._closes_at = float("inf")
        self._turn = threading.Condition()
        self._waiting: list[tuple[float, int]] = []
        self._numbers = count()
        self._granted: deque[float] = deque(maxlen=20_000)

    def acquire(self, priority: int = Priority.WRITE_BACK) -> None:
        """Returns when a call may be made. Raises WaitUntil while the account is blocked, also to those in the queue, and
        to those who are still in the queue when it is closed."""
        self._refuse_while_blocked()
        if not self.interval:
            self._granted.append(time.monotonic())
            return
        ticket = (time.monotonic() + GRACE_S.get(priority, 0.0), next(self._numbers))
        with self._turn:
            heapq.heappush(self._waiting, ticket)
            self._turn.notify_all()
        try:
            with resting():
                self._wait_until_first(ticket)
                self._take_moment(ticket)
        finally:
            with self._turn:
                self._waiting.remove(ticket)
                heapq.heapify(self._waiting)
                self._turn.notify_all()

    def block(self, until: datetime) -> None:
        """Nobody calls with this account before ``until`` (aware)."""
        self._limits.block(self._account, until.timestamp())
        with self._turn:
            self._blocked_until = max(self._blocked_until, until.timestamp())
            self._turn.notify_all()

    def close(self, within_s: float) -> None:
        """The program ends: who gets no turn within so many seconds is sent away, with nothing done."""
        with self._turn:
            self._closes_at = time.monotonic() + within_s
            self._turn.notify_all()

    def queue_s(self) -> float:
        """Seconds that the calls waiting here will take."""
        with self._turn:
            return len(self._waiting) * self.interval

    def queue(self) -> int:
        """Calls that wait here for their turn."""
        with self._turn:
            return len(self._waiting)

    def granted_within(self, seconds: float) -> int:
        """Calls of this process that were let through in the last so many seconds."""
        begin = time.monotonic() - seconds
        return sum(1 for moment in tuple(self._granted) if moment > begin)

    def _wait_until_first(self, ticket: tuple[float, int]) -> None:
        with self._turn:
            while self._waiting[0] != ticket:
                left = self._closes_at - time.monotonic()
                self._turn.wait(max(left, 0.0) if left != float("inf") else None)
                self._raise_if_blocked()

    def _take_moment(self, ticket: tuple[float, int]) -> None:
        """Asks the store for a moment and waits for it; steps back while somebody more urgent has come."""
        while True:
            wait = self._limits.grant(
                self._account,
                interval=self.interval,
                burst=_BURST,
                patience=self.interval * _AHEAD,
                now=self._now(),
            )
            if wait is not None:
                break
            self._rest(self.interval * random.uniform(1.0, 2.0))
            self._refuse_while_blocked()
            self._wait_until_first(ticket)
        end = time.monotonic() + wait
        while (left := end - time.monotonic()) > 0:
            self._rest(left)
            self._refuse_while_blocked()
        self._granted.append(time.monotonic())

    def _rest(self, seconds: float) -> None:
        """Waits, not so long that a block told to another process would be missed."""
        with self._turn:
            self._turn.wait(min(seconds, 2 * _CHECK_S))

    def _refuse_while_blocked(self) -> None:
        now = self._now()
        if now - self._checked_at > _CHECK_S:
            self._checked_at = now
            known = self._limits.blocked_until(self._account)
            with self._turn:
                if known > self._blocked_until:
                    self._blocked_until = known
                    self._turn.notify_all()
        self._raise_if_blocked()

    def _raise_if_blocked(self) -> None:
        if time.monotonic() >= self._closes_at:
            raise WaitUntil(
                "engine.closing",
                f'Pomost ends, and the connection "{self._account}" had no turn for this call before.',
                datetime.fromtimestamp(self._now(), UTC),
                "Nothing is lost; work goes on by itself at the next start.",
            )
        if self._blocked_until > self._now():
            until = datetime.fromtimestamp(self._blocked_until + random.uniform(0.5, 3.0), UTC)
            raise WaitUntil(
                "engine.account-blocked",
                f'The connection "{self._account}" is blocked until {until:%Y-%m-%d %H:%M:%S} UTC.',
                until,
                "Nothing is lost; work goes on by itself then.",
            )
