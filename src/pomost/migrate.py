"""Migrations of the store's and the ledger's tables (Alembic), each room with its own folder and version table."""

from __future__ import annotations

from pathlib import Path

from alembic import command, context
from alembic.config import Config
from sqlalchemy import MetaData, func, select

from pomost.sql import Database

_LOCK = 7_266_780
"""The PostgreSQL advisory lock of migrations; nothing else in Pomost takes this number."""


def upgrade(database: Database, folder: Path) -> None:
    """Brings the tables described by the migrations in ``folder`` to the newest form, in one transaction.

    Processes that start together wait for one another; one of them does the work. An exception leaves the tables
    as they were.
    """
    with database.writing() as connection:
        if not database.is_sqlite:
            connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        config = Config()
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def run(metadata: MetaData, version_table: str) -> None:
    """What the ``env.py`` of each migrations folder calls."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=metadata,
        version_table=version_table,
        transactional_ddl=True,
        transaction_per_migration=False,
    )
    context.run_migrations()
