"""Tables that are there at once: the real migrations make them once, and each test gets a copy.

To migrate anew took a quarter of a second for each test, more than most of them take themselves. Tests of the migrations begin
with an empty database.
"""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Iterable
from pathlib import Path

from pomost.config.model import Config
from pomost.ledger.ledger import open_ledger
from pomost.store.store import open_store

ROOMS = {"store": open_store, "ledger": open_ledger}


def make(url: str, rooms: Iterable[str]) -> None:
    """Has the migrations of these rooms make their tables."""
    for room in rooms:
        ROOMS[room](url, durable=False).close()


def lay(file: Path, *rooms: str) -> str:
    """A file of SQLite with the tables of these rooms, unless it is there already; gives its URL."""
    if not file.exists():
        file.write_bytes(_file_with(*rooms))
    return f"sqlite:///{file}"


def lay_for(config: Config) -> None:
    """The files that a configuration names."""
    wanted: dict[str, list[str]] = {}
    wanted.setdefault(config.database.url, []).append("store")
    wanted.setdefault(config.ledger.url, []).append("ledger")
    for url, rooms in wanted.items():
        if url.startswith("sqlite:///"):
            lay(Path(url.removeprefix("sqlite:///")), *rooms)


@functools.cache
def _file_with(*rooms: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "tables.db"
        make(f"sqlite:///{file}", rooms)
        assert [one.name for one in file.parent.iterdir()] == [file.name], "all of it is in the file"
        return file.read_bytes()
