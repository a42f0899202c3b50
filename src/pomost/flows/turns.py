"""Turns at a device: who came first is served first, and who waits for long is sent away until about its turn."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime, timedelta

from pomost.ports import WaitUntil

MOST_WAITING = 32
"""So many wait in the queue; others come again about when it has got to them."""
SOON_S, LATE_S = 1.0, 300.0


class Turns:
    """``places`` at a time. ``resting``: entered by who waits, so that it does not count as a worker meanwhile."""

    def __init__(
        self,
        name: str,
        places: int = 1,
        resting: Callable[[], AbstractContextManager[None]] = nullcontext,
        most: int = MOST_WAITING,
    ) -> None:
        self._name = name
        self._free = places
        self._places = places
        self._resting = resting
        self._most = most
        self._changed = threading.Condition()
        self._queue: deque[object] = deque()
        self._pace = SOON_S
        self._promised = 0.0
        self._closes_at = float("inf")

    @contextmanager
    def one(self) -> Iterator[None]:
        """Raises WaitUntil ``fiscal.busy`` where too many wait, and ``engine.closing`` to who waits when the program ends."""
        ticket = object()
        with self._changed:
            if len(self._queue) >= self._most:
                raise self._sent_away()
            self._queue.append(ticket)
        try:
            with self._resting(), self._changed:
                while not (self._free and self._queue[0] is ticket):
                    self._raise_if_closing()
                    left = self._closes_at - time.monotonic()
                    self._changed.wait(left if left != float("inf") else None)
                self._raise_if_closing()
                self._free -= 1
        finally:
            with self._changed:
                self._queue.remove(ticket)
                self._changed.notify_all()
        began = time.monotonic()
        try:
            yield
        finally:
            with self._changed:
                self._free += 1
                self._pace += 0.2 * ((time.monotonic() - began) / self._places - self._pace)
                self._changed.notify_all()

    def close(self, within_s: float) -> None:
        """The program ends: who gets no turn within so many seconds is sent away, with nothing done."""
        with self._changed:
            self._closes_at = time.monotonic() + within_s
            self._changed.notify_all()

    def _sent_away(self) -> WaitUntil:
        """Each gets a moment of its own, one pace after the other, so that they do not all come again at once."""
        now = time.time()
        first = now + max(SOON_S, len(self._queue) * self._pace / 2)
        at = min(max(self._promised + self._pace, first), now + LATE_S)
        self._promised = at
        return WaitUntil(
            "fiscal.busy",
            f'{self._most} others wait for "{self._name}" already.',
            datetime.now(UTC) + timedelta(seconds=at - now),
            "Goes on by itself.",
        )

    def _raise_if_closing(self) -> None:
        if time.monotonic() >= self._closes_at:
            raise WaitUntil(
                "engine.closing",
                f'Pomost ends, and the connection "{self._name}" had no turn for this call before.',
                datetime.now(UTC),
                "Nothing is lost; work goes on by itself at the next start.",
            )
