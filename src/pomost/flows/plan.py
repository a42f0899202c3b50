"""What is to be done for a case: a pure function of the flow, the order and what was done.

The dry run, the explanation on screen and the real run ask this same function.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from cel import Context

from pomost.config.flow import Flow, Step
from pomost.flows import advances, another, lines, settling
from pomost.flows.conditions import holds, to_ask
from pomost.flows.facts import condition_facts
from pomost.flows.lowering import DECIDE as MONEY
from pomost.flows.lowering import is_asked, is_settled_by_hand
from pomost.flows.shipments import ship_steps, undelivered
from pomost.flows.straight import DECIDE, is_unconfirmed
from pomost.flows.undoing import (
    after,
    begun,
    can_undo,
    is_cancelled,
    making_flow,
    statuses_after_undoing,
    undoing_flow,
)
from pomost.ports import Json
from pomost.store.cases import Case
from pomost.store.steps import StepRecord
from pomost.trade.order import Order

ORDER_KINDS = frozenset({"RO", "ZS", "ZK", "FPF"})
"""Kinds that follow the order when it changes: nothing was sold by them."""
BEFORE_SALE = ORDER_KINDS | {"PWP"}
"""What an order may have and still be changed: of a product, what is missing is made anew."""


@dataclass(frozen=True, slots=True)
class Todo:
    """One act that can be done now.

    ``name`` is the step's id, with #2, #3 ... for the further parts of a partial document, or RO~print for an
    amendment. ``implied``: its own condition does not hold (any more), but a later step's does, so the order has
    passed this point already; an implied step does not move the order back to an earlier status.
    """

    step: Step
    name: str
    implied: bool = False
    amends: str = ""


@dataclass(frozen=True, slots=True)
class Wait:
    """Why a step does not go on: a stable code and a text for people."""

    step: str
    code: str
    text: str

    def as_json(self) -> Json:
        return {"step": self.step, "code": self.code, "text": self.text}


@dataclass(frozen=True, slots=True)
class Plan:
    """``ready`` can be done now, in this order. With nothing ready, ``state`` is the state of the case."""

    ready: tuple[Todo, ...]
    waits: tuple[Wait, ...]
    state: str


def plan(flow: Flow, case: Case, done: Mapping[str, StepRecord]) -> Plan:
    """What is to be done for ``case`` now, and what the rest waits for. Raises NeedsPerson for a faulty condition."""
    if case.order is None:
        if flow.kind == "return" and (asked := _about_money(case, done)) is not None:
            return asked
        return _unreadable(case)
    facts = to_ask(condition_facts(case.order, case.status, done, ship_steps(flow)))
    stop = _stopped(flow, case, done, facts)
    if stop is not None:
        return stop
    if not _started(done) and not holds(flow.take, facts, f'flow "{flow.name}", take'):
        text = f'The flow "{flow.name}" does not take orders in status "{case.status}".'
        return Plan((), (Wait("", "flow.not-taken", text),), "waiting")
    if (asked := _about_money(case, done)) is not None:
        return asked
    if is_unconfirmed(flow, case.order, done):
        why = (
            f'The order is to be paid by "{case.order.payment.method}", which no operator confirms, and the flow sells straight '
            "from the payment. Once the money is there: `pomost skip` the step payment."
        )
        return _person(Wait(DECIDE, "flow.unconfirmed-payment", why))
    change = _changed(flow, case, done)
    if change is not None:
        return change
    making = making_flow(flow)
    if (left := _lines_left(making, case.order, done, ended=False)) is not None:
        return left
    found = _next_steps(making, case, facts, done)
    return (found.state == "done" and _lines_left(making, case.order, done, ended=True)) or _bounced(
        found, done
    )


def _unreadable(case: Case, step: str = "") -> Plan:
    code = str(case.problem.get("code", "flow.unreadable"))
    return _person(Wait(step, code, str(case.problem.get("text", ""))))


def _about_money(case: Case, done: Mapping[str, StepRecord]) -> Plan | None:
    """A return of which a person has to decide something first, or has said that it is settled by hand."""
    if is_asked(case, done):
        return _unreadable(case, MONEY)
    if not is_settled_by_hand(case):
        return None
    text = "A person has settled this return; nothing is corrected."
    return Plan((), (Wait("", "flow.refund-by-hand", text),), "done")


def _lines_left(flow: Flow, order: Order, done: Mapping[str, StepRecord], *, ended: bool) -> Plan | None:
    """Lines that are on no document are said, never dropped in silence."""
    left = lines.lines_left(flow, order, done, ended=ended)
    if not left:
        return None
    text = f"No document takes {', '.join(left)}. Let a step take them (lines), or `pomost skip` the step {lines.DECIDE}."
    return _person(Wait(lines.DECIDE, "flow.lines-left", text))


def _stopped(flow: Flow, case: Case, done: Mapping[str, StepRecord], facts: Context) -> Plan | None:
    """Reasons for which nothing further is made for this case."""
    assert case.order is not None
    doubts = [record for record in done.values() if record.state == "doubt"]
    if doubts:
        return Plan((), tuple(_doubt(record) for record in doubts), "doubt")
    if is_cancelled(flow, case, facts):
        if can_undo(flow) and not (case.gone and flow.rules.when_gone == "ask"):
            return _undo(flow, case, facts, done)
        return _cancelled(case, done)
    state = begun(flow, done)
    if state in ("intended", "failed") or (state and case.status in statuses_after_undoing(flow)):
        return _undo(flow, case, facts, done)
    if state:
        text = (
            f'The order is in status "{case.status}" again after its documents were undone. '
            "Copy it in the channel, so that the copy gets documents of its own, and cancel this one."
        )
        return _person(Wait("", "flow.revived", text))
    if not case.order.confirmed:
        return Plan(
            (), (Wait("", "flow.unconfirmed", "The buyer has not confirmed the order yet."),), "waiting"
        )
    return None


def _numbers(done: Mapping[str, StepRecord]) -> str:
    return ", ".join(str(record.result["number"]) for record in done.values() if record.result.get("number"))


def _cancelled(case: Case, done: Mapping[str, StepRecord]) -> Plan:
    """What follows where the flow itself does not undo: nothing was made, or a person has to."""
    made = _numbers(done)
    made = made or ", ".join(
        f"what step {name} asked for" for name, one in done.items() if one.state == "intended"
    )
    if not made:
        return _before_any_document(case)
    name = "flow.gone-after-documents" if case.gone else "flow.cancelled-after-documents"
    if _is_decided(done, "cancelled"):
        return Plan((), (Wait("", name, f"Cancelled after {made}; settled by a person."),), "done")
    text = f"The order was cancelled after {made} was made. Cancel or correct it, then `pomost skip` the step cancelled."
    return _person(Wait("cancelled", name, text))


def _before_any_document(case: Case) -> Plan:
    """Nothing has to be undone; what was paid all the same is named, for no document will ever tell of it."""
    text = "The order was cancelled before any document."
    if case.order is not None and case.order.payment.paid > 0:
        paid, currency = case.order.payment.paid, case.order.currency
        text = f"The order was cancelled before any document. To be refunded: {paid} {currency}."
    return Plan((), (Wait("", "flow.cancelled", text),), "done")


def _undo(flow: Flow, case: Case, facts: Context, done: Mapping[str, StepRecord]) -> Plan:
    """The steps that undo, once anything may have been made; what they did is said in the end."""
    if not any(record.state in ("intended", "done") for record in done.values()):
        return _before_any_document(case)
    cut = undoing_flow(flow, gone=case.gone)
    found = _next_steps(cut, case, facts, done)
    if found.state != "done":
        return found
    results = [done[step.id].result for step in cut.step if step.cancel and step.id in done]
    text = " ".join(str(result["text"]) for result in results if result.get("text"))
    late = _paid_since(case, results)
    if case.order is not None and late > 0:
        text = f"{text} Paid since, to be refunded too: {late} {case.order.currency}."
    return Plan((), (Wait("", "flow.undone", text or "Cancelled; settled by a person."),), "done")


def _paid_since(case: Case, results: Sequence[Json]) -> Decimal:
    """What came in after the order was undone: the undoing could not name it."""
    if case.order is None or not any(result.get("text") for result in results):
        return Decimal(0)
    named = [Decimal(str(result["refund"]["amount"])) for result in results if result.get("refund")]
    return case.order.payment.paid - max(named, default=Decimal(0))


def _changed(flow: Flow, case: Case, done: Mapping[str, StepRecord]) -> Plan | None:
    """What follows when the order is not any more what its documents were made from."""
    assert case.order is not None
    made = [record for record in done.values() if record.state == "done" and "print" in record.result]
    if not made:
        return None
    now = case.content
    latest = {record.step.split("~")[0]: record for record in made}
    stale = {origin: record for origin, record in latest.items() if record.result["print"] != now}
    if not stale or _is_decided(done, f"change~{now[:8]}"):
        return None
    sold = [
        record
        for record in done.values()
        if record.state == "done"
        and record.result.get("number")
        and record.result.get("kind") not in BEFORE_SALE
    ]
    skip = f"To go on without it: pomost skip, step change~{now[:8]}."
    if sold:
        text = f"The order was changed after {sold[-1].result.get('number')} was made. Correct the document. {skip}"
        return _person(Wait(f"change~{now[:8]}", "flow.changed-after-sale", text))
    origin, order = next(iter(stale.items()))
    if flow.rules.on_change == "refuse":
        text = f"The order was changed after {order.result.get('number')} was made, and the flow refuses changes. {skip}"
        return _person(Wait(f"change~{now[:8]}", "flow.change-refused", text))
    if flow.rules.on_change == "flag":
        return None
    step = next((step for step in flow.step if step.id == origin), None)
    if step is None:
        return None
    return Plan((Todo(step, f"{origin}~{now[:8]}", amends=origin),), (), "waiting")


def _next_steps(flow: Flow, case: Case, facts: Context, done: Mapping[str, StepRecord]) -> Plan:
    assert case.order is not None
    order, status = case.order, case.status
    own = _reached(flow, facts)
    implied = _implied(flow, own)
    ready: list[Todo] = []
    waits: list[Wait] = []
    unfinished: set[str] = set()
    for index, step in enumerate(flow.step):
        name = advances.open_part(flow, step, case.order, done, _open_part(step, done, case.content))
        if step.book:
            name = settling.open_part(flow, step, done)
        name = another.open_part(flow, step, done, name)
        if name is None and settling.holds_up(flow, step, unfinished):
            unfinished.add(step.id)
            more = f'"{step.id}" settles the other parts of the sale once they are made.'
            waits.append(Wait(step.id, "flow.waits-for-parts", more))
            continue
        if name is None or lines.is_empty(flow, step, case.order):
            if advances.awaits_payment(flow, step, done):
                text = f'"{step.id}" is made once the order is paid for, in part or in full.'
                waits.append(Wait(step.id, "flow.waits-for-payment", text))
            continue
        unfinished.add(step.id)
        before = after(flow, index)
        missing = [other for other in before if other in unfinished]
        missing = settling.waits_for(flow, step, case.order, done, missing)
        if missing:
            if not step.when or own[step.id] or not waits:
                waits.append(
                    Wait(step.id, "flow.waits-for-step", f'"{step.id}" waits for {", ".join(missing)}.')
                )
            continue
        goes_on = _goes_on(step, name, done) or another.goes_on(step, name)
        if step.when and not own[step.id] and step.id not in implied and not goes_on:
            text = f'"{step.id}" waits until {step.when} (the order is in status "{status}").'
            waits.append(Wait(step.id, "flow.waits-for-condition", text))
            continue
        if not holds(step.only_if, facts, _where(flow, step)):
            unfinished.discard(step.id)
            continue
        if step.book and not settling.is_paid(order) and not goes_on:
            # no act that waits: steps that do not come after it go on
            due = f"Of order {case.number} {order.payment.paid:.2f} of {order.total:.2f} {order.currency} are paid."
            waits.append(Wait(step.id, "booking.not-paid", due))
            continue
        passed = bool(step.when) and not own[step.id] and not (step.check and goes_on)
        ready.append(Todo(step, name, implied=passed or another.is_telling(step, name)))
    # what is made and paid is settled first: the next part may have to wait for goods
    ready.sort(key=lambda todo: not (todo.step.book and settling.is_due(flow, todo.step, order, done)))
    if not ready and not unfinished:
        return Plan((), (), "done")
    return Plan(tuple(ready), tuple(waits), "waiting")


def _bounced(found: Plan, done: Mapping[str, StepRecord]) -> Plan:
    """With nothing left to be done now, a mail that came back for good, or a parcel that is not delivered, is for a person."""
    if found.ready:
        return found
    back = tuple(
        Wait(
            f"bounce~{name}",
            "mail.bounced",
            f'The mail of step "{name}" to {record.result.get("mailed")} came back: {record.result["bounced"]}. Send it '
            f"again by hand to the right address, then `pomost skip` the step bounce~{name}.",
        )
        for name, record in done.items()
        if record.state == "done" and record.result.get("bounced") and not _is_decided(done, f"bounce~{name}")
    )
    back += tuple(
        Wait(
            f"parcel~{name}",
            "shipping.not-delivered",
            f'The parcel of step "{name}" is not on its way to the buyer: {what}. Look in the carrier\'s panel and speak with '
            f"the buyer, then `pomost skip` the step parcel~{name}.",
        )
        for name, what in undelivered(done)
        if not _is_decided(done, f"parcel~{name}")
    )
    return Plan((), (*back, *found.waits), "person") if back else found


def _goes_on(step: Step, name: str, done: Mapping[str, StepRecord]) -> bool:
    """Whether a write or a check was begun: if it moved the order, it is itself the reason why its condition does not
    hold. What of a receipt or a mail was begun is cleared up in any case; a check that found goods short goes on until
    they are there."""
    record = done.get(name)
    if step.check is not None and name != step.id:
        return True
    begun_acts = ("write", "check", "mail", "fiscalise", "ship", "book")
    return step.act in begun_acts and record is not None and record.state == "intended"


def _reached(flow: Flow, facts: Context) -> dict[str, bool]:
    """For each step whether its condition holds now; one without a condition is reached with the last one before it."""
    own: dict[str, bool] = {}
    for index, step in enumerate(flow.step):
        if step.when:
            own[step.id] = holds(step.when, facts, _where(flow, step))
        else:
            before = [other.id for other in flow.step[:index] if other.id in after(flow, index)]
            own[step.id] = bool(before) and own[before[-1]]
    return own


def _implied(flow: Flow, own: Mapping[str, bool]) -> frozenset[str]:
    """Steps before a step whose condition holds: the order has passed them."""
    found: set[str] = set()
    for index in range(len(flow.step) - 1, -1, -1):
        step = flow.step[index]
        if own[step.id] or step.id in found:
            found.update(after(flow, index))
            found.update(step.source)
    return frozenset(found)


def _open_part(step: Step, done: Mapping[str, StepRecord], content: str) -> str | None:
    """The name under which the step is still to be done; None when it is done with nothing left over."""
    part, name = 1, step.id
    while (record := done.get(name)) is not None:
        if record.state in ("intended", "failed"):
            return name
        changed = content and record.result.get("made_for", content) != content
        if not record.result.get("rest") and not changed and not another.is_wished(record.result):
            return None
        part += 1
        name = f"{step.id}#{part}"
    return name


def _person(wait: Wait) -> Plan:
    return Plan((), (wait,), "person")


def _doubt(record: StepRecord) -> Wait:
    text = f'It is not known whether step "{record.step}" was carried out. {record.error.get("text", "")}'
    return Wait(record.step, "flow.in-doubt", f"{text} Look there, then `pomost resolve`.")


def _started(done: Mapping[str, StepRecord]) -> bool:
    return any(record.state != "skipped" for record in done.values())


def _is_decided(done: Mapping[str, StepRecord], step: str) -> bool:
    record = done.get(step)
    return record is not None and record.state == "skipped"


def _where(flow: Flow, step: Step) -> str:
    return f'flow "{flow.name}", step "{step.id}"'


def step_of(flow: Flow, name: str) -> Step | None:
    """The step of the flow that a step's name belongs to: ``wz#2`` is a part of ``wz``."""
    return next((step for step in flow.step if step.id == name.split("#")[0].split("~")[0]), None)
