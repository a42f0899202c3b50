"""The sandbox's verbs against one that runs in another process."""

import base64
import json
from decimal import Decimal
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from pomost.sandbox.baselinker.protocol import Json
from pomost.sandbox.baselinker.sandbox import Verbs
from pomost.sandbox.baselinker.settings import DEFAULT_TOKEN

TIMEOUT_S = 60.0


class _NowhereElse(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


# what is asked of a sandbox goes to it and nowhere else
_OPENER = build_opener(ProxyHandler({}), _NowhereElse())


class RemoteSandbox(Verbs):
    """A running sandbox known by the address of its ``connector.php``.

    Refusals are those of `Verbs`; raises ``OSError`` when nobody listens there.
    """

    def __init__(self, url: str, token: str = DEFAULT_TOKEN, timeout_s: float = TIMEOUT_S) -> None:
        self.url = url
        self._timeout_s = timeout_s
        self.token = token
        self._base = url.removesuffix("/connector.php")

    def ask(self, name: str, arguments: Json) -> Any:
        body = json.dumps(arguments, default=_plain).encode()
        request = Request(f"{self._base}/_sandbox/{name}", body, {"content-type": "application/json"})
        try:
            with _OPENER.open(request, timeout=self._timeout_s) as answer:
                found = json.load(answer)["result"]
        except HTTPError as refused:
            with refused:
                told = json.load(refused)
            kind = ValueError if told.get("kind") == "ValueError" else LookupError
            raise kind(told.get("error")) from None
        if isinstance(found, dict) and set(found) == {"base64"}:
            return base64.b64decode(found["base64"])
        return found


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be sent to a sandbox")
