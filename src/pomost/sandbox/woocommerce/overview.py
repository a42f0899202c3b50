"""How the shop stands, told in one go to whoever watches."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING

from pomost.sandbox.woocommerce import order_view
from pomost.sandbox.woocommerce.faults import FAULTS
from pomost.sandbox.woocommerce.protocol import Json

if TYPE_CHECKING:
    from pomost.sandbox.woocommerce.shop import Shop

SHOWN = 40
_COUNTED_CALLS = 5_000


def overview(shop: Shop) -> Json:
    """Orders by status, the last ones and the last calls (newest first), webhooks, buyers, and the faults asked for."""
    store, calls, now = shop.store, shop.calls[-_COUNTED_CALLS:], shop.settings.now()
    delivered = shop.deliveries
    arrived = sum(1 for one in delivered if 200 <= one.status <= 302)
    with store.lock:
        counted = Counter(one["status"] for one in store.orders.values())
        last = [
            order_view.show(store, one, shop.url) for one in islice(reversed(store.orders.values()), SHOWN)
        ]
        hooks = Counter(one["status"] for one in store.hooks.values())
        known = dict(store.statuses)
        skus = sorted(one["sku"] for one in store.products.values() if one["sku"] and one["manage_stock"])
    return {
        "sandbox": "woocommerce",
        "faults": list(FAULTS),
        "asked": shop.faults.asked(),
        "statuses": [
            {"name": status, "orders": counted[status]}
            for status in [*known, *sorted(counted.keys() - known.keys())]
            if counted[status]
        ],
        "known_statuses": list(known),
        "orders": [
            {name: one[name] for name in ("id", "number", "status", "total", "currency")} for one in last
        ],
        "skus": skus[:200],
        "calls": [
            {
                "method": call.method,
                "path": call.path,
                "at": call.at,
                "status": call.status,
                "fault": call.fault,
            }
            for call in reversed(calls[-SHOWN:])
        ],
        "last_minute": sum(1 for call in calls if call.at > now - 60),
        "now": now,
        "hooks": {
            "on": hooks["active"],
            "off": sum(hooks.values()) - hooks["active"],
            "delivered": arrived,
            "failed": len(delivered) - arrived,
            "waiting": shop.queue.waiting(),
        },
        "buyers": shop.crowd.told(),
    }
