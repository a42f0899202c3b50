"""InPost does what every carrier must do."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from pomost.connectors.shipx import ShipXCarrier
from pomost.ports.carrier import ShipmentOrder, ShipmentState
from pomost.sandbox.shipx import ShipX
from tests.connectors.carrier_conformance import WRONG_KEY, CarrierConformance, Clock, shipment

WORDS = {
    ShipmentState.COLLECTED: "collected_from_sender",
    ShipmentState.ON_THE_WAY: "adopted_at_sorting_center",
    ShipmentState.AT_POINT: "ready_to_pickup",
    ShipmentState.DELIVERED: "delivered",
    ShipmentState.UNKNOWN: "stolen_by_a_fox",
}
FAULTS = {"html": "html-503", "empty": "empty-body"}


class InPostDepot:
    reads_receiver = True

    def __init__(self, inpost: ShipX, clock: Clock, join: Callable[..., ShipXCarrier]) -> None:
        self.inpost, self.clock, self._join = inpost, clock, join

    def order(self, reference: str = "PM-0000017", **changes: Any) -> ShipmentOrder:
        return shipment(reference, "inpost_courier_standard", **changes)

    def bought(self) -> int:
        return sum(one["status"] != "canceled" for one in self.inpost.shipments)

    def ordered(self) -> int:
        return len(self.inpost.calls("create"))

    def move(self, external_id: str, state: ShipmentState) -> None:
        self.inpost.move(external_id, WORDS[state])

    def misbehave(self, fault: str, on: str, times: int = 1) -> None:
        self.inpost.misbehave(FAULTS.get(fault, fault), on, times)

    def behave(self) -> None:
        self.inpost.behave()

    def with_wrong_key(self) -> ShipXCarrier:
        return self._join(token=WRONG_KEY)


class TestInPost(CarrierConformance):
    @pytest.fixture
    def depot(self, inpost: ShipX, clock: Clock, join: Callable[..., ShipXCarrier]) -> InPostDepot:
        return InPostDepot(inpost, clock, join)

    def money_of(self, depot: InPostDepot, external_id: str) -> tuple[Decimal, Decimal]:
        shown = depot.inpost.shipment(external_id)
        return Decimal(str(shown["cod"]["amount"])), Decimal(str(shown["insurance"]["amount"]))
