"""The wire to BaseLinker: one address, form-encoded calls, one door for the limit and for errors.

A client may be shared by any number of threads. The token stands in a header only: it is in no message, no
exception and no representation.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from threading import Lock
from typing import Any, Literal

import httpx2
import stamina

from pomost.connectors.baselinker import errors
from pomost.connectors.baselinker.lengths import fit
from pomost.ports import CallLimiter, Failure, Json, Priority, TryAgain, WaitUntil
from pomost.tls import trusted

ADDRESS = "https://api.baselinker.com/connector.php"
CONNECTIONS = 64
READ_ATTEMPTS = 3
NOT_SENT = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.UnsupportedProtocol,
    httpx2.ProxyError,
)


Parameters = Json | Callable[[], Json]


def utc_now() -> datetime:
    return datetime.now(UTC)


class Wire:
    """Makes calls. ``calls`` counts those that were sent, by method.

    ``amounts``: whether Decimals are sent as text or as numbers; ``blocks``: how the end of a block is read.
    """

    def __init__(
        self,
        token: str,
        url: str = ADDRESS,
        *,
        limiter: CallLimiter,
        timeout_s: float = 30.0,
        connect_timeout_s: float = 10.0,
        clock: Callable[[], datetime] = utc_now,
        blocks: errors.BlockRules = errors.BlockRules(),
        amounts: Literal["text", "number"] = "text",
        name: str = "baselinker",
    ) -> None:
        self.name = name
        self.url = url
        self.calls: Counter[str] = Counter()
        self.limiter = limiter
        self._token = token
        self._clock = clock
        self._blocks = blocks
        self._number = _as_number if amounts == "number" else _as_text
        self._counting = Lock()
        self._http = httpx2.Client(
            verify=trusted(),
            headers={"X-BLToken": token},
            timeout=httpx2.Timeout(timeout_s, connect=connect_timeout_s),
            limits=httpx2.Limits(
                max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS, keepalive_expiry=5.0
            ),
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.url!r})"

    def close(self) -> None:
        """Closes the kept connections."""
        self._http.close()

    def call(
        self,
        method: str,
        parameters: Parameters | None = None,
        priority: int = Priority.EDITS,
        write: bool = False,
    ) -> Json:
        """One call; gives the answer of a success, its numbers as int and Decimal.

        ``parameters`` may be a function: it is asked once the limiter has granted the call.

        Raises what the ports call failures: ``TryAgain`` (not sent, or a read without a usable answer, after a few
        quick repetitions), ``InDoubt`` (a write without one), ``WaitUntil`` (blocked), ``StopConnection`` (token, address),
        ``NeedsPerson`` (refused, or a text that is too long). A write is repeated here only when it was never sent.
        """
        asked = parameters or {}
        for attempt in stamina.retry_context(
            on=TryAgain, attempts=READ_ATTEMPTS, timeout=None, wait_initial=0.1, wait_max=1.0, wait_jitter=0.2
        ):
            with attempt:
                return self._once(method, asked, priority, write)
        raise AssertionError("stamina ends with a result or an exception")

    def _once(self, method: str, asked: Parameters, priority: int, write: bool) -> Json:
        # What can't be sent is refused before it costs a call.
        body = "" if callable(asked) else self._encoded(fit(asked))
        self.limiter.acquire(priority)
        if callable(asked):
            body = self._encoded(fit(asked()))
        with self._counting:
            self.calls[method] += 1
        try:
            return self._exchange(method, body, write)
        except Failure as failure:
            failure.name_connection(self.name)
            raise

    def _exchange(self, method: str, body: str, write: bool) -> Json:
        try:
            answer = self._http.post(self.url, content=_form(method, body), headers=_FORM)
        except NOT_SENT as error:
            raise errors.not_sent(method, type(error).__name__) from error
        except httpx2.HTTPError as error:
            raise errors.unclear(method, type(error).__name__, write) from error
        return self._read(method, answer, write)

    def _read(self, method: str, answer: httpx2.Response, write: bool) -> Json:
        status = answer.status_code
        if status == 429:
            raise self._pause(errors.limit_hit(answer.text[:500], self._clock(), self._blocks))
        if status in (404, 405, 410) or answer.is_redirect:
            raise errors.bad_address(method, status)
        if status != 200:
            raise errors.unclear(method, f"HTTP {status}", write)
        try:
            read = json.loads(answer.content, parse_float=Decimal, parse_constant=Decimal)
        except (ValueError, RecursionError) as error:
            raise errors.unclear(method, "its answer is not JSON", write) from error
        if not isinstance(read, dict) or read.get("status") not in ("SUCCESS", "ERROR"):
            raise errors.unclear(method, "its answer has no status", write)
        if read["status"] == "ERROR":
            code, message = str(read.get("error_code") or ""), str(read.get("error_message") or "")
            failure = errors.refusal(method, code, message, self._token, self._clock(), write, self._blocks)
            raise self._pause(failure) if isinstance(failure, WaitUntil) else failure
        return read

    def _pause(self, failure: WaitUntil) -> WaitUntil:
        self.limiter.block(failure.until)
        return failure

    def _encoded(self, parameters: Json) -> str:
        return json.dumps(parameters, ensure_ascii=False, separators=(",", ":"), default=self._number)


_FORM = {"content-type": "application/x-www-form-urlencoded"}
_RESERVED = re.compile(rb"[^A-Za-z0-9_.~*-]")
_ESCAPES = {bytes([code]): b"%%%02X" % code for code in range(256)}


def _form(method: str, parameters: str) -> bytes:
    """The body of a call. A file is one long text of signs that mostly need no escape: the library's own encoder,
    which goes through them one by one in Python, took a tenth of all time."""
    escaped = _RESERVED.sub(lambda found: _ESCAPES[found[0]], parameters.encode())
    return b"method=" + method.encode() + b"&parameters=" + escaped


def _as_text(value: Any) -> str:
    """Decimals go as text ("54.99"), which BaseLinker's examples show as well: exact, no binary float between."""
    if isinstance(value, Decimal):
        return format(value, "f")
    raise TypeError(f"{type(value).__name__} can't be sent to BaseLinker")


def _as_number(value: Any) -> int | float:
    """Decimals go as numbers with their own digits: amounts are far shorter than what a float keeps."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"{type(value).__name__} can't be sent to BaseLinker")
