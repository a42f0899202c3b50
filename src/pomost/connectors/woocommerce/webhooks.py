"""The shop's webhooks: kept in the shop, and watched for silence. They only hint that something changed; polling goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from pomost.connectors.values import as_text
from pomost.connectors.woocommerce.client import WooCommerceClient
from pomost.connectors.woocommerce.mapping import moment_of
from pomost.connectors.woocommerce.settings import Settings
from pomost.ports import Failure, Json, Priority

TOPICS = ("order.created", "order.updated", "order.deleted", "order.restored")
KEEP_S = 300.0
_REMEMBERED = 20_000


class Webhooks:
    """Of one connection; thread-safe. ``note`` says what is wrong with them, empty when nothing is known to be."""

    def __init__(self, settings: Settings, client: WooCommerceClient, clock: Callable[[], datetime]) -> None:
        self._settings = settings
        self._client = client
        self._clock = clock
        self._lock = threading.Lock()
        self._kept_at: datetime | None = None
        self._heard: dict[str, datetime] = {}
        self._heard_since: datetime | None = None
        self.note = "" if self.wanted else "no webhooks: changes are found by polling"

    @property
    def wanted(self) -> bool:
        return bool(self._settings.webhooks and self._settings.webhook_url and self._settings.webhook_secret)

    def heard(self, order_id: str) -> None:
        """A delivery came for this order."""
        with self._lock:
            now = self._clock()
            self._heard_since = self._heard_since or now
            if len(self._heard) >= _REMEMBERED:
                self._heard.clear()
                self._heard_since = now
            self._heard[order_id] = now

    def keep(self) -> None:
        """Has the shop send what we want to hear: makes what is missing, wakes what it has switched off. Seldom, and a failure is
        noted only: polling does not depend on it."""
        now = self._clock()
        if not self.wanted or (self._kept_at and now - self._kept_at < timedelta(seconds=KEEP_S)):
            return
        try:
            off = self._put_right()
        except Failure as failure:
            self.note = f"webhooks could not be looked at: {failure.code}"
            return
        self._kept_at = now
        self.note = f"the shop had switched off: {', '.join(off)}; switched on again" if off else ""

    def _put_right(self) -> list[str]:
        own = {
            as_text(row.get("topic")): row
            for rows in self._client.pages("webhooks", {"status": "all"}, Priority.CHECKS)
            for row in rows
            if as_text(row.get("delivery_url")) == self._settings.webhook_url
        }
        off = []
        for topic in TOPICS:
            row = own.get(topic)
            if row is None:
                body: Json = {
                    "name": f"Pomost {topic}",
                    "topic": topic,
                    "delivery_url": self._settings.webhook_url,
                    "secret": self._settings.webhook_secret,
                    "status": "active",
                }
                self._client.post("webhooks", body, Priority.CHECKS)
            elif as_text(row.get("status")) != "active":
                # the secret too: nobody can read which one the shop has
                body = {"status": "active", "secret": self._settings.webhook_secret}
                self._client.put(f"webhooks/{as_text(row.get('id'))}", body, Priority.CHECKS)
                off.append(topic)
        return off

    def told_by_polling(self, rows: Iterable[Json]) -> None:
        """Orders that polling brought: one whose change is old and that no webhook told of is a webhook missed."""
        now = self._clock()
        late = now - timedelta(seconds=self._settings.webhook_late_s)
        if not self.wanted:
            return
        with self._lock:
            since, heard = self._heard_since, dict(self._heard)
        missed = 0
        for row in rows:
            try:
                modified = moment_of(as_text(row.get("date_modified_gmt")))
            except ValueError:
                continue
            if modified is None or since is None or not since <= modified <= late:
                continue
            told = heard.get(as_text(row.get("id")))
            missed += told is None or told < modified - timedelta(seconds=5)
        if missed:
            self.note = f"{missed} changes came by polling only, the webhooks did not tell of them"
