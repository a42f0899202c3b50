"""What every page works with: the visit (who, in what language) and the dependencies that let a role in.

A page says the role it needs by the type of its first argument: ``Reader``, ``Operator`` or ``Administrator``. Forms
are checked before the page is reached: the session's mark, the role, the size.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, urlsplit

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from jinja2 import Environment
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from pomost.bootstrap import Pomost
from pomost.panel.hints import Hints
from pomost.panel.navigation import may
from pomost.panel.rendering import context_for, environment
from pomost.panel.restarting import Restarting
from pomost.panel.security import csrf
from pomost.panel.words import LANGUAGES, text
from pomost.ports import Failure
from pomost.store.people import User
from pomost.words import in_language

SESSION = "pomost_session"
VISIT = "pomost_visit"
NOTICE = "pomost_notice"
THEMES = ("auto", "light", "dark")
_YEAR_S = 31_536_000
_DIGITS = 18
"""Longer numbers than this no database takes, and nothing has one."""
_NUMBERS = ("id", "case_id", "user_id", "token_id", "delivery_id", "pickup_id", "act_id", "number")


@dataclass(slots=True)
class Panel:
    """The panel of one Pomost. ``config_path``: the file it was started with, or None."""

    pomost: Pomost
    config_path: Path | None = None
    environment: Environment = field(default_factory=environment)
    closing: threading.Event = field(default_factory=threading.Event)
    begun_at: float = field(default_factory=time.time)
    choices: object = None
    """Lists of the other systems that the settings pages read."""
    hints: Hints = field(default_factory=Hints)
    restarting: Restarting | None = None
    """How it begins anew; None where somebody else runs the process."""


class NotSignedIn(Exception):
    """Somebody must sign in first."""


class NotAllowed(Exception):
    """The role is not enough; ``needed`` is the one that would be."""

    def __init__(self, needed: str) -> None:
        super().__init__(needed)
        self.needed = needed


class Forged(Exception):
    """A form without the mark of its session: from another site, or from a page that is too old."""


class Missing(Exception):
    """There is no such thing."""


@dataclass(slots=True)
class Visit:
    """One request: who asks, in what language, and the ways to answer."""

    panel: Panel
    request: Request
    user: User | None
    language: str
    secret: str
    fields: FormData | None = None

    @property
    def pomost(self) -> Pomost:
        return self.panel.pomost

    @property
    def config_path(self) -> Path | None:
        return self.panel.config_path

    @property
    def who(self) -> str:
        """The name under which acts are noted."""
        return self.user.name if self.user else ""

    def now(self) -> float:
        return self.pomost.work.now()

    def may(self, role: str) -> bool:
        return self.user is not None and may(self.user.role, role)

    def form(self) -> FormData:
        """The fields of a form that was sent; checked already."""
        return self.fields if self.fields is not None else FormData()

    def value(self, name: str, default: str = "") -> str:
        """One text field of the form, without blanks around it."""
        found = self.form().get(name)
        return found.strip() if isinstance(found, str) else default

    def say(self, key: str, **facts: object) -> str:
        return text(self.language, key, **facts)

    def page(self, template: str, *, active: str = "", status: int = 200, **context: Any) -> HTMLResponse:
        """A whole page."""
        notice = _notice_of(self.request)
        answer = HTMLResponse(self._render(template, active=active, notice=notice, **context), status)
        if notice:
            answer.delete_cookie(NOTICE)
        if not self.request.cookies.get(VISIT) and self.user is None:
            answer.set_cookie(VISIT, self.secret, httponly=True, samesite="lax", secure=self.is_secure)
        return answer

    def part(self, template: str, **context: Any) -> HTMLResponse:
        """A piece of a page, for htmx."""
        return HTMLResponse(self._render(template, **context))

    def text_of(self, template: str, **context: Any) -> str:
        """A piece of a page as text, for events."""
        return self._render(template, **context)

    def done(self, key: str, *, to: str, **facts: object) -> Response:
        """Goes on to another page, which says what was done."""
        return self._go(to, "good", self.say(key, **facts))

    def refused(self, why: Failure | str, *, to: str, **facts: object) -> Response:
        """Goes to another page, which says what was not done and why. ``why``: a failure, or a key of words."""
        if isinstance(why, Failure):
            said, advice = in_language(self.language, why.code, why.text, why.advice)
            return self._go(to, "bad", f"{said} {advice}".strip(), why.code)
        return self._go(to, "bad", self.say(why, **facts))

    def download(
        self, name: str, content: bytes | Iterator[bytes], media_type: str, *, inline: bool = False
    ) -> Response:
        """A file; ``inline``: shown by the browser where it can."""
        how = "inline" if inline else "attachment"
        headers = {"Content-Disposition": f"{how}; filename*=UTF-8''{quote(name)}"}
        if inline:
            # the page that shows it may frame it
            headers["Content-Security-Policy"] = (
                "default-src 'none'; frame-ancestors 'self'; object-src 'self'"
            )
        if isinstance(content, bytes):
            return Response(content, media_type=media_type, headers=headers)
        return StreamingResponse(content, media_type=media_type, headers=headers)

    def audit(self, act: str, target: str = "", **data: object) -> None:
        """Notes an act: who, when, what, on what. Secrets and personal data never belong into ``data``."""
        self.pomost.store.audits.note(self.now(), self.who, act, target, dict(data), self.address)

    def missing(self) -> Missing:
        """To be raised: there is no such page."""
        return Missing()

    @property
    def address(self) -> str:
        return self.request.client.host if self.request.client else ""

    @property
    def is_secure(self) -> bool:
        return self.request.url.scheme == "https"

    @property
    def theme(self) -> str:
        chosen = self.request.cookies.get("theme", "auto")
        return chosen if chosen in THEMES else "auto"

    @property
    def here(self) -> str:
        """The address that can be asked for again: of a form that was sent, the page on which it stood."""
        asked = self.request.url
        if self.request.method not in ("GET", "HEAD"):
            came = urlsplit(self.request.headers.get("referer", ""))
            if came.netloc != asked.netloc:
                return "/"
            return own_address(came.path + (f"?{came.query}" if came.query else ""))
        return asked.path + (f"?{asked.query}" if asked.query else "")

    def mark(self) -> str:
        return csrf.mark_for(self.secret)

    def remember(self, answer: Response, **cookies: str) -> None:
        """Keeps choices (language, theme) for a year."""
        for name, value in cookies.items():
            answer.set_cookie(name, value, max_age=_YEAR_S, samesite="lax", secure=self.is_secure)

    def _go(self, to: str, kind: str, said: str, code: str = "") -> Response:
        answer = RedirectResponse(own_address(to), 303)
        notice = quote(json.dumps([kind, said[:1500], code], ensure_ascii=False))
        answer.set_cookie(NOTICE, notice, max_age=60, httponly=True, samesite="lax", secure=self.is_secure)
        return answer

    def _render(self, template: str, **context: Any) -> str:
        return self.panel.environment.get_template(template).render(context_for(self), **context)


def own_address(to: str) -> str:
    """An address within the panel; whatever leads elsewhere becomes the start page."""
    parts = urlsplit(to)
    mine = to.startswith("/") and not to.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    return to if mine and "\\" not in to and not any(ord(letter) < 32 for letter in to) else "/"


def _notice_of(request: Request) -> Mapping[str, str] | None:
    from urllib.parse import unquote

    try:
        kind, said, code = json.loads(unquote(request.cookies.get(NOTICE, "")))
    except (ValueError, TypeError):
        return None
    kind = kind if kind in ("good", "bad") else "good"
    return {"kind": kind, "text": str(said), "code": str(code)}


def language_of(request: Request, default: str) -> str:
    """The language chosen before, else the first of the browser's that we have, else that of the configuration."""
    chosen = request.cookies.get("language", "")
    if chosen in LANGUAGES:
        return chosen
    for one in request.headers.get("accept-language", "").split(","):
        if one.strip()[:2].lower() in LANGUAGES:
            return one.strip()[:2].lower()
    return default


