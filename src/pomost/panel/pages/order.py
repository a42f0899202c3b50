"""One order: what was bought, what was done with it and why, what it waits for, and what a person can do about it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy.exc import NoResultFound

from pomost.deciding import can_spread, resolve_step, skip_step, spread_refund
from pomost.flows.dry_run import DryRun, dry_run
from pomost.panel.web import Operator, Reader, Visit
from pomost.ports import Failure, Json, NeedsPerson
from pomost.quoting import quoting_carriers
from pomost.reshipping import earlier_of
from pomost.store.cases import Case
from pomost.store.steps import Event, StepRecord
from pomost.trade.documents import Document
from pomost.trade.edits import CANCELLED, OF_CASE, YES, fields_of
from pomost.trade.errors import Refused
from pomost.words import phrase

router = APIRouter()
SHOWN = (
    "status", "kind", "number", "gross", "currency", "difference", "vat", "left", "refund", "fields", "file", "placed",
    "receipt", "printer", "mailed", "left_out", "who",
)  # fmt: skip
"""What of an event is shown beside its text; the whole is under "details"."""


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of the time line, with the request and the answer of the step that it ends."""

    event: Event
    facts: tuple[tuple[str, str], ...]
    why: Json
    request: str = ""
    result: str = ""
    document: str = ""


@router.get("/orders/{case_id}")
def order(visit: Reader, case_id: int) -> Response:
    """The page of one order."""
    case, steps = _case(visit, case_id)
    line = visit.pomost.store.lists.lines([case_id])[0]
    events = visit.pomost.store.steps.history(case_id)
    return visit.page(
        "orders/order.html",
        active="orders",
        case=case,
        line=line,
        waits=[wait for wait in (line.waits, *line.waits.get("also", [])) if wait],
        happened=_happened(events, steps),
        steps=steps,
        documents=_documents(visit, case),
        following=_following(visit, case, steps),
        raw=json.dumps(case.raw, ensure_ascii=False, indent=2)[:200_000],
        can_cancel=not case.gone and not case.cancelled and case.order is not None,
        skippable=_skippable(visit, line.waits),
        doubts=[record for record in steps.values() if record.state == "doubt"],
        shipments=visit.pomost.store.shipments.of_case(case_id),
        earlier=earlier_of(visit.pomost, case_id),
        can_quote=case.order is not None and bool(quoting_carriers(visit.pomost)),
        edited=sorted(set(case.edits) - OF_CASE),
        can_spread=can_spread(case, steps),
        act_in=lambda language, act: phrase(language, "act", act),
        state_in=lambda language, state: phrase(language, "state", state),
    )


@router.post("/orders/{case_id}/retry")
def retry(visit: Operator, case_id: int) -> Response:
    """Tries the order again now. What is in doubt is not repeated by it."""
    case, _ = _case(visit, case_id)
    visit.pomost.wake([case_id])
    visit.audit("order.retry", case.number)
    return visit.done("orders.order.retried", to=f"/orders/{case_id}", number=case.number)


@router.post("/orders/{case_id}/skip")
def skip(visit: Operator, case_id: int) -> Response:
    """Leaves a step out for good."""
    case, _ = _case(visit, case_id)
    step, back = visit.value("step"), f"/orders/{case_id}"
    try:
        skip_step(visit.pomost, case_id, step, visit.who)
    except Failure as failure:
        return visit.refused(failure, to=back)
    visit.audit("order.skip", case.number, step=step)
    return visit.done("orders.order.skipped", to=back, step=step)


@router.post("/orders/{case_id}/resolve")
def resolve(visit: Operator, case_id: int) -> Response:
    """Settles a step in doubt: it happened, or it did not."""
    case, _ = _case(visit, case_id)
    step, back = visit.value("step"), f"/orders/{case_id}"
    happened = visit.value("happened")
    if happened not in ("yes", "no"):
        return visit.refused("orders.order.say-which", to=back)
    try:
        resolve_step(visit.pomost, case_id, step, happened == "yes", visit.value("number"), visit.who)
    except Failure as failure:
        return visit.refused(failure, to=back)
    visit.audit("order.resolve", case.number, step=step, happened=happened, number=visit.value("number"))
    return visit.done(f"orders.order.resolved-{happened}", to=back, step=step)


@router.post("/orders/{case_id}/spread")
def spread(visit: Operator, case_id: int) -> Response:
    """Lowers the prices of the sale by money that was paid back for no goods."""
    case, _ = _case(visit, case_id)
    back = f"/orders/{case_id}"
    try:
        spread_refund(visit.pomost, case_id, visit.who)
    except Failure as failure:
        return visit.refused(failure, to=back)
    visit.audit("order.spread", case.number)
    return visit.done("orders.order.spread-done", to=back, number=case.number)


