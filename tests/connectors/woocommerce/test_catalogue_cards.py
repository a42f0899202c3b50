"""C08, C11: product cards of a WooCommerce shop, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from pomost.connectors.woocommerce import WooCommerceChannel
from pomost.connectors.woocommerce.catalogue import WooCommerceCatalogue
from pomost.ports import InDoubt, NeedsPerson
from pomost.ports.catalogue import CardRules, Kept
from pomost.sandbox.woocommerce import Settings as ShopSettings
from pomost.sandbox.woocommerce import Shop
from pomost.trade.card import Card, differing, tidy
from tests.aside import aside
from tests.connectors.woocommerce.catalogue_shop import ALL, catalogue_of, joined

RULES = CardRules()
LAMP = Card(
    "LAMPA-1",
    name="Lampa & klosz",
    description="<p>Świeci.</p>",
    ean="5901234123457",
    vat="8",
    weight=Decimal("0.85"),
    manufacturer="Huta Światła",
    category="Dom",
    pictures=("https://example.com/lampa.jpg",),
    attributes={"Kolor": "zielony"},
)
FIELDS = ("name", "description", "ean", "vat", "weight", "manufacturer", "category", "pictures", "attributes")


@pytest.fixture
def shop() -> Iterator[Shop]:
    with aside(Shop(ShopSettings())) as running:
        yield running


@pytest.fixture
def channel(shop: Shop) -> Iterator[WooCommerceChannel]:
    with joined(shop) as made:
        yield made


@pytest.fixture
def catalogue(channel: WooCommerceChannel) -> WooCommerceCatalogue:
    return catalogue_of(channel)


def put(catalogue: WooCommerceCatalogue, product_id: str, card: Card, *fields: str, **rules: Any) -> Kept:
    return catalogue.put_card(ALL, product_id, card, fields or FIELDS, CardRules(**rules))


# making


def test_a_product_is_made_as_a_draft_and_shows_what_was_sent(
    shop: Shop, catalogue: WooCommerceCatalogue
) -> None:
    kept = put(catalogue, "", LAMP)

    assert kept.problem == ""
    made = shop.product("LAMPA-1")
    assert (str(made["id"]), made["status"], made["tax_class"]) == (kept.id, "draft", "vat-8")
    shown = tidy(catalogue.read_cards(ALL, [kept.id])[kept.id])
    assert differing(tidy(LAMP), shown, FIELDS) == []


def test_a_sku_that_the_shop_has_is_the_product_asked_for(
    shop: Shop, catalogue: WooCommerceCatalogue
) -> None:
    assert put(catalogue, "", Card("TOW-0003", name="Słuchawki"), "name").id == "13"
    assert put(catalogue, "", Card("KOSZ-BIA-S", name="Koszulka"), "name").id == "40-41"
    assert [one for one in shop.writes if one.method == "POST"] == []


def test_a_sku_with_a_comma_is_linked_though_the_shop_can_not_be_asked_for_it(
    shop: Shop, catalogue: WooCommerceCatalogue
) -> None:
    made = shop.add_product("KOSZ,BIA")

    assert catalogue.find_products(ALL, sku="KOSZ,BIA") == ()
    assert put(catalogue, "", Card("KOSZ,BIA", name="Kosz"), "name").id == str(made)


def test_a_sku_held_in_the_trash_is_a_question(shop: Shop, catalogue: WooCommerceCatalogue) -> None:
    shop.remove_product("TOW-0003", force=False)

    with pytest.raises(NeedsPerson) as asked:
        put(catalogue, "", Card("TOW-0003", name="Słuchawki"), "name")

    assert asked.value.code == "woocommerce.sku-in-trash"
    assert shop.product("TOW-0003")["status"] == "trash"


def test_a_product_whose_answer_was_lost_is_found_by_its_sku(
    shop: Shop, catalogue: WooCommerceCatalogue
) -> None:
    shop.misbehave("cut-after", path="/products", method="POST")

    with pytest.raises(InDoubt):
        put(catalogue, "", LAMP)

    (found,) = catalogue.find_products(ALL, sku="LAMPA-1")
    assert put(catalogue, "", LAMP).id == found.id


# changing


def test_only_what_is_named_is_written(shop: Shop, catalogue: WooCommerceCatalogue) -> None:
    before = shop.product("TOW-0003")

    assert put(catalogue, "13", Card("TOW-0003", name="Słuchawki X", ean="5901234123457"), "name") == Kept(
        "13"
    )

    after = shop.product("TOW-0003")
    assert after["name"] == "Słuchawki X"
    untouched = (
        "sku",
        "global_unique_id",
        "weight",
        "tax_class",
        "categories",
        "regular_price",
        "stock_quantity",
    )
    assert {name: after[name] for name in untouched} == {name: before[name] for name in untouched}


def test_names_come_back_as_they_were_written_whatever_the_shop_makes_of_them(
    shop: Shop, catalogue: WooCommerceCatalogue
) -> None:
    put(catalogue, "13", Card("TOW-0003", name="Śruby & nakrętki"), "name")

    assert shop.product("TOW-0003")["name"] == "Śruby &amp; nakrętki"
    assert catalogue.read_cards(ALL, ["13"])["13"].name == "Śruby & nakrętki"


def test_a_name_that_loses_something_is_told(catalogue: WooCommerceCatalogue) -> None:
    kept = put(catalogue, "13", Card("TOW-0003", name="Powerbank <20000>"), "name")

    assert "did not take name" in kept.problem


def test_the_choices_of_variations_stay_and_other_attributes_are_added(
    shop: Shop, catalogue: WooCommerceCatalogue
) -> None:
    kept = put(catalogue, "40", Card("KOSZ", attributes={"Materiał": "len", "Kolor": "czarny"}), "attributes")

    shown = {one["name"]: (one["options"], one["variation"]) for one in shop.product("KOSZ")["attributes"]}
    assert shown["Kolor"] == (["biały", "czarny"], True)
    assert shown["Materiał"] == (["len"], False)
    assert "did not take Kolor" in kept.problem


def test_a_variation_has_its_own_weight_and_ean_and_its_parents_name(
    shop: Shop, catalogue: WooCommerceCatalogue
) -> None:
    card = Card("KOSZ-BIA-S", name="Inna", weight=Decimal("0.25"), ean="5901234123457")

    kept = put(catalogue, "40-41", card, "name", "weight", "ean")

    shown = catalogue.read_cards(ALL, ["40-41"])["40-41"]
    assert (shown.name, shown.weight, shown.ean) == (
        "Koszulka bawełniana - S, biały", Decimal("0.25"), "5901234123457",
    )  # fmt: skip
    assert (shown.category, shown.attributes) == ("Odzież", {"Rozmiar": "S", "Kolor": "biały"})
    assert "did not take name" in kept.problem


def test_the_category_of_the_erp_takes_the_place_of_its_former_one_and_others_stay(
    shop: Shop, catalogue: WooCommerceCatalogue
) -> None:
    put(catalogue, "13", Card("TOW-0003", category="Akcesoria"), "category")
    biuro = next(one["id"] for one in shop.store.terms["categories"].values() if one["name"] == "Biuro")
    shop.store.products[13]["categories"].append(biuro)

    put(catalogue, "13", Card("TOW-0003", category="Dom"), "category")

    assert {one["name"] for one in shop.product("TOW-0003")["categories"]} == {"Dom", "Biuro"}
    assert catalogue.read_cards(ALL, ["13"])["13"].category == "Dom"


def test_a_category_that_is_not_there_is_asked_for_unless_it_may_be_made(
    catalogue: WooCommerceCatalogue,
) -> None:
    with pytest.raises(NeedsPerson) as refused:
        put(catalogue, "13", Card("TOW-0003", category="Ogród/Narzędzia"), "category")

    assert refused.value.code == "woocommerce.unknown-group"
    assert '"Ogród/Narzędzia"' in refused.value.text


def test_pictures_that_the_shop_has_are_not_fetched_again(
    shop: Shop, catalogue: WooCommerceCatalogue
) -> None:
    first, second = "https://example.com/1.jpg", "https://example.com/2.jpg"
    put(catalogue, "13", Card("TOW-0003", pictures=(first,)), "pictures")
    (kept,) = shop.product("TOW-0003")["images"]

    put(catalogue, "13", Card("TOW-0003", pictures=(second, first)), "pictures")

    sent = shop.writes[-1].changed["images"]
    assert sent == [{"src": second}, {"id": kept["id"]}]


def test_a_picture_that_is_no_address_is_refused(catalogue: WooCommerceCatalogue) -> None:
    with pytest.raises(NeedsPerson) as refused:
        put(catalogue, "13", Card("TOW-0003", pictures=("data:image/png;base64,AAAA",)), "pictures")

    assert refused.value.code == "woocommerce.bad-picture"


@pytest.mark.parametrize(
    ("vat", "tax_class"), [("23", ""), ("8", "vat-8"), ("5.00", "vat-5"), ("0", "vat-0")]
)
def test_the_vat_rate_says_which_tax_class(
    shop: Shop, catalogue: WooCommerceCatalogue, vat: str, tax_class: str
) -> None:
    put(catalogue, "13", Card("TOW-0003", vat=vat), "vat")

    assert shop.product("TOW-0003")["tax_class"] == tax_class


def test_exempt_goods_have_the_class_that_was_configured_for_them_and_none_is_guessed(shop: Shop) -> None:
    with joined(shop) as channel, pytest.raises(NeedsPerson) as refused:
        put(catalogue_of(channel), "13", Card("TOW-0003", vat="zw"), "vat")
    assert refused.value.code == "woocommerce.no-tax-class"

    with joined(shop, tax_classes={"zwolnione": "zw"}) as channel:
        put(catalogue_of(channel), "13", Card("TOW-0003", vat="zw"), "vat")
        assert shop.product("TOW-0003")["tax_class"] == "zwolnione"
        assert catalogue_of(channel).read_cards(ALL, ["13"])["13"].vat == "zw"


def test_a_rate_that_is_none_is_refused(catalogue: WooCommerceCatalogue) -> None:
    with pytest.raises(NeedsPerson) as refused:
        put(catalogue, "13", Card("TOW-0003", vat="dwadzieścia"), "vat")

    assert refused.value.code == "woocommerce.card-bad-vat"


def test_weights_are_kilograms_here_and_what_the_shop_counts_in_there(shop: Shop) -> None:
    shop.store.options["products"]["woocommerce_weight_unit"] = "g"
    with joined(shop) as channel:
        catalogue = catalogue_of(channel)
        put(catalogue, "13", Card("TOW-0003", weight=Decimal("0.85")), "weight")

        assert shop.product("TOW-0003")["weight"] == "850"
        assert catalogue.read_cards(ALL, ["13"])["13"].weight == Decimal("0.85")


def test_what_is_gone_is_not_read_and_not_written(shop: Shop, catalogue: WooCommerceCatalogue) -> None:
    shop.remove_product("TOW-0003", force=False)

    assert set(catalogue.read_cards(ALL, ["12", "13", "999", "40-999", "999-1", "x"])) == {"12"}
    for product_id in ("13", "999", "40-999"):
        with pytest.raises(NeedsPerson) as gone:
            put(catalogue, product_id, Card("X", name="X"), "name")
        assert gone.value.code == "woocommerce.product-gone"
