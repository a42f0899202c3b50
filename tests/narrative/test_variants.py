"""A22: variants, sizes and units on both sides, as a shopkeeper would tell it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from pomost.ledger import receive_draft
from pomost.ports import NeedsPerson
from pomost.sandbox.baselinker import Sandbox
from pomost.trade.card import Card
from tests.house import TODAY, House
from tests.narrative.test_cards import data_of, edit, ledger_card, offer, written
from tests.shelf import INVENTORY, MAIN, Shelf

MAKING = {"to_channel": ["name", "parent"], "create": True}
KUBEK = Card("KUBEK", name="Kubek", vat="23")
SMALL = Card("KUBEK-S", name="Kubek mały", vat="23", parent="KUBEK")
LARGE = Card("A-KUBEK-L", name="Kubek duży", vat="23", parent="KUBEK")
"""Its SKU comes before that of the main item."""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def on(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Where everything is kept."""
    if request.param == "sqlite":
        return {}
    url = request.getfixturevalue("database")
    return {"database": url, "ledger": url}


def not_made(home: House) -> dict[str, str]:
    """Items that could not be made into products, and why."""
    store = home.pomost.store
    return dict(store.births.problems(store.products.catalogue_id("sklep"), 50))


def card_problems(home: House) -> dict[str, str]:
    store = home.pomost.store
    found = store.cards.problems(store.products.catalogue_id("sklep"), 50)
    return {item: why for _, item, why in found}


def carried(home: House) -> set[str]:
    """Main items whose stock is that of their variants; none of them is a problem."""
    store = home.pomost.store
    number = store.products.catalogue_id("sklep")
    assert store.figures.problems(number, "stock", 50) == []
    assert store.shelf.count(number, "stock").problem == store.figures.count(number, "stock")["problem"] == 0
    return {item for _, item, _ in store.carried.products(number, 50)}


def family(shelf: Shelf, main: str) -> list[str]:
    """The SKUs of the variants under a main product."""
    number = shelf.row(main)["id"]
    return sorted(row["sku"] for row in shelf.products().values() if row["parent_id"] == number)


def test_a_mug_in_two_sizes_becomes_one_product_with_two_variants_each_with_its_own_stock(
    on: dict[str, Any], house: Callable[..., House], shop: Sandbox
) -> None:
    shelf = Shelf(shop)
    home = house(**on, **offer({"stock": [{}]}, **MAKING))
    home.ledger.put_cards("main", [LARGE, SMALL, KUBEK])
    goods = {"KUBEK-S": (Decimal(7), Decimal(5)), "A-KUBEK-L": (Decimal(4), Decimal(6))}
    home.ledger.issue(receive_draft("main", "MAG", "delivery", TODAY, goods))

    home.run_until(lambda: len(shelf.products(filter_sku="A-KUBEK-L")) == 1)
    home.run_until(lambda: len(shelf.products(filter_sku="KUBEK-S")) == 1)

    assert family(shelf, "KUBEK") == ["A-KUBEK-L", "KUBEK-S"]
    home.run_until(lambda: (shelf.stock("KUBEK-S"), shelf.stock("A-KUBEK-L")) == (7, 4))
    assert shelf.stock("KUBEK") == 11, "the shop adds up what its variants have"
    home.run_until(lambda: carried(home) == {"KUBEK"})
    assert not_made(home) == {}
    listings = len(shop.calls("getInventoryProductsList"))
    home.run_until(lambda: len(shop.calls("getInventoryProductsList")) >= listings + 6)
    assert sorted(row["sku"] for row in shelf.products(filter_name="Kubek").values()).count("KUBEK") == 1


def test_a_variant_of_a_service_is_left_out_with_the_reason_until_its_card_is_corrected(
    house: Callable[..., House], shop: Sandbox
) -> None:
    shelf = Shelf(shop)
    home = house(**offer(**MAKING))
    home.ledger.setup.put_items("main", [{"sku": "USL-X", "name": "Usługa", "vat": "23", "kind": "service"}])
    home.ledger.put_cards("main", [Card("KUBEK-S", name="Kubek mały", vat="23", parent="USL-X")])

    home.run_until(lambda: "KUBEK-S" in not_made(home))
    assert "is a variant of USL-X, which is no product of the channel" in not_made(home)["KUBEK-S"]
    assert shelf.products(filter_sku="KUBEK-S") == {}

    home.ledger.put_cards("main", [Card("KUBEK-S", parent="KUBEK-01")])
    home.run_until(lambda: len(shelf.products(filter_sku="KUBEK-S")) == 1)
    assert family(shelf, "KUBEK-01") == ["KUBEK-S"]
    home.run_until(lambda: not_made(home) == {})


