"""Checking that the goods of an order are there. What is short moves it to a status, and back once it has come.

Each change of what is to be said of the order (short, awaiting a day, there) is a part of the step with one write of its
own; between two changes nothing is written.
"""

from __future__ import annotations

from collections.abc import Mapping

from pomost.config.flow import CheckStep, Flow, Step
from pomost.flows.acts.hands import Hands, channel_of, key_of, placed_id
from pomost.flows.acts.writing import write_once
from pomost.flows.gathering import Gathering, look, waiting
from pomost.flows.plan import Todo
from pomost.flows.progress import Progress
from pomost.flows.undoing import can_undo
from pomost.ports import Json, WriteBack
from pomost.store.claims import dump
from pomost.store.steps import Finished, Intention, StepRecord


def do_check(hands: Hands, flow: Flow, progress: Progress, todo: Todo) -> None:
    """Looks whether the goods are there and says it once; raises Waiting ``flow.short`` where that was said before."""
    case, done, name = progress.case, progress.done, todo.name
    record = done.get(name)
    again = record is not None and record.state == "intended"
    if record is not None and again:
        request = record.request
    else:
        progress.flush()
        found = look(hands.erp, flow, todo.step, case, done)
        before = _said(done, todo.step)
        verdict = found.allocation.verdict
        if found.allocation.lacks and (verdict == before.get("verdict") or todo.implied):
            raise waiting(case, found, verdict)
        request = _request(todo, found, before, case.status)
    if request["fields"] or request["status"]:
        channel = channel_of(hands, flow)
        moved_id = case.external_id if hands.channel_name == case.source else placed_id(done)
        what = WriteBack(order_id=moved_id, key=key_of(case, name), fields=dict(request["fields"]))
        if again:
            progress.flush()
        else:
            progress.intend([Intention(name, key_of(case, name), dump(request))])
        move = (moved_id, str(request["from"]), str(request["status"]))
        watched = can_undo(flow) or bool(request["guarded"])
        moved = write_once(hands, progress, channel, name, what, move, again=again, watched=watched)
    else:
        progress.intend([Intention(name, key_of(case, name), dump(request))])
        hands.at(f"{name}:intended")
        moved = None
    progress.finish(Finished(name, request, moved))


def _said(done: Mapping[str, StepRecord], step: Step) -> Json:
    """What was last said of the order by this step."""
    said: Json = {}
    for name, record in done.items():
        if name.split("#")[0] == step.id and record.state == "done":
            said = record.result
    return said


def _request(todo: Todo, found: Gathering, before: Json, status: str) -> Json:
    check = todo.step.check
    assert check is not None
    allocation = found.allocation
    wanted = _status(check, found, before)
    # where somebody moved it since, it stays, whatever is said of it later
    put = status if not before or status == before["put"] else ""
    if todo.implied or wanted == status or not put:
        wanted = ""
    shown = {
        check.date_field: str(allocation.due_on or ""),
        check.short_field: allocation.text,
    }
    known = before.get("shown", {})
    shown = {name: text for name, text in shown.items() if name}
    return {
        "verdict": allocation.verdict,
        "short": allocation.text,
        "expected": str(allocation.due_on or ""),
        "fields": {name: text for name, text in shown.items() if text != known.get(name, "")},
        "shown": shown,
        "status": wanted,
        "from": status,
        "put": wanted or put,
        "home": before.get("home", status),
        "guarded": bool(before),
        "rest": bool(allocation.lacks),
    }


def _status(check: CheckStep, found: Gathering, before: Json) -> str:
    if not found.allocation.lacks:
        return check.there or str(before.get("home", ""))
    return check.awaiting if found.allocation.due_on and check.awaiting else check.short
