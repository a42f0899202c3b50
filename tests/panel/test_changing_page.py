"""D17: one change to many items in the panel: shown first, then all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import httpx2
import pytest

from tests.panel.conftest import Client, Desk

Panel = Callable[..., Desk]
PAGE = "/items/change"


@pytest.fixture
def desk(panel: Panel) -> Desk:
    made = panel()
    for sku, price in (("KUBEK-01", "43.10"), ("KUBEK-02", "20.00")):
        made.house.ledger.setup.put_item("main", sku, f"Kubek {sku}", "23", prices={"DETAL": Decimal(price)})
    return made


def ask(client: Client, **fields: str) -> httpx2.Response:
    return client.post(PAGE, page=PAGE, **fields)


def mark_of(shown: httpx2.Response) -> str:
    """The mark in the hidden field of the button."""
    return shown.text.partition('name="mark" value="')[2].partition('"')[0]


def cards(desk: Desk, *skus: str) -> list[tuple[str | None, str | None]]:
    """Brand and VAT rate of each."""
    found = desk.house.ledger.cards("main", skus)
    return [(found[sku].manufacturer, found[sku].vat) for sku in skus]


def test_a_change_is_shown_first_and_then_exactly_that_is_written(desk: Desk) -> None:
    operator = desk.client("operator", "en")
    asked = {
        "skus": "KUBEK-01\nKUBEK-02\n",
        "field1": "manufacturer",
        "value1": "Huta",
        "field2": "vat",
        "value2": "8",
    }

    shown = ask(operator, **asked)

    assert "Chosen: 2, unchanged: 0. Changes: 4. Impossible: 0." in shown.text, shown.text
    assert "Write exactly this" in shown.text
    assert cards(desk, "KUBEK-01", "KUBEK-02") == [(None, "23"), (None, "23")], "nothing is written yet"
    written = operator.post(f"{PAGE}/apply", page=PAGE, mark=mark_of(shown), **asked)
    assert "Changes written: 4." in written.text, written.text
    assert cards(desk, "KUBEK-01", "KUBEK-02") == [("Huta", "8"), ("Huta", "8")]
    [act] = [one for one in desk.pomost.store.audits.page() if one.act == "items.change"]
    assert (act.who, act.target) == ("operator", "main")


def test_prices_that_rose_by_percent_do_not_rise_again_by_the_same_preview(desk: Desk) -> None:
    operator = desk.client("operator", "en")
    asked = {"name": "Kubek KUBEK", "level": "DETAL", "percent": "10"}
    mark = mark_of(ask(operator, **asked))

    first = operator.post(f"{PAGE}/apply", page=PAGE, mark=mark, **asked)
    again = operator.post(f"{PAGE}/apply", page=PAGE, mark=mark, **asked)

    assert "Changes written: 2." in first.text
    assert "not what the preview showed" in again.text
    assert desk.house.ledger.prices("main", ["KUBEK-01"])["KUBEK-01"]["DETAL"].price == Decimal("47.41")


def test_what_can_not_be_done_for_one_is_done_for_none(desk: Desk) -> None:
    operator = desk.client("operator", "en")
    asked = {"skus": "KUBEK-01\nNIE-MA", "field1": "manufacturer", "value1": "Huta"}

    shown = ask(operator, **asked)

    assert "There is no item card NIE-MA." in shown.text
    assert "Write exactly this" not in shown.text
    operator.post(f"{PAGE}/apply", page=PAGE, mark="0" * 12, **asked)
    assert cards(desk, "KUBEK-01") == [(None, "23")]


def test_nothing_is_written_without_a_preview(desk: Desk) -> None:
    operator = desk.client("operator", "en")

    operator.post(f"{PAGE}/apply", page=PAGE, skus="KUBEK-01", field1="vat", value1="8")

    assert cards(desk, "KUBEK-01") == [(None, "23")]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"skus": "KUBEK-01"}, "It is not said what is to change."),
        ({"field1": "vat", "value1": "8"}, "It is not said which items are to change."),
        ({"everything": "yes", "level": "DETAL", "percent": "dużo"}, "dużo is no number."),
        ({"everything": "yes", "field1": "vat", "value1": "777"}, "777"),
        ({"everything": "yes", "field1": "<script>", "value1": "x"}, "It is not said what is to change."),
        ({"skus": "<script>alert(1)</script>", "field1": "vat", "value1": "8"}, "&lt;script&gt;"),
    ],
)
def test_what_makes_no_sense_is_said_and_the_form_keeps_what_was_typed(
    desk: Desk, fields: dict[str, str], said: str
) -> None:
    operator = desk.client("operator", "en")

    shown = ask(operator, **fields)

    assert said in shown.text, shown.text
    assert "<script>alert" not in shown.text
    assert "Write exactly this" not in shown.text
    if "percent" in fields:
        assert "dużo" in shown.text


def test_readers_do_not_see_the_button(desk: Desk) -> None:
    assert PAGE in desk.client("operator").get("/items").text
    assert PAGE not in desk.client("reader").get("/items").text


def test_a_company_that_is_not_there_is_not_found(desk: Desk) -> None:
    shown = ask(desk.client("operator"), company="obca", skus="KUBEK-01", field1="vat", value1="8")

    assert shown.status_code == 404
