"""The shop's webhooks: kept in the shop, and watched for silence. They only hint that something changed; polling goes on."""

from __future__ import annotations

import hmac
import json
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from pomost.connectors.values import as_text
from pomost.connectors.woocommerce.client import WooCommerceClient, signature
from pomost.connectors.woocommerce.errors import hooks_missed, hooks_off, hooks_unseen
from pomost.connectors.woocommerce.mapping import moment_of
from pomost.connectors.woocommerce.settings import Settings
from pomost.ports import Failure, Json, Priority
from pomost.ports.account import Heard

TOPICS = ("order.created", "order.updated", "order.deleted", "order.restored")
SIGNATURE, TOPIC = "x-wc-webhook-signature", "x-wc-webhook-topic"
FORM = "application/x-www-form-urlencoded"
PING = re.compile(rb"webhook_id=[0-9]{1,18}")
KEEP_S = 300.0
ALARM_S = 3_600.0
"""So long an alarm stands after the last reason for it."""
SLACK = timedelta(seconds=5)
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
        self._awaited: dict[str, datetime] = {}
        self._alarmed_at: datetime | None = None
        self.note = "" if self.wanted else "no webhooks: changes are found by polling"

    @property
    def wanted(self) -> bool:
        return bool(self._settings.webhooks and self._settings.webhook_url and self._settings.webhook_secret)

    @property
    def alarm(self) -> str:
        """What somebody should look at: webhooks that are wanted and do not bring what they should."""
        return self.note if self.wanted else ""

    def hear(self, headers: Mapping[str, str], body: bytes) -> Heard:
        """What a delivery is. Whatever is answered with anything but 200 counts against the webhook in the shop, which switches it off
        after a few in a row without a word (reference, section 9.6): so what is signed rightly is taken, also when it is of no
        use, and so is the ping, which is never signed and does nothing."""
        if not self.wanted:
            return Heard.UNSIGNED
        if headers.get("content-type", "").startswith(FORM) and PING.fullmatch(body):
            return Heard.NOTHING
        given = headers.get(SIGNATURE, "")
        if not given:
            return Heard.UNSIGNED
        right = signature(self._settings.webhook_secret, body)
        if not hmac.compare_digest(given.encode("utf-8", "replace"), right.encode()):
            return Heard.FORGED
        return Heard.CHANGE if self._is_change(headers.get(TOPIC, ""), body) else Heard.NOTHING

    def _is_change(self, topic: str, body: bytes) -> bool:
        """Whether a delivery is a reason to look: an order changed, came or went. An order that vanished before its delivery left comes
        as an error without an id."""
        if topic.partition(".")[0] != "order":
            return False
        try:
            read = json.loads(body)
        except (ValueError, RecursionError):
            return False
        if isinstance(read, dict) and as_text(read.get("id")).isdecimal():
            self.heard(as_text(read["id"]))
        return True

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
            self._alarmed(str(hooks_unseen(failure.code)))
            return
        self._kept_at = now
        with self._lock:
            self._heard_since = self._heard_since or now
        if off:
            self._alarmed(str(hooks_off(", ".join(off))))
        elif self._alarmed_at is None or now - self._alarmed_at >= timedelta(seconds=ALARM_S):
            self.note = ""

    def _alarmed(self, note: str) -> None:
        self.note, self._alarmed_at = note, self._clock()

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
                continue
            is_off = as_text(row.get("status")) != "active"
            if is_off or self._kept_at is None:
                # nobody can read which secret the shop has: it is set after each start, for it may be another since
                body = {"status": "active", "secret": self._settings.webhook_secret}
                self._client.put(f"webhooks/{as_text(row.get('id'))}", body, Priority.CHECKS)
            if is_off:
                off.append(topic)
        return off

    def told_by_polling(self, rows: Iterable[Json]) -> None:
        """Orders that polling brought. Each must be told of by a webhook too, sooner or later: one that is not, some time after its
        change, is a webhook missed. Called with each look, also where it brought nothing."""
        if not self.wanted:
            return
        now, skew = self._clock(), timedelta(seconds=self._client.clock_skew_s or 0.0)
        late = now - timedelta(seconds=self._settings.webhook_late_s)
        with self._lock:
            since = self._heard_since
            for row in rows:
                if (
                    (changed := _changed_at(row)) is not None
                    and since is not None
                    and changed - skew >= since
                ):
                    self._awaited[as_text(row.get("id"))] = changed - skew
            due = {one: changed for one, changed in self._awaited.items() if changed <= late}
            for one in due:
                del self._awaited[one]
            missed = sum(
                1
                for one, changed in due.items()
                if (told := self._heard.get(one)) is None or told < changed - SLACK
            )
        if missed:
            self._alarmed(str(hooks_missed(missed)))


def _changed_at(row: Json) -> datetime | None:
    try:
        return moment_of(as_text(row.get("date_modified_gmt")))
    except ValueError:
        return None
