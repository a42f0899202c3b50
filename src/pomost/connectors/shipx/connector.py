"""InPost as a carrier."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from threading import Lock

from pomost.connectors.carriers import failures
from pomost.connectors.carriers.wire import utc_now
from pomost.connectors.shipx import pickups
from pomost.connectors.shipx.client import ShipXClient
from pomost.connectors.shipx.finding import find
from pomost.connectors.shipx.mapping import is_locker, offer_to_buy, shipment_from_wire, shipment_to_wire
from pomost.connectors.shipx.points import NONE, PointsWire
from pomost.connectors.shipx.prices import quotes
from pomost.connectors.shipx.settings import Settings
from pomost.connectors.shipx.statuses import EARLY
from pomost.ports import CallLimiter, Failure, Json, NeedsPerson
from pomost.ports.carrier import (
    Collectable,
    Label,
    LabelFormat,
    Pickup,
    PickupWindow,
    Point,
    PointQuery,
    Quote,
    Service,
    Shipment,
    ShipmentOrder,
    ShipmentState,
    checked_label,
)
from pomost.trade.order import Party

NAMES = {
    "inpost_locker_standard": "InPost Paczkomat",
    "inpost_locker_economy": "InPost Paczkomat ekonomiczny",
    "inpost_locker_pass_thru": "InPost Paczkomat, ten sam punkt",
    "inpost_courier_standard": "InPost Kurier",
    "inpost_courier_c2c": "InPost Kurier (konto przedpłacone)",
    "inpost_courier_express_1000": "InPost Kurier do 10:00",
    "inpost_courier_express_1200": "InPost Kurier do 12:00",
    "inpost_courier_express_1700": "InPost Kurier do 17:00",
    "inpost_courier_palette": "InPost paleta",
}
TRADED = {"inpost_locker_standard", "inpost_courier_standard", "inpost_courier_c2c"}


class ShipXCarrier:
    """One organization at InPost; implements `pomost.ports.carrier.Carrier`, ``Buys``, ``Pushes``, ``Quotes``, ``Points`` and
    ``PicksUp``."""

    def __init__(
        self, settings: Settings, limiter: CallLimiter, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self.settings = settings
        self.client = ShipXClient(settings, limiter, clock)
        self._points = PointsWire(settings, limiter, clock)
        self._services: tuple[Service, ...] = ()
        self._asking = Lock()

    @property
    def name(self) -> str:
        return self.settings.name

    def capabilities(self) -> frozenset[str]:
        can = {"cod", "insurance", "points", "zpl", "buy", "push", "quote", "pickup"}
        if self.settings.buying == "by-hand":
            can |= {"cancel"}
        if self.settings.points_url != NONE:
            can |= {"find-points"}
        return frozenset(can)

    def services(self) -> tuple[Service, ...]:
        """Those of the organization, without the ones that only Allegro may order."""
        with self._asking:
            if not self._services:
                self._services = self._read_services()
            return self._services

    def create(self, order: ShipmentOrder) -> str:
        body = shipment_to_wire(order, self.settings)
        try:
            made = self.client.create(body, order.reference)
        except NeedsPerson as refused:
            if refused.code == "carrier.not-served":
                raise self._named(failures.not_served(order.service, "no_contract")) from refused
            raise
        shipment_id = made.get("id")
        if not isinstance(shipment_id, int):
            raise self._named(failures.unclear("create", "its answer has no id", write=True))
        return str(shipment_id)

    def find(self, order: ShipmentOrder, since: datetime | None) -> str | None:
        return find(self.client, order, since, self.settings.settle_s)

    def read(self, external_id: str) -> Shipment:
        return shipment_from_wire(self._shown(external_id))

    def label(self, external_id: str, format: LabelFormat = "pdf") -> Label:
        shown = self._shown(external_id)
        if not shipment_from_wire(shown).label_ready:
            raise self._named(failures.label_not_yet(external_id))
        locker = is_locker(str(shown.get("service")))
        asked = {"format": "Zpl" if format == "zpl" else "Pdf"}
        if format == "zpl" and self.settings.zpl_dpi == 300 and locker:
            asked["type"] = "dpi300"
        elif format == "pdf" and (self.settings.label_type == "A6" or locker):
            # Couriers have no sheet of A4: A6 comes back when no type is asked for.
            asked["type"] = self.settings.label_type
        answer = self.client.label(external_id, **asked)
        return checked_label(answer.content, format, answer.headers.get("content-type", ""))

    def cancel(self, external_id: str) -> bool:
        """Only what waits to be bought is cancelled: InPost lets a purchase that is under way go on over an accepted
        cancel, so that such a shipment is not even tried."""
        now = self.read(external_id)
        if now.state == ShipmentState.CANCELLED:
            return True
        waits = now.state in (ShipmentState.ORDERED, ShipmentState.FAILED)
        if not waits or (self.settings.buying == "at-once" and now.problem is None):
            raise self._named(failures.cannot_cancel(external_id, now.raw_status))
        try:
            self.client.cancel(external_id)
        except NeedsPerson as refused:
            if refused.code != "carrier.refused":
                raise
            raise self._named(failures.cannot_cancel(external_id, now.raw_status)) from refused
        after = self.read(external_id)
        if after.state != ShipmentState.CANCELLED:
            raise self._named(failures.cannot_cancel(external_id, after.raw_status))
        return True

    def buy(self, external_id: str) -> None:
        """Buys what waits: after a choice by hand, or after a payment that failed."""
        shown = self._shown(external_id)
        if str(shown.get("status")) not in EARLY:
            return
        offer = offer_to_buy(shown)
        if offer is None:
            problem = shipment_from_wire(shown).problem
            raise self._named(problem or failures.label_not_yet(external_id))
        self.client.buy(external_id, offer)

    def quote(self, order: ShipmentOrder) -> tuple[Quote, ...]:
        return quotes(self.client, self.settings, self.services(), order)

    def points(self, query: PointQuery) -> tuple[Point, ...]:
        return self._points.points(query)

    def collectables(self, external_ids: Sequence[str]) -> tuple[Collectable, ...]:
        return pickups.collectables(self.client, external_ids)

    def pickup(self, external_ids: Sequence[str], window: PickupWindow, address: Party | None) -> str:
        """InPost takes no day: its courier comes with the next round."""
        return pickups.order(self.client, self.settings, external_ids, window, address)

    def find_pickup(self, external_ids: Sequence[str], since: datetime) -> str | None:
        return pickups.find(self.client, external_ids, since, self.settings.settle_s)

    def read_pickup(self, pickup_id: str) -> Pickup:
        return pickups.read(self.client, pickup_id)

    def pushed(self, body: bytes) -> str | None:
        """Of InPost's webhooks, which are not signed: anybody can send one, so only the id is taken."""
        try:
            event = json.loads(body)
            account, shipment_id = str(event["organization_id"]), event["payload"]["shipment_id"]
        except (ValueError, KeyError, TypeError, RecursionError):
            return None
        if not hmac.compare_digest(account.encode(), str(self.settings.organization).encode()):
            return None
        return str(shipment_id) if isinstance(shipment_id, int) and shipment_id > 0 else None

    def check(self) -> tuple[Failure, ...]:
        try:
            found = self._read_services()
        except Failure as failure:
            return (failure,)
        if not TRADED & {service.id for service in found}:
            return (self._named(failures.not_served(", ".join(sorted(TRADED)), "no_contract")),)
        return ()

    def close(self) -> None:
        self.client.close()
        self._points.close()

    def _shown(self, external_id: str) -> Json:
        if not external_id.isdecimal():
            raise self._named(failures.not_found(external_id))
        return self.client.shipment(external_id)

    def _read_services(self) -> tuple[Service, ...]:
        listed = self.client.organization().get("services")
        ids = [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []
        return tuple(
            Service(one, NAMES.get(one, one), to_point=is_locker(one)) for one in ids if "allegro" not in one
        )

    def _named(self, failure: Failure) -> Failure:
        failure.name_connection(self.name)
        return failure
