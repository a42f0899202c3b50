"""Notices to programs outside: how it stands with each receiver, what was not taken, and sending it again."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import Response

from pomost.panel.web import Administrator

router = APIRouter()
PAGE = 50


@router.get("/webhooks")
def webhooks(
    visit: Administrator, name: str = "", unsent: str = "", before: Annotated[int, Query(ge=0)] = 0
) -> Response:
    """Receivers and notices, newest first."""
    outbox = visit.pomost.store.outbox
    found = outbox.page(name[:40], before, PAGE + 1, unsent=bool(unsent))
    given = {key: one for key, one in (("name", name[:40]), ("unsent", unsent and "yes")) if one}
    following = f"/webhooks?{urlencode({**given, 'before': found[PAGE - 1].id})}" if len(found) > PAGE else ""
    hooks = visit.pomost.config.webhook
    return visit.page(
        "webhooks/list.html",
        active="tokens",
        hooks=[(hook, outbox.standing(hook.name)) for hook in hooks],
        hints=visit.pomost.config.hint,
        deliveries=found[:PAGE],
        given=given,
        names=[(hook.name, hook.name) for hook in hooks],
        following=following,
        first=f"/webhooks?{urlencode(given)}" if before else "",
    )


@router.post("/webhooks/{name}/test")
def test(visit: Administrator, name: str) -> Response:
    """Sends a notice that tells nothing."""
    if name not in {hook.name for hook in visit.pomost.config.webhook}:
        raise visit.missing()
    visit.pomost.store.outbox.test(name, visit.now())
    visit.audit("webhook.test", name)
    return visit.done("webhooks.done.test", to="/webhooks", name=name)


@router.post("/webhooks/again/{delivery_id}")
def again(visit: Administrator, delivery_id: int) -> Response:
    """Sends one again that was not taken."""
    if not visit.pomost.store.outbox.again(delivery_id, visit.now()):
        return visit.refused("webhooks.done.taken", to="/webhooks")
    visit.audit("webhook.again", str(delivery_id))
    return visit.done("webhooks.done.again", to="/webhooks")
