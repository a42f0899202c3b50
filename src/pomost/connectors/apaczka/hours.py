"""When Apaczka's couriers may be called (reference, sections 3.3 and 3.9).

Asked by post code once in half an hour, as Apaczka wants it. What nobody says is assumed so that no call is refused for it:
that a row whose supplier is ours, or begins as ours does (DHL, DHL_PARCEL), is meant for our service; no row of ours says
nothing. What ``interval`` means is not known, so it is not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import structlog

from pomost.connectors.apaczka.client import ApaczkaClient
from pomost.connectors.carriers.collecting import pickup_hours
from pomost.connectors.carriers.kept import Kept
from pomost.ports import Failure, Json
from pomost.ports.carrier import PickupWindow

HOURS_KEPT = timedelta(minutes=30)
log = structlog.get_logger("pomost.engine")


class Hours:
    """``postcode``: from where parcels are sent."""

    def __init__(
        self, client: ApaczkaClient, folder: str, account: str, clock: Callable[[], datetime], postcode: str
    ) -> None:
        self._client = client
        self._kept = Kept(folder, account, clock, HOURS_KEPT)
        digits = re.sub(r"\D", "", postcode)
        self._postcode = f"{digits[:2]}-{digits[2:]}" if len(digits) == 5 else ""

    def check(self, supplier: str, window: PickupWindow) -> None:
        """Raises NeedsPerson ``carrier.pickup-hours`` for a window in which no courier of the supplier comes, with those that there
        are. Hours that can't be had say nothing: Apaczka refuses a wrong window itself."""
        if not self._postcode or not supplier:
            return
        try:
            rows = self._kept.of(f"hours-{self._postcode}", self._ask)
        except Failure as failure:
            log.warning("pickup-hours-unreadable", code=failure.code)
            return
        possible = sorted(
            {
                found
                for row in rows
                if is_of(str(row.get("service") or ""), supplier) and (found := _window(row)) is not None
            }
        )
        if not possible or any(
            day == window.day and start <= window.start and window.end <= end for day, start, end in possible
        ):
            return
        said = ", ".join(f"{day} {start:%H:%M}-{end:%H:%M}" for day, start, end in possible)
        raise pickup_hours(supplier, self._postcode, window, said)

    def _ask(self) -> list[Json]:
        return self._client.hours(self._postcode)


def is_of(code: str, supplier: str) -> bool:
    """Whether hours under this code are those of the supplier: the same, or one begins with the other."""
    ours, theirs = supplier.upper(), code.upper()
    return bool(theirs) and (ours == theirs or ours.startswith(f"{theirs}_") or theirs.startswith(f"{ours}_"))


def _window(row: Json) -> tuple[date, time, time] | None:
    try:
        return (
            date.fromisoformat(str(row.get("date"))),
            time.fromisoformat(str(row.get("timefrom"))),
            time.fromisoformat(str(row.get("timeto"))),
        )
    except ValueError:
        return None
