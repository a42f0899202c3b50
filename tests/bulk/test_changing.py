"""D17: one change to many items at once, as a shopkeeper would tell it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pomost.bulk import Attribute, Field, PriceStep, apply, preview, skus_in_file
from pomost.bulk.changing import ACTIVE, POINTS, STATUS, Change, stepped
from pomost.ledger.bulk import Selection
from pomost.ports import NeedsPerson
from pomost.trade.between import UnitPrice
from pomost.trade.card import Card
from pomost.trade.pricing import Ending
from tests.imports.sheets import text, workbook
from tests.ledger.firm import Firm, everything_in

ALL = Selection(everything=True)
MUGS = Selection(category="Kuchnia/Kubki")


@pytest.fixture
def shop(firm: Firm) -> Firm:
    """KUBKI with groups, brands and two price levels."""
    firm.ledger.put_cards(
        firm.code,
        [
            Card("KUBEK-1", category="Kuchnia/Kubki", manufacturer="Fabryka", attributes={"Kolor": "biały"}),
            Card("KUBEK-2", category="Kuchnia/Kubki/Duże", manufacturer="Huta"),
        ],
    )
    prices = {"DETAL": Decimal("19.99"), "HURT": Decimal("10.00")}
    firm.ledger.setup.put_items(
        firm.code,
        [
            {"sku": "KUBEK-1", "name": "Kubek biały", "vat": "23", "prices": prices},
            {"sku": "KUBEK-2", "name": "Kubek czarny", "vat": "8", "prices": prices},
        ],
    )
    return firm


def lines(firm: Firm, selection: Selection, *changes: Change) -> list[tuple[str, str, str, str]]:
    found = preview(firm.ledger, firm.code, selection, changes)
    return [(one.sku, one.field, one.before, one.after) for one in found.lines]


def card(firm: Firm, sku: str) -> Card:
    found: Card = firm.ledger.cards(firm.code, [sku])[sku]
    return found


def test_a_preview_says_what_would_change_and_writes_nothing_and_then_just_that_is_written(
    shop: Firm,
) -> None:
    before = everything_in(shop.ledger)
    changes = (Field("vat", "8"), Field("manufacturer", "Nowa Marka"), Attribute("Kolor", "biały"))

    shown = preview(shop.ledger, shop.code, MUGS, changes)

    assert [(one.sku, one.field, one.before, one.after) for one in shown.lines] == [
        ("KUBEK-1", "vat", "23", "8"),
        ("KUBEK-1", "manufacturer", "Fabryka", "Nowa Marka"),
        ("KUBEK-2", "manufacturer", "Huta", "Nowa Marka"),
        ("KUBEK-2", "attributes.Kolor", "", "biały"),
    ]
    assert (shown.chosen, shown.same, shown.problems) == (2, 0, [])
    assert everything_in(shop.ledger) == before

    assert apply(shop.ledger, shop.code, MUGS, changes, only_if=shown.mark).written
    for sku in ("KUBEK-1", "KUBEK-2"):
        assert (card(shop, sku).vat, card(shop, sku).manufacturer) == ("8", "Nowa Marka")
        assert card(shop, sku).attributes == {"Kolor": "biały"}
    assert lines(shop, MUGS, *changes) == []
    assert preview(shop.ledger, shop.code, MUGS, changes).same == 2
    assert card(shop, "KUBEK-1").category == "Kuchnia/Kubki", "what is not named stays"


def test_group_unit_status_activity_and_points_are_changed_and_taken_off(shop: Firm) -> None:
    changes = (
        Field("category", "Dom"), Field("unit", "opak."),
        Attribute(STATUS, "na zamówienie"), Attribute(ACTIVE, "nie"), Attribute(POINTS, "25"), Attribute("Kolor", ""),
    )  # fmt: skip
    assert apply(shop.ledger, shop.code, Selection(("KUBEK-1",)), changes).written

    found = card(shop, "KUBEK-1")
    assert (found.category, found.unit) == ("Dom", "opak.")
    assert found.attributes == {STATUS: "na zamówienie", ACTIVE: "nie", POINTS: "25"}
    assert card(shop, "KUBEK-2").category == "Kuchnia/Kubki/Duże"


@pytest.mark.parametrize(
    ("selection", "chosen"),
    [
        (ALL, ["DOSTAWA", "KUBEK-1", "KUBEK-2"]),
        (Selection(("KUBEK-2", "KUBEK-1")), ["KUBEK-1", "KUBEK-2"]),
        (Selection(name="BIAŁY"), ["KUBEK-1"]),
        (MUGS, ["KUBEK-1", "KUBEK-2"]),
        (Selection(category="Kuchnia/Kub"), []),
        (Selection(manufacturer="Huta"), ["KUBEK-2"]),
        (Selection(kind="service"), ["DOSTAWA"]),
        (Selection(attribute=("Kolor", "biały")), ["KUBEK-1"]),
        (Selection(("KUBEK-1", "DOSTAWA"), kind="goods"), ["KUBEK-1"]),
        (Selection(()), []),
    ],
)
def test_items_are_chosen_by_a_filter_or_a_list(shop: Firm, selection: Selection, chosen: list[str]) -> None:
    assert [one[0] for one in lines(shop, selection, Attribute("Nowy", "tak"))] == chosen


def test_prices_of_a_level_rise_by_percent_and_end_as_wanted(shop: Firm) -> None:
    step = PriceStep("DETAL", Decimal(10), ending=Ending(Decimal("0.99")))
    assert lines(shop, MUGS, step) == [
        ("KUBEK-1", "prices.DETAL", "19.99 PLN gross", "21.99 PLN gross"),
        ("KUBEK-2", "prices.DETAL", "19.99 PLN gross", "21.99 PLN gross"),
    ]
    assert apply(shop.ledger, shop.code, MUGS, (step,)).written
    prices = shop.ledger.prices(shop.code, ["KUBEK-1"])["KUBEK-1"]
    assert prices == {
        "DETAL": UnitPrice("gross", "PLN", Decimal("21.99")), "HURT": UnitPrice("gross", "PLN", Decimal(10)),
    }  # fmt: skip
    assert shop.ledger.touched(shop.code, "card", {}, 10).skus[-2:] == ("KUBEK-1", "KUBEK-2"), (
        "channels learn"
    )


def test_a_level_is_made_from_another_one(shop: Firm) -> None:
    step = PriceStep("ALLEGRO", Decimal("33.333"), Decimal("0.50"), source="HURT")
    assert lines(shop, Selection(("KUBEK-1",)), step) == [
        ("KUBEK-1", "prices.ALLEGRO", "", "13.83 PLN gross")
    ]


def test_a_change_by_percent_that_was_made_is_not_made_again_by_its_preview(shop: Firm) -> None:
    step = PriceStep("DETAL", Decimal(5))
    mark = preview(shop.ledger, shop.code, MUGS, (step,)).mark
    assert apply(shop.ledger, shop.code, MUGS, (step,), only_if=mark).written
    before = everything_in(shop.ledger)

    with pytest.raises(NeedsPerson) as refused:
        apply(shop.ledger, shop.code, MUGS, (step,), only_if=mark)

    assert refused.value.code == "bulk.changed-meanwhile"
    assert everything_in(shop.ledger) == before


@pytest.mark.parametrize(
    ("selection", "change", "code"),
    [
        (Selection(("KUBEK-1", "NIE-MA")), Field("vat", "8"), "bulk.unknown-sku"),
        (MUGS, Field("vat", "99"), "import.unknown-vat"),
        (MUGS, Field("vat", "x:y"), "import.unknown-vat"),
        (MUGS, Field("unit", " "), "bulk.no-unit"),
        (MUGS, Attribute("", "x"), "bulk.attribute-name"),
        (MUGS, Attribute(POINTS, "-5"), "bulk.points"),
        (ALL, PriceStep("DETAL", Decimal(5)), "bulk.no-price"),
        (MUGS, PriceStep("NIC", Decimal(5)), "bulk.no-price"),
        (MUGS, PriceStep("DETAL", Decimal(-100)), "bulk.price-out-of-range"),
        (MUGS, PriceStep("DETAL", addition=Decimal("1e9")), "bulk.price-out-of-range"),
        (MUGS, PriceStep("", Decimal(5), source="DETAL"), "bulk.no-level"),
    ],
)
def test_what_can_not_be_done_for_one_is_done_for_none(
    shop: Firm, selection: Selection, change: Change, code: str
) -> None:
    before = everything_in(shop.ledger)
    done = apply(shop.ledger, shop.code, selection, (Attribute("Nowy", "tak"), change))
    assert not done.written
    assert {one.code for one in done.preview.problems} == {code}
    assert everything_in(shop.ledger) == before


@pytest.mark.parametrize(
    ("selection", "changes", "code"),
    [(Selection(), (Field("vat", "8"),), "bulk.nothing-chosen"), (ALL, (), "bulk.no-change")],
)
def test_without_a_choice_or_a_change_nothing_is_done(
    shop: Firm, selection: Selection, changes: tuple[Change, ...], code: str
) -> None:
    with pytest.raises(NeedsPerson) as refused:
        preview(shop.ledger, shop.code, selection, changes)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "rows",
    [
        [["KUBEK-1"], ["KUBEK-2"], ["KUBEK-1"]],
        [["Symbol"], ["KUBEK-1"], [" KUBEK-2 "]],
        [["Lista"], [], ["Nazwa", "SKU"], ["Kubek", "KUBEK-1"], ["Inny", "KUBEK-2"], ["Pusty", None]],
    ],
)
def test_a_list_of_skus_is_read_with_or_without_a_heading(tmp_path: Path, rows: list[list[Any]]) -> None:
    assert skus_in_file(workbook(tmp_path / "a.xlsx", *rows)) == ("KUBEK-1", "KUBEK-2")


def test_a_file_without_skus_is_named(tmp_path: Path) -> None:
    with pytest.raises(NeedsPerson) as refused:
        skus_in_file(text(tmp_path / "a.csv", "SKU;Nazwa\n;Kubek\n"))
    assert refused.value.code == "bulk.no-skus"


@given(
    price=st.decimals(Decimal("0.01"), Decimal(100_000), places=2),
    percent=st.decimals(Decimal(-90), Decimal(300), places=2),
)
def test_percent_are_rounded_to_the_grosz_as_by_hand(price: Decimal, percent: Decimal) -> None:
    """Against a reckoning in whole numbers: halves go up."""
    exact = int(price * 100) * (10_000 + int(percent * 100))
    whole = (exact + 5_000) // 10_000
    found = stepped(UnitPrice("gross", "PLN", price), PriceStep("DETAL", percent))
    assert found == Decimal(whole).scaleb(-2)


def test_items_become_variants_of_a_main_item_all_or_none(shop: Firm) -> None:
    shop.ledger.put_cards(shop.code, [Card("KUBEK", name="Kubek", vat="23")])
    change = [Field("parent", "KUBEK")]

    assert lines(shop, MUGS, *change) == [
        ("KUBEK-1", "parent", "", "KUBEK"),
        ("KUBEK-2", "parent", "", "KUBEK"),
    ]
    assert apply(shop.ledger, shop.code, MUGS, change).written
    assert shop.ledger.variants(shop.code, ["KUBEK"]) == {"KUBEK": ("KUBEK-1", "KUBEK-2")}

    assert apply(shop.ledger, shop.code, Selection(skus=("KUBEK-1",)), [Field("parent", "")]).written
    assert card(shop, "KUBEK-1").parent is None


@pytest.mark.parametrize(
    ("parent", "said"),
    [("NIE-MA", "no such item"), ("KUBEK-2", "a variant itself"), ("KUBEK-1", "of itself")],
)
def test_what_can_be_no_main_item_is_named_and_nothing_is_written(shop: Firm, parent: str, said: str) -> None:
    shop.ledger.put_cards(shop.code, [Card("KUBEK", name="Kubek", vat="23"), Card("KUBEK-2", parent="KUBEK")])

    outcome = apply(shop.ledger, shop.code, Selection(skus=("KUBEK-1",)), [Field("parent", parent)])

    assert not outcome.written
    assert [(one.sku, one.code) for one in outcome.preview.problems] == [("KUBEK-1", "ledger.bad-parent")]
    assert said in outcome.preview.problems[0].text
