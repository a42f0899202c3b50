"""What is InPost's own: lockers, buying, its lagging list, cancelling, webhooks."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from pomost.connectors.shipx import ShipXCarrier
from pomost.ports import NeedsPerson, StopConnection, TryAgain, WaitUntil
from pomost.ports.carrier import ZPL, Buys, Parcel, Pushes, ShipmentOrder, ShipmentState
from pomost.sandbox.shipx import ShipX
from tests.connectors.carrier_conformance import HALINA, Clock, NoLimit, shipment

Join = Callable[..., ShipXCarrier]


def to_locker(reference: str = "PM-0000017", **changes: object) -> ShipmentOrder:
    return replace(
        shipment(reference, "inpost_locker_standard"),
        **{"point": "lod05m", "parcels": (Parcel(template="small"),), **changes},
    )


def refused(carrier: ShipXCarrier, order: ShipmentOrder) -> str:
    with pytest.raises(NeedsPerson) as raised:
        carrier.create(order)
    return raised.value.code


class TestOrdering:
    def test_a_locker_gets_its_point_and_template(self, carrier: ShipXCarrier, inpost: ShipX) -> None:
        shown = inpost.shipment(carrier.create(to_locker()))
        assert shown["custom_attributes"]["target_point"] == "LOD05M"
        assert shown["parcels"][0]["template"] == "small"
        assert shown["receiver"]["phone"] == "511222333"
        assert shown["receiver"]["address"] is None

    def test_a_shop_that_serves_as_a_point_changes_the_service_and_nothing_else(
        self, carrier: ShipXCarrier, inpost: ShipX, clock: Clock
    ) -> None:
        external_id = carrier.create(to_locker(point="POP-LOD1"))
        clock.go(5)
        assert inpost.shipment(external_id)["service"] == "inpost_locker_customer_service_point"
        assert carrier.label(external_id).content.startswith(b"%PDF-")

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"point": ""}, "carrier.no-point"),
            ({"point": "LOD 05 M!"}, "carrier.bad-point"),
            ({"point": "XXX00X"}, "carrier.bad-point"),
            ({"to": replace(HALINA, email="")}, "carrier.bad-email"),
            ({"parcels": (Parcel(template="xlarge"),)}, "carrier.bad-size"),
            ({"parcels": (Parcel(Decimal(26), template="large"),)}, "carrier.too-heavy"),
            ({"parcels": ()}, "carrier.no-parcels"),
            ({"reference": "X"}, "carrier.bad-reference"),
            ({"cod": Decimal(10), "currency": "EUR"}, "carrier.bad-currency"),
            ({"service": "inpost_courier_standard"}, "carrier.point-not-served"),
        ],
    )
    def test_what_a_locker_can_not_take_is_refused(
        self, carrier: ShipXCarrier, inpost: ShipX, changes: dict[str, object], code: str
    ) -> None:
        assert refused(carrier, to_locker(**changes)) == code
        assert inpost.shipments == []

    def test_a_courier_needs_a_contract(self, carrier: ShipXCarrier, inpost: ShipX) -> None:
        inpost.settings.courier_contract = False
        assert refused(carrier, shipment(service="inpost_courier_standard")) == "carrier.not-served"

    def test_a_limit_is_told_to_everybody(
        self, carrier: ShipXCarrier, inpost: ShipX, limit: NoLimit, clock: Clock
    ) -> None:
        inpost.misbehave("limit", "create", seconds=7)
        with pytest.raises(WaitUntil) as waiting:
            carrier.create(to_locker())
        assert waiting.value.until.timestamp() == clock.now + 7
        assert limit.blocked_until == waiting.value.until
        assert inpost.shipments == []

    def test_a_token_of_another_organization(self, join: Join) -> None:
        (problem,) = join(organization=999).check()
        assert problem.code == "carrier.wrong-account"
        assert isinstance(problem, StopConnection)


class TestBuying:
    def test_a_payment_that_failed_waits_for_a_person_and_is_bought_then(
        self, carrier: ShipXCarrier, inpost: ShipX, clock: Clock
    ) -> None:
        inpost.settings.money = False
        external_id = carrier.create(to_locker())
        clock.go(5)
        now = carrier.read(external_id)
        assert (now.state, now.label_ready) == (ShipmentState.ORDERED, False)
        assert now.problem is not None
        assert now.problem.code == "carrier.payment-failed"
        inpost.settings.money = True
        clock.go(120)
        assert carrier.read(external_id).state == ShipmentState.ORDERED, "topping up buys nothing by itself"
        carrier.buy(external_id)
        clock.go(2)
        assert carrier.read(external_id).state == ShipmentState.READY
        assert carrier.read(external_id).problem is None

    def test_money_is_not_collected_without_company_data(
        self, carrier: ShipXCarrier, inpost: ShipX, clock: Clock
    ) -> None:
        inpost.settings.company_data = False
        external_id = carrier.create(to_locker(cod=Decimal(50)))
        clock.go(5)
        problem = carrier.read(external_id).problem
        assert problem is not None
        assert problem.code == "carrier.company-data"

    def test_by_hand_a_shipment_waits_until_it_is_bought(self, join: Join, clock: Clock) -> None:
        carrier = join(buying="by-hand")
        assert isinstance(carrier, Buys)
        external_id = carrier.create(to_locker())
        clock.go(60)
        assert carrier.read(external_id).state == ShipmentState.ORDERED
        carrier.buy(external_id)
        assert carrier.read(external_id).state == ShipmentState.ORDERED
        clock.go(2)
        assert carrier.read(external_id).state == ShipmentState.READY
        carrier.buy(external_id)

    def test_an_offer_that_has_expired_can_not_be_bought(self, join: Join, clock: Clock) -> None:
        carrier = join(buying="by-hand")
        external_id = carrier.create(to_locker())
        clock.go(400)
        with pytest.raises(NeedsPerson) as raised:
            carrier.buy(external_id)
        assert raised.value.code == "carrier.no-offer"

    def test_a_lost_answer_to_a_purchase_buys_once(self, join: Join, inpost: ShipX, clock: Clock) -> None:
        carrier = join(buying="by-hand")
        external_id = carrier.create(to_locker())
        clock.go(5)
        inpost.misbehave("cut-after", "buy")
        carrier.buy(external_id)
        clock.go(5)
        assert carrier.read(external_id).state == ShipmentState.READY
        assert [one["status"] for one in inpost.shipment(external_id)["transactions"]] == ["success"]


class TestFinding:
    def test_the_list_lags_behind_the_order(self, carrier: ShipXCarrier, inpost: ShipX, clock: Clock) -> None:
        inpost.settings.list_lag_s = 5
        since = clock.moment()
        external_id = carrier.create(to_locker())
        clock.go(1)
        with pytest.raises(WaitUntil) as later:
            carrier.find(to_locker(), since)
        assert later.value.until.timestamp() == since.timestamp() + 60
        clock.go(60)
        assert carrier.find(to_locker(), since) == external_id

    def test_a_hundred_and_more_shipments_are_gone_through(
        self, carrier: ShipXCarrier, inpost: ShipX, clock: Clock
    ) -> None:
        since = clock.moment()
        first = carrier.create(to_locker())
        for number in range(120):
            carrier.create(to_locker(f"PM-1{number:06d}"))
        last = carrier.create(to_locker("PM-2000000"))
        assert carrier.find(to_locker(), since) == first
        assert carrier.find(to_locker("PM-2000000"), since) == last
        assert len(inpost.calls("list")) == 4

    def test_a_list_that_shrinks_while_it_is_read_concludes_nothing(
        self, carrier: ShipXCarrier, inpost: ShipX, clock: Clock
    ) -> None:
        since = clock.moment()
        for number in range(101):
            carrier.create(to_locker(f"PM-1{number:06d}"))
        clock.go(120)
        inpost.misbehave("list-shrinks", "list", times=2)
        with pytest.raises(TryAgain) as raised:
            carrier.find(to_locker(), since)
        assert raised.value.code == "carrier.list-moved"
        assert carrier.find(to_locker(), since) is None

    def test_an_older_shipment_with_the_reference_is_not_taken(
        self, carrier: ShipXCarrier, clock: Clock
    ) -> None:
        carrier.create(to_locker())
        clock.go(3600)
        since = clock.moment()
        clock.go(120)
        assert carrier.find(to_locker(), since) is None

    def test_clocks_that_differ_conclude_nothing(
        self, carrier: ShipXCarrier, inpost: ShipX, clock: Clock
    ) -> None:
        inpost.settings.clock_ahead_s = 900
        since = clock.moment()
        clock.go(120)
        with pytest.raises(NeedsPerson) as raised:
            carrier.find(to_locker(), since)
        assert raised.value.code == "carrier.clock"


class TestLabels:
    def test_zpl_is_checked_by_its_bytes_not_by_its_header(
        self, carrier: ShipXCarrier, inpost: ShipX, clock: Clock
    ) -> None:
        external_id = carrier.create(to_locker())
        clock.go(5)
        label = carrier.label(external_id, "zpl")
        assert label.media_type == ZPL
        assert carrier.read(external_id).tracking_number.encode() in label.content
        inpost.misbehave("zpl-for-pdf", "label")
        with pytest.raises(TryAgain) as raised:
            carrier.label(external_id)
        assert raised.value.code == "carrier.bad-label"

    def test_before_it_is_bought_there_is_none(self, carrier: ShipXCarrier) -> None:
        external_id = carrier.create(to_locker())
        with pytest.raises(TryAgain) as raised:
            carrier.label(external_id)
        assert raised.value.code == "carrier.label-not-yet"

    def test_all_parcels_stand_in_one_file(self, carrier: ShipXCarrier, clock: Clock) -> None:
        external_id = carrier.create(
            shipment(service="inpost_courier_standard", parcels=(Parcel(), Parcel(Decimal(3))))
        )
        clock.go(5)
        assert carrier.label(external_id).content.count(b"/Type/Page/") == 2


class TestCancelling:
    def test_at_once_nothing_is_cancelled_not_even_tried(self, carrier: ShipXCarrier, inpost: ShipX) -> None:
        external_id = carrier.create(to_locker())
        assert "cancel" not in carrier.capabilities()
        with pytest.raises(NeedsPerson):
            carrier.cancel(external_id)
        assert inpost.calls("cancel") == []

    def test_what_waits_to_be_bought_is_cancelled_once_and_for_all(
        self, join: Join, inpost: ShipX, clock: Clock
    ) -> None:
        carrier = join(buying="by-hand")
        inpost.settings.cancel_selected = True
        external_id = carrier.create(to_locker())
        clock.go(5)
        assert "cancel" in carrier.capabilities()
        assert carrier.cancel(external_id)
        assert carrier.cancel(external_id)
        assert carrier.read(external_id).state == ShipmentState.CANCELLED
        assert len(inpost.calls("cancel")) == 1

    def test_where_the_selected_offer_may_not_be_cancelled_a_person_is_told(
        self, join: Join, clock: Clock
    ) -> None:
        carrier = join(buying="by-hand")
        external_id = carrier.create(to_locker())
        clock.go(5)
        with pytest.raises(NeedsPerson) as raised:
            carrier.cancel(external_id)
        assert raised.value.code == "carrier.cannot-cancel"

    def test_a_cancelled_shipment_is_not_found_again(self, join: Join, inpost: ShipX, clock: Clock) -> None:
        carrier = join(buying="by-hand")
        inpost.settings.cancel_selected = True
        since = clock.moment()
        carrier.cancel(carrier.create(to_locker()))
        clock.go(120)
        assert carrier.find(to_locker(), since) is None


class TestWebhooks:
    def test_a_push_names_a_shipment_and_is_not_believed(
        self, carrier: ShipXCarrier, inpost: ShipX, clock: Clock
    ) -> None:
        assert isinstance(carrier, Pushes)
        external_id = carrier.create(to_locker())
        clock.go(5)
        event = inpost.event(external_id)
        event["payload"]["status"] = "delivered"
        assert carrier.pushed(json.dumps(event).encode()) == external_id
        assert carrier.read(external_id).state == ShipmentState.READY

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"[]",
            b"not json",
            b'{"organization_id":1,"payload":{"shipment_id":5}}',
            b'{"organization_id":12345,"payload":{"shipment_id":"5; drop"}}',
            b'{"organization_id":12345,"payload":null}',
            b"\xff\xfe",
        ],
    )
    def test_what_is_not_for_us_is_left(self, carrier: ShipXCarrier, body: bytes) -> None:
        assert carrier.pushed(body) is None
