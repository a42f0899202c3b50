"""Apaczka's calls: signed forms, and an envelope around every answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx2

from pomost.connectors.apaczka.errors import refusal
from pomost.connectors.apaczka.settings import Settings
from pomost.connectors.apaczka.signing import compact, signature
from pomost.connectors.carriers.failures import unclear
from pomost.connectors.carriers.wire import Wire, utc_now
from pomost.ports import CallLimiter, Failure, Json, Priority

VALID = timedelta(minutes=15)
PAGE = 25


class ApaczkaClient(Wire):
    """The wire with Apaczka's methods on it."""

    def __init__(
        self, settings: Settings, limiter: CallLimiter, clock: Callable[[], datetime] = utc_now
    ) -> None:
        super().__init__(
            settings.name,
            settings.url,
            limiter=limiter,
            timeout_s=settings.timeout_s,
            connect_timeout_s=settings.connect_timeout_s,
            clock=clock,
        )
        self._app_id = settings.app_id
        self._secret = settings.app_secret

    def structure(self) -> Json:
        """Services, and what they may be ordered with. Apaczka asks that it be called once a day at most."""
        read = self._call("services", "service_structure/")
        return {**read, "services": _rows(read, "services")}

    def points(self, kind: str) -> list[Json]:
        """Those of a whole country. Apaczka asks that each kind be called once a day at most."""
        return _rows(self._call("points", f"points/{kind}/", {"country_code": "PL"}), "points")

    def valuation(self, order: Json, reference: str) -> Json:
        """Prices by service; without a service in the order those of all. Nothing is ordered."""
        table = self._call("quote", "order_valuation/", {"order": order}, about=reference).get("price_table")
        return table if isinstance(table, dict) else {}

    def hours(self, postcode: str) -> list[Json]:
        """When couriers come, a row for each day and supplier, with its ``date``. Apaczka asks that it be called once in 30 minutes
        at most."""
        found: Any = self._call("pickup_hours", "pickup_hours/", {"postal_code": postcode}).get("hours")
        days = found if isinstance(found, dict) else {}
        return [
            {**row, "date": str(about.get("date") or day)}
            for day, about in days.items()
            if isinstance(about, dict) and isinstance(about.get("services"), list | dict)
            for row in _rows(about, "services")
        ]

    def pickup(self, order_id: str, when: Json) -> Json:
        """Not repeatable: each call may send a courier."""
        return self._call("pickup", f"pickup/{order_id}/", when, about=order_id, write=True)

    def batch_pickup(self, order_ids: list[str], when: Json) -> Json:
        """Not repeatable. What it answers is free."""
        asked = {"order_ids": order_ids, **when}
        return self._call("batch_pickup", "batch_pickup/", asked, about=order_ids[0], write=True)

    def send(self, order: Json, reference: str) -> Json:
        """Not repeatable: each call buys a shipment."""
        response = self._call("create", "order_send/", {"order": order}, about=reference, write=True)
        made = response.get("order")
        return made if isinstance(made, dict) else {}

    def order(self, order_id: str) -> Json:
        found = self._call("read", f"order/{order_id}/", about=order_id).get("order")
        if not isinstance(found, dict):
            raise unclear("read", "its answer has no order", write=False)
        return found

    def orders(self, page: int, limit: int = PAGE) -> list[Json]:
        """The newest first; 25 at most."""
        return _rows(self._call("list", "orders/", {"page": page, "limit": limit}), "orders")

    def waybill(self, order_id: str) -> Json:
        """``waybill`` in base64 and its ``type``."""
        return self._call("label", f"waybill/{order_id}/", about=order_id)

    def cancel(self, order_id: str) -> None:
        """Repeating is harmless: it is refused."""
        self._call("cancel", f"cancel_order/{order_id}/", about=order_id)

    def _call(
        self, call: str, route: str, request: Json | None = None, *, about: str = "", write: bool = False
    ) -> Json:
        text = compact(request or {})
        read: Json = {}

        def made() -> httpx2.Request:
            # Signed when it goes out: the limiter may have held it for longer than a signature lives.
            expires = str(int((self.clock() + VALID).timestamp()))
            form = {
                "app_id": self._app_id,
                "request": text,
                "expires": expires,
                "signature": signature(self._app_id, self._secret, route, text, expires),
            }
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            return self.build("POST", f"/{route}", content=urlencode(form).encode(), headers=headers)

        def judged(answer: httpx2.Response) -> Failure | None:
            envelope = _envelope(answer)
            if envelope is None:
                what = "its answer has no envelope" if answer.is_success else f"HTTP {answer.status_code}"
                return unclear(call, what, write)
            if str(envelope["status"]) == "200":
                response = envelope.get("response")
                # PHP sends an empty map as a list.
                read.update(response if isinstance(response, dict) else {})
                return None
            message = str(envelope.get("message") or "")
            return refusal(call, message, about=about, request=request, write=write)

        priority = Priority.WRITE_BACK if write or call == "label" else Priority.EDITS
        self.ask(call, made, judged, write=write, priority=priority)
        return read


def _envelope(answer: httpx2.Response) -> Json | None:
    if answer.status_code != 200:
        return None
    try:
        read = json.loads(answer.content)
    except (ValueError, RecursionError):
        return None
    return read if isinstance(read, dict) and str(read.get("status")) in ("200", "400") else None


def _rows(response: Json, key: str) -> list[Json]:
    """A list that PHP may send as a map."""
    value: Any = response.get(key)
    if isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, list):
        raise unclear(key, f"its answer has no {key}", write=False)
    return [row for row in value if isinstance(row, dict)]
