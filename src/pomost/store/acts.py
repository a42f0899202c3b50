"""Long acts of people: how far each has come, and what came of it.

One that is running renews its beat; where that stops its process died, and the act was cut off. Of acts with the same key
one runs at a time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from pomost.ports import Failure, Json
from pomost.sql import Database
from pomost.store.claims import dump, failure_to_json
from pomost.store.panel_schema import acts

State = Literal["running", "done", "failed", "cut"]
SILENT_S = 30.0
"""Seconds without a beat after which a process counts as dead."""
KEPT_S = 30 * 86_400.0
"""How long acts are kept after they began."""
_OWN = "_"
"""Facts that begin with it are ours, and not of the title."""


@dataclass(frozen=True, slots=True)
class Act:
    """``total`` 0: nobody knows how much there is. ``said``: how far it is, as text. ``result``: what came of it, as text;
        ``failure``: code, text, advice. ``link``: where the result is to be seen. ``whole``: it does everything at once or nothing, so that
    ``done`` says nothing of one that was cut off."""

    id: int
    key: str
    title: str
    facts: Json
    who: str
    state: State
    done: int
    total: int
    said: str
    result: str
    failure: Json
    link: str
    started_at: float
    ended_at: float | None
    whole: bool = False


class Acts:
    def __init__(self, database: Database) -> None:
        self._db = database

    def begin(
        self,
        key: str,
        title: str,
        facts: Mapping[str, object],
        who: str,
        now: float,
        *,
        link: str = "",
        whole: bool = False,
        owner: Mapping[str, str] | None = None,
    ) -> tuple[int, bool]:
        """The id of a new act, or of the one with this key that is running; and whether it is new. ``owner``: its process, as
        ``cut_dead`` is told it."""
        own = {f"{_OWN}{name}": value for name, value in (owner or {}).items()}
        if whole:
            own[f"{_OWN}whole"] = "yes"
        with self._db.writing() as connection:
            _cut(connection, now)
            connection.execute(delete(acts).where(acts.c.started_at < now - KEPT_S))
            insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
            made = connection.execute(
                insert(acts)
                .values(
                    key=key,
                    title=title,
                    facts=dump({**facts, **own}),
                    who=who,
                    started_at=now,
                    beat_at=now,
                    state="running",
                    done=0,
                    total=0,
                    said="",
                    result="",
                    link=link,
                )
                .on_conflict_do_nothing()
                .returning(acts.c.id)
            ).scalar()
            if made is not None:
                return int(made), True
            query = select(acts.c.id).where(acts.c.key == key, acts.c.ended_at.is_(None))
            return int(connection.execute(query).scalar_one()), False

    def report(self, act_id: int, done: int, total: int, said: str, now: float) -> None:
        """How far it is."""
        self._set(act_id, done=done, total=total, said=said, beat_at=now)

    def beat(self, act_id: int, now: float) -> None:
        """Its process lives."""
        self._set(act_id, beat_at=now)

    def end(self, act_id: int, result: str, link: str, now: float) -> None:
        self._set(act_id, state="done", result=result, link=link, ended_at=now, beat_at=now)

    def fail(self, act_id: int, failure: Failure, now: float) -> None:
        said = dump(failure_to_json(failure))
        self._set(act_id, state="failed", result=said, ended_at=now, beat_at=now)

    def cut(self, act_id: int, now: float) -> None:
        """Its process ends before it did."""
        self._set(act_id, state="cut", ended_at=now, beat_at=now)

    def cut_dead(self, is_dead: Callable[[Mapping[str, str]], bool]) -> None:
        """Those whose process is surely dead were cut off when it was last heard of."""
        with self._db.writing() as connection:
            query = select(acts.c.id, acts.c.facts).where(acts.c.ended_at.is_(None))
            for act_id, facts in list(connection.execute(query)):
                known = json.loads(facts) if facts else {}
                owner = {name[1:]: str(one) for name, one in known.items() if name.startswith(_OWN)}
                if is_dead(owner):
                    connection.execute(
                        update(acts)
                        .where(acts.c.id == act_id, acts.c.ended_at.is_(None))
                        .values(state="cut", ended_at=acts.c.beat_at)
                    )

    def get(self, act_id: int, now: float) -> Act | None:
        """How it stands; one whose process is silent is said to be cut."""
        with self._db.reading() as connection:
            row = connection.execute(select(acts).where(acts.c.id == act_id)).first()
        return None if row is None else _act(row, now)

    def latest(self, now: float, most: int = 20) -> list[Act]:
        """The newest first."""
        with self._db.reading() as connection:
            rows = connection.execute(select(acts).order_by(acts.c.started_at.desc()).limit(most))
            return [_act(row, now) for row in rows]

    def _set(self, act_id: int, **values: Any) -> None:
        """What has ended stays as it ended."""
        with self._db.writing() as connection:
            connection.execute(
                update(acts).where(acts.c.id == act_id, acts.c.ended_at.is_(None)).values(**values)
            )


def _cut(connection: Connection, now: float) -> None:
    connection.execute(
        update(acts)
        .where(acts.c.ended_at.is_(None), acts.c.beat_at < now - SILENT_S)
        .values(state="cut", ended_at=acts.c.beat_at)
    )


def _act(row: Any, now: float) -> Act:
    silent = row.ended_at is None and row.beat_at < now - SILENT_S
    failed = row.state == "failed"
    facts = json.loads(row.facts) if row.facts else {}
    return Act(
        id=row.id,
        key=row.key,
        title=row.title,
        facts={name: value for name, value in facts.items() if not name.startswith(_OWN)},
        who=row.who,
        state="cut" if silent else row.state,
        done=row.done,
        total=row.total,
        said=row.said,
        result="" if failed else row.result,
        failure=json.loads(row.result) if failed else {},
        link=row.link,
        started_at=row.started_at,
        ended_at=row.beat_at if silent else row.ended_at,
        whole=f"{_OWN}whole" in facts,
    )
