"""Booking the payment of an order and settling the documents of its sale, each exactly once by our keys."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from pomost.config.flow import Flow, Step
from pomost.config.shipping import BookRule
from pomost.flows.acts.hands import Hands, key_of
from pomost.flows.acts.made import document_of
from pomost.flows.between import company_of
from pomost.flows.conditions import holds, to_ask
from pomost.flows.facts import condition_facts
from pomost.flows.plan import Todo, step_of
from pomost.flows.progress import Progress
from pomost.flows.settling import is_paid, unsettled
from pomost.flows.shipments import ship_steps
from pomost.ports import (
    BooksPayments,
    InDoubt,
    Json,
    NeedsPerson,
    PaymentToBook,
    SettledPart,
    SettlesParts,
    TryAgain,
    Waiting,
)
from pomost.store.cases import Case
from pomost.store.claims import dump
from pomost.store.steps import Finished, Intention, StepRecord
from pomost.trade.order import Order

CENT = Decimal("0.01")


def do_book(hands: Hands, flow: Flow, progress: Progress, todo: Todo) -> None:
    """Books what was paid for the order and settles the documents that are made by now, the oldest first; a later part of the
    step settles those made since, with what is left of the payment. Raises Waiting ``booking.not-paid``."""
    progress.flush()
    case, name = progress.case, todo.name
    record = progress.done.get(name)
    if record is not None and record.state == "intended" and record.request:
        request = record.request
    else:
        request = _fresh(hands, flow, progress, todo)
        progress.intend([Intention(name, key_of(case, name), dump(request))])
    hands.at(f"{todo.step.id}:intended")
    result: Json = {"currency": request["currency"]}
    if "amount" in request:
        result |= _book(hands, flow, progress, key_of(case, name), request)
        hands.at(f"{todo.step.id}:booked")
    for one in request.get("settles", []):
        progress.still_mine()
        settled = _settle(hands, flow, request, one)
        result["open"] = str(settled.open)
        result["settled"] = result.get("settled", True) and settled.left <= 0
        hands.at(f"{todo.step.id}:settled")
    hands.at(f"{todo.step.id}:made")
    for own in request.get("ids", [request.get("id")]):
        # what was kept of it in this run does not know that it is paid
        progress.made.pop(str(own), None)
    result["parts"] = request.get("parts", [todo.step.book.document] if todo.step.book else [])
    progress.finish(Finished(name, result))


def _book(hands: Hands, flow: Flow, progress: Progress, key: str, request: Json) -> Json:
    if not isinstance(hands.erp, BooksPayments):
        raise NeedsPerson(
            "booking.not-possible",
            f'The ERP of the flow "{flow.name}" books no payments.',
            "Take the step out of the flow, or book the payment by hand and `pomost skip` the step.",
        )
    progress.still_mine()
    payment = PaymentToBook(
        key=key,
        document=request["document"],
        amount=Decimal(request["amount"]),
        currency=request["currency"],
        account=request["account"],
        on=date.fromisoformat(request["on"]),
        form=request["form"],
        fee=Decimal(request["fee"]),
    )
    try:
        booked = hands.erp.book_payment(request["company"], payment)
    except InDoubt as doubt:
        # by its key nothing is booked twice: the same request again tells what is booked
        raise TryAgain(doubt.code, doubt.text, doubt.advice, **doubt.facts) from doubt
    return {
        "booked": str(booked.amount),
        "account": booked.account,
        "fee": str(booked.fee),
        "left": str(booked.left),
        "open": str(booked.open),
        "settled": booked.left <= 0,
    }


def _settle(hands: Hands, flow: Flow, request: Json, document: str) -> SettledPart:
    if not isinstance(hands.erp, SettlesParts):
        raise NeedsPerson(
            "booking.one-document",
            f'The ERP of the flow "{flow.name}" settles one document with a payment, and the sale has several.',
            "Settle the others by hand and `pomost skip` the step.",
        )
    try:
        return hands.erp.settle_part(
            request["company"], request["payment"], document, date.fromisoformat(request["on"])
        )
    except InDoubt as doubt:
        # a part is settled up to what it is worth: the same again settles nothing twice
        raise TryAgain(doubt.code, doubt.text, doubt.advice, **doubt.facts) from doubt


def _fresh(hands: Hands, flow: Flow, progress: Progress, todo: Todo) -> Json:
    case, asked = progress.case, todo.step.book
    assert case.order is not None
    assert asked is not None
    names = unsettled(flow, todo.step, progress.done)
    if not names:
        raise NeedsPerson(
            "booking.no-document",
            f"The step {asked.document} made no document that a payment could settle.",
            "Book the payment by hand and `pomost skip` the step.",
        )
    check_paid(case.order, case.number)
    documents = []
    for name in names:
        maker = step_of(flow, name)
        assert maker is not None
        documents.append(document_of(hands, flow, maker, progress, progress.done[name]))
    first = step_of(flow, names[0])
    assert first is not None
    request: Json = {
        "ids": [one.id for one in documents],
        "parts": names,
        "company": company_of(flow, first),
        "payment": key_of(case, todo.step.id),
        "settles": [one.key for one in documents],
        "currency": case.order.currency,
        "on": hands.today().isoformat(),
    }
    if todo.name != todo.step.id:
        return request
    account, fee = booking_of(flow, todo.step, case, progress.done)
    return {
        **request,
        "document": documents[0].key,
        "settles": [one.key for one in documents[1:]],
        "amount": str(case.order.payment.paid),
        "account": account,
        "fee": str(fee),
        "form": case.order.payment.method,
    }


def check_paid(order: Order, number: str) -> None:
    """Raises Waiting ``booking.not-paid`` until the channel says that all of the order is paid."""
    if is_paid(order):
        return
    raise Waiting(
        "booking.not-paid",
        f"Of order {number} {order.payment.paid:.2f} of {order.total:.2f} {order.currency} are paid.",
        (),
        "It goes on once the channel says that all of it is paid.",
    )


def booking_of(flow: Flow, step: Step, case: Case, done: Mapping[str, StepRecord]) -> tuple[str, Decimal]:
    """Account and fee of the order's payment. Raises NeedsPerson ``booking.no-account``."""
    order, asked = case.order, step.book
    assert order is not None
    assert asked is not None
    facts = to_ask(condition_facts(order, case.status, done, ship_steps(flow)))
    method = order.payment.method.strip().casefold()
    for rule in asked.rules:
        names = {one.strip().casefold() for one in rule.methods}
        if (names and method not in names) or not holds(
            rule.when, facts, f'step "{step.id}", rule of booking'
        ):
            continue
        return rule.account, fee_of(rule, order.payment.paid)
    if asked.account:
        return asked.account, Decimal(0)
    raise NeedsPerson(
        "booking.no-account",
        f'Step "{step.id}": no rule says where the payment of order {case.number} ("{order.payment.method}") is booked.',
        "Add a rule for this payment method, or name an account for all others.",
    )


def fee_of(rule: BookRule, paid: Decimal) -> Decimal:
    """What the operator keeps of a payment, rounded to 0.01; never all of it."""
    fee = (paid * rule.fee_percent / 100).quantize(CENT, ROUND_HALF_UP) + rule.fee_fixed.quantize(CENT)
    return min(fee, max(paid - CENT, Decimal(0)))
