"""The two kinds of invoices that look at what was paid: advance and final."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from pomost.config.flow import Flow
from pomost.flows.acts.document import do_document
from pomost.flows.acts.hands import Hands, key_of
from pomost.flows.acts.once import made_result, make_once
from pomost.flows.advances import advance_draft, advance_ids, advanced, received
from pomost.flows.correcting import WARSAW
from pomost.flows.draft import compose, is_skipped, skus_of
from pomost.flows.duplicates import check_duplicate
from pomost.flows.files import ADVANCE, made_parts
from pomost.flows.making import as_components
from pomost.flows.plan import Todo
from pomost.flows.progress import Progress
from pomost.ports import Json, PaymentHistory
from pomost.store.cases import Case
from pomost.store.claims import dump
from pomost.store.steps import Finished, Intention
from pomost.trade.compose import Composed
from pomost.trade.count import count_lines
from pomost.trade.currency_rate import rate_day_of_sale
from pomost.trade.documents import Draft
from pomost.trade.payment_days import PaidOn, Received, received_next

ZERO = Decimal(0)


def do_final(hands: Hands, flow: Flow, progress: Progress, todo: Todo) -> None:
    """Makes the final invoice of a step, exactly once; one that is not due is not made, and the step says why."""
    if _is_covered(hands, flow, progress, todo):
        _do_nothing(hands, flow, progress, todo)
    else:
        do_document(hands, flow, progress, todo)


def do_advance(hands: Hands, flow: Flow, progress: Progress, todo: Todo) -> None:
    """Makes the advance invoice of a part of a step, exactly once."""
    case, step = progress.case, todo.step
    assert case.order is not None

    def fresh(key: str) -> Draft:
        progress.flush()
        check_duplicate(hands.store, flow, case, progress.done)
        composed = _composed(hands, flow, progress)
        ids = [str(progress.done[name].result["id"]) for name in made_parts(step, progress.done)]
        earlier = hands.erp.advances(flow.company, ids)
        today = hands.today()
        money = _received(hands, case, received(step, progress.done), today)
        rate = None
        if case.order is not None and case.order.currency != "PLN":
            rate = hands.rates.rate(case.order.currency, rate_day_of_sale(money.day or today, today))
        return advance_draft(
            flow, step, case, progress.done, composed, earlier, key=key, today=today, rate=rate, money=money
        )

    draft, document = make_once(hands, progress, todo, fresh)
    result = made_result(document)
    result["print"] = case.content
    result["received"] = str(draft.paid)
    if draft.paid > document.gross:
        result["overpaid"] = str(draft.paid - document.gross)
    whole = count_lines(draft.ordered, draft.ordered_basis).gross
    result["rest"] = whole > advanced(step, progress.done) + document.gross
    progress.finish(Finished(todo.name, result))


def _received(hands: Hands, case: Case, invoiced: Decimal, today: date) -> Received:
    """The money of the advance, and the day on which the channel says that it came; never a day to come."""
    assert case.order is not None
    channel: object = hands.channel
    history: list[PaidOn] = []
    if (
        hands.channel is not None
        and hands.channel_name == case.source
        and "payments" in hands.channel.capabilities()
        and isinstance(channel, PaymentHistory)
    ):
        history = [
            PaidOn(min(one.at.astimezone(WARSAW).date(), today), one.paid)
            for one in channel.payments(case.external_id)
        ]
    return received_next(history, invoiced, case.order.payment.paid)


def _composed(hands: Hands, flow: Flow, progress: Progress) -> Composed:
    order = progress.case.order
    assert order is not None
    cards = hands.erp.item_vat(flow.company, skus_of(order, flow))
    composed = compose(order, flow, cards, vat_decided=is_skipped(progress.done, "vat"))
    # the final invoice will have the components of a kit, each at its own rate
    return replace(composed, lines=as_components(composed.lines, order.basis, order, flow, hands.erp))


def _is_covered(hands: Hands, flow: Flow, progress: Progress, todo: Todo) -> bool:
    """Whether advance invoices cover all that the final one would be over (art. 106f sec. 3 and 4 of the VAT Act)."""
    record = progress.done.get(todo.name)
    if record is not None and record.state == "intended":
        return "covered" in record.request
    order = progress.case.order
    assert order is not None
    ids = advance_ids(flow, todo.step, progress.done)
    if not ids or flow.rules.final_invoice == "always":
        return False
    progress.flush()
    whole = count_lines(_composed(hands, flow, progress).lines, order.basis).gross
    return whole <= sum((one.gross for one in hands.erp.advances(flow.company, ids)), ZERO)


def _do_nothing(hands: Hands, flow: Flow, progress: Progress, todo: Todo) -> None:
    case, name = progress.case, todo.name
    assert case.order is not None
    record = progress.done.get(name)
    if record is None or record.state != "intended":
        progress.intend([Intention(name, key_of(case, name), dump({"covered": True}))])
    hands.at(f"{todo.step.id}:intended")
    ids = advance_ids(flow, todo.step, progress.done)
    documents = [one for found in ids if (one := hands.erp.read(flow.company, found)) is not None]
    hands.at(f"{todo.step.id}:made")
    numbers = ", ".join(one.number for one in documents)
    result: Json = {
        "kind": ADVANCE,
        "number": numbers,
        "covered": True,
        "text": f"{numbers} cover the whole order: no final invoice is due (art. 106f sec. 3 of the VAT Act).",
    }
    tax = count_lines(_composed(hands, flow, progress).lines, case.order.basis).tax
    rounding = tax - sum((one.tax for one in documents), ZERO)
    if rounding:
        result["rounding"] = str(rounding)
    overpaid = case.order.payment.paid - sum((one.gross for one in documents), ZERO)
    if overpaid > 0:
        result["overpaid"] = str(overpaid)
    progress.finish(Finished(name, result))
