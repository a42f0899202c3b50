"""A WooCommerce shop on a real port, a clock that tests can move, a caller, and a receiver of webhooks."""

import base64
import hashlib
import hmac
import itertools
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from pomost.sandbox.woocommerce import Settings, Shop
from tests.aside import aside

START = 1_795_321_098.0
"""2026-11-22 04:18:18 UTC, 05:18:18 in the shop."""
SAMPLES = Path(__file__).parent / "samples"
API = "/wp-json/wc/v3"


@dataclass
class Clock:
    now: float = START

    def __call__(self) -> float:
        return self.now

    def pass_s(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class Caller:
    """Calls the shop as any program would, with Basic."""

    shop: Shop
    http: httpx2.Client = field(default_factory=lambda: httpx2.Client(timeout=20, trust_env=False))

    def send(
        self,
        method: str,
        path: str,
        query: Any = None,
        body: Any = None,
        headers: dict[str, str] | None = None,
    ) -> httpx2.Response:
        code = base64.b64encode(f"{self.shop.key}:{self.shop.secret}".encode()).decode()
        own = {"Authorization": f"Basic {code}", **(headers or {})}
        url = f"{self.shop.url}{API}{path}"
        return self.http.request(method, url, params=query, json=body, headers=own)

    def __call__(self, method: str, path: str, query: Any = None, body: Any = None) -> Any:
        """The answer of a call that must succeed."""
        answer = self.send(method, path, query, body)
        assert answer.status_code in (200, 201), (answer.status_code, answer.text)
        return answer.json()

    def get(self, path: str, **query: Any) -> Any:
        return self("GET", path, query)

    def ids(self, path: str, **query: Any) -> list[int]:
        return [row["id"] for row in self.get(path, **query)]

    def refused(self, method: str, path: str, query: Any = None, body: Any = None) -> tuple[int, str]:
        answer = self.send(method, path, query, body)
        told = answer.json()
        assert sorted(told) == ["code", "data", "message"]
        return answer.status_code, told["code"]


_NONCES = itertools.count(1)


def oauth(
    shop: Shop, method: str, path: str, query: dict[str, str] | None = None, **changes: str
) -> list[tuple[str, str]]:
    """The query of a signed call, made without the shop's own code; ``changes`` spoil it."""
    url = f"{shop.url}{API}{path}"
    digest = changes.get("oauth_signature_method", "HMAC-SHA256")
    given = {
        "oauth_consumer_key": shop.key,
        "oauth_timestamp": str(int(shop.clock())),
        "oauth_nonce": f"nonce{next(_NONCES)}",
        "oauth_signature_method": digest,
        **(query or {}),
        **{name: value for name, value in changes.items() if name not in ("oauth_signature", "secret")},
    }
    joined = "&".join(f"{quote(k, safe='')}={quote(v, safe='')}" for k, v in sorted(given.items()))
    base = f"{method}&{quote(url, safe='')}&{quote(joined, safe='')}"
    kind = hashlib.sha1 if digest == "HMAC-SHA1" else hashlib.sha256
    key = changes.get("secret", shop.secret) + "&"
    made = base64.b64encode(hmac.new(key.encode(), base.encode(), kind).digest()).decode()
    return [*given.items(), ("oauth_signature", changes.get("oauth_signature", made))]


@dataclass(frozen=True)
class Hit:
    headers: dict[str, str]
    body: bytes

    @property
    def topic(self) -> str:
        return self.headers.get("x-wc-webhook-topic", "ping")

    @property
    def data(self) -> Any:
        return json.loads(self.body)


class Receiver:
    """A real server that takes webhooks; ``status`` is what it answers."""

    def __init__(self) -> None:
        self.hits: list[Hit] = []
        self.status = 200
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                outer.hits.append(Hit({k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(outer.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"

    def topics(self) -> list[str]:
        return [hit.topic for hit in self.hits]

    def of(self, topic: str) -> list[Hit]:
        return [hit for hit in self.hits if hit.topic == topic]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def sample(name: str) -> Any:
    return json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settings(clock: Clock) -> Settings:
    return Settings(now=clock, basic_over_http=True)


@pytest.fixture
def shop(settings: Settings) -> Iterator[Shop]:
    with aside(Shop(settings)) as running:
        yield running


@pytest.fixture
def call(shop: Shop) -> Iterator[Caller]:
    caller = Caller(shop)
    with caller.http:
        yield caller


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()
    yield found
    found.close()