def test_variants_wait_for_a_main_item_that_the_shop_refuses_and_follow_it_by_themselves(
    house: Callable[..., House], shop: Sandbox
) -> None:
    shelf = Shelf(shop)
    home = house(**offer(**MAKING))
    home.ledger.put_cards("main", [Card("KUBEK", name="x" * 201, vat="23"), SMALL])

    home.run_until(lambda: {"KUBEK", "KUBEK-S"} <= set(not_made(home)))
    assert "201 characters" in not_made(home)["KUBEK"]
    assert "variant of KUBEK" in not_made(home)["KUBEK-S"]

    home.ledger.put_cards("main", [KUBEK])
    home.run_until(lambda: len(shelf.products(filter_sku="KUBEK-S")) == 1)
    assert family(shelf, "KUBEK") == ["KUBEK-S"]


def test_a_variant_follows_when_somebody_makes_its_main_product_in_the_shop(
    house: Callable[..., House], shop: Sandbox
) -> None:
    shelf = Shelf(shop)
    home = house(**offer(**MAKING))
    home.ledger.put_cards("main", [Card("KUBEK", name="x" * 201, vat="23"), SMALL])
    home.run_until(lambda: {"KUBEK", "KUBEK-S"} <= set(not_made(home)))

    shelf.call("addInventoryProduct", inventory_id=INVENTORY, sku="KUBEK", text_fields={"name": "Kubek"})

    home.run_until(lambda: len(shelf.products(filter_sku="KUBEK-S")) == 1)
    assert family(shelf, "KUBEK") == ["KUBEK-S"]
    assert len(shelf.products(filter_sku="KUBEK")) == 1


def test_a_product_that_stands_elsewhere_is_a_question_and_the_rest_of_its_card_goes_on(
    house: Callable[..., House], shop: Sandbox
) -> None:
    shelf = Shelf(shop)
    home = house(**offer(to_channel=["name", "parent"]))
    home.ledger.put_cards("main", [Card("KUBEK-02", name="Kubek, wariant", parent="KUBEK-01")])

    home.run_until(lambda: shelf.row("KUBEK-02")["name"] == "Kubek, wariant")
    home.run_until(lambda: "KUBEK-02" in card_problems(home))

    assert "to be a variant of KUBEK-01" in card_problems(home)["KUBEK-02"]
    assert family(shelf, "KUBEK-01") == []
    looks = len(shop.calls("getInventoryProductsData"))
    home.run_until(lambda: len(shop.calls("getInventoryProductsData")) >= looks + 3)
    assert [one for one in written(shop) if "parent_id" in one] == []


def test_where_moving_is_allowed_a_variant_goes_where_the_erp_says_once(
    house: Callable[..., House], shop: Sandbox
) -> None:
    shelf = Shelf(shop)
    number = shelf.row("KUBEK-02")["id"]
    home = house(**offer({"stock": [{}]}, to_channel=["parent"], move_variants=True, create=True))
    home.ledger.put_cards("main", [KUBEK, Card("KUBEK-02", parent="KUBEK-01")])

    home.run_until(lambda: family(shelf, "KUBEK-01") == ["KUBEK-02"])
    home.run_until(lambda: "KUBEK-01" in carried(home))
    home.run_until(lambda: len(shelf.products(filter_sku="KUBEK")) == 1)
    home.ledger.put_cards("main", [Card("KUBEK-02", parent="KUBEK")])
    home.run_until(lambda: family(shelf, "KUBEK") == ["KUBEK-02"])

    assert family(shelf, "KUBEK-01") == []
    assert shelf.row("KUBEK-02")["id"] == number, "it is the same product"
    assert len(shelf.products(filter_sku="KUBEK-02")) == 1
    home.run_until(lambda: "KUBEK-01" not in carried(home))
    home.run_until(lambda: shelf.stock("KUBEK-01") == 10_000)


def test_a_product_that_gets_variants_by_hand_is_sent_no_stock_any_more(
    house: Callable[..., House], shop: Sandbox
) -> None:
    shelf = Shelf(shop)
    home = house(**offer({"stock": [{}], "retry_s": 0.2}, to_channel=["name"]))
    home.run_until(lambda: shelf.stock("KUBEK-01") == 10_000)
    main = shelf.row("KUBEK-01")["id"]
    edit(shelf, "KUBEK-02", parent_id=main)
    home.run_until(lambda: "KUBEK-01" in carried(home))

    goods = {"KUBEK-01": (Decimal(1), Decimal(5)), "KUBEK-02": (Decimal(1), Decimal(5))}
    home.ledger.issue(receive_draft("main", "MAG", "one more", TODAY, goods))
    home.run_until(lambda: shelf.stock("KUBEK-02") == 10_001)
    before = len(shop.calls("updateInventoryProductsStock"))
    looks = len(shop.calls("getInventoryProductsStock"))
    home.run_until(lambda: len(shop.calls("getInventoryProductsStock")) >= looks + 3)

    assert len(shop.calls("updateInventoryProductsStock")) == before, (
        "neither tried again nor taken for drift"
    )
    assert shelf.stock("KUBEK-01") == 10_001, "as the shop adds it up"


