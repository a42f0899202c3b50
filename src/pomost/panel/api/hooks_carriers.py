"""Pushes of carriers: a parcel moved. A hint only: its shipment is read anew, and what the push says is believed by nobody.

Some carriers sign what they send (Apaczka), some only name the account (InPost); what is neither is refused.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from pomost.panel.api.access import Refusal, address_of, refused
from pomost.panel.web import Panel
from pomost.ports import NeedsPerson
from pomost.ports.carrier import Pushes

router = APIRouter()
LONGEST = 262_144


async def _body(request: Request) -> bytes:
    """What was sent, as far as it may be long."""
    got = bytearray()
    async for part in request.stream():
        got += part
        if len(got) > LONGEST:
            break
    return bytes(got)


@router.post("/hooks/carriers/{name}", include_in_schema=False)
async def push(request: Request, name: str, body: Annotated[bytes, Depends(_body)]) -> Response:
    """200 for what a carrier sends of its own account, also of parcels that are not followed here; those that are, are looked at now."""
    panel: Panel = request.app.state.panel
    try:
        await run_in_threadpool(_take, panel, name, address_of(request), body)
    except Refusal as refusal:
        return refused(request, refusal.status, refusal.why, refusal.wait_s)
    return JSONResponse({"accepted": True})


def _take(panel: Panel, name: str, address: str, body: bytes) -> None:
    pomost = panel.pomost
    if len(body) > LONGEST:
        raise Refusal(413, NeedsPerson("api.too-long", "That is too long for a hint.", "Send an empty body."))
    carrier: object = pomost.carriers.known.get(name)
    # whether there is such a name is told to nobody
    if isinstance(carrier, Pushes) and carrier.pushed(body) is not None:
        for watcher in pomost.parcels:
            watcher.hint(name, body, carrier.pushed)
        return
    # a good one is never kept waiting for the bad ones of others behind the same address
    now, key = pomost.work.now(), f"hook:{address}"
    wait = pomost.store.throttles.wait_s((key,), now)
    if wait > 0:
        raise Refusal(
            429,
            NeedsPerson("api.slow-down", "Too many attempts failed.", "Wait as long as Retry-After says."),
            wait,
        )
    if body:
        pomost.store.throttles.failed((key,), now)
    raise Refusal(
        401,
        NeedsPerson(
            "carrier.bad-push",
            "There is no such carrier, or this is no push of its account.",
            "Give the carrier the address /hooks/carriers/NAME, with the name of its connection.",
        ),
    )
