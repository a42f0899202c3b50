"""Orders: the list with its filters, one order with its steps and history, and what a person would do about it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from sqlalchemy.exc import NoResultFound

from pomost.deciding import resolve_step, skip_step
from pomost.panel.api.access import Caller, Scope, not_there
from pomost.panel.api.models import (
    Bought,
    Done,
    Happened,
    Order,
    OrderLine,
    Orders,
    Resolution,
    SkipWish,
    StepDone,
    Wait,
    moment,
    moment_or_none,
)
from pomost.panel.pages.order import SHOWN
from pomost.panel.pages.orders import filter_of
from pomost.store.cases import Case
from pomost.store.queries import CaseLine
from pomost.store.steps import Event, StepRecord
from pomost.words import in_language

router = APIRouter(prefix="/orders", tags=["orders"])
Reading = Annotated[Caller, Depends(Scope("read"))]
Acting = Annotated[Caller, Depends(Scope("orders"))]
_RESULT = (*SHOWN, "id")


@router.get("")
def orders(
    caller: Reading,
    text: Annotated[str, Query(max_length=200, description="Words, or beginnings of words.")] = "",
    state: Annotated[
        str, Query(max_length=12, description="One state, or attention: those that need a person.")
    ] = "",
    source: Annotated[str, Query(max_length=40)] = "",
    flow: Annotated[str, Query(max_length=60)] = "",
    status: Annotated[str, Query(max_length=120)] = "",
    company: Annotated[str, Query(max_length=40)] = "",
    kind: Annotated[str, Query(max_length=20)] = "",
    code: Annotated[str, Query(max_length=80, description="A code, or an area of codes.")] = "",
    first_day: Annotated[date | None, Query(description="Seen from this day on.")] = None,
    last_day: Annotated[date | None, Query(description="Seen up to this day.")] = None,
    sort: Literal["newest", "oldest"] = "newest",
    after: Annotated[int | None, Query(ge=0, le=2**62)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> Orders:
    """A page of orders by the same filters as in the panel."""
    wanted = filter_of(
        {
            "text": text,
            "state": state,
            "source": source,
            "flow": flow,
            "status": status,
            "company": company,
            "kind": kind,
            "code": code,
            "from": str(first_day or ""),
            "to": str(last_day or ""),
        }
    )
    page = caller.pomost.store.lists.page(wanted, after, limit, oldest_first=sort == "oldest")
    return Orders(
        orders=[OrderLine(**_line(caller, line)) for line in page.lines],
        following=page.following,
        cut=page.cut,
    )


@router.get("/{order_id}")
def order(caller: Reading, order_id: int) -> Order:
    """One order."""
    case, steps = _case(caller, order_id)
    (line,) = caller.pomost.store.lists.lines([order_id])
    bought = case.order
    return Order(
        **_line(caller, line),
        currency=bought.currency if bought else "",
        total=bought.total if bought else None,
        lines=[
            Bought(
                sku=one.sku,
                name=one.name,
                quantity=one.quantity,
                price=one.price,
                vat=one.vat.code,
                unit=one.unit,
            )
            for one in (bought.lines if bought else ())
        ],
        steps=[
            StepDone(
                step=one.step,
                state=one.state,
                attempts=one.attempts,
                started_at=moment(one.started_at),
                ended_at=moment_or_none(one.ended_at),
                result=_facts(one.result, _RESULT),
            )
            for one in steps.values()
        ],
        history=[_happened(caller, event) for event in caller.pomost.store.steps.history(order_id)],
    )


@router.post("/{order_id}/retry", status_code=202)
def retry(caller: Acting, order_id: int) -> Done:
    """Tries the order again now. What is in doubt is not repeated by it."""
    case, _ = _case(caller, order_id)
    caller.pomost.wake([order_id])
    caller.audit("order.retry", case.number)
    return Done(id=order_id, number=case.number)


@router.post("/{order_id}/skip", status_code=202)
def skip(caller: Acting, order_id: int, wish: SkipWish) -> Done:
    """Leaves a step out for good."""
    case, _ = _case(caller, order_id)
    skip_step(caller.pomost, order_id, wish.step, caller.who)
    caller.audit("order.skip", case.number, step=wish.step)
    return Done(id=order_id, number=case.number)


@router.post("/{order_id}/resolve", status_code=202)
def resolve(caller: Acting, order_id: int, found: Resolution) -> Done:
    """Settles a step in doubt: it happened (it is not repeated), or it did not (it is done again)."""
    case, _ = _case(caller, order_id)
    resolve_step(caller.pomost, order_id, found.step, found.happened, found.number, caller.who)
    caller.audit(
        "order.resolve",
        case.number,
        step=found.step,
        happened="yes" if found.happened else "no",
        number=found.number,
    )
    return Done(id=order_id, number=case.number)


def _case(caller: Caller, order_id: int) -> tuple[Case, dict[str, StepRecord]]:
    if not 0 < order_id < 2**62:
        raise not_there()
    try:
        return caller.pomost.store.cases.load_with_steps(order_id)
    except NoResultFound:
        raise not_there() from None


def _line(caller: Caller, line: CaseLine) -> dict[str, Any]:
    waits = [one for one in (line.waits, *line.waits.get("also", [])) if one] if line.state != "done" else []
    return {
        "id": line.id,
        "company": line.company,
        "source": line.source,
        "kind": line.kind,
        "external_id": line.external_id,
        "number": line.number,
        "flow": line.flow,
        "status": line.status,
        "state": line.state,
        "since": moment(line.since),
        "seen_at": moment(line.seen_at),
        "waits": [Wait(step=str(one.get("step", "")), **_why(caller, one)) for one in waits],
    }


def _happened(caller: Caller, event: Event) -> Happened:
    return Happened(
        at=moment(event.at),
        what=event.what,
        step=event.step,
        facts=_facts(event.data, SHOWN),
        **(_why(caller, event.data) if event.data.get("text") else {}),
    )


def _facts(data: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: data[name] for name in names if data.get(name) not in (None, "", [], {})}


def _why(caller: Caller, data: Mapping[str, Any]) -> dict[str, str]:
    code = str(data.get("code", ""))
    text, advice = in_language(caller.language, code, str(data.get("text", "")), str(data.get("advice", "")))
    return {"code": code, "text": text, "advice": advice}
