"""The database under the store and the ledger: SQLite (one file) or PostgreSQL, with the same code above it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Dialect,
    Engine,
    Integer,
    Table,
    TypeDecorator,
    create_engine,
    event,
)
from sqlalchemy.dialects import postgresql, sqlite

from pomost.commits import SharedCommits, begin
from pomost.news import News

_TABLES_LOCK = 7_266_780
_IDLE_S = 10
"""Seconds after which PostgreSQL ends a transaction whose process does nothing: one that is frozen must not keep rows
locked, or nobody could take its work over."""


class Database:
    """Short write transactions and snapshot reads.

    SQLite has one writer: within the process writers queue and share commits (`commits`), between processes BEGIN
    IMMEDIATE waits. PostgreSQL needs neither. Never make a network call inside ``writing``.
    """

    def __init__(self, url: str, *, durable: bool = True) -> None:
        if url.startswith("postgresql://"):
            url = "postgresql+psycopg://" + url.removeprefix("postgresql://")
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        options: dict[str, Any] = {}
        if self.is_sqlite:
            options["connect_args"] = {"timeout": 30, "check_same_thread": False}
            options["pool_size"] = 40
        else:
            options.update(pool_size=20, max_overflow=20, pool_pre_ping=True)
        self.engine: Engine = create_engine(url, **options)
        self.news = News()
        self._commits = SharedCommits(self.engine)
        if self.is_sqlite:
            self._prepare_sqlite("FULL" if durable else "NORMAL")
        else:
            self._prepare_postgres()
        self._reader = (
            self.engine
            if self.is_sqlite
            else self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        )

    def _prepare_sqlite(self, synchronous: str) -> None:
        @event.listens_for(self.engine, "connect")
        def on_connect(connection: Any, _record: Any) -> None:
            connection.isolation_level = None
            cursor = connection.cursor()
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute(f"PRAGMA synchronous={synchronous}")
            cursor.execute("PRAGMA foreign_keys=ON")
            cursor.close()

    def _prepare_postgres(self) -> None:
        @event.listens_for(self.engine, "connect")
        def on_connect(connection: Any, _record: Any) -> None:
            connection.autocommit = True
            connection.execute(f"SET idle_in_transaction_session_timeout = '{_IDLE_S}s'")
            connection.autocommit = False

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that writes; committed at the end, rolled back by an exception."""
        if not self.is_sqlite:
            with self.news.around(), self.engine.begin() as connection:
                yield connection
            return
        with self.news.around(), self._commits.writing() as connection:
            yield connection

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Within, this process holds SQLite's write lock by no transaction."""
        with self._commits.paused():
            yield

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that only reads, all of it from one moment."""
        if self.is_sqlite:
            with self.engine.begin() as connection:
                begin(connection)
                yield connection
            return
        with self._reader.begin() as connection:
            yield connection

    def close(self) -> None:
        self.engine.dispose()


def insert_unless_there(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An insert that does nothing where the row is there already, perhaps made by another process a moment ago."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


Id = BigInteger().with_variant(Integer, "sqlite")
"""A key that counts by itself: SQLite does so only for INTEGER."""


class Scaled(TypeDecorator[Decimal]):
    """Decimal kept as an integer of its smallest unit (SQLite would keep a Numeric as a binary float).

    A value with more decimals than the column has is refused (ValueError): what must be rounded is rounded by a rule.
    """

    impl = BigInteger
    cache_ok = True
    places = 0

    def __init__(self) -> None:
        super().__init__()
        self._factor = 10**self.places

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        scaled = value * self._factor
        whole = int(scaled)
        if whole != scaled:
            raise ValueError(f"{value} has more than {self.places} decimals")
        return whole

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        # int() because PostgreSQL gives sum(bigint) as numeric
        return None if value is None else Decimal(int(value)).scaleb(-self.places)


class Amount(Scaled):
    """An amount of money to 0.01."""

    cache_ok = True
    places = 2


class Fine(Scaled):
    """A quantity or a unit price to 0.0001; read back with 0, 2 or 4 decimals, as many as it needs."""

    cache_ok = True
    places = 4

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        if value is None:
            return None
        whole = int(value)
        if whole % 10_000 == 0:
            return Decimal(whole // 10_000)
        if whole % 100 == 0:
            return Decimal(whole // 100).scaleb(-2)
        return Decimal(whole).scaleb(-4)


class Rate(Scaled):
    """An exchange rate to 0.00000001."""

    cache_ok = True
    places = 8