@router.post("/orders/{case_id}/cancel")
def cancel(visit: Operator, case_id: int) -> Response:
    """Cancels the order here: the flow undoes what it can, or asks for what it can't."""
    case, _ = _case(visit, case_id)
    visit.pomost.store.cases.edit(case_id, {CANCELLED: YES}, visit.who, visit.now())
    visit.pomost.runner.wake([case_id])
    visit.audit("order.cancel", case.number)
    return visit.done("orders.order.cancelled", to=f"/orders/{case_id}", number=case.number)


@router.get("/orders/{case_id}/edit")
def edit_page(visit: Operator, case_id: int) -> Response:
    """The form with what may be put right."""
    case, _ = _case(visit, case_id)
    return _edit(visit, case, {}, "")


@router.post("/orders/{case_id}/edit")
def edit(visit: Operator, case_id: int) -> Response:
    """Keeps what was put right, and the order goes on with it."""
    case, _ = _case(visit, case_id)
    if case.order is None:
        return visit.refused("orders.edit.unreadable", to=f"/orders/{case_id}")
    known = fields_of(case.order)
    given = {name: str(visit.form().get(name)) for name in known if name in visit.form()}
    if "buyer.name" in given:
        # a box that is not ticked is not sent
        given.setdefault("wants_invoice", "")
    try:
        changed = visit.pomost.store.cases.edit(case_id, given, visit.who, visit.now())
    except Refused as refused:
        return _edit(
            visit, case, given, str(NeedsPerson(refused.code, refused.text, refused.advice)), refused
        )
    visit.pomost.runner.wake([case_id])
    visit.audit("order.edit", case.number, fields=list(changed))
    key = "orders.edit.kept" if changed else "orders.edit.same"
    return visit.done(key, to=f"/orders/{case_id}", number=case.number)


def _edit(
    visit: Visit, case: Case, given: dict[str, str], fault: str, refused: Refused | None = None
) -> Response:
    if case.order is None:
        return visit.refused("orders.edit.unreadable", to=f"/orders/{case.id}")
    values = {**fields_of(case.order), **given}
    wait = {"code": refused.code, "text": refused.text, "advice": refused.advice} if refused else {}
    return visit.page(
        "orders/edit.html",
        active="orders",
        status=400 if fault else 200,
        case=case,
        values=values,
        fault=wait,
    )


def _case(visit: Visit, case_id: int) -> tuple[Case, dict[str, StepRecord]]:
    try:
        return visit.pomost.store.cases.load_with_steps(case_id)
    except NoResultFound:
        raise visit.missing() from None


def _documents(visit: Visit, case: Case) -> list[Document]:
    """What the ledger itself has of this order: it is the truth, not our steps."""
    if case.kind != "order" or not case.number:
        return []
    found: list[Document] = visit.pomost.ledger.documents(case.company, foreign_number=case.number)
    return found


def _following(visit: Visit, case: Case, steps: dict[str, StepRecord]) -> DryRun | None:
    """What comes next, by the same plan that does it; None where there is no flow (any more)."""
    flow = visit.pomost.flows.get(case.flow)
    if flow is None or case.order is None:
        return None
    return dry_run(flow, case, steps, visit.pomost.ledger, visit.pomost.store)


def _skippable(visit: Visit, wait: Json) -> list[str]:
    """Steps that the order waits at, and that can therefore be left out."""
    waits = (wait, *wait.get("also", []))
    return list(dict.fromkeys(str(one["step"]) for one in waits if one.get("step")))


def _happened(events: Sequence[Event], steps: dict[str, StepRecord]) -> list[Happened]:
    last = {event.step: place for place, event in enumerate(events) if event.step}
    found = []
    for place, event in enumerate(events):
        data = event.data
        facts = tuple((name, _text(data[name])) for name in SHOWN if data.get(name) not in (None, "", [], {}))
        wait = {name: data[name] for name in ("code", "text", "advice", "step") if data.get(name)}
        record = steps.get(event.step)
        whole = record is not None and last.get(event.step) == place
        found.append(
            Happened(
                event,
                facts,
                wait if "text" in wait else {},
                _pretty(record.request) if whole and record is not None else "",
                _pretty(record.result) if whole and record is not None else "",
                str(data.get("number", "")),
            )
        )
    return found


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_text(one) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_text(one)}" for name, one in value.items())
    return str(value)


def _pretty(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)[:50_000] if value else ""
