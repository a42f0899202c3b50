"""Books in a new file for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pomost.ledger.ledger import open_ledger
from pomost.sql import Database
from tests.ledger.books import Books


@pytest.fixture
def open_books(tmp_path: Path) -> Iterator[Callable[..., Books]]:
    opened: list[Books] = []

    def build(method: str = "FIFO") -> Books:
        url = f"sqlite:///{tmp_path / f'ledger{len(opened)}.db'}"
        opened.append(Books(open_ledger(url, durable=False), Database(url), method))
        return opened[-1]

    yield build
    for books in opened:
        books.ledger.close()
        books.database.close()


@pytest.fixture
def books(open_books: Callable[..., Books]) -> Books:
    return open_books()
