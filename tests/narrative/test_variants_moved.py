"""A22: a variant is taken out of its family or moved to another one in the ledger, as a shopkeeper would tell it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from pomost.ledger import receive_draft
from pomost.sandbox.baselinker import Sandbox
from pomost.sandbox.woocommerce import Settings, Shop
from pomost.trade.card import Card
from tests.house import TODAY, House
from tests.narrative.test_cards import edit, offer
from tests.narrative.test_variants import card_problems, family, not_made, on
from tests.shelf import Shelf

__all__ = ["on"]
MAKING = {"to_channel": ["name", "parent"], "create": True}
MUG = Card("KUBEK", name="Kubek", vat="23")
JUG = Card("DZBAN", name="Dzban", vat="23")
SMALL = Card("KUBEK-S", name="Kubek mały", vat="23", parent="KUBEK")
LARGE = Card("KUBEK-L", name="Kubek duży", vat="23", parent="KUBEK")


def number_of(shelf: Shelf, sku: str) -> int:
    return int(shelf.row(sku)["id"])


def there(shelf: Shelf, sku: str) -> int:
    return len(shelf.products(filter_sku=sku))


def made_a_family(home: House, shelf: Shelf, *cards: Card) -> None:
    """The mug in two sizes is in the shop, with 7 small ones and 4 large ones in stock."""
    home.ledger.put_cards("main", [MUG, SMALL, LARGE, *cards])
    goods = {"KUBEK-S": (Decimal(7), Decimal(5)), "KUBEK-L": (Decimal(4), Decimal(6))}
    home.ledger.issue(receive_draft("main", "MAG", "delivery", TODAY, goods))
    home.run_until(lambda: there(shelf, "KUBEK-S") == there(shelf, "KUBEK-L") == 1)
    home.run_until(lambda: (shelf.stock("KUBEK-S"), shelf.stock("KUBEK-L")) == (7, 4))


def several_listings(home: House, shop: Sandbox, count: int = 3) -> None:
    """Time enough for whatever a listing brings about."""
    before = len(shop.calls("getInventoryProductsList"))
    home.run_until(lambda: len(shop.calls("getInventoryProductsList")) >= before + 2 * count)


def test_a_mug_taken_out_of_its_family_stays_where_it_is_and_a_person_is_told(
    on: dict[str, Any], house: Callable[..., House], shop: Sandbox
) -> None:
    shelf = Shelf(shop)
    home = house(**on, **offer({"stock": [{}]}, **MAKING))
    made_a_family(home, shelf)
    large = number_of(shelf, "KUBEK-L")

    # The clerk decides that the large mug is a product of its own: pomost items change --sku KUBEK-L --set-main ""
    home.ledger.put_cards("main", [Card("KUBEK-L", parent="")])
    home.run_until(lambda: "KUBEK-L" in card_problems(home))

    told = card_problems(home)["KUBEK-L"]
    assert f"its product {large} stands under KUBEK" in told
    assert "Delete the product there" in told
    # Nothing was made a second time, and the goods are sold on: it is the same mug wherever it stands.
    several_listings(home, shop)
    assert there(shelf, "KUBEK-L") == 1
    assert family(shelf, "KUBEK") == ["KUBEK-L", "KUBEK-S"]
    home.ledger.issue(receive_draft("main", "MAG", "one more", TODAY, {"KUBEK-L": (Decimal(1), Decimal(6))}))
    home.run_until(lambda: shelf.stock("KUBEK-L") == 5)
    assert shelf.stock("KUBEK-S") == 7


def test_once_it_is_deleted_in_the_shop_it_is_made_anew_as_one_of_its_own_once(
    on: dict[str, Any], house: Callable[..., House], shop: Sandbox
) -> None:
    shelf = Shelf(shop)
    home = house(**on, **offer({"stock": [{}]}, **MAKING))
    made_a_family(home, shelf)
    before = number_of(shelf, "KUBEK-L")
    home.ledger.put_cards("main", [Card("KUBEK-L", parent="")])
    home.run_until(lambda: "KUBEK-L" in card_problems(home))

    shelf.call("deleteInventoryProduct", product_id=before)

    home.run_until(lambda: there(shelf, "KUBEK-L") == 1)
    assert number_of(shelf, "KUBEK-L") != before
    assert shelf.row("KUBEK-L")["parent_id"] == 0
    home.run_until(lambda: shelf.stock("KUBEK-L") == 4)
    home.run_until(lambda: card_problems(home) == {})
    several_listings(home, shop, 4)
    assert there(shelf, "KUBEK-L") == 1
    assert family(shelf, "KUBEK") == ["KUBEK-S"]
    assert not_made(home) == {}


def test_moved_to_another_family_it_is_made_anew_there_after_a_person_deleted_it(
    house: Callable[..., House], shop: Sandbox
) -> None:
    shelf = Shelf(shop)
    home = house(**offer({"stock": [{}]}, **MAKING))
    made_a_family(home, shelf, JUG)
    before = number_of(shelf, "KUBEK-L")

    home.ledger.put_cards("main", [Card("KUBEK-L", parent="DZBAN")])
    home.run_until(lambda: "KUBEK-L" in card_problems(home))
    told = card_problems(home)["KUBEK-L"]
    assert "is to be a variant of DZBAN; in the channel it stands under KUBEK" in told
    assert "delete it there" in told
    shelf.call("deleteInventoryProduct", product_id=before)

    home.run_until(lambda: family(shelf, "DZBAN") == ["KUBEK-L"])
    home.run_until(lambda: shelf.stock("KUBEK-L") == 4)
    several_listings(home, shop)
    assert there(shelf, "KUBEK-L") == 1
    assert family(shelf, "KUBEK") == ["KUBEK-S"]


def test_it_may_be_put_right_by_hand_in_the_shop_or_on_the_card(
    house: Callable[..., House], shop: Sandbox
) -> None:
    shelf = Shelf(shop)
    home = house(**offer(**MAKING))
    home.ledger.put_cards("main", [MUG, JUG, SMALL, LARGE])
    home.run_until(lambda: there(shelf, "KUBEK-S") == there(shelf, "KUBEK-L") == 1)
    home.ledger.put_cards("main", [Card("KUBEK-L", parent="DZBAN"), Card("KUBEK-S", parent="")])
    home.run_until(lambda: set(card_problems(home)) == {"KUBEK-L", "KUBEK-S"})

    edit(shelf, "KUBEK-L", parent_id=number_of(shelf, "DZBAN"))
    home.ledger.put_cards("main", [Card("KUBEK-S", parent="KUBEK")])

    home.run_until(lambda: card_problems(home) == {})
    assert (family(shelf, "KUBEK"), family(shelf, "DZBAN")) == (["KUBEK-S"], ["KUBEK-L"])


def test_without_creation_it_is_told_and_nothing_is_made(house: Callable[..., House], shop: Sandbox) -> None:
    shelf = Shelf(shop)
    home = house(**offer(to_channel=["parent"]))
    edit(shelf, "KUBEK-02", parent_id=number_of(shelf, "KUBEK-01"))
    home.ledger.put_cards("main", [Card("KUBEK-02", parent="KUBEK-01")])
    several_listings(home, shop, 2)
    assert card_problems(home) == {}

    home.ledger.put_cards("main", [Card("KUBEK-02", parent="")])
    home.run_until(lambda: "KUBEK-02" in card_problems(home))
    shelf.call("deleteInventoryProduct", product_id=number_of(shelf, "KUBEK-02"))
    several_listings(home, shop, 4)

    assert there(shelf, "KUBEK-02") == 0


def test_a_family_that_the_ledger_never_named_is_left_alone(
    house: Callable[..., House], shop: Sandbox
) -> None:
    shelf = Shelf(shop)
    edit(shelf, "KUBEK-02", parent_id=number_of(shelf, "KUBEK-01"))
    home = house(**offer(**MAKING))

    several_listings(home, shop)

    assert card_problems(home) == {}, "a card without a main item says nothing"


def test_what_is_deleted_where_it_should_stand_is_not_made_again(
    house: Callable[..., House], shop: Sandbox
) -> None:
    shelf = Shelf(shop)
    home = house(**offer(**MAKING))
    home.ledger.put_cards("main", [MUG, SMALL, LARGE])
    home.run_until(lambda: there(shelf, "KUBEK-S") == there(shelf, "KUBEK-L") == 1)
    several_listings(home, shop, 2)

    shelf.call("deleteInventoryProduct", product_id=number_of(shelf, "KUBEK-L"))
    several_listings(home, shop, 5)

    assert there(shelf, "KUBEK-L") == 0


def test_a_listing_that_misses_it_is_not_believed_without_asking_for_it(
    house: Callable[..., House], shop: Sandbox
) -> None:
    shelf = Shelf(shop)
    home = house(**offer(**MAKING))
    home.ledger.put_cards("main", [MUG, SMALL, LARGE])
    home.run_until(lambda: there(shelf, "KUBEK-S") == there(shelf, "KUBEK-L") == 1)
    home.ledger.put_cards("main", [Card("KUBEK-L", parent="")])
    home.run_until(lambda: "KUBEK-L" in card_problems(home))
    store = home.pomost.store
    catalogue = store.products.catalogue_id("sklep")

    # As if a page had shifted while it was read.
    keeper = home.pomost.catalogues[0].prepared().cards
    assert keeper is not None
    store.products.all_listed(catalogue, since=4e9)
    keeper.listed(lambda: True)

    assert [line.item for line in store.products.of_item(catalogue, "KUBEK-L")] == ["KUBEK-L"]
    assert there(shelf, "KUBEK-L") == 1


# a WooCommerce shop, whose variations are named by their parent


@pytest.fixture
def www() -> Iterator[Shop]:
    with Shop(Settings()) as running:
        yield running


def opened(house: Callable[..., House], www: Shop, **cards: Any) -> House:
    woo = {
        "name": "woo",
        "url": www.url,
        "key": www.key,
        "secret": www.secret,
        "calls_per_minute": 0,
        "poll_s": 0.1,
        "import_from": "2010-01-01",
    }
    pace = {"every_s": 0.1, "debounce_s": 0.0, "list_s": 1.0, "compare_s": 1.0}
    shown = {"name": "sklep", "channel": "woo", "stock": [{}], **pace, "cards": {**MAKING, **cards}}
    return house(woocommerce=[woo], flows=[], catalogue=[shown])


def below(www: Shop, main: str) -> list[str]:
    """The SKUs of the variations of a product."""
    with www.store.lock:
        number = www.store.by_sku[main]
        return sorted(one["sku"] for one in www.store.products.values() if one["parent_id"] == number)


def sized(card: Card, size: str, **changes: Any) -> Card:
    return Card(
        card.sku,
        name=card.name,
        vat="23",
        parent=changes.get("parent", card.parent),
        attributes={"Rozmiar": size},
    )


def test_a_shop_gets_a_product_with_a_variation_for_each_variant(
    www: Shop, house: Callable[..., House]
) -> None:
    home = opened(house, www)
    home.ledger.put_cards("main", [MUG, sized(SMALL, "mały"), sized(LARGE, "duży")])
    home.ledger.issue(receive_draft("main", "MAG", "d", TODAY, {"KUBEK-S": (Decimal(7), Decimal(5))}))

    home.run_until(lambda: "KUBEK" in www.store.by_sku and below(www, "KUBEK") == ["KUBEK-L", "KUBEK-S"])

    main = www.product("KUBEK")
    assert (main["type"], main["status"]) == ("variable", "draft")
    assert [(one["name"], one["options"]) for one in main["attributes"]] == [("Rozmiar", ["duży", "mały"])]
    small = www.product("KUBEK-S")
    assert ([one["option"] for one in small["attributes"]], small["status"]) == (["mały"], "private")
    home.run_until(lambda: www.stock("KUBEK-S") == 7)
    assert {"KUBEK", "KUBEK-S", "KUBEK-L"}.isdisjoint(not_made(home))


def test_a_variation_taken_out_in_the_ledger_is_told_and_made_anew_once_it_is_deleted(
    www: Shop, house: Callable[..., House]
) -> None:
    home = opened(house, www, move_variants=True)
    home.ledger.put_cards("main", [MUG, sized(SMALL, "mały"), sized(LARGE, "duży")])
    home.ledger.issue(receive_draft("main", "MAG", "d", TODAY, {"KUBEK-L": (Decimal(4), Decimal(5))}))
    home.run_until(lambda: "KUBEK" in www.store.by_sku and below(www, "KUBEK") == ["KUBEK-L", "KUBEK-S"])
    home.run_until(lambda: www.stock("KUBEK-L") == 4)
    before = www.product("KUBEK-L")["id"]

    home.ledger.put_cards("main", [Card("KUBEK-L", parent="")])
    home.run_until(lambda: "stands under KUBEK" in card_problems(home).get("KUBEK-L", ""))
    assert below(www, "KUBEK") == ["KUBEK-L", "KUBEK-S"], "a shop can't move it, whatever is allowed"
    www.remove_product("KUBEK-L")

    home.run_until(lambda: "KUBEK-L" in www.store.by_sku)
    made = www.product("KUBEK-L")
    assert (made["type"], made["id"] != before) == ("simple", True)
    home.run_until(lambda: www.stock("KUBEK-L") == 4)
    assert below(www, "KUBEK") == ["KUBEK-S"]


def test_a_variant_of_a_simple_product_is_no_second_product_until_the_shop_lets_choose(
    www: Shop, house: Callable[..., House]
) -> None:
    www.add_product("KUBEK", "Kubek", stock=0)
    home = opened(house, www)
    home.ledger.put_cards("main", [MUG, sized(SMALL, "mały")])

    home.run_until(lambda: "KUBEK-S" in not_made(home))
    assert "has no variations in the shop" in not_made(home)["KUBEK-S"]
    assert "KUBEK-S" not in www.store.by_sku
    www.edit_product(
        "KUBEK",
        type="variable",
        manage_stock=False,
        attributes=[{"name": "Rozmiar", "options": ["mały", "duży"], "variation": True}],
    )

    home.run_until(lambda: below(www, "KUBEK") == ["KUBEK-S"])
    home.run_until(lambda: "KUBEK-S" not in not_made(home))


def test_the_product_of_another_item_under_the_same_choice_is_asked_about(
    www: Shop, house: Callable[..., House]
) -> None:
    www.add_product(
        "KUBEK",
        "Kubek",
        stock=None,
        type="variable",
        attributes=[{"name": "Rozmiar", "options": ["mały", "duży"], "variation": True}],
    )
    www.add_product("", "", parent="KUBEK", attributes=[{"name": "Rozmiar", "option": "mały"}])
    home = opened(house, www)
    home.ledger.put_cards("main", [MUG, sized(SMALL, "mały"), sized(LARGE, "wielki")])

    home.run_until(lambda: {"KUBEK-S", "KUBEK-L"} <= set(not_made(home)))
    assert "is a variation with the same options already" in not_made(home)["KUBEK-S"]
    assert 'its card says "wielki" for Rozmiar' in not_made(home)["KUBEK-L"]
    assert below(www, "KUBEK") == [""]


def test_a_product_that_holds_the_stock_of_all_its_variations_is_carried_by_none(
    www: Shop, house: Callable[..., House]
) -> None:
    choice = [{"name": "Rozmiar", "options": ["mały", "duży"], "variation": True}]
    www.add_product("KUBEK", "Kubek", stock=0, type="variable", attributes=choice)
    www.add_product("", "", stock=None, parent="KUBEK", attributes=[{"name": "Rozmiar", "option": "mały"}])
    home = opened(house, www, create=False)
    home.ledger.put_cards("main", [MUG])
    home.ledger.issue(receive_draft("main", "MAG", "d", TODAY, {"KUBEK": (Decimal(7), Decimal(5))}))

    home.run_until(lambda: www.stock("KUBEK") == 7)

    # The small one gets a SKU and is an item: from then on each has its own.
    main = www.product("KUBEK")["id"]
    number = next(one["id"] for one in www.store.products.values() if one["parent_id"] == main)
    with www.store.lock:
        www.store.products[number]["sku"] = "KUBEK-S"
        www.store.by_sku["KUBEK-S"] = number
        www.store.products[number]["manage_stock"] = True
        www.store.products[number]["stock_quantity"] = 0
    home.ledger.put_cards("main", [SMALL])
    home.ledger.issue(receive_draft("main", "MAG", "d2", TODAY, {"KUBEK-S": (Decimal(3), Decimal(5))}))
    home.run_until(lambda: www.stock("KUBEK-S") == 3)
    store = home.pomost.store
    catalogue = store.products.catalogue_id("sklep")
    home.run_until(lambda: [item for _, item, _ in store.carried.products(catalogue, 5)] == ["KUBEK"])
