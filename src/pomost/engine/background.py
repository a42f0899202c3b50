"""A thread that goes on until it is told to stop."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod


class Background(ABC):
    """Runs ``_run`` in a thread of its own, from ``start`` to ``stop``. ``_run`` ends soon after ``_stop`` is set."""

    def __init__(self, name: str) -> None:
        self._stop = threading.Event()
        self._nudge = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"pomost-{name}", daemon=True)

    def start(self) -> None:
        """Returns at once."""
        self._thread.start()

    def nudge(self) -> None:
        """Look now, do not wait for the next turn. May be called from any thread."""
        self._nudge.set()

    def stop(self) -> None:
        """Ends when what is under way has ended, in ten seconds at most."""
        self._stop.set()
        self._nudge.set()
        if self._thread.is_alive():
            self._thread.join(10)

    @abstractmethod
    def _run(self) -> None: ...
