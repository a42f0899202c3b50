"""The MMs of an order whose goods lie in several warehouses."""

from __future__ import annotations

from pomost.config.flow import Flow
from pomost.flows.acts.hands import Hands, NotDone, key_of
from pomost.flows.acts.once import made_result, make_once
from pomost.flows.gathering import gather, look, nothing_moved
from pomost.flows.plan import Todo
from pomost.flows.progress import Progress
from pomost.ports import Waiting
from pomost.store.steps import Finished, Intention
from pomost.trade.documents import Draft


def do_gather(hands: Hands, flow: Flow, progress: Progress, todo: Todo) -> None:
    """One MM from each warehouse that gives, each a part of the step."""
    record = progress.done.get(todo.name)
    gathering = None
    if record is None or record.state != "intended" or not record.request_text:
        progress.flush()
        gathering = gather(hands.erp, flow, todo.step, progress.case, progress.done)
        if not gathering.moves:
            progress.intend([Intention(todo.name, key_of(progress.case, todo.name), "")])
            hands.at(f"{todo.step.id}:intended")
            progress.finish(Finished(todo.name, nothing_moved(todo.name)))
            return

    def fresh(key: str) -> Draft:
        assert gathering is not None
        return gathering.draft(todo.step, progress.case, key=key, today=hands.today())

    try:
        _, document = make_once(hands, progress, todo, fresh)
    except Waiting as failure:
        # somebody took the goods since: another warehouse may have them, so it is decided anew at once
        raise NotDone(failure) from failure
    result = made_result(document)
    # whether other warehouses have to give too is asked anew, for goods come and go
    left = look(hands.erp, flow, todo.step, progress.case, progress.done).allocation
    result["rest"] = bool(left.moves or left.lacks)
    progress.finish(Finished(todo.name, result))
