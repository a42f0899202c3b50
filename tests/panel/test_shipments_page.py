"""Parcels in the panel: a courier for those that wait, with a preview; another shipment from the order's page."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page

from pomost.sandbox.apaczka import Apaczka
from pomost.sandbox.shipx import ShipX
from tests.edges import inpost_office, shipx
from tests.narrative.test_carriers import apaczka
from tests.narrative.test_shipments import DOOR, bought, own
from tests.panel.conftest import Desk, faults_of

Panel = Callable[..., Desk]
WHOLE_DAY = {"start": "00:00", "end": "23:59"}


@pytest.fixture
def inpost() -> Iterator[ShipX]:
    with inpost_office() as running:
        yield running


@pytest.fixture
def desk(panel: Panel, inpost: ShipX) -> Desk:
    return panel(flow=own(), shipx=[shipx(inpost)])


def sent(desk: Desk, count: int = 1) -> list[int]:
    orders = [bought(desk.house.shop, DOOR) for _ in range(count)]
    for order in orders:
        desk.house.run_until_state(order, "done")
    return orders


def ticked(text: str) -> list[str]:
    return re.findall(r'name="parcel" value="(\d+)"', text)


def test_the_courier_is_called_for_what_is_left_ticked(desk: Desk, inpost: ShipX) -> None:
    sent(desk, 2)
    operator = desk.client("operator")
    assert "/print/pickups" in operator.get("/print").text
    assert "inpost (czeka: 2)" in operator.get("/print/pickups").text

    shown = operator.get("/print/pickups?carrier=inpost&start=00:00&end=23:59").text
    ids = ticked(shown)
    assert "2 paczki" in shown
    assert inpost.pickups == [], "a preview calls nobody"

    told = operator.post(
        "/print/pickups", page="/print/pickups?carrier=inpost", carrier="inpost", parcel=ids[:1], **WHOLE_DAY
    )
    assert "Zamówiono kuriera (inpost); paczek: 1." in told.text
    [pickup] = inpost.pickups
    assert [str(one["id"]) for one in pickup["shipments"]] == ids[:1]
    assert ticked(operator.get("/print/pickups?carrier=inpost").text) == ids[1:]
    audit = desk.client("administrator").get("/audit").text
    assert "shipment.pickup" in audit


def test_what_can_not_be_is_said_and_calls_nobody(desk: Desk, inpost: ShipX) -> None:
    sent(desk)
    operator = desk.client("operator")
    page = "/print/pickups?carrier=inpost"
    ids = ticked(operator.get(page).text)

    nothing = operator.post("/print/pickups", page=page, carrier="inpost", **WHOLE_DAY)
    stranger = operator.post("/print/pickups", page=page, carrier="nobody", parcel=ids, **WHOLE_DAY)
    late = operator.post(
        "/print/pickups", page=page, carrier="inpost", parcel=ids, **WHOLE_DAY, day="2020-01-02"
    )
    odd = operator.get("/print/pickups?carrier=inpost&day=soon")

    assert "Nie zaznaczono żadnej paczki." in nothing.text
    assert "shipping.unknown-carrier" in stranger.text
    assert "carrier.pickup-day" in late.text
    assert "carrier.pickup-day" in odd.text
    assert inpost.pickups == []


def test_a_call_in_doubt_is_settled_by_whoever_looked(desk: Desk, inpost: ShipX) -> None:
    sent(desk)
    operator = desk.client("operator")
    page = "/print/pickups?carrier=inpost"
    ids = ticked(operator.get(page).text)
    inpost.misbehave("cut-before", "dispatch")

    doubt = operator.post("/print/pickups", page=page, carrier="inpost", parcel=ids, **WHOLE_DAY)
    [call] = desk.pomost.store.pickups.unsettled("inpost")
    assert "carrier.pickup-later" in doubt.text
    assert f"Wezwanie {call.id}: odpowiedź się nie zachowała." in doubt.text
    unsaid = operator.post(f"/print/pickups/{call.id}", page="/print/pickups")
    assert "Zaznacz, czy się stało" in unsaid.text
    told = operator.post(f"/print/pickups/{call.id}", page="/print/pickups", happened="no")

    assert "kuriera nie zamówiono" in told.text
    again = operator.post(f"/print/pickups/{call.id}", page="/print/pickups", happened="no")
    assert "carrier.pickup-settled" in again.text
    assert ticked(operator.get(page).text) == ids


def test_another_shipment_is_ordered_from_the_page_of_the_order(desk: Desk, inpost: ShipX) -> None:
    [order] = sent(desk)
    case = desk.house.line(order).id
    number = inpost.bought[0]["tracking_number"]
    operator, page = desk.client("operator"), f"/orders/{case}"

    text = operator.get(page).text
    assert f"Kolejna przesyłka po {number}" in text
    assert "Kolejna przesyłka" not in desk.client("reader").get(page).text
    assert number in desk.client("reader").get(page).text

    # the first may still arrive: it must be said what becomes of it
    unsaid = operator.post(f"{page}/another", page=page, step="ship")
    assert "shipping.still-alive" in unsaid.text
    told = operator.post(f"{page}/another", page=page, step="ship", before="keep")
    assert "zostanie zamówiona" in told.text
    desk.house.run_until(lambda: len(inpost.bought) == 2)
    desk.house.run_until(lambda: len(desk.pomost.store.shipments.of_case(case)) == 2)

    # both stand on the page, and in the history who wanted it
    desk.house.run_until(lambda: inpost.bought[1]["tracking_number"] in operator.get(page).text)
    text = operator.get(page).text
    assert "człowiek: kolejna przesyłka" in text
    assert "ship#2" in text
    assert operator.get("/orders/999999999").status_code == 404
    assert operator.post("/orders/999999999/another", page=page).status_code == 404


def test_the_page_says_it_where_no_carrier_can_be_called(panel: Panel) -> None:
    desk = panel()
    operator = desk.client("operator")

    assert "/print/pickups" not in operator.get("/print").text
    assert "Żaden przewoźnik nie przyjmuje tu zamówień kuriera." in operator.get("/print/pickups").text


def test_what_a_shipment_would_cost_is_asked_by_a_button_only(panel: Panel, inpost: ShipX) -> None:
    with Apaczka() as depot:
        desk = panel(flow=own(), shipx=[shipx(inpost)], apaczka=[apaczka(depot)])
        case = desk.house.line(sent(desk)[0]).id
        page, operator = f"/orders/{case}", desk.client("operator")
        ordered = len(inpost.shipments)

        assert f'action="{page}/quotes"' in operator.get(page).text
        assert f'action="{page}/quotes"' not in desk.client("reader").get(page).text
        assert "Zapytaj o ceny wysyłki" in operator.get(f"{page}/quotes").text
        assert (inpost.calls("calculate"), depot.calls("quote")) == ([], []), "looking asks nobody"

        depot.misbehave("bad-key", "quote", times=5)
        text = operator.post(f"{page}/quotes", page=page).text
        assert "inpost_courier_standard" in text
        assert "carrier.bad-key" in text
        assert "nie mówi on, czy jest w niej VAT" in text
        assert (len(inpost.shipments), depot.shipments) == (ordered, [])
        assert operator.get("/orders/999999999/quotes").status_code == 404
        assert operator.post("/orders/999999999/quotes", page=page).status_code == 404


def test_without_carriers_that_tell_prices_there_is_no_button(panel: Panel) -> None:
    desk = panel()
    order = desk.house.shop.place(1, paid=True)[0]
    desk.house.run_until(lambda: desk.house.states() == {"waiting": 1})
    page, operator = f"/orders/{desk.house.line(order).id}", desk.client("operator")

    assert "/quotes" not in operator.get(page).text
    assert "carrier.no-quotes" in operator.post(f"{page}/quotes", page=page).text


def test_a_page_that_was_open_for_long_orders_no_third_shipment(desk: Desk, inpost: ShipX) -> None:
    case = desk.house.line(sent(desk)[0]).id
    operator, page = desk.client("operator"), f"/orders/{case}"
    [first] = desk.pomost.store.shipments.of_case(case)
    wish = {"step": "ship", "after": first.external_id, "before": "keep"}
    operator.post(f"{page}/another", page=page, **wish)
    desk.house.run_until(lambda: len(desk.pomost.store.shipments.of_case(case)) == 2)
    desk.house.run_until(lambda: len(inpost.bought) == 2)
    desk.house.run_until(lambda: desk.pomost.store.lists.lines([case])[0].state == "done")

    told = operator.post(f"{page}/another", page=page, **wish)

    assert "shipping.wished-already" in told.text
    assert len(inpost.bought) == 2


@pytest.mark.parametrize("language", ["pl", "en"])
def test_prices_and_couriers_in_a_browser(
    panel: Panel, inpost: ShipX, browser_page: Callable[..., Page], language: str
) -> None:
    with Apaczka() as depot:
        desk = panel(flow=own(), shipx=[shipx(inpost)], apaczka=[apaczka(depot, late_pickup=True)])
        orders = sent(desk, 2)
        case = desk.house.line(orders[0]).id
        page = browser_page(desk, "operator", language)

        page.goto(f"/orders/{case}")
        assert faults_of(page) == []
        depot.misbehave("bad-key", "quote")
        page.click(f"form[action='/orders/{case}/quotes'] button")
        page.wait_for_selector("#carrier-2")
        assert "inpost_courier_standard" in page.inner_text("main")
        assert "carrier.bad-key" in page.inner_text("main")
        assert faults_of(page) == []
        _picture(page, f"quotes-{language}")
        page.click(f"main form[action='/orders/{case}/quotes'] button")
        page.wait_for_selector("#carrier-2 + p, section:nth-of-type(2) table")
        assert "carrier.bad-key" not in page.inner_text("main")

        # parcels that wait; a call that was made, and one in doubt
        page.goto("/print/pickups?carrier=inpost&start=00:00&end=23:59")
        assert page.locator("input[name=parcel]").count() == 2
        assert faults_of(page) == []
        _picture(page, f"pickups-{language}")
        page.locator("input[name=parcel]").first.uncheck()
        page.on("dialog", lambda dialog: dialog.accept())
        page.click("form[action='/print/pickups'][method=post] button.main")
        page.wait_for_selector("section[aria-labelledby=calls] table")
        assert len(inpost.pickups) == 1
        inpost.misbehave("cut-before", "dispatch")
        ids = ticked(desk.client("operator").get("/print/pickups?carrier=inpost").text)
        desk.client("operator").post(
            "/print/pickups", page="/print/pickups", carrier="inpost", parcel=ids, **WHOLE_DAY
        )
        page.goto("/print/pickups")
        assert page.locator("input[name=happened]").count() == 2
        assert faults_of(page) == []
        _picture(page, f"calls-{language}")


def _picture(page: Page, name: str) -> None:
    if folder := os.environ.get("POMOST_PICTURES_TO"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)
