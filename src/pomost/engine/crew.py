"""Who is at work: threads that only wait for their turn at an account do not count, and others work meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

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
