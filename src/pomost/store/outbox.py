"""Notices to programs outside: written in the transaction of what they tell, sent until they are taken.

A notice says what happened to which order or document by ids, numbers and states; nothing of the buyer.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, insert, or_, select, update

from pomost.ports import Json
from pomost.sql import Database
from pomost.store import schema
from pomost.store.claims import dump
from pomost.store.outbox_schema import deliveries

_STATES = {state: f"order.{state}" for state in ("done", "person", "doubt", "stopped")}
_DOCUMENT = ("id", "kind", "number", "key")
"""What the answer of a step has that made a document."""
_FREE_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Delivery:
    """A notice to one receiver. ``due_at`` None: it was taken, or given up."""

    id: int
    hook: str
    event: str
    case_id: int | None
    at: float
    body: str
    due_at: float | None
    attempts: int
    delivered_at: float | None
    note: str

    @property
    def state(self) -> str:
        if self.delivered_at is not None:
            return "delivered"
        return "open" if self.due_at is not None else "given-up"


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with one receiver: how many notices wait, how many were given up, when one was taken last."""

    open: int
    given_up: int
    delivered_at: float | None


class Outbox:
    """``wanted`` (receiver -> events) is set where everything is wired; without receivers nothing is written or read."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self.wanted: Mapping[str, Collection[str]] = {}

    # --- within the transactions that change cases ---------------------------------------------------------------

    def announce(
        self, connection: Connection, case_id: int, now: float, entries: Sequence[tuple[str, str, Json]]
    ) -> None:
        """Writes a notice of each of these entries of a case's history for whoever wants it."""
        if not self.wanted:
            return
        told = [(event, part) for entry in entries for event, part in _told(*entry)]
        rows = [
            (hook, event, part)
            for event, part in told
            for hook, events in self.wanted.items()
            if event in events
        ]
        if not rows:
            return
        case = connection.execute(select(schema.cases).where(schema.cases.c.id == case_id)).one()
        order = {
            "id": case.id,
            "number": case.number,
            "external_id": case.external_id,
            "kind": case.kind,
            "source": case.source,
            "flow": case.flow,
            "status": case.status,
        }
        for hook, event, part in rows:
            said = {"company": case.company, **part, "order": {**order, **part.get("order", {})}}
            self._put(connection, hook, event, case_id, now, said)

    # --- sending -------------------------------------------------------------------------------------------------

    def test(self, hook: str, now: float) -> None:
        """A notice without an order, to see whether it arrives."""
        with self._db.writing() as connection:
            self._put(connection, hook, "test", None, now, {})

    def take(self, hook: str, owner: str, lease_s: float, now: float, most: int) -> list[Delivery]:
        """Notices that are due and that nobody sends, oldest first; of one order only the oldest that is not yet taken."""
        earlier = deliveries.alias()
        which = (
            select(deliveries.c.id)
            .where(
                deliveries.c.hook == hook,
                deliveries.c.due_at <= now,
                or_(deliveries.c.lease_until.is_(None), deliveries.c.lease_until < now),
                ~select(earlier.c.id)
                .where(
                    earlier.c.hook == hook,
                    earlier.c.case_id == deliveries.c.case_id,
                    earlier.c.id < deliveries.c.id,
                    earlier.c.due_at.is_not(None),
                )
                .exists(),
            )
            .order_by(deliveries.c.due_at, deliveries.c.id)
            .limit(most)
        )
        with self._db.reading() as connection:
            # most looks find nothing, and a look must not cost a write
            if connection.execute(which.limit(1)).first() is None:
                return []
        if not self._db.is_sqlite:
            which = which.with_for_update(skip_locked=True)
        taken = (
            update(deliveries)
            .where(deliveries.c.id.in_(which))
            .values(lease_owner=owner, lease_until=now + lease_s, attempts=deliveries.c.attempts + 1)
            .returning(*deliveries.c)
        )
        with self._db.writing() as connection:
            found = [_delivery(row) for row in connection.execute(taken)]
        return sorted(found, key=lambda one: one.id)

    def delivered(self, delivery_id: int, owner: str, now: float) -> None:
        """It was taken. Nothing happens when somebody else sends it by now: then it is sent twice."""
        self._end(delivery_id, owner, delivered_at=now, due_at=None, note="")

    def failed(self, delivery_id: int, owner: str, due_at: float | None, note: str) -> None:
        """It was not taken; ``due_at``: when it is tried again, None: never."""
        self._end(delivery_id, owner, due_at=due_at, note=note[:200])

    def give_back(self, ids: Sequence[int], owner: str) -> None:
        """Taken and not begun: for the next turn."""
        if ids:
            with self._db.writing() as connection:
                connection.execute(
                    update(deliveries)
                    .where(deliveries.c.id.in_(ids), deliveries.c.lease_owner == owner)
                    .values(lease_owner=None, lease_until=None, attempts=deliveries.c.attempts - 1)
                )

    def again(self, delivery_id: int, now: float) -> bool:
        """A person sends one again, given up or waiting; False for one that was taken, or is not there."""
        with self._db.writing() as connection:
            done = connection.execute(
                update(deliveries)
                .where(deliveries.c.id == delivery_id, deliveries.c.delivered_at.is_(None))
                .values(due_at=now, at=now)
            )
            return bool(done.rowcount)

    def forget(self, hook: str, before: float) -> int:
        """Removes some of those taken before; gives how many."""
        old = (
            select(deliveries.c.id)
            .where(deliveries.c.hook == hook, deliveries.c.delivered_at < before)
            .limit(_FREE_AT_ONCE)
        )
        with self._db.writing() as connection:
            return connection.execute(delete(deliveries).where(deliveries.c.id.in_(old))).rowcount

    # --- reading -------------------------------------------------------------------------------------------------

    def page(
        self, hook: str = "", before: int = 0, most: int = 50, *, unsent: bool = False
    ) -> list[Delivery]:
        """Newest first. ``unsent``: those that were not taken."""
        query = select(deliveries).order_by(deliveries.c.id.desc()).limit(most)
        if hook:
            query = query.where(deliveries.c.hook == hook)
        if before:
            query = query.where(deliveries.c.id < before)
        if unsent:
            query = query.where(deliveries.c.delivered_at.is_(None))
        with self._db.reading() as connection:
            return [_delivery(row) for row in connection.execute(query)]

    def standing(self, hook: str) -> Standing:
        mine = deliveries.c.hook == hook
        unsent = deliveries.c.delivered_at.is_(None)
        with self._db.reading() as connection:

            def count(*which: Any) -> int:
                return int(
                    connection.execute(
                        select(func.count()).select_from(deliveries).where(mine, *which)
                    ).scalar_one()
                )

            last = connection.execute(
                select(deliveries.c.delivered_at)
                .where(mine, deliveries.c.delivered_at.is_not(None))
                .order_by(deliveries.c.delivered_at.desc())
                .limit(1)
            ).scalar()
            return Standing(
                count(deliveries.c.due_at.is_not(None)), count(deliveries.c.due_at.is_(None), unsent), last
            )

    def _put(
        self, connection: Connection, hook: str, event: str, case_id: int | None, now: float, said: Json
    ) -> None:
        at = datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        due_at = now
        if case_id is not None:
            earlier = select(func.max(deliveries.c.due_at)).where(*_open_of(hook, case_id))
            due_at = max(now, connection.execute(earlier).scalar() or now)
        values = {"hook": hook, "event": event, "case_id": case_id, "at": now, "due_at": due_at}
        body = dump({"event": event, "at": at, **said})
        connection.execute(insert(deliveries).values(body=body, **values))

    def _end(self, delivery_id: int, owner: str, due_at: float | None, **values: Any) -> None:
        with self._db.writing() as connection:
            row = connection.execute(
                update(deliveries)
                .where(deliveries.c.id == delivery_id, deliveries.c.lease_owner == owner)
                .values(lease_owner=None, lease_until=None, due_at=due_at, **values)
                .returning(deliveries.c.hook, deliveries.c.case_id)
            ).first()
            if row is None or row.case_id is None:
                return
            # those that come after it wait as long as it does: a look need not pass over them again and again
            after = update(deliveries).where(*_open_of(row.hook, row.case_id), deliveries.c.id > delivery_id)
            if due_at is None:
                connection.execute(
                    after.where(deliveries.c.due_at > deliveries.c.at).values(due_at=deliveries.c.at)
                )
            else:
                connection.execute(after.where(deliveries.c.due_at < due_at).values(due_at=due_at))


