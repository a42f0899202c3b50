"""A21: stock of the ERP in the channel, as a shopkeeper would tell it."""

from __future__ import annotations

import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from pomost.checking import check
from pomost.ledger import receive_draft
from pomost.ports import NeedsPerson
from pomost.sandbox.baselinker import Sandbox
from tests.house import TODAY, House, config_for
from tests.shelf import INVENTORY, MAIN, Shelf

OFFER: dict[str, Any] = {"name": "sklep", "stock": [{"buffer": 0}], "every_s": 0.1, "debounce_s": 0.0}
COMPANIES = [
    {"code": "main", "name": "Sklep Przykładowy sp. z o.o.", "nip": "1234563218"},
    {"code": "hurt", "name": "Hurtownia Przykładowa sp. z o.o.", "nip": "5252248481"},
]
LINKED: dict[str, Any] = {**OFFER, "stock": [{"warehouses": ["MAG", "hurt:MAG"]}]}
MUGS = [{"sku": "KUBEK-01", "quantity": 2, "price_brutto": "30.75"}]


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


IN_BUFOR = [{"id": "ro", "issue": "RO", "approve": False}]


def test_c11_what_waits_in_bufor_is_not_offered_again_until_it_is_approved_or_removed(
    house: Callable[..., House], shop: Sandbox
) -> None:
    # The flow leaves each RO in bufor for a clerk, and is done with the order.
    home = house(catalogue=[OFFER], flow={"preset": "", "step": IN_BUFOR})
    shelf = Shelf(shop)
    first, second = shop.place(orders=2, lines=MUGS, paid=True)
    home.run_until_state(first, "done")
    home.run_until_state(second, "done")
    assert {document.state for document in home.documents(first)} == {"bufor"}
    assert home.ledger.stock("main", "KUBEK-01")["MAG"].reserved == 0

    # Nothing is reserved, and yet the four mugs are sold.
    home.run_until(lambda: shelf.stock("KUBEK-01") == 9_996)

    # The clerk approves one RO: it reserves now, and its mugs are taken off once, as before.
    (approved,) = home.documents(first)
    home.ledger.approve("main", approved.key)
    home.run_until(
        lambda: home.pomost.store.pending.totals(["main"], ["KUBEK-01"]) == {("main", "KUBEK-01"): 2}
    )
    home.run_until(lambda: shelf.stock("KUBEK-01") == 9_996)

    # He cancels the other: nobody wants its mugs, and they are offered again.
    (removed,) = home.documents(second)
    home.ledger.cancel("main", removed.key)
    home.run_until(lambda: shelf.stock("KUBEK-01") == 9_998)
    assert home.pomost.store.pending.totals(["main"], ["KUBEK-01"]) == {}


def test_a09_goods_of_the_other_company_are_offered_in_this_ones_channel(
    house: Callable[..., House], shop: Sandbox
) -> None:
    home = house(stocked=False, company=COMPANIES, flow={"preset": "two-companies-ro"}, catalogue=[LINKED])
    setup = home.ledger.setup
    mug = {"sku": "KUBEK-01", "name": "Kubek", "vat": "23"}
    delivery = {"sku": "USL-MONTAZ", "name": "Montaż", "vat": "23", "kind": "service"}
    setup.add_items("main", [mug, delivery])
    setup.add_items("hurt", [{**mug, "prices": {"HURT": Decimal("15.00")}}])
    shelf = Shelf(shop)

    # The shop has none; the wholesaler gets ten. All ten are offered in the shop's channel.
    home.run_until(lambda: shelf.stock("KUBEK-01") == 0)
    home.ledger.issue(receive_draft("hurt", "MAG", "h", TODAY, {"KUBEK-01": (Decimal(10), Decimal(8))}))
    home.run_until(lambda: shelf.stock("KUBEK-01") == 10)

    # Two are bought. Both companies reserve them, and they are taken off once.
    order = shop.place(lines=MUGS, paid=True, delivery_price="0")[0]
    home.run_until(lambda: shop.order(order)["status"] == "W realizacji")
    home.run_until(lambda: shelf.stock("KUBEK-01") == 8)
    assert [document.kind for document in home.ledger.documents("hurt")] == ["PW", "RO"]

    # The wholesaler sends them. With its FS the shop gives its own reservation up.
    shop.move(order, "Spakowane")
    home.run_until_state(order, "done")
    level = home.ledger.stock("main", "KUBEK-01")["MAG"]
    assert (level.quantity, level.reserved) == (0, 0)
    home.ledger.issue(receive_draft("hurt", "MAG", "h2", TODAY, {"KUBEK-01": (Decimal(1), Decimal(8))}))
    home.run_until(lambda: shelf.stock("KUBEK-01") == 9)

    # What the shop gets itself is offered on top.
    home.ledger.issue(receive_draft("main", "MAG", "m", TODAY, {"KUBEK-01": (Decimal(5), Decimal(8))}))
    home.run_until(lambda: shelf.stock("KUBEK-01") == 14)


