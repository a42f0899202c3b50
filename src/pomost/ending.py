"""How a process without a server is told to end: by SIGTERM or SIGINT."""

from __future__ import annotations

import signal
import time
from typing import Protocol

SLICE_S = 0.1


class Ending(Protocol):
    """What a loop asks whether it is to go on; a ``threading.Event`` does as well."""

    def is_set(self) -> bool: ...

    def wait(self, seconds: float, /) -> bool:
        """Ends early when it is to end; gives whether it is."""
        ...


class Signalled:
    """An ``Ending`` that the signals set, from when it is made. Only in the main thread.

    No lock is taken: a handler runs between any two steps of the main thread, also while that holds the lock of an Event
    that it waits for, and the process would wait for itself for ever. Waits are sliced, as a signal that another thread
    gets interrupts none.
    """

    def __init__(self) -> None:
        self._set = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)

    def is_set(self) -> bool:
        return self._set

    def wait(self, seconds: float, /) -> bool:
        end = time.monotonic() + seconds
        while not self._set and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, SLICE_S))
        return self._set

    def _on_signal(self, *_: object) -> None:
        self._set = True