def _open_of(hook: str, case_id: int) -> tuple[ColumnElement[bool], ...]:
    return (deliveries.c.hook == hook, deliveries.c.case_id == case_id, deliveries.c.due_at.is_not(None))


def _told(what: str, step: str, data: Json) -> list[tuple[str, Json]]:
    """The event that an entry of a case's history is, with what belongs to it alone; nothing for most entries."""
    if not step and what in _STATES:
        part: Json = {"order": {"state": what}}
        if data.get("code"):
            part["code"] = data["code"]
        return [(_STATES[what], part)]
    if what == "done" and all(name in data for name in _DOCUMENT):
        shown = ("id", "kind", "number", "state", "net", "gross", "currency")
        return [("document.made", {"step": step, "document": {name: data.get(name) for name in shown}})]
    return []


def body_of(delivery: Delivery) -> bytes:
    """What is sent: the same in every repetition, its ``id`` by which the receiver knows it again first."""
    return dump({"id": f"{delivery.hook}-{delivery.id}", **json.loads(delivery.body)}).encode()


def _delivery(row: Any) -> Delivery:
    return Delivery(
        row.id,
        row.hook,
        row.event,
        row.case_id,
        row.at,
        row.body,
        row.due_at,
        row.attempts,
        row.delivered_at,
        row.note,
    )
