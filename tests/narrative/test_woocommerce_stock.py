"""B02: the ledger's stock in a WooCommerce shop, as a shopkeeper would tell it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from pomost.ledger import receive_draft
from pomost.sandbox.baselinker import Sandbox
from pomost.sandbox.woocommerce import Settings, Shop
from tests.house import TODAY, House
from tests.shelf import Shelf

MUG = "KUBEK-01"
OFFER: dict[str, Any] = {
    "name": "sklep-www",
    "channel": "woo",
    "stock": [{}],
    "every_s": 0.1,
    "debounce_s": 0.0,
}
RESERVE: dict[str, Any] = {
    "name": "www",
    "source": "woo",
    "company": "main",
    "take": 'order.status in ["processing", "completed"]',
    "cancelled": 'order.status in ["cancelled", "failed"]',
    "step": [
        {"id": "ro", "issue": "RO"},
        {"id": "cancel", "after": [], "cancel": ["ro"], "when": 'order.status == "cancelled"'},
    ],
}


@pytest.fixture(autouse=True)
def www() -> Iterator[Shop]:
    """A shop with mugs, of which it has none yet, and a T-shirt in variations. It closes after the house."""
    with Shop(Settings()) as running:
        running.add_product(MUG, "Kubek", "30.75", stock=0, status="publish")
        yield running


def opened(house: Callable[..., House], www: Shop, **wanted: Any) -> House:
    woo = {
        "name": "woo",
        "url": www.url,
        "key": www.key,
        "secret": www.secret,
        "calls_per_minute": 0,
        "poll_s": 0.1,
        "import_from": "2010-01-01",
    }
    offer = {**OFFER, **wanted.pop("offer", {})}
    flows = wanted.pop("flows", [{**RESERVE, **wanted.pop("reserve", {})}])
    catalogues = [offer, *wanted.pop("catalogues", ())]
    return house(woocommerce=[woo], flows=flows, catalogue=catalogues, **wanted)


def product_writes(www: Shop, sku: str = MUG) -> list[Any]:
    number = www.product(sku)["id"]
    return [one.changed["stock_quantity"] for one in www.writes if one.id == number]


def test_goods_come_an_order_takes_some_and_the_shop_shows_what_is_left(
    house: Callable[..., House], www: Shop
) -> None:
    home = opened(house, www)
    home.run_until(lambda: www.stock(MUG) == 10_000)

    home.ledger.issue(receive_draft("main", "MAG", "delivery", TODAY, {MUG: (Decimal(25), Decimal(5))}))
    home.run_until(lambda: www.stock(MUG) == 10_025)
    sent = product_writes(www)

    # Anna buys three: the shop lowers its own stock, the ledger reserves, and both say the same without another write.
    (order,) = www.place(lines=[(MUG, 3)], payment="cod")
    assert www.stock(MUG) == 10_022
    home.run_until(lambda: "RO" in home.kinds(order))
    home.run_until(lambda: not home.pomost.store.pending.totals(["main"], [MUG]))
    home.run_until(lambda: _unsent(home) == 0)
    assert home.ledger.stock("main", MUG)["MAG"].reserved == 3
    assert www.stock(MUG) == 10_022
    assert product_writes(www) == sent

    # She changes her mind: the shop puts them back itself, the ledger frees them, and they are offered again.
    www.cancel(order)
    home.run_until(lambda: home.ledger.stock("main", MUG)["MAG"].reserved == 0)
    home.run_until(lambda: _unsent(home) == 0)
    home.run_until(lambda: www.stock(MUG) == 10_025)


def _unsent(home: House) -> int:
    store = home.pomost.store
    return len(store.figures.unsent(store.products.catalogue_id("sklep-www"), "stock", 0, 100))


def test_an_order_that_is_not_paid_yet_is_held_by_the_shop_and_counted_once_when_it_is_paid(
    house: Callable[..., House], www: Shop
) -> None:
    home = opened(house, www)
    home.run_until(lambda: www.stock(MUG) == 10_000)

    (order,) = www.place(lines=[(MUG, 4)], payment="przelewy24", paid=False)
    home.run_until(lambda: home.line(order) is not None)
    assert www.stock(MUG) == 10_000

    www.pay(order)
    home.run_until(lambda: "RO" in home.kinds(order))
    # what was on its way when the buyer paid may show the four once more, until the RO is counted
    home.run_until(lambda: _unsent(home) == 0 and www.stock(MUG) == 9_996)


def test_where_unpaid_orders_count_as_sold_the_shop_shows_too_few_after_they_are_paid_and_a_comparison_finds_it(
    house: Callable[..., House], www: Shop
) -> None:
    home = opened(house, www, reserve={"sold": "true"}, offer={"compare_s": 1.0, "confirm_s": 0.2})
    home.run_until(lambda: www.stock(MUG) == 10_000)

    # The ledger takes four off at once, and so does the shop when it is paid: eight are missing for four.
    (order,) = www.place(lines=[(MUG, 4)], payment="przelewy24", paid=False)
    home.run_until(lambda: www.stock(MUG) == 9_996)
    www.pay(order)
    assert www.stock(MUG) == 9_992

    home.run_until(lambda: "RO" in home.kinds(order))
    home.run_until(lambda: www.stock(MUG) == 9_996)


def test_what_somebody_types_into_the_shop_is_found_and_put_right(
    house: Callable[..., House], www: Shop
) -> None:
    home = opened(house, www, offer={"compare_s": 1.0, "confirm_s": 0.2})
    home.run_until(lambda: www.stock(MUG) == 10_000)

    www.set_stock(MUG, 12_345)
    home.run_until(lambda: www.stock(MUG) == 10_000)

    # and one whose stock is not managed any more sells without end: that is found as well
    www.edit_product(MUG, manage_stock=False)
    home.run_until(lambda: www.stock(MUG) == 10_000)


def test_two_channels_sell_from_one_stock(house: Callable[..., House], www: Shop, shop: Sandbox) -> None:
    flows = [{"name": "allegro", "source": "baselinker", "company": "main", "preset": "ro-fs-wz"}, RESERVE]
    other = {"name": "allegro", "stock": [{}], "every_s": 0.1, "debounce_s": 0.0}
    home, shelf = opened(house, www, flows=flows, catalogues=[other]), Shelf(shop)
    home.run_until(lambda: www.stock(MUG) == shelf.stock(MUG) == 10_000)

    (there,) = shop.place(lines=[{"sku": MUG, "quantity": 2, "price_brutto": "30.75"}])
    home.run_until(lambda: www.stock(MUG) == 9_998)

    (here,) = www.place(lines=[(MUG, 5)], payment="cod")
    home.run_until(lambda: www.stock(MUG) == shelf.stock(MUG) == 9_993)
    home.run_until(lambda: home.ledger.stock("main", MUG)["MAG"].reserved == 7)
    assert www.stock(MUG) == shelf.stock(MUG) == 9_993
    assert there != here


def test_variations_are_items_of_their_own(house: Callable[..., House], www: Shop) -> None:
    home = opened(house, www)
    home.ledger.setup.add_items("main", [{"sku": "KOSZ-BIA-S", "name": "Koszulka biała S", "vat": "23"}])
    home.ledger.issue(
        receive_draft("main", "MAG", "shirts", TODAY, {"KOSZ-BIA-S": (Decimal(17), Decimal(20))})
    )

    home.run_until(lambda: www.stock("KOSZ-BIA-S") == 17)
    (order,) = www.place(lines=[("KOSZ-BIA-S", 2)], payment="cod")
    home.run_until(lambda: "RO" in home.kinds(order))
    home.run_until(lambda: _unsent(home) == 0)
    assert www.stock("KOSZ-BIA-S") == 15
    assert www.stock("KOSZ-BIA-M") == 8, "what is no item of the ledger is left alone"


def test_half_a_piece_is_not_offered(house: Callable[..., House], www: Shop) -> None:
    www.add_product("SZNUREK", "Sznurek", stock=9)
    home = opened(house, www)
    home.ledger.setup.add_items("main", [{"sku": "SZNUREK", "name": "Sznurek", "vat": "23", "unit": "m"}])
    goods = {"SZNUREK": (Decimal("2.5"), Decimal(1))}
    home.ledger.issue(receive_draft("main", "MAG", "string", TODAY, goods))

    home.run_until(lambda: www.stock("SZNUREK") == 2)


def test_a_price_level_and_its_promotion_become_the_regular_and_the_sale_price(
    house: Callable[..., House], www: Shop
) -> None:
    today = [date(2026, 11, 26)]
    week = {"name": "Black Week", "first": "2026-11-26", "last": "2026-11-27", "percent": 10}
    prices = [{"to": "regular", "level": "DETAL"}, {"to": "sale", "level": "DETAL", "promotions": [week]}]
    home = opened(house, www, stocked=False, offer={"price": prices}, today=lambda: today[0])
    home.ledger.setup.put_item("main", MUG, "Kubek", "23", prices={"DETAL": Decimal("40.00")})

    home.run_until(lambda: www.product(MUG)["sale_price"] == "36.00")
    assert www.product(MUG)["regular_price"] == "40.00"
    assert www.product(MUG)["price"] == "36.00"

    today[0] = date(2026, 11, 28)
    home.run_until(lambda: www.product(MUG)["sale_price"] == "")
    assert www.product(MUG)["price"] == "40.00"


def test_items_of_the_ledger_become_drafts_in_the_shop_which_a_person_publishes(
    house: Callable[..., House], www: Shop
) -> None:
    cards = {"to_channel": ["name"], "create": True}
    home = opened(house, www, stocked=False, offer={"cards": cards})
    home.ledger.setup.add_items("main", [{"sku": "LAMPA-1", "name": "Lampa & klosz", "vat": "23"}])
    home.ledger.issue(receive_draft("main", "MAG", "lamps", TODAY, {"LAMPA-1": (Decimal(3), Decimal(20))}))

    home.run_until(lambda: www.stocks().get("LAMPA-1") == 3)
    made = www.product("LAMPA-1")
    assert (made["name"], made["status"], made["tax_class"]) == ("Lampa &amp; klosz", "draft", "")
