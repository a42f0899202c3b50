"""Hints from outside: a signed call that a source has something new. The answer comes at once; the look comes after it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from pomost.panel.api.access import Refusal, address_of, refused
from pomost.panel.web import Panel
from pomost.ports import NeedsPerson
from pomost.signing import HEADER, is_signed

router = APIRouter()
LONGEST = 65_536


async def _body(request: Request) -> bytes:
    """What was sent, as far as it may be long."""
    got = b""
    async for part in request.stream():
        got += part
        if len(got) > LONGEST:
            return got
    return got


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
    if len(body) > LONGEST:
        raise Refusal(413, NeedsPerson("api.too-long", "That is too long for a hint.", "Send an empty body."))
    known = next((one for one in pomost.config.hint if one.name == name), None)
    now = pomost.work.now()
    # whether there is such a name is told to nobody
    if known is not None and is_signed(known.secret, header, body, now):
        panel.hints.follow(pomost, known.source)
        return
    key = f"hook:{address}"
    wait = pomost.store.throttles.wait_s((key,), now)
    if wait > 0:
        raise Refusal(
            429,
            NeedsPerson("api.slow-down", "Too many attempts failed.", "Wait as long as Retry-After says."),
            wait,
        )
    if header:
        pomost.store.throttles.failed((key,), now)
    raise Refusal(
        401,
        NeedsPerson(
            "api.bad-signature",
            "There is no such name, or the signature is not good.",
            "Sign the body with the secret, within five minutes: see docs/reference/api.md.",
        ),
    )
