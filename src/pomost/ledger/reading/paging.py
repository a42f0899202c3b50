"""Pages of long lists: found through an index, whatever the length of the list; a look never takes more than so many rows.

A list is a set of ranges of one index, each in the same order; a page takes from all of them what comes next. What no
index knows (a part of a name) is asked row by row, and such a look ends after ``SCAN`` rows: the page then says where
it ended, and the next page goes on from there. Nothing is ever skipped by counting rows (OFFSET).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Select,
    and_,
    func,
    literal_column,
    or_,
    select,
    tuple_,
    union_all,
)

Row = TypeVar("Row")
Key = tuple[Any, int]
"""What a list is ordered by, and the id."""

PAGE = 50
SCAN = 40_000
COUNTED = 10_000
TEXT = 200
"""Characters of a text that is looked for."""
_RANGES = 300
_CHUNK = 4_000
_GREATEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """A page of a list. ``after`` and ``before``: from where the next and the previous page go on; empty where there is
    none. ``cut``: the look ended there before the page was full, ``after`` goes on. ``count``: how many rows the whole
    list has, None where that would take a look at every row; above ``COUNTED`` it is no more than "many". ``exact``: the text that was looked
    for is a number, code or address of these rows; others that only hold it were left out.
    """

    rows: tuple[Row, ...]
    after: str = ""
    before: str = ""
    cut: bool = False
    count: int | None = None
    exact: bool = False

    @property
    def many(self) -> bool:
        return self.count is not None and self.count > COUNTED


@dataclass(frozen=True, slots=True)
class Turn:
    """Where a page begins: after a row, or before one (then it ends there)."""

    after: str = ""
    before: str = ""
    size: int = PAGE


@dataclass(frozen=True, slots=True)
class Listed:
    """What a list is made of: ``ranges`` of an index that is ordered by ``column`` and ``id``; ``passing``: what is asked
    of each row."""

    column: Column[Any]
    id: Column[int]
    falling: bool
    ranges: tuple[ColumnElement[bool], ...]
    passing: ColumnElement[bool] | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """The ids of a page, in order."""

    ids: list[int]
    after: str
    before: str
    cut: bool


def find(connection: Connection, listed: Listed, turn: Turn, scan: int = SCAN) -> Found:
    """The page of a list. A mark that can't be read begins at the beginning."""
    backward = not turn.after and bool(turn.before)
    mark = read_mark(turn.before if backward else turn.after, listed)
    backward = backward and mark is not None
    keys, more, stopped = _look(connection, listed, mark, backward, turn.size, scan)
    if backward:
        keys.reverse()
        before = write_mark(stopped or keys[0]) if (more or stopped) and (keys or stopped) else ""
        return Found([key[1] for key in keys], write_mark(keys[-1]) if keys else turn.before, before, False)
    last = stopped or (keys[-1] if more else None)
    before = write_mark(keys[0]) if mark is not None and keys else ""
    return Found([key[1] for key in keys], write_mark(last) if last else "", before, stopped is not None)


def count(connection: Connection, listed: Listed) -> int:
    """How many rows the list has, up to one more than ``COUNTED``."""
    total = 0
    for start in range(0, len(listed.ranges), _RANGES):
        most = COUNTED + 1 - total
        # in the order of the index: else PostgreSQL may begin to read the table from its start
        parts = [
            _ordered(
                select(literal_column("1").label("one")).where(
                    one if listed.passing is None else and_(one, listed.passing)
                ),
                listed.column,
                listed.id,
                listed.falling,
            )
            .limit(most)
            .subquery()
            for one in listed.ranges[start : start + _RANGES]
        ]
        every = union_all(*(select(part.c.one) for part in parts)).limit(most).subquery()
        total += connection.execute(select(func.count()).select_from(every)).scalar_one()
        if total > COUNTED:
            break
    return total


