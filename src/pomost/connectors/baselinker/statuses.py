"""Moving orders to statuses: threads that move orders to the same status at about the same time share one call."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

CHUNK = 100


@dataclass(slots=True)
class _Batch:
    ids: list[str] = field(default_factory=list)
    done: Future[None] = field(default_factory=Future)
    closed: bool = False


class StatusBatcher:
    """Group commit: the first caller leads, waits ``linger_s`` for others, and sends for all of them.

    While one batch of a status is being sent (or waits at the limiter) the next one gathers.
    """

    def __init__(self, send: Callable[[Sequence[str], int], None], linger_s: float) -> None:
        self._send = send
        self._linger_s = linger_s
        self._open: dict[int, _Batch] = {}
        self._sending: dict[int, threading.Lock] = {}
        self._lock = threading.Lock()
        self._full = threading.Condition(self._lock)

    def move(self, ids: Sequence[str], status_id: int) -> None:
        """Returns when these orders were moved; raises what the batch's call raised."""
        with self._lock:
            batch = self._open.get(status_id)
            leads = batch is None or batch.closed or len(batch.ids) + len(ids) > CHUNK
            if batch is None or leads:
                batch = _Batch()
                self._open[status_id] = batch
            batch.ids += ids
            turn = self._sending.setdefault(status_id, threading.Lock())
            if len(batch.ids) >= CHUNK:
                self._full.notify_all()
        if not leads:
            batch.done.result()
            return
        with self._lock:
            self._full.wait_for(lambda: len(batch.ids) >= CHUNK, timeout=self._linger_s)
        with turn:
            with self._lock:
                batch.closed = True
            try:
                self._send(list(dict.fromkeys(batch.ids)), status_id)
            except BaseException as error:
                batch.done.set_exception(error)
                raise
            batch.done.set_result(None)
