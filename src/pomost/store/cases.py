"""Cases: one row for each order seen, who works on it, and what it waits for."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, func, insert, or_, select, update

from pomost.ports import Json, Page, Seen
from pomost.sql import Database
from pomost.store import schema
from pomost.store.claims import Claim, LostLease, dump, failure_to_json, order_from_json
from pomost.store.outbox import Outbox
from pomost.store.pending import Pending
from pomost.store.purchases import keep_kin
from pomost.store.seen import Whose, keep, keep_words, mark_gone, wake_asked
from pomost.store.steps import Finished, StepRecord, Steps, finish_in, notes
from pomost.trade.changes import content_print
from pomost.trade.edits import CANCELLED, OF_CASE, changed_fields, edited
from pomost.trade.finding import words_of
from pomost.trade.order import Order

cases = schema.cases

STATES = ("new", "waiting", "retrying", "doubt", "person", "stopped", "done")
"""``waiting``: for a condition or something that will appear. ``retrying``: after a passing failure. ``doubt``: nobody
knows whether a step happened. ``person``: somebody has to act. ``stopped``: its connection is stopped."""


@dataclass(frozen=True)
class Case:
    """A case as it is in the store. ``order`` is None where the raw form can't be read (``problem`` says why)."""

    id: int
    company: str
    source: str
    kind: str
    external_id: str
    flow: str
    number: str
    status: str
    version: int
    gone: bool
    state: str
    attempts: int
    order: Order | None
    raw_text: str
    problem: Json
    edits: Mapping[str, str] = field(default_factory=dict)
    """What a person put right; ``order`` has it in it already."""

    @property
    def cancelled(self) -> bool:
        """Whether a person cancelled it here, whatever the channel says."""
        return bool(self.edits.get(CANCELLED))

    @cached_property
    def raw(self) -> Json:
        """What the source gave; read only when somebody wants it."""
        found: Json = json.loads(self.raw_text)
        return found

    @cached_property
    def content(self) -> str:
        """The print of what was bought, by which a changed order is known; empty where there is no order."""
        return content_print(self.order) if self.order else ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one advance of a case ended: its state, why, when it is due again (None: when woken), and its needs."""

    state: str
    waits: Json
    due_at: float | None = None
    needs: tuple[str, ...] = ()
    attempts: int = 0


def unsaved_case(source: str, company: str, kind: str, flow: str, seen: Seen) -> Case:
    """A case as it would be stored, for dry runs."""
    return Case(
        id=0,
        company=company,
        source=source,
        kind=kind,
        external_id=seen.external_id,
        flow=flow,
        number=seen.order.number if seen.order else seen.external_id,
        status=seen.order.status if seen.order else "",
        version=1,
        gone=False,
        state="new",
        attempts=0,
        order=seen.order,
        raw_text=dump(seen.raw),
        problem=failure_to_json(seen.problem) if seen.problem else {},
    )


# Statements of the paths that every order takes are built once: building one costs more than running it.
_LOAD = select(cases).where(cases.c.id == bindparam("b_case"))
_RELEASED = (
    select(cases.c.woken, cases.c.waits, cases.c.state, cases.c.since)
    .where(cases.c.id == bindparam("b_case"), cases.c.fence == bindparam("b_fence"))
    .with_for_update()
)
_RELEASE = (
    update(cases)
    .where(cases.c.id == bindparam("b_case"))
    .values(
        state=bindparam("b_state"),
        waits=bindparam("b_waits"),
        due_at=bindparam("b_due_at"),
        attempts=bindparam("b_attempts"),
        since=bindparam("b_since"),
        lease_owner=None,
        lease_until=None,
    )
)


_FREE = and_(
    cases.c.due_at <= bindparam("b_now"),
    or_(cases.c.lease_until.is_(None), cases.c.lease_until < bindparam("b_now")),
)
_TURN = select(cases.c.id).where(_FREE).order_by(cases.c.priority, cases.c.due_at).limit(bindparam("b_limit"))


def _taking(which: Any) -> Any:
    return (
        update(cases)
        .where(which)
        .values(lease_owner=bindparam("b_owner"), lease_until=bindparam("b_until"), fence=cases.c.fence + 1)
        .returning(cases.c.id, cases.c.fence, cases.c.woken)
    )


_CLAIM = {
    True: _taking(cases.c.id.in_(_TURN)),
    False: _taking(cases.c.id.in_(_TURN.with_for_update(skip_locked=True))),
}
_CLAIM_ONE = _taking(and_(cases.c.id == bindparam("b_case"), _FREE))


def _next_lease_end(connection: Connection) -> float | None:
    return connection.execute(
        select(func.min(cases.c.lease_until)).where(cases.c.lease_until.is_not(None))
    ).scalar()


def _read(connection: Connection, case_id: int) -> Case:
    return _case(connection.execute(_LOAD, {"b_case": case_id}).one())


def with_steps(
    connection: Connection, case_ids: Sequence[int]
) -> Iterator[tuple[Case, dict[str, StepRecord]]]:
    """Several cases and their steps."""
    found = [_case(row) for row in connection.execute(select(cases).where(cases.c.id.in_(case_ids)))]
    steps = Steps.read_many(connection, case_ids)
    return ((case, steps.get(case.id, {})) for case in found)


def _case(row: Any) -> Case:
    edits: dict[str, str] = json.loads(row.edits) if row.edits else {}
    order = order_from_json(row.parsed) if row.parsed else None
    return Case(
        id=row.id,
        company=row.company,
        source=row.source,
        kind=row.kind,
        external_id=row.external_id,
        flow=row.flow,
        number=row.number,
        status=row.status,
        version=row.version,
        gone=bool(row.gone),
        state=row.state,
        attempts=row.attempts,
        order=edited(order, edits) if order is not None and edits else order,
        raw_text=row.raw,
        problem=json.loads(row.problem) if row.problem else {},
        edits=edits,
    )


class Cases:
    """Reading and writing of cases. All times are Unix seconds given by the caller."""

    def __init__(
        self, database: Database, pending: Pending | None = None, outbox: Outbox | None = None
    ) -> None:
        self._db = database
        self._pending = pending or Pending(database)
        self._outbox = outbox or Outbox(database)

    # --- what was seen -------------------------------------------------------------------------------------------

    def keep_page(
        self, *, source: str, company: str, kind: str, flow: str, page: Page, now: float
    ) -> list[int]:
        """Stores everything that was seen and, in the same transaction, the cursor. Gives the ids of cases to wake."""
        whose = Whose(source, company, kind, flow)
        with self._db.writing() as connection:
            touched = keep(connection, whose, page.seen, now)
            if page.gone:
                touched += mark_gone(connection, whose, page.gone, now)
            if page.kin:
                touched += wake_asked(connection, whose, keep_kin(connection, source, page.kin), now)
            self._pending.follow(connection, touched, seen=True)
            connection.execute(
                update(schema.looks)
                .where(schema.looks.c.source == source)
                .values(
                    cursor=dump(page.cursor),
                    looked_at=now,
                    found=schema.looks.c.found + len(page.seen),
                    note="",
                )
            )
        return touched

    def keep_seen(
        self, *, source: str, company: str, kind: str, flow: str, seen: Seen, now: float
    ) -> int | None:
        """Stores one order that was read by itself; gives the case's id if anything changed."""
        with self._db.writing() as connection:
            touched = keep(connection, Whose(source, company, kind, flow), [seen], now)
            self._pending.follow(connection, touched, seen=True)
        return touched[0] if touched else None

    # --- who works on it -----------------------------------------------------------------------------------------

    def claim(self, owner: str, limit: int, lease_s: float, now: float) -> list[Claim]:
        """Takes up to ``limit`` cases that are due and that nobody holds (or whose holder's lease has ended)."""
        if limit <= 0:
            return []
        with self._db.writing() as connection:
            rows = connection.execute(
                _CLAIM[self._db.is_sqlite],
                {"b_now": now, "b_limit": limit, "b_owner": owner, "b_until": now + lease_s},
            ).all()
        return [Claim(row.id, row.fence, row.woken, owner, now + lease_s) for row in rows]

    def claim_one(self, owner: str, case_id: int, lease_s: float, now: float) -> Claim | None:
        """Takes this case if it is due and free; None is a normal answer."""
        with self._db.writing() as connection:
            row = connection.execute(
                _CLAIM_ONE, {"b_now": now, "b_case": case_id, "b_owner": owner, "b_until": now + lease_s}
            ).first()
        return Claim(row.id, row.fence, row.woken, owner, now + lease_s) if row else None

    def renew(self, owner: str, claims: Iterable[Claim], lease_s: float, now: float) -> None:
        """Prolongs the leases of work that goes on; those already lost stay lost."""
        ids = [claim.case_id for claim in claims]
        if ids:
            with self._db.writing() as connection:
                connection.execute(
                    update(cases)
                    .where(cases.c.id.in_(ids), cases.c.lease_owner == owner)
                    .values(lease_until=now + lease_s)
                )

    def release(
        self, claim: Claim, outcome: Outcome, now: float, finished: Sequence[Finished] = ()
    ) -> float | None:
        """Ends the work on a case, and writes what was still ``finished``; gives when it is due again.

        A wake-up that came meanwhile makes it due at once. Raises LostLease when the case is somebody else's by now.
        """
        with self._db.writing() as connection:
            # locked: a wake-up between this look and the write below would be lost
            row = connection.execute(_RELEASED, {"b_case": claim.case_id, "b_fence": claim.fence}).first()
            if row is None:
                raise LostLease(claim.case_id)
            entries = finish_in(connection, claim, finished, now)
            due_at = now if row.woken != claim.woken else outcome.due_at
            waits = dump(outcome.waits)
            since = row.since
            if row.state != outcome.state or row.waits != waits:
                since = now
                entries.append((outcome.state, "", outcome.waits))
            connection.execute(
                _RELEASE,
                {
                    "b_case": claim.case_id,
                    "b_state": outcome.state,
                    "b_waits": waits,
                    "b_due_at": due_at,
                    "b_attempts": outcome.attempts,
                    "b_since": since,
                },
            )
            if finished or row.state != outcome.state:
                self._pending.follow(connection, [claim.case_id], less=row.state != "done")
            if entries:
                connection.execute(insert(schema.events), notes(claim.case_id, now, entries))
                self._outbox.announce(connection, claim.case_id, now, entries)
            if row.state == "waiting" or outcome.needs:
                connection.execute(delete(schema.needs).where(schema.needs.c.case_id == claim.case_id))
            if outcome.needs:
                connection.execute(
                    insert(schema.needs),
                    [{"case_id": claim.case_id, "need": need} for need in set(outcome.needs)],
                )
        return due_at

    def give_back(self, claims: Sequence[Claim]) -> None:
        """Frees cases that were taken and not begun, for somebody else to take at once."""
        if claims:
            with self._db.writing() as connection:
                connection.execute(
                    update(cases)
                    .where(
                        or_(*(and_(cases.c.id == one.case_id, cases.c.fence == one.fence) for one in claims))
                    )
                    .values(lease_owner=None, lease_until=None)
                )

    def wake(self, case_ids: Iterable[int], now: float, *, reset: bool = False) -> None:
        """Makes cases due now; while one is being worked on, it will be looked at again afterwards."""
        ids = list(case_ids)
        if not ids:
            return
        values: dict[str, Any] = {"due_at": now, "woken": cases.c.woken + 1}
        if reset:
            values["attempts"] = 0
        with self._db.writing() as connection:
            connection.execute(update(cases).where(cases.c.id.in_(ids)).values(**values))

    def due(self, now: float, limit: int = 1000) -> list[int]:
        """Ids of cases that are due and free: what a sweep finds that nobody was woken for."""
        free = or_(cases.c.lease_until.is_(None), cases.c.lease_until < now)
        with self._db.reading() as connection:
            return list(
                connection.execute(
                    select(cases.c.id)
                    .where(cases.c.due_at <= now, free)
                    .order_by(cases.c.priority, cases.c.due_at)
                    .limit(limit)
                ).scalars()
            )

    def count_due(self, now: float) -> int:
        """How many cases have something to be done now, those included that somebody works on."""
        with self._db.reading() as connection:
            asked = select(func.count()).select_from(cases).where(cases.c.due_at <= now)
            return int(connection.execute(asked).scalar_one())

    def next_due(self) -> float | None:
        """When there is something to do next: the earliest case is due that nobody holds, or a lease ends."""
        with self._db.reading() as connection:
            due_at = connection.execute(
                select(func.min(cases.c.due_at)).where(
                    cases.c.due_at.is_not(None), cases.c.lease_until.is_(None)
                )
            ).scalar()
            ends_at = _next_lease_end(connection)
        return min((at for at in (due_at, ends_at) if at is not None), default=None)

    def next_lease_end(self) -> float | None:
        """When the first of the leases in force ends, unless it is renewed."""
        with self._db.reading() as connection:
            return _next_lease_end(connection)

    # --- what is waited for --------------------------------------------------------------------------------------

    def needs(self) -> dict[str, list[int]]:
        """Everything that cases wait for (an item, goods), with the cases, oldest first."""
        found: dict[str, list[int]] = {}
        with self._db.reading() as connection:
            for row in connection.execute(
                select(schema.needs.c.need, schema.needs.c.case_id).order_by(schema.needs.c.case_id)
            ):
                found.setdefault(row.need, []).append(row.case_id)
        return found

    def of_source(self, source: str, states: Sequence[str]) -> list[int]:
        """Cases of a source in one of these states: those to wake when a stopped connection works again."""
        with self._db.reading() as connection:
            return list(
                connection.execute(
                    select(cases.c.id).where(cases.c.source == source, cases.c.state.in_(states))
                ).scalars()
            )

    # --- what a person puts right --------------------------------------------------------------------------------

    def edit(self, case_id: int, wanted: Mapping[str, str], who: str, now: float) -> tuple[str, ...]:
        """Keeps what a person put right in an order, and makes the case due; gives the fields that are different now.

        ``wanted`` may hold any of ``trade.edits.fields_of``; what is as the channel says is no edit (any more). Raises
        Refused. Values are not noted in the history: they may be personal.
        """
        with self._db.writing() as connection:
            self._pending.lock(connection, [case_id])
            row = connection.execute(_LOAD.with_for_update(), {"b_case": case_id}).one()
            before: dict[str, str] = json.loads(row.edits) if row.edits else {}
            after = {name: value for name, value in before.items() if name not in wanted}
            if row.parsed:
                plain = {name: value for name, value in wanted.items() if name not in OF_CASE}
                after |= changed_fields(order_from_json(row.parsed), plain)
            after |= {name: wanted[name] for name in OF_CASE if wanted.get(name)}
            names = tuple(sorted(name for name in {*before, *after} if before.get(name) != after.get(name)))
            if not names:
                return ()
            values = {"edits": dump(after) if after else "", "due_at": now, "attempts": 0}
            connection.execute(
                update(cases).where(cases.c.id == case_id).values(woken=cases.c.woken + 1, **values)
            )
            noted = {"who": who, "fields": list(names)}
            connection.execute(insert(schema.events), notes(case_id, now, [("edited", "", noted)]))
            if row.parsed:
                order = edited(order_from_json(row.parsed), after)
                keep_words(connection, case_id, words_of(order, row.external_id, row.number))
            self._pending.follow(connection, [case_id])
        return names

    # --- reading -------------------------------------------------------------------------------------------------

    def load(self, case_id: int) -> Case:
        with self._db.reading() as connection:
            return _read(connection, case_id)

    def load_with_steps(self, case_id: int) -> tuple[Case, dict[str, StepRecord]]:
        """The case and its steps as they were at one moment."""
        with self._db.reading() as connection:
            return _read(connection, case_id), Steps.read(connection, case_id)
