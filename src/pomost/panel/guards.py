"""What stands before every page: the names by which the panel may be called, sizes, and headers that browsers obey."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pomost.config.model import Config

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; "
    "frame-src 'self'; object-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}


def allowed_hosts(config: Config) -> frozenset[str]:
    """Names that are not numbers of addresses, by which the panel may be called."""
    public = urlsplit(config.panel.public_url).hostname or ""
    return frozenset(
        {"localhost", config.host.lower(), public.lower(), *(h.lower() for h in config.panel.hosts)} - {""}
    )


class KnownHost:
    """Refuses names that nobody gave to this panel (a foreign name that leads here is how pages of others get in)."""

    def __init__(self, app: ASGIApp, names: Iterable[str]) -> None:
        self.app = app
        self.names = frozenset(names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._is_known(Headers(scope=scope).get("host", "")):
            answer = PlainTextResponse(
                "This name is not one of this panel's. Add it to [panel] hosts in pomost.toml.\n"
                "To nie jest nazwa tego panelu. Dopisz ją do [panel] hosts w pomost.toml.\n",
                421,
            )
            await answer(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _is_known(self, host: str) -> bool:
        try:
            name = (urlsplit(f"//{host}").hostname or "").lower()
        except ValueError:
            return False
        if name in self.names:
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True


class TooLarge(Exception):
    """More was sent than may be."""


class SizeLimit:
    """Refuses what is larger than allowed, whether its length is said or not."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self.app = app
        self.most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        said = Headers(scope=scope).get("content-length", "0")
        if not said.isdigit() or int(said) > self.most:
            await self._refuse(scope, receive, send)
            return
        got = 0
        begun = False

        async def counting() -> Message:
            nonlocal got
            message = await receive()
            got += len(message.get("body", b""))
            if got > self.most:
                raise TooLarge
            return message

        async def noting(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, counting, noting)
        except TooLarge:
            if not begun:
                await self._refuse(scope, receive, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        most = self.most // 1_000_000
        answer = PlainTextResponse(
            f"More than {most} MB was sent; [panel] upload_mb sets the limit.\n"
            f"Wysłano więcej niż {most} MB; granicę ustawia [panel] upload_mb.\n",
            413,
        )
        await answer(scope, receive, send)


class SafeHeaders:
    """Headers of every answer, unless the page set its own."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def adding(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, adding)
