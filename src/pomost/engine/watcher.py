"""Looking at one thing again and again, in a thread of its own."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod

import structlog
from sqlalchemy.exc import SQLAlchemyError

from pomost.ports import Failure

log = structlog.get_logger("pomost.engine")

LONGEST_S = 60.0


class Watcher(ABC):
    """Looks every ``every_s`` seconds, from ``start`` to ``stop``.

    A look that fails is only logged, and tried again: sooner at first, up to a minute later while it goes on failing.
    """

    def __init__(self, name: str, every_s: float, rest_s: float = 0.0) -> None:
        """``rest_s``: seconds between looks at least, however often it is nudged."""
        self._name = name
        self._rest_s = rest_s
        self._every_s = every_s
        self._stop = threading.Event()
        self._nudge = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"pomost-{name}", daemon=True)

    def start(self) -> None:
        """Begins to look; returns at once."""
        self._thread.start()

    def nudge(self) -> None:
        """Look now, do not wait for the next turn. May be called from any thread."""
        self._nudge.set()

    def stop(self) -> None:
        """Ends when the look under way has ended, in ten seconds at most."""
        self._stop.set()
        self._nudge.set()
        if self._thread.is_alive():
            self._thread.join(10)

    @abstractmethod
    def look_once(self) -> int:
        """One look; gives how much was found. Raises Failure."""

    def _run(self) -> None:
        failures = 0
        while not self._stop.is_set():
            self._nudge.clear()
            try:
                self.look_once()
                failures = 0
            except Failure as failure:
                failures += 1
                log.warning("look-failed", watcher=self._name, code=failure.code)
            except SQLAlchemyError as error:
                failures += 1
                log.warning("store-unreachable", watcher=self._name, error=type(error).__name__)
            if self._stop.wait(self._rest_s):
                return
            if failures:
                # not woken: whoever nudges does not know that it fails
                self._stop.wait(max(self._every_s, min(0.5 * 2**failures, LONGEST_S)))
            else:
                self._nudge.wait(self._every_s)
