"""BaseLinker's own couriers behind the port of carriers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from pomost.connectors.baselinker import BaseLinkerClient
from pomost.connectors.baselinker.shipping import BaseLinkerShipping
from pomost.connectors.baselinker.shipping_words import fields_to_wire, packages_to_wire, shipment_from_wire
from pomost.ports import NeedsPerson
from pomost.ports.carrier import Parcel, ShipmentOrder, ShipmentState
from pomost.sandbox.baselinker import Sandbox, Settings, shipments
from tests.aside import aside
from tests.connectors.carrier_conformance import WRONG_KEY, CarrierConformance, Clock, NoLimit, shipment

STATUSES = {
    ShipmentState.COLLECTED: 2,
    ShipmentState.ON_THE_WAY: 11,
    ShipmentState.DELIVERED: 5,
    ShipmentState.UNKNOWN: 99,
}
METHODS = {"create": "createPackage", "read": "getOrderPackages", "label": "getLabel"}
FAULTS = {"html": "http-502", "empty": "empty-body"}
Join = Callable[..., BaseLinkerShipping]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sandbox(clock: Clock) -> Iterator[Sandbox]:
    with aside(Sandbox(settings=Settings(limit=0, strict=True, clock=clock))) as running:
        yield running


@pytest.fixture
def join(sandbox: Sandbox, clock: Clock) -> Iterator[Join]:
    wires: list[BaseLinkerClient] = []

    def carrier(token: str = "") -> BaseLinkerShipping:
        wire = BaseLinkerClient(token or sandbox.token, sandbox.url, limiter=NoLimit(), clock=clock.moment)
        wires.append(wire)
        return BaseLinkerShipping(wire, clock=clock.moment)

    yield carrier
    for wire in wires:
        wire.close()


@pytest.fixture
def carrier(join: Join) -> BaseLinkerShipping:
    return join()


class BaseLinkerDepot:
    reads_receiver = False

    def __init__(self, sandbox: Sandbox, clock: Clock, join: Join) -> None:
        self.sandbox, self.clock, self._join = sandbox, clock, join

    def order(self, reference: str = "PM-0000017", **changes: Any) -> ShipmentOrder:
        order_id = str(self.sandbox.place()[0])
        return shipment(reference, "inpostkurier", **{"order_id": order_id, **changes})

    def packages(self) -> list[dict[str, Any]]:
        account = self.sandbox.shop.account
        with account.transaction():
            return shipments.packages(account)

    def bought(self) -> int:
        return len(self.packages())

    def ordered(self) -> int:
        return len(self.sandbox.calls("createPackage"))

    def move(self, external_id: str, state: ShipmentState) -> None:
        self.track(external_id, STATUSES[state])

    def track(self, external_id: str, status: int) -> None:
        account = self.sandbox.shop.account
        with account.transaction():
            shipments.track(account, int(external_id.rpartition("/")[2]), status)

    def misbehave(self, fault: str, on: str, times: int = 1) -> None:
        self.sandbox.misbehave(FAULTS.get(fault, fault), method=METHODS[on], times=times)

    def behave(self) -> None:
        self.sandbox.behave()

    def with_wrong_key(self) -> BaseLinkerShipping:
        return self._join(token=WRONG_KEY)


@pytest.fixture
def depot(sandbox: Sandbox, clock: Clock, join: Join) -> BaseLinkerDepot:
    return BaseLinkerDepot(sandbox, clock, join)


class TestBaseLinkerShipping(CarrierConformance):
    def test_two_shipments_with_one_reference_are_for_a_person(
        self, carrier: Any, depot: BaseLinkerDepot
    ) -> None:
        """Here already the second one is refused, as it could not be told from the first."""
        order = depot.order()
        carrier.create(order)
        with pytest.raises(NeedsPerson) as refused:
            carrier.create(order)
        assert refused.value.code == "carrier.shipped-already"
        carrier.create(replace(order, options={"another": "yes"}))
        with pytest.raises(NeedsPerson) as refused:
            carrier.find(order, None)
        assert refused.value.code == "carrier.found-twice"
        assert depot.bought() == 2

    def money_of(self, depot: BaseLinkerDepot, external_id: str) -> tuple[Decimal, Decimal]:
        (package,) = depot.packages()
        return Decimal(package["values"]["cod"]), Decimal(package["values"]["insurance"])


def test_the_tracking_number_stands_on_the_order(carrier: BaseLinkerShipping, depot: BaseLinkerDepot) -> None:
    order = depot.order()
    number = carrier.read(carrier.create(order)).tracking_number
    shown = depot.sandbox.order(int(order.order_id))
    assert (shown["delivery_package_module"], shown["delivery_package_nr"]) == ("inpostkurier", number)


def test_our_reference_content_and_size_go_into_the_courier_s_fields(
    carrier: BaseLinkerShipping, depot: BaseLinkerDepot
) -> None:
    order = depot.order()
    depot.sandbox.edit(int(order.order_id), delivery_point_id="LOD05M")
    carrier.create(replace(order, service="paczkomaty:4103", parcels=(Parcel(template="medium"),)))
    (package,) = depot.packages()
    assert package["account_id"] == 4103
    assert package["values"] == {
        "reference_number": "PM-0000017",
        "package_description": "Kubki",
        "size_type": "B",
    }
    assert package["pieces"] == [{"weight": "1"}]


def test_a_locker_that_the_order_does_not_name_is_refused(
    carrier: BaseLinkerShipping, depot: BaseLinkerDepot
) -> None:
    with pytest.raises(NeedsPerson) as refused:
        carrier.create(replace(depot.order(), service="paczkomaty"))
    assert refused.value.code == "carrier.courier-refused"
    assert "paczkomatu" in str(refused.value)
    assert depot.bought() == 0


def test_a_shipment_without_an_order_is_refused(carrier: BaseLinkerShipping) -> None:
    with pytest.raises(NeedsPerson) as refused:
        carrier.create(shipment(service="inpostkurier"))
    assert refused.value.code == "carrier.no-order"


def test_several_parcels_where_the_courier_takes_one(
    carrier: BaseLinkerShipping, depot: BaseLinkerDepot
) -> None:
    with pytest.raises(NeedsPerson) as refused:
        carrier.create(replace(depot.order(), service="paczkomaty", parcels=(Parcel(), Parcel())))
    assert refused.value.code == "carrier.one-parcel"


def test_a_new_shipment_is_cancelled_and_gone(carrier: BaseLinkerShipping, depot: BaseLinkerDepot) -> None:
    order = depot.order()
    external_id = carrier.create(order)
    depot.sandbox.misbehave("cut-after", method="deleteCourierPackage")
    assert carrier.cancel(external_id)
    assert carrier.cancel(external_id)
    assert depot.bought() == 0
    assert depot.sandbox.order(int(order.order_id))["delivery_package_nr"] == ""


def test_a_return_of_the_buyer_is_not_taken_for_ours(
    carrier: BaseLinkerShipping, depot: BaseLinkerDepot, clock: Clock
) -> None:
    order = depot.order()
    wire = BaseLinkerClient(depot.sandbox.token, depot.sandbox.url, limiter=NoLimit(), clock=clock.moment)
    sent = {"order_id": int(order.order_id), "courier_code": "inpostkurier", "package_number": "RET1"}
    wire.call("createPackageManual", {**sent, "return_shipment": True}, write=True)
    wire.close()
    assert carrier.find(order, None) is None


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (0, ShipmentState.UNKNOWN),
        (1, ShipmentState.READY),
        (2, ShipmentState.COLLECTED),
        (3, ShipmentState.ON_THE_WAY),
        (4, ShipmentState.ON_THE_WAY),
        (5, ShipmentState.DELIVERED),
        (6, ShipmentState.RETURNED),
        (7, ShipmentState.AT_POINT),
        (8, ShipmentState.AT_POINT),
        (9, ShipmentState.FAILED),
        (10, ShipmentState.CANCELLED),
        (11, ShipmentState.ON_THE_WAY),
        (12, ShipmentState.ON_THE_WAY),
        (13, ShipmentState.ON_THE_WAY),
        (14, ShipmentState.UNKNOWN),
        ("5", ShipmentState.DELIVERED),
        ("", ShipmentState.UNKNOWN),
        (None, ShipmentState.UNKNOWN),
    ],
)
def test_states(status: object, state: ShipmentState) -> None:
    now = shipment_from_wire({"tracking_status": status, "courier_package_nr": "62"}, "1/dpd/2")
    assert now.state == state
    assert (now.problem is not None) == (status in (3, 9, 12))


def test_measures_take_the_names_of_the_courier() -> None:
    known = {
        "package_fields": [
            {"id": "weight"},
            {"id": "size_length"},
            {"id": "size_width"},
            {"id": "size_height"},
        ]
    }
    order = shipment(service="dpd", parcels=(Parcel(Decimal("1.5"), 401, 300, 10),))
    assert packages_to_wire(order, known, Decimal(1)) == [
        {
            "weight": Decimal("1.5"),
            "size_length": Decimal(41),
            "size_width": Decimal(30),
            "size_height": Decimal(1),
        }
    ]


def test_fields_under_other_names_are_named_in_the_options() -> None:
    known = {"fields": {"0": {"id": "pobranie"}, "1": {"id": "uwagi"}}}
    order = shipment(service="dpd", cod=Decimal(10), options={"uwagi": "szkło"})
    with pytest.raises(NeedsPerson) as refused:
        fields_to_wire(order, known)
    assert refused.value.code == "carrier.no-field"
    named = replace(order, options={**order.options, "cod_field": "pobranie"})
    assert fields_to_wire(named, known) == [
        {"id": "uwagi", "value": "szkło"},
        {"id": "pobranie", "value": "10"},
    ]


def test_a_shipment_after_another_one_is_never_taken_for_it(
    carrier: BaseLinkerShipping, depot: BaseLinkerDepot
) -> None:
    order = depot.order()
    first = carrier.create(order)
    later = replace(order, earlier=(first,))

    assert carrier.find(later, None) is None
    second = carrier.create(later)
    assert second != first
    assert carrier.find(later, None) == second
    with pytest.raises(NeedsPerson) as refused:
        carrier.create(later)
    assert refused.value.code == "carrier.shipped-already"
