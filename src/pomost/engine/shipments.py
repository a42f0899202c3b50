"""Following parcels until they are delivered or back, one process at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import structlog

from pomost.engine.watcher import Watcher
from pomost.ports import Failure, StopConnection, WaitUntil
from pomost.ports.carrier import Carrier
from pomost.store.shipments import ShipmentRow
from pomost.store.store import Store

log = structlog.get_logger("pomost.engine")

SOURCE = "shipments"
LEASE_S = 15.0
"""Renewed before each call. Two that look at once do no harm: they only read."""
MOST = 50
"""So many at one look."""


class ShipmentWatcher(Watcher):
    """Reads every open shipment when its time has come and wakes its case when it moved. Neither a carrier that can't be
    asked nor a state that nobody knows moves anything."""

    def __init__(
        self,
        store: Store,
        carriers: Mapping[str, Carrier],
        owner: str,
        wake: Callable[[Iterable[int]], None],
        now: Callable[[], float],
        every_s: float,
    ) -> None:
        super().__init__(SOURCE, every_s)
        self._store = store
        self._carriers = carriers
        self._owner = owner
        self._wake = wake
        self._now = now

    def look_once(self) -> int:
        """Gives how many shipments had moved."""
        if self._store.looks.take(SOURCE, self._owner, LEASE_S, self._now()) is None:
            return 0
        moved: list[int] = []
        notes: dict[str, str] = {}
        try:
            for row in self._store.shipments.due(self._now(), MOST):
                if self._store.looks.take(SOURCE, self._owner, LEASE_S, self._now()) is None:
                    break
                case = self._look(row, notes)
                if case is not None:
                    moved.append(case)
        finally:
            self._store.looks.end(
                SOURCE, self._owner, self._now(), note="; ".join(f"{k}: {v}" for k, v in notes.items())
            )
        if moved:
            self._store.cases.wake(moved, self._now(), reset=True)
            self._wake(moved)
        return len(moved)

    def hint(self, carrier: str, body: bytes, pushed: Callable[[bytes], str | None]) -> int:
        """A carrier pushed something: what it says is not believed, but the shipment is looked at now. Gives how many."""
        what = pushed(body)
        found = self._store.shipments.hurry(carrier, what, self._now()) if what else 0
        if found:
            self.nudge()
        return found

    def _look(self, row: ShipmentRow, stopped: dict[str, str]) -> int | None:
        carrier = self._carriers.get(row.carrier)
        if carrier is None or row.carrier in stopped:
            # its connection is not configured any more, or does not work now
            self._store.shipments.postpone(row, self._now() + row.every_s)
            return None
        try:
            shown = carrier.read(row.external_id)
        except WaitUntil as failure:
            self._store.shipments.postpone(row, failure.until.timestamp())
            return None
        except Failure as failure:
            log.warning("shipment-unreadable", carrier=row.carrier, code=failure.code, case=row.case_id)
            self._store.shipments.postpone(row, self._now() + row.every_s)
            if isinstance(failure, StopConnection):
                stopped[row.carrier] = str(failure)
            return None
        return self._store.shipments.saw(row, shown, self._now())
