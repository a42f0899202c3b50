"""Carriers as a program uses them: prices, points, another shipment, couriers, money that is spread; each asked for twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pomost.sandbox.apaczka import Apaczka
from pomost.sandbox.shipx import ShipX
from pomost.sandbox.woocommerce import Settings, Shop
from tests.edges import inpost_office, shipx
from tests.narrative.test_carriers import apaczka, tomorrow
from tests.narrative.test_shipments import DOOR, bought, own
from tests.panel.conftest import Desk
from tests.panel.test_api import Program
from tests.panel.test_money_refunds import asked
from tests.panel.test_shipments_page import WHOLE_DAY, sent
from tests.woo_house import RETURNS, SALE, WooHouse

Panel = Callable[..., Desk]


@pytest.fixture
def inpost() -> Iterator[ShipX]:
    with inpost_office() as running:
        yield running


@pytest.fixture
def depot() -> Iterator[Apaczka]:
    with Apaczka() as running:
        yield running


@pytest.fixture
def desk(panel: Panel, inpost: ShipX, depot: Apaczka) -> Desk:
    return panel(flow=own(), shipx=[shipx(inpost)], apaczka=[apaczka(depot, late_pickup=True)])


def acts(desk: Desk) -> list[tuple[str, str]]:
    return [(one.who, one.act) for one in desk.pomost.store.audits.page()]


def test_prices_of_one_carrier_stand_beside_the_fault_of_another(
    desk: Desk, inpost: ShipX, depot: Apaczka
) -> None:
    case = desk.house.line(sent(desk)[0]).id
    before = len(inpost.shipments)
    depot.misbehave("bad-key", "quote", times=5)

    found = {one["carrier"]: one for one in Program(desk, "ship").get(f"/orders/{case}/quotes")["quotes"]}

    assert {one["service"]: one["charge"] for one in found["inpost"]["prices"]}["inpost_courier_standard"]
    assert found["inpost"]["problem"] is None
    assert found["apaczka"]["prices"] == []
    assert found["apaczka"]["problem"]["code"] == "carrier.bad-key"
    assert (len(inpost.shipments), depot.shipments) == (before, [])
    assert Program(desk, "ship").http.get("/orders/999999/quotes").status_code == 404


def test_points_are_found_by_code_and_postcode(desk: Desk) -> None:
    program = Program(desk, "ship")

    [one] = program.get("/carriers/inpost/points", query="LOD05M")["points"]
    near = program.get("/carriers/apaczka/points", query="90-156", service="41", limit=2)["points"]

    assert (one["code"], one["open"]) == ("LOD05M", True)
    assert near[0]["code"] == "LOD06M"
    unsaid = program.http.get("/carriers/apaczka/points?query=90-156")
    couriers = program.http.get("/carriers/baselinker/points?query=90-156")
    assert (unsaid.status_code, unsaid.json()["code"]) == (409, "carrier.no-points")
    assert (couriers.status_code, couriers.json()["code"]) == (409, "carrier.no-points")
    assert program.http.get("/carriers/nobody/points?query=x").status_code == 404
    for wrong in ("", "query=", f"query={'x' * 101}", "query=x&limit=0", "query=x&limit=51", "query=%00"):
        assert program.http.get(f"/carriers/inpost/points?{wrong}").status_code == 422, wrong


def test_another_shipment_is_ordered_once_however_often_it_is_asked_for(desk: Desk, inpost: ShipX) -> None:
    case = desk.house.line(sent(desk)[0]).id
    program = Program(desk, "read", "ship")
    [first] = program.get(f"/orders/{case}/shipments")["shipments"]
    assert (first["may_be_followed"], first["alive"]) == (True, True)
    place, wish = f"/orders/{case}/another", {"after": first["id"], "before": "keep"}

    unsaid = program.post(place, {"after": first["id"]})
    stranger = program.post(place, {"after": "12", "before": "keep"})
    taken = program.post(place, wish)
    at_once = program.post(place, wish)
    desk.house.run_until(lambda: len(program.get(f"/orders/{case}/shipments")["shipments"]) == 2)
    desk.house.run_until(lambda: len(inpost.bought) == 2)
    desk.house.run_until(lambda: desk.pomost.store.lists.lines([case])[0].state == "done")
    later = program.post(place, wish)
    desk.house.run_until(lambda: desk.pomost.store.lists.lines([case])[0].state == "done")

    assert (unsaid.status_code, unsaid.json()["code"]) == (409, "shipping.still-alive")
    assert (stranger.status_code, stranger.json()["code"]) == (409, "shipping.no-earlier")
    assert (taken.status_code, taken.json()["after"]) == (202, first["id"])
    assert [one.json()["code"] for one in (at_once, later)] == ["shipping.wished-already"] * 2
    assert len(inpost.bought) == 2
    old, new = program.get(f"/orders/{case}/shipments")["shipments"]
    assert (old["may_be_followed"], new["may_be_followed"]) == (False, True), (old, new)
    assert acts(desk).count(("token magazyn", "shipment.another")) == 1
    for wrong in (
        {},
        {"after": ""},
        {"after": "a\0"},
        {"after": "1", "before": "burn"},
        {"after": "1", "x": 1},
    ):
        assert program.post(place, wrong).status_code == 422, wrong
    assert program.post("/orders/999999/another", wish).status_code == 404


def test_a_courier_is_called_once_for_what_is_named(desk: Desk, inpost: ShipX) -> None:
    sent(desk, 2)
    program = Program(desk, "read", "ship")
    ids = [one["id"] for one in program.get("/carriers/inpost/waiting")["parcels"]]
    wish = {"carrier": "inpost", "parcels": ids[:1], **WHOLE_DAY}
    assert inpost.pickups == [], "looking calls nobody"

    made = program.post("/pickups", wish)
    again = program.post("/pickups", wish)

    assert made.status_code == 200, made.text
    assert [one["parcels"] for one in made.json()["pickups"]] == [ids[:1]]
    assert (again.status_code, again.json()["code"]) == (409, "carrier.pickup-none")
    [pickup] = inpost.pickups
    assert [str(one["id"]) for one in pickup["shipments"]] == ids[:1]
    [call] = program.get("/pickups", carrier="inpost")["pickups"]
    assert (call["state"], call["who"], call["problem"]) == ("done", "token magazyn", None)
    assert [one["id"] for one in program.get("/carriers/inpost/waiting")["parcels"]] == ids[1:]
    assert acts(desk).count(("token magazyn", "shipment.pickup")) == 1


def test_a_courier_whose_answer_was_lost_is_not_called_again_by_a_repeat(panel: Panel, inpost: ShipX) -> None:
    # so long InPost's list is not believed to lack something
    desk = panel(flow=own(), shipx=[shipx(inpost, settle_s=600.0)])
    sent(desk)
    program = Program(desk, "read", "ship", language="pl")
    ids = [one["id"] for one in program.get("/carriers/inpost/waiting")["parcels"]]
    wish = {"carrier": "inpost", "parcels": ids, **WHOLE_DAY}
    inpost.misbehave("cut-before", "dispatch")

    doubt = program.post("/pickups", wish)
    again = program.post("/pickups", wish)
    [call] = program.get("/pickups")["pickups"]
    settled = program.post(f"/pickups/{call['id']}/resolve", {"happened": True})
    twice = program.post(f"/pickups/{call['id']}/resolve", {"happened": False})

    assert (doubt.status_code, doubt.json()["code"]) == (409, "carrier.pickup-later")
    assert again.status_code == 409
    assert inpost.pickups == []
    assert (call["state"], settled.status_code, settled.json()["state"]) == ("intended", 200, "done")
    assert (twice.status_code, twice.json()["code"]) == (409, "carrier.pickup-settled")
    assert ("token magazyn", "shipment.pickup-settled") in acts(desk)
    assert program.post("/pickups/999999/resolve", {"happened": True}).status_code == 404


def test_what_can_not_be_calls_nobody(desk: Desk, inpost: ShipX) -> None:
    sent(desk)
    program = Program(desk, "ship")
    ids = [one["id"] for one in program.get("/carriers/inpost/waiting")["parcels"]]
    wish: dict[str, Any] = {"carrier": "inpost", "parcels": ids, **WHOLE_DAY}

    old = program.post("/pickups", {**wish, "day": "2020-01-02"})
    couriers = program.post("/pickups", {**wish, "carrier": "baselinker"})
    hostile = [{"parcels": []}, {"day": "soon"}, {"start": "25:00"}, {"parcels": ["a\0"]}, {"more": 1}]

    assert (old.status_code, old.json()["code"]) == (409, "carrier.pickup-day")
    assert (couriers.status_code, couriers.json()["code"]) == (409, "carrier.pickup-off")
    assert program.post("/pickups", {**wish, "carrier": "nobody"}).status_code == 404
    assert {program.post("/pickups", {**wish, **one}).status_code for one in hostile} == {422}
    assert inpost.pickups == []


def test_apaczka_names_the_hours_in_which_somebody_comes(panel: Panel, depot: Apaczka) -> None:
    desk = panel(
        flow=own({"carrier": "apaczka", "service": "21"}), apaczka=[apaczka(depot, late_pickup=True)]
    )
    desk.house.run_until_state(bought(desk.house.shop, DOOR), "done")
    program = Program(desk, "read", "ship", language="pl")
    ids = [one["id"] for one in program.get("/carriers/apaczka/waiting")["parcels"]]
    day = str(tomorrow().day)
    wish = {"carrier": "apaczka", "parcels": ids, "day": day}

    refused = program.post("/pickups", {**wish, "start": "06:00", "end": "20:00"})
    made = program.post("/pickups", {**wish, "start": "10:00", "end": "15:00"})

    assert (refused.status_code, refused.json()["code"]) == (409, "carrier.pickup-hours")
    assert refused.json()["text"].startswith("Żaden kurier DPD nie odbiera")
    assert f"{day} 10:00-16:00" in refused.json()["advice"]
    assert made.status_code == 200, made.text
    assert len(depot.pickups) == 1


def test_where_a_later_courier_is_refused_the_calls_before_it_are_told(panel: Panel, depot: Apaczka) -> None:
    """DPD comes until 16:00, DHL until 15:00: two couriers, and one of them does not come then."""
    dhl = next(one for one in depot.settings.services if one["service_id"] == "82")
    dhl["point_to_door"] = "1"  # else each shipment calls a courier of its own
    rules = [
        {"when": "size(order.lines) == 1", "service": "21"},
        {"service": "82"},
    ]
    desk = panel(flow=own({"carrier": "apaczka", "rules": rules}), apaczka=[apaczka(depot, late_pickup=True)])
    for lines in (1, 2):
        order = bought(desk.house.shop, DOOR, lines=[{"sku": "KUBEK-1", "quantity": 1}] * lines)
        desk.house.run_until_state(order, "done")
    program = Program(desk, "read", "ship")
    found = program.get("/carriers/apaczka/waiting")
    ids = [one["id"] for one in found["parcels"]]
    wish = {"carrier": "apaczka", "parcels": ids, "day": str(tomorrow().day), "start": "10:00"}

    made = program.post("/pickups", {**wish, "end": "16:00"})
    rest = program.post("/pickups", {**wish, "end": "15:00"})

    assert found["visits"] == 2
    assert made.status_code == 200, made.text
    assert [one["parcels"] for one in made.json()["pickups"]] == [ids[:1]]
    assert made.json()["problem"]["code"] == "carrier.pickup-hours"
    assert rest.json()["problem"] is None
    assert [one["parcels"] for one in rest.json()["pickups"]] == [ids[1:]]
    assert [one["orders"] for one in depot.pickups] == [ids[:1], ids[1:]]
    assert acts(desk).count(("token magazyn", "shipment.pickup")) == 2


def test_money_that_was_paid_back_for_no_goods_is_spread_by_a_program(tmp_path: Path) -> None:
    with Shop(Settings(catalogue="shared"), seed=0) as shop:
        home = WooHouse(tmp_path, shop, flows=[SALE, RETURNS])
        order, refund = asked(shop, home)
        case = home.return_line(order, refund).id
        desk = Desk(home)
        desk.start()
        try:
            program = Program(desk, "orders")
            told = program.post(f"/orders/{case}/spread")
            home.run_until(lambda: home.state_of_return(order, refund) == "done")
            again = program.post(f"/orders/{case}/spread")
            gone = program.post("/orders/999999/spread")
        finally:
            desk.stop()
        assert (told.status_code, told.json()["id"]) == (202, case)
        assert (again.status_code, again.json()["code"]) == (409, "decide.nothing-to-spread")
        assert gone.status_code == 404
        assert home.kinds(order) == ["PA", "WZ", "PAK"]
        assert ("token magazyn", "order.spread") in acts(desk)
        home.stop()
