"""Change numbers of order documents, stock rows and item cards: what came after a number can be asked for, and nothing is
ever passed over.

SQLite has one writer at a time, so a counter in a row gives numbers in the order of commits.

On PostgreSQL a counter in a row would make all writers wait for one another, and a sequence would give numbers in
the order in which transactions ask, not in which they commit: a reader that has seen 8 would never look for the 7
that is committed later. There the number is the id of the writing transaction. Ids are given in rising order, and
``pg_snapshot_xmin`` is the lowest id still running, so every transaction below it is over and none will ever
appear below it again. A reader takes changes below that mark only: what a slow writer does is seen a little later,
together with what came after it, never missed.

Transaction ids start anew where a database is restored from a dump. ``resume`` therefore keeps an offset, by which
the numbers go on rising.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, func, literal_column, select, true
from sqlalchemy.dialects import postgresql, sqlite

from pomost.ledger import schema
from pomost.news import note_change
from pomost.sql import Database

_CHANGES = "changes"
_clock = schema.clock
_upsert = sqlite.insert(_clock)
_raise = _upsert.on_conflict_do_update(index_elements=["name"], set_={"value": _clock.c.value + 1}).returning(
    _clock.c.value
)
_offset = func.coalesce(
    select(_clock.c.value).where(_clock.c.name == _CHANGES).scalar_subquery(), literal_column("0")
)
_own_id: ColumnElement[int] = literal_column("pg_current_xact_id()::text::bigint")
_lowest_running: ColumnElement[int] = literal_column("pg_snapshot_xmin(pg_current_snapshot())::text::bigint")


def next_change(connection: Connection) -> int:
    """The number of a change that this transaction makes; changes of one transaction may share it."""
    note_change(connection)
    if connection.dialect.name == "sqlite":
        return int(connection.execute(_raise, {"name": _CHANGES, "value": 1}).scalar_one())
    return int(connection.execute(select(_own_id + _offset)).scalar_one())


def settled(
    connection: Connection, change: ColumnElement[int] = schema.document.c.change
) -> ColumnElement[bool]:
    """Whether ``change`` is one that no earlier change can follow any more."""
    if connection.dialect.name == "sqlite":
        return true()
    return change < _lowest_running + _offset


def newest(connection: Connection) -> int:
    """The last number that no earlier change can follow any more."""
    if connection.dialect.name == "sqlite":
        return int(connection.execute(select(_offset)).scalar_one())
    return int(connection.execute(select(_lowest_running + _offset - 1)).scalar_one())


def resume(database: Database) -> None:
    """Makes numbers go on where they were, also in a database that was restored elsewhere."""
    if database.is_sqlite:
        return
    with database.writing() as connection:
        # the index by change begins with the warehouse
        of_warehouse = (
            select(func.max(schema.stock.c.change))
            .where(schema.stock.c.warehouse_id == schema.warehouse.c.id)
            .scalar_subquery()
        )
        newest_of_stock = select(func.coalesce(func.max(of_warehouse), 0)).select_from(schema.warehouse)
        columns = (schema.document.c.change, schema.item.c.change)
        last = func.greatest(
            newest_of_stock.scalar_subquery(),
            *(
                select(func.coalesce(func.max(column), 0)).where(column > 0).scalar_subquery()
                for column in columns
            ),
        )
        behind: Any = connection.execute(select(last - _own_id - _offset, last - _own_id)).one()
        if behind[0] < 0:
            return
        upsert = postgresql.insert(_clock).values(name=_CHANGES, value=behind[1] + 1)
        connection.execute(
            upsert.on_conflict_do_update(
                index_elements=["name"], set_={"value": func.greatest(_clock.c.value, upsert.excluded.value)}
            )
        )
