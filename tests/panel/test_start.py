"""The start page: what waits and why, how each connection is, live."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.panel.conftest import Desk, faults_of

Panel = Callable[..., Desk]


def test_on_a_phone_the_letters_of_a_plot_can_be_read(
    panel: Panel, browser_page: Callable[..., Page]
) -> None:
    desk = panel()
    order = desk.house.shop.place(paid=True)[0]
    desk.house.run_until(lambda: desk.house.state(order) == "waiting")
    page = browser_page(desk, "reader", "pl", viewport={"width": 360, "height": 740})

    high = page.evaluate("document.querySelector('.plot text').getBoundingClientRect().height")

    assert high >= 9
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert faults_of(page) == []


def test_pain_02_the_last_look_what_it_found_and_what_it_passed_over_are_on_screen(panel: Panel) -> None:
    desk = panel()
    desk.house.shop.place(2, paid=True)
    desk.house.shop.place(1, confirmed=False)
    desk.house.run_until(lambda: desk.house.states().get("waiting", 0) >= 2)
    time.sleep(0.5)

    said = desk.client("reader").get("/").text

    assert "Ostatnie spojrzenie" in said
    assert "działa" in said
    assert 'href="/orders?state=waiting"' in said
    assert "<svg" in said


def test_pain_09_what_a_connection_refuses_is_said_and_not_shown_as_good(panel: Panel) -> None:
    desk = panel()
    desk.house.shop.configure(token="other")
    desk.house.run_until(lambda: any(look.stopped or look.note for look in desk.pomost.store.looks.all()))

    said = desk.client("reader").get("/").text

    assert ("zatrzymane" in said) or ("kłopoty" in said)


@pytest.mark.parametrize(("language", "person"), [("pl", "Potrzebny człowiek"), ("en", "Needs a person")])
def test_the_page_follows_without_being_loaded_again(
    panel: Panel, browser_page: Callable[..., Page], language: str, person: str
) -> None:
    desk = panel()
    page = browser_page(desk, "reader", language)
    assert page.locator(".figures strong").count() == 0
    assert person in page.inner_text("#now")

    desk.house.shop.place(3, paid=True)
    desk.house.run_until(lambda: desk.house.states() == {"waiting": 3})

    page.wait_for_selector(".figures strong:has-text('3')")
    assert faults_of(page) == []


def test_a_page_that_follows_does_not_keep_the_panel_from_ending(panel: Panel) -> None:
    desk = panel()
    reader = desk.client("reader")
    with reader.http.stream("GET", "/events/start") as events:
        first = next(events.iter_lines())
        began = time.monotonic()
        desk.stop()

    assert first.startswith("data:")
    assert time.monotonic() - began < 10
