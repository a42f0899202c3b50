"""What became of an order whose answer was lost (reference, section 3.10)."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Lock

from pomost.connectors.apaczka.client import PAGE, ApaczkaClient
from pomost.connectors.apaczka.mapping import is_ours, made_at, shipment_from_wire
from pomost.connectors.carriers import failures
from pomost.ports import Json
from pomost.ports.carrier import ShipmentOrder, ShipmentState

MARGIN = timedelta(minutes=15)
OLDEST = timedelta(days=30)
MOST_PAGES = 400


class Finding:
    """Remembers when an order was missed first: how far Apaczka's list lags behind is not known, so that it is believed
    to be missing after two looks only. What is forgotten with the program is waited for once more."""

    def __init__(self, client: ApaczkaClient, settle_s: float, recheck_s: float) -> None:
        self._client = client
        self._settle = timedelta(seconds=settle_s)
        self._recheck = timedelta(seconds=recheck_s)
        self._missed: dict[str, datetime] = {}
        self._guard = Lock()

    def find(self, order: ShipmentOrder, since: datetime | None) -> str | None:
        matching = self._matching(order.reference, since)
        alive = [row for row in matching if shipment_from_wire(row).state != ShipmentState.CANCELLED]
        ids = sorted({str(row.get("id")) for row in alive or matching})
        if len(ids) > 1 and alive:
            raise failures.found_twice(order.reference, ids)
        with self._guard:
            if ids:
                self._missed.pop(order.reference, None)
                return ids[-1]
            self._check_trusted(order.reference, since)
        return None

    def _check_trusted(self, reference: str, since: datetime | None) -> None:
        """Raises WaitUntil while an empty answer may be the list's lag."""
        if since is None:
            return
        now = self._client.clock()
        if now < since + self._settle:
            raise failures.find_later(reference, since + self._settle)
        first = self._missed.setdefault(reference, now)
        if now < first + self._recheck:
            raise failures.find_later(reference, first + self._recheck)
        del self._missed[reference]

    def _matching(self, reference: str, since: datetime | None) -> list[Json]:
        begin = since - MARGIN if since is not None else self._client.clock() - OLDEST
        found: list[Json] = []
        for page in range(1, MOST_PAGES):
            rows = self._client.orders(page)
            found += [row for row in rows if is_ours(row, reference)]
            oldest = made_at(rows[-1]) if rows else None
            if len(rows) < PAGE or (oldest is not None and oldest < begin):
                break
        return found
