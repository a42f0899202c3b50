"""Long acts: how far each is, live and by loading the page again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from fastapi import APIRouter
from fastapi.responses import Response, StreamingResponse
from starlette.concurrency import run_in_threadpool

from pomost.panel.web import Reader, Visit
from pomost.store.acts import Act

router = APIRouter()
_EVERY_S = 0.5
_LONGEST_S = 600.0
"""After this a follower is let go; its browser asks again."""


@router.get("/acts")
def acts(visit: Reader) -> Response:
    """The newest acts."""
    return visit.page("acts/list.html", active="", acts=visit.pomost.store.acts.latest(visit.now()))


@router.get("/acts/{act_id}")
def act(visit: Reader, act_id: int) -> Response:
    """One act."""
    return visit.page("acts/act.html", active="", act=_found(visit, act_id))


@router.get("/acts/{act_id}/events")
def follow(visit: Reader, act_id: int) -> Response:
    """How far it is, as often as that changes, until it ends."""
    _found(visit, act_id)
    return StreamingResponse(
        _events(visit, act_id), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
    )


def _found(visit: Visit, act_id: int) -> Act:
    found = visit.pomost.store.acts.get(act_id, visit.now()) if 0 < act_id < 2**62 else None
    if found is None:
        raise visit.missing()
    return found


async def _events(visit: Visit, act_id: int) -> AsyncIterator[str]:
    told, waited = "", 0.0
    while not visit.panel.closing.is_set() and waited < _LONGEST_S:
        state, said = await run_in_threadpool(_state, visit, act_id)
        if said != told:
            told = said
            yield "".join(f"data: {line}\n" for line in said.splitlines()) + "\n"
        if state != "running":
            yield "event: end\ndata: end\n\n"
            return
        await asyncio.sleep(_EVERY_S)
        waited += _EVERY_S


def _state(visit: Visit, act_id: int) -> tuple[str, str]:
    found = visit.pomost.store.acts.get(act_id, visit.now())
    if found is None:
        return "gone", ""
    return found.state, visit.text_of("acts/state.html", act=found)
