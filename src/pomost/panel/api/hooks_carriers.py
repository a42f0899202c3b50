"""Pushes of carriers: a parcel moved. A hint only: its shipment is read anew, and what the push says is believed by nobody.

Some carriers sign what they send (Apaczka), some only name the account (InPost); what is neither is refused.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from pomost.panel.api.access import Refusal, address_of, refused
from pomost.panel.api.knocking import body_within, check_length, refuse_knock
from pomost.panel.web import Panel
from pomost.ports import NeedsPerson
from pomost.ports.carrier import Pushes

router = APIRouter()
LONGEST = 262_144


async def _body(request: Request) -> bytes:
    return await body_within(request, LONGEST)


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
    check_length(body, LONGEST)
    carrier: object = pomost.carriers.known.get(name)
    # whether there is such a name is told to nobody
    if isinstance(carrier, Pushes) and carrier.pushed(body) is not None:
        for watcher in pomost.parcels:
            watcher.hint(name, body, carrier.pushed)
        return
    why = NeedsPerson(
        "carrier.bad-push",
        "There is no such carrier, or this is no push of its account.",
        "Give the carrier the address /hooks/carriers/NAME, with the name of its connection.",
    )
    refuse_knock(pomost, address, why, counts=bool(body))
