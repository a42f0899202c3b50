"""The HTTP side: the API, the shop's other pages, faults on request, and the control endpoint."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, MutableMapping
from email.utils import formatdate
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from uvicorn.protocols.http.h11_impl import H11Protocol

from pomost.sandbox import control
from pomost.sandbox.woocommerce import api, batches
from pomost.sandbox.woocommerce.api import Reply
from pomost.sandbox.woocommerce.faults import Rule
from pomost.sandbox.woocommerce.protocol import Request, read_query
from pomost.sandbox.woocommerce.state import Call

if TYPE_CHECKING:
    from pomost.sandbox.woocommerce.shop import Shop

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

REMEMBERED = 256
HTML = "text/html; charset=UTF-8"
PHP_WARNING = (
    b"<br />\n<b>Warning</b>:  Undefined array key &quot;width&quot; in <b>/var/www/html/wp-content/plugins/slider"
    b"/slider.php</b> on line <b>214</b><br />\n"
)


def _page(title: str, text: str = "") -> bytes:
    return f"<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1><p>{text}</p></body></html>".encode()


class CuttableProtocol(H11Protocol):
    """HTTP whose connection the application can cut without an answer."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class Server:
    """The ASGI application."""

    def __init__(self, shop: "Shop") -> None:
        self.shop = shop
        self._remembered: OrderedDict[str, Reply] = OrderedDict()
        self._tokens, self._filled = 0.0, 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        path, body = scope["path"], await _body(receive)
        if path.startswith(control.PREFIX) and scope["method"] == "POST":
            await self._control(path.removeprefix(control.PREFIX), scope, body, send)
            return
        found = self._request(scope, body)
        if found is None:
            await self._other(path, send)
            return
        request, signed_url, keys_work = found
        await self._api(scope, request, signed_url, keys_work, receive, send)

    def _request(self, scope: Scope, body: bytes) -> tuple[Request, str, bool] | None:
        """The call as WordPress sees it, the address that was signed, and whether keys are recognised there."""
        settings, store = self.shop.settings, self.shop.store
        raw = scope["query_string"].decode("latin-1")
        query = read_query(raw)
        below = (
            scope["path"].removeprefix(settings.prefix) if scope["path"].startswith(settings.prefix) else None
        )
        named = dict(query)
        if below is None:
            return None
        if settings.pretty_permalinks and (below == "/wp-json" or below.startswith("/wp-json/")):
            path, keys_work = below.removeprefix("/wp-json"), True
        elif below in ("/", "", "/index.php") and named.get("rest_route"):
            path, keys_work = named["rest_route"], False
        else:
            return None
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
        }
        method = scope["method"]
        if method == "POST":
            method = (
                headers.get("x-http-method-override", "").upper()
                or named.get("_method", "").upper()
                or method
            )
        method = "PUT" if method == "PATCH" else "GET" if method == "HEAD" else method
        secure = settings.behind_proxy and headers.get("x-forwarded-proto", "").lower() == "https"
        base = store.base
        if secure:
            base = "https://" + base.partition("://")[2]
        request = Request(
            method, path.rstrip("/") or "/", query, headers, body, secure, base, headers.get("host", "")
        )
        return request, f"{base.removesuffix(settings.prefix)}{scope['path']}", keys_work

    async def _api(
        self, scope: Scope, request: Request, signed_url: str, keys_work: bool, receive: Receive, send: Send
    ) -> None:
        shop = self.shop
        due = shop.faults.due(request.path, request.method)
        # The signature is that of the method that was sent.
        sent_method, request_method = scope["method"], request.method
        if shop.settings.delay_s > 0:
            await asyncio.sleep(shop.settings.delay_s)
        for rule in due:
            if rule.fault == "delay":
                await asyncio.sleep(float(rule.args.get("seconds", 1.0)))
            elif rule.fault == "authorization-stripped":
                request.headers.pop("authorization", None)
            elif rule.fault == "legacy":
                request.legacy = True
            elif rule.fault == "batch-part-done":
                request.stop_after = int(rule.args.get("count", 1))
        request.sent_method = sent_method
        first = next(
            (rule for rule in due if rule.fault not in ("delay", "authorization-stripped", "legacy")), None
        )
        name = next((rule.fault for rule in (([first] if first else []) + due)), "")
        query = scope["query_string"].decode("latin-1")
        if not self._let_through():
            first = Rule("too-many-requests")
            name = "host-limit"
        answer = await self._answer_to(request, signed_url, keys_work, first, query)
        if first is not None:
            answer = self._spoilt(first, answer, scope, query)
        shop.call_made(
            Call(request_method, request.path, query, answer.status, shop.settings.now(), name, answer.user)
        )
        if first is not None and first.fault in ("cut-before", "cut-after"):
            await _cut(scope, receive)
            return
        if first is not None and first.fault == "gateway-timeout":
            await asyncio.sleep(float(first.args.get("seconds", 0.0)))
        await self._send(send, answer, head=scope["method"] == "HEAD")

    def _let_through(self) -> bool:
        """Whether the host's own limit lets the call through."""
        settings, now = self.shop.settings, time.monotonic()
        if not settings.host_rate:
            return True
        grown = (now - self._filled) * settings.host_rate
        self._tokens, self._filled = min(float(settings.host_burst), self._tokens + grown), now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    async def _answer_to(
        self, request: Request, signed_url: str, keys_work: bool, first: Rule | None, query: str
    ) -> Reply:
        shop = self.shop
        if first is not None and not first.done:
            return Reply(0, b"")
        key = f"{request.path}?{'&'.join(part for part in query.split('&') if not part.startswith('oauth_'))}"
        if first is not None and first.fault == "stale-list" and key in self._remembered:
            old = self._remembered[key]
            age = {
                "X-LiteSpeed-Cache": "hit",
                "CF-Cache-Status": "HIT",
                "Age": str(first.args.get("seconds", 300)),
            }
            return Reply(old.status, old.content, {**old.headers, **age}, old.user)
        try:
            if b"inventory_delta" in request.body:
                # So that others can read meanwhile: it is not atomic.
                answer = await asyncio.to_thread(
                    api.reply, shop.store, shop.door, request, signed_url, keys_work
                )
            else:
                answer = api.reply(shop.store, shop.door, request, signed_url, keys_work)
        except batches.PartDone:
            return Reply(504, _page("504 Gateway Time-out", "nginx"), {"Content-Type": HTML})
        if request.method == "GET" and answer.status == 200:
            self._remembered[key] = answer
            self._remembered.move_to_end(key)
            if len(self._remembered) > REMEMBERED:
                self._remembered.popitem(last=False)
        return answer

    def _spoilt(self, rule: Rule, answer: Reply, scope: Scope, query: str) -> Reply:
        """The answer as the fault makes it."""
        fault, html = rule.fault, {"Content-Type": HTML}
        if fault == "too-many-requests":
            wait = rule.args.get("retry_after")
            more = {} if wait is None else {"Retry-After": str(wait)}
            return Reply(429, _page("429 Too Many Requests"), {**html, **more})
        if fault == "maintenance":
            text = "Briefly unavailable for scheduled maintenance. Check back in a minute."
            return Reply(
                503,
                _page("Maintenance", text),
                {**html, "Retry-After": str(rule.args.get("retry_after", 600))},
            )
        if fault == "server-error":
            text = rule.args.get("message", "There has been a critical error on this website.")
            return Reply(500, _page("WordPress &rsaquo; Error", str(text)), html)
        if fault == "firewall":
            return Reply(
                403, _page("403 Forbidden", "Your access to this site has been limited. Wordfence"), html
            )
        if fault == "gateway-timeout":
            return Reply(504, _page("504 Gateway Time-out", "nginx"), html)
        if fault == "html-200":
            return Reply(
                200, _page("Just a moment...", "Checking your browser before accessing the shop."), html
            )
        if fault == "bom":
            return Reply(answer.status, b"\xef\xbb\xbf" + answer.content, answer.headers)
        if fault == "php-warning":
            return Reply(answer.status, PHP_WARNING + answer.content, answer.headers)
        if fault == "empty-body":
            return Reply(answer.status, b"", answer.headers)
        if fault == "truncated-json":
            return Reply(answer.status, answer.content[: len(answer.content) // 2], answer.headers)
        if fault == "redirect":
            return Reply(
                301, _page("301 Moved Permanently"), {**html, "Location": self._elsewhere(rule, scope, query)}
            )
        return answer

    def _elsewhere(self, rule: Rule, scope: Scope, query: str) -> str:
        host, to = self.shop.store.base.partition("://")[2].partition("/")[0], rule.args.get("to", "https")
        path = scope["path"] + (f"?{query}" if query else "")
        known = {"https": f"https://{host}{path}", "www": f"http://www.{host}{path}"}
        return known.get(to, str(to))

    async def _other(self, path: str, send: Send) -> None:
        """Pages of the theme: the home page, uploaded files, and its own 404."""
        prefix = self.shop.settings.prefix
        if path.removeprefix(prefix) in ("", "/"):
            reply = Reply(200, _page("Sklep testowy"), {"Content-Type": HTML})
        elif (content := self.shop.store.media.get(path.removeprefix(prefix))) is not None:
            # What was uploaded is public.
            reply = Reply(200, content, {"Content-Type": "application/octet-stream"})
        else:
            reply = Reply(404, _page("Strona nie została znaleziona"), {"Content-Type": HTML})
        await self._send(send, reply)

    async def _send(self, send: Send, reply: Reply, head: bool = False) -> None:
        # The shop's own clock: a caller compares its clock with this header.
        headers = {**reply.headers, "Date": formatdate(self.shop.settings.now(), usegmt=True)}
        content = b"" if head else reply.content
        raw = [(name.lower().encode(), value.encode("latin-1", "replace")) for name, value in headers.items()]
        raw.append((b"content-length", str(len(content)).encode()))
        await send({"type": "http.response.start", "status": reply.status, "headers": raw})
        await send({"type": "http.response.body", "body": content})

    async def _control(self, name: str, scope: Scope, body: bytes, send: Send) -> None:
        """Acts of buyers and of the shop's people, asked for from another process."""
        sent = dict(scope["headers"]).get(b"content-type", b"").decode("latin-1")
        status, content, kind = await asyncio.to_thread(
            control.obeyed, self.shop.ask, unquote(name), sent, body
        )
        await self._send(send, Reply(status, content, {"Content-Type": kind}))


async def _cut(scope: Scope, receive: Receive) -> None:
    scope["state"]["transport"].abort()
    while (await receive())["type"] != "http.disconnect":
        continue


async def _body(receive: Receive) -> bytes:
    chunks = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(chunks)
