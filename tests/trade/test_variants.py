"""Which item may be a variant of which, and how a unit is shown where there is no field for it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pomost.trade.card import Card, Change, differing, tidy
from pomost.trade.units import unit_read, unit_shown, unit_written, without_unit
from pomost.trade.variants import choices_among, wrong_parents

ITEMS = {"KUBEK", "KUBEK-S", "KUBEK-L", "TALERZ"}


@pytest.mark.parametrize(
    ("asked", "before", "wrong"),
    [
        ({"KUBEK-S": "KUBEK", "KUBEK-L": "KUBEK"}, {}, {}),
        ({"KUBEK-S": "KUBEK-S"}, {}, {"KUBEK-S": "itself"}),
        ({"KUBEK-S": "NIE-MA"}, {}, {"KUBEK-S": "unknown"}),
        ({"KUBEK-L": "KUBEK-S"}, {"KUBEK-S": "KUBEK"}, {"KUBEK-L": "variant"}),
        ({"KUBEK": "TALERZ"}, {"KUBEK-S": "KUBEK"}, {"KUBEK": "main"}),
        # a loop
        ({"KUBEK": "TALERZ", "TALERZ": "KUBEK"}, {}, {"KUBEK": "variant", "TALERZ": "variant"}),
        # the main item is taken off in the same go
        ({"KUBEK-L": "KUBEK-S", "KUBEK-S": ""}, {"KUBEK-S": "KUBEK"}, {}),
        ({"KUBEK-S": "TALERZ"}, {"KUBEK-S": "KUBEK"}, {}),
    ],
)
def test_a_main_item_is_there_and_is_no_variant(
    asked: dict[str, str], before: dict[str, str], wrong: dict[str, str]
) -> None:
    assert wrong_parents(asked, before, ITEMS) == wrong


skus = st.sampled_from("ABCDE")
families = st.dictionaries(skus, st.sampled_from(["", *"ABCDEX"]), max_size=5)


@given(families, families)
def test_what_is_let_through_never_makes_a_main_item_a_variant(
    first: dict[str, str], second: dict[str, str]
) -> None:
    parents: dict[str, str] = {}
    for asked in (first, second):
        while wrong := wrong_parents(asked, parents, set("ABCDE")):
            asked = {sku: parent for sku, parent in asked.items() if sku not in wrong}
        parents = {sku: parent for sku, parent in {**parents, **asked}.items() if parent}

        assert not set(parents) & set(parents.values())
        assert set(parents.values()) <= set("ABCDE")


@pytest.mark.parametrize("field", ["height", "width", "length"])
@pytest.mark.parametrize(
    ("size", "changes"),
    [("10.004", []), ("10.0", []), ("10.01", ["10.01"]), ("0", []), ("-1", []), ("NaN", [])],
)
def test_sizes_are_compared_as_numbers_to_a_tenth_of_a_millimetre(
    field: str, size: str, changes: list[str]
) -> None:
    shown = tidy(Card("X", height=Decimal(10), width=Decimal(10), length=Decimal(10)))
    wanted = tidy(Card("X", **{field: Decimal(size)}))  # type: ignore[arg-type]

    assert differing(wanted, shown, [field]) == [Change(field, "10", one) for one in changes]


def test_a_card_without_a_main_item_moves_nothing() -> None:
    assert differing(tidy(Card("X", parent="")), tidy(Card("X", parent="KUBEK")), ["parent"]) == []


names = st.text("abc ", min_size=1, max_size=3).map(str.strip).filter(bool)
attributes = st.none() | st.dictionaries(
    names, st.text("xyz", min_size=1, max_size=3), min_size=1, max_size=3
)
units = st.none() | st.sampled_from(["szt", "kg", "kpl"])


@given(st.builds(Card, st.just("X"), attributes=attributes, unit=units), names)
def test_a_unit_that_is_shown_is_read_again_and_the_other_attributes_stay(card: Card, name: str) -> None:
    own = without_unit(card, name)

    assert unit_read(unit_shown(own, name), name) == own


def test_only_the_unit_is_written_where_only_the_unit_changes() -> None:
    card = Card("X", unit="kg", attributes={"Kolor": "biały"})

    assert unit_written(card, ["name", "unit"], "Jednostka") == (
        Card("X", unit="kg", attributes={"Jednostka": "kg"}),
        ("name", "attributes"),
    )
    assert unit_written(card, ["unit", "attributes"], "Jednostka")[0].attributes == {
        "Kolor": "biały",
        "Jednostka": "kg",
    }
    assert unit_written(card, ["name"], "Jednostka") == (card, ("name",))


@pytest.mark.parametrize(
    ("attributes", "choices"),
    [
        ([{"Rozmiar": "S", "Kolor": "biały"}, {"Rozmiar": "L", "Kolor": "biały"}], {"Rozmiar": ("S", "L")}),
        # what one of them does not say tells nobody apart
        ([{"Rozmiar": "S", "Kolor": "biały"}, {"Rozmiar": "L"}], {"Rozmiar": ("S", "L")}),
        ([{"Rozmiar": "S"}], {"Rozmiar": ("S",)}),
        ([{"Rozmiar": "S"}, {"Rozmiar": "L"}, {"Rozmiar": "S"}], {"Rozmiar": ("S", "L")}),
        ([None, {"Rozmiar": "L"}], {}),
        ([], {}),
    ],
)
def test_variants_differ_by_what_all_of_them_say(
    attributes: list[dict[str, str] | None], choices: dict[str, tuple[str, ...]]
) -> None:
    cards = [Card(str(place), attributes=own) for place, own in enumerate(attributes)]
    assert choices_among(cards) == choices
