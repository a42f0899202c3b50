"""Placing an order of the ERP in a channel."""

from __future__ import annotations

from datetime import UTC, datetime

from pomost.config.flow import Flow
from pomost.flows.acts.hands import Hands, NotDone, channel_of, key_of
from pomost.flows.plan import Todo
from pomost.flows.progress import Progress
from pomost.ports import InDoubt, OutgoingOrder
from pomost.store.claims import dump
from pomost.store.steps import Finished, Intention, StepRecord


def do_place(hands: Hands, flow: Flow, progress: Progress, todo: Todo) -> None:
    """Places the ERP's order in the channel, exactly once: our reference travels with it and is looked for."""
    case = progress.case
    assert case.order is not None
    channel = channel_of(hands, flow)
    key = key_of(case, todo.name)
    record = progress.done.get(todo.name)
    placed: str | None = None
    if record is not None:
        # a run before this one began: a request that was lost may have been carried out late
        progress.flush()
        placed = channel.find_placed(key, _begun(record))
    if record is None or record.state != "intended":
        progress.intend([Intention(todo.name, key, dump({"status": todo.step.status}))])
    hands.at(f"{todo.step.id}:intended")
    if placed is None:
        progress.still_mine()
        try:
            placed = channel.place(OutgoingOrder(key=key, order=case.order, status=todo.step.status))
        except InDoubt as failure:
            placed = channel.find_placed(key, _begun(progress.done[todo.name]))
            if placed is None:
                raise NotDone(failure) from failure
    hands.at(f"{todo.step.id}:made")
    progress.link(hands.channel_name, placed)
    progress.finish(Finished(todo.name, {"placed": placed}, (case.status, todo.step.status)))


def _begun(record: StepRecord) -> datetime:
    """When the placing was first intended: what we placed can't be older."""
    return datetime.fromtimestamp(record.started_at, UTC)
