"""Steps of a case: the intention, what came of it, and the history of both."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, insert, select, update

from pomost.ports import Failure, Json
from pomost.sql import Database, insert_unless_there
from pomost.store import schema
from pomost.store.cases import Claim, LostLease, dump, failure_to_json

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


@dataclass(frozen=True, slots=True)
class StepRecord:
    """One step as it stands. ``key`` is our reference, the same in every repetition."""

    step: str
    state: str
    key: str
    request: Json = field(default_factory=dict)
    result: Json = field(default_factory=dict)
    error: Json = field(default_factory=dict)
    attempts: int = 0
    started_at: float = 0.0
    ended_at: float | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a case's history."""

    at: float
    what: str
    step: str
    data: Json


class Steps:
    """Reading and writing of steps; every write is fenced by the claim on the case."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def of_case(self, case_id: int) -> dict[str, StepRecord]:
        with self._db.reading() as connection:
            rows = connection.execute(
                select(steps).where(steps.c.case_id == case_id).order_by(steps.c.id)
            ).all()
        return {
            row.step: StepRecord(
                step=row.step,
                state=row.state,
                key=row.key,
                request=json.loads(row.request) if row.request else {},
                result=json.loads(row.result) if row.result else {},
                error=json.loads(row.error) if row.error else {},
                attempts=row.attempts,
                started_at=row.started_at,
                ended_at=row.ended_at,
            )
            for row in rows
        }

    def still_mine(self, claim: Claim) -> None:
        """Asked right before each act outside: a process that was frozen and wakes must not act for a case that was
        taken over meanwhile. Raises LostLease."""
        with self._db.reading() as connection:
            held = connection.execute(
                select(schema.cases.c.fence).where(
                    schema.cases.c.id == claim.case_id, schema.cases.c.fence == claim.fence
                )
            ).scalar()
        if held is None:
            raise LostLease(claim.case_id)

    def intend(self, claim: Claim, intentions: Sequence[tuple[str, str, Json]], now: float) -> None:
        """Writes what is about to be done: (step, key, request) each. Raises LostLease."""
        with self._db.writing() as connection:
            self._check(connection, claim)
            for step, key, request in intentions:
                known = connection.execute(
                    select(steps.c.id).where(steps.c.case_id == claim.case_id, steps.c.step == step)
                ).scalar()
                if known is None:
                    connection.execute(
                        insert(steps).values(
                            case_id=claim.case_id,
                            step=step,
                            state="intended",
                            key=key,
                            request=dump(request),
                            attempts=1,
                            started_at=now,
                        )
                    )
                else:
                    connection.execute(
                        update(steps)
                        .where(steps.c.id == known, steps.c.state.in_(("failed", "intended")))
                        .values(
                            state="intended", request=dump(request), attempts=steps.c.attempts + 1, error=""
                        )
                    )
                self._note(connection, claim.case_id, now, "intended", step, request)

    def finish(
        self,
        claim: Claim,
        results: Sequence[tuple[str, Json]],
        now: float,
        moved: tuple[str, str] | None = None,
    ) -> None:
        """Writes that steps are done, with what came back; ``moved`` is from which status to which the order went.

        A look may have seen the order further on meanwhile (staff are quick): what it saw stays.
        """
        with self._db.writing() as connection:
            self._check(connection, claim)
            for step, result in results:
                self._move(connection, claim.case_id, step, "done", now, result=dump(result))
                self._note(connection, claim.case_id, now, "done", step, result)
            if moved:
                connection.execute(
                    update(schema.cases)
                    .where(schema.cases.c.id == claim.case_id, schema.cases.c.status == moved[0])
                    .values(status=moved[1])
                )

    def fail(
        self, claim: Claim, names: Sequence[str], failure: Failure, now: float, *, doubt: bool = False
    ) -> None:
        """Writes that steps failed (nothing was done), or that it is not known whether they were (``doubt``)."""
        error = failure_to_json(failure)
        with self._db.writing() as connection:
            self._check(connection, claim)
            for step in names:
                self._move(
                    connection, claim.case_id, step, "doubt" if doubt else "failed", now, error=dump(error)
                )
                self._note(connection, claim.case_id, now, "doubt" if doubt else "failed", step, error)

    def link(self, claim: Claim, channel: str, external_id: str) -> None:
        """Remembers that this order of the channel belongs to the case."""
        with self._db.writing() as connection:
            self._check(connection, claim)
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
                values = {"state": to, "ended_at": now}
                if result is not None:
                    values["result"] = dump(result)
                connection.execute(update(steps).where(steps.c.id == row.id).values(**values))
            self._note(connection, case_id, now, f"person-{to}", step, {"who": who})
            return True

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

    @staticmethod
    def _check(connection: Connection, claim: Claim) -> None:
        held = connection.execute(
            select(schema.cases.c.fence)
            .where(schema.cases.c.id == claim.case_id, schema.cases.c.fence == claim.fence)
            .with_for_update()
        ).scalar()
        if held is None:
            raise LostLease(claim.case_id)

    @staticmethod
    def _move(connection: Connection, case_id: int, step: str, to: str, now: float, **values: str) -> None:
        origins = [origin for origin, target in MOVES if target == to]
        moved = connection.execute(
            update(steps)
            .where(steps.c.case_id == case_id, steps.c.step == step, steps.c.state.in_(origins))
            .values(state=to, ended_at=now, **values)
        ).rowcount
        if moved != 1:
            raise LostLease(case_id)

    @staticmethod
    def _note(connection: Connection, case_id: int, now: float, what: str, step: str, data: Json) -> None:
        connection.execute(
            insert(schema.events).values(case_id=case_id, at=now, what=what, step=step, data=dump(data))
        )
