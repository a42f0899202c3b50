"""Something that one process at a time does, for as long as it lives."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
from sqlalchemy.exc import SQLAlchemyError

from pomost.store.looks import Looks

log = structlog.get_logger("pomost.engine")


class Holding:
    """A source in ``looks`` that this process keeps by a lease. Another takes it over one lease after it died."""

    def __init__(
        self, looks: Looks, source: str, owner: str, lease_s: float, now: Callable[[], float]
    ) -> None:
        self._looks = looks
        self.source = source
        self._owner = owner
        self._lease_s = lease_s
        self._now = now
        self._until = 0.0

    def is_held(self) -> bool:
        """Whether this process has it; taken where nobody has it, renewed when a third of the lease is over."""
        now = self._now()
        if now < self._until - self._lease_s * 2 / 3:
            return True
        held = self._looks.take(self.source, self._owner, self._lease_s, now) is not None
        self._until = now + self._lease_s if held else 0.0
        return held

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Within, the lease is renewed however long a call waits."""
        done = threading.Event()

        def renew() -> None:
            while not done.wait(self._lease_s / 3):
                try:
                    self.is_held()
                except SQLAlchemyError as error:
                    log.warning("lease-not-renewed", source=self.source, error=type(error).__name__)

        thread = threading.Thread(target=renew, name=f"pomost-hold-{self.source}", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join(5)

    def note(self, text: str) -> None:
        """Says what went wrong, or with an empty text that nothing did; keeps the lease."""
        self._looks.note(self.source, self._now(), text)

    def release(self) -> None:
        """Lets another process have it at once."""
        if self._until:
            self._until = 0.0
            self._looks.end(self.source, self._owner, self._now())
