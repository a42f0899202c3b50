"""Looking at one thing again and again, in a thread of its own."""

from __future__ import annotations

from abc import abstractmethod

import structlog
from sqlalchemy.exc import SQLAlchemyError

from pomost.engine.background import Background
from pomost.ports import Failure

log = structlog.get_logger("pomost.engine")

LONGEST_S = 60.0


class Watcher(Background):
    """Looks every ``every_s`` seconds, from ``start`` to ``stop``.

    A look that fails is only logged, and tried again: sooner at first, up to a minute later while it goes on failing.
    """

    def __init__(self, name: str, every_s: float, rest_s: float = 0.0) -> None:
        """``rest_s``: seconds between looks at least, however often it is nudged."""
        super().__init__(name)
        self._name = name
        self._rest_s = rest_s
        self._every_s = every_s

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
