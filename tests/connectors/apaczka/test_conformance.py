"""Apaczka does what every carrier must do."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from pomost.connectors.apaczka import ApaczkaCarrier
from pomost.ports.carrier import ShipmentOrder, ShipmentState
from pomost.sandbox.apaczka import Apaczka
from tests.connectors.carrier_conformance import WRONG_KEY, CarrierConformance, Clock, shipment

WORDS = {
    ShipmentState.COLLECTED: "SENT",
    ShipmentState.ON_THE_WAY: "IN_TRANSIT",
    ShipmentState.DELIVERED: "DELIVERED",
    ShipmentState.UNKNOWN: "STOLEN_BY_A_FOX",
}
FAULTS = {"html": "html-503", "empty": "empty-label"}


class ApaczkaDepot:
    reads_receiver = True

    def __init__(self, apaczka: Apaczka, clock: Clock, join: Callable[..., ApaczkaCarrier]) -> None:
        self.apaczka, self.clock, self._join = apaczka, clock, join

    def order(self, reference: str = "PM-0000017", **changes: Any) -> ShipmentOrder:
        return shipment(reference, "21", **changes)

    def bought(self) -> int:
        return len(self.apaczka.bought)

    def ordered(self) -> int:
        return len(self.apaczka.calls("create"))

    def move(self, external_id: str, state: ShipmentState) -> None:
        self.apaczka.move(external_id, WORDS[state])

    def misbehave(self, fault: str, on: str, times: int = 1) -> None:
        self.apaczka.misbehave(FAULTS.get(fault, fault), on, times)

    def behave(self) -> None:
        self.apaczka.behave()

    def with_wrong_key(self) -> ApaczkaCarrier:
        return self._join(app_secret=WRONG_KEY)


class TestApaczka(CarrierConformance):
    @pytest.fixture
    def depot(self, apaczka: Apaczka, clock: Clock, join: Callable[..., ApaczkaCarrier]) -> ApaczkaDepot:
        return ApaczkaDepot(apaczka, clock, join)

    def money_of(self, depot: ApaczkaDepot, external_id: str) -> tuple[Decimal, Decimal]:
        sent = depot.apaczka.sent(external_id)
        return Decimal(sent["cod"]["amount"]) / 100, Decimal(sent["shipment_value"]) / 100
