"""Keeping the leases of work that goes on: one write for all of a process's cases, three times a lease."""

from __future__ import annotations

import threading

import structlog
from sqlalchemy.exc import SQLAlchemyError

from pomost.engine.work import Work
from pomost.store.claims import Claim

log = structlog.get_logger("pomost.engine")


class Heartbeat:
    def __init__(self, work: Work, owner: str) -> None:
        self._work = work
        self._owner = owner
        self._held: dict[int, Claim] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pomost-heartbeat", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(5)

    def hold(self, claim: Claim) -> None:
        with self._lock:
            self._held[claim.case_id] = claim

    def drop(self, claim: Claim) -> None:
        with self._lock:
            self._held.pop(claim.case_id, None)

    def held(self) -> int:
        with self._lock:
            return len(self._held)

    def _run(self) -> None:
        held_s = self._work.held_s
        while not self._stop.wait(held_s / 3):
            with self._lock:
                claims = list(self._held.values())
            try:
                self._work.store.cases.renew(self._owner, claims, held_s, self._work.now())
            except SQLAlchemyError as error:
                log.warning("leases-not-renewed", error=type(error).__name__)
