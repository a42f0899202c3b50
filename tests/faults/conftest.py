"""Trials on either database; whatever processes they started are gone at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from pomost.sandbox.baselinker import Sandbox
from tests.faults.harness import Trial
from tests.house import House
from tests.postgres import database_with

DATABASES = ("sqlite", "postgres")
QUICK_ON_SQLITE = ("sqlite", pytest.param("postgres", marks=pytest.mark.slow))
"""For trials that take long: PostgreSQL is left to `run.py prove`."""


@pytest.fixture
def url_of(request: pytest.FixtureRequest) -> Iterator[Callable[[str], str]]:
    """The URL of a database by its kind; empty for SQLite, whose files each trial names itself.

    What works on the database must end before it: fixtures name this one first.
    """
    with ExitStack() as databases:

        def url(kind: str) -> str:
            if kind == "sqlite":
                return ""
            return databases.enter_context(
                database_with(request.getfixturevalue("postgres"), "store", "ledger")
            )

        yield url


@pytest.fixture
def trial(url_of: Callable[[str], str], shop: Sandbox, tmp_path: Path) -> Iterator[Callable[..., Trial]]:
    """Makes trials: the kind of the database, then the fields of ``Trial``."""
    made: list[Trial] = []

    def make(kind: str, **wanted: Any) -> Trial:
        made.append(Trial(tmp_path, shop, database=url_of(kind), **wanted))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def house_on(url_of: Callable[[str], str], house: Callable[..., House]) -> Callable[..., House]:
    """Makes houses: the kind of the database, then what a house wants."""

    def make(kind: str, **wanted: Any) -> House:
        url = url_of(kind)
        return house(**wanted, **({"database": url, "ledger": url} if url else {}))

    return make
