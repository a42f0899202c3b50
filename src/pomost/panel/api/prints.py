"""The print queue, for a program that drives a printer of labels and documents; and how it all stands."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from pomost import __version__
from pomost.health import connections
from pomost.panel.api.access import Caller, Refusal, Scope, not_there
from pomost.panel.api.models import (
    ConnectionState,
    Health,
    Marked,
    Marks,
    PrintEntry,
    Prints,
    moment,
    moment_or_none,
)
from pomost.ports import NeedsPerson
from pomost.printing import content_of
from pomost.store.prints import Wanted

router = APIRouter()
Reading = Annotated[Caller, Depends(Scope("read"))]
Printing = Annotated[Caller, Depends(Scope("print"))]


@router.get("/prints", tags=["prints"])
def prints(
    caller: Reading,
    printed: bool = False,
    company: Annotated[str, Query(max_length=40)] = "",
    kind: Annotated[str, Query(max_length=20)] = "",
    after: Annotated[str, Query(max_length=50)] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Prints:
    """What waits to be printed, in the order of packing; or what was printed, newest first."""
    place = _place(after)
    found = caller.pomost.store.prints.page(Wanted(printed, company, kind), place, limit + 1)
    last = max(((one.place, one.id) for one in found[:limit]), default=(0, 0))
    if printed and found:
        last = (0, found[:limit][-1].id)
    return Prints(
        prints=[
            PrintEntry(
                id=one.id,
                company=one.company,
                kind=one.kind,
                title=one.title,
                order=one.order,
                document=one.document,
                copies=one.copies,
                made_at=moment(one.made_at),
                printed_at=moment_or_none(one.printed_at),
                printed_by=one.printed_by,
            )
            for one in found[:limit]
        ],
        following=f"{last[0]}-{last[1]}" if len(found) > limit else "",
    )


@router.get(
    "/prints/{number}/file",
    tags=["prints"],
    response_class=Response,
    responses={200: {"content": {"application/pdf": {}, "application/zpl": {}}}},
)
def file(caller: Printing, number: Annotated[int, Path(ge=1, le=2**62)]) -> Response:
    """What is to be printed, as PDF; a label in ZPL as it is. Asking marks nothing."""
    found = caller.pomost.store.prints.of_ids([number])
    if not found:
        raise not_there()
    try:
        content = content_of(caller.pomost, found[0])
    except NeedsPerson as failure:
        raise Refusal(409, failure) from failure
    kind = "application/zpl" if content.startswith(b"^XA") else "application/pdf"
    return Response(content, media_type=kind)


@router.post("/prints/mark", tags=["prints"])
def mark(caller: Printing, marks: Marks) -> Marked:
    """Marks entries as printed, or puts them back; what is so already stays so."""
    store = caller.pomost.store
    if marks.printed:
        changed = store.prints.printed(marks.ids, caller.who, caller.pomost.work.now())
    else:
        changed = store.prints.back(marks.ids)
    if changed:
        caller.audit("print.mark" if marks.printed else "print.back", str(len(changed)), ids=changed[:100])
    return Marked(ids=changed)


@router.get("/health", tags=["health"])
def health(caller: Reading) -> Health:
    """How each connection is, and how many orders are in each state."""
    pomost = caller.pomost
    return Health(
        version=__version__,
        connections=[
            ConnectionState(
                name=one.name,
                kind=one.kind,
                condition=one.condition,
                looked_at=moment_or_none(one.answered.looked_at if one.answered else one.looked_at),
                blocked_until=moment_or_none(one.blocked_until),
                note=" ".join(
                    caller.said(s.stopped or s.note)
                    for s in (*one.sources, *filter(None, [one.answered]))
                    if s.stopped or s.note
                ),
            )
            for one in connections(pomost, pomost.work.now())
        ],
        orders=pomost.store.queries.counts(),
    )


def _place(after: str) -> tuple[int, int] | None:
    if not after:
        return None
    found = re.fullmatch(r"([0-9]{1,18})-([0-9]{1,18})", after)
    if found is None:
        raise Refusal(
            422, NeedsPerson("api.bad-value", "Wrong values: after.", "Give what `following` said.")
        )
    return int(found[1]), int(found[2])
