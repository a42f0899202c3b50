"""The control address that sandboxes have beside their API: what buyers, staff and carriers do, asked for from another process.

``POST /_sandbox/ACT`` with JSON, arguments by name; the answer is ``{"result": ...}``, a refusal HTTP 400 with ``{"error": ...}``.
"""

import base64
import dataclasses
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

PREFIX = "/_sandbox/"
TIMEOUT_S = 60.0
Json = dict[str, Any]


class _NowhereElse(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


# what is asked of a sandbox goes to it and nowhere else
_OPENER = build_opener(ProxyHandler({}), _NowhereElse())


def ask(url: str, name: str, arguments: Json, timeout_s: float = TIMEOUT_S) -> Any:
    """Lets the sandbox whose API is somewhere below ``url`` do an act; gives what it found.

    Raises ``LookupError`` or ``ValueError`` as the act does, also for an answer that is no sandbox's, and ``OSError`` when
    nobody listens there.
    """
    host = "/".join(url.split("/")[:3])
    body = json.dumps(arguments, default=_sent).encode()
    request = Request(f"{host}{PREFIX}{quote(name)}", body, {"content-type": "application/json"})
    try:
        with _OPENER.open(request, timeout=timeout_s) as answer:
            found = json.load(answer)["result"]
    except HTTPError as refused:
        with refused:
            told = json.load(refused)
        kind = ValueError if told.get("kind") == "ValueError" else LookupError
        raise kind(told.get("error")) from None
    if isinstance(found, dict) and set(found) == {"base64"}:
        return base64.b64decode(found["base64"])
    return found


def _sent(value: object) -> str:
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be sent to a sandbox")


class Remote:
    """A running sandbox known by its ``url``: each of its acts is a method, arguments go by name.

    Lists are methods too and give plain maps. Refusals are those of the act; raises ``OSError`` when nobody listens there.
    """

    def __init__(self, url: str, timeout_s: float = TIMEOUT_S) -> None:
        self.url = url
        self._timeout_s = timeout_s

    def ask(self, name: str, **arguments: Any) -> Any:
        return ask(self.url, name, arguments, self._timeout_s)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda **arguments: self.ask(name, **arguments)


def obeyed(act: Callable[[str, Json], Any], name: str, kind: str, body: bytes) -> tuple[int, bytes, str]:
    """The answer to a call of the control address: status, content and its type. ``kind`` is the type of what was sent."""
    # A web page open on this machine cannot send this type without asking, and is not answered when it asks.
    if kind != "application/json":
        return 415, b"Send application/json", "text/plain"
    try:
        status, answer = 200, {"result": act(name, json.loads(body or b"{}"))}
    except (LookupError, ValueError, TypeError, OSError) as refused:
        kind = "ValueError" if isinstance(refused, ValueError) else type(refused).__name__
        status, answer = 400, {"error": str(refused), "kind": kind}
    return status, json.dumps(answer, default=_told).encode(), "application/json"


def _told(value: object) -> object:
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {one.name: getattr(value, one.name) for one in dataclasses.fields(value)}
    return str(value)
