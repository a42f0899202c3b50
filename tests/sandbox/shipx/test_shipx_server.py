"""InPost ShipX as its reference says (carriers.md, section 2), asked over HTTP as any program would."""

from __future__ import annotations

import http.server
import io
import json
import threading
from collections.abc import Iterator
from typing import Any

import httpx2
import pypdf
import pytest

from pomost.sandbox.shipx import Settings, ShipX

START = 1_791_183_000.0
LOCKER: dict[str, Any] = {
    "receiver": {
        "first_name": "Halina",
        "last_name": "P",
        "email": "halina@example.com",
        "phone": "511222333",
    },
    "parcels": {"template": "small"},
    "service": "inpost_locker_standard",
    "reference": "PM-0000017",
    "custom_attributes": {"target_point": "LOD05M", "sending_method": "any_point"},
}
COURIER: dict[str, Any] = {
    "receiver": {
        **LOCKER["receiver"],
        "address": {
            "street": "Polna",
            "building_number": "2",
            "city": "Zgierz",
            "post_code": "95-100",
            "country_code": "PL",
        },
    },
    "parcels": [
        {
            "id": "1",
            "dimensions": {"length": "400", "width": 300, "height": 200, "unit": "mm"},
            "weight": {"amount": "6.5", "unit": "kg"},
        }
    ],
    "service": "inpost_courier_standard",
    "reference": "PM-0000019",
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
def inpost(clock: Clock) -> Iterator[ShipX]:
    with ShipX(Settings(clock=clock)) as running:
        yield running


class Caller:
    def __init__(self, inpost: ShipX) -> None:
        self.inpost = inpost
        self.http = httpx2.Client(
            base_url=inpost.url, headers={"Authorization": f"Bearer {inpost.token}"}, timeout=10
        )
        self.account = f"/v1/organizations/{inpost.organization}"

    def create(self, **changes: Any) -> httpx2.Response:
        return self.http.post(f"{self.account}/shipments", json={**LOCKER, **changes})

    def made(self, **changes: Any) -> int:
        answer = self.create(**changes)
        assert answer.status_code == 201, answer.text
        return int(answer.json()["id"])

    def read(self, shipment_id: int) -> dict[str, Any]:
        return dict(self.http.get(f"/v1/shipments/{shipment_id}").json())

    def listed(self, **filters: Any) -> dict[str, Any]:
        return dict(self.http.get(f"{self.account}/shipments", params=filters).json())


@pytest.fixture
def call(inpost: ShipX) -> Iterator[Caller]:
    caller = Caller(inpost)
    with caller.http:
        yield caller


class TestAccess:
    def test_bodies_of_the_wrong_key_account_and_id(self, call: Caller) -> None:
        wrong = call.http.get(call.account, headers={"Authorization": "Bearer no"})
        assert (wrong.status_code, wrong.json()["error"]) == (401, "token_invalid")
        other = call.http.get("/v1/organizations/1/shipments")
        assert (other.status_code, other.json()["error"]) == (403, "forbidden")
        missing = call.http.get("/v1/shipments/5")
        assert (missing.status_code, missing.json()["error"]) == (404, "resource_not_found")

    def test_lists_of_words_are_open_to_all(self, inpost: ShipX) -> None:
        assert len(httpx2.get(f"{inpost.url}/v1/statuses").json()["items"]) == 53
        assert httpx2.get(f"{inpost.url}/v1/services").json()[0]["id"] == "inpost_locker_standard"

    def test_a_tracking_number_that_is_none_has_a_description_instead_of_a_message(
        self, inpost: ShipX
    ) -> None:
        body = httpx2.get(f"{inpost.url}/v1/tracking/1").json()
        assert "message" not in body
        assert body["description"]

    def test_the_organization_names_the_services_that_it_may_use(self, call: Caller, inpost: ShipX) -> None:
        inpost.settings.courier_contract = False
        about = call.http.get(call.account).json()
        assert "inpost_locker_standard" in about["services"]
        assert "inpost_courier_standard" not in about["services"]


class TestLife:
    def test_a_shipment_is_bought_a_second_after_the_call(self, call: Caller, clock: Clock) -> None:
        answer = call.create()
        assert answer.headers["location"].endswith(str(answer.json()["id"]))
        shipment_id = answer.json()["id"]
        statuses = [answer.json()["status"]]
        for seconds in (0.31, 0.2, 0.6):
            clock.go(seconds)
            statuses.append(call.read(shipment_id)["status"])
        assert statuses == ["created", "offers_prepared", "offer_selected", "confirmed"]
        shown = call.read(shipment_id)
        assert len(shown["tracking_number"]) == 24
        assert shown["selected_offer"]["status"] == "bought"
        assert shown["custom_attributes"]["customer_delivering_code"]

    def test_without_money_it_stays_with_a_failed_transaction(
        self, call: Caller, inpost: ShipX, clock: Clock
    ) -> None:
        inpost.settings.money = False
        shipment_id = call.made()
        clock.go(900)
        assert call.read(shipment_id)["transactions"]
        inpost.settings.money = True
        clock.go(900)
        shown = call.read(shipment_id)
        assert (shown["status"], shown["tracking_number"]) == ("offer_selected", None)
        assert [one["details"]["error"] for one in shown["transactions"]] == ["debt_collection"]

    def test_without_a_service_it_waits_for_a_choice(self, call: Caller, clock: Clock) -> None:
        body = {key: value for key, value in LOCKER.items() if key != "service"}
        shipment_id = call.http.post(f"{call.account}/shipments", json=body).json()["id"]
        clock.go(60)
        shown = call.read(shipment_id)
        assert shown["status"] == "offers_prepared"
        assert [offer["status"] for offer in shown["offers"]] == ["available", "unavailable"]
        offer = {"offer_id": shown["offers"][0]["id"]}
        assert (
            call.http.post(f"/v1/shipments/{shipment_id}/select_offer", json=offer).json()["status"]
            == "offer_selected"
        )
        assert (
            call.http.post(f"/v1/shipments/{shipment_id}/buy", json=offer).json()["status"]
            == "offer_selected"
        )
        clock.go(1)
        assert call.read(shipment_id)["status"] == "confirmed"
        assert len(call.read(shipment_id)["offers"]) == 1

    def test_an_offer_lives_five_minutes(self, call: Caller, clock: Clock) -> None:
        shipment_id = call.made(only_choice_of_offer=True)
        clock.go(400)
        offer = {"offer_id": call.read(shipment_id)["offers"][0]["id"]}
        answer = call.http.post(f"/v1/shipments/{shipment_id}/buy", json=offer)
        assert (answer.status_code, answer.json()["error"]) == (400, "offer_expired")

    def test_a_service_point_rewrites_the_service(self, call: Caller) -> None:
        point = {"target_point": "POP-LOD1"}
        assert (
            call.create(custom_attributes=point).json()["service"] == "inpost_locker_customer_service_point"
        )


class TestRefusals:
    @pytest.mark.parametrize(
        ("body", "details"),
        [
            ({**LOCKER, "receiver": {"email": "a@b.pl"}}, {"receiver": [{"phone": ["required"]}]}),
            (
                {**LOCKER, "receiver": {"phone": "+48511222333", "email": "x"}},
                {"receiver": [{"phone": ["invalid"], "email": ["invalid"]}]},
            ),
            ({**LOCKER, "receiver": {"phone": "511222333"}}, {"receiver": [{"email": ["required"]}]}),
            ({**LOCKER, "custom_attributes": {}}, {"custom_attributes": [{"target_point": ["required"]}]}),
            (
                {**LOCKER, "custom_attributes": {"target_point": "XXX00X"}},
                {"custom_attributes": [{"target_point": ["does_not_exist"]}]},
            ),
            ({**LOCKER, "reference": "PM"}, {"reference": ["too_short"]}),
            ({**LOCKER, "parcels": []}, {"parcels": ["required"]}),
            (
                {**LOCKER, "parcels": [{"id": "1"}]},
                {
                    "parcels": [
                        {
                            "0": {
                                "dimensions": [
                                    {"length": ["required"], "width": ["required"], "height": ["required"]}
                                ],
                                "weight": [{"amount": ["too_small"]}],
                            }
                        }
                    ]
                },
            ),
            (
                {**COURIER, "cod": {"amount": 100.5, "currency": "PLN"}},
                {"insurance": ["required"]},
            ),
            (
                {
                    **COURIER,
                    "cod": {"amount": 100.5, "currency": "PLN"},
                    "insurance": {"amount": 100, "currency": "PLN"},
                },
                {"insurance": [{"amount": ["too_small"]}]},
            ),
            (
                {**LOCKER, "insurance": {"amount": "100", "currency": "PLN"}},
                {"insurance": [{"amount": ["not_a_number"]}]},
            ),
        ],
    )
    def test_fields(self, call: Caller, body: dict[str, Any], details: dict[str, Any]) -> None:
        answer = call.http.post(f"{call.account}/shipments", json=body)
        assert (answer.status_code, answer.json()["error"]) == (400, "validation_failed")
        assert answer.json()["details"] == details
        assert call.inpost.shipments == []

    def test_a_courier_without_a_contract(self, call: Caller, inpost: ShipX) -> None:
        inpost.settings.courier_contract = False
        answer = call.http.post(f"{call.account}/shipments", json=COURIER)
        assert answer.json()["error"] == "missing_trucker_id"

    def test_a_shipment_is_cancelled_early_only(self, call: Caller, clock: Clock) -> None:
        early, late = call.made(), call.made()
        assert call.http.delete(f"/v1/shipments/{early}").status_code == 204
        clock.go(5)
        answer = call.http.delete(f"/v1/shipments/{late}")
        assert answer.status_code == 400
        assert answer.json()["details"] == {"action": "cancel", "shipment_status": "confirmed"}
        assert call.read(early)["status"] == "canceled"

    def test_an_accepted_cancel_may_be_overwritten(self, call: Caller, inpost: ShipX, clock: Clock) -> None:
        shipment_id = call.made()
        clock.go(0.6)
        inpost.misbehave("cancel-overwritten", "cancel")
        assert call.http.delete(f"/v1/shipments/{shipment_id}").status_code == 204
        assert call.read(shipment_id)["status"] == "canceled"
        clock.go(0.4)
        assert call.read(shipment_id)["status"] == "confirmed"


class TestLabels:
    def test_a_label_is_a_small_file_without_a_length(self, call: Caller, clock: Clock) -> None:
        shipment_id = call.made()
        early = call.http.get(f"/v1/shipments/{shipment_id}/label")
        assert (early.status_code, early.json()["error"]) == (400, "invalid_action")
        clock.go(5)
        answer = call.http.get(f"/v1/shipments/{shipment_id}/label", params={"format": "pdf", "type": "A6"})
        assert "content-length" not in answer.headers
        page = pypdf.PdfReader(io.BytesIO(answer.content)).pages[0]
        assert call.read(shipment_id)["tracking_number"] in page.extract_text()
        assert float(page.mediabox.width) < 300
        zpl = call.http.get(f"/v1/shipments/{shipment_id}/label", params={"format": "Zpl"})
        assert zpl.content.startswith(b"^XA")
        assert zpl.headers["content-type"] == "application/pdf"

    def test_different_services_come_in_a_zip(self, call: Caller, clock: Clock) -> None:
        ids = [call.made(), int(call.http.post(f"{call.account}/shipments", json=COURIER).json()["id"])]
        clock.go(5)
        asked = [("shipment_ids[]", str(one)) for one in ids]
        answer = call.http.get(f"{call.account}/shipments/labels", params=asked)
        assert answer.content.startswith(b"PK")


class TestLists:
    def test_lists_lag_and_reading_by_id_does_not(self, call: Caller, inpost: ShipX, clock: Clock) -> None:
        inpost.settings.list_lag_s = 5
        shipment_id = call.made()
        assert call.read(shipment_id)["id"] == shipment_id
        assert call.listed()["count"] == 0
        clock.go(5)
        assert [one["id"] for one in call.listed()["items"]] == [shipment_id]

    def test_pages_filters_and_order(self, call: Caller, clock: Clock) -> None:
        ids = [call.made() for _ in range(3)]
        assert [one["id"] for one in call.listed()["items"]] == ids[::-1]
        assert [one["id"] for one in call.listed(sort_by="id", sort_order="asc", per_page=2)["items"]] == ids[
            :2
        ]
        past = call.listed(page=9)
        assert (past["items"], past["count"]) == ([], 3)
        assert call.listed(per_page=5000)["per_page"] == 100
        assert call.listed(id=f"{ids[0]},5")["count"] == 1
        assert call.listed(id="0")["error"] == "invalid_parameter"
        assert call.listed(reference="no such reference")["count"] == 3, "there is no filter by reference"
        assert call.listed(created_at_gteq=int(clock.now) + 10)["count"] == 0
        assert call.listed(created_at_gteq="2026-10-01T00:00:00Z")["count"] == 3

    def test_cancelled_shipments_vanish(self, call: Caller) -> None:
        call.http.delete(f"/v1/shipments/{call.made()}")
        assert call.listed()["count"] == 0


class TestFaults:
    def test_an_answer_is_lost_before_and_after_the_effect(self, call: Caller, inpost: ShipX) -> None:
        for fault, made in (("cut-before", 0), ("cut-after", 1)):
            inpost.misbehave(fault, "create")
            with pytest.raises(httpx2.HTTPError):
                call.create()
            assert len(inpost.shipments) == made

    def test_limits_web_pages_and_expired_tokens(self, call: Caller, inpost: ShipX) -> None:
        inpost.misbehave("limit", "list", seconds=9)
        answer = call.http.get(f"{call.account}/shipments")
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "9")
        inpost.misbehave("html-503")
        assert call.http.get(call.account).text.startswith("<html>")
        inpost.misbehave("expired-token")
        assert call.http.get(call.account).status_code == 401
        assert call.http.get(call.account).status_code == 200

    def test_an_unknown_fault_is_named(self, inpost: ShipX) -> None:
        with pytest.raises(ValueError, match="cut-after"):
            inpost.misbehave("earthquake")

    def test_every_call_is_kept(self, call: Caller, inpost: ShipX) -> None:
        call.made()
        (kept,) = inpost.calls("create")
        assert (kept.method, kept.outcome) == ("POST", "201")
        assert json.loads(kept.body)["reference"] == "PM-0000017"


def test_webhooks_come_unsigned_and_as_often_as_wished(call: Caller, inpost: ShipX, clock: Clock) -> None:
    got: list[dict[str, Any]] = []

    class Listener(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Silent."""

    shipment_id = call.made()
    clock.go(5)
    with http.server.HTTPServer(("127.0.0.1", 0), Listener) as listener:
        threading.Thread(target=listener.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{listener.server_port}/hooks/inpost"
        assert inpost.push(shipment_id, url, times=2) == [200, 200]
        inpost.move(shipment_id, "returned_to_sender")
        inpost.push(shipment_id, url)
        listener.shutdown()
    assert [one["event"] for one in got] == ["shipment_confirmed"] * 2 + ["shipment_status_changed"]
    assert got[2]["payload"]["return_tracking_number"].startswith("52")
    assert got[0]["organization_id"] == inpost.organization
