"""Shared by all tests: a shop over HTTP, and a house with it."""

from __future__ import annotations

import gc
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

# no test speaks to the world: no client need read the certificates of its authorities, 25 ms for each
os.environ.pop("SSL_CERT_FILE", None)
os.environ["SSL_CERT_DIR"] = str(Path(__file__).parent)


def pytest_collection_finish() -> None:
    """What was imported is there to the end: looking through it for garbage again and again takes a tenth of the time."""
    gc.collect()
    gc.freeze()


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
