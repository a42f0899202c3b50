"""Customers of a shop: registered buyers whose tax number stands on their account instead of on their orders (reference, section 8)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from pomost.connectors.values import as_list, as_text, number_in
from pomost.connectors.woocommerce.client import WooCommerceClient
from pomost.connectors.woocommerce.extras import tax_number, texts_of
from pomost.connectors.woocommerce.mapping import CUSTOMER
from pomost.connectors.woocommerce.settings import Settings
from pomost.connectors.woocommerce.wire_types import WireMeta
from pomost.ports import Json, Priority

KEPT = timedelta(minutes=10)
_MOST = 5_000


class Customers:
    """Of one connection; thread-safe. Asked once in ten minutes for each."""

    def __init__(self, settings: Settings, client: WooCommerceClient, clock: Callable[[], datetime]) -> None:
        self._settings = settings
        self._client = client
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[int, tuple[datetime, list[Json]]] = {}

    def beside(self, raw: Json) -> Json:
        """The order with the tax number of its customer beside it, where it has none of its own. Raises what calls raise."""
        number = number_in(raw, "customer_id")
        if not self._settings.customer_tax_number or number <= 0 or self._has_own(raw):
            return raw
        return {**raw, CUSTOMER: self._of(number)}

    def _has_own(self, raw: Json) -> bool:
        rows = [row for row in as_list(raw.get("meta_data")) if isinstance(row, dict)]
        meta = texts_of(WireMeta(key=as_text(row.get("key")), value=row.get("value")) for row in rows)
        return bool(tax_number(meta, self._settings.nip_keys)[0])

    def _of(self, number: int) -> list[Json]:
        """Of the customer's meta only what may be a tax number: the rest is nobody's business here."""
        now = self._clock()
        with self._lock:
            kept = self._known.get(number)
            if kept is not None and now - kept[0] < KEPT:
                return kept[1]
        found = self._client.get(f"customers/{number}", {"_fields": "id,meta_data"}, Priority.NEW_ORDERS)
        rows = as_list(found.get("meta_data")) if isinstance(found, dict) else []
        meta: list[Json] = [
            {"key": row["key"], "value": as_text(row.get("value"))}
            for row in rows
            if isinstance(row, dict) and row.get("key") in self._settings.nip_keys
        ]
        with self._lock:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[number] = (now, meta)
        return meta