def _look(
    connection: Connection, listed: Listed, mark: Key | None, backward: bool, size: int, scan: int
) -> tuple[list[Key], bool, Key | None]:
    """The keys of the page, whether there are more, and where the look ended before its time."""
    kept: list[Key] = []
    looked = 0
    chunk = size + 1 if listed.passing is None else max(size + 1, 200)
    while listed.ranges:
        keys = _next(connection, listed, mark, backward, chunk)
        looked += len(keys)
        kept += keys if listed.passing is None else _passing(connection, listed, keys)
        if len(kept) > size:
            return kept[:size], True, None
        if len(keys) < chunk:
            return kept, False, None
        mark = keys[-1]
        if looked >= scan:
            return kept, False, mark
        chunk = min(chunk * 4, _CHUNK, max(scan - looked, 1))
    return kept, False, None


def _next(connection: Connection, listed: Listed, mark: Key | None, backward: bool, size: int) -> list[Key]:
    falling = listed.falling != backward
    found: list[Key] = []
    for start in range(0, len(listed.ranges), _RANGES):
        ranges = listed.ranges[start : start + _RANGES]
        parts = [_part(listed, one, mark, falling, size) for one in ranges]
        query: Any = parts[0]
        if len(parts) > 1:
            every = union_all(
                *(select(part.c.key, part.c.id) for part in (one.subquery() for one in parts))
            ).subquery()
            query = _ordered(select(every.c.key, every.c.id), every.c.key, every.c.id, falling).limit(size)
        found += [(row[0], row[1]) for row in connection.execute(query)]
    if len(listed.ranges) > _RANGES:
        found.sort(reverse=falling)
    return found[:size]


def _part(
    listed: Listed, within: ColumnElement[bool], mark: Key | None, falling: bool, size: int
) -> Select[Any]:
    query = select(listed.column.label("key"), listed.id.label("id")).where(within)
    if mark is not None:
        here = tuple_(listed.column, listed.id)
        there = tuple_(*mark, types=[listed.column.type, listed.id.type])
        query = query.where(here < there if falling else here > there)
    return _ordered(query, listed.column, listed.id, falling).limit(size)


def _ordered(query: Select[Any], column: Any, id_column: Any, falling: bool) -> Select[Any]:
    if falling:
        return query.order_by(column.desc(), id_column.desc())
    return query.order_by(column, id_column)


def _passing(connection: Connection, listed: Listed, keys: Sequence[Key]) -> list[Key]:
    assert listed.passing is not None
    ids = [key[1] for key in keys]
    passed = set(connection.execute(select(listed.id).where(listed.id.in_(ids), listed.passing)).scalars())
    return [key for key in keys if key[1] in passed]


def write_mark(key: Key) -> str:
    shown = key[0].isoformat() if isinstance(key[0], date) else str(key[0])
    return f"{key[1]}.{shown}"


def read_mark(text: str, listed: Listed) -> Key | None:
    """None for what is no mark of such a list."""
    number, _, shown = text.partition(".")
    row_id = id_of(number)
    if row_id is None:
        return None
    kind = listed.column.type.python_type
    if kind is int:
        return row_id, row_id
    if kind is str:
        return cleaned(shown, len(shown)), row_id
    try:
        return date.fromisoformat(shown), row_id
    except ValueError:
        return None


def id_of(text: str) -> int | None:
    """An id as it stands in an address; None for what can't be one."""
    if not (text.isascii() and text.isdecimal()) or len(text) > 19 or int(text) > _GREATEST:
        return None
    return int(text)


def cleaned(text: str, most: int = TEXT) -> str:
    """A text that any database takes: without NUL and halves of characters, of at most so many characters."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode("utf-8").strip()[:most]


def holds(columns: Sequence[Any], text: str) -> ColumnElement[bool]:
    """Whether one of the columns holds the text: all small, all great, or as it was typed."""
    ways = dict.fromkeys((text, text.lower(), text.upper(), text.capitalize(), text.title()))
    return or_(*(column.contains(way, autoescape=True) for column in columns for way in ways))
