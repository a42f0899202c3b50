"""Looking for mails that came back, one process at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pomost.engine.watcher import Watcher
from pomost.ports import Failure, Mailer
from pomost.store.store import Store

LEASE_S = 300.0


class BounceWatcher(Watcher):
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
        super().__init__(f"bounces-{name}", every_s)
        self._store = store
        self._source = f"{name}.bounces"[:40]
        self._mailer = mailer
        self._owner = owner
        self._wake = wake
        self._now = now

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
