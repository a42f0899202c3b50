"""RW and PW of an order or a return: goods that leave or come back without a sale."""

from __future__ import annotations

from collections.abc import Sequence

from pomost.config.flow import Flow
from pomost.flows.acts.hands import Hands
from pomost.flows.acts.once import made_result, make_once
from pomost.flows.internal import internal_draft, lines_left
from pomost.flows.plan import Todo
from pomost.flows.progress import Progress
from pomost.store.steps import Finished
from pomost.trade.corrections import Standing
from pomost.trade.documents import Draft


def do_internal(hands: Hands, flow: Flow, progress: Progress, todo: Todo) -> None:
    """Makes the RW or PW of a step, exactly once."""
    case = progress.case
    order = case.order
    assert order is not None

    def fresh(key: str) -> Draft:
        standings: Sequence[Standing] = ()
        if todo.step.issue == "PW":
            progress.flush()
            standings = hands.erp.standings(flow.company, order.of_order or order.id)
        return internal_draft(flow, todo.step, case, progress.done, standings, key=key, today=hands.today())

    draft, document = make_once(hands, progress, todo, fresh)
    result = made_result(document)
    result["print"] = case.content
    result["lines"] = [line.order_line for line in draft.lines]
    result["rest"] = lines_left(flow, todo.step, order, progress.done, draft)
    progress.finish(Finished(todo.name, result))
