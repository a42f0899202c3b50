"""What is to be made and used: a table of cases, and what is true of every recipe."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pomost.trade.errors import Refused
from pomost.trade.recipes import Book, Make, Part, decimals_of_unit, explode, leaves, products_first

D = Decimal
BOX = (Part("MUG", D(2)), Part("TEA", D(200), "g", D(1), D(1000), D(5)))
BOOK = Book(
    {"BOX": BOX, "BIG": (Part("BOX", D(2)), Part("MUG", D(1)))}, {"BOX": 0, "BIG": 0, "MUG": 0, "TEA": 4}
)
CASES = [
    ("nothing is missing", {}, {}, []),
    ("one level", {"BOX": 2}, {}, ["2 BOX of 4 MUG, 0.42 TEA"]),
    ("two levels", {"BIG": 1}, {}, ["2 BOX of 4 MUG, 0.42 TEA", "1 BIG of 2 BOX, 1 MUG"]),
    ("a part that is there is not made", {"BIG": 1}, {"BOX": 2}, ["1 BIG of 2 BOX, 1 MUG"]),
    (
        "of a part the rest is made",
        {"BIG": 1},
        {"BOX": 1},
        ["1 BOX of 2 MUG, 0.21 TEA", "1 BIG of 2 BOX, 1 MUG"],
    ),
    (
        "what is missing itself and as a part is made at once",
        {"BOX": 3, "BIG": 1},
        {},
        ["5 BOX of 10 MUG, 1.05 TEA", "1 BIG of 2 BOX, 1 MUG"],
    ),
    ("a fraction of a piece is a piece", {"BOX": "1.5"}, {}, ["2 BOX of 4 MUG, 0.42 TEA"]),
]


def said(make: Make) -> str:
    return f"{make.quantity} {make.sku} of {', '.join(f'{use.quantity} {use.sku}' for use in make.uses)}"


@pytest.mark.parametrize(
    ("missing", "free", "made"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_what_is_made_and_of_what(missing: dict[str, str], free: dict[str, int], made: list[str]) -> None:
    enough = {"MUG": D(1000), "TEA": D(1000), **{sku: D(n) for sku, n in free.items()}}

    found = explode({sku: D(n) for sku, n in missing.items()}, BOOK, enough)

    assert [said(make) for make in found.makes] == made
    assert found.lacking == ()


def test_what_is_lost_is_rounded_up_once_for_the_whole_batch() -> None:
    book = Book({"P": (Part("A", D(1), loss=D(10)),)}, {"P": 0, "A": 0})

    assert [use.quantity for use in explode({"P": D(1)}, book, {"A": D(99)}).makes[0].uses] == [2]
    assert [use.quantity for use in explode({"P": D(10)}, book, {"A": D(99)}).makes[0].uses] == [11]
    assert [use.quantity for use in explode({"P": D(11)}, book, {"A": D(99)}).makes[0].uses] == [13]


def test_a_third_is_exact() -> None:
    book = Book({"P": (Part("ROLL", D(1), "m", D(1), D(3)),)}, {"P": 0})

    assert explode({"P": D(3)}, book, {"ROLL": D(9)}).makes[0].uses[0].quantity == 1
    assert explode({"P": D(1)}, book, {"ROLL": D(9)}).makes[0].uses[0].quantity == D("0.3334")


def test_what_is_short_is_named_with_all_that_is_needed() -> None:
    found = explode({"BIG": D(2)}, BOOK, {"MUG": D(9), "TEA": D(5)})

    assert [(one.sku, one.needed, one.free) for one in found.lacking] == [("MUG", 10, 9)]


def test_a_cycle_is_refused_with_its_path() -> None:
    book = Book({"A": (Part("B", D(1)),), "B": (Part("C", D(1)),), "C": (Part("B", D(2)),)})

    with pytest.raises(Refused, match="B -> C -> B") as caught:
        explode({"A": D(1)}, book, {})

    assert caught.value.code == "trade.recipe-cycle"


@pytest.mark.parametrize(
    "wrong",
    [
        {"quantity": D(0)},
        {"quantity": D(-1)},
        {"quantity": D("NaN")},
        {"quantity": D(1), "of": D(0)},
        {"quantity": D(1), "loss": D(-1)},
        {"quantity": D(1), "loss": D(101)},
        {"quantity": D("0.00001")},
    ],
)
def test_what_is_no_part_is_refused(wrong: dict[str, Decimal]) -> None:
    with pytest.raises(Refused):
        Part("A", **wrong)  # type: ignore[arg-type]


def test_what_is_in_a_product_at_the_bottom_is_without_what_is_lost() -> None:
    assert leaves("BIG", BOOK) == {"MUG": Fraction(5), "TEA": Fraction(4, 10)}


def test_units() -> None:
    assert [decimals_of_unit(unit) for unit in ("szt", "szt.", "KPL", "kg", "m", "")] == [0, 0, 0, 4, 4, 4]


NAMES = "ABCDEFG"


@st.composite
def books(draw: st.DrawFn) -> Book:
    """Each product is made of later letters only: no cycle."""
    recipes = {}
    for index, name in enumerate(NAMES[:-2]):
        parts = draw(st.lists(st.sampled_from(NAMES[index + 1 :]), unique=True, max_size=3))
        if parts:
            recipes[name] = tuple(
                Part(
                    part,
                    D(draw(st.integers(1, 50_000))).scaleb(-4),
                    loss=D(draw(st.integers(0, 100))),
                    of=D(draw(st.integers(1, 7))),
                )
                for part in parts
            )
    return Book(recipes, {name: draw(st.sampled_from([0, 2, 4])) for name in NAMES})


AMOUNTS = st.dictionaries(
    st.sampled_from(NAMES), st.integers(0, 200_000).map(lambda n: D(n).scaleb(-4)), max_size=len(NAMES)
)


@settings(deadline=None)
@given(books(), AMOUNTS, AMOUNTS)
def test_quantities_balance_and_nothing_is_made_in_vain(
    book: Book, missing: dict[str, Decimal], free: dict[str, Decimal]
) -> None:
    found = explode(missing, book, free)

    lacking = {one.sku: one for one in found.lacking}
    stock = {name: free.get(name, D(0)) for name in NAMES}
    for one in lacking.values():
        assert one.needed > one.free
        stock[one.sku] += one.needed - one.free
    for make in found.makes:
        for use in make.uses:
            # in the order in which they stand, everything is there when it is used
            stock[use.sku] -= use.quantity
            assert stock[use.sku] >= 0
        stock[make.sku] += make.quantity
    made = {make.sku for make in found.makes}
    assert len(made) == len(found.makes), "each product once"
    for name in NAMES:
        left = stock[name] - missing.get(name, D(0))
        if name in made:
            finest = D(1).scaleb(-book.decimals[name])
            kept = max(
                free.get(name, D(0))
                - sum((u.quantity for m in found.makes for u in m.uses if u.sku == name), D(0)),
                D(0),
            )
            assert 0 <= left - kept < finest, "no more than the unit makes necessary"
    for make in found.makes:
        for part, use in zip(book.recipes[make.sku], make.uses, strict=True):
            exact = part.taken * Fraction(make.quantity)
            assert 0 <= Fraction(use.quantity) - exact < Fraction(1, 10 ** book.decimals[part.sku])


@settings(deadline=None)
@given(books())
def test_each_product_comes_before_its_parts(book: Book) -> None:
    order = products_first(dict.fromkeys(NAMES), book)

    assert sorted(order) == list(NAMES)
    for name, parts in book.recipes.items():
        assert all(order.index(name) < order.index(part.sku) for part in parts)
