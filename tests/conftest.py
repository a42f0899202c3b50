"""Shared by all tests: a shop over HTTP, and a house with it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pomost.sandbox.baselinker import Sandbox, Settings
from tests.aside import aside, wait
from tests.house import House
from tests.postgres import database, postgres

__all__ = ["database", "house", "postgres", "shop"]

# no test speaks to the world: a client need not read the certificates of its authorities, which takes 25 ms for each
os.environ.setdefault("SSL_CERT_DIR", str(Path(__file__).parent))


@pytest.fixture
def shop() -> Iterator[Sandbox]:
    with aside(Sandbox(settings=Settings(limit=0), seed=0)) as sandbox:
        yield sandbox


@pytest.fixture(scope="session", autouse=True)
def nothing_is_left() -> Iterator[None]:
    """What ends beside the tests has ended with them."""
    yield
    wait()


@pytest.fixture
def house(shop: Sandbox, tmp_path: Path) -> Iterator[Callable[..., House]]:
    """Makes a house; all of them are stopped at the end."""
    built: list[House] = []

    def build(**wanted: Any) -> House:
        built.append(House(wanted.pop("folder", tmp_path), wanted.pop("shop", shop), **wanted))
        return built[-1]

    yield build
    for one in built:
        one.stop()
