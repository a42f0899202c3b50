"""The list of cases, however many there are: filters, pages and counts that seek in one index.

Its index begins with (state, source, flow, status). Few different beginnings exist, so every filter of them is turned into the
beginnings that fit; each is read newest first as far as the page needs, and the runs are merged. Nothing is skipped by
counting (OFFSET), and nothing is sorted.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, bindparam, func, select

from pomost.ports import Json
from pomost.sql import Database
from pomost.store import schema
from pomost.store.queries import ATTENTION, COLUMNS, CaseLine, line_of
from pomost.store.searching import (
    RARE,
    Condition,
    Every,
    Shown,
    Span,
    pieces,
    search,
    waits_for,
    words_of_text,
)

cases = schema.cases
MANY = 10_000
"""Counting stops here."""
PAGE = 50
LOOKED_AT = 10_000
"""Cases that are looked at in vain before a page is given as it is."""
_LOOKED_AT_TO_COUNT = 2_000
"""Cases that are looked at for nothing but how many there are."""


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

    @property
    def narrows(self) -> bool:
        """Whether the index leaves some out."""
        return bool(self.states or self.source or self.flow or self.status or self.code)

    @property
    def searches(self) -> bool:
        """Whether cases have to be looked at that the index does not choose."""
        return bool(self.text or self.code or self.company or self.kind)


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
    """``count`` is None where it was not asked for; ``more``: there are more than that, nobody counted how many."""

    page: CasePage
    count: int | None
    more: bool
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
            span = _span(connection, wanted, after, oldest_first)
            if wanted.searches:
                page, count, more = _searched(connection, wanted, span, PAGE, known, counted)
                return Looked(page, count if counted else None, more and counted, tuple(known))
            page = _listed(connection, wanted, span, PAGE, known)
            total = _counted(connection, wanted, span, known) if counted else None
            return Looked(page, total, total is not None and total > MANY, tuple(known))

    def page(
        self, wanted: Filter, after: int | None = None, most: int = PAGE, *, oldest_first: bool = False
    ) -> CasePage:
        """A page of cases, newest (or oldest) first, those after the case with id ``after``."""
        with self._db.reading() as connection:
            known = _beginnings(connection) if wanted.narrows else []
            span = _span(connection, wanted, after, oldest_first)
            if wanted.searches:
                return _searched(connection, wanted, span, most, known, False)[0]
            return _listed(connection, wanted, span, most, known)

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
        count = 0
        after: int | None = None
        if wanted.searches:
            while count <= MANY:
                page = self.page(wanted, after, 1_000)
                count += len(page.lines)
                if page.following is None:
                    return count
                after = page.following
            return MANY + 1
        with self._db.reading() as connection:
            return _counted(
                connection, wanted, _span(connection, wanted, None, False), _beginnings(connection)
            )

    def known(self, source: str, since: float, kind: str = "order") -> dict[str, str]:
        """The orders (or returns) of a source that were first seen at or after ``since`` and are not gone: id -> status."""
        query = select(cases.c.external_id, cases.c.status).where(
            cases.c.seen_at >= since, cases.c.source == source, cases.c.kind == kind, cases.c.gone == 0
        )
        with self._db.reading() as connection:
            return {row.external_id: row.status for row in connection.execute(query)}

    def taken(self, companies: Collection[str], source: str, ids: Collection[str]) -> dict[str, Json]:
        """The raw forms of those orders of a source for which a step was begun: external id -> as it is kept. ``ids``: a page."""
        begun = select(schema.steps.c.id).where(
            schema.steps.c.case_id == cases.c.id, schema.steps.c.state.in_(("intended", "done", "doubt"))
        )
        query = select(cases.c.external_id, cases.c.raw).where(
            cases.c.company.in_(companies),
            cases.c.source == source,
            cases.c.kind == "order",
            cases.c.external_id.in_(ids),
            begun.exists(),
        )
        if not ids:
            return {}
        with self._db.reading() as connection:
            return {row.external_id: json.loads(row.raw) for row in connection.execute(query)}

    def lines(self, ids: Sequence[int]) -> list[CaseLine]:
        with self._db.reading() as connection:
            return _lines(connection, ids)


class Fitting:
    """A case begins in the index as one of these."""

    def __init__(self, beginnings: Sequence[Beginning]) -> None:
        self._beginnings = beginnings

    def size(self, connection: Connection) -> int:
        return _count_of(connection, self._beginnings, Span(), RARE)

    def walk(self, connection: Connection, span: Span) -> Iterator[int] | None:
        runs = [
            pieces(connection, select(cases.c.id).where(_is(one)), cases.c.id, span)
            for one in self._beginnings
        ]
        return heapq.merge(*runs, reverse=not span.oldest_first)

    def among(self, connection: Connection, ids: Sequence[int]) -> Collection[int]:
        query = select(cases.c.id, *_KEY).where(cases.c.id.in_(ids))
        known = set(self._beginnings)
        return {row.id for row in connection.execute(query) if Beginning(*row[1:]) in known}


def _listed(
    connection: Connection, wanted: Filter, span: Span, most: int, known: Sequence[Beginning]
) -> CasePage:
    """Of a filter that the index knows: nothing is looked at in vain."""
    condition: Condition = Fitting(_fitting(known, wanted)) if wanted.narrows else Every()
    ids = condition.walk(connection, span)
    found = list(islice(ids or (), most + 1))
    following = found[most - 1] if len(found) > most else None
    return CasePage(tuple(_lines(connection, found[:most])), following)


def _searched(
    connection: Connection,
    wanted: Filter,
    span: Span,
    most: int,
    known: Sequence[Beginning],
    counted: bool,
) -> tuple[CasePage, int, bool]:
    """The page; how many were found; whether there may be more."""
    conditions: list[Condition] = [*words_of_text(wanted.text)]
    if wanted.text and not conditions:
        return CasePage((), None), 0, False
    if wanted.narrows:
        conditions.append(Fitting(_fitting(known, wanted)))
    if shown := _shown(wanted):
        conditions.append(Shown(shown))
    found: list[int] = []
    looked = 0
    last: int | None = None
    for some in search(connection, conditions, span):
        found += some.ids
        looked += some.looked
        last = some.last
        full = len(found) > most
        if looked >= (_LOOKED_AT_TO_COUNT if full else LOOKED_AT) or (full and not counted):
            break
    else:
        last = None
    following = found[most - 1] if len(found) > most else last
    lines = tuple(_lines(connection, found[:most]))
    return (
        CasePage(lines, following, cut=last is not None and len(found) <= most),
        len(found),
        last is not None,
    )


def _shown(wanted: Filter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.company:
        found.append(cases.c.company == wanted.company)
    if wanted.kind:
        found.append(cases.c.kind == wanted.kind)
    if wanted.code:
        found.append(waits_for(wanted.code))
    return found


def _counted(connection: Connection, wanted: Filter, span: Span, known: Sequence[Beginning]) -> int:
    return _count_of(connection, _fitting(known, wanted), span, MANY)


def _count_of(connection: Connection, beginnings: Sequence[Beginning], span: Span, most: int) -> int:
    """Up to ``most`` + 1."""
    count = 0
    for one in beginnings:
        inner = span.of(select(cases.c.id).where(_is(one)), cases.c.id).limit(most + 1 - count)
        count += connection.execute(select(func.count()).select_from(inner.subquery())).scalar_one()
        if count > most:
            break
    return count


def _span(connection: Connection, wanted: Filter, after: int | None, oldest_first: bool) -> Span:
    span = Span(*_bounds(connection, wanted), oldest_first)
    return span if after is None else span.after(after)


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
        # what is done waits for nothing
        and not (wanted.code and one.state == "done")
    ]


def _is(one: Beginning) -> ColumnElement[bool]:
    """As four equalities: then the index is read by its fifth column."""
    state, source, flow, status = _KEY
    return (state == one.state) & (source == one.source) & (flow == one.flow) & (status == one.status)


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


def _lines(connection: Connection, ids: Sequence[int]) -> list[CaseLine]:
    """In the order of the ids."""
    rows = {row.id: row for row in connection.execute(select(*COLUMNS).where(cases.c.id.in_(ids)))}
    return [line_of(rows[one]) for one in ids if one in rows]
