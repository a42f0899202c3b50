"""The wire to a carrier: no redirects, time limits, one door for the limit. Keys stand in no message."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from threading import Lock

import httpx2
import stamina

from pomost.connectors.carriers import failures
from pomost.ports import CallLimiter, Failure, Priority, TryAgain
from pomost.tls import trusted

CONNECTIONS = 16
READ_ATTEMPTS = 3
USUAL_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=1)
NOT_SENT = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.UnsupportedProtocol,
    httpx2.ProxyError,
)

Request = Callable[[], httpx2.Request]


def utc_now() -> datetime:
    return datetime.now(UTC)


class Wire:
    """Makes calls; may be shared by any number of threads. ``calls`` counts those that were sent, by name.

    ``clock_ahead`` is how far the carrier's clock was ahead of ours in the last answer that said. ``heard`` is told how each call
    ended: None where it was answered as asked.
    """

    def __init__(
        self,
        name: str,
        url: str,
        *,
        limiter: CallLimiter,
        timeout_s: float = 30.0,
        connect_timeout_s: float = 10.0,
        clock: Callable[[], datetime] = utc_now,
        headers: dict[str, str] | None = None,
    ) -> None:
        self.name = name
        self.url = url.rstrip("/")
        self.limiter = limiter
        self.clock = clock
        self.clock_ahead = timedelta(0)
        self.calls: Counter[str] = Counter()
        self.heard: Callable[[Failure | None], None] = lambda failure: None
        self._counting = Lock()
        self._http = httpx2.Client(
            verify=trusted(),
            headers=headers or {},
            # A redirect would send a person's data, and the key, elsewhere.
            follow_redirects=False,
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

    def ask(
        self,
        call: str,
        request: Request,
        read: Callable[[httpx2.Response], Failure | None],
        *,
        write: bool = False,
        priority: int = Priority.EDITS,
    ) -> httpx2.Response:
        """One call. ``request`` is made once the limiter has granted it; ``read`` says what is wrong with an answer.

        Reads that gave no answer, and whatever was never sent, are repeated a few times. A write without a usable answer
        raises InDoubt.
        """
        for attempt in stamina.retry_context(
            on=TryAgain, attempts=READ_ATTEMPTS, timeout=None, wait_initial=0.1, wait_max=1.0, wait_jitter=0.2
        ):
            with attempt:
                return self._once(call, request, read, write, priority)
        raise AssertionError("stamina ends with a result or an exception")

    def build(self, method: str, path: str, **given: object) -> httpx2.Request:
        return self._http.build_request(method, f"{self.url}{path}", **given)  # type: ignore[arg-type]

    def _once(
        self,
        call: str,
        request: Request,
        read: Callable[[httpx2.Response], Failure | None],
        write: bool,
        priority: int,
    ) -> httpx2.Response:
        self.limiter.acquire(priority)
        with self._counting:
            self.calls[call] += 1
        try:
            answer = self._exchange(call, request(), write)
            failure = self._trouble(call, answer, write) or read(answer)
        except Failure as raised:
            failure = raised
        if failure is not None:
            failure.name_connection(self.name)
        self.heard(failure)
        if failure is not None:
            raise failure
        return answer

    def _exchange(self, call: str, request: httpx2.Request, write: bool) -> httpx2.Response:
        try:
            answer = self._http.send(request)
        except NOT_SENT as error:
            raise failures.not_sent(call, type(error).__name__) from error
        except httpx2.HTTPError as error:
            raise failures.unclear(call, type(error).__name__, write) from error
        self._compare_clocks(answer)
        return answer

    def _trouble(self, call: str, answer: httpx2.Response, write: bool) -> Failure | None:
        """What any web server answers when something is wrong with it or the way to it."""
        status = answer.status_code
        if status == 429:
            until = self._until(answer)
            self.limiter.block(until)
            return failures.limited(until)
        if answer.is_redirect or status in (405, 410):
            return failures.bad_address(call, status)
        if status >= 500:
            return failures.unclear(call, f"HTTP {status}", write)
        return None

    def _until(self, answer: httpx2.Response) -> datetime:
        now, said = self.clock(), answer.headers.get("retry-after", "").strip()
        pause = USUAL_PAUSE
        if said.isdecimal():
            pause = timedelta(seconds=min(int(said), LONGEST_PAUSE.total_seconds()))
        elif said:
            try:
                pause = parsedate_to_datetime(said) - (now + self.clock_ahead)
            except (ValueError, TypeError):
                pause = USUAL_PAUSE
        return now + max(timedelta(seconds=1), min(pause, LONGEST_PAUSE))

    def _compare_clocks(self, answer: httpx2.Response) -> None:
        try:
            said = parsedate_to_datetime(answer.headers.get("date", ""))
        except (ValueError, TypeError):
            return
        self.clock_ahead = (said if said.tzinfo else said.replace(tzinfo=UTC)) - self.clock()
