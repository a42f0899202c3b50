"""What the people of a carrier do with parcels, asked for from another process: both carriers, by the same words."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from pomost.sandbox.apaczka import Apaczka, signature
from pomost.sandbox.carriers import CarrierSandbox
from pomost.sandbox.depot import VERBS, RemoteCarrier
from pomost.sandbox.shipx import Settings, ShipX

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "how-to" / "carriers.md").read_text(encoding="utf-8")
CARRIERS = ("shipx", "apaczka")
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


def to_locker(url: str, token: str, organization: int) -> str:
    """A shipment that is ordered with InPost; it is paid for when it is next looked at."""
    receiver = {
        "first_name": "Halina",
        "last_name": "P",
        "email": "h@example.com",
        "phone": "511222333",
    }
    sent = {
        "receiver": receiver,
        "parcels": {"template": "small"},
        "service": "inpost_locker_standard",
        "reference": "PM-17",
        "custom_attributes": {"target_point": "LOD05M", "sending_method": "any_point"},
    }
    answer = httpx2.post(
        f"{url}/v1/organizations/{organization}/shipments",
        json=sent,
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def by_courier(url: str, app_id: str, app_secret: str) -> dict[str, Any]:
    """What Apaczka answers to an order."""
    order = {
        "service_id": 21,
        "address": {"sender": PARTY, "receiver": PARTY},
        "shipment_value": 24990,
        "pickup": {"type": "SELF"},
        "shipment": [PIECE],
        "comment": "PM-17",
        "content": "Kubki",
    }
    request, expires = json.dumps({"order": order}), str(int(time.time()) + 600)
    signed = signature(app_id, app_secret, "order_send/", request, expires)
    form = {"app_id": app_id, "request": request, "expires": expires, "signature": signed}
    return dict(httpx2.post(url + "order_send/", data=form).json())


class Sent:
    """A carrier that runs, and somebody who orders shipments there and asks the carrier from outside."""

    def __init__(self, carrier: ShipX | Apaczka) -> None:
        self.carrier = carrier
        self.remote = RemoteCarrier(carrier.url)

    def parcel(self) -> str:
        if isinstance(self.carrier, ShipX):
            return to_locker(self.carrier.url, self.carrier.token, self.carrier.organization)
        answer = by_courier(self.carrier.url, self.carrier.app_id, self.carrier.app_secret)
        assert answer["status"] == 200, answer
        return str(answer["response"]["order"]["id"])

    def status(self, parcel: str) -> str:
        return {one["id"]: one["status"] for one in self.remote.overview()["parcels"]}[parcel]


@contextmanager
def running(kind: str) -> Iterator[Sent]:
    made: CarrierSandbox = ShipX(Settings().at_once()) if kind == "shipx" else Apaczka()
    with made as carrier:
        assert isinstance(carrier, ShipX | Apaczka)
        yield Sent(carrier)


@pytest.mark.parametrize("kind", CARRIERS)
def test_a_parcel_goes_its_usual_way_stop_by_stop(kind: str) -> None:
    with running(kind) as sent:
        parcel, way = sent.parcel(), sent.carrier.way
        seen = [sent.status(parcel)]
        while sent.status(parcel) != way[-1]:
            assert sent.remote.move_on(parcel=parcel) == [parcel]
            seen.append(sent.status(parcel))

        assert tuple(seen) == way
        with pytest.raises(ValueError, match="its way has ended"):
            sent.remote.move_on(parcel=parcel)


@pytest.mark.parametrize("kind", CARRIERS)
def test_all_that_are_under_way_move_at_once_and_those_that_arrived_stay(kind: str) -> None:
    with running(kind) as sent:
        arrived, first, second = (sent.parcel() for _ in range(3))
        sent.remote.deliver(parcel=arrived)

        assert sent.remote.move_on() == [first, second]
        assert sent.status(arrived) == sent.carrier.way[-1]
        assert sent.status(first) == sent.status(second) == sent.carrier.way[1]
        assert sent.remote.deliver() == [first, second]
        assert sent.remote.move_on() == sent.remote.deliver() == sent.remote.send_back() == []


@pytest.mark.parametrize("kind", CARRIERS)
def test_what_the_receiver_refuses_goes_back_to_the_sender(kind: str) -> None:
    with running(kind) as sent:
        parcel = sent.parcel()
        sent.remote.refuse(parcel=parcel)
        assert sent.status(parcel) == sent.carrier.ends["refuse"]

        sent.remote.move_on(parcel=parcel)
        assert sent.status(parcel) == sent.carrier.ends["send_back"]
        other = sent.parcel()
        sent.remote.send_back(parcel=other)
        assert sent.status(other) == sent.carrier.ends["send_back"]


@pytest.mark.parametrize("kind", CARRIERS)
def test_a_parcel_is_found_by_the_number_of_its_label_and_any_status_may_be_given(kind: str) -> None:
    with running(kind) as sent:
        parcel = sent.parcel()
        [told] = sent.remote.overview()["parcels"]
        assert (told["id"], told["reference"]) == (parcel, "PM-17")

        sent.remote.move(parcel=told["number"], status="lost_in_space")

        assert sent.status(parcel) == "lost_in_space"
        # it comes back to its way
        sent.remote.move_on(parcel=parcel)
        assert sent.status(parcel) == sent.carrier.way[0]
        for act in (sent.remote.move_on, sent.remote.deliver, sent.remote.refuse, sent.remote.send_back):
            with pytest.raises(LookupError, match="no parcel 12"):
                act(parcel=12)
        with pytest.raises(LookupError, match="no parcel 12"):
            sent.remote.move(parcel=12, status="x")


def test_with_an_empty_account_a_locker_parcel_is_made_and_not_paid_for() -> None:
    with running("shipx") as sent:
        sent.remote.take_money()
        parcel = sent.parcel()
        assert sent.remote.bought() == []
        assert sent.remote.overview()["money"] is False
        for act in (sent.remote.move_on, sent.remote.deliver):
            with pytest.raises(ValueError, match="Nobody paid"):
                act(parcel=parcel)
        assert sent.remote.move_on() == []

        sent.remote.give_money()
        sent.parcel()
        assert len(sent.remote.bought()) == 1
        assert sent.remote.overview()["money"] is True


def test_with_an_empty_account_apaczka_takes_no_order() -> None:
    with running("apaczka") as sent:
        sent.remote.take_money()
        answer = by_courier(sent.carrier.url, sent.carrier.app_id, sent.carrier.app_secret)  # type: ignore[union-attr]
        assert (answer["status"], answer["message"]) == (400, "Brak środków na koncie.")
        assert sent.remote.shipments() == []
        assert sent.remote.overview()["money"] is False
        sent.remote.misbehave(fault="slow", on="list")

        sent.remote.give_money()

        assert sent.parcel()
        assert sent.remote.overview()["money"] is True
        assert [one["fault"] for one in sent.remote.overview()["asked"]] == ["slow"]


@pytest.mark.parametrize("kind", CARRIERS)
def test_the_overview_counts_parcels_and_calls_and_being_asked_is_no_call(kind: str) -> None:
    with running(kind) as sent:
        for _ in range(3):
            sent.parcel()
        sent.remote.misbehave(fault="html-503", on="create", times=2)
        told = sent.remote.overview()

        assert told["sandbox"] == kind
        assert told["statuses"] == [{"name": sent.carrier.way[0], "parcels": 3}]
        assert [one["name"] for one in told["calls"]] == ["create"] * 3
        assert told["last_minute"] == 3
        assert [(one["fault"], one["on"], one["left"]) for one in told["asked"]] == [
            ("html-503", "create", 2)
        ]
        assert set(sent.carrier.way) <= set(told["known_statuses"])


@pytest.mark.parametrize("kind", CARRIERS)
def test_settings_change_while_it_runs_and_an_unknown_one_changes_none(kind: str) -> None:
    with running(kind) as sent:
        with pytest.raises(ValueError, match="no setting colour"):
            sent.remote.configure(list_lag_s=5.0, colour="red")
        assert sent.carrier.settings.list_lag_s == 0.0
        with pytest.raises(ValueError, match="no setting clock"):
            sent.remote.configure(clock=1)

        sent.remote.configure(list_lag_s=5.0)

        assert sent.carrier.settings.list_lag_s == 5.0


@pytest.mark.parametrize("kind", CARRIERS)
def test_a_carrier_as_a_process_obeys_from_outside_and_ends_cleanly(kind: str) -> None:
    command = [sys.executable, "-m", f"pomost.sandbox.{kind}"]
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    more = ["--at-once", "--organization", "77"] if kind == "shipx" else ["--app-id", "2_x.app"]
    with subprocess.Popen([*command, *more], stdout=subprocess.PIPE, text=True, env=env) as process:
        try:
            assert process.stdout is not None
            ready = json.loads(process.stdout.readline())
            assert ready["pid"] == process.pid
            if kind == "shipx":
                parcel = to_locker(ready["url"], ready["token"], 77)
            else:
                answer = by_courier(ready["url"], "2_x.app", ready["app_secret"])
                parcel = str(answer["response"]["order"]["id"])
            remote = RemoteCarrier(ready["url"])
            assert remote.deliver() == [parcel]
            assert remote.calls()[0]["name"] == "create"
            [told] = remote.shipments()
            assert told["status"].lower() == "delivered"
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


@pytest.mark.parametrize("name", VERBS)
def test_everything_that_can_be_asked_is_documented(name: str) -> None:
    assert f"`{name}`" in PAGE or f"`{name}(" in PAGE
