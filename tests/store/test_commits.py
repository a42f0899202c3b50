"""Writers of one process share commits; each is durable, and each fails alone."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from pomost.sql import Database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path / 'one.db'}")
    with opened.writing() as connection:
        connection.execute(text("CREATE TABLE numbers (n INTEGER PRIMARY KEY)"))
    yield opened
    opened.close()


def kept(database: Database) -> list[int]:
    """Read by a connection of its own: what other programs see."""
    with sqlite3.connect(str(database.engine.url.database)) as reader:
        return [n for (n,) in reader.execute("SELECT n FROM numbers ORDER BY n")]


def write(database: Database, n: int) -> None:
    with database.writing() as connection:
        connection.execute(text("INSERT INTO numbers VALUES (:n)"), {"n": n})


class Crowd:
    """Writers that all come while the first one is still at it, so that they share its commit."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.commits = 0
        self.results: dict[int, BaseException | None] = {}
        event.listen(database.engine, "commit", self._count)

    def _count(self, _connection: Connection) -> None:
        self.commits += 1

    def write(self, numbers: list[int]) -> None:
        first, *others = numbers
        with ThreadPoolExecutor(len(numbers)) as pool:
            with self.database.writing() as connection:
                connection.execute(text("INSERT INTO numbers VALUES (:n)"), {"n": first})
                written = [pool.submit(self._one, n) for n in others]
                while self.database._commits._waiting < len(others):
                    threading.Event().wait(0.001)
            for one in written:
                one.result(20)

    def _one(self, n: int) -> None:
        try:
            write(self.database, n)
            # whoever comes back finds its own work with anybody's connection
            assert n in kept(self.database)
        except (SQLAlchemyError, AssertionError) as failure:
            self.results[n] = failure


@contextmanager
def in_company(crowd: Crowd, n: int) -> Iterator[Connection]:
    """A writer behind whom another one waits with ``n``."""
    with ThreadPoolExecutor(1) as pool:
        with crowd.database.writing() as connection:
            other = pool.submit(crowd._one, n)
            while not crowd.database._commits._waiting:
                threading.Event().wait(0.001)
            yield connection
        other.result(20)


def test_writers_that_queue_up_share_one_commit(database: Database) -> None:
    crowd = Crowd(database)
    crowd.write([1, 2, 3, 4, 5])
    assert kept(database) == [1, 2, 3, 4, 5]
    assert (crowd.commits, crowd.results) == (1, {})


def test_nobody_waits_for_more_than_eight(database: Database) -> None:
    crowd = Crowd(database)
    crowd.write(list(range(20)))
    assert kept(database) == list(range(20))
    assert (crowd.commits, crowd.results) == (3, {})


def test_who_fails_takes_back_its_own_work_only(database: Database) -> None:
    write(database, 3)
    crowd = Crowd(database)
    crowd.write([1, 2, 3, 4])
    assert kept(database) == [1, 2, 3, 4]
    assert {n: type(failure) for n, failure in crowd.results.items()} == {3: IntegrityError}


def test_when_the_first_one_fails_the_others_stand(database: Database) -> None:
    crowd = Crowd(database)

    def first() -> None:
        with in_company(crowd, 2) as connection:
            connection.execute(text("INSERT INTO numbers VALUES (1)"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        first()
    assert (kept(database), crowd.results) == ([2], {})


def test_a_commit_that_fails_is_told_to_everybody_and_leaves_nothing(database: Database) -> None:
    with database.writing() as connection:
        owed = "CREATE TABLE owed (n INTEGER REFERENCES numbers (n) DEFERRABLE INITIALLY DEFERRED)"
        connection.execute(text(owed))
    crowd = Crowd(database)

    def first() -> None:
        with in_company(crowd, 2) as connection:
            connection.execute(text("INSERT INTO owed VALUES (7)"))

    with pytest.raises(IntegrityError, match="FOREIGN KEY"):
        first()
    assert (kept(database), list(crowd.results)) == ([], [2])
    write(database, 4)
    assert kept(database) == [4]


def test_a_transaction_that_sqlite_itself_took_back_is_no_success_for_anybody(database: Database) -> None:
    crowd = Crowd(database)

    def first() -> None:
        with in_company(crowd, 2) as connection:
            connection.execute(text("INSERT INTO numbers VALUES (1)"))
            connection.exec_driver_sql("ROLLBACK")

    with pytest.raises(SQLAlchemyError):
        first()
    assert 1 not in kept(database)
    assert (2 in kept(database)) == (2 not in crowd.results)


def test_within_a_pause_nothing_is_held(database: Database) -> None:
    write(database, 1)
    with database.paused():
        other = sqlite3.connect(str(database.engine.url.database), timeout=0.1)
        other.execute("INSERT INTO numbers VALUES (2)")
        other.commit()
        other.close()
    write(database, 3)
    assert kept(database) == [1, 2, 3]


KILLED = """
import os, sys, threading
from sqlalchemy import text
from pomost.sql import Database
database = Database(sys.argv[1])
def work(start):
    for n in range(start, start + 100000):
        with database.writing() as connection:
            connection.execute(text("INSERT INTO numbers VALUES (:n)"), {"n": n})
        os.write(1, f"{n}\\n".encode())
for thread in range(8):
    threading.Thread(target=work, args=(thread * 100000,)).start()
"""


def test_killed_at_any_moment_what_was_told_as_written_is_there(database: Database) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", KILLED, database.url],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        start_new_session=True,
    )
    assert child.stdout is not None
    told = [int(child.stdout.readline()) for _ in range(300)]
    child.kill()
    told += [int(line) for line in child.stdout.read().split("\n")[:-1] if line]
    child.wait(20)
    assert set(told) <= set(kept(database))
