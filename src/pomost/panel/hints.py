"""Following hints that a source has something new."""

from __future__ import annotations

import threading
import time

from pomost.bootstrap import Pomost

REST_S = 2.0
"""Seconds between two looks that hints ask for; a look costs calls, and hints may come by the thousand."""


class Hints:
    """Has sources looked at, each once in ``REST_S``; a hint that comes in between is followed when the time is over."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next: dict[str, float] = {}

    def follow(self, pomost: Pomost, source: str) -> None:
        now = time.monotonic()
        with self._lock:
            due = self._next.get(source, 0.0)
            if due > now + 0.001:
                # one look is on its way already and will see what this hint is about
                return
            wait = max(due + REST_S - now, 0.0)
            self._next[source] = now + wait if wait else now
        if wait:
            timer = threading.Timer(wait, pomost.look_now, (source,))
            timer.daemon = True
            timer.start()
        else:
            pomost.look_now(source)
