"""How printers, mail servers and carriers answered last: nobody looks at them unasked, and the start page shall not guess."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock

import structlog
from sqlalchemy.exc import SQLAlchemyError

from pomost.ports import Failure, InDoubt, StopConnection, TryAgain, WaitUntil
from pomost.store.looks import Looks

EVERY_S = 30.0
"""An answer like the one before is written down no oftener."""
_OF_THE_CONNECTION = (TryAgain, WaitUntil, StopConnection, InDoubt)
log = structlog.get_logger("pomost.engine")


def source_of(name: str) -> str:
    """Under which name the answers of a device are kept among the looks."""
    return f"{name}.answer"[:40]


class Heard:
    """Told how each use ended: None where it answered, else the failure. One that is about a document, or waits for a person to
    change one, is an answer like another."""

    def __init__(self, looks: Looks, name: str, now: Callable[[], float]) -> None:
        self._looks = looks
        self._source = source_of(name)
        self._now = now
        self._lock = Lock()
        self._last: tuple[str, float] | None = None

    def __call__(self, failure: Failure | None) -> None:
        note = str(failure) if isinstance(failure, _OF_THE_CONNECTION) else ""
        with self._lock:
            moment = time.monotonic()
            if self._last is not None and self._last[0] == note and moment - self._last[1] < EVERY_S:
                return
            self._last = (note, moment)
        try:
            self._looks.heard(self._source, self._now(), note)
        except SQLAlchemyError as error:
            # what was printed or sent is not undone by a note that can't be kept
            log.warning("answer-not-noted", source=self._source, error=type(error).__name__)
