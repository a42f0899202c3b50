"""The acts of `Shop` against one that runs in another process."""

import json
from collections.abc import Callable
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

TIMEOUT_S = 60.0


class _NowhereElse(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


# what is asked of a shop goes to it and nowhere else
_OPENER = build_opener(ProxyHandler({}), _NowhereElse())


class RemoteShop:
    """A running shop known by its ``url``: every act in ``pomost.sandbox.woocommerce.shop.VERBS`` is a method.

    ``remote.place(orders=2)``; lists such as ``writes`` are methods too, and give plain maps. Arguments go by name.
    Refusals are those of `Shop`; raises ``OSError`` when nobody listens there.
    """

    def __init__(self, url: str, timeout_s: float = TIMEOUT_S) -> None:
        self.url = url
        self._timeout_s = timeout_s

    def ask(self, name: str, **arguments: Any) -> Any:
        host = "/".join(self.url.split("/")[:3])
        body = json.dumps(arguments, default=str).encode()
        request = Request(f"{host}/_sandbox/{name}", body, {"content-type": "application/json"})
        try:
            with _OPENER.open(request, timeout=self._timeout_s) as answer:
                return json.load(answer)["result"]
        except HTTPError as refused:
            with refused:
                told = json.load(refused)
            kind = ValueError if told.get("kind") == "ValueError" else LookupError
            raise kind(told.get("error")) from None

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda **arguments: self.ask(name, **arguments)