def test_a09_a_warehouse_that_is_not_there_is_named(tmp_path: Any) -> None:
    for wrong in ("ZAPAS", "druga:MAG", "hurt:SKLEP"):
        offer = {**OFFER, "stock": [{"warehouses": ["MAG", wrong]}]}
        config = config_for(tmp_path, "http://127.0.0.1:1", company=COMPANIES, catalogue=[offer])
        (problem,) = check(config)
        assert (problem.code, problem.place) == ("catalogue.unknown-place", "catalogue[1].stock.warehouses")
        assert "main:MAG, hurt:MAG" in problem.advice


def test_c11_a_kit_follows_its_components_and_its_composition(
    house: Callable[..., House], shop: Sandbox
) -> None:
    home, shelf = house(stocked=False, catalogue=[OFFER]), Shelf(shop)
    setup = home.ledger.setup
    parts = [{"sku": sku, "name": sku, "vat": "23"} for sku in ("UCHO", "CZARA", "PUDLO")]
    kit = {"sku": "KUBEK-01", "name": "Kubek", "vat": "23"}
    setup.put_items("main", [*parts, {**kit, "parts": {"UCHO": 1, "CZARA": 2}}])
    goods = {"UCHO": (Decimal(10), Decimal(1)), "CZARA": (Decimal(9), Decimal(1))}
    home.ledger.issue(receive_draft("main", "MAG", "a", TODAY, goods))
    home.run_until(lambda: shelf.stock("KUBEK-01") == 4)

    # More of the scarcest component: another one is the scarcest now.
    home.ledger.issue(receive_draft("main", "MAG", "b", TODAY, {"CZARA": (Decimal(20), Decimal(1))}))
    home.run_until(lambda: shelf.stock("KUBEK-01") == 10)

    # A kit is sold together with something unknown: no document holds its components, and yet they are sold.
    bought = [{"sku": "KUBEK-01", "quantity": 3}, {"sku": "NOWY-1", "quantity": 1}]
    order = shop.place(lines=bought, paid=True)[0]
    home.run_until(lambda: shelf.stock("KUBEK-01") == 7)
    shop.cancel(order)
    home.run_until(lambda: shelf.stock("KUBEK-01") == 10)

    # It is made of something else now, of which there never was any.
    setup.put_items("main", [{**kit, "parts": {"PUDLO": 1}}])
    home.run_until(lambda: shelf.stock("KUBEK-01") == 0)
    setup.put_items("main", [{**kit, "parts": {"UCHO": 2}}])
    home.run_until(lambda: shelf.stock("KUBEK-01") == 5)


def test_somebody_raises_a_figure_by_hand_and_it_is_put_right_at_once(
    house: Callable[..., House], shop: Sandbox
) -> None:
    home, shelf = house(catalogue=[{**OFFER, "compare_s": 1.0, "confirm_s": 600}]), Shelf(shop)
    home.run_until(lambda: shelf.stock("KUBEK-01") == 10_000)

    shelf.set_stock("KUBEK-01", 12_345)

    home.run_until(lambda: shelf.stock("KUBEK-01") == 10_000)


