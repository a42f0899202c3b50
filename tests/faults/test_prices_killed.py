"""Killed while prices are decided anew for another rule: in the end the shop shows the prices of the new one."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.faults.conftest import QUICK_ON_SQLITE
from tests.faults.harness import Trial
from tests.nursery import Child
from tests.shelf import Shelf

CATALOGUE: dict[str, Any] = {
    "name": "sklep",
    "price": [{"level": "DETAL", "floor_level": "MIN"}],
    "every_s": 0.1,
    "debounce_s": 0.0,
    "compare_s": 100_000,
}
RETAIL = 21001
SKUS = ("KUBEK-01", "KUBEK-02", "TALERZ-27")
POINTS = ("price:turned", "price:anew", "price:intended", "price:made", "price:stored")


@pytest.mark.parametrize("kind", QUICK_ON_SQLITE)
def test_killed_while_a_rule_changes_the_shop_has_the_prices_of_the_new_rule(
    kind: str, trial: Callable[..., Trial]
) -> None:
    one = trial(kind, catalogue=CATALOGUE)
    shelf = Shelf(one.shop)
    price_all(one, "100.00")
    first = one.start()
    one.until(lambda: {shelf.price(sku, RETAIL) for sku in SKUS} == {100})
    assert one.end(first) == 0

    for number, point in enumerate(POINTS, 1):
        raise_prices(one, number)
        one.arm("SIGKILL", point)
        child = one.start()
        one.until(lambda child=child: child.poll() is not None)  # type: ignore[misc]
        assert one.end(child) == -signal.SIGKILL
        again = start(one)
        one.until(lambda number=number: {shelf.price(sku, RETAIL) for sku in SKUS} == {100 + number})  # type: ignore[misc]
        assert one.end(again) == 0


@pytest.mark.parametrize("kind", QUICK_ON_SQLITE)
def test_killed_while_a_price_falls_below_its_floor_the_shop_never_shows_that_price(
    kind: str, trial: Callable[..., Trial]
) -> None:
    one = trial(kind, catalogue=CATALOGUE)
    shelf = Shelf(one.shop)
    price_all(one, "100.00")
    first = one.start()
    one.until(lambda: {shelf.price(sku, RETAIL) for sku in SKUS} == {100})
    assert one.end(first) == 0

    for number, point in enumerate(("price:taken", "price:intended", "price:made"), 1):
        one.arm("SIGKILL", point)
        price_all(one, f"{100 + number}.00", **{"KUBEK-01": "1.00"})
        child = one.start()
        one.until(lambda child=child: child.poll() is not None)  # type: ignore[misc]
        assert one.end(child) == -signal.SIGKILL

    child = start(one)
    one.until(lambda: {shelf.price(sku, RETAIL) for sku in SKUS[1:]} == {103})
    assert one.end(child) == 0
    writes = one.shop.product_writes(shelf.row("KUBEK-01")["id"], "prices")
    assert {float(write.changed[str(RETAIL)]) for write in writes} == {100}
    problems = one.house.pomost.store.figures.problems(1, "price", 99)
    why = {sku: json.loads(text)["why"] for _, sku, _, text in problems}
    assert why["KUBEK-01"] == "below-floor"
    assert set(why.values()) == {"below-floor", "no-level"}, "the rest of the shop has no prices"


def start(one: Trial) -> Child:
    """A child that can be ended in peace: what a killed one left may be right already."""
    child = one.start()
    one.until(lambda: (one.folder / f"ready-{child.pid}").exists())
    return child


def price_all(one: Trial, amount: str, **other: str) -> None:
    cards = [
        {
            "sku": sku,
            "vat": "23",
            "prices": {"DETAL": Decimal(other.get(sku, amount)), "MIN": Decimal("50.00")},
        }
        for sku in SKUS
    ]
    one.house.ledger.setup.put_items("main", cards)


def raise_prices(one: Trial, percent: int) -> None:
    """As somebody does who edits the configuration and starts Pomost again."""
    file = one.folder / "config.json"
    config = json.loads(file.read_text())
    config["catalogue"][0]["price"][0]["percent"] = str(percent)
    file.write_text(json.dumps(config))
