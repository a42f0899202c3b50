from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pomost.sandbox.posnet import Emulator
from tests.connectors.posnet.counter import Clock, Counter


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    clock = Clock()
    with Emulator(tmp_path / "memory.db", clock=clock) as emulator:
        yield Counter(tmp_path, emulator, clock)
