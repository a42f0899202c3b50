"""Group commit for SQLite: writers that queue up share one transaction and one flush to the disk.

SQLite has one writer, and each commit waits for the disk. A writer that finds others waiting leaves its transaction open
for the next of them; the last one, or the eighth, commits for all. Nobody goes on before that commit, so each writer's
work is as durable as if it had committed alone. A writer that fails takes back its own work only.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError, SQLAlchemyError

MOST = 8
"""So many writers share a commit at most: the first one waits for all of them."""


def sqlite_of(connection: Connection) -> sqlite3.Connection:
    """The driver's own connection."""
    return cast("sqlite3.Connection", connection.connection.dbapi_connection)


def run(driver: sqlite3.Connection, statement: str) -> None:
    """By the driver itself, as it is done so often. Raises OperationalError."""
    try:
        driver.execute(statement)
    except sqlite3.OperationalError as error:
        raise OperationalError(statement, {}, error) from error


def begin(connection: Connection, statement: str = "BEGIN") -> None:
    """The driver begins nothing by itself. Raises OperationalError while another process keeps SQLite locked too long."""
    run(sqlite_of(connection), statement)


class _Group:
    """One transaction, and those who wait for its commit."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._sqlite = sqlite_of(connection)
        self.members = 0
        self.ended = threading.Event()
        self.failure: SQLAlchemyError | None = None

    @property
    def is_open(self) -> bool:
        """SQLite itself takes a whole transaction back after some errors (disk full, I/O error)."""
        return bool(self._sqlite.in_transaction)

    def say(self, statement: str) -> None:
        """Begins and ends parts of the transaction."""
        run(self._sqlite, statement)

    def end(self) -> None:
        """Commits for all; each member that waits is told of a failure."""
        failure: SQLAlchemyError | None = OperationalError(
            "COMMIT", {}, sqlite3.OperationalError("taken back")
        )
        try:
            if self.is_open:
                self.connection.commit()
                failure = None
        except SQLAlchemyError as error:
            failure = error
        finally:
            self.failure = self.failure or failure
            self.ended.set()
            if self.failure is not None:
                # a commit that failed may leave the transaction open; it must not go to whoever writes next
                self.connection.invalidate()
            self.connection.close()


class SharedCommits:
    """The one door to writing within a process; between processes BEGIN IMMEDIATE waits."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._turn = threading.Lock()
        self._counting = threading.Lock()
        self._waiting = 0
        self._open: _Group | None = None

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A part of a transaction that is this writer's own; committed when the block is left.

        Raises what the commit failed with: then nothing of anybody in the group is there.
        """
        self._queue()
        try:
            group = self._join()
            group.say("SAVEPOINT writer")
            try:
                yield group.connection
            except BaseException:
                if group.is_open:
                    group.say("ROLLBACK TO writer")
                    group.say("RELEASE writer")
                raise
            group.say("RELEASE writer")
        finally:
            self._hand_over()
        group.ended.wait()
        if group.failure is not None:
            raise group.failure

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Within, this process writes nothing, and what it wrote is committed."""
        self._queue()
        try:
            if self._open is not None:
                group, self._open = self._open, None
                group.end()
            yield
        finally:
            self._turn.release()

    def _queue(self) -> None:
        with self._counting:
            self._waiting += 1
        try:
            self._turn.acquire()
        except BaseException:
            # interrupted: others may have left their commit to this one
            with self._counting:
                self._waiting -= 1
            self._turn.acquire()
            self._hand_over()
            raise
        with self._counting:
            self._waiting -= 1

    def _join(self) -> _Group:
        if self._open is None:
            connection = self._engine.connect()
            try:
                begin(connection, "BEGIN IMMEDIATE")
            except BaseException:
                connection.close()
                raise
            self._open = _Group(connection)
        self._open.members += 1
        return self._open

    def _hand_over(self) -> None:
        """To the next writer; when there is none, or the group is full, it is committed first."""
        try:
            group = self._open
            if group is not None:
                with self._counting:
                    alone = self._waiting == 0
                if alone or group.members >= MOST or not group.is_open:
                    self._open = None
                    group.end()
        finally:
            self._turn.release()
