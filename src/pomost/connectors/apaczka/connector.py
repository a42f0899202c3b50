"""Apaczka as a carrier."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from threading import Lock

from pomost.connectors.apaczka import pickups
from pomost.connectors.apaczka.client import ApaczkaClient
from pomost.connectors.apaczka.finding import Finding
from pomost.connectors.apaczka.hours import Hours
from pomost.connectors.apaczka.mapping import order_to_wire, service_from_wire, shipment_from_wire
from pomost.connectors.apaczka.points import search, slim
from pomost.connectors.apaczka.prices import quotes
from pomost.connectors.apaczka.settings import Settings
from pomost.connectors.apaczka.signing import pushed_order
from pomost.connectors.carriers import failures
from pomost.connectors.carriers.collecting import no_points, pickup_off
from pomost.connectors.carriers.kept import Kept
from pomost.connectors.carriers.wire import utc_now
from pomost.ports import CallLimiter, Failure, Json, NeedsPerson
from pomost.ports.carrier import (
    Collectable,
    Label,
    LabelFormat,
    Pickup,
    PickupState,
    PickupWindow,
    Point,
    PointQuery,
    Quote,
    Service,
    Shipment,
    ShipmentOrder,
    ShipmentState,
    checked_label,
    no_zpl,
)
from pomost.trade.order import Party

SERVICES_KEPT = timedelta(hours=24)
"""Apaczka asks that the services be read once a day."""


class ApaczkaCarrier:
    """One application at Apaczka; implements `pomost.ports.carrier.Carrier`, ``Pushes``, ``Quotes``, ``Points`` and
    ``PicksUp``."""

    def __init__(
        self, settings: Settings, limiter: CallLimiter, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self.settings = settings
        self.client = ApaczkaClient(settings, limiter, clock)
        self._finding = Finding(self.client, settings.settle_s, settings.recheck_s)
        self._rows: dict[str, Json] = {}
        self._networks: frozenset[str] = frozenset()
        account = f"{settings.url} {settings.app_id}"
        self._kept = Kept(settings.kept_in, account, self.client.clock, SERVICES_KEPT)
        self._hours = Hours(
            self.client, settings.kept_in, account, self.client.clock, settings.sender_postcode
        )
        self._read_at: datetime | None = None
        self._asking = Lock()

    @property
    def name(self) -> str:
        return self.settings.name

    def capabilities(self) -> frozenset[str]:
        can = {"cancel", "cod", "insurance", "points", "push", "quote", "find-points"}
        return frozenset(can | {"pickup"} if self.settings.late_pickup else can)

    def services(self) -> tuple[Service, ...]:
        return tuple(service_from_wire(row) for row in self._structure().values())

    def create(self, order: ShipmentOrder) -> str:
        row = self._structure().get(order.service)
        if row is None:
            raise self._named(failures.not_served(order.service, "unknown_service"))
        sent = order_to_wire(order, row, self.settings, self.client.clock())
        order_id = str(self.client.send(sent, order.reference).get("id") or "")
        if not order_id.isdecimal():
            raise self._named(failures.unclear("create", "its answer has no id", write=True))
        return order_id

    def find(self, order: ShipmentOrder, since: datetime | None) -> str | None:
        return self._finding.find(order, since)

    def read(self, external_id: str) -> Shipment:
        return shipment_from_wire(self.client.order(self._checked(external_id)))

    def label(self, external_id: str, format: LabelFormat = "pdf") -> Label:
        """In the size that was chosen when the shipment was ordered."""
        if format != "pdf":
            raise no_zpl(self.name)
        try:
            answer = self.client.waybill(self._checked(external_id))
        except NeedsPerson as refused:
            # Only prose says why there is no label: the shipment itself tells it better.
            if refused.code == "carrier.refused":
                now = self.read(external_id)
                if not now.label_ready and not now.state.terminal:
                    raise self._named(failures.label_not_yet(external_id)) from refused
            raise
        try:
            content = base64.b64decode(str(answer.get("waybill") or ""), validate=False)
        except (binascii.Error, ValueError):
            content = b""
        return checked_label(content, "pdf", str(answer.get("type") or ""))

    def cancel(self, external_id: str) -> bool:
        try:
            self.client.cancel(self._checked(external_id))
        except NeedsPerson as refused:
            if refused.code != "carrier.refused":
                raise
            now = self.read(external_id)
            if now.state == ShipmentState.CANCELLED:
                return True
            raise self._named(failures.cannot_cancel(external_id, now.raw_status)) from refused
        return True

    def quote(self, order: ShipmentOrder) -> tuple[Quote, ...]:
        return quotes(self.client, self.settings, self._structure(), order, self.client.clock())

    def points(self, query: PointQuery) -> tuple[Point, ...]:
        """Of the network that carries the service; its list is a day old at most."""
        row = self._structure().get(query.service)
        if row is None:
            raise no_points(self.name, "each service has its own, and none of them was named")
        network = str(row.get("supplier") or "")
        if network not in self._networks or not network.replace("_", "").isalnum():
            raise no_points(self.name, f"Apaczka lists none of {network or 'this carrier'}")
        return search(self._kept.of(f"points-{network}", lambda: self._read_points(network)), query)

    def collectables(self, external_ids: Sequence[str]) -> tuple[Collectable, ...]:
        return pickups.collectables(self.client, self._structure(), list(map(self._checked, external_ids)))

    def pickup(self, external_ids: Sequence[str], window: PickupWindow, address: Party | None) -> str:
        """Apaczka's couriers come to the sender of each shipment, whatever ``address`` is. Gives "" where Apaczka names no
        pickup."""
        if not self.settings.late_pickup:
            raise pickup_off(self.name)
        ids = list(map(self._checked, external_ids))
        hours = self._hours if self.settings.check_hours else None
        return pickups.order(self.client, self._structure(), ids, window, hours)

    def find_pickup(self, external_ids: Sequence[str], since: datetime) -> str | None:
        return pickups.find(self.client, list(map(self._checked, external_ids)))

    def read_pickup(self, pickup_id: str) -> Pickup:
        """Apaczka does not tell what became of a pickup."""
        return Pickup(pickup_id, PickupState.UNKNOWN)

    def pushed(self, body: bytes) -> str | None:
        return pushed_order(body, self.settings.app_id, self.settings.app_secret)

    def check(self) -> tuple[Failure, ...]:
        try:
            self.client.orders(1, 1)
            if not self._structure():
                return (self._named(failures.no_contract()),)
        except Failure as failure:
            return (failure,)
        return ()

    def close(self) -> None:
        self.client.close()

    def _structure(self) -> dict[str, Json]:
        with self._asking:
            now = self.client.clock()
            if self._read_at is None or now - self._read_at > SERVICES_KEPT:
                read = self.client.structure()
                self._rows = {str(row.get("service_id")): row for row in read["services"]}
                kinds = read.get("points_type")
                named = (
                    kinds.values() if isinstance(kinds, dict) else kinds if isinstance(kinds, list) else ()
                )
                self._networks = frozenset(str(one) for one in named)
                self._read_at = now
            return self._rows

    def _read_points(self, network: str) -> list[Json]:
        return [kept for row in self.client.points(network) if (kept := slim(row)) is not None]

    def _checked(self, external_id: str) -> str:
        if not external_id.isdecimal():
            raise self._named(failures.not_found(external_id))
        return external_id

    def _named(self, failure: Failure) -> Failure:
        failure.name_connection(self.name)
        return failure
