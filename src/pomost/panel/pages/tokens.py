"""Tokens: what programs sign their calls with. The secret is shown once, when the token is made."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from pomost.panel.security.scopes import SCOPES
from pomost.panel.web import Administrator, Visit

router = APIRouter()


@router.get("/tokens")
def tokens(visit: Administrator) -> Response:
    """Every token with its scopes and when it was last used."""
    return _page(visit)


@router.post("/tokens/add")
def add(visit: Administrator) -> Response:
    """A new token; its secret is shown this once."""
    name = visit.value("name")[:80]
    scopes = tuple(one for one in SCOPES if one in visit.form().getlist("scope"))
    if not name:
        return visit.refused("tokens.add.no-name", to="/tokens")
    if not scopes:
        return visit.refused("tokens.add.no-scope", to="/tokens")
    secret = visit.pomost.store.people.add_token(name, scopes, visit.who, visit.now())
    visit.audit("token.add", name, scopes=list(scopes))
    return _page(visit, secret=secret, made=name)


@router.post("/tokens/{token_id}/revoke")
def revoke(visit: Administrator, token_id: int) -> Response:
    """The token is good for nothing from now on."""
    token = next((one for one in visit.pomost.store.people.tokens() if one.id == token_id), None)
    if token is None:
        raise visit.missing()
    if visit.pomost.store.people.revoke(token_id, visit.now()):
        visit.audit("token.revoke", token.name)
    return visit.done("tokens.list.revoked-now", to="/tokens", name=token.name)


def _page(visit: Visit, secret: str = "", made: str = "") -> Response:
    return visit.page(
        "tokens/list.html",
        active="tokens",
        tokens=visit.pomost.store.people.tokens(),
        scopes=[(one, visit.say(f"tokens.scopes.{one}")) for one in SCOPES],
        secret=secret,
        made=made,
    )
