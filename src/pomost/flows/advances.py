"""Advance invoices of a flow: when one is due, which part of a step it is, and what the final invoice settles. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from pomost.config.flow import Flow, Step
from pomost.flows.draft import draft_document
from pomost.flows.files import ADVANCE, made_parts, open_write
from pomost.ports import NeedsPerson, Rate
from pomost.store.cases import Case
from pomost.store.steps import StepRecord
from pomost.trade.advances import Advance, check_rates, left_to_pay, split_advance
from pomost.trade.compose import Composed
from pomost.trade.count import count_lines
from pomost.trade.documents import Document, Draft, DraftLine
from pomost.trade.errors import Refused
from pomost.trade.order import Order
from pomost.trade.payment_days import Received

_NONE = StepRecord("", "", "")
EARLIER = "EARLIER_ADVANCES"
"""The attribute of an advance invoice that names the earlier ones of its order (VAT Act, art. 106f sec. 4)."""
PROFORMA = "PROFORMA"
"""The attribute of an advance invoice that names the pro-forma that was paid."""


def open_part(
    flow: Flow, step: Step, order: Order, done: Mapping[str, StepRecord], usual: str | None
) -> str | None:
    """The name under which the step is to be done now, where advance invoices have a say; else ``usual``.

    An advance step has nothing to do until more was paid than its invoices say, and holds nobody up meanwhile.
    """
    if step.issue == ADVANCE:
        return usual if usual is not None and _is_due(flow, step, order, done, usual) else None
    return open_write(flow, step, done, usual)


def _is_due(flow: Flow, step: Step, order: Order, done: Mapping[str, StepRecord], name: str) -> bool:
    record = done.get(name)
    if record is not None and record.state == "intended":
        return True
    return not is_closed(flow, step, done) and order.payment.paid > received(step, done)


def awaits_payment(flow: Flow, step: Step, done: Mapping[str, StepRecord]) -> bool:
    """Whether the step waits for the first payment, or for more of it, and the final invoice was not begun."""
    if step.issue != ADVANCE or is_closed(flow, step, done) or done.get(step.id, _NONE).state == "skipped":
        return False
    parts = made_parts(step, done)
    return not parts or bool(done[parts[-1]].result.get("rest"))


def is_closed(flow: Flow, step: Step, done: Mapping[str, StepRecord]) -> bool:
    """Whether the final invoice was begun: what is paid now is paid for it and is no advance any more."""
    return any(
        step.id in one.settles and (record := done.get(one.id)) is not None and record.state != "failed"
        for one in flow.step
    )


def received(step: Step, done: Mapping[str, StepRecord]) -> Decimal:
    """The money that stands on the step's advance invoices."""
    return sum(
        (Decimal(str(done[name].result.get("received", "0"))) for name in made_parts(step, done)), Decimal(0)
    )


def advanced(step: Step, done: Mapping[str, StepRecord]) -> Decimal:
    """What the step's advance invoices are made over; less than ``received`` where too much was paid."""
    return sum(
        (Decimal(str(done[name].result.get("gross", "0"))) for name in made_parts(step, done)), Decimal(0)
    )


def advance_ids(flow: Flow, step: Step, done: Mapping[str, StepRecord]) -> tuple[str, ...]:
    """Ids of the advance invoices that the final invoice of ``step`` settles."""
    return tuple(
        str(done[name].result["id"])
        for one in flow.step
        if one.id in step.settles
        for name in made_parts(one, done)
    )


def advance_draft(
    flow: Flow,
    step: Step,
    case: Case,
    done: Mapping[str, StepRecord],
    composed: Composed,
    earlier: tuple[Advance, ...],
    *,
    key: str,
    today: date,
    rate: Rate | None,
    money: Received,
) -> Draft:
    """The advance invoice over ``money``; its ``paid`` is all of it, also what is too much. It carries the day the money
    came, or where that is not known the day it was seen, which is ``today``.

    ``earlier``: the order's advances as they stand. Raises NeedsPerson ``trade.advance-negative-rate``,
    ``trade.advance-amount``.
    """
    order = case.order
    assert order is not None
    whole = count_lines(composed.lines, order.basis).vat_rows
    left = left_to_pay(whole, earlier)
    try:
        check_rates(whole, order.number)
        rows = split_advance(min(money.amount, sum((row.gross for row in left), Decimal(0))), left)
    except Refused as refusal:
        raise NeedsPerson(
            refusal.code, f"Order {order.number}: {refusal.text}", refusal.advice, **refusal.facts
        ) from refusal
    draft = draft_document(flow, step, case, done, key=key, today=today, rate=rate)
    attributes = dict(draft.attributes)
    numbers = [str(done[name].result["number"]) for name in made_parts(step, done)]
    if numbers:
        attributes[EARLIER] = ", ".join(numbers)
    proformas = [
        str(record.result["number"])
        for record in done.values()
        if record.state == "done" and record.result.get("kind") == "FPF"
    ]
    if proformas:
        attributes[PROFORMA] = proformas[-1]
    return replace(
        draft,
        sold_on=money.day or today,
        due_on=today,
        basis="gross",
        lines=tuple(
            DraftLine(
                sku="",
                name=f"Zaliczka na zamówienie {order.number}",
                quantity=Decimal(1),
                price=row.gross,
                vat=row.vat,
                unit="szt",
                service=True,
            )
            for row in rows
        ),
        ordered=composed.lines,
        ordered_basis=order.basis,
        paid=money.amount,
        attributes=attributes,
    )


def settling(draft: Draft, order: Order, advances: tuple[Document, ...]) -> Draft:
    """The draft as the final invoice over what its ``advances`` leave; paid is what does not stand on them."""
    in_force = [one for one in advances if one.state == "approved"]
    money = order.payment.paid - sum((one.paid for one in in_force), Decimal(0))
    return replace(draft, settles=tuple(one.id for one in in_force), paid=max(money, Decimal(0)))
