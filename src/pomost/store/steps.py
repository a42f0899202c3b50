"""Steps of a case: the intention, what came of it, and the history of both."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, bindparam, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from pomost.ports import Failure, Json
from pomost.sql import Database, insert_unless_there
from pomost.store import schema
from pomost.store.claims import Claim, LostLease, check, dump, failure_to_json
from pomost.store.outbox import Outbox
from pomost.store.pending import Pending
from pomost.store.prints import NewPrint, put_in

if TYPE_CHECKING:
    from pomost.store.cases import Case

steps = schema.steps

STEP_STATES = ("intended", "done", "doubt", "failed", "skipped")
MOVES = frozenset(
    {
        ("intended", "done"),
        ("intended", "failed"),
        ("intended", "doubt"),
        ("doubt", "done"),
        ("doubt", "failed"),
        ("doubt", "skipped"),
        ("failed", "intended"),
        ("failed", "skipped"),
        ("intended", "skipped"),
    }
)
"""Changes of a step's state that may happen. ``doubt`` -> ``failed`` means: a person says that it did not happen."""


@dataclass(frozen=True)
class StepRecord:
    """One step as it stands. ``key`` is our reference, the same in every repetition."""

    step: str
    state: str
    key: str
    request_text: str = ""
    result: Json = field(default_factory=dict)
    error: Json = field(default_factory=dict)
    attempts: int = 0
    started_at: float = 0.0
    ended_at: float | None = None

    @cached_property
    def request(self) -> Json:
        """What was asked for; read only when somebody wants it, for that of a long document is long."""
        found: Json = json.loads(self.request_text) if self.request_text else {}
        return found


@dataclass(frozen=True, slots=True)
class Intention:
    """What is about to be done: the step, our reference, and the request as JSON."""

    step: str
    key: str
    request: str


