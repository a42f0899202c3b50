"""Apaczka's points, which are read once a day, prices in grosze, and couriers who are called afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pomost.connectors.apaczka import ApaczkaCarrier
from pomost.connectors.apaczka.hours import is_of
from pomost.connectors.apaczka.points import search, slim
from pomost.ports import Failure, InDoubt, NeedsPerson, TryAgain
from pomost.ports.carrier import PicksUp, PickupState, PickupWindow, PointQuery, Points, Quotes
from pomost.sandbox.apaczka import Apaczka
from tests.connectors.carrier_conformance import Clock, shipment

Join = Callable[..., ApaczkaCarrier]
LOCKERS = "41"


def window(clock: Clock, days: int = 1) -> PickupWindow:
    now = clock.moment().astimezone(ZoneInfo("Europe/Warsaw"))
    return PickupWindow(now.date() + timedelta(days=days), time(10, 0), time(16, 0))


def near(postcode: str, **more: Any) -> PointQuery:
    return PointQuery(postcode=postcode, service=LOCKERS, **more)


def test_it_can_all_of_it_and_a_late_courier_where_the_connection_says_so(
    carrier: ApaczkaCarrier, join: Join
) -> None:
    assert isinstance(carrier, Quotes)
    assert isinstance(carrier, Points)
    assert isinstance(carrier, PicksUp)
    assert {"quote", "find-points"} <= carrier.capabilities()
    assert "pickup" not in carrier.capabilities()
    assert "pickup" in join(late_pickup=True).capabilities()


class TestPoints:
    def test_by_code_by_postcode_and_by_town(self, carrier: ApaczkaCarrier) -> None:
        (one,) = carrier.points(PointQuery(code="lod05m", service=LOCKERS))
        assert (one.code, one.open, one.cod, one.address.postcode) == ("LOD05M", True, True, "90-001")
        assert carrier.points(PointQuery(code="XXX00X", service=LOCKERS)) == ()
        found = carrier.points(near("90156", limit=2))
        assert found[0].code == "LOD06M"
        assert {point.code for point in carrier.points(PointQuery(city="kraków", service=LOCKERS))} == {
            "KRA010"
        }

    def test_a_list_is_read_once_a_day_by_all_processes(
        self, join: Join, apaczka: Apaczka, clock: Clock, tmp_path: Path
    ) -> None:
        first, second = join(kept_in=str(tmp_path)), join(kept_in=str(tmp_path))
        for one in (first, second, first):
            one.points(near("90-001"))
        assert len(apaczka.calls("points")) == 1
        clock.go(86_401)
        second.points(near("90-001"))
        first.points(near("90-001"))
        assert apaczka.asked_too_often()["points/INPOST"] == 0

    def test_trouble_is_not_asked_about_again_at_once_and_says_nothing_of_a_point(
        self, carrier: ApaczkaCarrier, apaczka: Apaczka, clock: Clock
    ) -> None:
        apaczka.misbehave("html-503", "points", times=3)
        for _ in range(3):
            with pytest.raises(TryAgain):
                carrier.points(PointQuery(code="LOD05M", service=LOCKERS))
        assert len(apaczka.calls("points")) == 3, "one question, with the repetitions of a read"
        clock.go(601)
        assert carrier.points(PointQuery(code="LOD05M", service=LOCKERS))

    @pytest.mark.parametrize("spoilt", ["", "[]", "{", '{"at": "yesterday", "rows": []}', '{"rows": 3}'])
    def test_a_file_that_is_spoilt_is_read_anew(
        self, spoilt: str, join: Join, apaczka: Apaczka, tmp_path: Path
    ) -> None:
        join(kept_in=str(tmp_path)).points(near("90-001"))
        (file,) = tmp_path.iterdir()
        file.write_text(spoilt)
        assert join(kept_in=str(tmp_path)).points(near("90-001"))
        assert len(apaczka.calls("points")) == 2

    @pytest.mark.parametrize("service", ["", "50", "999"])
    def test_where_no_list_is_there_nothing_is_said_of_points(
        self, service: str, carrier: ApaczkaCarrier
    ) -> None:
        """Without a service it is not known whose; Orlen's are in no list."""
        with pytest.raises(NeedsPerson) as refused:
            carrier.points(PointQuery(code="LOD05M", service=service))
        assert refused.value.code == "carrier.no-points"

    def test_a_point_that_delivers_nothing_now_is_closed_and_near_nobody(
        self, carrier: ApaczkaCarrier, apaczka: Apaczka
    ) -> None:
        apaczka.settings.shut_points = ("LOD05M",)
        assert [one.open for one in carrier.points(PointQuery(code="LOD05M", service=LOCKERS))] == [False]
        assert "LOD05M" not in [one.code for one in carrier.points(near("90-001"))]

    @given(
        st.lists(
            st.dictionaries(
                st.sampled_from(
                    ["foreign_address_id", "address", "option_cod", "option_deliver", "type", "name"]
                ),
                st.none()
                | st.booleans()
                | st.text(max_size=8)
                | st.dictionaries(
                    st.sampled_from(["latitude", "longitude", "postal_code", "city"]),
                    st.none() | st.text(max_size=6) | st.floats(-200, 200) | st.just("90-001"),
                ),
            ),
            max_size=8,
        ),
        st.sampled_from(["90-001", "9", "", "00001"]),
    )
    def test_whatever_rows_come_they_are_read(self, rows: list[dict[str, Any]], postcode: str) -> None:
        kept = [row for one in rows if (row := slim(one)) is not None]
        found = search(kept, PointQuery(postcode=postcode, limit=3))
        away = [one.distance_m for one in found if one.distance_m is not None]
        assert len(found) <= 3
        assert away == sorted(away)


