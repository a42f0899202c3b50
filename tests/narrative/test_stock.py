"""A21: stock of the ERP in the channel, as a shopkeeper would tell it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from pomost.ledger import receive_draft
from pomost.sandbox.baselinker import Sandbox
from tests.house import TODAY, House
from tests.shelf import Shelf

OFFER: dict[str, Any] = {"name": "sklep", "stock": [{"buffer": 0}], "every_s": 0.1, "debounce_s": 0.0}


def test_goods_come_in_an_order_reserves_some_and_the_channel_shows_what_is_left(
    house: Callable[..., House], shop: Sandbox
) -> None:
    home, shelf = house(catalogue=[OFFER]), Shelf(shop)

    home.run_until(lambda: shelf.stock("KUBEK-01") == 10_000)

    home.ledger.issue(
        receive_draft("main", "MAG", "delivery", TODAY, {"KUBEK-01": (Decimal(25), Decimal(5))})
    )
    home.run_until(lambda: shelf.stock("KUBEK-01") == 10_025)

    order = shop.add_order(
        {
            "order_status_id": 0,
            "email": "anna@example.com",
            "products": [{"sku": "KUBEK-01", "name": "Kubek", "quantity": 3, "price_brutto": 29.95}],
        }
    )
    home.run_until(lambda: "RO" in home.kinds(order))
    home.run_until(lambda: shelf.stock("KUBEK-01") == 10_022)


def test_c11_what_an_order_that_waits_has_sold_is_not_offered_again(
    house: Callable[..., House], shop: Sandbox
) -> None:
    home, shelf = house(catalogue=[OFFER]), Shelf(shop)
    home.run_until(lambda: shelf.stock("KUBEK-01") == 10_000)

    # Three mugs are sold together with something that has no card yet: no RO can be made, and the order waits.
    order = shop.place(
        lines=[
            {"sku": "KUBEK-01", "quantity": 3, "price_brutto": 29.95},
            {"sku": "NOWY-1", "quantity": 1, "price_brutto": 10},
        ]
    )[0]
    home.run_until_state(order, "waiting")
    home.run_until(lambda: shelf.stock("KUBEK-01") == 9_997)
    assert home.documents(order) == []

    # The buyer changes her mind and takes five.
    line = shop.order(order)["products"][0]["order_product_id"]
    shop.edit_line(order, line, quantity=5)
    home.run_until(lambda: shelf.stock("KUBEK-01") == 9_995)

    # The card comes; the RO holds the mugs now, and they are taken off once.
    home.ledger.setup.add_items("main", [{"sku": "NOWY-1", "name": "Nowy", "vat": "23"}])
    home.run_until(lambda: "RO" in home.kinds(order))
    home.run_until(lambda: not home.pomost.store.pending.totals(["main"], ["KUBEK-01", "NOWY-1"]))
    home.run_until(lambda: shelf.stock("KUBEK-01") == 9_995)
