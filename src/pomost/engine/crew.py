"""Who is at work: threads that only wait for their turn at an account do not count, and others work meanwhile."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

MOST = 256
"""So many threads of a process at most, those that wait included."""

_here = threading.local()


@contextmanager
def at_work(rests: Callable[[int], None]) -> Iterator[None]:
    """Around the work of a thread; ``rests`` is told 1 when it begins to rest and -1 when it is done resting."""
    _here.rests = rests
    try:
        yield
    finally:
        del _here.rests


@contextmanager
def resting() -> Iterator[None]:
    """Around a wait that may be long and uses nothing. Of no effect in threads that are not ``at_work``."""
    rests: Callable[[int], None] | None = getattr(_here, "rests", None)
    if rests is None:
        yield
        return
    del _here.rests
    rests(1)
    try:
        yield
    finally:
        rests(-1)
        _here.rests = rests


class Places(asyncio.Semaphore):
    """Places for jobs on an event loop, with one more for each that rests; ``size`` without those, ``most`` with them.

    Who is done resting has its place back at once. Where it was given away, one more works for a while, and the next place
    that becomes free is not given away.
    """

    def __init__(self, size: int, most: int = MOST) -> None:
        super().__init__(size)
        self._extra = max(most - size, 0)
        self._resting = 0
        self._owed = 0

    def rests(self, change: int) -> None:
        """1: one begins to rest; -1: one is done. Called on the loop's thread."""
        before, self._resting = min(self._resting, self._extra), self._resting + change
        given = min(self._resting, self._extra) - before
        if given > 0:
            self.release()
        elif given < 0:
            self._owed += 1

    def release(self) -> None:
        if self._owed:
            self._owed -= 1
        else:
            super().release()
