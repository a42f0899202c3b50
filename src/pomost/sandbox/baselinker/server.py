"""The HTTP side: one address for all methods, faults on request, and the control of the sandbox itself."""

from __future__ import annotations

import asyncio
import json
import urllib.parse
from collections.abc import Awaitable, Callable
from typing import Any

from pomost.sandbox.baselinker.engine import Engine
from pomost.sandbox.baselinker.faults import AFTER, Fault
from pomost.sandbox.baselinker.protocol import METHODS, Refusal, check
from pomost.sandbox.baselinker.state import Json

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
HTML = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"


class Cut(Exception):
    """The connection ends here without an answer."""


class Server:
    """An ASGI application. Waiting costs nothing: calls in delay are coroutines."""

    def __init__(self, engine: Engine, control: Callable[[str, Json], Any]) -> None:
        self._engine = engine
        self._control = control

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        body = await _body(receive)
        path = scope["path"]
        if path.startswith("/_sandbox/"):
            await self._controlled(path.removeprefix("/_sandbox/"), body, send)
        elif path.startswith("/files/"):
            await self._file(path.removeprefix("/files/"), send)
        elif path == "/connector.php" and scope["method"] == "POST":
            try:
                status, kind, answer = await self._call(scope, body)
            except Cut:
                # a promise of more bytes than come makes the client see a broken connection
                await send(
                    {
                        "type": "http.response.start",
                        "status": 200,
                        "headers": [(b"content-length", b"100000")],
                    }
                )
                await send({"type": "http.response.body", "body": b"{", "more_body": False})
                return
            await _answer(send, status, answer, kind)
        else:
            await _answer(send, 404, b"not found", b"text/plain")

    async def _call(self, scope: Scope, body: bytes) -> tuple[int, bytes, bytes]:
        engine = self._engine
        headers = {name.lower(): value for name, value in scope["headers"]}
        form: dict[str, str] = {}
        if headers.get(b"content-type", b"").split(b";")[0].strip() == b"application/x-www-form-urlencoded":
            form = dict(urllib.parse.parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        method = form.get("method", "")
        token = headers.get(b"x-bltoken", b"").decode() or form.get("token", "")
        parameters = _quiet_json(form.get("parameters", "{}"))
        shown = parameters if isinstance(parameters, dict) else {}
        if engine.settings.delay_s:
            await asyncio.sleep(engine.settings.delay_s)
        if (fault := engine.faults.strike("delay", method, shown)) is not None:
            await asyncio.sleep(fault.seconds)
        for name, status, kind, answer in (
            ("http-502", 502, b"text/html", HTML),
            ("html-200", 200, b"text/html", HTML),
            ("empty-body", 200, b"application/json", b""),
        ):
            if engine.faults.strike(name, method, shown):
                engine.note(method, token, name)
                return status, kind, answer
        if engine.faults.strike("cut-before", method, shown):
            engine.note(method, token, "cut-before")
            raise Cut
        after = next((f for name in AFTER if (f := engine.faults.strike(name, method, shown))), None)
        outcome = "ok"
        try:
            answer_json: Json = {"status": "SUCCESS", **self._do(token, method, parameters, shown)}
        except Refusal as refusal:
            outcome = refusal.code
            answer_json = {"status": "ERROR", "error_code": refusal.code, "error_message": refusal.message}
        engine.note(method, token, after.name if after else outcome)
        return await self._spoiled(after, answer_json, method, shown)

    def _do(self, token: str, method: str, parameters: Any, shown: Json) -> Json:
        engine = self._engine
        if not token:
            raise Refusal("ERROR_EMPTY_TOKEN", "No user token provided.")
        if token != engine.settings.token:
            raise Refusal("ERROR_BAD_TOKEN", f'Invalid user token "{token}"')
        if engine.faults.strike("block-now", method, shown):
            engine.limit.block(token, engine.now())
        engine.limit.check(token, engine.now())
        if method not in METHODS:
            raise Refusal("ERROR_UNKNOWN_METHOD", f'Unknown method "{method}"')
        if parameters is None:
            raise Refusal("ERROR_PARSE_JSON_PARAMETERS", "Parameters are not valid JSON")
        if engine.faults.strike("error-not-done", method, shown):
            raise Refusal("ERROR_INTERNAL_TEMPORARY", "Temporary error, try again")
        given = {} if parameters == [] else parameters
        if not isinstance(given, dict):
            raise Refusal("ERROR_PARSE_JSON_PARAMETERS", "Parameters must be an object")
        taken = check(
            given, METHODS[method], strict=engine.settings.strict, cut=engine.settings.over_long == "cut"
        )
        return engine.do(method, taken)

    async def _spoiled(
        self, fault: Fault | None, answer: Json, method: str, shown: Json
    ) -> tuple[int, bytes, bytes]:
        engine = self._engine
        if fault is not None and fault.name == "cut-after":
            raise Cut
        if fault is not None and fault.name == "timeout-but-done":
            await asyncio.sleep(fault.seconds)
            raise Cut
        if fault is not None and fault.name == "error-but-done":
            answer = {
                "status": "ERROR",
                "error_code": "ERROR_INTERNAL_TEMPORARY",
                "error_message": "Temporary error",
            }
        if engine.settings.profile == "legacy" or engine.faults.strike("strings-for-numbers", method, shown):
            answer = _strings(answer)
        if engine.settings.empty_maps_as_lists or engine.faults.strike("lists-for-maps", method, shown):
            answer = _lists(answer)
        body = json.dumps(answer, ensure_ascii=True).encode()
        if fault is not None and fault.name == "truncated-json":
            body = body[: len(body) // 2]
        return 200, b"application/json", body

    async def _controlled(self, name: str, body: bytes, send: Send) -> None:
        try:
            answer = self._control(name, json.loads(body or b"{}"))
        except (Refusal, ValueError, KeyError, TypeError, AttributeError) as error:
            await _answer(send, 400, json.dumps({"error": str(error)}).encode())
            return
        await _answer(send, 200, json.dumps(answer, default=str).encode())

    async def _file(self, text: str, send: Send) -> None:
        file = self._engine.state.file(int(text)) if text.isdecimal() else None
        if file is None:
            await _answer(send, 404, b"not found", b"text/plain")
            return
        await _answer(send, 200, file[1], b"application/pdf")

    @staticmethod
    async def _lifespan(receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return


async def _body(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


async def _answer(send: Send, status: int, body: bytes, kind: bytes = b"application/json") -> None:
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _quiet_json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _strings(value: Any) -> Any:
    """Numbers as text, as answers before 2023-08-16 had them."""
    if isinstance(value, dict):
        return {name: _strings(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_strings(item) for item in value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return str(value)


def _lists(value: Any) -> Any:
    """Empty maps as [], the way PHP writes them."""
    if isinstance(value, dict):
        return {name: _lists(item) for name, item in value.items()} if value else []
    if isinstance(value, list):
        return [_lists(item) for item in value]
    return value
