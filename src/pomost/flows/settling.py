"""What one payment settles when the sale of an order has several parts: which documents, and when. Pure.

A book step has parts as well: ``book`` books the payment and settles what is made by then, ``book#2`` settles what was made
later (after a shortage, say), and so on, each document once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from pomost.config.flow import Flow, Step
from pomost.ports import Failure, NeedsPerson
from pomost.store.steps import StepRecord
from pomost.trade.documents import Draft
from pomost.trade.order import Order

_SALES = frozenset({"FS", "PA"})


def is_booked(flow: Flow, step: str) -> bool:
    """Whether a step books the payment of what ``step`` makes: then that step says that it was paid, and nobody else."""
    return any(one.book and step in (one.book.document, *one.book.also) for one in flow.step)


def unpaid_if_booked(flow: Flow, step: Step, draft: Draft) -> Draft:
    """The draft; with nothing paid where a step books its payment."""
    return replace(draft, paid=Decimal(0)) if is_booked(flow, step.id) else draft


def makers_of(flow: Flow, step: Step) -> tuple[str, ...]:
    """Ids of the steps whose documents the book step settles: those it names, and the advances that these settle."""
    assert step.book is not None
    named = {step.book.document, *step.book.also}
    advances = {other for one in flow.step if one.id in named for other in one.settles}
    return tuple(one.id for one in flow.step if one.id in named | advances)


def parts_of(flow: Flow, step: Step, done: Mapping[str, StepRecord]) -> list[str]:
    """Names of the steps' parts that made a document for the book step to settle, in the order in which they were made."""
    makers = makers_of(flow, step)
    return [
        name
        for name, record in done.items()
        if name.split("#")[0] in makers and record.state == "done" and record.result.get("id")
    ]


def unsettled(flow: Flow, step: Step, done: Mapping[str, StepRecord]) -> list[str]:
    """Those of ``parts_of`` that no part of the book step has settled."""
    assert step.book is not None
    settled: set[str] = set()
    for name, record in done.items():
        if name.split("#")[0] != step.id or record.state != "done":
            continue
        # before there were parts, the payment settled the one document that is named
        settled.update(record.result.get("parts", [step.book.document]))
    return [name for name in parts_of(flow, step, done) if name not in settled]


def open_part(flow: Flow, step: Step, done: Mapping[str, StepRecord]) -> str | None:
    """The name under which the book step is to be done now; None when nothing is left to be settled as yet."""
    number, name = 1, step.id
    while (record := done.get(name)) is not None:
        if record.state == "skipped":
            return None
        if record.state != "done":
            return name
        number += 1
        name = f"{step.id}#{number}"
    return name if number == 1 or unsettled(flow, step, done) else None


def waits_for(
    flow: Flow, step: Step, order: Order, done: Mapping[str, StepRecord], missing: Sequence[str]
) -> list[str]:
    """What the step still waits for of ``missing``. A part that was made and is paid for is settled at once, whatever other
    parts of the same steps are to come."""
    if step.book is None or not is_due(flow, step, order, done):
        return list(missing)
    return [other for other in missing if other not in makers_of(flow, step)]


def is_due(flow: Flow, step: Step, order: Order, done: Mapping[str, StepRecord]) -> bool:
    """Whether there is anything to settle, and money for it."""
    return is_paid(order) and bool(unsettled(flow, step, done))


def is_paid(order: Order) -> bool:
    """Whether the channel says that all of the order is paid, and that this is something."""
    return order.payment.paid > 0 and order.is_paid


def holds_up(flow: Flow, step: Step, unfinished: Collection[str]) -> bool:
    """Whether later steps wait for the book step although nothing can be settled now: more parts are to come."""
    return step.book is not None and any(one in unfinished for one in makers_of(flow, step))


def check_booking(flow: Flow, step: Step, earlier: Collection[str]) -> list[Failure]:
    """Faults of a book step that can be seen without running it. ``earlier``: ids of the steps before it."""
    assert step.book is not None
    found: list[Failure] = []
    known = {one.id: one for one in flow.step if one.id in earlier}
    first = known.get(step.book.document)
    named = (step.book.document, *step.book.also)
    for name in named:
        maker = known.get(name)
        if maker is None or not maker.issue or not _SALES.issuperset(maker.kinds):
            text = f'Flow "{flow.name}", {step.id}: what the step "{name}" makes can\'t be settled.'
            advice = "Name an earlier step that makes an FS or PA."
            found.append(NeedsPerson("flow.faulty", text, advice))
        elif first is not None and (maker.company or flow.company) != (first.company or flow.company):
            text = f'Flow "{flow.name}", {step.id}: "{name}" sells for another company.'
            advice = "One payment settles the sales of one company."
            found.append(NeedsPerson("flow.faulty", text, advice))
    if any(one.lines for one in flow.step):
        for one in flow.step:
            if one.issue and _SALES.issuperset(one.kinds) and one.id not in named:
                text = (
                    f'Flow "{flow.name}", {step.id}: "{one.id}" sells some of the lines and is not settled.'
                )
                advice = "Name it in also of the step that books."
                found.append(NeedsPerson("flow.faulty", text, advice))
    return found
