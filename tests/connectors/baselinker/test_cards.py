"""Cards of products against the sandbox: what is refused, by product and field, and what is left alone."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from pomost.connectors.baselinker.cards import PICTURE_BYTES
from pomost.connectors.baselinker.catalogue import BaseLinkerCatalogue
from pomost.ports import NeedsPerson
from pomost.ports.catalogue import CardRules
from pomost.sandbox.baselinker import Sandbox
from pomost.trade.card import Card
from tests.house import House
from tests.shelf import INVENTORY, Shelf

CATALOGUE = str(INVENTORY)
ANY = CardRules()
BIG = "data:" + base64.b64encode(b"x" * (PICTURE_BYTES + 1)).decode()


@pytest.fixture
def channel(shop: Sandbox, tmp_path: Any) -> Iterator[BaseLinkerCatalogue]:
    home = House(tmp_path, shop, stocked=False)
    yield home.pomost.channels["baselinker"].catalogue
    home.stop()


@pytest.fixture
def product(shop: Sandbox) -> str:
    return str(Shelf(shop).row("KUBEK-01")["id"])


@pytest.mark.parametrize(
    ("field", "value", "code", "said"),
    [
        ("name", "x" * 201, "baselinker.card-too-long", "Product KUBEK-01, name: 201 characters"),
        ("ean", "1" * 33, "baselinker.card-too-long", "Product KUBEK-01, ean: 33 characters"),
        ("sku", "s" * 51, "baselinker.card-too-long", "Product KUBEK-01, sku: 51 characters"),
        (
            "texts",
            {("name", "en"): "x" * 201},
            "baselinker.card-too-long",
            "Product KUBEK-01, name|en: 201 characters",
        ),
        ("vat", "siedem", "baselinker.card-bad-vat", "Product KUBEK-01"),
        ("pictures", (BIG,), "baselinker.bad-picture", "Product KUBEK-01, picture 1"),
        ("pictures", ("https://ok.example.com/1.jpg", "data:###"), "baselinker.bad-picture", "picture 2"),
        ("pictures", ("data:",), "baselinker.bad-picture", "picture 1 is empty"),
        ("pictures", ("C:\\kubek.jpg",), "baselinker.bad-picture", "neither an address"),
        ("pictures", ("",), "baselinker.bad-picture", "neither an address"),
        (
            "pictures",
            ("https://x.example.com/" + "y" * 1000,),
            "baselinker.bad-picture",
            "its address has 1022 characters",
        ),
        ("pictures", ("https://ok.example.com/1.jpg",) * 17, "baselinker.bad-picture", "17 pictures"),
        (
            "height",
            Decimal("100000000"),
            "baselinker.card-too-large",
            "Product KUBEK-01, height: 100000000 is more",
        ),
        ("weight", Decimal("1e30"), "baselinker.card-too-large", "Product KUBEK-01, weight: 1E+30 is more"),
        ("category", "Nie ma/Takiej", "baselinker.unknown-category", "Nie ma/Takiej"),
        ("manufacturer", "Nieznany", "baselinker.unknown-manufacturer", "Nieznany"),
    ],
)
def test_what_does_not_fit_is_refused_by_product_and_field_and_nothing_is_written(
    channel: BaseLinkerCatalogue, shop: Sandbox, product: str, field: str, value: Any, code: str, said: str
) -> None:
    given: dict[str, Any] = {field: value}
    card = replace(Card("KUBEK-01"), **given) if field != "sku" else Card("s" * 51)

    with pytest.raises(NeedsPerson) as refused:
        channel.put_card(CATALOGUE, product, card, [field], ANY)

    assert refused.value.code == code
    assert said.replace("KUBEK-01", card.sku) in refused.value.text
    assert shop.calls("addInventoryProduct") == []


def test_sizes_and_the_main_product_arrive_and_are_read_again(
    channel: BaseLinkerCatalogue, shop: Sandbox, product: str
) -> None:
    main = str(Shelf(shop).row("KUBEK-02")["id"])
    sizes = {"height": Decimal("12.345"), "width": Decimal("0.01"), "length": Decimal("99999999.99")}
    card = Card("KUBEK-01", parent=main, **sizes)

    channel.put_card(CATALOGUE, product, card, [*sizes, "parent"], ANY)

    found = channel.read_cards(CATALOGUE, [product, main])
    read = found[product]
    assert (read.height, read.width, read.length) == (
        Decimal("12.35"), Decimal("0.01"), Decimal("99999999.99"),
    )  # fmt: skip
    assert (read.parent, found[main].parent) == (main, "")


@pytest.mark.parametrize("why", ["itself", "a variant", "not there"])
def test_a_main_product_that_is_none_is_refused_by_the_shop(
    channel: BaseLinkerCatalogue, shop: Sandbox, product: str, why: str
) -> None:
    other = str(Shelf(shop).row("KUBEK-02")["id"])
    if why == "a variant":
        third = channel.put_card(CATALOGUE, "", Card("NOWY", name="Nowy"), ["name"], ANY).id
        channel.put_card(CATALOGUE, other, Card("KUBEK-02", parent=third), ["parent"], ANY)
    parent = {"itself": product, "a variant": other, "not there": "999999999"}[why]

    with pytest.raises(NeedsPerson):
        channel.put_card(CATALOGUE, product, Card("KUBEK-01", parent=parent), ["parent"], ANY)

    assert channel.read_cards(CATALOGUE, [product])[product].parent == ""


def test_html_and_five_thousand_characters_arrive_as_they_are(
    channel: BaseLinkerCatalogue, shop: Sandbox, product: str
) -> None:
    card = Card("KUBEK-01", name='Kubek <b>"duży"</b> & mały', description="<p>ąę</p>" * 600)

    channel.put_card(CATALOGUE, product, card, ["name", "description"], ANY)

    found = channel.read_cards(CATALOGUE, [product])[product]
    assert (found.name, found.description) == (card.name, card.description)


def test_attributes_and_pictures_beyond_ours_are_kept_or_taken_away(
    channel: BaseLinkerCatalogue, shop: Sandbox, product: str
) -> None:
    first = Card(
        "KUBEK-01",
        attributes={"Kolor": "biały", "Ręcznie": "tak"},
        pictures=(
            "https://a.example.com/1.jpg",
            "https://a.example.com/2.jpg",
            "https://a.example.com/3.jpg",
        ),
    )
    channel.put_card(CATALOGUE, product, first, ["attributes", "pictures"], ANY)
    before = channel.read_cards(CATALOGUE, [product])[product]

    fewer = Card(
        "KUBEK-01",
        attributes={"Kolor": "czarny"},
        pictures=("https://a.example.com/1.jpg", "https://a.example.com/9.jpg"),
    )
    channel.put_card(CATALOGUE, product, fewer, ["attributes", "pictures"], ANY, before)

    after = channel.read_cards(CATALOGUE, [product])[product]
    assert after.attributes == {"Kolor": "czarny", "Ręcznie": "tak"}
    assert after.pictures == ("https://a.example.com/1.jpg", "https://a.example.com/9.jpg")
    last = shop.shop.account.goods.writes(int(product), "card")[-1]["changed"]
    assert last["images"] == {"1": "url:https://a.example.com/9.jpg", "2": ""}, "only what changes is sent"


def test_names_in_a_language_that_is_not_the_default_one(channel: BaseLinkerCatalogue, product: str) -> None:
    english = CardRules(language="en")

    channel.put_card(CATALOGUE, product, Card("KUBEK-01", name="Mug"), ["name"], english)

    assert channel.read_cards(CATALOGUE, [product], "en")[product].name == "Mug"
    polish = channel.read_cards(CATALOGUE, [product])[product]
    assert polish.name == "Kubek ceramiczny 350 ml, biały"
    assert polish.texts == {("name", "en"): "Mug"}


def test_a_product_that_is_not_there_is_missing_among_the_cards(channel: BaseLinkerCatalogue) -> None:
    assert channel.read_cards(CATALOGUE, ["999999999"]) == {}


def test_categories_and_manufacturers_are_made_once(
    channel: BaseLinkerCatalogue, shop: Sandbox, product: str
) -> None:
    making = CardRules(make_categories=True, make_manufacturers=True)
    card = Card("KUBEK-01", category="Dom/Kubki", manufacturer="Nowy", weight=Decimal("0.125"))

    for _ in range(2):
        channel.put_card(CATALOGUE, product, card, ["category", "manufacturer", "weight"], making)

    found = channel.read_cards(CATALOGUE, [product])[product]
    assert (found.category, found.manufacturer, found.weight) == ("Dom/Kubki", "Nowy", Decimal("0.13"))
    assert len(shop.calls("addInventoryCategory")) == 1, "Dom was there"
    assert len(shop.calls("addInventoryManufacturer")) == 1


def test_what_the_channel_warns_of_is_a_problem_of_the_product(
    channel: BaseLinkerCatalogue, product: str
) -> None:
    kept = channel.put_card(
        CATALOGUE, product, Card("KUBEK-01", texts={("name", "fr"): "Tasse"}), ["texts"], ANY
    )

    assert kept.id == product
    assert "KUBEK-01" in kept.problem
    assert "no language fr" in kept.problem
