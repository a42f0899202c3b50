"""A22: item cards on both sides, as a shopkeeper would tell it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from pomost.ledger import receive_draft
from pomost.ports import NeedsPerson
from pomost.sandbox.baselinker import Sandbox
from pomost.store.questions import Answered
from pomost.trade.card import Card
from tests.house import TODAY, House
from tests.shelf import INVENTORY, MAIN, Shelf


def offer(entry: dict[str, Any] | None = None, **cards: Any) -> dict[str, Any]:
    """A catalogue that is looked after quickly, with these rules for cards."""
    pace = {"every_s": 0.1, "debounce_s": 0.0, "list_s": 1.0, "compare_s": 1.0}
    return {"catalogue": [{"name": "sklep", **pace, "cards": cards, **(entry or {})}]}


def data_of(shelf: Shelf, sku: str) -> dict[str, Any]:
    """The whole card of a product, as any program reads it."""
    number = shelf.row(sku)["id"]
    found = shelf.call("getInventoryProductsData", inventory_id=INVENTORY, products=[number])
    card: dict[str, Any] = found["products"][str(number)]
    return card


def edit(shelf: Shelf, of: str, **fields: Any) -> None:
    """As somebody would by hand in the panel."""
    number = shelf.row(of)["id"]
    shelf.call("addInventoryProduct", inventory_id=INVENTORY, product_id=number, **fields)


def ledger_card(home: House, sku: str) -> Card:
    card: Card = home.ledger.cards("main", [sku])[sku]
    return card


def written(shop: Sandbox) -> list[dict[str, Any]]:
    """The cards that were written by a call, in order."""
    return [write["changed"] for write in shop.shop.account.goods.writes(None, "card")]


NEW = Card(
    "NOWY-1",
    name="Nowy kubek z pokrywką",
    description="<p>Pojemność <b>400 ml</b></p>",
    ean="5901234123457",
    vat="8",
    weight=Decimal("0.4"),
    manufacturer="Fabryka Przykładowa",
    category="Kuchnia/Kubki/Z pokrywką",
    pictures=("https://img.example.com/1.jpg", "data:image/png;base64,iVBORw0KGgo="),
    attributes={"Kolor": "biały", "Pojemność": "400 ml"},
    texts={("name", "en"): "New mug with a lid", ("description", "en"): "400 ml"},
)
ALL = [
    "name",
    "description",
    "ean",
    "vat",
    "weight",
    "manufacturer",
    "category",
    "pictures",
    "attributes",
    "texts",
]


def test_a_name_corrected_in_the_erp_is_corrected_in_the_shop_and_nothing_else_is_touched(
    house: Callable[..., House], shop: Sandbox
) -> None:
    shelf = Shelf(shop)
    edit(shelf, "KUBEK-01", tags=["nowość"], text_fields={"description": "Opis ze sklepu"}, weight=0.5)
    home = house(**offer(to_channel=["name"]))

    home.ledger.put_cards(
        "main", [Card("KUBEK-01", name="Kubek duży, 500 ml", description="Opis z ERP", weight=Decimal(9))]
    )

    home.run_until(lambda: shelf.row("KUBEK-01")["name"] == "Kubek duży, 500 ml")
    card = data_of(shelf, "KUBEK-01")
    assert card["tags"] == ["nowość"]
    assert card["text_fields"]["description"] == "Opis ze sklepu"
    assert card["weight"] == 0.5
    assert written(shop)[1:] == [{"text_fields": {"name": "Kubek duży, 500 ml"}}]


def test_every_field_of_a_card_reaches_the_shop(house: Callable[..., House], shop: Sandbox) -> None:
    shelf = Shelf(shop)
    home = house(**offer(to_channel=ALL, make_categories=True, make_manufacturers=True))

    home.ledger.put_cards("main", [replace(NEW, sku="KUBEK-02")])
    home.run_until(lambda: shelf.row("KUBEK-02")["name"] == NEW.name)

    card = data_of(shelf, "KUBEK-02")
    assert (card["ean"], card["tax_rate"], card["weight"]) == ("5901234123457", 8, 0.4)
    texts = card["text_fields"]
    assert texts["description"] == "<p>Pojemność <b>400 ml</b></p>"
    assert (texts["name|en"], texts["description|en"]) == ("New mug with a lid", "400 ml")
    assert texts["features"] == {"Kolor": "biały", "Pojemność": "400 ml"}
    assert card["images"]["1"] == "https://img.example.com/1.jpg"
    assert set(card["images"]) == {"1", "2"}
    categories = shelf.call("getInventoryCategories", inventory_id=INVENTORY)["categories"]
    by_id = {row["category_id"]: row for row in categories}
    leaf = by_id[card["category_id"]]
    assert (leaf["name"], by_id[leaf["parent_id"]]["name"]) == ("Z pokrywką", "Kubki")
    assert by_id[by_id[leaf["parent_id"]]["parent_id"]]["category_id"] == 81001, "Kuchnia was there already"
    makers = shelf.call("getInventoryManufacturers")["manufacturers"]
    assert [row["name"] for row in makers if row["manufacturer_id"] == card["manufacturer_id"]] == [
        "Fabryka Przykładowa"
    ]


def test_what_the_shop_shows_already_is_not_sent_again(house: Callable[..., House], shop: Sandbox) -> None:
    shelf = Shelf(shop)
    home = house(**offer(to_channel=ALL, make_categories=True, make_manufacturers=True))
    home.ledger.put_cards("main", [replace(NEW, sku="KUBEK-02")])
    home.run_until(lambda: shelf.row("KUBEK-02")["name"] == NEW.name)
    before = len(shop.calls("addInventoryProduct"))
    looks = len(shop.calls("getInventoryProductsData"))

    home.run_until(lambda: len(shop.calls("getInventoryProductsData")) >= looks + 4)

    assert len(shop.calls("addInventoryProduct")) == before, "pictures under the shop's own address among it"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def on(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Where everything is kept."""
    if request.param == "sqlite":
        return {}
    url = request.getfixturevalue("database")
    return {"database": url, "ledger": url}


