"""A21: stock of the ERP in the channel, as a shopkeeper would tell it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from pomost.checking import check
from pomost.ledger import receive_draft
from pomost.sandbox.baselinker import Sandbox
from tests.house import TODAY, House, config_for
from tests.shelf import Shelf

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

    # The wholesaler sends them. The shop's own reservation stays behind, and changes nothing.
    shop.move(order, "Spakowane")
    home.run_until_state(order, "done")
    level = home.ledger.stock("main", "KUBEK-01")["MAG"]
    assert (level.quantity, level.reserved) == (0, 2)
    home.ledger.issue(receive_draft("hurt", "MAG", "h2", TODAY, {"KUBEK-01": (Decimal(1), Decimal(8))}))
    home.run_until(lambda: shelf.stock("KUBEK-01") == 9)

    # What the shop gets itself is offered on top.
    home.ledger.issue(receive_draft("main", "MAG", "m", TODAY, {"KUBEK-01": (Decimal(5), Decimal(8))}))
    home.run_until(lambda: shelf.stock("KUBEK-01") == 12)


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
