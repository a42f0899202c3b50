"""Goods of an order among warehouses: a table of cases, and what holds in all of them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pomost.trade.allocation import Allocation, Want, allocate, is_met, nearest_day, need_text, read_need

D = Decimal
FIRST = date(2026, 12, 1)


def want(item: str, quantity: int, here: int, *there: tuple[str, int], **more: object) -> Want:
    places = tuple((place, D(n)) for place, n in there)
    return Want(item, D(quantity), D(here), places, **more)  # type: ignore[arg-type]


def moved(found: Allocation) -> list[tuple[str, str, int]]:
    return [(one.place, one.item, int(one.quantity)) for one in found.moves]


CASES = {
    "all of it is here": ([want("A", 2, 2, ("X", 9))], [], {}),
    "what is missing comes from elsewhere": ([want("A", 5, 2, ("X", 9))], [("X", "A", 3)], {}),
    "the one that has all of it, before the preferred one": (
        [want("A", 5, 0, ("X", 3), ("Y", 5))],
        [("Y", "A", 5)],
        {},
    ),
    "the preferred one of those that have all of it": (
        [want("A", 5, 0, ("X", 5), ("Y", 9))],
        [("X", "A", 5)],
        {},
    ),
    "one warehouse for all items": (
        [want("A", 1, 0, ("X", 1), ("Y", 1)), want("B", 1, 0, ("Y", 1))],
        [("Y", "A", 1), ("Y", "B", 1)],
        {},
    ),
    "none has all of it: in the order of preference": (
        [want("A", 5, 0, ("X", 3), ("Y", 4))],
        [("X", "A", 3), ("Y", "A", 2)],
        {},
    ),
    "each item where it is": (
        [want("A", 1, 0, ("X", 1)), want("B", 1, 0, ("Y", 1))],
        [("X", "A", 1), ("Y", "B", 1)],
        {},
    ),
    "what is nowhere is lacking": ([want("A", 5, 1, ("X", 2))], [("X", "A", 2)], {"A": 2}),
}


@pytest.mark.parametrize("name", CASES)
def test_who_gives_what(name: str) -> None:
    wants, moves, lacks = CASES[name]

    found = allocate(wants)

    assert moved(found) == moves
    assert {one.item: int(one.quantity) for one in found.lacks} == lacks


def test_by_rule_strictly_in_the_order_of_preference() -> None:
    found = allocate([want("A", 5, 0, ("X", 3), ("Y", 5))], one_if_possible=False)

    assert moved(found) == [("X", "A", 3), ("Y", "A", 2)]


DAYS = {
    "nothing is ordered": ((), 1, None),
    "the first delivery is enough": (((FIRST, D(2)), (FIRST + timedelta(1), D(9))), 2, FIRST),
    "two deliveries together": (
        ((FIRST, D(2)), (FIRST + timedelta(1), D(9))),
        3,
        FIRST + timedelta(1),
    ),
    "the nearest one, however they are listed": (((FIRST + timedelta(1), D(9)), (FIRST, D(9))), 3, FIRST),
    "all of them are not enough": (((FIRST, D(2)),), 3, None),
}


@pytest.mark.parametrize("name", DAYS)
def test_the_nearest_day(name: str) -> None:
    expected, quantity, day = DAYS[name]

    assert nearest_day(expected, D(quantity)) == day


def test_what_older_orders_take_of_a_delivery_is_not_promised_twice() -> None:
    expected = ((FIRST, D(2)), (FIRST + timedelta(7), D(5)))

    alone = allocate([want("A", 2, 0, expected=expected)])
    behind = allocate([want("A", 2, 0, expected=expected, before=D(1))])

    assert alone.verdict == "awaiting 2026-12-01"
    assert behind.verdict == "awaiting 2026-12-08"


def test_one_item_that_nobody_expects_makes_it_a_shortage() -> None:
    found = allocate([want("A", 1, 0, expected=((FIRST, D(9)),)), want("B", 1, 0)])

    assert found.verdict == "short"
    assert found.text == "A: 1, B: 1"


def test_a_need_is_written_and_read() -> None:
    text = need_text(["2", "10"], 'MA"G', ["SKLEP|1", "Ż@2"], "short")

    assert read_need(text) == (["10", "2"], 'MA"G', ["SKLEP|1", "Ż@2"], "short")
    assert read_need("stock:A@MAG") is None


@pytest.mark.parametrize(
    ("wants", "known", "met"),
    [
        ([want("A", 2, 0)], "short", False),
        ([want("A", 2, 2)], "short", True),
        ([want("A", 2, 0, expected=((FIRST, D(2)),))], "short", True),
        ([want("A", 2, 0, expected=((FIRST, D(2)),))], "awaiting 2026-12-01", False),
        ([want("A", 2, 0, ("X", 1))], "moves", True),
        ([want("A", 2, 0)], "moves", False),
        ([want("A", 2, 2)], "moves", True),
    ],
)
def test_when_a_need_is_met(wants: list[Want], known: str, met: bool) -> None:
    assert is_met(allocate(wants), known) is met


quantities = st.integers(0, 20).map(D)
anything = st.lists(
    st.builds(
        Want,
        item=st.sampled_from("ABCDE"),
        quantity=quantities,
        here=quantities,
        there=st.lists(
            st.tuples(st.sampled_from("XYZ"), quantities), max_size=3, unique_by=lambda one: one[0]
        ).map(tuple),
        expected=st.lists(
            st.tuples(st.integers(0, 30).map(lambda n: FIRST + timedelta(n)), quantities), max_size=3
        ).map(tuple),
        before=quantities,
    ),
    max_size=5,
    unique_by=lambda one: one.item,
)


@given(anything, st.booleans())
def test_never_more_than_there_is_and_never_more_than_is_missing(wants: list[Want], one: bool) -> None:
    found = allocate(wants, one_if_possible=one)

    for each in wants:
        given_by = {move.place: move.quantity for move in found.moves if move.item == each.item}
        lacking = sum((lack.quantity for lack in found.lacks if lack.item == each.item), D(0))
        assert all(0 < quantity <= dict(each.there)[place] for place, quantity in given_by.items())
        assert sum(given_by.values(), D(0)) + lacking == each.missing
        if lacking:
            assert given_by == {place: n for place, n in each.there if n > 0}, "what is there is given first"


@given(anything)
def test_one_warehouse_gives_when_one_suffices(wants: list[Want]) -> None:
    found = allocate(wants)

    missing = [each for each in wants if each.missing > 0]
    suffice = [
        place
        for place in "XYZ"
        if missing and all(dict(each.there).get(place, D(0)) >= each.missing for each in missing)
    ]
    if suffice:
        assert len(found.places) == 1
        assert found.places[0] in suffice
        assert found.lacks == ()


@given(anything)
def test_the_same_wants_give_the_same_answer(wants: list[Want]) -> None:
    assert allocate(wants) == allocate(list(wants))


@given(anything)
def test_the_day_promised_is_the_first_on_which_enough_has_come(wants: list[Want]) -> None:
    by_item = {each.item: each for each in wants}
    for lack in allocate(wants).lacks:
        each = by_item[lack.item]
        needed = each.before + lack.quantity

        def come(day: date, each: Want = each) -> Decimal:
            return sum((n for on, n in each.expected if on <= day), D(0))

        if lack.on is None:
            assert come(date.max) < needed
        else:
            assert come(lack.on) >= needed > come(lack.on - timedelta(1))
