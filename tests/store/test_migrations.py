"""The tables that the migrations make are the tables that the code knows, on both databases."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from pomost.store.schema import metadata
from pomost.store.store import open_store


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    found: str = request.getfixturevalue("database")
    return found


def test_migrations_make_the_tables_that_the_code_knows(url: str) -> None:
    store = open_store(url)
    with store.database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "version_table": "store_version",
                "include_name": lambda name, kind, _: kind != "table" or name in metadata.tables,
            },
        )
        assert compare_metadata(context, metadata) == []
    store.close()


def test_many_processes_may_open_a_new_store_at_once(url: str) -> None:
    failures: list[BaseException] = []

    def open_it() -> None:
        try:
            open_store(url).close()
        except BaseException as failure:
            failures.append(failure)
            raise

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_store_is_opened_where_it_was_left(url: str) -> None:
    first = open_store(url)
    first.limits.block("shop", 5.0)
    first.close()

    again = open_store(url)
    assert again.limits.blocked_until("shop") == 5.0
    with again.database.reading() as connection:
        assert connection.execute(text("SELECT version_num FROM store_version")).scalars().all() == ["0012"]
    again.close()