def test_a_figure_that_is_lower_is_put_right_only_after_a_second_look(
    house: Callable[..., House], shop: Sandbox
) -> None:
    """It may be a sale whose order was not read yet."""
    home, shelf = house(catalogue=[{**OFFER, "compare_s": 1.0, "confirm_s": 2.0}]), Shelf(shop)
    home.run_until(lambda: shelf.stock("KUBEK-01") == 10_000)

    shelf.set_stock("KUBEK-01", 9_990)
    began = time.monotonic()
    home.run_until(lambda: shelf.stock("KUBEK-01") == 10_000)

    assert time.monotonic() - began > 1.5


def test_a_product_that_the_channel_refuses_is_kept_with_the_reason_and_the_rest_goes_on(
    house: Callable[..., House], shop: Sandbox
) -> None:
    home, shelf = house(catalogue=[OFFER]), Shelf(shop)
    home.run_until(lambda: shelf.stock("KUBEK-01") == 10_000)
    gone = shelf.row("KUBEK-02")["id"]
    shelf.call("deleteInventoryProduct", product_id=gone)

    goods = {"KUBEK-01": (Decimal(5), Decimal(5)), "KUBEK-02": (Decimal(5), Decimal(5))}
    home.ledger.issue(receive_draft("main", "MAG", "delivery", TODAY, goods))
    home.run_until(lambda: shelf.stock("KUBEK-01") == 10_005)

    number = home.pomost.store.products.catalogue_id("sklep")
    home.run_until(lambda: bool(home.pomost.store.figures.problems(number, "stock", 9)))
    [(product_id, item, place, why)] = home.pomost.store.figures.problems(number, "stock", 9)
    assert (product_id, item, place) == (str(gone), "KUBEK-02", MAIN)
    assert "does not exist" in why


def test_a_new_product_of_the_channel_gets_its_stock_once_it_is_listed(
    house: Callable[..., House], shop: Sandbox
) -> None:
    home, shelf = house(catalogue=[{**OFFER, "list_s": 1.0}]), Shelf(shop)
    home.ledger.setup.put_item("main", "NOWY-1", "Nowy towar", "23")
    goods = {"NOWY-1": (Decimal(7), Decimal(5))}
    home.ledger.issue(receive_draft("main", "MAG", "delivery", TODAY, goods))
    home.run_until(lambda: shelf.stock("KUBEK-01") == 10_000)

    shelf.call("addInventoryProduct", inventory_id=INVENTORY, sku="NOWY-1", text_fields={"name": "Nowy"})

    home.run_until(lambda: shelf.row("NOWY-1")["stock"] == {MAIN: 7})


def test_a_buffer_a_share_a_minimum_and_a_maximum_each_take_their_part(
    house: Callable[..., House], shop: Sandbox
) -> None:
    rules = {"buffer": 4, "share": 50, "minimum": 3, "maximum": 20}
    home, shelf = house(stocked=False, catalogue=[{**OFFER, "stock": [rules]}]), Shelf(shop)
    names = {"KUBEK-01": 10, "KUBEK-02": 9, "TALERZ-27": 300}
    for sku, quantity in names.items():
        home.ledger.setup.put_item("main", sku, sku, "23")
        goods = {sku: (Decimal(quantity), Decimal(5))}
        home.ledger.issue(receive_draft("main", "MAG", sku, TODAY, goods))

    home.run_until(lambda: [shelf.stock(sku) for sku in names] == [3, 0, 20])


def test_a_warehouse_that_the_channel_does_not_have_is_named_with_those_that_there_are(
    house: Callable[..., House],
) -> None:
    home = house(catalogue=[{**OFFER, "stock": [{"to": "bl_1"}]}])

    with pytest.raises(NeedsPerson) as caught:
        home.pomost.catalogues[0].prepared()

    assert caught.value.code == "catalogue.unknown-warehouse"
    assert "Magazyn główny (bl_20517)" in caught.value.advice
