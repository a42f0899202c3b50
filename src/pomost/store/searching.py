"""Finding cases by several things at once without reading all of them.

Whatever is rarest is walked in the order of the ids, the rest is asked of those it gives, some at a time. How rare something is,
is counted up to ``RARE``. What is walked in vain is bounded: a page then says how far it came, and the next one goes on there.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, Select, bindparam, select

from pomost.store import schema
from pomost.trade.finding import words_in

cases, finds = schema.cases, schema.finds
RARE = 20_000
"""So many ids are read at once and sorted; what has more is walked by its index."""
SPELLINGS = 64
"""Words with one beginning that are walked side by side."""
_FIRST, _MOST = 64, 1_000
_LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Span:
    """Between which ids: ``low`` belongs to it, ``high`` does not; None is open."""

    low: int | None = None
    high: int | None = None
    oldest_first: bool = False

    def after(self, last: int) -> Span:
        """What is left behind the id ``last``."""
        if self.oldest_first:
            return Span(max(self.low or 0, last + 1), self.high, True)
        return Span(self.low, last if self.high is None else min(self.high, last), False)

    def has(self, one: int) -> bool:
        return (self.low is None or one >= self.low) and (self.high is None or one < self.high)

    def of(self, query: Select[Any], column: ColumnElement[int]) -> Select[Any]:
        """The query within the span, in its order."""
        if self.low is not None:
            query = query.where(column >= self.low)
        if self.high is not None:
            query = query.where(column < self.high)
        return query.order_by(column if self.oldest_first else column.desc())


class Condition(Protocol):
    """Something that cases must fulfil."""

    def size(self, connection: Connection) -> int:
        """How many fulfil it, about, up to ``RARE`` + 1."""
        ...

    def walk(self, connection: Connection, span: Span) -> Iterator[int] | None:
        """The ids that fulfil it, each once, in order; None where it can't be walked."""
        ...

    def among(self, connection: Connection, ids: Sequence[int]) -> Collection[int]:
        """Those of ``ids`` that fulfil it."""
        ...


def pieces(
    connection: Connection, query: Select[Any], column: ColumnElement[int], span: Span
) -> Iterator[int]:
    """What a query gives that reads its index in order, fetched in pieces that grow: a page rarely needs a second one."""
    size = _FIRST
    while True:
        ids: list[int] = list(connection.execute(span.of(query, column).limit(size)).scalars())
        yield from ids
        if len(ids) < size:
            return
        span = span.after(ids[-1])
        size = min(size * 4, 4_000)


class Word:
    """A case has a word that begins so."""

    def __init__(self, word: str) -> None:
        self._word = word
        self._ids: list[int] | None = None
        """All of them, where they are few."""

    def size(self, connection: Connection) -> int:
        query = select(finds.c.case_id).where(*self._begins(finds.c.word)).limit(RARE + 1)
        found = [int(one) for one in connection.execute(query).scalars()]
        if len(found) <= RARE:
            self._ids = sorted(set(found))
        return len(found)

    def walk(self, connection: Connection, span: Span) -> Iterator[int] | None:
        if self._ids is not None:
            return (one for one in (self._ids if span.oldest_first else reversed(self._ids)) if span.has(one))
        spelt = self._spelt(connection)
        if spelt is None:
            return None
        query = select(finds.c.case_id)
        runs = [pieces(connection, query.where(finds.c.word == one), finds.c.case_id, span) for one in spelt]
        return _once(heapq.merge(*runs, reverse=not span.oldest_first))

    def among(self, connection: Connection, ids: Sequence[int]) -> Collection[int]:
        if self._ids is not None:
            return set(ids).intersection(self._ids)
        # an expression, so that the index that begins with the case is read and not the range of words
        word = finds.c.word + ""
        query = select(finds.c.case_id).where(finds.c.case_id.in_(ids), *self._begins(word))
        return set(connection.execute(query).scalars())

    def _begins(self, word: ColumnElement[str]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
        return word >= self._word, word < self._word + _LAST

    def _spelt(self, connection: Connection) -> list[str] | None:
        """The words that begin so, a seek for each; None when they are many."""
        query = select(finds.c.word).where(
            finds.c.word > bindparam("last"), finds.c.word < self._word + _LAST
        )
        query = query.order_by(finds.c.word).limit(1)
        known = select(finds.c.word).where(finds.c.word == self._word).limit(1)
        found = [str(one) for one in connection.execute(known).scalars()]
        while len(found) <= SPELLINGS:
            following = connection.execute(query, {"last": found[-1] if found else self._word}).scalar()
            if following is None:
                return found
            found.append(str(following))
        return None


class Shown:
    """What stands in the case itself and no index knows."""

    def __init__(self, where: Sequence[ColumnElement[bool]]) -> None:
        self._where = tuple(where)

    def size(self, connection: Connection) -> int:
        return RARE + 1

    def walk(self, connection: Connection, span: Span) -> Iterator[int] | None:
        return None

    def among(self, connection: Connection, ids: Sequence[int]) -> Collection[int]:
        query = select(cases.c.id).where(cases.c.id.in_(ids), *self._where)
        return set(connection.execute(query).scalars())


class Every:
    """Every case: what is walked when nothing else can be."""

    def size(self, connection: Connection) -> int:
        return RARE + 2

    def walk(self, connection: Connection, span: Span) -> Iterator[int] | None:
        return pieces(connection, select(cases.c.id), cases.c.id, span)

    def among(self, connection: Connection, ids: Sequence[int]) -> Collection[int]:
        return ids


@dataclass(frozen=True, slots=True)
class Some:
    """A part of a search: those that fit of ``looked`` cases, and the last case that was looked at."""

    ids: list[int]
    looked: int
    last: int


def search(connection: Connection, conditions: Sequence[Condition], span: Span) -> Iterator[Some]:
    """The ids that fulfil all conditions, in order, with what it cost."""
    sized = [(one.size(connection), place, one) for place, one in enumerate(conditions)]
    for _size, _place, base in sorted(sized, key=lambda one: one[:2]):
        walked = base.walk(connection, span)
        if walked is not None:
            break
    else:
        base = Every()
        walked = base.walk(connection, span)
    assert walked is not None
    others = [one for _size, _place, one in sorted(sized, key=lambda one: one[:2]) if one is not base]
    size = _FIRST
    while some := list(islice(walked, size)):
        kept: Collection[int] = some
        for other in others:
            if kept:
                kept = other.among(connection, [one for one in some if one in kept])
        among = set(kept)
        yield Some([one for one in some if one in among], len(some), some[-1])
        if len(some) < size:
            return
        size = min(size * 2, _MOST)


def words_of_text(text: str) -> list[Word]:
    """The words that are looked for, the longest first. Parts of a word are looked for with it: jan@example.com fits by itself."""
    words = sorted(dict.fromkeys(words_in(text)), key=len, reverse=True)[:6]
    return [Word(one) for one in words if not any(one != other and one in other for other in words)]


def waits_for(code: str) -> ColumnElement[bool]:
    """What a case waits for, or something it waits for besides, has this code or one of its area. As JSON without blanks, in
    which quotes within a text are escaped."""
    return cases.c.waits.contains(f'"code":"{code}"', autoescape=True) | cases.c.waits.contains(
        f'"code":"{code}.', autoescape=True
    )


def _once(ids: Iterator[int]) -> Iterator[int]:
    last: int | None = None
    for one in ids:
        if one != last:
            yield one
        last = one
