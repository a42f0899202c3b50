"""One claimed case on its way: what is known of it, and what was done and is not written yet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import structlog

from pomost.ports import Failure
from pomost.store.cases import Case, Outcome
from pomost.store.claims import Claim
from pomost.store.prints import NewPrint
from pomost.store.steps import Finished, Intention, StepRecord
from pomost.store.store import Store
from pomost.trade.documents import Document

log = structlog.get_logger("pomost.flows")


class Progress:
    """The case, its steps by name, and the writing of both.

    That a step is done is written together with the next intention, or with the release of the case: half the
    transactions. A kill in between loses nothing, for a step that is intended is looked for at the other side before
    it is repeated. Nothing else may be waited for in between: ``flush`` comes before any other call to the outside.
    """

    def __init__(
        self, store: Store, claim: Claim, now: Callable[[], float], at: Callable[[str], None]
    ) -> None:
        self._store = store
        self._claim = claim
        self._now = now
        self._at = at
        self._unwritten: list[Finished] = []
        self.made: dict[str, Document] = {}
        """Documents made in this run by their ids: they need not be read again a moment later."""
        self.prints: Callable[[Finished], tuple[NewPrint, ...]] = lambda one: ()
        """What a step that is done puts into the print queue; written in the same transaction."""
        self.case: Case
        self.done: dict[str, StepRecord]
        self.case, self.done = store.cases.load_with_steps(claim.case_id)

    def intend(self, intentions: Sequence[Intention]) -> None:
        """Writes what is about to be done, before it is. Raises LostLease."""
        self._write(intentions)
        for one in intentions:
            known = self.done.get(one.step)
            self.done[one.step] = (
                replace(known, state="intended", request_text=one.request, error={})
                if known
                else StepRecord(one.step, "intended", one.key, one.request, started_at=self._now())
            )

    def finish(self, *finished: Finished) -> None:
        """Steps are done; written with what comes next."""
        self._unwritten += [replace(one, prints=self.prints(one)) for one in finished]
        for one in finished:
            self.done[one.step] = replace(self.done[one.step], state="done", result=one.result)
            if one.moved and self.case.status == one.moved[0]:
                self.case = replace(self.case, status=one.moved[1])

    def flush(self) -> None:
        """Writes what is not written yet. Raises LostLease."""
        if self._unwritten:
            self._write(())

    def still_mine(self) -> None:
        """Asked right before each act outside: a process that was frozen and wakes must not act for a case that was
        taken over meanwhile. Raises LostLease."""
        if self._now() >= self._claim.until:
            self._store.steps.still_mine(self._claim)

    def link(self, channel: str, external_id: str) -> None:
        """This order of the channel belongs to the case. Raises LostLease."""
        self._store.steps.link(self._claim, channel, external_id)

    def fail(self, names: Sequence[str], failure: Failure, *, doubt: bool = False) -> None:
        """Steps failed, or nobody knows (``doubt``). Raises LostLease."""
        self.flush()
        self._store.steps.fail(self._claim, names, failure, self._now(), doubt=doubt)
        for name in names:
            self.done[name] = replace(self.done[name], state="doubt" if doubt else "failed")

    def release(self, outcome: Outcome) -> float | None:
        """Ends the work; gives when the case is due again (None: when woken). Raises LostLease."""
        written, self._unwritten = self._unwritten, []
        due_at = self._store.cases.release(self._claim, outcome, self._now(), written)
        self._tell(written)
        return due_at

    def _write(self, intentions: Sequence[Intention]) -> None:
        written, self._unwritten = self._unwritten, []
        woken = self._store.steps.write(self._claim, self._now(), finished=written, intended=intentions)
        self._tell(written)
        if woken != self._claim.woken:
            # the order was seen again meanwhile: what it is now decides about the steps after this one
            self._claim = replace(self._claim, woken=woken)
            self.case = self._store.cases.load(self._claim.case_id)

    def _tell(self, written: Sequence[Finished]) -> None:
        for one in written:
            kind, number = one.result.get("kind"), one.result.get("number")
            log.info("step-done", step=one.step, kind=kind, number=number)
            self._at(f"{one.step}:stored")
