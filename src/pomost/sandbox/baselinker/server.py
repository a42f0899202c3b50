"""The HTTP side: one endpoint for the API, addresses of files, and the control endpoint."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import unquote

from uvicorn.protocols.http.h11_impl import H11Protocol

from pomost.sandbox import control
from pomost.sandbox.baselinker import (
    carts,
    desk,
    faults,
    inventory_cards,
    inventory_parameters,
    inventory_products,
    inventory_stock,
    inventory_structure,
    invoices,
    journal,
    orders,
    parameters,
    rearranging,
    receipts,
    returns,
    shipments,
    statuses,
    writing,
)
from pomost.sandbox.baselinker.inventory_faults import Trouble
from pomost.sandbox.baselinker.parameters import checked
from pomost.sandbox.baselinker.protocol import Json, Refusal, as_profile, encode, read_form, read_parameters

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

log = logging.getLogger(__name__)

METHODS = {
    **orders.METHODS,
    **writing.METHODS,
    **rearranging.METHODS,
    **statuses.METHODS,
    **carts.METHODS,
    **invoices.METHODS,
    **receipts.METHODS,
    **journal.METHODS,
    **returns.METHODS,
    **shipments.METHODS,
    **inventory_structure.METHODS,
    **inventory_products.METHODS,
    **inventory_cards.METHODS,
    **inventory_stock.METHODS,
}
PARAMETERS = {**parameters.PARAMETERS, **inventory_parameters.PARAMETERS, **shipments.PARAMETERS}
HTML = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"


class CuttableProtocol(H11Protocol):
    """HTTP whose connection the application can cut without an answer."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class Server:
    """The ASGI application."""

    def __init__(self, shop: "desk.Shop") -> None:
        self.shop = shop

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        path, body = scope["path"], await _body(receive)
        if path == "/connector.php":
            await self._connector(scope, body, receive, send)
        elif path.startswith("/files/"):
            await self._file(path, send)
        elif path.startswith(control.PREFIX) and scope["method"] == "POST":
            await self._control(path.removeprefix(control.PREFIX), scope, body, send)
        else:
            await _answer(send, 404, b"Not found", b"text/plain")

    async def _connector(self, scope: Scope, body: bytes, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        method, token, sent, refusal = "", "", {}, None
        try:
            form = read_form(body, headers.get(b"content-type", b"").decode("latin-1"))
            method = form.get("method", "") if scope["method"] == "POST" else ""
            token = headers.get(b"x-bltoken", b"").decode("latin-1") or form.get("token", "")
            self._admit(token)
            if method not in METHODS:
                raise Refusal("ERROR_UNKNOWN_METHOD", f"Unknown method: {method}")
            sent = read_parameters(form.get("parameters", ""))
        except UnicodeDecodeError:
            refusal = Refusal("ERROR_PARSE_JSON_PARAMETERS", "The form is not UTF-8")
        except Refusal as raised:
            refusal = raised
        due = (
            []
            if refusal
            else self.shop.faults.due(method, faults.named_orders(sent), faults.named_products(sent))
        )
        if self.shop.settings.delay_s > 0:
            await asyncio.sleep(self.shop.settings.delay_s)
        for rule in due:
            if rule.fault == "delay":
                await asyncio.sleep(rule.args.get("seconds", 1.0))
            elif rule.fault == "block-now":
                self.shop.limiter.block()
                refusal = self._refused_admission()
        first = next(
            (rule for rule in due if rule.fault in faults.CONNECTION and rule.fault != "delay"), None
        )
        done = first is None or first.done
        answer = self._do(method, token, sent, refusal, done, first.fault if first else "", due)
        await self._send(scope, first, answer, receive, send)

    def _admit(self, token: str) -> None:
        if not token:
            raise Refusal("ERROR_EMPTY_TOKEN", "No user token provided.")
        if token != self.shop.settings.token:
            raise Refusal("ERROR_BAD_TOKEN", f"Invalid user token: {token}")
        self.shop.limiter.admit()

    def _refused_admission(self) -> Refusal | None:
        try:
            self.shop.limiter.admit()
        except Refusal as refusal:
            return refusal
        return None

    def _do(
        self,
        method: str,
        token: str,
        sent: Json,
        refusal: Refusal | None,
        done: bool,
        fault: str,
        due: list[faults.Rule],
    ) -> Json:
        account = self.shop.account
        answer: Json = {"status": "SUCCESS"}
        if refusal is None and done:
            try:
                with account.transaction(method):
                    taken = checked(sent, PARAMETERS[method], account.settings)
                    trouble = Trouble(self.shop, method, due)
                    trouble.before(taken)
                    answer.update(METHODS[method](account, taken))
                    trouble.after(taken, answer)
                    answer = faults.distorted(answer, due, self.shop.slip_in)
            except Refusal as raised:
                refusal = raised
        if refusal is not None:
            answer = refusal.answer()
        outcome = refusal.code if refusal else "SUCCESS"
        with account.transaction():
            account.called(method, token, fault or outcome)
        return answer

    async def _send(
        self, scope: Scope, rule: faults.Rule | None, answer: Json, receive: Receive, send: Send
    ) -> None:
        settings = self.shop.settings
        fault = rule.fault if rule else ""
        if fault in ("cut-before", "cut-after", "timeout-but-done"):
            if rule and fault == "timeout-but-done":
                await asyncio.sleep(rule.args.get("seconds", 30.0))
            scope["state"]["transport"].abort()
            while (await receive())["type"] != "http.disconnect":
                continue
            return
        if fault == "http-502":
            await _answer(send, 502, HTML, b"text/html")
            return
        if fault == "html-200":
            await _answer(send, 200, HTML, b"text/html")
            return
        if rule and fault in ("error-but-done", "error-not-done"):
            message = rule.args.get("message", "Internal error, try again later")
            answer = Refusal(rule.args.get("code", "ERROR_INTERNAL_SERVER"), message).answer()
        content = encode(as_profile(answer, settings.profile, settings.empty_maps_as_lists))
        if fault == "empty-body":
            content = b""
        elif fault == "truncated-json":
            content = content[: len(content) // 2]
        await _answer(send, 200, content, b"application/json")

    async def _file(self, path: str, send: Send) -> None:
        parts = [unquote(part) for part in path.split("/")[2:]]
        content = None
        if len(parts) == 3 and parts[1].isdigit():
            with self.shop.account.transaction():
                content = self.shop.account.file(parts[0], int(parts[1]), parts[2])
        if content is None:
            await _answer(send, 404, b"Not found", b"text/plain")
        else:
            kind = b"application/pdf" if content.startswith(b"%PDF") else b"application/octet-stream"
            await _answer(send, 200, content, kind)

    async def _control(self, name: str, scope: Scope, body: bytes, send: Send) -> None:
        """Acts of the shop's people from another process; bytes travel as base64."""
        sent = dict(scope["headers"]).get(b"content-type", b"").decode("latin-1")
        status, content, kind = control.obeyed(self.shop.act, name, sent, body)
        await _answer(send, status, content, kind.encode())


async def _body(receive: Receive) -> bytes:
    chunks = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(chunks)


async def _answer(send: Send, status: int, content: bytes, kind: bytes) -> None:
    headers = [(b"content-type", kind), (b"content-length", str(len(content)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})
