"""Webhooks of WooCommerce shops. Each is a hint only: the answer comes at once, the shop is looked at after it.

Whatever is not 200 counts against the webhook in the shop, which switches it off after a few in a row without a word (reference,
section 9.6). So what is signed rightly is taken, also when it is of no use.
"""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from pomost.connectors.woocommerce import WooCommerceChannel
from pomost.panel.api.access import Refusal, address_of, refused
from pomost.panel.api.knocking import body_within, check_length, refuse_knock
from pomost.panel.web import Panel
from pomost.ports import NeedsPerson

router = APIRouter()
LONGEST = 4_194_304
"""An order of many lines, with what plugins keep in it, has some hundred kilobytes."""
SIGNATURE, TOPIC = "x-wc-webhook-signature", "x-wc-webhook-topic"
FORM = "application/x-www-form-urlencoded"
_PING = re.compile(rb"webhook_id=[0-9]{1,18}")


async def _body(request: Request) -> bytes:
    return await body_within(request, LONGEST)


@router.post("/hooks/woocommerce/{name}", include_in_schema=False)
async def delivery(request: Request, name: str, body: Annotated[bytes, Depends(_body)]) -> Response:
    """200 for a delivery signed with the secret of that connection, and for the ping, which is never signed and does nothing."""
    panel: Panel = request.app.state.panel
    headers = request.headers
    is_ping = headers.get("content-type", "").startswith(FORM) and _PING.fullmatch(body) is not None
    given = "" if is_ping else headers.get(SIGNATURE, "")
    try:
        await run_in_threadpool(
            _take, panel, name, address_of(request), headers.get(TOPIC, ""), given, body, is_ping=is_ping
        )
    except Refusal as refusal:
        return refused(request, refusal.status, refusal.why, refusal.wait_s)
    return JSONResponse({"accepted": True})


def _take(
    panel: Panel, name: str, address: str, topic: str, given: str, body: bytes, *, is_ping: bool
) -> None:
    pomost = panel.pomost
    check_length(body, LONGEST)
    channel = pomost.channels.get(name)
    hooks = channel.webhooks if isinstance(channel, WooCommerceChannel) else None
    # whether there is such a name is told to nobody
    if hooks is not None and hooks.wanted:
        if is_ping:
            return
        if hooks.is_signed(given, body):
            if hooks.take(topic, body):
                panel.hints.follow(pomost, name)
            return
    why = NeedsPerson(
        "woocommerce.bad-signature",
        "There is no such connection, or the signature is not good.",
        "The webhook in the shop needs the secret of the connection: delete it there, Pomost makes it anew.",
    )
    refuse_knock(pomost, address, why, counts=bool(given))
