"""A21, C08: prices of the ERP in the channel, as a shopkeeper would tell it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from pomost.catalogue.pricing import PriceMaker
from pomost.ports import NeedsPerson, Rate, TryAgain
from pomost.sandbox.baselinker import Sandbox
from pomost.showing.acting import push
from pomost.showing.prices import reason_of_price as reason
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


def test_a_price_that_is_not_sent_leaves_its_reason_until_it_is_a_price_again(
    house: Callable[..., House], shop: Sandbox
) -> None:
    home, shelf = house(stocked=False, catalogue=offer({"level": "DETAL", "floor_level": "MIN"})), Shelf(shop)
    priced(home, "KUBEK-01", DETAL="39.99", MIN="40.00")
    priced(home, "KUBEK-02", DETAL="50.00", MIN="40.00")
    priced(home, "TALERZ-27", HURT="50.00")
    before = {sku: shelf.price(sku, RETAIL) for sku in ("KUBEK-01", "TALERZ-27")}

    home.run_until(lambda: shelf.price("KUBEK-02", RETAIL) == 50)

    assert reasons(home) == {
        "KUBEK-01": "it comes to 39.99, less than the floor 40.00",
        "TALERZ-27": "the card has no price at the level DETAL",
    }
    assert {sku: shelf.price(sku, RETAIL) for sku in before} == before, "these keep the price they had"

    priced(home, "KUBEK-01", DETAL="41.00", MIN="40.00")
    home.run_until(lambda: shelf.price("KUBEK-01", RETAIL) == 41)
    home.run_until(lambda: set(reasons(home)) == {"TALERZ-27"})


def reasons(home: House) -> dict[str, str]:
    """SKU -> why its price is not in the channel, in English."""
    number = home.pomost.store.products.catalogue_id("sklep")
    return {
        sku: reason("en", why) for _, sku, _, why in home.pomost.store.figures.problems(number, "price", 99)
    }


def test_one_product_that_the_channel_does_not_take_keeps_no_other_back(
    house: Callable[..., House], shop: Sandbox
) -> None:
    home, shelf = house(stocked=False, catalogue=offer({"level": "DETAL"}, retry_s=2.0)), Shelf(shop)
    for sku in ("KUBEK-01", "KUBEK-02", "TALERZ-27"):
        priced(home, sku, DETAL="12.34")
    bad = int(shelf.row("KUBEK-02")["id"])
    shop.misbehave("partial-batch", method="updateInventoryProductsPrices", products=[bad], times=1)

    home.run_until(lambda: {shelf.price(sku, RETAIL) for sku in ("KUBEK-01", "TALERZ-27")} == {12.34})
    home.run_until(lambda: shelf.price("KUBEK-02", RETAIL) == 12.34)
    home.run_until(lambda: reasons(home) == {})
    assert shop.shop.faults.left() == 0, "it must really have been refused"


@pytest.mark.parametrize("fault", ["error-but-done", "http-502", "html-200", "truncated-json", "cut-after"])
def test_a_shop_that_answers_nonsense_has_the_right_price_in_the_end(
    house: Callable[..., House], shop: Sandbox, fault: str
) -> None:
    home, shelf = house(stocked=False, catalogue=offer({"level": "DETAL"})), Shelf(shop)
    priced(home, "KUBEK-01", DETAL="12.34")
    shop.misbehave(fault, method="updateInventoryProductsPrices", times=2)

    home.run_until(lambda: shelf.price("KUBEK-01", RETAIL) == 12.34)
    priced(home, "KUBEK-01", DETAL="56.78")
    home.run_until(lambda: shelf.price("KUBEK-01", RETAIL) == 56.78)
    assert shop.shop.faults.left() == 0, "the fault must really have struck"


def test_a_promotion_of_one_item_sends_that_item_only(house: Callable[..., House], shop: Sandbox) -> None:
    week = {"name": "Kubek tygodnia", "first": "2026-11-26", "percent": 20, "skus": ["KUBEK-01"]}
    today = [date(2026, 11, 25)]
    rule = {"level": "DETAL", "promotions": [week]}
    home = house(stocked=False, catalogue=offer(rule), today=lambda: today[0])
    shelf = Shelf(shop)
    for sku in ("KUBEK-01", "KUBEK-02"):
        priced(home, sku, DETAL="50.00")
    home.run_until(lambda: {shelf.price(sku, RETAIL) for sku in ("KUBEK-01", "KUBEK-02")} == {50})
    other = int(shelf.row("KUBEK-02")["id"])
    writes = len(shop.product_writes(other, "prices"))

    today[0] = date(2026, 11, 26)
    home.run_until(lambda: shelf.price("KUBEK-01", RETAIL) == 40)

    assert len(shop.product_writes(other, "prices")) == writes


class Table:
    """Rates as a bank has them, by day."""

    def __init__(self, **rates: str) -> None:
        self.rates = {day.replace("_", "-")[1:]: Decimal(rate) for day, rate in rates.items()}

    def rate(self, currency: str, day: date) -> Rate:
        return Rate(self.rates[day.isoformat()], f"tabela z {day}")


def test_the_euro_price_rests_for_a_week_and_then_takes_the_new_rate(
    house: Callable[..., House], shop: Sandbox
) -> None:
    today = [date(2026, 11, 25)]
    table = Table(_2026_11_20="4.00", _2026_11_24="4.10", _2026_11_27="5.00")
    euro = {"to": "Detaliczna EUR", "level": "DETAL"}
    home = house(stocked=False, catalogue=offer(euro, rate_renewed="week"), today=lambda: today[0])
    line = home.pomost.catalogues[0].prepared().lines[0]
    assert isinstance(line.maker, PriceMaker)
    line.maker._rates = table
    shelf = Shelf(shop)
    priced(home, "KUBEK-01", DETAL="20.00")
    priced(home, "KUBEK-02", DETAL="30.00")

    home.run_until(lambda: shelf.row("KUBEK-01")["prices"].get(str(EURO)) == 5)
    writes = len(shop.product_writes(int(shelf.row("KUBEK-01")["id"]), "prices"))
    today[0] = date(2026, 11, 29)
    priced(home, "KUBEK-02", DETAL="40.00")
    home.run_until(lambda: shelf.row("KUBEK-02")["prices"].get(str(EURO)) == 10)
    assert len(shop.product_writes(int(shelf.row("KUBEK-01")["id"]), "prices")) == writes

    today[0] = date(2026, 11, 30)
    home.run_until(lambda: shelf.row("KUBEK-01")["prices"].get(str(EURO)) == 4)


@pytest.mark.parametrize(
    ("prices", "code"),
    [
        ([{"level": "DETALICZNA"}], "catalogue.unknown-price-level"),
        ([{"level": "DETAL", "floor_level": "MINIMUM"}], "catalogue.unknown-price-level"),
        ([{"level": "DETAL", "promotions": [{"level": "PROMO"}]}], "catalogue.unknown-price-level"),
        ([{"level": "DETAL"}, {"to": "Detaliczna", "level": "HURT"}], "catalogue.same-price-group"),
    ],
)
def test_a_level_that_no_item_has_and_a_group_named_twice_are_refused(
    house: Callable[..., House], prices: list[dict[str, Any]], code: str
) -> None:
    home = house(stocked=False, catalogue=offer(*prices))
    priced(home, "KUBEK-01", DETAL="50.00", HURT="40.00")

    with pytest.raises(NeedsPerson, check=lambda e: e.code == code) as caught:
        home.pomost.catalogues[0].prepared()

    if code == "catalogue.unknown-price-level":
        assert "DETAL, HURT" in caught.value.advice


class Closed:
    """A bank that does not answer until it is opened."""

    def __init__(self) -> None:
        self.open = False
        self.asked = 0

    def rate(self, currency: str, day: date) -> Rate:
        self.asked += 1
        if not self.open:
            raise TryAgain("nbp.unreachable", "NBP is not reached (ConnectError).", "Pomost tries again.")
        return Rate(Decimal("4.00"), f"tabela z {day}")


def note_of_the_catalogue(home: House) -> str:
    (look,) = [one for one in home.pomost.store.looks.all() if one.source == "sklep.catalogue"]
    return look.note


def test_without_a_rate_the_stock_and_the_prices_in_zlotys_go_on_and_the_euro_price_follows(
    house: Callable[..., House], shop: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    euro = {"to": "Detaliczna EUR", "level": "DETAL"}
    home = house(catalogue=offer({"level": "DETAL"}, euro, stock=[{"buffer": 3}]))
    watcher = home.pomost.catalogues[0]
    bank = Closed()
    maker = watcher.prepared().lines[1].maker
    assert isinstance(maker, PriceMaker)
    maker._rates = bank
    shelf = Shelf(shop)
    priced(home, "KUBEK-01", DETAL="20.00")
    [held] = home.ledger.on_hand("main", ["KUBEK-01"])["KUBEK-01"].held.values()
    before = shelf.row("KUBEK-01")["prices"].get(str(EURO))

    home.run_until(lambda: shelf.price("KUBEK-01", RETAIL) == 20)
    assert shelf.stock("KUBEK-01") == int(held.quantity) - 3
    assert shelf.row("KUBEK-01")["prices"].get(str(EURO)) == before
    home.run_until(lambda: "NBP is not reached" in note_of_the_catalogue(home))
    assert bank.asked == 1, "a bank that does not answer is not asked with every look"

    bank.open = True
    monkeypatch.setattr(maker, "_ask_at", 0.0)
    home.run_until(lambda: shelf.row("KUBEK-01")["prices"].get(str(EURO)) == 5)
    home.run_until(lambda: note_of_the_catalogue(home) == "")


def test_who_pushes_the_stock_first_gets_the_euro_prices_all_the_same(
    house: Callable[..., House], shop: Sandbox
) -> None:
    euro = {"to": "Detaliczna EUR", "level": "DETAL"}
    home, shelf = house(stocked=False, catalogue=offer(euro, stock=[{}])), Shelf(shop)
    priced(home, "KUBEK-01", DETAL="43.00")

    push(home.pomost, "stock")

    home.run_until(lambda: shelf.row("KUBEK-01")["prices"].get(str(EURO)) == 10)
