"""The PWP of an order: what is missing of its products is made, once; nothing missing, and the step is done with a note."""

from __future__ import annotations

from pomost.config.flow import Flow
from pomost.flows.acts.hands import Hands, key_of
from pomost.flows.acts.once import made_result, make_once
from pomost.flows.making import NOTHING, asked_of, making_draft
from pomost.flows.plan import Todo
from pomost.flows.progress import Progress
from pomost.store.claims import dump
from pomost.store.steps import Finished, Intention
from pomost.trade.documents import Draft
from pomost.trade.recipes import ToMake


def do_making(hands: Hands, flow: Flow, progress: Progress, todo: Todo) -> None:
    """Makes the PWP of a step, exactly once; its RWS stands or falls with it.

    What is missing is asked right before it is intended, and kept with the intention. When the order changes
    afterwards, a further part of the step makes what is missing then.
    """
    case = progress.case
    found: list[ToMake] = []

    def fresh(key: str) -> Draft:
        return making_draft(flow, todo.step, case, found[0], key=key, today=hands.today())

    record = progress.done.get(todo.name)
    if record is None or record.state != "intended" or not record.request.get("lines"):
        progress.flush()
        found.append(hands.erp.to_make(*asked_of(flow, todo.step, case, progress.done)))
        if not found[0].lines:
            progress.intend([Intention(todo.name, key_of(case, todo.name), dump({"lines": []}))])
            result = {"number": "", "kind": todo.step.issue, "note": NOTHING, "made_for": case.content}
            progress.finish(Finished(todo.name, result))
            return
    _, document = make_once(hands, progress, todo, fresh)
    progress.finish(Finished(todo.name, {**made_result(document), "made_for": case.content}))
