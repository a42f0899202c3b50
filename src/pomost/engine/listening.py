"""Hearing at once that another process changed something in the ledger or the store."""

from __future__ import annotations

import sqlite3
from abc import abstractmethod
from collections.abc import Callable

import structlog
from sqlalchemy import make_url

from pomost.engine.background import Background
from pomost.news import CHANNEL

log = structlog.get_logger("pomost.engine")

GLANCE_S = 0.1
"""Seconds between looks at whether a file of SQLite was written to."""
_WAIT_S = 0.5
_RECONNECT_S = 1.0


class Listener(Background):
    """Calls ``hook`` soon after a change, from ``start`` to ``stop``, in a thread and with a connection of its own.

    A hint that is lost, as while the database is away, is made up for by one after each new connection.
    """

    def __init__(self, hook: Callable[[], None]) -> None:
        super().__init__("listener")
        self._hook = hook
        self._errors: tuple[type[Exception], ...] = (sqlite3.Error,)

    @abstractmethod
    def _listen(self) -> None:
        """Until the stop. Raises what the database fails with."""

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._listen()
            except self._errors as error:
                log.warning("not-listening", error=type(error).__name__)
                self._stop.wait(_RECONNECT_S)


class PostgresListener(Listener):
    """LISTEN: told by the server at each commit that changed something, whoever made it."""

    def __init__(self, url: str, hook: Callable[[], None]) -> None:
        # only here: whoever keeps all in SQLite need not have it
        import psycopg

        super().__init__(hook)
        self._errors = (psycopg.Error,)
        self._connect = psycopg.connect
        self._conninfo = url.replace("postgresql+psycopg://", "postgresql://", 1)

    def _listen(self) -> None:
        with self._connect(self._conninfo, autocommit=True, connect_timeout=10) as connection:
            connection.execute(f"LISTEN {CHANNEL}".encode())
            self._hook()
            while not self._stop.is_set():
                heard = False
                for _ in connection.notifies(timeout=_WAIT_S, stop_after=1):
                    heard = True
                if heard:
                    self._hook()


class SqliteListener(Listener):
    """Looks whether somebody wrote to the file: SQLite tells nobody, but it counts (PRAGMA data_version).

    Not for a file that is written to whenever the hook is followed: each look would call for the next.
    """

    def __init__(self, path: str, hook: Callable[[], None]) -> None:
        super().__init__(hook)
        self._path = path

    def _listen(self) -> None:
        connection = sqlite3.connect(f"file:{self._path}?mode=ro", uri=True, timeout=5)
        try:
            before = None
            while not self._stop.is_set():
                now = connection.execute("PRAGMA data_version").fetchone()
                if now != before:
                    before = now
                    self._hook()
                self._stop.wait(GLANCE_S)
        finally:
            connection.close()


def listeners(store_url: str, ledger_url: str, hook: Callable[[], None]) -> list[Listener]:
    """Those that the databases of a Pomost need; a store in SQLite belongs to one process and needs none."""
    postgres = dict.fromkeys(url for url in (ledger_url, store_url) if url.startswith("postgresql"))
    found: list[Listener] = [PostgresListener(url, hook) for url in postgres]
    if ledger_url.startswith("sqlite") and ledger_url != store_url:
        path = make_url(ledger_url).database
        if path:
            found.append(SqliteListener(path, hook))
    return found
