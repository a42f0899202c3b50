"""ShipX's calls, one thin function each; names and fields are those of the reference."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import httpx2

from pomost.connectors.carriers.failures import unclear
from pomost.connectors.carriers.wire import Wire, utc_now
from pomost.connectors.shipx.errors import refusal
from pomost.connectors.shipx.settings import Settings
from pomost.ports import CallLimiter, Failure, Json, Priority

PAGE = 100


class ShipXClient(Wire):
    """The wire with ShipX's methods on it."""

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
            headers={
                "Authorization": f"Bearer {settings.token}",
                "Accept-Language": "keys",
                "X-User-Agent": "Pomost",
            },
        )
        self._organization = f"/v1/organizations/{settings.organization}"
        self._account = str(settings.organization)

    def organization(self) -> Json:
        return self._json("organization", "GET", self._organization, about=self._account)

    def create(self, shipment: Json, reference: str) -> Json:
        """Not repeatable: each call makes a shipment."""
        path = f"{self._organization}/shipments"
        about = reference
        return self._json("create", "POST", path, body=shipment, about=about, write=True)

    def shipments(self, **filters: Any) -> Json:
        """One page of the search, in its envelope."""
        asked = {"per_page": PAGE, **filters}
        path = f"{self._organization}/shipments"
        return self._json("list", "GET", path, query=asked, about=self._account)

    def shipment(self, shipment_id: str) -> Json:
        return self._json("read", "GET", f"/v1/shipments/{shipment_id}", about=shipment_id)

    def buy(self, shipment_id: str, offer_id: int) -> Json:
        """The answer shows the shipment as it was before: read it again. A shipment is bought once, however often this is
        asked."""
        path = f"/v1/shipments/{shipment_id}/buy"
        return self._json("buy", "POST", path, body={"offer_id": offer_id}, about=shipment_id)

    def cancel(self, shipment_id: str) -> None:
        """Repeating is harmless."""
        self._answer("cancel", "DELETE", f"/v1/shipments/{shipment_id}", about=shipment_id)

    def calculate(self, shipments: Json, reference: str) -> Any:
        """Prices of shipments that are not made; the answer is a list, of which nothing is promised."""
        path = f"{self._organization}/shipments/calculate"
        answer = self._answer("calculate", "POST", path, body=shipments, about=reference)
        try:
            return json.loads(answer.content, parse_float=Decimal)
        except (ValueError, RecursionError):
            return None

    def dispatch(self, pickup: Json, about: str) -> Json:
        """Not repeatable: each call may send a courier."""
        path = f"{self._organization}/dispatch_orders"
        return self._json("dispatch", "POST", path, body=pickup, about=about, write=True)

    def dispatched(self, pickup_id: str) -> Json:
        return self._json("dispatched", "GET", f"/v1/dispatch_orders/{pickup_id}", about=pickup_id)

    def label(self, shipment_id: str, **asked: str) -> httpx2.Response:
        """The file as it came, not checked."""
        return self._answer(
            "label", "GET", f"/v1/shipments/{shipment_id}/label", query=asked, about=shipment_id
        )

    def _json(self, call: str, method: str, path: str, *, write: bool = False, **given: Any) -> Json:
        answer = self._answer(call, method, path, write=write, **given)
        body = _body(answer)
        if body is None:
            failure = unclear(call, "its answer is not JSON", write)
            failure.name_connection(self.name)
            raise failure
        return body

    def _answer(
        self,
        call: str,
        method: str,
        path: str,
        *,
        query: Json | None = None,
        body: Json | None = None,
        about: str = "",
        write: bool = False,
    ) -> httpx2.Response:
        def request() -> httpx2.Request:
            if body is None:
                return self.build(method, path, params=query)
            content = json.dumps(body, ensure_ascii=False, separators=(",", ":"), default=_number).encode()
            return self.build(method, path, content=content, headers={"Content-Type": "application/json"})

        def read(answer: httpx2.Response) -> Failure | None:
            if answer.is_success:
                return None
            return refusal(call, answer.status_code, _body(answer), about=about, write=write)

        priority = Priority.WRITE_BACK if write or call == "label" else Priority.EDITS
        return self.ask(call, request, read, write=write, priority=priority)


def _body(answer: httpx2.Response) -> Json | None:
    """The JSON object of an answer, or None: InPost stands behind a network that answers in HTML at times."""
    try:
        read = json.loads(answer.content, parse_float=Decimal)
    except (ValueError, RecursionError):
        return None
    return read if isinstance(read, dict) else None


def _number(value: Any) -> int | float:
    """Decimals go as numbers with their own digits: amounts are far shorter than what a float keeps."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"{type(value).__name__} can't be sent to ShipX")
