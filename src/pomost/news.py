"""Telling others that something changed, once it is committed: in this process by a call, on PostgreSQL to all by NOTIFY.

It is a hint and nothing more: whoever is told looks for himself, and looks now and then without being told.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

CHANNEL = "pomost_changes"
_NOTIFY = text(f"NOTIFY {CHANNEL}")
_here = threading.local()


class News:
    """Those who want to be told of changes in one database. Without any, nothing is said to anybody."""

    def __init__(self) -> None:
        self._told: list[Callable[[], None]] = []

    def tell(self, hook: Callable[[], None]) -> None:
        """Calls ``hook`` after each commit that changed something, in the thread that wrote: it must be quick."""
        self._told.append(hook)

    @contextmanager
    def around(self) -> Iterator[None]:
        """Around a transaction of this thread, its commit included."""
        if not self._told:
            yield
            return
        before = getattr(_here, "news", None), getattr(_here, "noted", False)
        _here.news, _here.noted = self, False
        try:
            yield
            noted = _here.noted
        finally:
            _here.news, _here.noted = before
        if noted:
            for hook in self._told:
                hook()


def note_change(connection: Connection) -> None:
    """What this transaction changes is worth knowing: others are told when it is committed."""
    if getattr(_here, "news", None) is None or _here.noted:
        return
    _here.noted = True
    if connection.dialect.name == "postgresql":
        # delivered by the server at the commit, and never if there is none
        connection.execute(_NOTIFY)
