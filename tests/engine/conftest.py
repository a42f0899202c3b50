"""The three ways in which cases are run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pomost.sandbox.baselinker import Sandbox, Settings
from tests.engine.machine import KINDS, Machine


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
