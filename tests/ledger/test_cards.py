"""Cards in the ledger: everything that is given is kept, and nothing that is not given changes."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pomost.ledger import Ledger
from pomost.ports import NeedsPerson
from pomost.trade.card import Card
from tests.ledger.firm import Firm

CARD = Card(
    "NOWY-1",
    name="Nowy kubek",
    description="<p>Opis</p>" + "x" * 5_000,
    ean="5901234123457",
    unit="szt",
    vat="8",
    weight=Decimal("0.3505"),
    manufacturer="Fabryka",
    category="Kuchnia/Kubki",
    pictures=("https://img.example.com/2.jpg", "https://img.example.com/1.jpg"),
    attributes={"Kolor": "biały", "BL": "123"},
    texts={("name", "en"): "New mug", ("description", "en"): "Text"},
)


@pytest.fixture
def ledger(firm: Firm) -> Ledger:
    """That of KUBKI, on either database."""
    return firm.ledger


def cursor_now(ledger: Ledger) -> dict[str, int]:
    cursor: dict[str, int] = {}
    while (touched := ledger.touched("KUBKI", "card", cursor, 1000)).skus:
        cursor = dict(touched.cursor)
    return cursor


def test_a_card_is_read_as_it_was_put(ledger: Ledger) -> None:
    ledger.put_cards("KUBKI", [CARD])

    assert ledger.cards("KUBKI", ["NOWY-1"]) == {"NOWY-1": CARD}


def test_only_what_is_given_changes(ledger: Ledger) -> None:
    ledger.put_cards("KUBKI", [CARD])

    ledger.put_cards("KUBKI", [Card("NOWY-1", name="Lepszy kubek", attributes={"Kolor": "czarny"})])

    found = ledger.cards("KUBKI", ["NOWY-1"])["NOWY-1"]
    assert found.name == "Lepszy kubek"
    assert found.attributes == {"Kolor": "czarny", "BL": "123"}
    assert (found.description, found.pictures, found.texts) == (CARD.description, CARD.pictures, CARD.texts)
    assert (found.vat, found.weight, found.ean) == ("8", Decimal("0.3505"), "5901234123457")


def test_cards_of_the_older_way_leave_texts_and_pictures_alone(ledger: Ledger) -> None:
    ledger.put_cards("KUBKI", [CARD])

    ledger.setup.put_items("KUBKI", [{"sku": "NOWY-1", "name": "Inny", "vat": "23"}])

    found = ledger.cards("KUBKI", ["NOWY-1"])["NOWY-1"]
    assert (found.name, found.vat) == ("Inny", "23")
    assert (found.description, found.pictures, found.weight) == (CARD.description, CARD.pictures, CARD.weight)


def test_each_change_is_told(ledger: Ledger) -> None:
    ledger.put_cards("KUBKI", [CARD])
    before = cursor_now(ledger)

    ledger.put_cards("KUBKI", [Card("NOWY-1", description="Nowy opis")])

    assert ledger.touched("KUBKI", "card", before, 10).skus == ("NOWY-1",)


def test_an_empty_text_or_attribute_goes(ledger: Ledger) -> None:
    ledger.put_cards("KUBKI", [CARD])

    ledger.put_cards(
        "KUBKI",
        [Card("NOWY-1", description="", pictures=(), attributes={"BL": ""}, texts={("name", "en"): ""})],
    )

    found = ledger.cards("KUBKI", ["NOWY-1"])["NOWY-1"]
    assert (found.description, found.pictures, found.attributes) == (None, None, {"Kolor": "biały"})
    assert found.texts == {("description", "en"): "Text"}


def test_items_are_found_by_ean_and_by_attribute_all_of_them(ledger: Ledger) -> None:
    ledger.put_cards("KUBKI", [CARD, Card("NOWY-2", name="Drugi", ean="5901234123457", vat="23")])

    assert ledger.find_items("KUBKI", "ean", ["5901234123457", "", "1"]) == {
        "5901234123457": ("NOWY-1", "NOWY-2")
    }
    assert ledger.find_items("KUBKI", "BL", ["123", "x" * 300]) == {"123": ("NOWY-1",)}


@pytest.mark.parametrize(
    "card",
    [
        Card("NOWY-9", name="Bez VAT"),
        Card("NOWY-1", vat="siedem"),
        Card("NOWY-1", weight=Decimal("NaN")),
        Card("NOWY-1", weight=Decimal("-1")),
        Card("NOWY-1", weight=Decimal("1e30")),
        Card("  ", name="Bez SKU", vat="23"),
    ],
)
def test_a_card_that_can_not_be_kept_is_refused_and_nothing_of_its_company_is_changed(
    ledger: Ledger, card: Card
) -> None:
    ledger.put_cards("KUBKI", [CARD])

    with pytest.raises(NeedsPerson) as refused:
        ledger.put_cards("KUBKI", [Card("NOWY-1", name="Zmieniony"), card])

    assert refused.value.code == "ledger.bad-item"
    assert ledger.cards("KUBKI", ["NOWY-1"])["NOWY-1"].name == "Nowy kubek"


def test_a_value_longer_than_an_index_takes_and_a_zero_byte_are_kept(ledger: Ledger) -> None:
    ledger.put_cards("KUBKI", [Card("NOWY-1", vat="23", attributes={"Skład": "x" * 20_000, "Z": "a\x00b"})])

    found = ledger.cards("KUBKI", ["NOWY-1"])["NOWY-1"]
    assert found.attributes == {"Skład": "x" * 20_000, "Z": "ab"}


def test_names_of_attributes_and_languages_as_bad_as_they_come_are_kept_or_left_out(ledger: Ledger) -> None:
    long = "k" * 200
    bad = {long + "1": "a", long + "2": "b", "\x00": "c", " K\x00olor ": "biały"}

    ledger.put_cards(
        "KUBKI", [Card("NOWY-1", vat="23", attributes=bad, texts={("name", "\x00"): "x", ("zły", "en"): "y"})]
    )

    found = ledger.cards("KUBKI", ["NOWY-1"])["NOWY-1"]
    assert found.attributes == {long: "b", "Kolor": "biały"}
    assert found.texts is None
