"""What makes two cards different, and what never reaches a channel."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pomost.trade.card import CARD_FIELDS, Card, Change, differing, fields_of, print_of, tidy

CARD = Card(
    "KUBEK",
    name="Kubek",
    description="<p>Opis</p>",
    ean="5901234123457",
    vat="23",
    weight=Decimal("0.35"),
    manufacturer="Fabryka",
    category="Kuchnia/Kubki",
    pictures=("https://img.example.com/1.jpg",),
    attributes={"Kolor": "biały"},
    texts={("name", "en"): "Mug"},
)


@pytest.mark.parametrize(
    ("field", "other", "changes"),
    [
        ("name", "Kubek biały", [Change("name", "Kubek", "Kubek biały")]),
        ("name", None, []),
        ("name", "", []),
        ("description", "   ", []),
        ("vat", "8", [Change("vat", "23", "8")]),
        ("vat", "PL:23", []),
        ("vat", "23.0", []),
        ("vat", "zw", [Change("vat", "23", "zw")]),
        ("weight", Decimal("0.3501"), []),
        ("weight", Decimal("0.345"), []),
        ("weight", Decimal("0.344"), [Change("weight", "0.35", "0.344")]),
        ("weight", Decimal("NaN"), []),
        ("weight", Decimal("-1"), []),
        ("weight", Decimal("1e29"), []),
        ("height", Decimal("12.5"), [Change("height", "", "12.5")]),
        ("parent", " KUBKI ", [Change("parent", "", "KUBKI")]),
        ("parent", "", []),
        ("pictures", (), []),
        (
            "attributes",
            {"Kolor": "czarny", "Styl": "nowy"},
            [Change("attributes.Kolor", "biały", "czarny"), Change("attributes.Styl", "", "nowy")],
        ),
        ("attributes", {"Kolor": ""}, []),
        ("texts", {("name", "de"): "Becher"}, [Change("texts.name|de", "", "Becher")]),
    ],
)
def test_what_the_owner_says_otherwise_is_a_change(field: str, other: Any, changes: list[Change]) -> None:
    changed: dict[str, Any] = {field: other}
    wanted = tidy(replace(CARD, **changed))

    assert differing(wanted, tidy(CARD), CARD_FIELDS) == changes


def test_fields_without_an_owner_are_never_different() -> None:
    wanted = tidy(replace(CARD, name="Inna", description="Inny"))

    assert fields_of(differing(wanted, tidy(CARD), ["description"])) == ("description",)


@pytest.mark.parametrize(
    ("raw", "tidied"),
    [
        ("  Kubek\t duży \r\n", "Kubek duży"),
        ("Ku\x00bek\x1b[31m\x9b", "Kubek[31m"),
        ("Kubek <script>alert(1)</script>", "Kubek <script>alert(1)</script>"),
        ("\ufeffKubek\u2028", "Kubek"),
        ("\x01\x02", None),
    ],
)
def test_names_are_one_line_without_control_characters(raw: str, tidied: str | None) -> None:
    assert tidy(Card("X", name=raw)).name == tidied


def test_descriptions_keep_their_lines_and_their_html() -> None:
    assert tidy(Card("X", description="<p>a</p>\r\n<p>b\x07</p>")).description == "<p>a</p>\n<p>b</p>"


def test_attributes_and_languages_that_no_one_can_keep_are_left_out() -> None:
    card = tidy(
        Card(
            "X",
            attributes={"k" * 201: "v", "": "v", "Kolor": "biały"},
            texts={("name", "x" * 9): "n", ("other", "en"): "o", ("name", ""): "n", ("name", "en"): "Mug"},
        )
    )

    assert card.attributes == {"Kolor": "biały"}
    assert card.texts == {("name", "en"): "Mug"}


texts = st.none() | st.text(max_size=40)
cards = st.builds(
    Card,
    sku=st.just("X"),
    name=texts,
    description=texts,
    ean=texts,
    weight=st.none() | st.decimals(min_value=0, max_value=1000, places=4),
    height=st.none() | st.decimals(min_value=0, max_value=1000, places=4),
    parent=texts,
    manufacturer=texts,
    category=texts,
    attributes=st.none() | st.dictionaries(st.text(max_size=9), st.text(max_size=9), max_size=3),
)


@given(cards, cards)
def test_a_card_that_was_brought_to_what_its_owner_says_differs_no_more(wanted: Card, shown: Card) -> None:
    want, have = tidy(wanted), tidy(shown)
    changed: dict[str, Any] = {}
    for field in fields_of(differing(want, have, CARD_FIELDS)):
        value = getattr(want, field)
        changed[field] = {**(have.attributes or {}), **value} if field == "attributes" else value

    assert differing(want, tidy(replace(have, **changed)), CARD_FIELDS) == []
    assert tidy(want) == want
    assert all(print_of(want, field) == print_of(tidy(want), field) for field in CARD_FIELDS)
