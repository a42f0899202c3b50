"""Servers end beside the tests: uvicorn takes a sixth of a second to stop, and a thousand tests would wait for it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

_ending: list[Future[None]] = []
_helpers = ThreadPoolExecutor(8, thread_name_prefix="aside")


class Served(Protocol):
    def start(self) -> Any: ...

    def stop(self) -> None: ...


S = TypeVar("S", bound=Served)


@contextmanager
def aside(served: S) -> Iterator[S]:
    """Starts it, and lets it stop on its own afterwards; one that can't stop fails the next test that ends one."""
    served.start()
    try:
        yield served
    finally:
        _ending.append(_helpers.submit(served.stop))
        wait(only_done=True)


def wait(*, only_done: bool = False) -> None:
    """Until all have stopped. Raises what any of them raised."""
    for one in [each for each in _ending if each.done() or not only_done]:
        _ending.remove(one)
        one.result(30)
