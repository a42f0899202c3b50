"""Prices of channels: levels, currencies, promotions, endings, floors."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pomost.trade.between import UnitPrice
from pomost.trade.pricing import Direction, Ending, PriceRule, Promotion, Renewed, price, rate_day_of_prices
from pomost.trade.vat import VatRate

D = Decimal
DAY = date(2026, 11, 25)
VAT = VatRate.of("23")
RATES = {"EUR": D("4.30"), "JPY": D("0.03")}
LEVELS = {
    "DETAL": UnitPrice("gross", "PLN", D("24.60")),
    "HURT": UnitPrice("net", "PLN", D("16.00")),
    "EURO": UnitPrice("gross", "EUR", D("6.00")),
    "DOLAR": UnitPrice("gross", "USD", D("6.00")),
    "ZERO": UnitPrice("net", "PLN", D("0.00")),
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
        (PriceRule("DETAL", "PLN", floor_level="NIE MA"), "no-floor"),
        (PriceRule("DETAL", "PLN", floor_level="ZERO"), "no-floor"),
        (PriceRule("DETAL", "PLN", floor_level="DOLAR"), "no-floor"),
        (PriceRule("DETAL", "PLN", floor_level="DETAL", floor_percent=D("100.1")), "below-floor"),
        (PriceRule("ZERO", "PLN"), "not-positive"),
        (PriceRule("ZERO", "PLN", addition=D(5)), "not-positive"),
        (PriceRule("ZERO", "PLN", ending=Ending(D("0.99"))), "not-positive"),
        (PriceRule("DETAL", "PLN", percent=D("1E+18")), "too-large"),
        (PriceRule("NIE MA", "PLN", promotions=(Promotion("x", level="DETAL"),)), "no-level"),
    ],
)
def test_what_has_no_price_says_why(rule: PriceRule, why: str) -> None:
    found = price(rule, "KUBEK", LEVELS, VatRate.of("23"), RATES, DAY)
    assert (found.figure, found.why) == (None, why)


def test_a_net_price_without_a_vat_rate_is_no_gross_price() -> None:
    assert price(PriceRule("HURT", "PLN"), "KUBEK", LEVELS, None, RATES, DAY).why == "no-vat"
    assert price(PLN, "KUBEK", LEVELS, None, RATES, DAY).figure == D("24.60")


def test_the_floor_may_be_the_cost_price_and_what_is_to_be_earned() -> None:
    # 16.00 net are 19.68 gross; 125 % of that are 24.60
    exact = PriceRule("DETAL", "PLN", floor_level="HURT", floor_percent=D(125))
    assert price(exact, "KUBEK", LEVELS, VatRate.of("23"), RATES, DAY).figure == D("24.60")

    promoted = replace(exact, promotions=(Promotion("Black Week", percent=D(1)),))
    found = price(promoted, "KUBEK", LEVELS, VatRate.of("23"), RATES, DAY)
    assert (found.why, found.offered, found.floor) == ("below-floor", D("24.35"), D("24.60"))


@pytest.mark.parametrize(
    ("today", "renewed", "before", "day"),
    [
        ("2026-11-25", "day", 1, "2026-11-24"),
        ("2026-11-23", "day", 1, "2026-11-20"),
        ("2026-11-25", "day", 2, "2026-11-23"),
        ("2026-11-12", "day", 1, "2026-11-10"),
        ("2026-11-29", "week", 1, "2026-11-20"),
        ("2026-11-30", "week", 1, "2026-11-27"),
        ("2026-11-30", "month", 1, "2026-10-30"),
        ("2027-01-01", "month", 1, "2026-12-31"),
    ],
)
def test_the_day_whose_rate_prices_take(today: str, renewed: Renewed, before: int, day: str) -> None:
    assert rate_day_of_prices(date.fromisoformat(today), renewed, before) == date.fromisoformat(day)


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


rules = st.builds(
    PriceRule,
    st.just("A"),
    st.sampled_from(["PLN", "EUR", "JPY"]),
    percent=st.integers(-99, 300).map(Decimal),
    addition=st.decimals("-50", "50", places=2),
    ending=st.none() | endings,
    floor_level=st.sampled_from(["", "B"]),
    floor_percent=st.integers(1, 300).map(Decimal),
)


@given(rules, amounts, amounts, amounts)
def test_a_dearer_level_never_makes_a_cheaper_price_and_none_is_below_its_floor(
    rule: PriceRule, one: Decimal, other: Decimal, floor: Decimal
) -> None:
    low, high = sorted((one, other))
    below = UnitPrice("gross", "PLN", floor)
    cheap, dear = (
        price(rule, "X", {"A": UnitPrice("gross", "PLN", amount), "B": below}, VAT, RATES, DAY).figure
        for amount in (low, high)
    )

    exact = floor * rule.floor_percent / 100 / {"PLN": D(1), **RATES}[rule.currency]
    for figure in (cheap, dear):
        assert figure is None or figure > 0
        assert figure is None or not rule.floor_level or figure >= exact - D("1E-20")
    assert cheap is None or (dear is not None and cheap <= dear)


@given(amounts, st.sampled_from(["0", "5", "8", "23", "zw"]))
def test_a_net_level_costs_what_the_gross_of_it_does(net: Decimal, rate: str) -> None:
    vat = VatRate.of(rate)
    gross = net * (100 + vat.percent) / 100
    levels = {"N": UnitPrice("net", "PLN", net), "G": UnitPrice("gross", "PLN", gross)}
    found = [price(PriceRule(level, "PLN"), "X", levels, vat, {}, DAY).figure for level in ("N", "G")]
    assert found[0] == found[1]