@dataclass(frozen=True, slots=True)
class Finished:
    """A step that was done, with what came back; ``moved``: from which status to which the order went; ``prints``: what
    goes into the print queue with it."""

    step: str
    result: Json
    moved: tuple[str, str] | None = None
    prints: tuple[NewPrint, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a case's history."""

    at: float
    what: str
    step: str
    data: Json


_OF_CASE = select(steps).where(steps.c.case_id == bindparam("b_case")).order_by(steps.c.id)


def _moving_to(to: str) -> Any:
    """The change of one step to a state, from those from which it may come."""
    origins = sorted(origin for origin, target in MOVES if target == to)
    return (
        update(steps)
        .where(
            steps.c.case_id == bindparam("b_case"),
            steps.c.step == bindparam("b_step"),
            or_(*(steps.c.state == origin for origin in origins)),
        )
        .values(
            state=to,
            ended_at=bindparam("b_now"),
            **({"result": bindparam("b_text")} if to == "done" else {"error": bindparam("b_text")}),
        )
    )


_MOVE = {to: _moving_to(to) for to in ("done", "failed", "doubt")}
_ORDER_MOVED = (
    update(schema.cases)
    .where(schema.cases.c.id == bindparam("b_case"), schema.cases.c.status == bindparam("b_from"))
    .values(status=bindparam("b_to"))
)
_NOTE = insert(schema.events)


def _intending(dialect: Any) -> Any:
    """A step is intended for the first time, or again after it failed or was cut short."""
    new = dialect.insert(steps)
    return new.on_conflict_do_update(
        index_elements=[steps.c.case_id, steps.c.step],
        set_={
            "state": "intended",
            "request": new.excluded.request,
            "attempts": steps.c.attempts + 1,
            "error": "",
        },
        where=or_(steps.c.state == "failed", steps.c.state == "intended"),
    ).returning(steps.c.id)


_INTEND = {True: _intending(sqlite), False: _intending(postgresql)}


def notes(case_id: int, now: float, entries: Sequence[tuple[str, str, Json]]) -> list[Json]:
    """Rows of the history: (what, step, data) each."""
    return [
        {"case_id": case_id, "at": now, "what": what, "step": step, "data": dump(data)}
        for what, step, data in entries
    ]


def finish_in(
    connection: Connection, claim: Claim, finished: Sequence[Finished], now: float
) -> list[tuple[str, str, Json]]:
    """Writes within a transaction that steps are done; gives what is to be noted. Raises LostLease.

    A look may have seen the order further on meanwhile (staff are quick): the status that it saw stays.
    """
    for one in finished:
        _move(connection, claim.case_id, one.step, "done", now, dump(one.result))
        if one.moved:
            connection.execute(
                _ORDER_MOVED, {"b_case": claim.case_id, "b_from": one.moved[0], "b_to": one.moved[1]}
            )
        for printed in one.prints:
            put_in(connection, printed, now)
    return [("done", one.step, one.result) for one in finished]


def _move(connection: Connection, case_id: int, step: str, to: str, now: float, text: str) -> None:
    values = {"b_case": case_id, "b_step": step, "b_now": now, "b_text": text}
    if connection.execute(_MOVE[to], values).rowcount != 1:
        raise LostLease(case_id)


def _record(row: Any) -> StepRecord:
    return StepRecord(
        step=row.step,
        state=row.state,
        key=row.key,
        request_text=row.request,
        result=json.loads(row.result) if row.result else {},
        error=json.loads(row.error) if row.error else {},
        attempts=row.attempts,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )


class Steps:
    """Reading and writing of steps; every write is fenced by the claim on the case."""

    def __init__(
        self, database: Database, pending: Pending | None = None, outbox: Outbox | None = None
    ) -> None:
        self._db = database
        self._pending = pending or Pending(database)
        self._outbox = outbox or Outbox(database)

    def of_case(self, case_id: int) -> dict[str, StepRecord]:
        with self._db.reading() as connection:
            return self.read(connection, case_id)

    @staticmethod
    def read(connection: Connection, case_id: int) -> dict[str, StepRecord]:
        """The steps of a case by name, in the order in which they were first intended."""
        return {row.step: _record(row) for row in connection.execute(_OF_CASE, {"b_case": case_id})}

    @staticmethod
    def read_many(connection: Connection, case_ids: Sequence[int]) -> dict[int, dict[str, StepRecord]]:
        """The same for several cases, by case; those without steps are missing."""
        found: dict[int, dict[str, StepRecord]] = {}
        for row in connection.execute(
            select(steps).where(steps.c.case_id.in_(case_ids)).order_by(steps.c.id)
        ):
            found.setdefault(row.case_id, {})[row.step] = _record(row)
        return found

    def still_mine(self, claim: Claim) -> None:
        """Whether nobody took the case over meanwhile. Raises LostLease."""
        with self._db.reading() as connection:
            check(connection, claim, lock=False)

    def write(
        self,
        claim: Claim,
        now: float,
        *,
        finished: Sequence[Finished] = (),
        intended: Sequence[Intention] = (),
    ) -> int:
        """Writes that steps are done and what is about to be done, in one transaction.

        Gives how often the case was woken so far. Raises LostLease.
        """
        with self._db.writing() as connection:
            woken = check(connection, claim)
            entries = finish_in(connection, claim, finished, now)
            if finished:
                self._pending.follow(connection, [claim.case_id], less=True)
            for one in intended:
                self._intend(connection, claim, one, now)
                entries.append(("intended", one.step, {}))
            if entries:
                connection.execute(_NOTE, notes(claim.case_id, now, entries))
                self._outbox.announce(connection, claim.case_id, now, entries)
        return woken

    def _intend(self, connection: Connection, claim: Claim, what: Intention, now: float) -> None:
        values = {
            "case_id": claim.case_id,
            "step": what.step,
            "state": "intended",
            "key": what.key,
            "request": what.request,
            "attempts": 1,
            "started_at": now,
        }
        if connection.execute(_INTEND[self._db.is_sqlite], values).first() is None:
            # a person skipped or settled the step since it was read
            raise LostLease(claim.case_id)

    def fail(
        self, claim: Claim, names: Sequence[str], failure: Failure, now: float, *, doubt: bool = False
    ) -> None:
        """Writes that steps failed (nothing was done), or that it is not known whether they were (``doubt``)."""
        error, to = failure_to_json(failure), "doubt" if doubt else "failed"
        with self._db.writing() as connection:
            check(connection, claim)
            for step in names:
                _move(connection, claim.case_id, step, to, now, dump(error))
            if names:
                connection.execute(_NOTE, notes(claim.case_id, now, [(to, step, error) for step in names]))

    def link(self, claim: Claim, channel: str, external_id: str) -> None:
        """Remembers that this order of the channel belongs to the case."""
        with self._db.writing() as connection:
            check(connection, claim)
            connection.execute(
                insert_unless_there(connection, schema.links).values(
                    channel=channel, external_id=external_id, case_id=claim.case_id
                )
            )

    def decide(
        self, case_id: int, step: str, to: str, who: str, now: float, result: Json | None = None
    ) -> bool:
        """A person's word on a step: ``skipped``, ``done`` or ``failed`` (did not happen). False: not possible now."""
        with self._db.writing() as connection:
            self._pending.lock(connection, [case_id])
            row = connection.execute(
                select(steps.c.id, steps.c.state).where(steps.c.case_id == case_id, steps.c.step == step)
            ).first()
            if row is None:
                if to != "skipped":
                    return False
                connection.execute(
                    insert(steps).values(
                        case_id=case_id, step=step, state="skipped", key="", started_at=now, ended_at=now
                    )
                )
            elif (row.state, to) not in MOVES:
                return False
            else:
                values: Json = {"state": to, "ended_at": now}
                if result is not None:
                    values["result"] = dump(result)
                connection.execute(update(steps).where(steps.c.id == row.id).values(**values))
            connection.execute(_NOTE, notes(case_id, now, [(f"person-{to}", step, {"who": who})]))
            if result is not None:
                self._outbox.announce(connection, case_id, now, [(to, step, result)])
            self._pending.follow(connection, [case_id])
            return True

    def pending_in_bufor(self, after: int, most: int) -> list[tuple[Case, dict[str, StepRecord]]]:
        """Cases with pending goods and a document that was left in bufor, with all their steps, by number after ``after``."""
        rows = schema.pending
        query = (
            select(rows.c.case_id)
            .join(steps, steps.c.case_id == rows.c.case_id)
            .where(
                rows.c.case_id > after,
                steps.c.state == "done",
                steps.c.result.like('%"state":"bufor"%'),
                steps.c.result.not_like('%"became":%'),
            )
            .distinct()
            .order_by(rows.c.case_id)
            .limit(most)
        )
        if self._pending.read is None:
            return []
        with self._db.reading() as connection:
            ids = list(connection.execute(query).scalars())
            return [(case, dict(records)) for case, records in self._pending.read(connection, ids)]

    def became(self, case_id: int, step: str, state: str, now: float) -> None:
        """Notes what became of a document that the step left in bufor. What is pending of the case follows."""
        with self._db.writing() as connection:
            self._pending.lock(connection, [case_id])
            own = (steps.c.case_id == case_id, steps.c.step == step, steps.c.state == "done")
            text = connection.execute(select(steps.c.result).where(*own)).scalar()
            if text:
                result = {**json.loads(text), "became": state}
                connection.execute(update(steps).where(*own).values(result=dump(result)))
                connection.execute(_NOTE, notes(case_id, now, [("became", step, {"state": state})]))
                self._pending.follow(connection, [case_id], less=True)

    def history(self, case_id: int) -> list[Event]:
        with self._db.reading() as connection:
            return [
                Event(row.at, row.what, row.step, json.loads(row.data) if row.data else {})
                for row in connection.execute(
                    select(schema.events)
                    .where(schema.events.c.case_id == case_id)
                    .order_by(schema.events.c.id)
                )
            ]