class TestPrices:
    def test_all_services_that_go_there_with_and_without_vat(
        self, carrier: ApaczkaCarrier, apaczka: Apaczka
    ) -> None:
        found = {one.service: one for one in carrier.quote(shipment("PM-0000041"))}

        assert {"21", "42", "60", "82"} <= set(found)
        assert "41" not in found
        assert found["21"].net == Decimal(str(found["21"].net)).quantize(Decimal("0.01"))
        assert all(
            one.gross is not None and one.net is not None and one.gross > one.net for one in found.values()
        )
        assert apaczka.shipments == []

    def test_points_have_prices_of_their_own(self, carrier: ApaczkaCarrier) -> None:
        order = replace(shipment("PM-0000042"), point="LOD05M")
        assert {"23", "41", "50"} >= {one.service for one in carrier.quote(order)}

    def test_where_nothing_is_offered_it_is_told_why(self, carrier: ApaczkaCarrier, apaczka: Apaczka) -> None:
        apaczka.misbehave("prose-error", "quote", times=2, message="Brak wyceny dla podanych parametrów.")
        with pytest.raises(NeedsPerson) as refused:
            carrier.quote(shipment("PM-0000043"))
        assert refused.value.code == "carrier.refused"


class TestPickups:
    def ordered(self, carrier: ApaczkaCarrier, count: int = 1, service: str = "21") -> list[str]:
        return [carrier.create(shipment(f"PM-20000{number}", service)) for number in range(count)]

    def test_nobody_is_called_unless_the_connection_says_so(
        self, carrier: ApaczkaCarrier, apaczka: Apaczka, clock: Clock
    ) -> None:
        with pytest.raises(NeedsPerson) as refused:
            carrier.pickup(self.ordered(carrier), window(clock), None)
        assert refused.value.code == "carrier.pickup-off"
        assert apaczka.pickups == []

    def test_one_or_many_at_a_time(self, join: Join, apaczka: Apaczka, clock: Clock) -> None:
        carrier = join(late_pickup=True)
        one, *more = self.ordered(carrier, 3)

        assert carrier.pickup([one], window(clock), None) == "P-000019"
        assert carrier.pickup(more, window(clock), None) == ""

        assert [made["orders"] for made in apaczka.pickups] == [[one], more]
        assert apaczka.pickups[0]["date"] == window(clock).day.isoformat()
        assert carrier.read_pickup("P-000019").state == PickupState.UNKNOWN
        assert all(found.pickup for found in carrier.collectables([one, *more]))

    def test_what_has_a_courier_already_is_refused_before_anything_is_sent(
        self, join: Join, apaczka: Apaczka, clock: Clock
    ) -> None:
        carrier = join(late_pickup=True, pickup="courier")
        with pytest.raises(NeedsPerson) as refused:
            carrier.pickup(self.ordered(carrier), window(clock), None)
        assert refused.value.code == "carrier.not-collectable"
        assert apaczka.pickups == []

    def test_where_apaczka_takes_no_late_courier_that_is_certain(
        self, join: Join, apaczka: Apaczka, clock: Clock
    ) -> None:
        apaczka.settings.late_pickups = False
        carrier = join(late_pickup=True)
        with pytest.raises(NeedsPerson) as refused:
            carrier.pickup(self.ordered(carrier), window(clock), None)
        assert refused.value.code == "carrier.refused"

    def test_a_lost_answer_is_found_on_the_order_or_for_a_person(
        self, join: Join, apaczka: Apaczka, clock: Clock
    ) -> None:
        carrier = join(late_pickup=True)
        reached, missed = self.ordered(carrier, 2)
        for fault, one in (("cut-after", reached), ("cut-before", missed)):
            apaczka.misbehave(fault, "pickup")
            with pytest.raises(InDoubt):
                carrier.pickup([one], window(clock), None)

        assert carrier.find_pickup([reached], clock.moment()) == "P-000019"
        clock.go(86_400)
        with pytest.raises(NeedsPerson) as unknown:
            carrier.find_pickup([missed], clock.moment())
        assert unknown.value.code == "carrier.pickup-unknown"

    def test_a_time_when_nobody_comes_is_refused_before_the_call_and_the_possible_ones_are_named(
        self, join: Join, apaczka: Apaczka, clock: Clock
    ) -> None:
        carrier = join(late_pickup=True)
        one, two = self.ordered(carrier, 2)
        early = replace(window(clock), start=time(8, 0))

        for _ in range(2):
            with pytest.raises(NeedsPerson) as refused:
                carrier.pickup([one], early, None)
            assert refused.value.code == "carrier.pickup-hours"
        assert f"{early.day} 10:00-16:00" in refused.value.advice
        assert apaczka.calls("pickup") == []
        assert carrier.pickup([one], window(clock), None)
        # asked once in half an hour
        assert len(apaczka.calls("pickup_hours")) == 1
        clock.go(1801)
        assert carrier.pickup([two], window(clock), None)
        assert len(apaczka.calls("pickup_hours")) == 2
        assert sum(apaczka.asked_too_often().values()) == 0

    def test_a_day_when_nobody_comes_is_refused(self, join: Join, apaczka: Apaczka, clock: Clock) -> None:
        carrier = join(late_pickup=True)
        with pytest.raises(NeedsPerson) as refused:
            carrier.pickup(self.ordered(carrier), window(clock, days=20), None)
        assert refused.value.code == "carrier.pickup-hours"
        assert apaczka.pickups == []

    def test_hours_that_are_not_to_be_had_hold_up_no_courier(
        self, join: Join, apaczka: Apaczka, clock: Clock
    ) -> None:
        carrier = join(late_pickup=True)
        apaczka.misbehave("prose-error", "pickup_hours")
        assert carrier.pickup(self.ordered(carrier), window(clock), None)

    def test_by_setting_they_are_not_asked_and_apaczka_refuses_itself(
        self, join: Join, apaczka: Apaczka, clock: Clock
    ) -> None:
        carrier = join(late_pickup=True, check_hours=False)
        with pytest.raises(NeedsPerson) as refused:
            carrier.pickup(self.ordered(carrier), replace(window(clock), start=time(8, 0)), None)
        assert refused.value.code == "carrier.refused"
        assert apaczka.calls("pickup_hours") == []

    @pytest.mark.parametrize(
        ("code", "supplier", "ours"),
        [
            ("DPD", "DPD", True),
            ("DHL", "DHL_PARCEL", True),
            ("POCZTA_POLSKA_E24", "POCZTA", True),
            ("inpost", "INPOST", True),
            ("DP", "DPD", False),
            ("", "DPD", False),
            ("DPD", "INPOST", False),
        ],
    )
    def test_whose_hours_are_meant(self, code: str, supplier: str, ours: bool) -> None:
        assert is_of(code, supplier) is ours

    def test_a_number_that_is_none_is_asked_nowhere(self, join: Join) -> None:
        with pytest.raises(Failure) as refused:
            join(late_pickup=True).collectables(["x/../y"])
        assert refused.value.code == "carrier.not-found"
