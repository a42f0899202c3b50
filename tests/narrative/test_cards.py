"""A22: item cards on both sides, as a shopkeeper would tell it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pomost.sandbox.baselinker import Sandbox
from pomost.trade.card import Card
from tests.house import House
from tests.shelf import Shelf


def offer(**cards: Any) -> dict[str, Any]:
    return {
        "catalogue": [
            {
                "name": "sklep",
                "every_s": 0.1,
                "debounce_s": 0.0,
                "list_s": 1.0,
                "compare_s": 1.0,
                "cards": cards,
            }
        ]
    }


def test_a_name_corrected_in_the_erp_is_corrected_in_the_shop(
    house: Callable[..., House], shop: Sandbox
) -> None:
    home, shelf = house(**offer(to_channel=["name"])), Shelf(shop)

    home.ledger.put_cards("main", [Card("KUBEK-01", name="Kubek duży, 500 ml")])

    home.run_until(lambda: shelf.row("KUBEK-01")["name"] == "Kubek duży, 500 ml")
