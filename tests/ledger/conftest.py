"""A firm with a ledger of its own, on SQLite and on the PostgreSQL that the wheel carries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from pomost.ledger import Ledger
from pomost.sql import Database
from tests import tables
from tests.ledger.firm import Firm, Unguarded
from tests.postgres import database_with, empty_database

BACKENDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(params=BACKENDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database with the ledger's tables."""
    if request.param == "sqlite":
        yield tables.lay(tmp_path / "ledger.db", "ledger")
        return
    with database_with(request.getfixturevalue("postgres"), "ledger") as url:
        yield url


@pytest.fixture(params=BACKENDS)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'ledger.db'}"
        return
    with empty_database(request.getfixturevalue("postgres")) as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url, durable=False)
    yield database
    database.close()


@pytest.fixture
def engine(database: Database) -> Engine:
    return database.engine


@pytest.fixture
def make_firm(database: Database) -> Iterator[Callable[..., Firm]]:
    """Makes a firm with its settings; ``guarded`` False leaves the ledger without exclusion of other writers."""
    others: list[Database] = []

    def make(guarded: bool = True, **settings: object) -> Firm:
        if not guarded:
            others.append(Unguarded(database.url))
        return Firm(Ledger(others[-1] if others else database), **settings)

    yield make
    for other in others:
        other.close()


@pytest.fixture
def firm(make_firm: Callable[..., Firm]) -> Firm:
    """KUBKI with warehouse MAG and 10 pieces of KUBEK-1 and KUBEK-2 in it, at 5.50 and 7.00."""
    return make_firm()


@pytest.fixture
def bare(make_firm: Callable[..., Firm]) -> Firm:
    """KUBKI without goods, with warehouses MAG and MAG2."""
    return make_firm(goods=False)
