"""What is Apaczka's own: prose, grosze, points, pickups, two looks before an order is missed, signed pushes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from pomost.connectors.apaczka import ApaczkaCarrier
from pomost.ports import InDoubt, NeedsPerson, TryAgain, WaitUntil
from pomost.ports.carrier import Parcel, Pushes, ShipmentOrder, ShipmentState
from pomost.sandbox.apaczka import Apaczka
from pomost.trade.order import Address, Party
from tests.connectors.carrier_conformance import HALINA, Clock, shipment

Join = Callable[..., ApaczkaCarrier]


def to_locker(reference: str = "PM-0000022", **changes: object) -> ShipmentOrder:
    return replace(shipment(reference, "41"), **{"point": "LOD05M", **changes})


def sent(carrier: ApaczkaCarrier, apaczka: Apaczka, order: ShipmentOrder) -> dict[str, Any]:
    return apaczka.sent(carrier.create(order))


def refused(carrier: ApaczkaCarrier, order: ShipmentOrder) -> NeedsPerson:
    with pytest.raises(NeedsPerson) as raised:
        carrier.create(order)
    return raised.value


class TestOrdering:
    def test_a_locker_is_the_foreign_address(self, carrier: ApaczkaCarrier, apaczka: Apaczka) -> None:
        written = sent(carrier, apaczka, to_locker())
        assert written["address"]["receiver"]["foreign_address_id"] == "LOD05M"
        assert written["comment"] == "PM-0000022"
        assert written["pickup"]["type"] == "SELF"

    def test_measures_are_whole_centimetres_under_the_names_that_count(
        self, carrier: ApaczkaCarrier, apaczka: Apaczka
    ) -> None:
        order = shipment(service="21", parcels=(Parcel(Decimal("1.21"), 401, 300, 155),))
        (piece,) = sent(carrier, apaczka, order)["shipment"]
        assert [piece[f"dimension{side}"] for side in (1, 2, 3)] == [41, 30, 16]
        assert piece["weight"] == 1.3
        (shown,) = apaczka.shipments[0]["shipments"]
        assert (shown["length"], shown["width"], shown["height"]) == ("41", "30", "16")

    def test_sizes_by_name_and_by_default(self, carrier: ApaczkaCarrier, apaczka: Apaczka) -> None:
        order = to_locker(parcels=(Parcel(template="B"), Parcel()))
        named, usual = sent(carrier, apaczka, order)["shipment"]
        assert [named["dimension3"], usual["dimension3"], usual["weight"]] == [19, 8, 1.0]

    def test_a_service_that_fetches_parcels_gets_a_courier_on_the_next_working_day(
        self, carrier: ApaczkaCarrier, apaczka: Apaczka, clock: Clock
    ) -> None:
        # Saturday, 31 October 2026: Sunday is All Saints' Day.
        clock.go(26 * 86400)
        written = sent(carrier, apaczka, shipment(service="60"))
        assert written["pickup"] == {
            "type": "COURIER",
            "date": "2026-11-02",
            "hours_from": "10:00",
            "hours_to": "16:00",
        }

    def test_long_contact_names_are_cut(self, carrier: ApaczkaCarrier, apaczka: Apaczka) -> None:
        to = replace(HALINA, name="Halina Maria Magdalena Przykładna-Wymyślona")
        receiver = sent(carrier, apaczka, shipment(service="21", to=to))["address"]["receiver"]
        assert receiver["contact_person"] == "Halina Maria Magdalena"
        assert receiver["name"] == "Halina Maria Magdalena Przykładna-Wymyślona"

    def test_a_foreign_phone_keeps_its_prefix(self, carrier: ApaczkaCarrier, apaczka: Apaczka) -> None:
        to = replace(
            HALINA, phone="+420 601 123 456", address=Address("Dlouhá 5", "110 00", "Praha", country="CZ")
        )
        receiver = sent(carrier, apaczka, shipment(service="21", to=to))["address"]["receiver"]
        assert (receiver["phone"], receiver["postal_code"]) == ("+420601123456", "110 00")

    def test_money_needs_an_account(self, join: Join) -> None:
        order = shipment(service="21", cod=Decimal(10))
        assert refused(join(bank_account=""), order).code == "carrier.no-bank-account"

    def test_the_services_are_read_once_a_day(
        self, carrier: ApaczkaCarrier, apaczka: Apaczka, clock: Clock
    ) -> None:
        for number in range(3):
            carrier.create(shipment(f"PM-000000{number}", "21"))
        carrier.services()
        assert len(apaczka.calls("services")) == 1
        clock.go(timedelta(hours=25).total_seconds())
        carrier.services()
        assert len(apaczka.calls("services")) == 2
        assert apaczka.asked_too_often() == {"service_structure": 0}

    def test_a_service_that_is_not_ours(self, carrier: ApaczkaCarrier) -> None:
        assert refused(carrier, shipment(service="999")).code == "carrier.not-served"

    def test_a_point_that_is_closed(self, carrier: ApaczkaCarrier, apaczka: Apaczka) -> None:
        assert refused(carrier, to_locker(point="XXX00X")).code == "carrier.refused"
        assert apaczka.bought == []


class TestProse:
    def test_words_that_say_what_is_wrong_are_shown_without_the_receiver(
        self, carrier: ApaczkaCarrier, apaczka: Apaczka
    ) -> None:
        said = "Nieprawidłowy telefon 511222333 odbiorcy Halina Przykładna, halina@example.com."
        apaczka.misbehave("prose-error", "create", message=said)
        failure = refused(carrier, shipment(service="21"))
        assert failure.code == "carrier.refused"
        assert "Nieprawidłowy telefon *** odbiorcy ***, ***" in failure.text

    def test_words_of_unknown_meaning_are_a_doubt(
        self, carrier: ApaczkaCarrier, apaczka: Apaczka, clock: Clock
    ) -> None:
        since, order = clock.moment(), shipment(service="21")
        apaczka.misbehave("prose-but-done", "create", message="Coś poszło nie tak.")
        with pytest.raises(InDoubt) as doubt:
            carrier.create(order)
        assert doubt.value.code == "carrier.error-after-order"
        assert carrier.find(order, since) == apaczka.shipments[0]["id"]
        assert len(apaczka.bought) == 1

    def test_a_label_that_is_not_there_yet_is_not_a_refusal(
        self, carrier: ApaczkaCarrier, apaczka: Apaczka, clock: Clock
    ) -> None:
        apaczka.settings.waybill_s = 60
        external_id = carrier.create(shipment(service="21"))
        now = carrier.read(external_id)
        assert (now.state, now.label_ready, now.tracking_number) == (ShipmentState.ORDERED, False, "")
        with pytest.raises(TryAgain) as raised:
            carrier.label(external_id)
        assert raised.value.code == "carrier.label-not-yet"
        clock.go(61)
        assert carrier.read(external_id).state == ShipmentState.READY
        assert carrier.label(external_id).content.startswith(b"%PDF-")

    def test_html_inside_a_good_envelope_is_no_label(self, carrier: ApaczkaCarrier, apaczka: Apaczka) -> None:
        external_id = carrier.create(shipment(service="21"))
        apaczka.misbehave("html-label", "label")
        with pytest.raises(TryAgain) as raised:
            carrier.label(external_id)
        assert raised.value.code == "carrier.bad-label"

    def test_there_is_no_zpl(self, carrier: ApaczkaCarrier) -> None:
        assert "zpl" not in carrier.capabilities()
        with pytest.raises(NeedsPerson) as raised:
            carrier.label(carrier.create(shipment(service="21")), "zpl")
        assert raised.value.code == "carrier.no-zpl"


class TestFinding:
    def test_an_order_is_missed_after_two_looks_five_minutes_apart(
        self, carrier: ApaczkaCarrier, clock: Clock
    ) -> None:
        since, order = clock.moment(), shipment(service="21")
        moments = []
        for _ in range(2):
            with pytest.raises(WaitUntil) as later:
                carrier.find(order, since)
            moments.append((later.value.until - since).total_seconds())
            clock.now = later.value.until.timestamp()
        assert moments == [60, 360]
        assert carrier.find(order, since) is None

    def test_an_order_that_shows_late_is_found_by_the_second_look(
        self, carrier: ApaczkaCarrier, apaczka: Apaczka, clock: Clock
    ) -> None:
        apaczka.settings.list_lag_s = 200
        since, order = clock.moment(), shipment(service="21")
        external_id = carrier.create(order)
        clock.go(100)
        with pytest.raises(WaitUntil):
            carrier.find(order, since)
        clock.go(300)
        assert carrier.find(order, since) == external_id

    def test_many_pages_are_read_and_older_ones_are_not(
        self, carrier: ApaczkaCarrier, apaczka: Apaczka, clock: Clock
    ) -> None:
        for number in range(60):
            carrier.create(shipment(f"PM-2{number:06d}", "21"))
        clock.go(3600)
        since, wanted = clock.moment(), carrier.create(shipment(service="21"))
        for number in range(30):
            carrier.create(shipment(f"PM-3{number:06d}", "21"))
        assert carrier.find(shipment(service="21"), since) == wanted
        assert len(apaczka.calls("list")) == 2

    def test_a_reference_that_begins_alike_is_another_one(
        self, carrier: ApaczkaCarrier, clock: Clock
    ) -> None:
        since = clock.moment()
        carrier.create(shipment("PM-00000170", "21", comment="PM-0000017"))
        with pytest.raises(WaitUntil):
            carrier.find(shipment("PM-0000017", "21"), since)

    def test_our_words_after_the_reference_do_not_hide_it(
        self, carrier: ApaczkaCarrier, clock: Clock
    ) -> None:
        since, order = clock.moment(), shipment(service="21", comment="Uwaga, szkło")
        external_id = carrier.create(order)
        assert carrier.find(order, since) == external_id


class TestCancelling:
    def test_a_new_order_is_cancelled_and_stays_so(self, carrier: ApaczkaCarrier, apaczka: Apaczka) -> None:
        external_id = carrier.create(shipment(service="21"))
        assert carrier.cancel(external_id)
        assert carrier.cancel(external_id)
        assert carrier.read(external_id).state == ShipmentState.CANCELLED
        assert apaczka.bought == []

    def test_a_lost_answer_to_a_cancel_does_no_harm(self, carrier: ApaczkaCarrier, apaczka: Apaczka) -> None:
        external_id = carrier.create(shipment(service="21"))
        apaczka.misbehave("cut-after", "cancel")
        assert carrier.cancel(external_id)


class TestPushes:
    def test_a_signed_push_names_the_order(self, carrier: ApaczkaCarrier, apaczka: Apaczka) -> None:
        assert isinstance(carrier, Pushes)
        external_id = carrier.create(shipment(service="21"))
        apaczka.move(external_id, "ON_THE_WAY")
        event = apaczka.event(external_id)
        assert carrier.pushed(json.dumps(event).encode()) == external_id
        assert carrier.pushed(json.dumps(apaczka.event(external_id, empty=True)).encode()) == external_id
        event["response"]["orderNumber"] = "435999999"
        assert carrier.pushed(json.dumps(event).encode()) is None

    def test_a_push_with_another_secret_is_left(self, join: Join, apaczka: Apaczka) -> None:
        carrier = join()
        event = json.dumps(apaczka.event(carrier.create(shipment(service="21")))).encode()
        assert join(app_secret="another").pushed(event) is None

    @pytest.mark.parametrize(
        "body", [b"", b"[]", b"no", b'{"signature":1,"response":{"orderNumber":"1"}}', b"\xff"]
    )
    def test_what_is_not_signed_is_left(self, carrier: ApaczkaCarrier, body: bytes) -> None:
        assert carrier.pushed(body) is None


def test_another_sender_may_be_named(carrier: ApaczkaCarrier, apaczka: Apaczka) -> None:
    outlet = Party(
        "Jan Sklepowy",
        "Outlet",
        "",
        "outlet@example.com",
        "600700800",
        Address("Długa 1", "00-001", "Warszawa"),
    )
    written = sent(carrier, apaczka, shipment(service="21", sender=outlet))
    assert written["address"]["sender"]["line1"] == "Długa 1"
