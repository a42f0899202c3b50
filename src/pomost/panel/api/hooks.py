"""Hints from outside: a signed call that a source has something new. The answer comes at once; the look comes after it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from pomost.panel.api.access import Refusal, address_of, refused
from pomost.panel.api.knocking import body_within, check_length, refuse_knock
from pomost.panel.web import Panel
from pomost.ports import NeedsPerson
from pomost.signing import HEADER, is_signed

router = APIRouter()
LONGEST = 65_536


async def _body(request: Request) -> bytes:
    return await body_within(request, LONGEST)


@router.post("/hooks/{name}", include_in_schema=False)
async def hint(request: Request, name: str, body: Annotated[bytes, Depends(_body)]) -> Response:
    """202 for a call signed with the secret of that name; what is in its body does not matter."""
    panel: Panel = request.app.state.panel
    try:
        await run_in_threadpool(
            _take, panel, name, address_of(request), request.headers.get(HEADER, ""), body
        )
    except Refusal as refusal:
        return refused(request, refusal.status, refusal.why, refusal.wait_s)
    return JSONResponse({"accepted": True}, 202)


def _take(panel: Panel, name: str, address: str, header: str, body: bytes) -> None:
    pomost = panel.pomost
    check_length(body, LONGEST)
    known = next((one for one in pomost.config.hint if one.name == name), None)
    # whether there is such a name is told to nobody
    if known is not None and is_signed(known.secret, header, body, pomost.work.now()):
        panel.hints.follow(pomost, known.source)
        return
    why = NeedsPerson(
        "api.bad-signature",
        "There is no such name, or the signature is not good.",
        "Sign the body with the secret, within five minutes: see docs/reference/api.md.",
    )
    refuse_knock(pomost, address, why, counts=bool(header))
