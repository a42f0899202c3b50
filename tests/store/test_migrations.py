"""The tables that the migrations make are the tables that the code knows, on both databases."""

from __future__ import annotations

import threading

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from pomost.ledger.ledger import MIGRATIONS as LEDGER
from pomost.migrate import Migrations
from pomost.sql import Database
from pomost.store.schema import metadata
from pomost.store.store import MIGRATIONS as STORE
from pomost.store.store import open_store


def test_migrations_make_the_tables_that_the_code_knows(empty_url: str) -> None:
    store = open_store(empty_url)
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


def test_many_processes_may_open_a_new_store_at_once(empty_url: str) -> None:
    failures: list[BaseException] = []

    def open_it() -> None:
        try:
            open_store(empty_url).close()
        except BaseException as failure:
            failures.append(failure)
            raise

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_store_is_opened_where_it_was_left(empty_url: str) -> None:
    first = open_store(empty_url)
    first.limits.block("shop", 5.0)
    first.close()

    again = open_store(empty_url)
    assert again.limits.blocked_until("shop") == 5.0
    with again.database.reading() as connection:
        assert connection.execute(text("SELECT version_num FROM store_version")).scalars().all() == ["0013"]
    again.close()


@pytest.mark.parametrize("migrations", [STORE, LEDGER], ids=["store", "ledger"])
def test_the_newest_version_is_the_one_that_the_chain_of_migrations_ends_with(migrations: Migrations) -> None:
    chain = ScriptDirectory(str(migrations.folder))

    assert chain.get_current_head() == migrations.newest


def test_tables_that_are_up_to_date_are_left_alone(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    open_store(empty_url).close()
    begun: list[str] = []
    monkeypatch.setattr(command, "upgrade", lambda config, to: begun.append(to))

    open_store(empty_url).close()
    assert begun == []

    database = Database(empty_url)
    with database.writing() as connection:
        connection.execute(text("UPDATE store_version SET version_num = '0001'"))
    database.close()
    open_store(empty_url).close()
    assert begun == ["head"]
