"""Figures of the start page: how many cases are where, what came in by day, how long the unfinished wait and for what."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sqlalchemy import func, select

from pomost.sql import Database
from pomost.store import schema
from pomost.store.cases import STATES

cases = schema.cases
UNFINISHED = tuple(state for state in STATES if state != "done")
WAITING_S = (300.0, 3_600.0, 86_400.0, 604_800.0)
"""Bounds of the groups of waiting times: five minutes, an hour, a day, a week; the last group has no end."""
MOST = 20_000
"""Unfinished cases that are looked at; of more the longest waiting are."""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """``waiting``: how many wait at most so long, by the bounds of ``WAITING_S``, the last without a bound. ``codes``: (state,
    code, how many) of those that do not go on by themselves, the most frequent first. ``cut``: there are more than were
    looked at."""

    waiting: tuple[int, ...]
    codes: tuple[tuple[str, str, int], ...]
    cut: bool


class Overview:
    def __init__(self, database: Database) -> None:
        self._db = database

    def came_in(self, midnights: Sequence[float]) -> list[int]:
        """How many cases were seen between each of these moments and the next; read from the index of moments alone."""
        with self._db.reading() as connection:
            return [
                int(
                    connection.execute(
                        select(func.count())
                        .select_from(cases)
                        .where(cases.c.seen_at >= begin, cases.c.seen_at < end)
                    ).scalar_one()
                )
                for begin, end in pairwise(midnights)
            ]

    def unfinished(self, now: float) -> Unfinished:
        """What waits, how long, and for what."""
        with self._db.reading() as connection:
            query = select(cases.c.state, cases.c.waits, cases.c.since).where(cases.c.state.in_(UNFINISHED))
            rows = connection.execute(query.limit(MOST + 1)).all()
        waiting = [0] * (len(WAITING_S) + 1)
        codes: Counter[tuple[str, str]] = Counter()
        for row in rows[:MOST]:
            lasted = now - row.since
            waiting[next((place for place, bound in enumerate(WAITING_S) if lasted <= bound), -1)] += 1
            if row.state not in ("new", "waiting"):
                codes[row.state, _code(row.waits)] += 1
        common = tuple((state, code, n) for (state, code), n in codes.most_common(12))
        return Unfinished(tuple(waiting), common, len(rows) > MOST)


def _code(waits: str) -> str:
    found: Mapping[str, object] = json.loads(waits) if waits else {}
    return str(found.get("code", ""))
