"""What became of an order whose answer was lost (reference, section 2.12)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pomost.connectors.carriers import failures
from pomost.connectors.shipx.client import ShipXClient
from pomost.ports import Json
from pomost.ports.carrier import ShipmentOrder

MARGIN = timedelta(minutes=15)
OLDEST = timedelta(days=45)
CLOCKS = timedelta(minutes=5)
MOST_PAGES = 500


def find(client: ShipXClient, order: ShipmentOrder, since: datetime | None, settle_s: float) -> str | None:
    """The id of the shipment with this reference. There is no filter by it, and the list lags behind the order by
    seconds, so that all of it is read, and an empty answer is believed after ``settle_s``."""
    now = client.clock()
    begin = (since - MARGIN) if since is not None else now - OLDEST
    matching = sorted(
        {str(row.get("id")) for row in _all(client, begin) if row.get("reference") == order.reference},
        key=int,
    )
    if len(matching) > 1:
        raise failures.found_twice(order.reference, matching)
    if matching:
        return matching[0]
    if abs(client.clock_ahead) > CLOCKS:
        raise failures.clock_differs(round(abs(client.clock_ahead).total_seconds() / 60))
    if since is not None and now < since + timedelta(seconds=settle_s):
        raise failures.find_later(order.reference, since + timedelta(seconds=settle_s))
    return None


def _all(client: ShipXClient, begin: datetime) -> list[Json]:
    """Everything made since, oldest first. Cancelled shipments vanish from the list: one that shrinks is read anew."""
    seen: dict[str, Json] = {}
    count = -1
    stamp = begin.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    for page in range(1, MOST_PAGES):
        answer = client.shipments(created_at_gteq=stamp, sort_by="id", sort_order="asc", page=page)
        rows, told = answer.get("items"), answer.get("count")
        if not isinstance(rows, list) or not isinstance(told, int):
            raise failures.unclear("list", "its answer has no items", write=False)
        if told < count:
            raise failures.list_moved()
        count = told
        seen |= {str(row.get("id")): row for row in rows if isinstance(row, dict)}
        if len(seen) >= count or not rows:
            break
    if len(seen) < count:
        raise failures.list_moved()
    return list(seen.values())