async def _fields(request: Request) -> FormData | None:
    """The form that was sent, if any; files stay on disk."""
    kind = request.headers.get("content-type", "")
    if request.method == "POST" and kind.startswith(
        ("application/x-www-form-urlencoded", "multipart/form-data")
    ):
        return await request.form(max_files=5, max_fields=5_000)
    return None


async def visitor(request: Request) -> Visit:
    """Whoever asks, signed in or not; a form must carry the mark of its session."""
    if any(len(value) > _DIGITS for name, value in request.path_params.items() if name in _NUMBERS):
        raise Missing
    fields = await _fields(request)
    visit = await whoever(request)
    visit.fields, user, secret = fields, visit.user, visit.secret
    if request.method not in ("GET", "HEAD"):
        given = request.headers.get("x-csrf") or visit.value(csrf.FIELD)
        if not csrf.is_mark(secret, given):
            raise NotSignedIn if user is None and request.url.path != "/login" else Forged
    return visit


async def whoever(request: Request) -> Visit:
    """Whoever asks, without a look at what was sent."""
    panel: Panel = request.app.state.panel
    secret = request.cookies.get(SESSION, "")
    user = await run_in_threadpool(_signed_in, panel, secret) if secret else None
    if user is None:
        secret = request.cookies.get(VISIT) or secrets.token_urlsafe(24)
    return Visit(panel, request, user, language_of(request, panel.pomost.config.language), secret)


def _signed_in(panel: Panel, secret: str) -> User | None:
    wanted = panel.pomost.config.panel
    return panel.pomost.store.people.signed_in(
        secret, panel.pomost.work.now(), wanted.idle_hours * 3600, wanted.session_hours * 3600
    )


Visitor = Annotated[Visit, Depends(visitor)]


class Role:
    """Lets in whoever has at least a role."""

    def __init__(self, role: str) -> None:
        self.role = role

    def __call__(self, visit: Visitor) -> Visit:
        if visit.user is None:
            raise NotSignedIn
        if not visit.may(self.role):
            raise NotAllowed(self.role)
        return visit


Reader = Annotated[Visit, Depends(Role("reader"))]
Operator = Annotated[Visit, Depends(Role("operator"))]
Administrator = Annotated[Visit, Depends(Role("administrator"))]

__all__ = [
    "Administrator",
    "Forged",
    "Missing",
    "NotAllowed",
    "NotSignedIn",
    "Operator",
    "Panel",
    "Reader",
    "Visit",
    "Visitor",
    "own_address",
    "whoever",
]
