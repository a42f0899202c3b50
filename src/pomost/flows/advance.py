"""Advancing one case as far as it goes now. Re-entrant: with nothing missing it does nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pomost.config.flow import Flow
from pomost.config.model import Engine
from pomost.flows.acts.booking import do_book
from pomost.flows.acts.cancelling import do_cancel
from pomost.flows.acts.checking import do_check
from pomost.flows.acts.correction import do_correction
from pomost.flows.acts.fiscal import do_fiscalise
from pomost.flows.acts.hands import Hands, NotDone
from pomost.flows.acts.issuing import do_issue
from pomost.flows.acts.mailing import do_mail
from pomost.flows.acts.placing import do_place
from pomost.flows.acts.shipping import do_ship
from pomost.flows.acts.writing import do_writes
from pomost.flows.between import company_of
from pomost.flows.plan import Plan, Todo, plan, step_of
from pomost.flows.printing import prints_of
from pomost.flows.progress import Progress
from pomost.ports import Failure, InDoubt, Json, NeedsPerson, StopConnection, TryAgain, Waiting, WaitUntil
from pomost.store.cases import Outcome
from pomost.store.claims import failure_to_json

RECHECK_S = 60.0
"""Seconds after which a case that waits for an item or for goods looks again by itself, woken or not."""


@dataclass(frozen=True, slots=True)
class _Stumble(Exception):
    failure: Failure
    steps: tuple[str, ...]


def advance(hands: Hands, flow: Flow, progress: Progress, timing: Engine) -> Outcome:
    """Does everything that can be done now for a claimed case and says how it ended.

    Raises LostLease when somebody else took the case over meanwhile.
    """
    progress.prints = lambda one: prints_of(flow, progress.case, one)
    while True:
        try:
            todo = plan(flow, progress.case, progress.done)
        except NeedsPerson as failure:
            return Outcome("person", failure_to_json(failure))
        if not todo.ready:
            return _resting(todo)
        try:
            _act(hands, flow, progress, todo)
        except _Stumble as stumble:
            return _stumbled(flow, progress, stumble, timing, hands.now())


_ACTS: dict[str, Callable[[Hands, Flow, Progress, Todo], None]] = {
    "issue": do_issue,
    "correct": do_correction,
    "place": do_place,
    "check": do_check,
    "cancel": do_cancel,
    "fiscalise": do_fiscalise,
    "mail": do_mail,
    "ship": do_ship,
    "book": do_book,
}


def _act(hands: Hands, flow: Flow, progress: Progress, todo: Plan) -> None:
    """One act after the other; when only writes are left, all of them together. Writes that were cut short come before
    those that were not begun: what is asked of the channel first is asked for them alone."""
    first = next((item for item in todo.ready if item.step.act != "write"), None)
    cut = [
        item for item in todo.ready if (record := progress.done.get(item.name)) and record.state == "intended"
    ]
    writes = [] if first else _one_file(cut or list(todo.ready))
    names = (first.name,) if first else tuple(item.name for item in writes)
    try:
        if first is None:
            do_writes(hands, flow, progress, writes)
        else:
            _ACTS[first.step.act](hands, flow, progress, first)
    except Failure as failure:
        raise _Stumble(failure, names) from failure


def _one_file(writes: list[Todo]) -> list[Todo]:
    """The writes up to the second PDF: one call takes one."""
    found: list[Todo] = []
    for todo in writes:
        assert todo.step.write is not None
        if todo.step.write.pdf and any(one.step.write and one.step.write.pdf for one in found):
            break
        found.append(todo)
    return found


def _resting(todo: Plan) -> Outcome:
    waits: Json = todo.waits[0].as_json() if todo.waits else {}
    if len(todo.waits) > 1:
        waits["also"] = [wait.as_json() for wait in todo.waits[1:]]
    return Outcome(todo.state, waits)


def needing(flow: Flow, company: str) -> str:
    """The name under which cases wait for what the company misses."""
    return flow.name if company == flow.company else f"{flow.name}@{company}"


def _needing(flow: Flow, name: str) -> str:
    step = step_of(flow, name)
    return needing(flow, company_of(flow, step) if step else flow.company)


def _stumbled(flow: Flow, progress: Progress, stumble: _Stumble, timing: Engine, now: float) -> Outcome:
    """What comes next after a failure, by its class."""
    failure, case = stumble.failure, progress.case
    # where a person is to decide something, it has a name of its own, for `pomost skip`
    waits = {**failure_to_json(failure), "step": failure.facts.get("decide", stumble.steps[0])}
    attempts = case.attempts + 1
    begun = [
        name
        for name in stumble.steps
        if (record := progress.done.get(name)) is not None and record.state == "intended"
    ]
    if isinstance(failure, InDoubt):
        progress.fail(begun, failure, doubt=True)
        return Outcome("doubt", waits)
    if not isinstance(failure, TryAgain | WaitUntil):
        # nothing was done, and that is certain: the step begins anew, from the order as it is then
        progress.fail(begun, failure)
    if isinstance(failure, Waiting):
        return Outcome(
            "waiting",
            waits,
            due_at=now + RECHECK_S,
            needs=tuple(f"{_needing(flow, stumble.steps[0])}|{need}" for need in failure.needs),
        )
    if isinstance(failure, WaitUntil):
        return Outcome("retrying", waits, due_at=failure.until.timestamp(), attempts=case.attempts)
    if isinstance(failure, StopConnection):
        return Outcome("stopped", waits)
    if isinstance(failure, TryAgain | NotDone) and attempts < timing.attempts:
        pause = min(timing.retry_first_s * 2 ** (attempts - 1), timing.retry_most_s)
        return Outcome("retrying", waits, due_at=now + pause, attempts=attempts)
    return Outcome("person", waits, attempts=attempts)
