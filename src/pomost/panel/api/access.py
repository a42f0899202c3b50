"""Who calls: a token with its scopes, never a session. What is refused is said as JSON in the caller's language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, NoReturn

from fastapi import Request, Security
from fastapi.responses import JSONResponse, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from pomost.bootstrap import Pomost
from pomost.panel.web import Panel
from pomost.panel.words import LANGUAGES
from pomost.ports import Failure, NeedsPerson
from pomost.words import in_language, one_text

_bearer = HTTPBearer(auto_error=False, description="A token made by an administrator in the panel.")


class Refusal(Exception):
    """An answer that says no: its status, and why."""

    def __init__(self, status: int, why: Failure, wait_s: float = 0.0) -> None:
        super().__init__(str(why))
        self.status = status
        self.why = why
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True)
class Caller:
    """A program with a token, and the ways to answer it."""

    panel: Panel
    who: str
    address: str
    language: str

    @property
    def pomost(self) -> Pomost:
        return self.panel.pomost

    def audit(self, act: str, target: str = "", **data: object) -> None:
        """Notes an act under the name of the token."""
        self.pomost.store.audits.note(self.pomost.work.now(), self.who, act, target, dict(data), self.address)

    def said(self, text: str, code: str = "") -> str:
        """A text that was kept in English, in the caller's language."""
        return one_text(self.language, text, code)


def address_of(request: Request) -> str:
    return request.client.host if request.client else ""


class Scope:
    """Lets in tokens with a scope; notes failed attempts by address, and makes them wait."""

    def __init__(self, scope: str) -> None:
        self.scope = scope

    def __call__(
        self, request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]
    ) -> Caller:
        panel: Panel = request.app.state.panel
        store, now = panel.pomost.store, panel.pomost.work.now()
        token = store.people.token(given.credentials, now) if given else None
        if token is None:
            refuse_stranger(panel.pomost, f"api:{address_of(request)}", with_token=given is not None)
        if self.scope not in token.scopes:
            raise Refusal(
                403,
                NeedsPerson(
                    "api.no-scope",
                    f'The token "{token.name}" may not do this: it needs the scope "{self.scope}".',
                    "An administrator makes tokens in the panel.",
                ),
            )
        if b"%00" in request.scope["query_string"]:
            raise Refusal(
                422,
                NeedsPerson(
                    "api.bad-value",
                    "Wrong values: a NUL.",
                    "The description of the API says what may stand there.",
                ),
            )
        language = language_of(request, panel.pomost.config.language)
        return Caller(panel, f"token {token.name}"[:80], address_of(request), language)


def refuse_stranger(pomost: Pomost, key: str, *, with_token: bool) -> NoReturn:
    """Raises the refusal of somebody unknown; after a few of them from one address there is a wait.

    A right token is never kept waiting for the wrong ones of others behind the same address.
    """
    throttles, now = pomost.store.throttles, pomost.work.now()
    wait = throttles.wait_s((key,), now)
    if wait > 0:
        raise Refusal(
            429,
            NeedsPerson("api.slow-down", "Too many attempts failed.", "Wait as long as Retry-After says."),
            wait,
        )
    if not with_token:
        raise Refusal(
            401,
            NeedsPerson("api.no-token", "There is no token.", "Send the header Authorization: Bearer TOKEN."),
        )
    throttles.failed((key,), now)
    raise Refusal(
        401,
        NeedsPerson(
            "api.bad-token",
            "This token is not good: unknown, or revoked.",
            "An administrator makes tokens in the panel.",
        ),
    )


def language_of(request: Request, usual: str) -> str:
    """The first language asked for that there is. Cookies say nothing here."""
    for one in request.headers.get("accept-language", "").split(","):
        if one.strip()[:2].lower() in LANGUAGES:
            return one.strip()[:2].lower()
    return usual


def refused(request: Request, status: int, why: Failure, wait_s: float = 0.0) -> Response:
    """Code, text and advice as JSON."""
    panel: Panel = request.app.state.panel
    text, advice = in_language(
        language_of(request, panel.pomost.config.language), why.code, why.text, why.advice
    )
    headers = {}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if wait_s:
        headers["Retry-After"] = str(int(wait_s) + 1)
    return JSONResponse({"code": why.code, "text": text, "advice": advice}, status, headers)


def not_there() -> Refusal:
    """To be raised: there is no such thing."""
    return Refusal(404, NeedsPerson("api.not-there", "There is no such thing.", "Look at the id."))


__all__ = ["Caller", "Refusal", "Scope", "address_of", "language_of", "not_there", "refused"]
