"""The list of orders: filters in the address, pages by keys, acts on many with a preview of what they touch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import Response

from pomost.panel.formats import WARSAW
from pomost.panel.web import Operator, Reader, Visit
from pomost.store.cases import STATES
from pomost.store.lists import MANY, Beginning, Filter
from pomost.store.queries import CaseLine

router = APIRouter()
ALL_AT_ONCE = 10_000
"""An act on many touches at most so many orders; it can be repeated."""
_SHOWN = 20
WAKEABLE = ("person", "stopped", "retrying", "waiting")
"""States from which trying again does no harm; what is in doubt is decided one by one."""


def _moment(day: str, *, after: bool = False) -> float | None:
    """Midnight in Poland at which a day begins, or the next one; None for what is no day."""
    try:
        found = date.fromisoformat(day) + timedelta(days=1 if after else 0)
        return datetime.combine(found, time(), WARSAW).timestamp()
    except (ValueError, OverflowError):
        return None


def filter_of(given: Mapping[str, str]) -> Filter:
    """The filter that an address or a form says."""
    attention = given.get("state") == "attention"
    return Filter(
        state="" if attention else given.get("state", "")[:12],
        attention=attention,
        source=given.get("source", "")[:40],
        flow=given.get("flow", "")[:60],
        status=given.get("status", "")[:120],
        company=given.get("company", "")[:40],
        kind=given.get("kind", "")[:20],
        text=given.get("text", "")[:200],
        code=given.get("code", "")[:80],
        seen_from=_moment(given.get("from", "")),
        seen_to=_moment(given.get("to", ""), after=True),
    )


FIELDS = ("text", "state", "source", "flow", "status", "company", "kind", "code", "from", "to", "order")


def said_filter(given: Mapping[str, str]) -> dict[str, str]:
    """What of an address is a filter, without what is empty."""
    return {name: given[name] for name in FIELDS if given.get(name)}


@router.get("/orders")
def orders(visit: Reader, after: Annotated[int | None, Query(ge=0, lt=10**18)] = None) -> Response:
    """A page of orders. One that is found by its number alone is shown at once."""
    given = said_filter(visit.request.query_params)
    wanted = filter_of(given)
    looked = visit.pomost.store.lists.look(
        wanted, after, oldest_first=given.get("order") == "oldest", counted=after is None
    )
    page = looked.page
    if wanted.text and len(page.lines) == 1 and set(given) == {"text"} and after is None:
        return visit.done("orders.list.only", to=f"/orders/{page.lines[0].id}", text=wanted.text)
    following = (
        f"/orders?{urlencode({**given, 'after': page.following})}" if page.following is not None else ""
    )
    return visit.page(
        "orders/list.html",
        active="orders",
        lines=page.lines,
        cut=page.cut,
        count=looked.count,
        many=MANY,
        more=looked.more,
        following=following,
        first=f"/orders?{urlencode(given)}" if after is not None else "",
        given=given,
        address=urlencode(given),
        choices=_choices(visit, looked.beginnings),
    )


def _choices(visit: Visit, found: Sequence[Beginning]) -> dict[str, list[str]]:
    """What there is to choose from: only values that some order has."""
    return {
        "state": [state for state in STATES if any(one.state == state for one in found)],
        "source": sorted({one.source for one in found}),
        "flow": sorted({one.flow for one in found}),
        "status": sorted({one.status for one in found} - {""}),
        "company": [company.code for company in visit.pomost.config.company],
    }


@router.post("/orders/many")
def preview(visit: Operator) -> Response:
    """What an act on many would touch: those that were chosen, or all that fit the filter. Nothing is done yet."""
    form = visit.form()
    ids = sorted({int(str(one)) for one in form.getlist("id") if str(one).isdigit()})[:ALL_AT_ONCE]
    given = said_filter({name: str(form.get(name, "")) for name in FIELDS})
    store = visit.pomost.store
    if not ids:
        ids = store.lists.ids(filter_of(given), ALL_AT_ONCE)
        chosen = False
    else:
        chosen = True
    woken, left = _sorted(store.lists.lines(ids) if len(ids) <= 500 else _in_parts(visit, ids))
    return visit.page(
        "orders/many.html",
        active="orders",
        woken=woken,
        left=left,
        shown=_SHOWN,
        most=ALL_AT_ONCE,
        cut=len(ids) == ALL_AT_ONCE,
        chosen=chosen,
        given=given,
    )


@router.post("/orders/many/retry")
def retry_many(visit: Operator) -> Response:
    """Tries again those that the preview showed, except those that changed since so that it could do harm."""
    ids = sorted({int(one) for one in visit.value("ids").split(",") if one.isdigit()})[:ALL_AT_ONCE]
    woken, _ = _sorted(_in_parts(visit, ids))
    for start in range(0, len(woken), 500):
        visit.pomost.wake([line.id for line in woken[start : start + 500]])
    visit.audit("orders.retry", f"{len(woken)}", ids=[line.id for line in woken[:100]])
    return visit.done("orders.many.retried", to="/orders?state=attention", n=len(woken))


def _in_parts(visit: Visit, ids: list[int]) -> list[CaseLine]:
    return [
        line
        for start in range(0, len(ids), 500)
        for line in visit.pomost.store.lists.lines(ids[start : start + 500])
    ]


def _sorted(lines: list[CaseLine]) -> tuple[list[CaseLine], list[CaseLine]]:
    """Those that may be tried again, and those that are left alone: done, or in doubt."""
    return (
        [line for line in lines if line.state in WAKEABLE],
        [line for line in lines if line.state not in WAKEABLE],
    )
