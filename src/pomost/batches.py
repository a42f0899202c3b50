"""Many rows in one statement, however many lines a document has.

SQLite runs one prepared statement for each row, which costs nothing there. On PostgreSQL each row would be an
execution of its own; there the columns travel as arrays and ``unnest`` makes rows of them again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Table,
    any_,
    bindparam,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

Row = Mapping[str, Any]
Given = Callable[[str], ColumnElement[Any]]


def among(connection: Connection, column: ColumnElement[Any], values: Collection[Any]) -> ColumnElement[bool]:
    """Whether ``column`` (of texts or whole numbers) is one of ``values``, however many: they travel as one parameter.

    A parameter for each would be written into the statement each time, which costs more than finding the rows.
    """
    if connection.dialect.name == "sqlite":
        given = func.json_each(json.dumps(list(values))).table_valued("value")
        return column.in_(select(given.c.value))
    return column == any_(bindparam(None, list(values), type_=postgresql.ARRAY(column.type), unique=True))


def insert_rows(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Rows that all have the same columns; none is fine."""
    if not rows:
        return
    names = tuple(rows[0])
    if connection.dialect.name == "sqlite":
        connection.execute(_plain_insert(table), rows)
    else:
        connection.execute(_array_insert(table, names), _arrays(names, rows))


def add_to_rows(connection: Connection, table: Table, key: Sequence[str], rows: Sequence[Row]) -> None:
    """Adds to the numbers of rows that are there already; a row's other columns are its ``key``."""
    if not rows:
        return
    names = tuple(rows[0])
    if connection.dialect.name == "sqlite":
        # the names of columns can't stand for values in an UPDATE
        connection.execute(
            _plain_update(table, tuple(key), names),
            [{f"new_{name}": row[name] for name in names} for row in rows],
        )
    else:
        connection.execute(_array_update(table, tuple(key), names), _arrays(names, rows))


def add_or_insert_rows(
    connection: Connection, table: Table, key: Sequence[str], rows: Sequence[Row], *, replaced: str = ""
) -> None:
    """As ``add_to_rows``; rows that are not there yet are made. On PostgreSQL they are locked in their order.

    ``replaced``: a column that is not added to but becomes what is given.
    """
    if not rows:
        return
    names = tuple(rows[0])
    if connection.dialect.name == "sqlite":
        connection.execute(_plain_upsert(table, tuple(key), names, replaced), rows)
    else:
        connection.execute(_array_upsert(table, tuple(key), names, replaced), _arrays(names, rows))


def update_rows(
    connection: Connection,
    table: Table,
    key: Sequence[str],
    rows: Sequence[Row],
    values: Callable[[Given], Mapping[str, Any]],
    where: Callable[[Given], ColumnElement[bool]] | None = None,
) -> None:
    """Changes many rows, each by what is given for it. All have the same columns, each one of the table; ``key`` finds a row.

    ``values`` and ``where`` get what is given as expressions: ``given("sent")``.
    """
    if not rows:
        return
    names = tuple(rows[0])
    if connection.dialect.name == "sqlite":

        def given(name: str) -> ColumnElement[Any]:
            return bindparam(f"new_{name}", type_=table.c[name].type)

        source: list[dict[str, Any]] | dict[str, list[Any]] = [
            {f"new_{name}": row[name] for name in names} for row in rows
        ]
    else:
        unnested = _unnested(table, names)

        def given(name: str) -> ColumnElement[Any]:
            found: ColumnElement[Any] = unnested.c[name]
            return found

        source = _arrays(names, rows)
    statement = (
        update(table).where(*(table.c[name] == given(name) for name in key)).values(dict(values(given)))
    )
    if where is not None:
        statement = statement.where(where(given))
    connection.execute(statement, source)


