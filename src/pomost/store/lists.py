"""The list of cases, however many there are: filters, pages and counts that seek in one index.

Its index begins with (state, source, flow, status). Few different beginnings exist, so every filter of them is turned into the
beginnings that fit; each is read newest first as far as the page needs, and the runs are merged. Nothing is skipped by
counting (OFFSET), and nothing is sorted.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, bindparam, func, select

from pomost.sql import Database
from pomost.store import schema
from pomost.store.queries import ATTENTION, CaseLine, line_of
from pomost.trade.finding import words_in

cases, finds = schema.cases, schema.finds
MANY = 10_000
"""Counting stops here."""
PAGE = 50
_LOOKED_AT = 20_000
"""Rows that are looked at for a filter that no index knows (a code, several words) before the page is given as it is."""
_COUNTED = 1_000
"""Of what has to be looked at row by row no more are counted."""
_COLUMNS = (
    cases.c.id,
    cases.c.company,
    cases.c.source,
    cases.c.kind,
    cases.c.external_id,
    cases.c.number,
    cases.c.flow,
    cases.c.status,
    cases.c.state,
    cases.c.waits,
    cases.c.since,
    cases.c.seen_at,
)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which cases. Empty: any. ``attention``: those that need a person. ``seen_from`` and ``seen_to``: Unix seconds, the latter
    not included. ``text``: words or beginnings of words, all of which must fit. ``code``: what a case waits for."""

    state: str = ""
    source: str = ""
    flow: str = ""
    status: str = ""
    company: str = ""
    kind: str = ""
    attention: bool = False
    seen_from: float | None = None
    seen_to: float | None = None
    text: str = ""
    code: str = ""

    @property
    def states(self) -> tuple[str, ...]:
        """The states that are meant; empty: any."""
        if self.state:
            return (self.state,)
        return ATTENTION if self.attention else ()


@dataclass(frozen=True, slots=True)
class CasePage:
    """``following``: the id to ask for the next page with, None at the end. ``cut``: the search was given up after many rows,
    there may be more between."""

    lines: tuple[CaseLine, ...]
    following: int | None
    cut: bool = False


class Beginning(NamedTuple):
    """One beginning of the index that exists."""

    state: str
    source: str
    flow: str
    status: str


@dataclass(frozen=True, slots=True)
class Looked:
    """``count`` is None where it was not asked for."""

    page: CasePage
    count: int | None
    beginnings: tuple[Beginning, ...]


_KEY = (cases.c.state, cases.c.source, cases.c.flow, cases.c.status)


def _hop(same: int) -> Select[Any]:
    """The next beginning whose first ``same`` columns are equal and the one after them is greater. One range in one column:
    SQLite seeks by a comparison of rows as far as the first column only, and would read all that are alike."""
    where = [column == bindparam(column.name) for column in _KEY[:same]]
    return (
        select(*_KEY).where(*where, _KEY[same] > bindparam(_KEY[same].name)).order_by(*_KEY[same:]).limit(1)
    )


_HOPS = tuple(_hop(same) for same in (3, 2, 1, 0))
_FIRST = select(*_KEY).order_by(*_KEY).limit(1)