def test_a_field_that_the_shop_owns_comes_into_the_erp(
    on: dict[str, Any], house: Callable[..., House], shop: Sandbox
) -> None:
    shelf = Shelf(shop)
    home = house(**on, **offer(to_channel=["name"], to_erp=["description", "pictures"]))
    edit(
        shelf,
        "KUBEK-01",
        text_fields={"description": "Opis napisany w sklepie", "name": "Nazwa ze sklepu"},
        images={"0": "url:https://img.example.com/kubek.jpg"},
    )

    home.run_until(lambda: ledger_card(home, "KUBEK-01").description == "Opis napisany w sklepie")

    card = ledger_card(home, "KUBEK-01")
    assert card.pictures == ("https://img.example.com/kubek.jpg",)
    assert card.name == "Kubek ceramiczny 350 ml, biały", "the ERP owns the name"
    home.run_until(lambda: shelf.row("KUBEK-01")["name"] == "Kubek ceramiczny 350 ml, biały")


def test_nothing_is_made_in_the_shop_until_it_is_turned_on(
    house: Callable[..., House], shop: Sandbox
) -> None:
    shelf = Shelf(shop)
    home = house(**offer(to_channel=["name"]))
    home.ledger.put_cards("main", [NEW, Card("KUBEK-01", name="Kubek po zmianie")])

    home.run_until(lambda: shelf.row("KUBEK-01")["name"] == "Kubek po zmianie")

    assert shelf.products(filter_sku="NOWY-1") == {}


def test_a_new_item_becomes_a_product_once_with_its_stock(house: Callable[..., House], shop: Sandbox) -> None:
    shelf = Shelf(shop)
    cards = {"to_channel": ALL, "create": True, "make_categories": True, "make_manufacturers": True}
    home = house(**offer({"stock": [{}]}, **cards))
    home.ledger.put_cards("main", [NEW])
    home.ledger.issue(receive_draft("main", "MAG", "delivery", TODAY, {"NOWY-1": (Decimal(7), Decimal(5))}))

    home.run_until(lambda: len(shelf.products(filter_sku="NOWY-1")) == 1)
    home.run_until(lambda: dict(shelf.row("NOWY-1")["stock"] or {}).get(MAIN) == 7)

    listings = len(shop.calls("getInventoryProductsList"))
    home.run_until(lambda: len(shop.calls("getInventoryProductsList")) >= listings + 6)
    assert len(shelf.products(filter_sku="NOWY-1")) == 1
    assert data_of(shelf, "NOWY-1")["text_fields"]["name"] == NEW.name


def test_services_are_not_made_into_products(house: Callable[..., House], shop: Sandbox) -> None:
    shelf = Shelf(shop)
    home = house(**offer(to_channel=["name"], create=True))
    home.ledger.setup.put_items("main", [{"sku": "USL-X", "name": "Usługa", "vat": "23", "kind": "service"}])
    home.ledger.put_cards("main", [NEW])

    home.run_until(lambda: len(shelf.products(filter_sku="NOWY-1")) == 1)

    assert shelf.products(filter_sku="USL-X") == {}


