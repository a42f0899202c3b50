"""The wire to a WooCommerce shop: signing in, one door for limits and errors, pages.

A client may be shared by any number of threads. Keys stand in a header or in a signed query only: they are in no message, no
exception and no representation. Redirects are never followed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlencode

import httpx2
import stamina

from pomost.connectors.woocommerce import errors
from pomost.connectors.woocommerce.settings import Settings
from pomost.ports import CallLimiter, Failure, Json, Priority, TryAgain
from pomost.tls import trusted

PER_PAGE = 100
READ_ATTEMPTS = 3
USER_AGENT = "Pomost (ERP integration)"
NOT_SENT = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.UnsupportedProtocol,
    httpx2.ProxyError,
)
Query = Mapping[str, str | int]


def utc_now() -> datetime:
    return datetime.now(UTC)


class WooCommerceClient:
    """Makes calls. ``calls`` counts those that were sent, by method and resource; ``clock_skew_s`` is how far the shop's clock is
    ahead of ours, as its last answer said (None before the first)."""

    def __init__(
        self, settings: Settings, limiter: CallLimiter, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self.name = settings.name
        self.calls: Counter[str] = Counter()
        self.clock_skew_s: float | None = None
        self.cached = ""
        """A header by which the last answer said that it came from a cache; empty when it did not."""
        self._settings = settings
        self._base = f"{settings.url.rstrip('/')}/wp-json"
        self._limiter = limiter
        self._clock = clock
        self._counting = threading.Lock()
        self._places = threading.BoundedSemaphore(settings.concurrent)
        self._pauses = 0
        self._http = httpx2.Client(
            verify=trusted(),
            headers={"User-Agent": USER_AGENT, "Accept": "application/json"},
            follow_redirects=False,
            limits=httpx2.Limits(
                max_connections=settings.concurrent,
                max_keepalive_connections=settings.concurrent,
                keepalive_expiry=5.0,
            ),
        )

    def __repr__(self) -> str:
        return f"WooCommerceClient({self._settings.url!r})"

    def close(self) -> None:
        """Closes the kept connections."""
        self._http.close()

    # calls

    def get(self, path: str, query: Query | None = None, priority: int = Priority.EDITS) -> Any:
        """A read of ``path`` below wc/v3, its numbers as int and Decimal; None for what is not there (404 with the shop's own
        code). Raises TryAgain, WaitUntil, StopConnection, NeedsPerson."""
        return self._patiently("GET", f"wc/v3/{path}", query or {}, priority)[0]

    def page(self, path: str, query: Query, priority: int = Priority.EDITS) -> list[Json]:
        """One page of a list. A changing parameter keeps caches from answering."""
        asked = {"per_page": PER_PAGE, **query, "_pomost": secrets.token_hex(4)}
        read, _headers = self._patiently("GET", f"wc/v3/{path}", asked, priority)
        if not isinstance(read, list) or any(not isinstance(row, dict) for row in read):
            raise errors.unclear(f"GET {path}", "its answer is no list", False)
        return read

    def pages(self, path: str, query: Query, priority: int = Priority.EDITS) -> Iterator[list[Json]]:
        """Pages of a list that is ordered by something that lasts, until one is not full."""
        number = 1
        while True:
            rows = self.page(path, {**query, "page": number}, priority)
            if rows:
                yield rows
            if len(rows) < int(query.get("per_page", PER_PAGE)):
                return
            number += 1

    def index(self) -> Json:
        """The list of namespaces and routes: the cheapest question, which needs no keys."""
        read, _headers = self._patiently("GET", "", {}, Priority.CHECKS)
        return read if isinstance(read, dict) else {}

    def put(self, path: str, body: Json, priority: int = Priority.WRITE_BACK) -> Json:
        """Changes what ``body`` names. Repeating the same is harmless except where the reference says otherwise.

        Raises InDoubt where it may have been carried out."""
        return self._write("PUT", path, body, priority)

    def post(self, path: str, body: Json, priority: int = Priority.WRITE_BACK, *, slow: bool = False) -> Json:
        """Makes something. Not repeatable: after InDoubt look for it. ``slow``: a batch, for which the shop has more time."""
        return self._write("POST", path, body, priority, slow=slow)

    def delete(self, path: str, priority: int = Priority.WRITE_BACK) -> Json:
        """Deletes for good (``force``)."""
        return self._write("DELETE", path, None, priority, query={"force": "true"})

    # one call

    def _patiently(self, method: str, path: str, query: Query, priority: int) -> tuple[Any, httpx2.Headers]:
        for attempt in stamina.retry_context(
            on=TryAgain, attempts=READ_ATTEMPTS, timeout=None, wait_initial=0.2, wait_max=2.0, wait_jitter=0.3
        ):
            with attempt:
                return self._once(method, path, query, None, priority, write=False)
        raise AssertionError("stamina ends with a result or an exception")

    def _write(
        self,
        method: str,
        path: str,
        body: Json | None,
        priority: int,
        *,
        query: Query | None = None,
        slow: bool = False,
    ) -> Json:
        for attempt in stamina.retry_context(
            on=TryAgain, attempts=READ_ATTEMPTS, timeout=None, wait_initial=0.2, wait_max=2.0, wait_jitter=0.3
        ):
            with attempt:
                read, _headers = self._once(
                    method, f"wc/v3/{path}", query or {}, body, priority, write=True, slow=slow
                )
                if not isinstance(read, dict):
                    raise errors.unclear(f"{method} {path}", "its answer is no object", True)
                return read
        raise AssertionError("stamina ends with a result or an exception")

    def _once(
        self,
        method: str,
        path: str,
        query: Query,
        body: Json | None,
        priority: int,
        *,
        write: bool,
        slow: bool = False,
    ) -> tuple[Any, httpx2.Headers]:
        what = f"{method} /{path.removeprefix('wc/v3/')}"
        content = b"" if body is None else json.dumps(body, ensure_ascii=False, default=_as_text).encode()
        self._limiter.acquire(priority)
        try:
            with self._places:
                with self._counting:
                    self.calls[f"{method} {_resource(path)}"] += 1
                return self._exchange(method, path, query, content, what, write, slow)
        except Failure as failure:
            failure.name_connection(self.name)
            raise

    def _exchange(
        self, method: str, path: str, query: Query, content: bytes, what: str, write: bool, slow: bool
    ) -> tuple[Any, httpx2.Headers]:
        settings = self._settings
        url = f"{self._base}/{path}"
        headers, signed = self._signed(method, url, {name: str(value) for name, value in query.items()})
        if content:
            headers["Content-Type"] = "application/json"
        if signed:
            url = f"{url}?{urlencode(signed, quote_via=quote, safe='~')}"
        wait = settings.batch_timeout_s if slow else settings.timeout_s
        try:
            answer = self._http.request(
                method,
                url,
                content=content or None,
                headers=headers,
                timeout=httpx2.Timeout(wait, connect=settings.connect_timeout_s),
            )
        except NOT_SENT as error:
            raise errors.not_sent(what, type(error).__name__) from None
        except httpx2.HTTPError as error:
            raise errors.unclear(what, type(error).__name__, write) from None
        return self._read(what, answer, write), answer.headers

    def _read(self, what: str, answer: httpx2.Response, write: bool) -> Any:
        status = answer.status_code
        self._note(answer)
        if answer.is_redirect:
            raise errors.redirected(what, answer.headers.get("location", ""))
        try:
            read = json.loads(answer.content, parse_float=Decimal, parse_constant=Decimal)
        except (ValueError, RecursionError):
            read = None
        code = str(read.get("code", "")) if isinstance(read, dict) else ""
        said = errors.shown(
            str(read.get("message", "")) if code and isinstance(read, dict) else answer.text[:2000]
        )
        if status in (429, 503, 508):
            raise self._pause(answer)
        if 200 <= status < 300:
            if read is None:
                raise errors.unclear(what, f"no JSON but: {said or 'nothing'}", write)
            self._pauses = 0
            return read
        if status in (401, 403, 406) and not code:
            raise errors.guarded(what, status, said)
        if status in (401, 403):
            raise errors.signed_out(what, status, code, said)
        if status == 404 and (not code or code == "rest_no_route"):
            raise errors.no_api(what)
        if status in (404, 410):
            if write:
                raise errors.gone(what.split(" ", 1)[1])
            return None
        if status >= 500 and not (code and status == 500):
            raise errors.unclear(what, f"HTTP {status}", write)
        named = errors.wrong_numbers(read) if isinstance(read, dict) else ""
        failure = errors.refused(what, status, code, f"{said} {named}".strip())
        if isinstance(read, dict) and isinstance(read.get("data"), dict):
            failure.facts |= {
                name: str(value)
                for name, value in read["data"].items()
                if name in ("resource_id", "unique_sku")
            }
        raise failure

    def _note(self, answer: httpx2.Response) -> None:
        """What every answer tells besides: the shop's clock, and whether a cache answered in its place."""
        try:
            said = parsedate_to_datetime(answer.headers.get("date", ""))
            self.clock_skew_s = (said - self._clock()).total_seconds()
        except (ValueError, TypeError):
            pass
        found = [
            name
            for name in ("x-litespeed-cache", "cf-cache-status", "x-cache")
            if answer.headers.get(name, "").lower().startswith("hit")
        ]
        self.cached = (
            found[0] if found else ("age" if answer.headers.get("age", "0") not in ("", "0") else "")
        )

    def _pause(self, answer: httpx2.Response) -> Failure:
        """Everybody waits: so long as the host says, else longer with each time in a row."""
        self._pauses = min(self._pauses + 1, 8)
        usual = errors.FIRST_PAUSE * 2 ** (self._pauses - 1)
        said = answer.headers.get("retry-after", "")
        if answer.status_code == 503 and said.strip() == errors.MAINTENANCE:
            said = ""
        until = errors.pause(said, self._clock(), min(usual, timedelta(minutes=10)))
        self._limiter.block(until)
        return errors.busy(until)

    # signing in

    @property
    def sign_in(self) -> str:
        """How calls are signed: "basic", "query" or "oauth"."""
        chosen = self._settings.sign_in
        if chosen != "auto":
            return chosen
        return "basic" if self._settings.url.startswith("https:") else "oauth"

    def _signed(self, method: str, url: str, query: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
        key, secret = self._settings.key, self._settings.secret
        match self.sign_in:
            case "basic":
                token = base64.b64encode(f"{key}:{secret}".encode()).decode()
                return {"Authorization": f"Basic {token}"}, query
            case "query":
                return {}, {**query, "consumer_key": key, "consumer_secret": secret}
            case _:
                return {}, oauth(
                    method, url, query, key, secret, int(self._clock().timestamp()), secrets.token_hex(16)
                )


def oauth(
    method: str, url: str, query: Mapping[str, str], key: str, secret: str, now: int, nonce: str
) -> dict[str, str]:
    """The query signed by OAuth 1.0a without a token (reference, section 3.3). Each call needs a nonce of its own."""
    parameters = {
        **query,
        "oauth_consumer_key": key,
        "oauth_timestamp": str(now),
        "oauth_nonce": nonce,
        "oauth_signature_method": "HMAC-SHA256",
    }
    pairs = sorted((_enc(name), _enc(value)) for name, value in parameters.items())
    joined = "&".join(f"{name}={value}" for name, value in pairs)
    base = "&".join((method.upper(), _enc(url), _enc(joined)))
    digest = hmac.new(f"{secret}&".encode(), base.encode(), hashlib.sha256).digest()
    return {**parameters, "oauth_signature": base64.b64encode(digest).decode()}


def signature(secret: str, body: bytes) -> str:
    """What a shop puts into X-WC-Webhook-Signature, over the raw bytes (reference, section 9.4)."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def in_parts(items: Iterable[Any], most: int) -> Iterator[list[Any]]:
    """Lists of at most ``most``."""
    some: list[Any] = []
    for item in items:
        some.append(item)
        if len(some) == most:
            yield some
            some = []
    if some:
        yield some


def _enc(text: str) -> str:
    return quote(text, safe="~")


def _resource(path: str) -> str:
    """The path without its numbers, for counting."""
    return "/".join("N" if part.isdecimal() else part for part in path.removeprefix("wc/v3/").split("/"))


def _as_text(value: Any) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    raise TypeError(f"{type(value).__name__} can't be sent to a shop")
