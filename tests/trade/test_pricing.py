"""Prices of channels: levels, currencies, promotions, endings, floors."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pomost.trade.between import UnitPrice
from pomost.trade.pricing import Direction, Ending, PriceRule, Promotion, price
from pomost.trade.vat import VatRate

D = Decimal
DAY = date(2026, 11, 25)
RATES = {"EUR": D("4.30"), "JPY": D("0.03")}
LEVELS = {
    "DETAL": UnitPrice("gross", "PLN", D("24.60")),
    "HURT": UnitPrice("net", "PLN", D("16.00")),
    "EURO": UnitPrice("gross", "EUR", D("6.00")),
}
PLN = PriceRule("DETAL", "PLN")


@pytest.mark.parametrize(
    ("rule", "figure"),
    [
        (PLN, "24.60"),
        (PriceRule("HURT", "PLN"), "19.68"),
        (PriceRule("HURT", "PLN", percent=D(10)), "21.65"),
        (PriceRule("DETAL", "PLN", percent=D(-10), addition=D("0.50")), "22.64"),
        (PriceRule("DETAL", "EUR"), "5.72"),
        (PriceRule("EURO", "PLN"), "25.80"),
        (PriceRule("EURO", "EUR"), "6.00"),
        (PriceRule("DETAL", "JPY"), "820"),
        (PriceRule("DETAL", "PLN", ending=Ending(D("0.99"))), "24.99"),
        (PriceRule("DETAL", "PLN", ending=Ending(D("0.99"), direction="down")), "23.99"),
        (PriceRule("DETAL", "PLN", ending=Ending(D("9.99"), D(10))), "19.99"),
        (PriceRule("DETAL", "PLN", ending=Ending(D("9.99"), D(10), "up")), "29.99"),
        (PriceRule("DETAL", "PLN", ending=Ending(D("9.99"), D(10), "down")), "19.99"),
        (PriceRule("DETAL", "PLN", ending=Ending(D(0))), "25.00"),
    ],
)
def test_the_price_of_a_level_becomes_that_of_the_group(rule: PriceRule, figure: str) -> None:
    found = price(rule, "KUBEK", LEVELS, VatRate.of("23"), RATES, DAY)
    assert found.figure == D(figure)
    assert found.why is None


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        (PriceRule("NIE MA", "PLN"), "no-level"),
        (PriceRule("DETAL", "USD"), "no-rate"),
        (PriceRule("DETAL", "PLN", addition=D(-25)), "not-positive"),
        (PriceRule("HURT", "PLN", floor_level="DETAL"), "below-floor"),
    ],
)
def test_what_has_no_price_says_why(rule: PriceRule, why: str) -> None:
    found = price(rule, "KUBEK", LEVELS, VatRate.of("23"), RATES, DAY)
    assert (found.figure, found.why) == (None, why)


@pytest.mark.parametrize(
    ("first", "last", "figure"),
    [
        (None, None, "19.68"),
        (DAY, DAY, "19.68"),
        (date(2026, 11, 26), None, "24.60"),
        (None, date(2026, 11, 24), "24.60"),
    ],
)
def test_a_promotion_holds_from_its_first_to_its_last_day(
    first: date | None, last: date | None, figure: str
) -> None:
    rule = PriceRule("DETAL", "PLN", promotions=(Promotion("Black Week", first, last, D(20)),))
    assert price(rule, "KUBEK", LEVELS, VatRate.of("23"), {}, DAY).figure == D(figure)


def test_of_several_promotions_the_lowest_price_holds_and_none_raises_it() -> None:
    rule = PriceRule(
        "HURT",
        "PLN",
        promotions=(
            Promotion("dear", level="DETAL"),
            Promotion("five", percent=D(5)),
            Promotion("ten", percent=D(10)),
            Promotion("others", percent=D(50), skus=frozenset({"TALERZ"})),
        ),
    )
    found = price(rule, "KUBEK", LEVELS, VatRate.of("23"), {}, DAY)
    assert (found.figure, found.promotion) == (D("17.71"), "ten")


endings = st.builds(
    Ending,
    st.sampled_from([D("0.99"), D("0.90"), D("0.95"), D(0)]),
    st.sampled_from([D(1), D(5), D(10)]),
    st.sampled_from(["nearest", "up", "down"]),
)
amounts = st.decimals("0.01", "100000", places=2)


@given(endings, amounts)
def test_a_price_has_its_ending_and_is_near(ending: Ending, amount: Decimal) -> None:
    found = ending.of(amount)

    assert found > 0
    assert (found - ending.last) % ending.step == 0
    assert abs(found - amount) <= ending.step or amount < ending.last or amount < ending.step
    direction: Direction = ending.direction
    if direction == "up":
        assert found >= amount
    if direction == "down" and amount >= ending.last and amount >= ending.step:
        assert found <= amount


@given(endings, amounts, amounts)
def test_what_costs_more_never_gets_a_lower_price(ending: Ending, one: Decimal, other: Decimal) -> None:
    low, high = sorted((one, other))
    assert ending.of(low) <= ending.of(high)


@given(amounts, amounts, st.integers(0, 99))
def test_nothing_is_offered_below_the_floor(usual: Decimal, floor: Decimal, percent: int) -> None:
    levels = {"A": UnitPrice("gross", "PLN", usual), "B": UnitPrice("gross", "PLN", floor)}
    rule = PriceRule("A", "PLN", floor_level="B", promotions=(Promotion("all", percent=D(percent)),))
    found = price(rule, "X", levels, VatRate.of("23"), {}, DAY)
    assert found.figure is None or found.figure >= floor
