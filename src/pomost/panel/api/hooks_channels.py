"""Webhooks of sales channels. Each is a hint only: the answer comes at once, the channel is looked at after it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from pomost.channels import kind_of
from pomost.panel.api.access import Refusal, address_of, refused
from pomost.panel.api.knocking import body_within, check_length, refuse_knock
from pomost.panel.web import Panel
from pomost.ports import NeedsPerson
from pomost.ports.account import Heard, TakesHooks

router = APIRouter()
LONGEST = 4_194_304
"""An order of many lines, with what plugins of a shop keep in it, has some hundred kilobytes."""


async def _body(request: Request) -> bytes:
    return await body_within(request, LONGEST)


@router.post("/hooks/{kind}/{name}", include_in_schema=False)
async def delivery(
    request: Request, kind: str, name: str, body: Annotated[bytes, Depends(_body)]
) -> Response:
    """200 for what the channel of that kind and name takes for its own, whether it is of use or not."""
    panel: Panel = request.app.state.panel
    try:
        await run_in_threadpool(_take, panel, kind, name, address_of(request), dict(request.headers), body)
    except Refusal as refusal:
        return refused(request, refusal.status, refusal.why, refusal.wait_s)
    return JSONResponse({"accepted": True})


def _take(panel: Panel, kind: str, name: str, address: str, headers: Mapping[str, str], body: bytes) -> None:
    pomost = panel.pomost
    check_length(body, LONGEST)
    channel: object = pomost.channels.get(name)
    is_known = isinstance(channel, TakesHooks) and kind_of(pomost.config, name) == kind
    heard = channel.hear(headers, body) if isinstance(channel, TakesHooks) and is_known else Heard.UNSIGNED
    if heard is Heard.CHANGE:
        panel.hints.follow(pomost, name)
    if heard in (Heard.CHANGE, Heard.NOTHING):
        return
    why = NeedsPerson(
        "api.bad-webhook",
        # which of the two is told to nobody
        "There is no such connection, or the signature is not good.",
        "The webhook in the channel needs the secret of the connection: delete it there, Pomost makes it anew.",
    )
    refuse_knock(pomost, address, why, counts=heard is Heard.FORGED)