def upsert_rows(
    connection: Connection,
    table: Table,
    key: Sequence[str],
    rows: Sequence[Row],
    values: Callable[[Given], Mapping[str, Any]],
) -> None:
    """Makes many rows, or changes those that are there: ``values`` gets what is given for a row as expressions.

    All have the same columns. Of several with one key the last one counts.
    """
    if not rows:
        return
    rows = list({tuple(row[name] for name in key): row for row in rows}.values())
    names = tuple(rows[0])
    if connection.dialect.name == "sqlite":
        plain = sqlite.insert(table)
        changed = dict(values(lambda name: plain.excluded[name]))
        _execute_many(connection, plain.on_conflict_do_update(index_elements=list(key), set_=changed), rows)
        return
    arrays = postgresql.insert(table).from_select(list(names), select(_unnested(table, names)))
    changed = dict(values(lambda name: arrays.excluded[name]))
    statement = arrays.on_conflict_do_update(index_elements=list(key), set_=changed)
    connection.execute(statement, _arrays(names, rows))


def _execute_many(connection: Connection, statement: Any, rows: Sequence[Row]) -> None:
    """As ``connection.execute`` with many rows, whose parameters it would put together at several times the cost of what
    SQLite then does with a row."""
    names = tuple(rows[0])
    compiled: Any = statement.compile(dialect=connection.dialect, column_keys=list(names))
    places: list[tuple[str | None, Any]] = []
    for name in compiled.positiontup:
        process = (
            compiled.binds[name].type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
        )
        if name in names:
            places.append((name, process))
        else:
            value = compiled.params[name]
            places.append((None, process(value) if process else value))
    given = [
        tuple(
            made if name is None else row[name] if made is None else made(row[name]) for name, made in places
        )
        for row in rows
    ]
    connection.exec_driver_sql(str(compiled), given)


def _arrays(names: Sequence[str], rows: Sequence[Row]) -> dict[str, list[Any]]:
    return {f"all_{name}": [row[name] for row in rows] for name in names}


def _unnested(table: Table, names: tuple[str, ...]) -> Any:
    arrays = [bindparam(f"all_{name}", type_=postgresql.ARRAY(table.c[name].type)) for name in names]
    columns: list[Column[Any]] = [Column(name, table.c[name].type) for name in names]
    return func.unnest(*arrays).table_valued(*columns).render_derived("given")


@lru_cache(maxsize=64)
def _plain_insert(table: Table) -> Any:
    return insert(table)


@lru_cache(maxsize=64)
def _array_insert(table: Table, names: tuple[str, ...]) -> Any:
    return insert(table).from_select(list(names), select(_unnested(table, names)))


@lru_cache(maxsize=64)
def _plain_update(table: Table, key: tuple[str, ...], names: tuple[str, ...]) -> Any:
    values = {
        name: table.c[name] + bindparam(f"new_{name}", type_=table.c[name].type)
        for name in names
        if name not in key
    }
    return update(table).where(*(table.c[name] == bindparam(f"new_{name}") for name in key)).values(values)


@lru_cache(maxsize=64)
def _array_update(table: Table, key: tuple[str, ...], names: tuple[str, ...]) -> Any:
    given = _unnested(table, names)
    values = {name: table.c[name] + given.c[name] for name in names if name not in key}
    return update(table).where(*(table.c[name] == given.c[name] for name in key)).values(values)


@lru_cache(maxsize=64)
def _plain_upsert(table: Table, key: tuple[str, ...], names: tuple[str, ...], replaced: str) -> Any:
    return _adding(sqlite.insert(table), table, key, names, replaced)


@lru_cache(maxsize=64)
def _array_upsert(table: Table, key: tuple[str, ...], names: tuple[str, ...], replaced: str) -> Any:
    statement = postgresql.insert(table).from_select(list(names), select(_unnested(table, names)))
    return _adding(statement, table, key, names, replaced)


def _adding(statement: Any, table: Table, key: tuple[str, ...], names: tuple[str, ...], replaced: str) -> Any:
    return statement.on_conflict_do_update(
        index_elements=list(key),
        set_={
            name: statement.excluded[name] if name == replaced else table.c[name] + statement.excluded[name]
            for name in names
            if name not in key
        },
    )
