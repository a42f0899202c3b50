"""From which id on orders have to be listed: what was made since a moment has a higher id than what was there before."""

from __future__ import annotations

from pomost.connectors.baselinker.methods import BaseLinkerClient
from pomost.connectors.baselinker.wire_types import number_in

CLOCK_DIFFERENCE_S = 3600
REACH_S = (3600, 86_400, 30 * 86_400)
"""How long before the moment orders are looked for whose ids are surely lower."""


def lowest_id_since(client: BaseLinkerClient, second: int, priority: int) -> int:
    """An id that no order made at ``second`` (Unix) or later lies below; 0 when none is known. One to three calls.

    An order confirmed before that moment was made before it, so its id is such a bound, whatever dates the orders
    looked for carry. That BaseLinker's clock and ours differ is allowed for.
    """
    before = second - CLOCK_DIFFERENCE_S
    for reach in REACH_S:
        found = client.get_orders(priority, date_confirmed_from=max(before - reach, 1))
        ids = [number_in(raw, "order_id") for raw in found if 0 < number_in(raw, "date_confirmed") < before]
        if ids:
            return max(ids)
    return 0
