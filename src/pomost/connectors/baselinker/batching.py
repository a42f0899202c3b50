"""Status changes of many threads in one call: group commit.

The first caller for a status becomes the leader of a group. It waits a moment, takes everybody who has joined, sends
one call and hands its result to all. While the call waits for the limiter, further callers still join.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from threading import Event, Lock

from pomost.ports import Failure

CHUNK = 100
"""BaseLinker does not say how many orders one call takes."""

Send = Callable[[int, Callable[[], list[int]]], dict[int, Failure]]
"""Makes the call for a status; asks for the orders at the last moment; gives the failures by order, or raises one."""


@dataclass(eq=False)
class _Group:
    ids: dict[int, None] = field(default_factory=dict)
    done: Event = field(default_factory=Event)
    failure: BaseException | None = None
    failures: dict[int, Failure] = field(default_factory=dict)


class StatusBatcher:
    """Thread-safe. ``linger_s``: how long a leader waits for others. ``resting``: entered while a caller waits."""

    def __init__(
        self,
        send: Send,
        linger_s: float,
        chunk: int = CHUNK,
        resting: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self._send = send
        self._linger = linger_s
        self._chunk = chunk
        self._resting = resting
        self._lock = Lock()
        self._open: dict[int, _Group] = {}

    def move(self, order_ids: Iterable[int], status_id: int) -> None:
        """Returns when all of these orders have been moved; raises the first failure among theirs."""
        mine: dict[int, _Group] = {}
        led: list[_Group] = []
        with self._lock:
            for order_id in dict.fromkeys(order_ids):
                group = self._open.get(status_id)
                if group is None or len(group.ids) >= self._chunk:
                    group = self._open[status_id] = _Group()
                    led.append(group)
                group.ids[order_id] = None
                mine[order_id] = group
        try:
            for group in led:
                self._lead(group, status_id)
        finally:
            for group in led:
                if not group.done.is_set():
                    group.failure = InterruptedError("the caller that led this group was interrupted")
                    self._close(group, status_id)
                    group.done.set()
        for order_id, group in mine.items():
            if not group.done.is_set():
                with self._resting():
                    group.done.wait()
            failure = group.failure or group.failures.get(order_id)
            if failure is not None:
                raise failure

    def _lead(self, group: _Group, status_id: int) -> None:
        if self._linger > 0:
            time.sleep(self._linger)
        try:
            group.failures = self._send(status_id, lambda: self._close(group, status_id))
        except Failure as failure:
            group.failure = failure
        except BaseException as failure:
            group.failure = failure
            raise
        finally:
            self._close(group, status_id)
            group.done.set()

    def _close(self, group: _Group, status_id: int) -> list[int]:
        """Nobody joins from now on; gives who is in."""
        with self._lock:
            if self._open.get(status_id) is group:
                del self._open[status_id]
            return list(group.ids)
