"""Looking at the sources of orders, each at its own pace, one process at a time."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import SQLAlchemyError

from pomost.engine.background import Background
from pomost.ports import Failure, OrderSource, StopConnection, WaitUntil
from pomost.store.cases import Case, unsaved_case
from pomost.store.steps import StepRecord
from pomost.store.store import Store

log = structlog.get_logger("pomost.engine")

BEFORE_IDLE = 0.75
"""A look is put off for this part of the time for which the account has work."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A source, the flow its orders go through, and how often it is looked at.

    ``busy_s`` says for how many seconds the calls and cases that wait already keep the source's account busy: so long
    a look would only take calls away from them. It is put off by that much, to ``slowest_s`` at most.
    """

    name: str
    source: OrderSource
    company: str
    kind: str
    flow: str
    every_s: float
    slowest_s: float = 0.0
    busy_s: Callable[[], float] = lambda: 0.0


class Looker(Background):
    """One thread per source. Everything seen is stored with the cursor in one transaction, then woken.

    ``lease_s``: how long after a process died another one looks. A look that takes longer may be doubled, which costs
    calls and harms nothing: what is seen twice is stored once, and an older cursor only reads again.
    """

    def __init__(
        self,
        store: Store,
        watched: Watched,
        owner: str,
        wake: Callable[[Iterable[int]], None],
        now: Callable[[], float],
        lease_s: float = 15.0,
    ) -> None:
        super().__init__(f"look-{watched.name}")
        self._store = store
        self._watched = watched
        self._owner = owner
        self._wake = wake
        self._now = now
        self._lease_s = lease_s

    @property
    def watched(self) -> Watched:
        return self._watched

    def preview(self, limit: int) -> Iterator[tuple[Case, dict[str, StepRecord]]]:
        """Orders as they are now, with nothing stored: known cases with their steps, new ones with none."""
        watched = self._watched
        if limit <= 0:
            return
        for page in watched.source.look({}):
            for seen in page.seen:
                known = [
                    line
                    for line in self._store.queries.find(seen.external_id)
                    if (line.source, line.company) == (watched.name, watched.company)
                ]
                steps = self._store.steps.of_case(known[0].id) if known else {}
                yield unsaved_case(watched.name, watched.company, watched.kind, watched.flow, seen), steps
                limit -= 1
                if limit <= 0:
                    return

    def look_once(self) -> int:
        """One look; gives how many orders were seen. Raises Failure, the pages before it stay stored."""
        watched = self._watched
        cursor = self._store.looks.take(watched.name, self._owner, self._lease_s, self._now())
        if cursor is None:
            return 0
        found, note, stopped = 0, "", ""
        try:
            for page in watched.source.look(cursor):
                touched = self._store.cases.keep_page(
                    source=watched.name,
                    company=watched.company,
                    kind=watched.kind,
                    flow=watched.flow,
                    page=page,
                    now=self._now(),
                )
                found += len(page.seen)
                if touched:
                    self._wake(touched)
                if self._stop.is_set():
                    break
                self._store.looks.take(watched.name, self._owner, self._lease_s, self._now())
        except StopConnection as failure:
            stopped = str(failure)
            raise
        except Failure as failure:
            note = str(failure)
            raise
        finally:
            self._store.looks.end(watched.name, self._owner, self._now(), note=note, stopped=stopped)
        return found

    def _rest(self, pause: float, *, put_off: bool) -> None:
        """Waits until the next look or a nudge. A look that was ``put_off`` because the account is busy comes sooner when
        it is done sooner than it seemed: of many cases that are due at once most may have nothing left to do."""
        began, every = time.monotonic(), self._watched.every_s
        while (left := pause - (time.monotonic() - began)) > 0:
            if self._nudge.wait(min(left, every) if put_off else left):
                break
            if put_off:
                try:
                    pause = min(pause, time.monotonic() - began + self._pause())
                except SQLAlchemyError:
                    break
                put_off = pause > time.monotonic() - began + every
        self._nudge.clear()

    def _pause(self) -> float:
        """Seconds until the next look: the usual ones, more while the account has enough to do, but so that the next
        look is over before it has not."""
        watched = self._watched
        return max(watched.every_s, min(BEFORE_IDLE * watched.busy_s(), watched.slowest_s))

    def _wake_stopped(self) -> None:
        """The connection works: what was stopped because it did not goes on."""
        stopped = self._store.cases.of_source(self._watched.name, ("stopped",))
        if stopped:
            self._store.cases.wake(stopped, self._now(), reset=True)
            self._wake(stopped)

    def _run(self) -> None:
        failures = 0
        while not self._stop.is_set():
            pause, held = self._watched.every_s, False
            try:
                self.look_once()
                self._wake_stopped()
                failures = 0
                pause = self._pause()
            except WaitUntil as failure:
                pause, held = max(pause, failure.until.timestamp() - self._now()), True
            except StopConnection as failure:
                log.error("connection-stopped", source=self._watched.name, code=failure.code)
                pause, held = max(pause, 60.0), True
            except Failure as failure:
                failures += 1
                pause = min(max(pause, 0.2) * 2**failures, max(60.0, pause))
                log.warning("look-failed", source=self._watched.name, code=failure.code)
            except SQLAlchemyError as error:
                failures += 1
                pause = min(max(pause, 0.5) * 2 ** min(failures, 6), 30.0)
                log.warning("store-unreachable", source=self._watched.name, error=type(error).__name__)
            self._rest(pause * random.uniform(0.95, 1.05), put_off=failures == 0 and not held)
