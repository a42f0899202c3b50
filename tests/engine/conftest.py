"""The three ways in which cases are run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from pomost.sandbox.baselinker import Sandbox, Settings
from tests import tables
from tests.aside import aside
from tests.engine.machine import KINDS, Machine
from tests.postgres import database_with


@pytest.fixture
def shop() -> Iterator[Sandbox]:
    with aside(Sandbox(settings=Settings(limit=0), seed=7)) as sandbox:
        yield sandbox


@pytest.fixture(params=KINDS, ids=lambda kind: "-".join(kind))
def machine(
    request: pytest.FixtureRequest, shop: Sandbox, tmp_path: Path
) -> Iterator[Callable[..., Machine]]:
    """Makes machines that share one store and one ledger; all of them are stopped at the end."""
    runner, where = request.param
    with ExitStack() as places:
        if where == "postgres":
            server = request.getfixturevalue("postgres")
            url = places.enter_context(database_with(server, "store", "ledger"))
        else:
            url = tables.lay(tmp_path / "all.db", "store", "ledger")
        made: list[Machine] = []

        def make(**engine: float) -> Machine:
            made.append(Machine(runner, url, shop.url, tmp_path, **engine))
            return made[-1]

        yield make
        for one in made:
            one.close()
