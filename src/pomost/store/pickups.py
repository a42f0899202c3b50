"""Couriers who were called to collect shipments: written before they are called, settled afterwards."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from sqlalchemy import func, insert, select, update

from pomost.ports import Failure, Json
from pomost.ports.carrier import PickupWindow
from pomost.sql import Database
from pomost.store.claims import dump, failure_to_json
from pomost.store.shipments import ShipmentRow
from pomost.store.shipments_schema import pickups, shipments


class Taken(Exception):
    """Somebody called a courier for one of the shipments a moment before."""


@dataclass(frozen=True, slots=True)
class PickupRow:
    """One call. ``state``: "intended" while it is under way, or when nobody knows whether it was; "done"; "failed": nobody was
    called, and that is certain. ``external_id`` "": the carrier names none. ``external_ids``: of its shipments."""

    id: int
    carrier: str
    state: str
    external_id: str
    window: PickupWindow
    external_ids: tuple[str, ...]
    who: str
    asked_at: float
    ended_at: float | None
    error: Json


class Pickups:
    def __init__(self, database: Database) -> None:
        self._db = database

    def intend(
        self, carrier: str, rows: Sequence[ShipmentRow], window: PickupWindow, who: str, now: float
    ) -> int:
        """Writes what is about to be asked, and takes the shipments for it. Raises Taken where one of them is not free."""
        with self._db.writing() as connection:
            made = connection.execute(
                insert(pickups)
                .values(
                    carrier=carrier,
                    state="intended",
                    external_id="",
                    day=window.day.isoformat(),
                    begins=f"{window.start:%H:%M}",
                    ends=f"{window.end:%H:%M}",
                    shipments=json.dumps([row.external_id for row in rows]),
                    who=who,
                    asked_at=now,
                    error="",
                )
                .returning(pickups.c.id)
            ).scalar_one()
            took = connection.execute(
                update(shipments)
                .where(shipments.c.id.in_([row.id for row in rows]), shipments.c.pickup_id.is_(None))
                .values(pickup_id=made)
            ).rowcount
            if took != len(rows):
                raise Taken
            return int(made)

    def done(self, pickup_id: int, external_id: str, now: float) -> bool:
        """The courier was called. False where that was settled before."""
        with self._db.writing() as connection:
            return bool(
                connection.execute(
                    _open(pickup_id).values(state="done", external_id=external_id, ended_at=now)
                ).rowcount
            )

    def failed(self, pickup_id: int, failure: Failure | None, now: float) -> bool:
        """Nobody was called, and that is certain: the shipments are free again. False where that was settled before."""
        error = dump(failure_to_json(failure)) if failure is not None else ""
        with self._db.writing() as connection:
            if not connection.execute(
                _open(pickup_id).values(state="failed", ended_at=now, error=error)
            ).rowcount:
                return False
            connection.execute(
                update(shipments).where(shipments.c.pickup_id == pickup_id).values(pickup_id=None)
            )
            return True

    def release(self, pickup_id: int, now: float) -> None:
        """The carrier rejected or cancelled the pickup: its shipments that still wait are free again."""
        with self._db.writing() as connection:
            connection.execute(
                update(pickups).where(pickups.c.id == pickup_id).values(state="failed", ended_at=now)
            )
            connection.execute(
                update(shipments).where(shipments.c.pickup_id == pickup_id).values(pickup_id=None)
            )

    def get(self, pickup_id: int) -> PickupRow | None:
        with self._db.reading() as connection:
            row = connection.execute(select(pickups).where(pickups.c.id == pickup_id)).first()
        return _read(row) if row is not None else None

    def unsettled(self, carrier: str) -> list[PickupRow]:
        """Of which nobody knows what became, the oldest first."""
        with self._db.reading() as connection:
            rows = connection.execute(
                select(pickups)
                .where(pickups.c.carrier == carrier, pickups.c.state == "intended")
                .order_by(pickups.c.id)
            )
            return [_read(row) for row in rows]

    def latest(self, carrier: str = "", most: int = 20) -> list[PickupRow]:
        """The newest first."""
        query = select(pickups).order_by(pickups.c.id.desc()).limit(most)
        if carrier:
            query = query.where(pickups.c.carrier == carrier)
        with self._db.reading() as connection:
            return [_read(row) for row in connection.execute(query)]

    def count_waiting(self) -> dict[str, int]:
        """By carrier: shipments with a label that wait to be handed over, and for which no courier was called."""
        with self._db.reading() as connection:
            rows = connection.execute(
                select(shipments.c.carrier, func.count())
                .where(
                    shipments.c.state == "ready",
                    shipments.c.due_at.is_not(None),
                    shipments.c.pickup_id.is_(None),
                )
                .group_by(shipments.c.carrier)
            )
            return {str(carrier): int(count) for carrier, count in rows}


def _open(pickup_id: int) -> Any:
    return update(pickups).where(pickups.c.id == pickup_id, pickups.c.state == "intended")


def _read(row: Any) -> PickupRow:
    window = PickupWindow(
        date.fromisoformat(row.day), time.fromisoformat(row.begins), time.fromisoformat(row.ends)
    )
    return PickupRow(
        row.id,
        row.carrier,
        row.state,
        row.external_id,
        window,
        tuple(json.loads(row.shipments)),
        row.who,
        row.asked_at,
        row.ended_at,
        json.loads(row.error) if row.error else {},
    )
