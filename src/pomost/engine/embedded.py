"""The embedded runner: threads of this process, leased rows of the store. Works on SQLite (and on PostgreSQL too)."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import structlog
from sqlalchemy.exc import SQLAlchemyError

from pomost.engine.crew import MOST, at_work
from pomost.engine.heartbeat import Heartbeat
from pomost.engine.work import Work, new_owner
from pomost.store.claims import Claim

log = structlog.get_logger("pomost.engine")


class EmbeddedRunner:
    """Claims what is due in batches, works on it in ``workers`` threads, and sleeps until woken or due.

    A few cases more than there are workers are claimed ahead, so that one claim serves several; a stop gives them back.
    A thread that waits for an account's limit does not count as a worker: other cases are worked on meanwhile, so that
    one slow account keeps none of the others waiting, and more orders share the calls that can be shared.
    """

    def __init__(self, work: Work, owner: str = "") -> None:
        self._work = work
        self.owner = owner or new_owner()
        self._size = work.timing.workers
        self._ahead = self._size // 4
        self._most = max(MOST, self._size + self._ahead)
        self._pool = ThreadPoolExecutor(self._most, thread_name_prefix="pomost-worker")
        self._heartbeat = Heartbeat(work, self.owner)
        self._condition = threading.Condition()
        self._held = 0
        self._resting = 0
        self._woken = False
        self._stopping = False
        self._thread = threading.Thread(target=self._dispatch, name="pomost-dispatcher", daemon=True)

    def start(self) -> None:
        self._heartbeat.start()
        self._thread.start()

    def wake(self, case_ids: Iterable[int]) -> None:
        with self._condition:
            self._woken = True
            self._condition.notify_all()

    def stop(self, timeout_s: float = 30.0) -> bool:
        with self._condition:
            self._stopping = True
            self._condition.notify_all()
        self._thread.join(timeout_s)
        self._pool.shutdown(wait=False)
        end = time.monotonic() + timeout_s
        with self._condition:
            while self._held and time.monotonic() < end:
                self._condition.wait(0.2)
            clean = not self._held
        self._heartbeat.stop()
        return clean

    def _dispatch(self) -> None:
        while True:
            with self._condition:
                while self._free(self._size) <= 0 and not self._stopping:
                    self._condition.wait()
                if self._stopping:
                    return
                free = self._free(self._size + self._ahead)
                self._woken = False
            pause = self._claim_and_hand_out(free)
            with self._condition:
                if pause and not self._woken and not self._stopping:
                    self._condition.wait(pause)

    def _free(self, size: int) -> int:
        """How many cases may be taken in addition, when ``size`` may be worked on."""
        return min(size - (self._held - self._resting), self._most - self._held)

    def _rests(self, change: int) -> None:
        with self._condition:
            self._resting += change
            self._condition.notify_all()

    def _claim_and_hand_out(self, free: int) -> float:
        """Gives the seconds to sleep; 0 when there may be more to claim at once."""
        timing, now = self._work.timing, self._work.now()
        try:
            claims = self._work.store.cases.claim(self.owner, free, self._work.held_s, now)
            if not claims:
                due = self._work.store.cases.next_due()
                return min(timing.sweep_s, max(0.005, due - now)) if due is not None else timing.sweep_s
        except SQLAlchemyError as error:
            log.warning("store-unreachable", error=type(error).__name__)
            return min(1.0, timing.sweep_s)
        with self._condition:
            self._held += len(claims)
        for claim in claims:
            self._heartbeat.hold(claim)
            self._pool.submit(self._work_on, claim)
        return 0.0

    def _work_on(self, claim: Claim) -> None:
        try:
            if self._stopping:
                self._work.store.cases.give_back([claim])
            else:
                with at_work(self._rests):
                    self._work.do(claim)
        except SQLAlchemyError as error:
            # the store is away: the lease ends by itself and the case is taken up again
            log.warning("case-left-to-its-lease", case=claim.case_id, error=type(error).__name__)
        finally:
            self._heartbeat.drop(claim)
            with self._condition:
                self._held -= 1
                self._condition.notify_all()
