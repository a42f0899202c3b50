"""InPost's points, prices and couriers who collect."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from pomost.connectors.shipx import Settings, ShipXCarrier
from pomost.connectors.shipx.points import point_from_wire, points_url
from pomost.ports import Failure, InDoubt, NeedsPerson, StopConnection, TryAgain, WaitUntil
from pomost.ports.carrier import (
    Parcel,
    PicksUp,
    PickupState,
    PickupWindow,
    PointQuery,
    Points,
    Quotes,
    ShipmentOrder,
)
from pomost.sandbox.shipx import ShipX
from pomost.trade.order import Address, Party
from tests.connectors.carrier_conformance import Clock, NoLimit, shipment

Join = Callable[..., ShipXCarrier]
COURIER = "inpost_courier_standard"


def to_locker(**changes: Any) -> ShipmentOrder:
    order = shipment("PM-0000031", "inpost_locker_standard")
    return replace(order, **{"point": "LOD05M", "parcels": (Parcel(template="small"),), **changes})


def window(clock: Clock, days: int = 0) -> PickupWindow:
    now = clock.moment().astimezone(ZoneInfo("Europe/Warsaw"))
    return PickupWindow(now.date() + timedelta(days=days), time(0, 0), time(23, 59))


def ordered(carrier: ShipXCarrier, clock: Clock, count: int = 1, service: str = COURIER) -> list[str]:
    made = [carrier.create(shipment(f"PM-10000{number}", service)) for number in range(count)]
    clock.go(5)
    return made


def test_it_can_all_of_it(carrier: ShipXCarrier, join: Join) -> None:
    assert isinstance(carrier, Quotes)
    assert isinstance(carrier, Points)
    assert isinstance(carrier, PicksUp)
    assert {"quote", "find-points", "pickup"} <= carrier.capabilities()
    assert "find-points" not in join(points_url="none").capabilities()


class TestPoints:
    def test_one_is_asked_for_as_a_filter_of_the_list(self, carrier: ShipXCarrier, inpost: ShipX) -> None:
        (found,) = carrier.points(PointQuery(code="lod05m"))

        assert (found.code, found.kind, found.open, found.cod) == ("LOD05M", "parcel_locker", True, True)
        assert (found.address.street, found.address.postcode) == ("Polna 2", "90-001")
        assert inpost.calls("find-points")[0].path == "/v1/points"

    def test_one_that_is_not_there_is_certainly_none_and_one_that_is_shut_says_so(
        self, carrier: ShipXCarrier
    ) -> None:
        assert carrier.points(PointQuery(code="XXX00X")) == ()
        assert [one.open for one in carrier.points(PointQuery(code="ZZZ00Z"))] == [False]

    def test_near_a_postcode_the_nearest_come_first(self, carrier: ShipXCarrier) -> None:
        found = carrier.points(PointQuery(postcode="90001", limit=3))

        assert [one.code for one in found] == ["LOD05M", "POP-LOD1", "LOD77A"]
        away = [one.distance_m for one in found]
        assert away == sorted(away)  # type: ignore[type-var]

    @pytest.mark.parametrize("fault", ["deaf-points", "html-200", "html-503", "empty-body", "cut-before"])
    def test_no_trouble_says_that_a_point_is_missing(
        self, fault: str, carrier: ShipXCarrier, inpost: ShipX
    ) -> None:
        inpost.misbehave(fault, "find-points", times=9)
        with pytest.raises(TryAgain):
            carrier.points(PointQuery(code="GDA11B"))

    def test_a_wrong_address_says_nothing_of_points(self, join: Join, inpost: ShipX) -> None:
        with pytest.raises(Failure) as raised:
            join(points_url=f"{inpost.url}/elsewhere").points(PointQuery(code="LOD05M"))
        assert isinstance(raised.value, TryAgain | StopConnection)

    def test_a_pause_that_the_list_asks_for_holds_up_no_order(
        self, carrier: ShipXCarrier, inpost: ShipX, limit: NoLimit
    ) -> None:
        inpost.misbehave("limit", "find-points", seconds=3600)
        with pytest.raises(WaitUntil):
            carrier.points(PointQuery(code="LOD05M"))
        asked = len(inpost.calls("find-points"))
        with pytest.raises(WaitUntil):
            carrier.points(PointQuery(code="LOD05M"))

        assert len(inpost.calls("find-points")) == asked
        assert limit.blocked_until is None
        carrier.create(to_locker())

    @pytest.mark.parametrize(
        ("settings", "expected"),
        [
            ({}, "https://api.inpost.pl"),
            (
                {"url": "https://sandbox-api-shipx-pl.easypack24.net"},
                "https://sandbox-api-gateway-pl.easypack24.net",
            ),
            ({"points_url": "https://points.example"}, "https://points.example"),
            ({"url": "http://127.0.0.1:1"}, "http://127.0.0.1:1"),
        ],
    )
    def test_the_address_is_the_one_that_belongs_to_the_apis(
        self, settings: dict[str, str], expected: str
    ) -> None:
        assert points_url(Settings(token="t", organization=1, **settings)) == expected  # type: ignore[arg-type]

    def test_rows_that_lack_what_is_usual_are_read_all_the_same(self) -> None:
        assert point_from_wire({}) is None
        bare = point_from_wire({"name": "abc1", "address": None, "functions": None, "type": "pop"})
        assert bare is not None
        assert (bare.code, bare.open, bare.cod, bare.distance_m) == ("ABC1", False, None, None)


class TestPrices:
    def test_every_service_that_goes_there_is_priced_the_cheapest_first(
        self, carrier: ShipXCarrier, inpost: ShipX
    ) -> None:
        found = carrier.quote(to_locker())

        cheapest = found[0]
        assert (cheapest.service, cheapest.charge) == ("inpost_locker_standard", Decimal("12.99"))
        assert all(one.net is None and one.gross is None for one in found)
        assert inpost.shipments == []

    def test_what_can_not_be_carried_has_no_price_and_trouble_is_told(
        self, carrier: ShipXCarrier, inpost: ShipX
    ) -> None:
        inpost.settings.courier_contract = False
        services = [one.service for one in carrier.quote(shipment("PM-0000032"))]
        assert services
        assert COURIER not in services
        inpost.misbehave("html-503", "calculate", times=9)
        with pytest.raises(TryAgain):
            carrier.quote(to_locker())

    def test_another_form_is_no_price(self, carrier: ShipXCarrier, inpost: ShipX) -> None:
        inpost.misbehave("odd-prices", "calculate", times=9)
        assert carrier.quote(to_locker()) == ()


class TestPickups:
    def test_a_courier_is_called_for_all_at_once(
        self, carrier: ShipXCarrier, inpost: ShipX, clock: Clock
    ) -> None:
        ids = ordered(carrier, clock, 2)

        number = carrier.pickup(ids, window(clock), None)

        [made] = inpost.pickups
        assert (str(made["id"]), [str(one["id"]) for one in made["shipments"]]) == (number, ids)
        assert carrier.read_pickup(number).state == PickupState.ORDERED
        assert [one.pickup for one in carrier.collectables(ids)] == [number, number]
        assert carrier.find_pickup(ids, clock.moment()) == number

    def test_the_place_is_as_set_or_given_or_the_organizations(
        self, join: Join, carrier: ShipXCarrier, inpost: ShipX, clock: Clock
    ) -> None:
        ids = ordered(carrier, clock, 3)
        set_ = join(pickup_street="Magazynowa 3/4", pickup_postcode="00001", pickup_city="Warszawa")
        given = Party(company="Hala", phone="+48 600 700 800", address=Address("Inna 9", "30-001", "Kraków"))
        set_.pickup(ids[:1], window(clock), None)
        set_.pickup(ids[1:2], window(clock), given)
        carrier.pickup(ids[2:], window(clock), None)

        places = [(one["address"]["street"], one["address"]["building_number"]) for one in inpost.pickups]
        assert places == [("Magazynowa", "3/4"), ("Inna", "9"), ("Tkacka", "7B")]
        assert inpost.pickups[0]["address"]["post_code"] == "00-001"

    @pytest.mark.parametrize("street", ["Rynek", "bez numeru"])
    def test_a_place_that_nobody_finds_calls_nobody(
        self, street: str, join: Join, inpost: ShipX, clock: Clock
    ) -> None:
        one = join(pickup_street=street, pickup_postcode="00-001", pickup_city="Warszawa")
        with pytest.raises(NeedsPerson) as refused:
            one.pickup(ordered(one, clock), window(clock), None)
        assert refused.value.code == "carrier.pickup-address"
        assert inpost.pickups == []

    def test_what_has_a_courier_is_for_a_point_or_is_gone_is_not_collected(
        self, carrier: ShipXCarrier, inpost: ShipX, clock: Clock
    ) -> None:
        taken, gone = ordered(carrier, clock, 2)
        locker = carrier.create(to_locker())
        clock.go(5)
        carrier.pickup([taken], window(clock), None)
        inpost.move(gone, "collected_from_sender")

        for one in (taken, gone, locker):
            with pytest.raises(NeedsPerson) as refused:
                carrier.pickup([one], window(clock), None)
            assert refused.value.code == "carrier.not-collectable"
        shown = {
            one.external_id: (bool(one.pickup), one.ready, one.by_courier)
            for one in carrier.collectables([taken, gone, locker, "999", "abc"])
        }
        assert shown == {
            taken: (True, True, True),
            gone: (False, False, True),
            locker: (False, True, False),
        }
        assert len(inpost.pickups) == 1

    @pytest.mark.parametrize("days", [-1, 1])
    def test_no_day_but_today(self, days: int, carrier: ShipXCarrier, inpost: ShipX, clock: Clock) -> None:
        with pytest.raises(NeedsPerson) as refused:
            carrier.pickup(ordered(carrier, clock), window(clock, days), None)
        assert refused.value.code == "carrier.pickup-day"
        assert inpost.pickups == []

    @pytest.mark.parametrize("fault", ["cut-after", "html-503-but-done", "html-200-but-done", "empty-body"])
    def test_an_answer_that_is_lost_is_a_doubt_that_the_shipment_settles(
        self, fault: str, carrier: ShipXCarrier, inpost: ShipX, clock: Clock
    ) -> None:
        ids = ordered(carrier, clock, 2)
        inpost.misbehave(fault, "dispatch")
        with pytest.raises(InDoubt):
            carrier.pickup(ids, window(clock), None)
        assert carrier.find_pickup(ids, clock.moment()) == str(inpost.pickups[0]["id"])

    def test_an_empty_answer_is_trusted_after_a_while(
        self, carrier: ShipXCarrier, inpost: ShipX, clock: Clock
    ) -> None:
        ids = ordered(carrier, clock)
        begun = clock.moment()
        with pytest.raises(WaitUntil) as later:
            carrier.find_pickup(ids, begun)
        assert later.value.until == begun + timedelta(seconds=60)
        clock.go(61)
        assert carrier.find_pickup(ids, begun) is None

    @pytest.mark.parametrize(
        ("status", "stands"),
        [
            ("new", True),
            ("accepted", True),
            ("done", True),
            ("thinking", True),
            ("rejected", False),
            ("canceled", False),
        ],
    )
    def test_one_that_is_rejected_counts_as_none(
        self, status: str, stands: bool, carrier: ShipXCarrier, inpost: ShipX, clock: Clock
    ) -> None:
        ids = ordered(carrier, clock)
        number = carrier.pickup(ids, window(clock), None)
        inpost.move_pickup(number, status)
        assert carrier.read_pickup(number).state.stands is stands
        assert [bool(one.pickup) for one in carrier.collectables(ids)] == [stands]
