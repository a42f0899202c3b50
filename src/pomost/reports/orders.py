"""States of orders, now and by the day on which they came in; and what stopped them, by code, connection and day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import JSON, ColumnElement, Connection, Integer, Text, and_, cast, func, or_, select

from pomost.reports.report import PERIODS, Asked, Cell, Column, Note, Plot, Report, Word, bucket, buckets
from pomost.store.cases import STATES
from pomost.store.schema import cases, events

STATES_BY = ("now", "channel", "flow", *PERIODS)
ERRORS_BY = ("code", "channel", "flow", *PERIODS)
TROUBLE = ("retrying", "doubt", "person", "stopped")
_WARSAW = ZoneInfo("Europe/Warsaw")
_HOUR = 3_600
_MANY = 200_000
"""Events that two processes may have written out of the order of their time, and more."""


def _moment(day: date) -> float:
    return datetime.combine(day, time(), _WARSAW).timestamp()


def _span(asked: Asked) -> tuple[float, float]:
    """The moments from which and before which the days are."""
    return _moment(asked.start), _moment(asked.end + timedelta(days=1))


def _hour(moment: ColumnElement[float]) -> ColumnElement[int]:
    """A moment's hour since 1970: days of a zone are whole hours, on both databases."""
    return cast(func.floor(moment / _HOUR), Integer)


def _day(hour: int) -> date:
    return datetime.fromtimestamp(hour * _HOUR, UTC).astimezone(_WARSAW).date()


def _conditions(asked: Asked) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if asked.company:
        found.append(cases.c.company == asked.company)
    if asked.channel:
        found.append(cases.c.source == asked.channel)
    return found


