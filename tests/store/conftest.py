"""The databases that the store must work on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pomost.store.store import Store, open_store
from tests import tables
from tests.postgres import database_with

BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.fixture(params=BOTH)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with the store's tables, once of each kind."""
    if request.param == "sqlite":
        yield tables.lay(tmp_path / "store.db", "store")
        return
    with database_with(request.getfixturevalue("postgres"), "store") as found:
        yield found


@pytest.fixture(params=BOTH)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without tables, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    found: str = request.getfixturevalue("database")
    return found


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = open_store(url, durable=False)
    yield opened
    opened.close()
