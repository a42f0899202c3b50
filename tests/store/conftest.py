"""The databases that the store must work on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.postgres import database, postgres

__all__ = ["database", "postgres", "url"]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    found: str = request.getfixturevalue("database")
    return found
