"""Shipments that were ordered with carriers: which, for which step of which case, and where they are."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, or_, select, update

from pomost.ports import Json
from pomost.ports.carrier import Shipment, ShipmentState
from pomost.sql import Database, insert_unless_there
from pomost.store import schema
from pomost.store.claims import dump
from pomost.store.shipments_schema import shipments
from pomost.store.steps import notes

FOLLOWED_S = 60 * 86_400.0
"""A parcel that arrived nowhere after so long is not looked at any more."""
DEAD = frozenset({ShipmentState.CANCELLED, ShipmentState.FAILED})


@dataclass(frozen=True, slots=True)
class ShipmentRow:
    """One shipment; times are Unix seconds. ``due_at``: when it is looked at next, None: never again."""

    id: int
    case_id: int
    step: str
    carrier: str
    external_id: str
    reference: str
    tracking: str
    state: ShipmentState
    raw: str
    every_s: float
    ordered_at: float
    checked_at: float | None
    due_at: float | None
    delivered_at: float | None

    @property
    def is_dead(self) -> bool:
        """It will never carry anything: cancelled, or it did not come about."""
        return self.state in DEAD


def state_after(before: ShipmentState, shown: Shipment) -> ShipmentState:
    """Where a shipment is once the carrier has shown it: a word that is not known leaves it where it was, but a label says that
    it was bought."""
    if shown.state != ShipmentState.UNKNOWN:
        return shown.state
    return ShipmentState.READY if before == ShipmentState.ORDERED and shown.label_ready else before


class Shipments:
    def __init__(self, database: Database) -> None:
        self._db = database

    def keep(
        self,
        case_id: int,
        step: str,
        *,
        carrier: str,
        external_id: str,
        reference: str,
        every_s: float,
        now: float,
    ) -> ShipmentRow:
        """Remembers a shipment that was ordered; one of the same reference is kept as it is, and given."""
        with self._db.writing() as connection:
            connection.execute(
                insert_unless_there(connection, shipments).values(
                    case_id=case_id,
                    step=step,
                    carrier=carrier,
                    external_id=external_id,
                    reference=reference,
                    tracking="",
                    state=ShipmentState.ORDERED.value,
                    raw="",
                    every_s=every_s,
                    ordered_at=now,
                    due_at=now + every_s,
                )
            )
            row = connection.execute(
                select(shipments).where(shipments.c.carrier == carrier, shipments.c.reference == reference)
            ).one()
        return _read(row)

    def of_reference(self, carrier: str, reference: str) -> ShipmentRow | None:
        with self._db.reading() as connection:
            row = connection.execute(
                select(shipments).where(shipments.c.carrier == carrier, shipments.c.reference == reference)
            ).first()
        return _read(row) if row is not None else None

    def of_case(self, case_id: int) -> list[ShipmentRow]:
        """All that were ever ordered for a case, the oldest first."""
        with self._db.reading() as connection:
            rows = connection.execute(
                select(shipments).where(shipments.c.case_id == case_id).order_by(shipments.c.id)
            )
            return [_read(row) for row in rows]

    def due(self, now: float, most: int = 100) -> list[ShipmentRow]:
        """Those that are to be looked at, the longest due first."""
        with self._db.reading() as connection:
            rows = connection.execute(
                select(shipments).where(shipments.c.due_at <= now).order_by(shipments.c.due_at).limit(most)
            )
            return [_read(row) for row in rows]

    def postpone(self, row: ShipmentRow, due_at: float) -> None:
        """It could not be looked at now."""
        with self._db.writing() as connection:
            connection.execute(
                update(shipments)
                .where(shipments.c.id == row.id, shipments.c.due_at.is_not(None))
                .values(due_at=due_at)
            )

    def hurry(self, carrier: str, what: str, now: float) -> int:
        """A hint that something moved: the shipment of this id or tracking number is looked at now. Gives how many."""
        with self._db.writing() as connection:
            return connection.execute(
                update(shipments)
                .where(
                    shipments.c.carrier == carrier,
                    or_(shipments.c.external_id == what, shipments.c.tracking == what),
                    shipments.c.due_at.is_not(None),
                )
                .values(due_at=now)
            ).rowcount

    def saw(self, row: ShipmentRow, shown: Shipment, now: float) -> int | None:
        """Keeps what the carrier shows, on the result of the step too once that is done; gives the case when that changed.

        A state that is not known here changes nothing but the carrier's own word.
        """
        with self._db.writing() as connection:
            known = connection.execute(
                select(shipments).where(shipments.c.id == row.id).with_for_update()
            ).one()
            before = ShipmentState(known.state)
            state = state_after(before, shown)
            ended = state.terminal or now > known.ordered_at + FOLLOWED_S
            delivered = state == ShipmentState.DELIVERED and known.delivered_at is None
            connection.execute(
                update(shipments)
                .where(shipments.c.id == row.id)
                .values(
                    state=state.value,
                    raw=shown.raw_status,
                    tracking=shown.tracking_number or known.tracking,
                    checked_at=now,
                    due_at=None if ended else now + known.every_s,
                    delivered_at=now if delivered else known.delivered_at,
                )
            )
            changed = _on_step(connection, known, shown, state, now)
        return known.case_id if changed else None

    def wish_another(self, row: ShipmentRow, who: str, now: float) -> bool:
        """A person wants one more shipment after this one: noted on its step, and in the history. False where it was wished for
        before, or where the step is not done with this shipment."""
        steps = schema.steps
        with self._db.writing() as connection:
            step = connection.execute(
                select(steps.c.id, steps.c.result)
                .where(steps.c.case_id == row.case_id, steps.c.step == row.step, steps.c.state == "done")
                .with_for_update()
            ).first()
            result: Json = json.loads(step.result) if step is not None and step.result else {}
            if step is None or result.get("shipment") != row.external_id or result.get("another"):
                return False
            connection.execute(
                update(steps)
                .where(steps.c.id == step.id)
                .values(result=dump({**result, "another": who or "-"}))
            )
            note = {"who": who, "carrier": row.carrier, "tracking": row.tracking, "state": row.state.value}
            connection.execute(
                insert(schema.events), notes(row.case_id, now, [("person-another", row.step, note)])
            )
            return True

    def ready_at(self, carrier: str, most: int = 500) -> list[ShipmentRow]:
        """Those with a label that wait to be handed over, and for which no courier was called; the oldest first."""
        with self._db.reading() as connection:
            rows = connection.execute(
                select(shipments)
                .where(
                    shipments.c.carrier == carrier,
                    shipments.c.state == ShipmentState.READY.value,
                    shipments.c.due_at.is_not(None),
                    shipments.c.pickup_id.is_(None),
                )
                .order_by(shipments.c.id)
                .limit(most)
            )
            return [_read(row) for row in rows]


def _on_step(connection: Connection, known: Any, shown: Shipment, state: ShipmentState, now: float) -> bool:
    """The step's result follows the shipment, so that conditions and texts are answered from the steps alone."""
    steps = schema.steps
    step = connection.execute(
        select(steps.c.id, steps.c.result)
        .where(steps.c.case_id == known.case_id, steps.c.step == known.step, steps.c.state == "done")
        .with_for_update()
    ).first()
    result: Json = json.loads(step.result) if step is not None and step.result else {}
    if step is None or result.get("shipment") != known.external_id:
        return False
    problem = shown.problem.text if shown.problem is not None else ""
    after = {
        "state": state.value,
        "raw": shown.raw_status,
        "tracking": shown.tracking_number or result.get("tracking", ""),
        "tracking_url": shown.tracking_url or result.get("tracking_url", ""),
        "problem": problem,
    }
    moved = {key: value for key, value in after.items() if result.get(key, "") != value}
    if not moved:
        return False
    connection.execute(update(steps).where(steps.c.id == step.id).values(result=dump({**result, **after})))
    if moved.keys() == {"raw"}:
        return False
    note = {"text": f"{state.value} ({shown.raw_status})", "tracking": after["tracking"]}
    connection.execute(insert(schema.events), notes(known.case_id, now, [("shipment", known.step, note)]))
    return True


def _read(row: Any) -> ShipmentRow:
    return ShipmentRow(
        row.id,
        row.case_id,
        row.step,
        row.carrier,
        row.external_id,
        row.reference,
        row.tracking,
        ShipmentState(row.state),
        row.raw,
        row.every_s,
        row.ordered_at,
        row.checked_at,
        row.due_at,
        row.delivered_at,
    )
