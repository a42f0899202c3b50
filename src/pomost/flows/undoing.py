"""The steps of a flow that undo what the others made, and when their time has come."""

from __future__ import annotations

from collections.abc import Mapping

from cel import Context

from pomost.config.flow import Flow, Step
from pomost.flows.conditions import holds
from pomost.store.cases import Case
from pomost.store.steps import StepRecord


def after(flow: Flow, index: int) -> tuple[str, ...]:
    """The steps that must be finished before the one at ``index``."""
    step = flow.step[index]
    if step.after is not None:
        return tuple(dict.fromkeys((*step.after, *step.source)))
    return (flow.step[index - 1].id,) if index else ()


def undoing_steps(flow: Flow) -> tuple[Step, ...]:
    """The cancel steps and whatever comes after one of them."""
    found: list[Step] = []
    ids: set[str] = set()
    for index, step in enumerate(flow.step):
        if step.cancel or ids.intersection(after(flow, index)):
            found.append(step)
            ids.add(step.id)
    return tuple(found)


def can_undo(flow: Flow) -> bool:
    """Whether the flow undoes what it made when its order is cancelled."""
    return any(step.cancel for step in flow.step)


def undoing_flow(flow: Flow, *, gone: bool) -> Flow:
    """The flow of a cancelled order: its steps that undo. An order that is ``gone`` can't be written to any more."""
    steps = [
        step.model_copy(update={"when": ""}) if step.cancel else step
        for step in undoing_steps(flow)
        if step.cancel or not gone
    ]
    return flow.model_copy(update={"step": tuple(steps)})


def making_flow(flow: Flow) -> Flow:
    """The flow of an order that is in force: without the steps that undo."""
    if not can_undo(flow):
        return flow
    undoing = {step.id for step in undoing_steps(flow)}
    return flow.model_copy(update={"step": tuple(step for step in flow.step if step.id not in undoing)})


def is_cancelled(flow: Flow, case: Case, facts: Context) -> bool:
    """Whether the order is deleted, a person cancelled it, or its status counts as cancelled."""
    return (
        case.gone
        or case.cancelled
        or (bool(flow.cancelled) and holds(flow.cancelled, facts, f'flow "{flow.name}", cancelled'))
        or any(
            step.cancel
            and bool(step.when)
            and holds(step.when, facts, f'flow "{flow.name}", step "{step.id}"')
            for step in flow.step
        )
    )


def statuses_after_undoing(flow: Flow) -> frozenset[str]:
    """Statuses that cancelled orders are moved to by the flow itself: an order in one of them did not come back."""
    return frozenset(step.write.status for step in undoing_steps(flow) if step.write and step.write.status)


def begun(flow: Flow, done: Mapping[str, StepRecord]) -> str:
    """The state of the first cancel step that was begun; empty when none was, or a person settled it."""
    for step in flow.step:
        record = done.get(step.id) if step.cancel else None
        if record is not None and record.state != "skipped":
            return record.state
    return ""