def test_a_product_of_the_shop_becomes_an_item_when_that_is_turned_on(
    house: Callable[..., House], shop: Sandbox
) -> None:
    shelf = Shelf(shop)
    home = house(**offer(to_erp=["description"], create_items=True))
    shelf.call(
        "addInventoryProduct",
        inventory_id=INVENTORY,
        sku="ZE-SKLEPU",
        ean="5901234123457",
        tax_rate=5,
        weight=0.25,
        text_fields={"name": "Książka ze sklepu", "description": "Opis"},
    )

    home.run_until(lambda: "ZE-SKLEPU" in home.ledger.cards("main", ["ZE-SKLEPU"]))

    card = ledger_card(home, "ZE-SKLEPU")
    assert (card.name, card.vat, card.ean) == ("Książka ze sklepu", "5", "5901234123457")
    assert (card.weight, card.description) == (Decimal("0.25"), "Opis")


def test_by_ean_no_product_is_made_for_items_that_could_not_be_told_apart(
    house: Callable[..., House], shop: Sandbox
) -> None:
    shelf = Shelf(shop)
    home = house(**offer({"match": "ean"}, to_channel=["name"], create=True))
    twins = [Card(f"BLIZNIAK-{place}", name="Bliźniak", ean="5901234123457", vat="23") for place in (1, 2)]
    home.ledger.put_cards("main", [*twins, Card("BEZ-EAN", name="Bez EAN", vat="23")])
    home.ledger.put_cards("main", [Card("DOBRY", name="Dobry", ean="5901234123464", vat="23")])
    store = home.pomost.store
    number = store.products.catalogue_id("sklep")

    home.run_until(lambda: len(shelf.products(filter_ean="5901234123464")) == 1)
    named = {"BLIZNIAK-1", "BLIZNIAK-2", "BEZ-EAN"}
    home.run_until(lambda: named <= dict(store.births.problems(number, 50)).keys())

    said = dict(store.births.problems(number, 50))
    assert "BLIZNIAK-1, BLIZNIAK-2" in said["BLIZNIAK-1"]
    assert "has no EAN" in said["BEZ-EAN"]
    assert shelf.products(filter_ean="5901234123457") == {}
    assert shelf.products(filter_sku="BEZ-EAN") == {}


def test_a_product_with_the_sku_of_another_item_becomes_no_card(
    house: Callable[..., House], shop: Sandbox
) -> None:
    shelf = Shelf(shop)
    shelf.call(
        "addInventoryProduct",
        inventory_id=INVENTORY,
        sku="KUBEK-02",
        ean="5901234123457",
        text_fields={"name": "Zupełnie coś innego"},
    )
    home = house(**offer({"match": "ean"}, to_erp=["description"], create_items=True))
    store = home.pomost.store
    number = store.products.catalogue_id("sklep")

    home.run_until(
        lambda: any("there is an item KUBEK-02" in one.text for one in store.questions.open(number))
    )

    assert ledger_card(home, "KUBEK-02").name == "Kubek ceramiczny 350 ml, granatowy"


def test_of_two_products_that_are_one_item_neither_owns_its_texts(
    house: Callable[..., House], shop: Sandbox
) -> None:
    """Two products linked by hand to one item would overwrite each other's texts in it for ever."""
    shelf = Shelf(shop)
    other = str(shelf.row("KUBEK-02")["id"])
    edit(shelf, "KUBEK-01", text_fields={"description": "Jeden"})
    edit(shelf, "KUBEK-02", text_fields={"description": "Drugi"})
    home = house(**offer(to_erp=["description"]))
    store = home.pomost.store
    number = store.products.catalogue_id("sklep")
    store.questions.decide(number, other, Answered("link", "KUBEK-01"), "Anna", 0.0)

    home.run_until(lambda: len(store.cards.problems(number, 10)) == 2)

    assert ledger_card(home, "KUBEK-01").description is None
    assert "is several products" in store.cards.problems(number, 10)[0][2]


def test_products_matched_by_ean_take_the_sku_of_the_erp(house: Callable[..., House], shop: Sandbox) -> None:
    shelf = Shelf(shop)
    number = shelf.row("KUBEK-01")["id"]
    edit(shelf, "KUBEK-01", sku="INNY-SKU")
    house_ = house(**offer({"match": "ean"}, to_channel=["sku"]))

    house_.run_until(
        lambda: [row["id"] for row in shelf.products(filter_sku="KUBEK-01").values()] == [number]
    )


