"""The wire of BaseLinker: one POST address, its errors translated in one place, every call through the account's limiter.

Facts: reference baselinker.md, sections 1 to 4.
"""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import httpx2
import stamina

from pomost.ports import Failure, InDoubt, Json, NeedsPerson, StopConnection, TryAgain, WaitUntil

WARSAW = ZoneInfo("Europe/Warsaw")
FALLBACK_BLOCK = timedelta(minutes=11)
ORDERS = 0
BLOCKED_CODES = ("ERROR_BLOCKED_TOKEN", "ERROR_RATE_LIMIT", "ERROR_USER_ACCOUNT_BLOCKED")
TOKEN_CODES = ("ERROR_BAD_TOKEN", "ERROR_EMPTY_TOKEN")
PERMANENT_CODES = (
    "ERROR_UNKNOWN_METHOD",
    "ERROR_PARSE_JSON_PARAMETERS",
    "ERROR_STORAGE_ID",
    "ERROR_PARAMETERS",
)


class Limiter(Protocol):
    """Where every call waits for its turn."""

    def acquire(self, priority: int = ORDERS) -> None:
        """Returns when a call may be made; raises WaitUntil while the account is blocked."""
        ...

    def block(self, until: datetime) -> None: ...


class Client:
    """One account. Safe for many threads; connections are kept alive and shared."""

    def __init__(self, name: str, url: str, token: str, limiter: Limiter, *, timeout_s: float = 30.0) -> None:
        self.name = name
        self._url = url
        self._token = token
        self._limiter = limiter
        limits = httpx2.Limits(max_connections=64, max_keepalive_connections=64)
        self._http = httpx2.Client(timeout=timeout_s, limits=limits, headers={"X-BLToken": token})
        self.calls: Counter[str] = Counter()
        self._lock = threading.Lock()

    def read(self, method: str, parameters: Mapping[str, Any] | None = None, priority: int = ORDERS) -> Json:
        """A call that changes nothing: repeated a few times at once when the answer is lost. Raises TryAgain then."""
        for attempt in stamina.retry_context(
            on=TryAgain, attempts=3, wait_initial=0.1, wait_max=2.0, timeout=60.0
        ):
            with attempt:
                return self._call(method, parameters or {}, priority, write=False)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def write(self, method: str, parameters: Mapping[str, Any], priority: int = ORDERS) -> Json:
        """A call that changes something: never repeated here. Raises InDoubt when the answer is lost."""
        return self._call(method, parameters, priority, write=True)

    def close(self) -> None:
        self._http.close()

    def _call(self, method: str, parameters: Mapping[str, Any], priority: int, *, write: bool) -> Json:
        self._limiter.acquire(priority)
        with self._lock:
            self.calls[method] += 1
        form = {"method": method, "parameters": json.dumps(parameters, default=_plain, ensure_ascii=False)}
        try:
            response = self._http.post(self._url, data=form)
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            # no connection, so certainly nothing was done
            raise TryAgain(
                "baselinker.unreachable",
                f'"{self.name}" can\'t be reached ({type(error).__name__}).',
                "It is tried again.",
            ) from error
        except httpx2.HTTPError as error:
            raise self._lost(method, type(error).__name__, write) from error
        return self._answer(method, response, write)

    def _answer(self, method: str, response: httpx2.Response, write: bool) -> Json:
        if response.status_code == 429:
            raise self._blocked("", FALLBACK_BLOCK)
        if response.status_code >= 400:
            raise self._lost(method, f"HTTP {response.status_code}", write)
        try:
            answer = json.loads(response.content, parse_float=Decimal)
        except ValueError as error:
            kind = response.headers.get("content-type", "nothing").split(";")[0]
            raise self._lost(method, f"{kind} instead of JSON", write) from error
        if not isinstance(answer, dict) or answer.get("status") not in ("SUCCESS", "ERROR"):
            raise self._lost(method, "an answer without status", write)
        if answer["status"] == "ERROR":
            raise self._refused(
                method, str(answer.get("error_code", "")), str(answer.get("error_message", "")), write
            )
        return answer

    def _lost(self, method: str, what: str, write: bool) -> Failure:
        if write:
            return InDoubt(
                "baselinker.answer-lost",
                f'"{self.name}": no usable answer to {method} ({what}); it may have been done.',
                "It is looked up before anything is repeated.",
            )
        return TryAgain(
            "baselinker.answer-lost",
            f'"{self.name}": no usable answer to {method} ({what}).',
            "It is tried again.",
        )

    def _refused(self, method: str, code: str, message: str, write: bool) -> Failure:
        message = message.replace(self._token, "***")
        if code in BLOCKED_CODES or message.startswith("Query limit exceeded"):
            longer = timedelta(minutes=30) if code == "ERROR_USER_ACCOUNT_BLOCKED" else FALLBACK_BLOCK
            return self._blocked(message, longer)
        if code in TOKEN_CODES:
            return StopConnection(
                "baselinker.bad-token",
                f'"{self.name}": BaseLinker does not accept the token ({code}).',
                "Make a new one in BaseLinker (My account, API) and set it in the configuration.",
            )
        if code in PERMANENT_CODES or not write:
            return NeedsPerson(
                "baselinker.refused",
                f'"{self.name}" refused {method}: {code} {message}',
                "Correct what it names, then retry.",
            )
        if code in ("ERROR_ORDER_ID", "ERROR_STATUS_ID") or "Invalid" in message:
            return NeedsPerson(
                "baselinker.refused",
                f'"{self.name}" refused {method}: {code} {message}',
                "Correct what it names, then retry.",
            )
        # an error of unknown meaning after a write says nothing about whether it was done
        return InDoubt(
            "baselinker.error-after-write",
            f'"{self.name}" answered {code} to {method}; it may have been done.',
            "It is looked up before anything is repeated.",
        )

    def _blocked(self, message: str, fallback: timedelta) -> WaitUntil:
        until = blocked_until(message, datetime.now(UTC), fallback)
        self._limiter.block(until)
        return WaitUntil(
            "baselinker.blocked",
            f'"{self.name}": the token is blocked until {until:%Y-%m-%d %H:%M:%S} UTC.',
            until,
            "Everything pauses and goes on by itself. Use a token of its own for Pomost.",
        )


def blocked_until(message: str, now: datetime, fallback: timedelta = FALLBACK_BLOCK) -> datetime:
    """When a block ends: the message has local Polish time without a zone; what lies outside 0-15 minutes is not believed."""
    match = re.search(r"(\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2})", message)
    if match:
        until = datetime.strptime(match.group(1), "%Y-%m-%d %H:%M:%S").replace(tzinfo=WARSAW).astimezone(UTC)
        if timedelta(0) <= until - now <= timedelta(minutes=15):
            return until + timedelta(seconds=2)
    return now + fallback


def _plain(value: Any) -> Any:
    """Decimals as JSON numbers with their own digits."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"{type(value).__name__} can't be sent to BaseLinker")
