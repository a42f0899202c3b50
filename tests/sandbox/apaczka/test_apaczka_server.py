"""Apaczka's Web API as its reference says (carriers.md, section 3), asked over HTTP as any program would."""

from __future__ import annotations

import base64
import http.server
import io
import json
import threading
from collections.abc import Iterator
from datetime import date
from typing import Any

import httpx2
import pypdf
import pytest

from pomost.sandbox.apaczka import Apaczka, Settings, push_signature, signature

START = 1_791_183_000.0
PARTY = {
    "country_code": "PL",
    "name": "Bartosz Wymyślony",
    "line1": "Sosnowa 14/3",
    "postal_code": "10-001",
    "city": "Olsztyn",
    "contact_person": "Bartosz Wymyślony",
    "email": "bartosz@example.com",
    "phone": "512333444",
}
PIECE = {"dimension1": 40, "dimension2": 30, "dimension3": 20, "weight": 6.5, "shipment_type_code": "PACZKA"}
ORDER: dict[str, Any] = {
    "service_id": 21,
    "address": {"sender": PARTY, "receiver": PARTY},
    "shipment_value": 24990,
    "pickup": {"type": "SELF"},
    "shipment": [PIECE],
    "comment": "PM-0000019",
    "content": "Kubki",
}


class Clock:
    now = START

    def __call__(self) -> float:
        return self.now

    def go(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def apaczka(clock: Clock) -> Iterator[Apaczka]:
    with Apaczka(Settings(clock=clock)) as running:
        yield running


class Caller:
    """Signs by itself, so that the sandbox is not checked with its own hand alone."""

    def __init__(self, apaczka: Apaczka, clock: Clock) -> None:
        self.apaczka, self.clock = apaczka, clock
        self.http = httpx2.Client(timeout=10)

    def post(self, route: str, request: str, ahead_s: int = 900, **changes: str) -> httpx2.Response:
        expires = str(int(self.clock.now) + ahead_s)
        form = {
            "app_id": self.apaczka.app_id,
            "request": request,
            "expires": expires,
            "signature": signature(self.apaczka.app_id, self.apaczka.app_secret, route, request, expires),
            **changes,
        }
        return self.http.post(self.apaczka.url + route, data=form)

    def __call__(self, route: str, request: Any = None, **changes: Any) -> dict[str, Any]:
        answer = self.post(route, json.dumps(request or {}, ensure_ascii=False), **changes)
        assert answer.status_code == 200
        return dict(answer.json())

    def done(self, route: str, request: Any = None) -> Any:
        answer = self(route, request)
        assert answer["status"] == 200, answer
        return answer["response"]

    def refused(self, route: str, request: Any = None, **changes: Any) -> str:
        answer = self(route, request, **changes)
        assert (answer["status"], answer["response"]) == (400, [])
        return str(answer["message"])

    def send(self, **changes: Any) -> str:
        return str(self.done("order_send/", {"order": {**ORDER, **changes}})["order"]["id"])


@pytest.fixture
def call(apaczka: Apaczka, clock: Clock) -> Iterator[Caller]:
    caller = Caller(apaczka, clock)
    with caller.http:
        yield caller


class TestEnvelope:
    def test_maps_and_lists_are_both_nothing(self, call: Caller) -> None:
        for nothing in ("{}", "[]"):
            assert call.post("service_structure/", nothing).json()["status"] == 200

    def test_what_is_wrong_is_told_with_status_200_of_http(self, call: Caller) -> None:
        assert "sygnatura" in call.refused("orders/", signature="0" * 64)
        assert "ważności" in call.refused("orders/", ahead_s=-1)
        assert "ważności" in call.refused("orders/", ahead_s=1900)
        assert "Aplikacja" in call.refused("orders/", app_id="no")
        assert call.refused("order/5/") == "Order not found."
        assert call.refused("nonsense/")

    def test_a_route_without_its_slash_is_refused(self, call: Caller) -> None:
        assert call.post("orders", "{}").json()["status"] == 400

    def test_the_signature_is_over_the_bytes_that_were_sent(self, call: Caller) -> None:
        escaped = json.dumps({"order": {**ORDER, "content": "Łódź"}})
        plain = json.dumps({"order": {**ORDER, "content": "Łódź"}}, ensure_ascii=False)
        assert escaped != plain
        for request in (escaped, plain):
            assert call.post("order_send/", request).json()["status"] == 200


class TestOrders:
    def test_every_call_buys(self, call: Caller, apaczka: Apaczka) -> None:
        assert call.send() != call.send()
        assert len(apaczka.bought) == 2

    def test_numbers_are_texts_in_half_of_the_fields(self, call: Caller) -> None:
        shown = call.done(f"order/{call.send()}/")["order"]
        assert (shown["service_id"], shown["price"], shown["cod"], shown["externalId"]) == (
            "21",
            "1290",
            False,
            False,
        )
        assert shown["declaration_value"] == 24990
        assert shown["created"] == "2026-10-05 08:50:00"

    def test_length_width_and_height_are_ignored_without_a_word(self, call: Caller) -> None:
        wrong = {"length": 60, "width": 50, "height": 40, "weight": 2, "shipment_type_code": "PACZKA"}
        shown = call.done(f"order/{call.send(shipment=[wrong])}/")["order"]
        assert [shown["shipments"][0][key] for key in ("length", "width", "height")] == ["10", "10", "10"]

    def test_the_list_is_capped_and_newest_first(self, call: Caller, apaczka: Apaczka, clock: Clock) -> None:
        ids = [call.send() for _ in range(30)]
        first = [one["id"] for one in call.done("orders/", {"page": 1, "limit": 500})["orders"]]
        assert first == ids[::-1][:25]
        assert len(call.done("orders/", {"page": 2, "limit": 25})["orders"]) == 5
        assert call.done("orders/", {"page": 9})["orders"] == []
        assert len(call.done("orders/")["orders"]) == 10
        apaczka.settings.list_lag_s = 60
        assert call.done("orders/")["orders"] == []
        clock.go(60)
        assert len(call.done("orders/")["orders"]) == 10

    def test_the_waybill_may_come_later(self, call: Caller, apaczka: Apaczka, clock: Clock) -> None:
        apaczka.settings.waybill_s = 30
        order_id = call.send()
        assert call.done(f"order/{order_id}/")["order"]["waybill_number"] == ""
        assert call.refused(f"waybill/{order_id}/")
        clock.go(31)
        assert call.done(f"order/{order_id}/")["order"]["waybill_number"]

    @pytest.mark.parametrize(
        "changes",
        [
            {"service_id": 999},
            {"shipment": []},
            {"shipment": [{**PIECE, "weight": 0}]},
            {"shipment": [{**PIECE, "weight": 1.25}]},
            {"shipment_value": 249.9},
            {"cod": {"amount": 249.9, "currency": "PLN", "bankaccount": "1" * 26}},
            {"cod": {"amount": 24990, "currency": "PLN", "bankaccount": "PL" + "1" * 26}},
            {"pickup": {"type": "COURIER"}},
            {"service_id": 41},
            {"address": {"sender": PARTY, "receiver": {**PARTY, "phone": "512 333 444"}}},
            {"address": {"sender": PARTY, "receiver": {**PARTY, "contact_person": "x" * 31}}},
            {"address": {"sender": PARTY}},
        ],
    )
    def test_what_is_refused(self, call: Caller, apaczka: Apaczka, changes: dict[str, Any]) -> None:
        assert call.refused("order_send/", {"order": {**ORDER, **changes}})
        assert apaczka.shipments == []

    def test_prices_are_grosze_by_service(self, call: Caller) -> None:
        order = {key: value for key, value in ORDER.items() if key != "service_id"}
        table = call.done("order_valuation/", {"order": order})["price_table"]
        assert table["21"]["price"] == "1290"
        nothing = {"order": {**ORDER, "service_id": 999}}
        assert "Brak wyceny" in call.refused("order_valuation/", nothing)


class TestLabels:
    @pytest.mark.parametrize(("zebra", "width"), [(1, 283), (0, 595)])
    def test_the_paper_is_chosen_with_the_order(self, call: Caller, zebra: int, width: int) -> None:
        order_id = call.send(is_zebra=zebra)
        answer = call.done(f"waybill/{order_id}/")
        page = pypdf.PdfReader(io.BytesIO(base64.b64decode(answer["waybill"], validate=True))).pages[0]
        assert (answer["type"], float(page.mediabox.width)) == ("pdf", width)
        assert call.done(f"order/{order_id}/")["order"]["waybill_number"] in page.extract_text()


class TestTheRest:
    def test_points_are_a_map_that_begins_with_one(self, call: Caller) -> None:
        points = call.done("points/INPOST/", {"country_code": "PL"})["points"]
        assert next(iter(points)) == "1"
        assert points["1"]["foreign_address_id"] == "LOD05M"

    def test_hours_of_four_days(self, call: Caller) -> None:
        hours = call.done("pickup_hours/", {"postal_code": "90-156"})["hours"]
        assert len(hours) == 4
        days = [date.fromisoformat(day) for day in hours]
        assert all(day.weekday() < 5 for day in days[1:])
        assert {row["service"] for row in hours[str(days[1])]["services"]} == {
            "DPD",
            "INPOST",
            "DHL",
            "POCZTA_POLSKA_E24",
        }

    def test_hours_of_one_service_are_those_of_its_supplier(self, call: Caller) -> None:
        asked = {"postal_code": "90-156", "service_id": 82}
        hours = call.done("pickup_hours/", asked)["hours"]
        assert {row["service"] for row in list(hours.values())[1]["services"]} == {"DHL"}
        assert call.refused("pickup_hours/", {"postal_code": "90-156", "service_id": 9999})
        assert call.refused("pickup_hours/", {"postal_code": "Łódź"})

    def test_outside_of_its_hours_no_courier_is_called(self, call: Caller, apaczka: Apaczka) -> None:
        order_id = call.send()
        day = list(call.done("pickup_hours/", {"postal_code": "90-156"})["hours"])[1]
        assert call.refused(f"pickup/{order_id}/", {"date": day, "hour_from": "08:00", "hour_to": "12:00"})
        assert apaczka.pickups == []
        assert call.done(f"pickup/{order_id}/", {"date": day, "hour_from": "10:00", "hour_to": "12:00"})

    def test_courtesy_limits_are_counted(self, call: Caller, apaczka: Apaczka, clock: Clock) -> None:
        for _ in range(2):
            call.done("service_structure/")
        clock.go(86_401)
        call.done("service_structure/")
        assert apaczka.asked_too_often() == {"service_structure": 1}

    def test_only_a_new_order_is_cancelled(self, call: Caller, apaczka: Apaczka) -> None:
        order_id = call.send()
        assert call.done(f"cancel_order/{order_id}/") == []
        assert call.refused(f"cancel_order/{order_id}/")
        assert apaczka.bought == []

    def test_tracking_is_by_the_waybill_newest_first(self, call: Caller, apaczka: Apaczka) -> None:
        order_id = call.send()
        for status in ("SENT", "IN_TRANSIT"):
            apaczka.move(order_id, status)
        waybill = call.done(f"order/{order_id}/")["order"]["waybill_number"]
        rows = call.done(f"tracking/{waybill}/")["data"]
        assert [row["status"] for row in rows] == ["IN_TRANSIT", "SENT"]


class TestFaults:
    def test_an_answer_is_lost_before_and_after_the_effect(self, call: Caller, apaczka: Apaczka) -> None:
        for fault, made in (("cut-before", 0), ("cut-after", 1), ("html-503-but-done", 2)):
            apaczka.misbehave(fault, "create")
            if fault.startswith("cut"):
                with pytest.raises(httpx2.HTTPError):
                    call.post("order_send/", json.dumps({"order": ORDER}))
            else:
                assert call.post("order_send/", json.dumps({"order": ORDER})).status_code == 503
            assert len(apaczka.bought) == made

    def test_prose_without_and_with_the_effect(self, call: Caller, apaczka: Apaczka) -> None:
        apaczka.misbehave("prose-error", "create", message="Coś")
        apaczka.misbehave("prose-but-done", "create", message="Coś innego")
        assert [call.refused("order_send/", {"order": ORDER}) for _ in range(2)] == ["Coś", "Coś innego"]
        assert len(apaczka.bought) == 1

    def test_labels_that_are_none(self, call: Caller, apaczka: Apaczka) -> None:
        order_id = call.send()
        apaczka.misbehave("empty-label")
        assert call.done(f"waybill/{order_id}/")["waybill"] == ""
        apaczka.misbehave("html-label")
        assert base64.b64decode(call.done(f"waybill/{order_id}/")["waybill"]).startswith(b"<html>")


def test_pushes_are_signed_and_come_as_often_as_wished(call: Caller, apaczka: Apaczka) -> None:
    got: list[dict[str, Any]] = []

    class Listener(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Silent."""

    with http.server.HTTPServer(("127.0.0.1", 0), Listener) as listener:
        threading.Thread(target=listener.serve_forever, daemon=True).start()
        order_id = call.send(push_tracking_url=f"http://127.0.0.1:{listener.server_port}/hooks/apaczka")
        apaczka.move(order_id, "ON_THE_WAY")
        assert apaczka.push(order_id, times=2) == [200, 200]
        assert apaczka.push(order_id, empty=True) == [200]
        listener.shutdown()
    assert [len(one["response"]["statuses"]) for one in got] == [1, 1, 0]
    for one in got:
        assert one["signature"] == push_signature(apaczka.app_id, apaczka.app_secret, one["response"])
    with pytest.raises(ValueError, match="no address"):
        apaczka.push(call.send())
