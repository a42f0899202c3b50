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
