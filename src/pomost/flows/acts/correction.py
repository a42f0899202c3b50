"""Correcting the documents of the order that goods of a return were bought on, one document at a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pomost.config.flow import Flow
from pomost.flows.acts.hands import Hands, NotDone, key_of
from pomost.flows.acts.once import made_result, make_once
from pomost.flows.correcting import (
    Planned,
    advance_correction_draft,
    correction_draft,
    goods_of,
    pieces_of,
    planned,
)
from pomost.flows.files import ADVANCE
from pomost.flows.lowering import result_of
from pomost.flows.plan import Todo
from pomost.flows.progress import Progress
from pomost.ports import Json, NeedsPerson, TryAgain, Waiting, WaitUntil
from pomost.store.claims import dump
from pomost.store.steps import Finished, Intention
from pomost.trade.changes import content_print
from pomost.trade.corrections import left_after
from pomost.trade.documents import Draft
from pomost.trade.order import Order

YOUNG, SOON = timedelta(minutes=15), timedelta(seconds=5)
"""So long a return waits for an order that was not seen yet, and so often it looks."""


def do_correction(hands: Hands, flow: Flow, progress: Progress, todo: Todo) -> None:
    """Makes the next correction of the step, exactly once; a further part of the step makes the one after it.

    What is corrected is decided when the correction is intended, and kept with the intention.
    """
    case = progress.case
    assert case.order is not None
    plans: list[Planned] = []

    def fresh(key: str) -> Draft:
        if not plans[0].shares:
            of_advance = plans[0].advances[0]
            return advance_correction_draft(flow, todo.step, case, of_advance, key=key, today=hands.today())
        share = plans[0].shares[0]
        return correction_draft(
            flow, todo.step, case, share, plans[0].changes(share), key=key, today=hands.today()
        )

    record = progress.done.get(todo.name)
    if record is None or record.state != "intended":
        progress.flush()
        order = case.order
        standings = hands.erp.standings(flow.company, order.of_order) if order.of_order else ()
        if order.of_order and not standings:
            _await_sale(hands, flow, order)
        plans.append(planned(flow, todo.step, order, progress.done, standings))
        if plans[0].nothing:
            progress.intend([Intention(todo.name, key_of(case, todo.name), dump({"shares": 0}))])
            progress.finish(Finished(todo.name, {"print": content_print(order)}))
            return
    try:
        draft, document = make_once(hands, progress, todo, fresh)
    except TryAgain as failure:
        if failure.code != "ledger.corrected-meanwhile":
            raise
        # the same request would be refused again: the step begins anew, from how the document stands then
        raise NotDone(failure) from failure
    correction = document.correction
    if correction is None:
        raise NeedsPerson(
            "flow.no-correction-made",
            f"{document.kind} {document.number} was made as a correction, and it corrects nothing.",
            "Look at the document in the ERP and correct it there.",
        )
    result: Json = made_result(document)
    result["print"] = content_print(case.order)
    result["of"] = correction.of_number
    result["refund"] = str(correction.refund)
    if correction.of_kind == ADVANCE:
        # all of the goods are on its corrections, or on those of the final invoice before it
        result |= {"of_id": correction.of_id, "left": {}}
        result["rest"] = not plans or len(plans[0].advances) > 1
        progress.finish(Finished(todo.name, result))
        return
    if plans:
        pieces = plans[0].pieces
    else:
        standings = hands.erp.standings(flow.company, case.order.of_order)
        found = pieces_of(todo.step, case.order, progress.done, flow.rules, standings)
        pieces = tuple(goods_of(todo.step, found, standings))
    left = left_after(pieces, document, draft.warehouse)
    given_back = {
        one.advance_id: {row.vat.code: str(-row.gross) for row in one.rows} for one in document.settled
    }
    result |= result_of(case.order, todo.step, progress.done, document)
    if left or given_back:
        result["left"] = {piece.id: str(piece.quantity) for piece in left}
        result["rest"] = True
    if given_back:
        result["given_back"] = given_back
    progress.finish(Finished(todo.name, result))


def _await_sale(hands: Hands, flow: Flow, order: Order) -> None:
    """Raises Waiting ``flow.return-before-sale`` where the order is on its way to its documents, and WaitUntil where it may not have
    been seen yet: a refund is sometimes quicker than what it refunds."""
    lines = [
        line
        for line in hands.store.queries.find(order.of_order)
        if (line.source, line.external_id, line.kind) == (flow.source, order.of_order, "order")
    ]
    advice = "It goes on by itself once the order is sold; see what the order waits for."
    if any(
        line.state not in ("done", "new") and line.waits.get("code") != "flow.not-taken" for line in lines
    ):
        raise Waiting(
            "flow.return-before-sale",
            f"Return {order.number}: order {order.of_order} has no sale yet, and is on its way to it.",
            (),
            advice,
        )
    now = datetime.fromtimestamp(hands.now(), UTC)
    young = not lines and now - order.placed_at < YOUNG
    if young or any(line.state == "new" for line in lines):
        raise WaitUntil(
            "flow.return-before-sale",
            f"Return {order.number}: order {order.of_order} was not looked into yet.",
            now + SOON,
            advice,
        )
