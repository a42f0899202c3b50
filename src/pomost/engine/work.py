"""Working on one claimed case: the flow is advanced and the case released, whatever happens."""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Callable, Mapping

import structlog

from pomost.config.flow import Flow
from pomost.config.model import Engine
from pomost.flows.acts.hands import Hands
from pomost.flows.advance import advance
from pomost.flows.progress import Progress
from pomost.store.cases import Outcome
from pomost.store.claims import Claim, LostLease
from pomost.store.store import Store

log = structlog.get_logger("pomost.engine")


def new_owner() -> str:
    """A name for this process that no other process has or had."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{uuid.uuid4().hex[:8]}"


_HELD = 0.8
"""A claim is held a little shorter than the lease that is promised: finding it and finishing takes the rest."""


class Work:
    """Everything needed to work on any case: the flows by name, with the hands of each.

    ``held_s``: seconds for which a claim holds unless renewed. ``at`` is told when the end of a step is stored (tests).
    """

    def __init__(
        self,
        store: Store,
        flows: Mapping[str, tuple[Flow, Hands]],
        timing: Engine,
        now: Callable[[], float],
        at: Callable[[str], None] = lambda point: None,
    ) -> None:
        self.store = store
        self.flows = flows
        self.timing = timing
        self.now = now
        self.held_s = timing.lease_s * _HELD
        self._at = at

    def do(self, claim: Claim) -> float | None:
        """Advances the case and releases it; gives when it is due again (None: when it is woken)."""
        try:
            progress = Progress(self.store, claim, self.now, self._at)
            with structlog.contextvars.bound_contextvars(case=claim.case_id, source=progress.case.source):
                outcome = self._outcome(progress)
                due_at = progress.release(outcome)
                log.info("case-rests", state=outcome.state, code=outcome.waits.get("code"))
                return due_at
        except LostLease:
            log.warning("lease-lost", case=claim.case_id)
            return None

    def _outcome(self, progress: Progress) -> Outcome:
        case = progress.case
        known = self.flows.get(case.flow)
        if known is None:
            return Outcome(
                "person",
                {
                    "code": "engine.flow-missing",
                    "text": f'The flow "{case.flow}" of this order is not in the configuration any more.',
                    "advice": "Put it back, or give the order to another flow.",
                },
            )
        flow, hands = known
        try:
            return advance(hands, flow, progress, self.timing)
        except LostLease:
            raise
        except Exception as error:
            # a fault of ours on one order must not stop the others: it is kept on the order, with its trace in the log
            log.exception("unexpected", case=case.id)
            attempts = case.attempts + 1
            waits = {
                "code": "engine.unexpected",
                "text": f"{type(error).__name__} while working on this order; the log has the details.",
                "advice": "It is tried again; if it stays, report it with the log.",
            }
            if attempts >= self.timing.attempts:
                return Outcome("person", waits, attempts=attempts)
            pause = min(self.timing.retry_first_s * 2 ** (attempts - 1), self.timing.retry_most_s)
            return Outcome("retrying", waits, due_at=self.now() + pause, attempts=attempts)
