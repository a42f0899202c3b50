"""Migrations of the store's and the ledger's tables (Alembic), each room with its own folder and version table."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import MetaData, String, column, func, inspect, select, table

from pomost.sql import Database

_LOCK = 7_266_780
"""The PostgreSQL advisory lock of migrations; nothing else in Pomost takes this number."""


@dataclass(frozen=True, slots=True)
class Migrations:
    """Of one room. ``folder`` has ``versions/NUMBER_WHAT.py``, each with its number as its revision; ``version_table`` says which was the
    last."""

    folder: Path
    version_table: str

    @property
    def newest(self) -> str:
        return max(file.name.split("_")[0] for file in (self.folder / "versions").glob("[0-9]*_*.py"))


def upgrade(database: Database, migrations: Migrations) -> None:
    """Brings the tables that the migrations describe to the newest form, in one transaction.

    Processes that start together wait for one another; one of them does the work. An exception leaves the tables
    as they were.
    """
    if _is_newest(database, migrations):
        return
    # here, as most processes never need it, and it is slow to import
    from alembic import command
    from alembic.config import Config

    with database.writing() as connection:
        if not database.is_sqlite:
            connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        config = Config()
        config.set_main_option("script_location", str(migrations.folder).replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _is_newest(database: Database, migrations: Migrations) -> bool:
    with database.reading() as connection:
        if not inspect(connection).has_table(migrations.version_table):
            return False
        asked = select(column("version_num", String)).select_from(table(migrations.version_table))
        return list(connection.scalars(asked)) == [migrations.newest]


def run(metadata: MetaData, version_table: str) -> None:
    """What the ``env.py`` of each migrations folder calls."""
    from alembic import context

    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=metadata,
        version_table=version_table,
        transactional_ddl=True,
        transaction_per_migration=False,
    )
    context.run_migrations()
