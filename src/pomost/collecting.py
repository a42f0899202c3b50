"""Calling a courier to collect what waits: what would be collected, the call, and what became of it.

No carrier knows a key of ours. So the call is written before it is made, with its shipments, which no second call can take;
after any doubt the carrier is asked, or where it can't be, a person is. For the command line and the panel.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import structlog

from pomost.bootstrap import Pomost
from pomost.connectors.carriers.collecting import pickup_off
from pomost.ports import Failure, InDoubt, NeedsPerson, TryAgain
from pomost.ports.carrier import Collectable, PicksUp, PickupWindow
from pomost.store.pickups import PickupRow, Taken
from pomost.store.shipments import ShipmentRow

CAN = "pickup"
WARSAW = ZoneInfo("Europe/Warsaw")
FROM, UNTIL = "09:00", "17:00"
REREAD_S = 3 * 86_400.0
"""So long after a call it is looked whether the carrier rejected it."""
MOST = 100
"""So many parcels in one call."""
log = structlog.get_logger("pomost.engine")

POINT, CALLED, NOT_READY, GONE = "at-a-point", "called-already", "not-ready", "not-known"
"""Why a parcel is left out."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A parcel, and the number of its order."""

    row: ShipmentRow
    order: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What a call would collect, in groups of one courier each; and what it would leave, with why."""

    carrier: str
    groups: tuple[tuple[Waiting, ...], ...]
    left: tuple[tuple[Waiting, str], ...]

    @property
    def parcels(self) -> tuple[Waiting, ...]:
        return tuple(one for group in self.groups for one in group)


def collecting_carriers(pomost: Pomost) -> list[str]:
    """Those that can be called."""
    return [name for name, one in pomost.carriers.known.items() if CAN in one.capabilities()]


def window_of(pomost: Pomost, day: str = "", start: str = "", end: str = "") -> PickupWindow:
    """The window as typed; today where no day is named. Raises NeedsPerson ``carrier.pickup-day``."""
    today = datetime.fromtimestamp(pomost.work.now(), WARSAW).date()
    try:
        return PickupWindow(
            date.fromisoformat(day) if day else today,
            time.fromisoformat(start or FROM),
            time.fromisoformat(end or UNTIL),
        )
    except ValueError as error:
        raise NeedsPerson(
            "carrier.pickup-day",
            f'"{day} {start} {end}" is no day and hours.',
            "Write the day as 2026-11-30 and hours as 09:00.",
        ) from error


def preview(pomost: Pomost, carrier: str) -> Preview:
    """What waits for this carrier's courier now. Calls that nobody knows the end of are looked into first.

    Raises NeedsPerson ``carrier.pickup-off`` for a carrier that can't be called, and what asking raises.
    """
    side = _side(pomost, carrier)
    _settle_open(pomost, side, carrier)
    _look_at_rejected(pomost, side, carrier)
    rows = pomost.store.shipments.ready_at(carrier)
    if not rows:
        return Preview(carrier, (), ())
    shown = {one.external_id: one for one in side.collectables([row.external_id for row in rows])}
    lines = pomost.store.lists.lines(sorted({row.case_id for row in rows}))
    numbers = {line.id: line.number for line in lines}
    groups: dict[str, list[Waiting]] = {}
    left: list[tuple[Waiting, str]] = []
    for row in rows:
        waiting, one = Waiting(row, numbers.get(row.case_id, "")), shown.get(row.external_id)
        why = _why_not(one)
        if why or one is None:
            left.append((waiting, why))
        else:
            groups.setdefault(one.group, []).append(waiting)
    parts = [
        tuple(group[first : first + MOST])
        for group in groups.values()
        for first in range(0, len(group), MOST)
    ]
    return Preview(carrier, tuple(parts), tuple(left))


def order(
    pomost: Pomost,
    carrier: str,
    window: PickupWindow,
    who: str,
    only: Collection[str] | None = None,
    at: Callable[[str], None] = lambda point: None,
    made: list[PickupRow] | None = None,
) -> list[PickupRow]:
    """Calls the courier for what waits, of ``only`` (the carrier's ids) where they are given; gives the calls. ``made`` gets
    each as it is made: of several groups a later one may be refused.

    Raises NeedsPerson ``carrier.pickup-none`` where nothing waits, ``carrier.pickup-taken`` where somebody called for the
    same parcels a moment before, WaitUntil and NeedsPerson while a call before this one is in doubt, and what the carrier
    refuses.
    """
    side = _side(pomost, carrier)
    made = [] if made is None else made
    found = preview(pomost, carrier)
    groups = [
        [one.row for one in group if only is None or one.row.external_id in only] for group in found.groups
    ]
    groups = [group for group in groups if group]
    if not groups:
        raise NeedsPerson(
            "carrier.pickup-none",
            f'No parcel waits for a courier of "{carrier}".',
            "Order shipments first; those with a courier already are not collected twice.",
        )
    for rows in groups:
        made.append(_call(pomost, side, carrier, rows, window, who, at))
    return made


def settle(pomost: Pomost, pickup_id: int, happened: bool, who: str) -> PickupRow:
    """A person has looked whether the courier was called. Raises NeedsPerson ``carrier.pickup-settled`` where there is nothing to
    settle."""
    row = pomost.store.pickups.get(pickup_id)
    now = pomost.work.now()
    settled = row is not None and (
        pomost.store.pickups.done(pickup_id, "", now)
        if happened
        else pomost.store.pickups.failed(pickup_id, None, now)
    )
    if row is None or not settled:
        raise NeedsPerson(
            "carrier.pickup-settled",
            f"The call {pickup_id} for a courier is not in doubt.",
            "There is nothing to settle.",
        )
    log.info("pickup-settled", carrier=row.carrier, id=pickup_id, state="done" if happened else "failed")
    return row


def _call(
    pomost: Pomost,
    side: PicksUp,
    carrier: str,
    rows: list[ShipmentRow],
    window: PickupWindow,
    who: str,
    at: Callable[[str], None],
) -> PickupRow:
    store, ids = pomost.store.pickups, [row.external_id for row in rows]
    try:
        number = store.intend(carrier, rows, window, who, pomost.work.now())
    except Taken as taken:
        raise _taken(carrier) from taken
    at("pickup:intended")
    if (mine := store.get(number)) is None or mine.state != "intended":
        # frozen for so long that somebody looked into it and settled it
        raise _taken(carrier)
    try:
        external_id = side.pickup(ids, window, None)
    except InDoubt as doubt:
        found = side.find_pickup(ids, datetime.fromtimestamp(mine.asked_at, UTC))
        if found is None:
            failure = TryAgain(doubt.code, doubt.text, doubt.advice, **doubt.facts)
            store.failed(number, failure, pomost.work.now())
            raise failure from doubt
        external_id = found
    except Failure as failure:
        store.failed(number, failure, pomost.work.now())
        raise
    at("pickup:made")
    store.done(number, external_id, pomost.work.now())
    log.info("pickup-ordered", carrier=carrier, id=number, seen=len(ids))
    row = store.get(number)
    assert row is not None
    return row


def _settle_open(pomost: Pomost, side: PicksUp, carrier: str) -> None:
    """Of calls whose end is not written the carrier is asked. Raises while that can't be known."""
    for row in pomost.store.pickups.unsettled(carrier):
        found = side.find_pickup(row.external_ids, datetime.fromtimestamp(row.asked_at, UTC))
        if found is not None:
            pomost.store.pickups.done(row.id, found, pomost.work.now())
        else:
            pomost.store.pickups.failed(row.id, None, pomost.work.now())


def _look_at_rejected(pomost: Pomost, side: PicksUp, carrier: str) -> None:
    """Parcels whose courier will not come are to be collected once more."""
    now = pomost.work.now()
    for row in pomost.store.pickups.latest(carrier, 10):
        if row.state != "done" or not row.external_id or row.asked_at < now - REREAD_S:
            continue
        try:
            stands = side.read_pickup(row.external_id).state.stands
        except Failure as failure:
            log.warning("pickup-unreadable", carrier=carrier, code=failure.code, id=row.id)
            continue
        if not stands:
            pomost.store.pickups.release(row.id, now)


def _side(pomost: Pomost, carrier: str) -> PicksUp:
    side = pomost.carriers.carrier(carrier)
    if CAN not in side.capabilities() or not isinstance(side, PicksUp):
        raise pickup_off(carrier)
    return side


def _why_not(one: Collectable | None) -> str:
    if one is None:
        return GONE
    if one.pickup:
        return CALLED
    if not one.ready:
        return NOT_READY
    return "" if one.by_courier else POINT


def _taken(carrier: str) -> NeedsPerson:
    return NeedsPerson(
        "carrier.pickup-taken",
        f'Somebody called a courier of "{carrier}" for the same parcels a moment before.',
        "Look at the list of calls.",
    )