class Lists:
    def __init__(self, database: Database) -> None:
        self._db = database

    def beginnings(self) -> list[Beginning]:
        """Every combination of state, source, flow and status that there is; a seek for each."""
        with self._db.reading() as connection:
            return _beginnings(connection)

    def look(self, wanted: Filter, after: int | None, *, oldest_first: bool, counted: bool) -> Looked:
        """A page with what its filters may choose from, and how many fit: all of one moment."""
        with self._db.reading() as connection:
            known = _beginnings(connection)
            page = self._page(connection, wanted, after, PAGE, oldest_first, known)
            count = self._count(connection, wanted, known) if counted else None
        return Looked(page, count, tuple(known))

    def page(
        self, wanted: Filter, after: int | None = None, most: int = PAGE, *, oldest_first: bool = False
    ) -> CasePage:
        """A page of cases, newest (or oldest) first, those after the case with id ``after``."""
        with self._db.reading() as connection:
            return self._page(connection, wanted, after, most, oldest_first, None)

    def _page(
        self,
        connection: Connection,
        wanted: Filter,
        after: int | None,
        most: int,
        oldest_first: bool,
        known: list[Beginning] | None,
    ) -> CasePage:
        ids = self._ids(connection, wanted, after, oldest_first, known)
        if wanted.code or wanted.company or wanted.kind:
            return _picked(connection, ids, wanted, most)
        found = list(islice(ids, most + 1))
        return CasePage(
            tuple(_lines(connection, found[:most])), found[most - 1] if len(found) > most else None
        )

    def ids(self, wanted: Filter, most: int) -> list[int]:
        """The ids of all cases that fit, oldest first, at most so many: for acts on many."""
        found: list[int] = []
        after: int | None = None
        while len(found) < most:
            page = self.page(wanted, after, min(500, most - len(found)), oldest_first=True)
            found += [line.id for line in page.lines]
            if page.following is None:
                break
            after = page.following
        return found

    def count(self, wanted: Filter) -> int:
        """How many fit, counted up to ``MANY``: more are said to be MANY + 1."""
        with self._db.reading() as connection:
            return self._count(connection, wanted, None)

    def _count(self, connection: Connection, wanted: Filter, known: list[Beginning] | None) -> int:
        known = _beginnings(connection) if known is None else known
        if wanted.text or wanted.code or wanted.company or wanted.kind:
            count, after = 0, None
            while count <= _COUNTED:
                page = self._page(connection, wanted, after, 500, False, known)
                count += len(page.lines)
                if page.following is None:
                    return count
                after = page.following
            return MANY + 1
        low, high = _bounds(connection, wanted)
        count = 0
        for one in _fitting(known, wanted):
            inner = _between(select(cases.c.id).where(_is(one)), low, high).limit(MANY + 1 - count)
            count += connection.execute(select(func.count()).select_from(inner.subquery())).scalar_one()
            if count > MANY:
                break
        return count

    def lines(self, ids: Sequence[int]) -> list[CaseLine]:
        with self._db.reading() as connection:
            return _lines(connection, ids)

    def _ids(
        self,
        connection: Connection,
        wanted: Filter,
        after: int | None,
        oldest_first: bool,
        known: list[Beginning] | None,
    ) -> Iterator[int]:
        low, high = _bounds(connection, wanted)
        if after is not None:
            low, high = (max(low or 0, after + 1), high) if oldest_first else (low, _least(high, after))
        words = _words(wanted.text)
        if wanted.text and not words:
            return iter(())
        if words:
            return _found(connection, words, wanted, low, high, oldest_first)
        fitting: Sequence[Beginning | None] = [None]
        if _narrows(wanted):
            fitting = _fitting(_beginnings(connection) if known is None else known, wanted)
        runs = [_run(connection, one, low, high, oldest_first) for one in fitting]
        return heapq.merge(*runs, reverse=not oldest_first)


def _narrows(wanted: Filter) -> bool:
    return bool(wanted.states or wanted.source or wanted.flow or wanted.status)


def _least(one: int | None, other: int) -> int:
    return other if one is None else min(one, other)


def _beginnings(connection: Connection) -> list[Beginning]:
    found: list[Beginning] = []
    row = connection.execute(_FIRST).first()
    while row is not None:
        found.append(Beginning(*row))
        names = found[-1]._asdict()
        row = None
        for hop, same in zip(_HOPS, (3, 2, 1, 0), strict=True):
            given = {name: names[name] for name in Beginning._fields[: same + 1]}
            row = connection.execute(hop, given).first()
            if row is not None:
                break
    return found


def _fitting(found: Sequence[Beginning], wanted: Filter) -> list[Beginning]:
    return [
        one
        for one in found
        if (not wanted.states or one.state in wanted.states)
        and wanted.source in ("", one.source)
        and wanted.flow in ("", one.flow)
        and wanted.status in ("", one.status)
    ]


def _is(one: Beginning) -> ColumnElement[bool]:
    """As four equalities: then the index is read by its fifth column."""
    state, source, flow, status = _KEY
    return (state == one.state) & (source == one.source) & (flow == one.flow) & (status == one.status)


def _between(query: Select[Any], low: int | None, high: int | None) -> Select[Any]:
    """``low`` belongs to it, ``high`` does not."""
    if low is not None:
        query = query.where(cases.c.id >= low)
    return query.where(cases.c.id < high) if high is not None else query


