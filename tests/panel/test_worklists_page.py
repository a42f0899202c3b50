"""Work lists in the panel: what waits, in the order in which it hurts, with the button that solves it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import Page
from sqlalchemy import update

from pomost.ledger import receive_draft
from pomost.sandbox.baselinker import Sandbox
from pomost.sandbox.baselinker.catalogue import as_dicts
from pomost.store.schema import cases
from tests.house import TODAY
from tests.panel.conftest import Desk, faults_of

Panel = Callable[..., Desk]
TABS = ("doubts", "person", "shortages", "returns", "stopped", "leftovers", "drift")


def placed(shop: Sandbox, sku: str = "KUBEK-1", quantity: int = 2) -> int:
    lines = [{"sku": sku, "quantity": quantity}]
    return shop.place(lines=lines, paid=True, nip="1234563218", delivery_price="0")[0]


def set_state(desk: Desk, order: int, state: str) -> int:
    line = desk.house.line(order)
    with desk.pomost.store.database.writing() as connection:
        connection.execute(update(cases).where(cases.c.id == line.id).values(state=state))
    return int(line.id)


def test_what_orders_wait_for_is_added_up_with_the_orders(panel: Panel, shop: Sandbox) -> None:
    desk = panel(stocked=False, flow={"preset": "shortage"})
    desk.house.ledger.setup.add_items("main", as_dicts())
    first, second = placed(shop, quantity=2), placed(shop, quantity=3)
    desk.house.run_until(
        lambda: all(desk.house.waits(one).get("code") == "flow.short" for one in (first, second))
    )

    page = desk.client("reader", "en").get("/todo").text

    assert "Shortages (2)" in page
    assert 'aria-current="page">Shortages' in page, "the first list with something in it"
    row = page[page.index("<tbody>") : page.index("</tbody>")]
    assert "KUBEK-1" in row
    assert '<td class="number">5</td>' in row
    assert row.index(str(first)) < row.index(str(second)), "the oldest first"

    # the goods come: nothing is short any more
    goods = {"KUBEK-1": (Decimal(10), Decimal("5.00"))}
    desk.house.ledger.issue(receive_draft("main", "MAG", "in", TODAY, goods))
    desk.house.run_until(
        lambda: not any(desk.house.waits(one).get("code") == "flow.short" for one in (first, second))
    )
    assert "Shortages (0)" in desk.client("reader", "en").get("/todo/shortages").text


def test_goods_that_a_document_misses_are_among_the_shortages(panel: Panel, shop: Sandbox) -> None:
    desk = panel(stocked=False, flow={"preset": "wz"})
    desk.house.ledger.setup.add_items("main", as_dicts())
    order = placed(shop, quantity=4)
    desk.house.run_until(lambda: desk.house.waits(order).get("code") == "ledger.not-in-stock")

    page = desk.client("reader").get("/todo/shortages").text

    assert "KUBEK-1" in page
    assert '<td class="number">4</td>' in page


def test_an_item_that_nobody_knows_is_no_shortage_also_in_the_number_of_them(
    panel: Panel, shop: Sandbox
) -> None:
    desk = panel()
    order = placed(shop, "NIEZNANY-SKU")
    desk.house.run_until(lambda: desk.house.waits(order).get("code") == "ledger.unknown-item")

    page = desk.client("reader", "en").get("/todo/shortages").text

    assert "Shortages (0)" in page


def test_what_is_left_of_a_cancelled_order_is_a_list_of_its_own(panel: Panel, shop: Sandbox) -> None:
    desk = panel(flow={"preset": "ro-fs-wz-at-once"})
    order = placed(shop, "KUBEK-1")
    desk.house.run_until_state(order, "done")
    shop.cancel(order)
    desk.house.run_until_state(order, "person")

    page = desk.client("operator").get("/todo/leftovers").text

    assert str(order) in page
    assert "flow.cancelled-after-documents" in page
    assert f"/orders/{desk.house.line(order).id}" in page


def test_a_case_is_tried_again_by_its_button_and_one_in_doubt_is_not(panel: Panel, shop: Sandbox) -> None:
    desk = panel()
    orders = [placed(shop), placed(shop)]
    desk.house.run_until(lambda: all(desk.house.kinds(one) == ["RO"] for one in orders))
    desk.pomost.stop()
    person, doubt = set_state(desk, orders[0], "person"), set_state(desk, orders[1], "doubt")
    operator = desk.client("operator", "en")

    asked = operator.post("/todo/again", page="/todo/person", case=str(person), tab="person")
    refused = operator.post("/todo/again", page="/todo/person", case=str(doubt), tab="doubts")

    assert "due now" in asked.text
    assert desk.pomost.store.cases.due(1e12)
    assert "Decide that first" in refused.text or refused.status_code == 404
    assert "case.retry" in [one.act for one in desk.pomost.store.audits.page()]
    assert "Decide" in operator.get("/todo/doubts").text
    assert 'action="/todo/again"' not in desk.client("reader").get("/todo/person").text


def test_a_reason_is_picked_and_leads_to_all_that_wait_for_it(panel: Panel, shop: Sandbox) -> None:
    desk = panel(flow={"preset": "ro-fs-wz-at-once"})
    order = placed(shop, "KUBEK-1")
    desk.house.run_until_state(order, "done")
    shop.cancel(order)
    desk.house.run_until_state(order, "person")

    page = desk.client("operator").get("/todo/person?code=flow.cancelled-after-documents").text

    assert "/orders?state=person&amp;code=flow.cancelled-after-documents" in page
    assert str(order) in page
    assert str(order) not in desk.client("operator").get("/todo/person?code=flow.other").text.split("<h1>")[1]


def test_a_stopped_connection_is_said_with_what_it_holds_up(panel: Panel, shop: Sandbox) -> None:
    desk = panel(baselinker={"token": "wrong"})
    desk.house.run_until(lambda: any(look.stopped for look in desk.pomost.store.looks.all()))

    page = desk.client("reader", "en").get("/todo/stopped").text

    assert "baselinker" in page
    assert "go on by themselves" in page


@pytest.mark.parametrize("url", ["/todo/x", "/todo/person?page=x", "/todo/%00"])
def test_what_makes_no_sense_is_refused(panel: Panel, url: str) -> None:
    assert panel().client("reader").get(url).status_code in (400, 404)


@pytest.mark.parametrize("case", ["", "x", "-1", "9" * 40, "999999"])
def test_a_case_that_is_not_there_is_not_tried_again(panel: Panel, case: str) -> None:
    operator = panel().client("operator")

    assert operator.post("/todo/again", page="/todo", case=case, tab="person").status_code == 404


@pytest.mark.parametrize("language", ["pl", "en"])
def test_the_lists_in_a_browser(
    panel: Panel, browser_page: Callable[..., Page], shop: Sandbox, language: str
) -> None:
    desk = panel(flow={"preset": "ro-fs-wz-at-once"})
    order = placed(shop, "KUBEK-1")
    desk.house.run_until_state(order, "done")
    shop.cancel(order)
    desk.house.run_until_state(order, "person")
    page = browser_page(desk, "operator", language)

    for tab in TABS:
        page.goto(f"/todo/{tab}")
        assert faults_of(page) == [], tab
    page.goto("/todo/person")
    page.click("form[action='/todo/again'] button")
    page.wait_for_selector("p.notice.good")
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/todo/person")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
