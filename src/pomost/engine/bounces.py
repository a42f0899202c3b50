"""Looking for mails that came back, one process at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

import structlog
from sqlalchemy.exc import SQLAlchemyError

from pomost.ports import Failure, Mailer
from pomost.store.store import Store

log = structlog.get_logger("pomost.engine")

LEASE_S = 300.0


class BounceWatcher:
    """One thread per mail account with a mailbox. A fault of the mailbox never stops the sending."""

    def __init__(
        self,
        store: Store,
        name: str,
        mailer: Mailer,
        owner: str,
        wake: Callable[[Iterable[int]], None],
        now: Callable[[], float],
        every_s: float,
    ) -> None:
        self._store = store
        self._source = f"{name}.bounces"[:40]
        self._mailer = mailer
        self._owner = owner
        self._wake = wake
        self._now = now
        self._every_s = every_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"pomost-bounces-{name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(10)

    def look_once(self) -> int:
        """Gives how many orders a mail came back for. Raises Failure."""
        cursor = self._store.looks.take(self._source, self._owner, LEASE_S, self._now())
        if cursor is None:
            return 0
        note = ""
        try:
            bounces, following = self._mailer.bounces(cursor)
            cases = self._store.bounces.keep(self._source, bounces, following, self._now())
        except Failure as failure:
            note = str(failure)
            raise
        finally:
            self._store.looks.end(self._source, self._owner, self._now(), note=note)
        if cases:
            self._store.cases.wake(cases, self._now(), reset=True)
            self._wake(cases)
        return len(cases)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.look_once()
            except Failure as failure:
                log.warning("mailbox-not-read", source=self._source, code=failure.code)
            except SQLAlchemyError as error:
                log.warning("store-unreachable", error=type(error).__name__)
            self._stop.wait(self._every_s)