def _bounds(connection: Connection, wanted: Filter) -> tuple[int | None, int | None]:
    """Days as bounds of ids: ids are given in the order in which cases are seen."""
    low = high = None
    if wanted.seen_from is not None:
        query = (
            select(cases.c.id)
            .where(cases.c.seen_at >= wanted.seen_from)
            .order_by(cases.c.seen_at, cases.c.id)
        )
        low = connection.execute(query.limit(1)).scalar()
        low = 2**62 if low is None else int(low)
    if wanted.seen_to is not None:
        query = (
            select(cases.c.id).where(cases.c.seen_at >= wanted.seen_to).order_by(cases.c.seen_at, cases.c.id)
        )
        found = connection.execute(query.limit(1)).scalar()
        high = None if found is None else int(found)
    return low, high


def _run(
    connection: Connection, one: Beginning | None, low: int | None, high: int | None, oldest_first: bool
) -> Iterator[int]:
    """Ids of one beginning, fetched in pieces that grow: a page rarely needs more than the first."""
    size = PAGE + 1
    while True:
        query = select(cases.c.id) if one is None else select(cases.c.id).where(_is(one))
        query = _between(query, low, high).order_by(cases.c.id if oldest_first else cases.c.id.desc())
        ids = [int(found) for found in connection.execute(query.limit(size)).scalars()]
        yield from ids
        if len(ids) < size:
            return
        low, high = (ids[-1] + 1, high) if oldest_first else (low, ids[-1])
        size = min(size * 4, 5_000)


def _words(text: str) -> list[str]:
    """The words that are looked for, the longest first: it is on the fewest orders."""
    return sorted(dict.fromkeys(words_in(text)), key=len, reverse=True)[:6]


def _found(
    connection: Connection,
    words: Sequence[str],
    wanted: Filter,
    low: int | None,
    high: int | None,
    oldest_first: bool,
) -> Iterator[int]:
    """Ids of the cases that have a word beginning with each of these, and fit otherwise."""
    # parts of a word are looked for with it: "jan@example.com" fits by itself
    whole = [word for word in words if not any(word != other and word in other for other in words)]
    first, *others = whole
    query = select(finds.c.case_id).distinct().where(_begins(first))
    if low is not None:
        query = query.where(finds.c.case_id >= low)
    if high is not None:
        query = query.where(finds.c.case_id < high)
    for other in others:
        alike = finds.alias()
        query = query.where(
            select(alike.c.case_id)
            .where(
                alike.c.case_id == finds.c.case_id, alike.c.word >= other, alike.c.word < f"{other}\U0010ffff"
            )
            .exists()
        )
    query = query.order_by(finds.c.case_id if oldest_first else finds.c.case_id.desc()).limit(_LOOKED_AT)
    ids = [int(found) for found in connection.execute(query).scalars()]
    if not _narrows(wanted):
        yield from ids
        return
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        kept = {
            row.id
            for row in connection.execute(select(cases.c.id, *_KEY).where(cases.c.id.in_(some)))
            if _fitting([Beginning(row.state, row.source, row.flow, row.status)], wanted)
        }
        yield from (one for one in some if one in kept)


def _begins(word: str) -> ColumnElement[bool]:
    return (finds.c.word >= word) & (finds.c.word < f"{word}\U0010ffff")


def _lines(connection: Connection, ids: Sequence[int]) -> list[CaseLine]:
    """In the order of the ids."""
    rows = {row.id: row for row in connection.execute(select(*_COLUMNS).where(cases.c.id.in_(ids)))}
    return [line_of(rows[one]) for one in ids if one in rows]


def _picked(connection: Connection, ids: Iterator[int], wanted: Filter, most: int) -> CasePage:
    """Those that fit by what no index knows, looked at one after the other within a bound."""
    kept: list[CaseLine] = []
    looked = 0
    last: int | None = None
    while looked < _LOOKED_AT:
        some = list(islice(ids, 500))
        for line in _lines(connection, some):
            if _fits(line, wanted):
                if len(kept) == most:
                    return CasePage(tuple(kept), kept[-1].id)
                kept.append(line)
        if len(some) < 500:
            return CasePage(tuple(kept), None)
        looked += len(some)
        last = some[-1]
    return CasePage(tuple(kept), last, cut=True)


def _fits(line: CaseLine, wanted: Filter) -> bool:
    codes = [str(wait.get("code", "")) for wait in (line.waits, *line.waits.get("also", []))]
    return (
        wanted.company in ("", line.company)
        and wanted.kind in ("", line.kind)
        and (not wanted.code or any(one == wanted.code or one.startswith(f"{wanted.code}.") for one in codes))
    )
