"""A21, C08: prices of the ERP in the channel, as a shopkeeper would tell it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from pomost.ports import NeedsPerson
from pomost.sandbox.baselinker import Sandbox
from tests.house import House
from tests.shelf import Shelf

RETAIL, EURO, OUTLET = 21001, 21003, 21004
OFFER: dict[str, Any] = {"name": "sklep", "every_s": 0.1, "debounce_s": 0.0}


def offer(*prices: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    return [{**OFFER, "price": list(prices), **more}]


def priced(home: House, sku: str, **levels: str) -> None:
    home.ledger.setup.put_item(
        "main", sku, sku, "23", prices={level: Decimal(price) for level, price in levels.items()}
    )


def test_a_price_is_raised_in_the_ledger_and_the_channel_shows_it(
    house: Callable[..., House], shop: Sandbox
) -> None:
    home, shelf = house(stocked=False, catalogue=offer({"level": "DETAL"})), Shelf(shop)
    priced(home, "KUBEK-01", DETAL="31.50")

    home.run_until(lambda: shelf.price("KUBEK-01", RETAIL) == 31.5)
    priced(home, "KUBEK-01", DETAL="33.00")
    home.run_until(lambda: shelf.price("KUBEK-01", RETAIL) == 33)

    assert shelf.stock("KUBEK-01") == 240, "nobody asked for stock"


def test_the_euro_group_takes_the_rate_and_an_ending(house: Callable[..., House], shop: Sandbox) -> None:
    euro = {"to": "Detaliczna EUR", "level": "DETAL", "ending": "0.99", "ending_to": "up"}
    home, shelf = house(stocked=False, catalogue=offer({"level": "DETAL"}, euro)), Shelf(shop)
    priced(home, "KUBEK-01", DETAL="43.00")

    # 43.00 PLN at 4.30 are 10.00 EUR
    home.run_until(lambda: shelf.row("KUBEK-01")["prices"].get(str(EURO)) == 10.99)
    assert shelf.price("KUBEK-01", RETAIL) == 43


def test_a_promotion_begins_and_ends_by_itself(house: Callable[..., House], shop: Sandbox) -> None:
    week = {"name": "Black Week", "first": "2026-11-26", "last": "2026-11-27", "percent": 20}
    today = [date(2026, 11, 25)]
    rule = {"level": "DETAL", "promotions": [week]}
    home = house(stocked=False, catalogue=offer(rule), today=lambda: today[0])
    shelf = Shelf(shop)
    priced(home, "KUBEK-01", DETAL="50.00")
    home.run_until(lambda: shelf.price("KUBEK-01", RETAIL) == 50)

    today[0] = date(2026, 11, 26)
    home.run_until(lambda: shelf.price("KUBEK-01", RETAIL) == 40)
    today[0] = date(2026, 11, 28)
    home.run_until(lambda: shelf.price("KUBEK-01", RETAIL) == 50)


def test_a_rule_that_was_changed_while_nothing_ran_makes_all_prices_anew(
    house: Callable[..., House], shop: Sandbox
) -> None:
    first = house(stocked=False, catalogue=offer({"level": "DETAL"}))
    shelf = Shelf(shop)
    priced(first, "KUBEK-01", DETAL="50.00")
    first.run_until(lambda: shelf.price("KUBEK-01", RETAIL) == 50)
    first.stop()

    home = house(stocked=False, catalogue=offer({"level": "DETAL", "percent": 10}))
    home.run_until(lambda: shelf.price("KUBEK-01", RETAIL) == 55)


def test_what_costs_less_than_the_floor_keeps_its_price(house: Callable[..., House], shop: Sandbox) -> None:
    rule = {"level": "DETAL", "floor_level": "MIN"}
    home, shelf = house(stocked=False, catalogue=offer(rule)), Shelf(shop)
    priced(home, "KUBEK-01", DETAL="50.00", MIN="40.00")
    priced(home, "KUBEK-02", DETAL="50.00", MIN="40.00")
    home.run_until(lambda: shelf.price("KUBEK-01", RETAIL) == 50)

    priced(home, "KUBEK-01", DETAL="39.99")
    priced(home, "KUBEK-02", DETAL="41.00")
    home.run_until(lambda: shelf.price("KUBEK-02", RETAIL) == 41)

    assert shelf.price("KUBEK-01", RETAIL) == 50


@pytest.mark.parametrize(
    ("to", "code", "advice"),
    [
        ("Outlet", "catalogue.derived-price-group", "Detaliczna (21001, PLN)"),
        ("Nie ma", "catalogue.unknown-price-group", "Hurtowa (21002, PLN)"),
    ],
)
def test_a_price_group_that_can_not_be_written_is_named_with_those_that_can(
    house: Callable[..., House], to: str, code: str, advice: str
) -> None:
    home = house(stocked=False, catalogue=offer({"to": to, "level": "DETAL"}))

    with pytest.raises(NeedsPerson) as caught:
        home.pomost.catalogues[0].prepared()

    assert caught.value.code == code
    assert advice in caught.value.advice
