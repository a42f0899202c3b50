"""C08, C11: cards of a shop with brands and a tree of categories, against the sandbox: made once, found by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from pomost.connectors.woocommerce import WooCommerceChannel
from pomost.ports import Failure, InDoubt, NeedsPerson
from pomost.ports.catalogue import CardRules, Kept
from pomost.sandbox.woocommerce import Settings as ShopSettings
from pomost.sandbox.woocommerce import Shop
from pomost.trade.card import Card
from tests.connectors.woocommerce.catalogue_shop import ALL, catalogue_of, joined

MAKES = CardRules(make_categories=True, make_manufacturers=True)
LAMP = Card(
    "LAMPA-1",
    name="Lampa",
    manufacturer="Huta & Światło",
    category="Dom/Lampy/Stojące",
    attributes={"Kolor": "zielony"},
)
FIELDS = ("name", "manufacturer", "category", "attributes")


@pytest.fixture
def shop() -> Iterator[Shop]:
    with Shop(ShopSettings(brands=True)) as running:
        yield running


def put(channel: WooCommerceChannel, product_id: str, card: Card, rules: CardRules = MAKES) -> Kept:
    return catalogue_of(channel).put_card(ALL, product_id, card, FIELDS, rules)


def names(shop: Shop, shelf: str) -> list[tuple[str, str]]:
    """Name and name of what it is below."""
    there = shop.store.terms[shelf]
    return sorted(
        (one["name"], there[one["parent"]]["name"] if one["parent"] else "") for one in there.values()
    )


def made(shop: Shop, shelf: str) -> int:
    return sum(1 for one in shop.writes if (one.what, one.method) == (shelf, "POST"))


def test_a_brand_and_a_path_of_categories_are_made_once_for_any_number_of_products(shop: Shop) -> None:
    with joined(shop) as channel:
        first = put(channel, "", LAMP)
        put(
            channel,
            "",
            Card("LAMPA-2", name="Lampa", manufacturer="Huta & Światło", category="Dom/Lampy/Stojące"),
        )

    assert (made(shop, "brands"), made(shop, "categories")) == (1, 2)
    assert names(shop, "brands") == [("Huta &amp; Światło", "")]
    assert {("Lampy", "Dom"), ("Stojące", "Lampy")} <= set(names(shop, "categories"))
    product = shop.product("LAMPA-1")
    assert [one["name"] for one in product["brands"]] == ["Huta &amp; Światło"]
    assert [one["name"] for one in product["categories"]] == ["Stojące"]
    with joined(shop) as channel:
        shown = catalogue_of(channel).read_cards(ALL, [first.id])[first.id]
    assert (shown.manufacturer, shown.category) == ("Huta & Światło", "Dom/Lampy/Stojące")


def test_what_the_shops_people_made_is_matched_by_its_name(shop: Shop) -> None:
    with joined(shop) as by_hand:
        brand = by_hand.client.post("products/brands", {"name": "Huta & Światło"})
    before = len(shop.writes)

    with joined(shop) as channel:
        put(channel, "", Card("LAMPA-1", name="Lampa", manufacturer="Huta  & Światło", category="Dom"))

    assert [one["id"] for one in shop.product("LAMPA-1")["brands"]] == [brand["id"]]
    assert [one.what for one in shop.writes[before:]] == ["product"]


@pytest.mark.parametrize("shelf", ["brands", "categories"])
@pytest.mark.parametrize("fault", ["cut-after", "cut-before", "gateway-timeout", "empty-body"])
def test_an_answer_that_is_lost_makes_no_second_one(shop: Shop, shelf: str, fault: str) -> None:
    arguments: dict[str, Any] = {"seconds": 0.0} if fault == "gateway-timeout" else {}
    shop.misbehave(fault, path=f"/products/{shelf}", method="POST", **arguments)
    with joined(shop) as channel:
        with pytest.raises(Failure):
            put(channel, "", LAMP)
        put(channel, "", LAMP)

    assert len(names(shop, "brands")) == 1
    assert len([one for one in names(shop, "categories") if one[0] in ("Lampy", "Stojące")]) == 2
    assert len([one for one in shop.store.products.values() if one["sku"] == "LAMPA-1"]) == 1


def test_killed_between_the_group_and_the_product_the_next_run_finds_the_group(shop: Shop) -> None:
    shop.misbehave("cut-after", path="/products", method="POST")
    with joined(shop) as channel, pytest.raises(InDoubt):
        put(channel, "", LAMP)

    # Another process, which knows nothing of it.
    with joined(shop) as channel:
        put(channel, "", LAMP)

    assert (made(shop, "brands"), made(shop, "categories"), made(shop, "product")) == (1, 2, 1)


def test_nothing_is_made_where_that_is_not_allowed(shop: Shop) -> None:
    with joined(shop) as channel, pytest.raises(NeedsPerson) as refused:
        put(channel, "", LAMP, CardRules())
    assert refused.value.code == "woocommerce.unknown-group"
    assert (made(shop, "brands"), made(shop, "categories")) == (0, 0)


def test_a_shop_without_brands_has_the_manufacturer_as_an_attribute() -> None:
    with Shop(ShopSettings()) as older, joined(older) as channel:
        put(channel, "", LAMP)
        product = older.product("LAMPA-1")
        assert product["brands"] == []
        assert "Huta & Światło" in [option for one in product["attributes"] for option in one["options"]]


def test_attributes_of_the_whole_shop_keep_their_place(shop: Shop) -> None:
    with joined(shop) as channel:
        colour = channel.client.post("products/attributes", {"name": "Kolor"})
        channel.client.post(f"products/attributes/{colour['id']}/terms", {"name": "zielony"})
        number = shop.add_product(
            "LAMPA-1", attributes=[{"id": colour["id"], "options": ["biały"], "visible": True}]
        )
        put(channel, str(number), LAMP)

    [shown] = shop.product("LAMPA-1")["attributes"]
    assert (shown["id"], shown["slug"], shown["options"]) == (colour["id"], "pa_kolor", ["zielony"])