def test_sizes_go_from_their_owner_to_the_other_side(house: Callable[..., House], shop: Sandbox) -> None:
    shelf = Shelf(shop)
    edit(shelf, "KUBEK-01", height=1, width=2, length=30.25)
    home = house(**offer(to_channel=["height", "width"], to_erp=["length"]))

    home.ledger.put_cards("main", [Card("KUBEK-01", height=Decimal("12.5"), width=Decimal("8.255"))])

    home.run_until(lambda: data_of(shelf, "KUBEK-01")["height"] == 12.5)
    assert data_of(shelf, "KUBEK-01")["width"] == 8.26, "BaseLinker keeps two decimals"
    assert data_of(shelf, "KUBEK-01")["length"] == 30.25
    home.run_until(lambda: ledger_card(home, "KUBEK-01").length == Decimal("30.25"))
    before = len(shop.calls("addInventoryProduct"))
    looks = len(shop.calls("getInventoryProductsData"))
    home.run_until(lambda: len(shop.calls("getInventoryProductsData")) >= looks + 3)
    assert len(shop.calls("addInventoryProduct")) == before, "8.255 cm are 8.26 cm there"


@pytest.mark.parametrize("owner", ["to_channel", "to_erp"])
def test_the_unit_is_shown_as_an_attribute_since_the_shop_has_no_field_for_it(
    house: Callable[..., House], shop: Sandbox, owner: str
) -> None:
    shelf = Shelf(shop)
    edit(shelf, "KUBEK-01", text_fields={"features": {"Kolor": "biały", "Jednostka": "para"}})
    home = house(**offer(**{owner: ["unit"]}, unit_attribute="Jednostka"))

    if owner == "to_erp":
        home.run_until(lambda: ledger_card(home, "KUBEK-01").unit == "para")
        assert ledger_card(home, "KUBEK-01").attributes is None
        return
    home.ledger.put_cards("main", [Card("KUBEK-01", unit="kpl")])
    home.run_until(
        lambda: (
            data_of(shelf, "KUBEK-01")["text_fields"]["features"] == {"Kolor": "biały", "Jednostka": "kpl"}
        )
    )


def test_a_unit_that_nothing_would_show_is_refused(house: Callable[..., House]) -> None:
    with pytest.raises(NeedsPerson) as refused:
        house(**offer(to_channel=["unit"]))

    assert refused.value.code == "config.card-unit"


def test_products_and_their_variants_become_items_that_say_their_main_item(
    house: Callable[..., House], shop: Sandbox
) -> None:
    shelf = Shelf(shop)
    home = house(**offer(to_erp=["parent"], create_items=True))

    def product(sku: str, **more: Any) -> int:
        texts = {"name": sku}
        made = shelf.call("addInventoryProduct", inventory_id=INVENTORY, sku=sku, text_fields=texts, **more)
        return int(made["product_id"])

    small = product("KUBEK-S", height=9, tax_rate=8)
    main = product("KUBEK", tax_rate=8)
    shelf.call("addInventoryProduct", inventory_id=INVENTORY, product_id=small, parent_id=main)
    headless = product("", tax_rate=8)
    product("SAM", parent_id=headless, tax_rate=8)

    home.run_until(lambda: set(home.ledger.cards("main", ["KUBEK", "KUBEK-S", "SAM"])) >= {"KUBEK-S", "SAM"})

    assert ledger_card(home, "KUBEK-S").parent == "KUBEK"
    assert ledger_card(home, "KUBEK-S").height == Decimal(9)
    assert ledger_card(home, "KUBEK").parent is None
    assert ledger_card(home, "SAM").parent is None, "its main product has no SKU, so it is no item"


def test_a_known_product_that_became_a_variant_tells_the_erp_its_main_item(
    house: Callable[..., House], shop: Sandbox
) -> None:
    shelf = Shelf(shop)
    home = house(**offer(to_erp=["parent"]))
    edit(shelf, "KUBEK-02", parent_id=shelf.row("KUBEK-01")["id"])

    home.run_until(lambda: ledger_card(home, "KUBEK-02").parent == "KUBEK-01")

    assert home.ledger.variants("main", ["KUBEK-01"]) == {"KUBEK-01": ("KUBEK-02",)}


def test_variants_are_matched_by_ean_as_any_product(house: Callable[..., House], shop: Sandbox) -> None:
    shelf = Shelf(shop)
    main = shelf.call(
        "addInventoryProduct", inventory_id=INVENTORY, sku="GRUPA", ean="", text_fields={"name": "Grupa"}
    )["product_id"]
    edit(shelf, "KUBEK-01", parent_id=main, sku="INNY-SKU")
    home = house(**offer({"match": "ean", "stock": [{}]}, to_channel=["name"]))

    home.run_until(lambda: shelf.stock("INNY-SKU") == 10_000)

    assert shelf.row("INNY-SKU")["stock"][MAIN] == 10_000