def test_products_are_matched_by_their_id_kept_on_the_item(
    house: Callable[..., House], shop: Sandbox
) -> None:
    shelf = Shelf(shop)
    number = str(shelf.row("KUBEK-01")["id"])
    edit(shelf, "KUBEK-01", sku="INNY-SKU")
    home = house(**offer({"match": "id", "id_attribute": "BL"}, to_channel=["name"]))

    home.ledger.put_cards("main", [Card("KUBEK-02", name="To jest ten kubek", attributes={"BL": number})])

    home.run_until(lambda: shelf.row("INNY-SKU")["name"] == "To jest ten kubek")


def test_two_items_with_one_ean_are_a_question_until_a_person_answers(
    on: dict[str, Any], house: Callable[..., House], shop: Sandbox
) -> None:
    shelf = Shelf(shop)
    product, ean = str(shelf.row("KUBEK-01")["id"]), shelf.row("KUBEK-01")["ean"]
    home = house(**on, **offer({"match": "ean", "stock": [{}]}, to_channel=["name"]))
    home.ledger.put_cards("main", [Card("KUBEK-X", name="Drugi kubek", ean=ean, vat="23")])
    store = home.pomost.store
    number = store.products.catalogue_id("sklep")

    home.run_until(lambda: store.questions.count(number) == 1)
    home.run_until(lambda: shelf.stock("KUBEK-02") == 10_000)
    assert "KUBEK-01, KUBEK-X" in store.questions.open(number)[0].text
    assert shelf.stock("KUBEK-01") == 240, "no figures until it is answered"

    store.questions.decide(number, product, Answered("link", "KUBEK-01"), "Anna", 0.0)
    home.run_until(lambda: shelf.stock("KUBEK-01") == 10_000)
    assert store.questions.count(number) == 0


def test_a_parent_is_no_item_its_variants_are(house: Callable[..., House], shop: Sandbox) -> None:
    shelf = Shelf(shop)
    ean = shelf.row("KUBEK-01")["ean"]
    parent = shelf.call(
        "addInventoryProduct", inventory_id=INVENTORY, ean=ean, text_fields={"name": "Kubek, kolory"}
    )["product_id"]
    edit(shelf, "KUBEK-01", parent_id=parent)
    home = house(**offer({"match": "ean"}, to_channel=["name"]))
    home.ledger.put_cards("main", [Card("KUBEK-01", name="Kubek biały")])

    home.run_until(lambda: shelf.row("KUBEK-01")["name"] == "Kubek biały")

    assert shelf.products()[str(parent)]["name"] == "Kubek, kolory"
    assert home.pomost.store.questions.open(home.pomost.store.products.catalogue_id("sklep")) == []


@pytest.mark.parametrize(
    ("entry", "cards"),
    [
        ({}, {"to_channel": ["name"], "to_erp": ["name"]}),
        ({}, {"to_channel": ["sku"]}),
        ({"match": "ean"}, {"to_erp": ["ean"]}),
        ({"match": "ean"}, {"to_erp": ["sku"]}),
    ],
)
def test_a_field_with_two_owners_and_a_key_that_would_change_are_refused(
    house: Callable[..., House], entry: dict[str, Any], cards: dict[str, Any]
) -> None:
    with pytest.raises(NeedsPerson) as refused:
        house(**offer(entry, **cards))

    assert refused.value.code == "config.card-owner"


def test_products_are_made_for_items_that_are_shared_only(house: Callable[..., House], shop: Sandbox) -> None:
    shelf = Shelf(shop)
    home = house(**offer(to_channel=["name"], create=True, share_attribute="Sklep"))
    home.ledger.put_cards(
        "main",
        [
            Card("DLA-SKLEPU", name="Dla sklepu", vat="23", attributes={"Sklep": "TAK"}),
            Card("NIE-DLA", name="Nie dla sklepu", vat="23", attributes={"Sklep": "nie"}),
            Card("NIC-NIE-MOWI", name="Nic nie mówi", vat="23"),
        ],
    )

    home.run_until(lambda: len(shelf.products(filter_sku="DLA-SKLEPU")) == 1)
    listings = len(shop.calls("getInventoryProductsList"))
    home.run_until(lambda: len(shop.calls("getInventoryProductsList")) >= listings + 6)
    assert shelf.products(filter_sku="NIE-DLA") == shelf.products(filter_sku="NIC-NIE-MOWI") == {}

    # What `pomost items change --set-attribute Sklep=tak` does.
    home.ledger.put_cards("main", [Card("NIC-NIE-MOWI", attributes={"Sklep": "tak"})])
    home.run_until(lambda: len(shelf.products(filter_sku="NIC-NIE-MOWI")) == 1)
    assert shelf.products(filter_sku="NIE-DLA") == {}
