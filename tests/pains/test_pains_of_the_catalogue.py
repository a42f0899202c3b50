"""Pains of stock and prices (shared list of pains, by number), and what Pomost shows instead."""

from __future__ import annotations

import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from pomost.ledger import receive_draft
from pomost.sandbox.baselinker import Sandbox
from tests.house import TODAY, House
from tests.shelf import Shelf

OFFER: dict[str, Any] = {"name": "sklep", "stock": [{}], "every_s": 0.1, "debounce_s": 0.0}
MANY = 2_500


def test_pain_10_orders_come_before_the_catalogue(shop: Sandbox, house: Callable[..., House]) -> None:
    """With few calls a minute an order is through before the catalogue has been listed."""
    shop.ask("fill_catalogue", {"products": 12_000, "seed": 1})
    home = house(catalogue=[OFFER], baselinker={"calls_per_minute": 200}, flow={"preset": "wz"})
    order = shop.place(paid=True)[0]

    home.run_until_state(order, "done", 60)

    listed = len(shop.calls("getInventoryProductsList"))
    assert listed < 13, "the order did not wait for the listing"


def test_pain_13_a_change_costs_one_call_for_a_thousand_items_and_nothing_for_the_rest(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    shop.ask("fill_catalogue", {"products": MANY * 2, "seed": 1})
    home = house(stocked=False, catalogue=[OFFER])
    rows = [row for row in Shelf(shop).products().values() if "-00" in row["sku"]]
    cards = [{"sku": row["sku"], "vat": "23"} for row in rows]
    home.ledger.setup.put_items("main", cards)
    home.run_until(lambda: len(shop.write_counts("stock")) == len(rows))
    # a call is logged a moment after what it did is seen
    time.sleep(0.5)
    before, counts = len(shop.calls("updateInventoryProductsStock")), shop.write_counts("stock")

    chosen = [row["sku"] for row in rows][:MANY]
    goods = {sku: (Decimal(7), Decimal(5)) for sku in chosen}
    home.ledger.issue(receive_draft("main", "MAG", "delivery", TODAY, goods))
    home.run_until(lambda: shop.write_counts("stock") != counts)
    home.run_until(lambda: sum(shop.write_counts("stock").values()) == sum(counts.values()) + MANY)

    assert len(shop.calls("updateInventoryProductsStock")) - before == 3
    written = {one for one, times in shop.write_counts("stock").items() if times > counts[one]}
    assert written == {int(row["id"]) for row in rows[:MANY]}


def test_pain_12_what_was_bought_and_cancelled_before_it_was_read_is_offered_again(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    """The channel took it off its own figure and does not put it back; ours is the same number as before."""
    home, shelf = house(catalogue=[OFFER], baselinker={"poll_s": 2.0}), Shelf(shop)
    home.run_until(lambda: shelf.stock("KUBEK-01") == 10_000)

    order = shop.place(lines=[{"sku": "KUBEK-01", "quantity": 3}], paid=True)[0]
    shop.cancel(order)
    assert shelf.stock("KUBEK-01") == 9_997

    home.run_until(lambda: shelf.stock("KUBEK-01") == 10_000)
    assert home.waits(order)["code"] == "flow.cancelled"
