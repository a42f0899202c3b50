"""The print queue: what waits to be printed in the order of packing, one file of all that is chosen, marked as printed by hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import Response

from pomost.collecting import collecting_carriers
from pomost.panel.web import Operator, Reader, Visit, own_address
from pomost.ports import Failure
from pomost.printing import one_pdf
from pomost.store.prints import COUNTED, PRINT_KINDS, Print, Wanted

router = APIRouter()
PAGE = 100
_MOST_IDS = 500


@router.get("/print")
def queue(
    visit: Reader,
    state: Literal["waiting", "printed"] = "waiting",
    company: str = "",
    kind: str = "",
    order: str = "",
    sort: Literal["packing", "newest"] = "packing",
    after: str = "",
    undo: str = "",
) -> Response:
    """What waits, or what was printed. ``undo``: ids that were marked as printed a moment ago."""
    prints = visit.pomost.store.prints
    cases = visit.pomost.store.numbers.find(order) if order.strip() else None
    kind = kind if kind in PRINT_KINDS else ""
    wanted = Wanted(state == "printed", company, kind, cases, sort)
    rows = prints.page(wanted, _place(after), PAGE + 1)
    more, rows = len(rows) > PAGE, _without_last(rows, wanted)
    filters = {"state": state, "company": company, "kind": kind, "order": order, "sort": sort}
    asked = {name: value for name, value in filters.items() if value and value not in ("waiting", "packing")}
    last = max(rows, key=lambda one: (one.place, one.id)) if wanted.is_packing and rows else None
    last = last or (rows[-1] if rows else None)
    count = prints.count(wanted)
    return visit.page(
        "print/queue.html",
        active="printing",
        rows=rows,
        count=count,
        counted=COUNTED,
        state=state,
        company=company,
        kind=kind,
        order=order,
        sort=sort,
        companies=[one.code for one in visit.pomost.config.company],
        company_choices=[(one.code, one.name) for one in visit.pomost.config.company],
        kinds=PRINT_KINDS,
        undo=short_ids(ids_in(undo)),
        undone=len(ids_in(undo)),
        can_collect=bool(collecting_carriers(visit.pomost)),
        tabs={
            one: "/print?" + urlencode({**asked, "state": one} if one == "printed" else _less(asked, "state"))
            for one in ("waiting", "printed")
        },
        next=f"/print?{urlencode({**asked, 'after': f'{last.place}.{last.id}'})}" if more and last else "",
    )


@router.post("/print/file")
def file(visit: Operator) -> Response:
    """One PDF of all that was ticked, opened for printing; nothing is marked by it."""
    ids = _chosen(visit)
    try:
        content = one_pdf(visit.pomost, visit.pomost.store.prints.of_ids(ids))
    except Failure as failure:
        return visit.refused(failure, to=_back(visit))
    visit.audit("print.file", target=short_ids(ids), entries=len(ids))
    return visit.download("pomost.pdf", content, "application/pdf", inline=True)


@router.post("/print/printed")
def printed(visit: Operator) -> Response:
    """Marks what was ticked as printed; the next page offers to undo it."""
    changed = visit.pomost.store.prints.printed(_chosen(visit), visit.who, visit.now())
    if not changed:
        return visit.refused("print.none-changed", to=_back(visit))
    visit.audit("print.printed", target=short_ids(changed), entries=len(changed))
    to = _back(visit)
    return visit.done(
        "print.marked", to=f"{to}{'&' if '?' in to else '?'}undo={short_ids(changed)}", n=len(changed)
    )


@router.post("/print/back")
def back(visit: Operator) -> Response:
    """Puts what was printed back into the queue."""
    changed = visit.pomost.store.prints.back(_chosen(visit))
    if not changed:
        return visit.refused("print.none-changed", to=_back(visit))
    visit.audit("print.back", target=short_ids(changed), entries=len(changed))
    return visit.done("print.put-back", to=_back(visit), n=len(changed))


@router.post("/print/remove")
def remove(visit: Operator) -> Response:
    """Takes what was ticked out of the queue."""
    changed = visit.pomost.store.prints.remove(_chosen(visit))
    if not changed:
        return visit.refused("print.none-changed", to=_back(visit))
    visit.audit("print.remove", target=short_ids(changed), entries=len(changed))
    return visit.done("print.removed", to=_back(visit), n=len(changed))


def ids_in(text: str) -> list[int]:
    """Ids as ``short_ids`` writes them; what is no number is passed over, and there are at most 500."""
    found: list[int] = []
    for part in text.split("."):
        first, _, last = part.partition("-")
        if not _is_id(first) or (last and not _is_id(last)):
            continue
        begin, end = int(first), int(last or first)
        found += range(begin, min(end, begin + _MOST_IDS) + 1)
    return sorted(set(found))[:_MOST_IDS]


def short_ids(ids: Iterable[int]) -> str:
    """Ids in few letters: 3-7.9"""
    runs: list[list[int]] = []
    for one in sorted(set(ids)):
        if runs and one == runs[-1][1] + 1:
            runs[-1][1] = one
        else:
            runs.append([one, one])
    return ".".join(str(begin) if begin == end else f"{begin}-{end}" for begin, end in runs)


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 18


def _chosen(visit: Visit) -> list[int]:
    ticked = [one for one in visit.form().getlist("id") if isinstance(one, str) and _is_id(one)]
    return sorted({int(one) for one in ticked} | set(ids_in(visit.value("ids"))))[:_MOST_IDS]


def _back(visit: Visit) -> str:
    """The list as it was filtered."""
    to = own_address(visit.value("to", "/print"))
    return to if to == "/print" or to.startswith("/print?") else "/print"


def _place(after: str) -> tuple[int, int] | None:
    place, _, number = after.partition(".")
    return (int(place), int(number)) if _is_id(place) and _is_id(number) else None


def _without_last(rows: Sequence[Print], wanted: Wanted) -> list[Print]:
    """The page without the one entry that only shows that there are more."""
    if len(rows) <= PAGE:
        return list(rows)
    last = max(rows, key=lambda one: (one.place, one.id)) if wanted.is_packing else rows[-1]
    return [one for one in rows if one is not last]


def _less(asked: dict[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in asked.items() if key != name}