def states(connection: Connection, asked: Asked) -> Report:
    """The report ``states``: how orders stand; ``now`` counts all there are, else those that came in on the days asked for."""
    by = asked.by or "now"
    if by == "now":
        query = (
            select(cases.c.state, func.count().label("n"), func.min(cases.c.since).label("oldest"))
            .where(*_conditions(asked))
            .group_by(cases.c.state)
        )
        found = {row.state: (row.n, row.oldest) for row in connection.execute(query)}
        return now_table(found)
    start, end = _span(asked)
    key = {"channel": cases.c.source, "flow": cases.c.flow}.get(by, _hour(cases.c.seen_at))
    query_by = (
        select(key.label("named"), cases.c.state, func.count().label("n"))
        .where(cases.c.seen_at >= start, cases.c.seen_at < end, *_conditions(asked))
        .group_by("named", cases.c.state)
    )
    counts: dict[Cell, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in connection.execute(query_by):
        named = bucket(_day(int(row.named)), by) if by in PERIODS else row.named
        counts[named][row.state] += row.n
    return states_table(asked, by, counts)


def now_table(found: Mapping[str, tuple[int, float]]) -> Report:
    """Pure."""
    rows = tuple(
        (state, found[state][0], _day(int(found[state][1] // _HOUR)) if found[state][1] else None)
        for state in STATES
        if state in found
    )
    columns = (Column("state", event=True), Column("orders", "count"), Column("since", "day"))
    total: tuple[Cell, ...] = (Word("total"), sum(n for n, _ in found.values()), None)
    return Report(
        "states", columns, rows, (total,), (Note("states-now"),), Plot("bars", ("orders",), "state")
    )


def states_table(asked: Asked, by: str, counts: Mapping[Cell, Mapping[str, int]]) -> Report:
    """Pure."""
    lines: dict[Cell, Mapping[str, int]] = dict(counts)
    if by in PERIODS:
        for day in buckets(asked.start, asked.end, by):
            lines.setdefault(day, {})
    rows = tuple(
        (key, *(states.get(state, 0) for state in STATES), sum(states.values()))
        for key, states in sorted(lines.items(), key=lambda one: str(one[0]))
    )
    columns = (
        Column(by, "day" if by in PERIODS else "text"),
        *(Column(state, "count", event=True) for state in STATES),
        Column("orders", "count"),
    )
    sums = [sum(states.get(state, 0) for states in counts.values()) for state in STATES]
    total: tuple[Cell, ...] = (Word("total"), *sums, sum(sums))
    return Report("states", columns, rows, (total,), (Note("states"),), Plot("stacked", STATES, by, 400))


def errors(connection: Connection, asked: Asked) -> Report:
    """The report ``errors``: how often orders were stopped by what, how many orders, and how many stand there now."""
    by = asked.by or "code"
    start, end = _span(asked)
    first = _first_event(connection, start)
    code = _said(connection, events.c.data, "code")
    key: ColumnElement[Any] = {"code": code, "channel": cases.c.source, "flow": cases.c.flow}.get(
        by, _hour(events.c.at)
    )
    query = (
        select(
            key.label("named"),
            func.count().label("n"),
            func.count(events.c.case_id.distinct()).label("orders"),
            func.max(events.c.at).label("last"),
        )
        .select_from(events.join(cases, cases.c.id == events.c.case_id))
        .where(
            events.c.id >= first,
            events.c.at >= start,
            events.c.at < end,
            _is_trouble(connection, events.c.what, events.c.data),
            # a step that failed is noted too: the case says it once
            events.c.step == "",
            *_conditions(asked),
        )
        .group_by("named")
    )
    found: dict[Cell, list[int]] = {}
    for row in connection.execute(query):
        named = bucket(_day(int(row.named)), by) if by in PERIODS else row.named or ""
        one = found.setdefault(named, [0, 0])
        one[0] += row.n
        one[1] += row.orders
    here: dict[Cell, int] = {}
    if by not in PERIODS:
        now_key: ColumnElement[Any] = {
            "code": _said(connection, cases.c.waits, "code"),
            "channel": cases.c.source,
            "flow": cases.c.flow,
        }[by]
        now = (
            select(now_key.label("named"), func.count().label("n"))
            .where(_is_trouble(connection, cases.c.state, cases.c.waits), *_conditions(asked))
            .group_by("named")
        )
        here = {row.named or "": row.n for row in connection.execute(now)}
    return errors_table(asked, by, found, here)


def errors_table(asked: Asked, by: str, found: Mapping[Cell, list[int]], here: Mapping[Cell, int]) -> Report:
    """Pure."""
    lines = dict(found)
    if by in PERIODS:
        for day in buckets(asked.start, asked.end, by):
            lines.setdefault(day, [0, 0])
        order = sorted(lines, key=str)
    else:
        for key in here:
            lines.setdefault(key, [0, 0])
        order = sorted(lines, key=lambda key: (-lines[key][0], -here.get(key, 0), str(key)))
    nothing = Word("nothing")
    timed = by in PERIODS
    rows: list[tuple[Cell, ...]] = [
        (
            nothing if key == "" else key,
            *(lines[key][:1] if timed else lines[key]),
            *(() if timed else (here.get(key, 0),)),
        )
        for key in order
    ]
    columns = (
        Column(by, "day" if timed else "text"),
        Column("errors", "count"),
        # an order that fails in several hours would stand in each of them
        *(() if timed else (Column("orders", "count"), Column("here", "count"))),
    )
    total: tuple[Cell, ...] = (
        Word("total"),
        sum(one[0] for one in found.values()),
        *(() if timed else (None, sum(here.values()))),
    )
    plot = Plot("lines" if timed else "bars", ("errors",), by, 400 if timed else 20)
    return Report("errors", columns, tuple(rows), (total,), (Note("errors"),), plot)


def _is_trouble(
    connection: Connection, state: ColumnElement[str], data: ColumnElement[str]
) -> ColumnElement[bool]:
    """Stopped by a failure; of what waits, only what lacks something, such as an item card, and not what waits for its turn."""
    lacks = and_(state == "waiting", _said(connection, data, "next") == "Waiting")
    return or_(state.in_(TROUBLE), lacks)


def _said(connection: Connection, data: ColumnElement[str], name: str) -> ColumnElement[str]:
    """A text in what is kept as JSON, or nothing where nothing is kept."""
    said: ColumnElement[Any]
    if connection.dialect.name == "postgresql":
        said = cast(cast(func.nullif(data, ""), JSON)[name].as_string(), Text)
    else:
        said = func.json_extract(func.nullif(data, ""), f"$.{name}")
    return func.coalesce(said, "")


def _first_event(connection: Connection, start: float) -> int:
    """An id before which all events are older than ``start``: found by halving, for time has no index.

    Events are written nearly in the order of their time; a wide margin is left for those that are not.
    """
    low, high = 0, int(connection.execute(select(func.coalesce(func.max(events.c.id), 0))).scalar_one())
    after = select(events.c.at).order_by(events.c.id).limit(1)
    while low < high:
        middle = (low + high) // 2
        at = connection.execute(after.where(events.c.id >= middle)).scalar()
        if at is not None and at < start:
            low = middle + 1
        else:
            high = middle
    return max(low - _MANY, 0)
