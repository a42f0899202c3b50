from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from pomost.trade.errors import Refused
from pomost.trade.money import Money, line_value, round_money, to_units


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        ("0.005", "PLN", "0.01"),
        ("-0.005", "PLN", "-0.01"),
        ("0.0049", "PLN", "0.00"),
        ("2.675", "PLN", "2.68"),
        ("2.665", "EUR", "2.67"),
        ("7", "PLN", "7.00"),
        ("1000.5", "JPY", "1001"),
        ("1.2345", "KWD", "1.235"),
    ],
)
def test_money_is_rounded_half_away_from_zero(amount: str, currency: str, expected: str) -> None:
    assert str(round_money(Decimal(amount), currency)) == expected
    assert str(Money(Decimal(amount), currency).rounded) == f"{expected} {currency}"


@pytest.mark.parametrize("currency", ["zł", "pln", "", "XXXX"])
def test_a_currency_that_is_none_is_refused(currency: str) -> None:
    with pytest.raises(Refused) as refusal:
        Money(Decimal(1), currency)
    assert (refusal.value.code, refusal.value.facts) == ("trade.unknown-currency", {"currency": currency})


def test_money_adds_subtracts_multiplies_and_compares() -> None:
    five, two = Money(Decimal(5), "PLN"), Money(Decimal("2.50"), "PLN")
    assert five + two == Money(Decimal("7.50"), "PLN")
    assert five - two == two
    assert two * 2 == five
    assert Decimal("0.5") * five == two
    assert -two == Money(Decimal("-2.5"), "PLN")
    assert two < five
    assert two <= five
    assert five > two
    assert five >= two
    assert bool(two)
    assert not Money(Decimal("0.00"), "PLN")


@pytest.mark.parametrize("act", ["__add__", "__sub__", "__lt__", "__le__", "__gt__", "__ge__"])
def test_unlike_currencies_never_meet(act: str) -> None:
    with pytest.raises(Refused) as refusal:
        getattr(Money(Decimal(1), "PLN"), act)(Money(Decimal(1), "EUR"))
    assert refusal.value.code == "trade.mixed-currencies"
    assert Money(Decimal(1), "PLN") != Money(Decimal(1), "EUR")


@pytest.mark.parametrize("amount", [1.5, 1, "1"], ids=["float", "int", "text"])
def test_an_amount_is_a_decimal(amount: Any) -> None:
    with pytest.raises(TypeError, match="an amount of money is a Decimal"):
        Money(amount, "PLN")


@pytest.mark.parametrize("factor", [1.5, True, "2", None])
def test_a_factor_is_a_decimal_or_an_int(factor: Any) -> None:
    with pytest.raises(TypeError, match="money is multiplied by a Decimal or an int"):
        Money(Decimal(1), "PLN") * factor


@pytest.mark.parametrize("other", [Decimal(1), 1, 1.0])
def test_money_meets_money_only(other: Any) -> None:
    with pytest.raises(TypeError, match="money meets money only"):
        Money(Decimal(1), "PLN") + other


@pytest.mark.parametrize(("amount", "code"), [("NaN", "trade.not-a-number"), ("1E16", "trade.too-large")])
def test_an_amount_is_a_number_of_sensible_size(amount: str, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        Money(Decimal(amount), "PLN")
    assert refusal.value.code == code


def test_a_lines_value_is_rounded_once() -> None:
    assert str(line_value(Decimal("0.3333"), Decimal("3"))) == "1.00"
    assert str(line_value(Decimal("9999999999.9999"), Decimal("9999.9999"))) == "99999998999999.00"


def test_units_are_whole() -> None:
    assert to_units(Decimal("12.30")) == 1230
    with pytest.raises(ValueError, match="more than 2 decimals"):
        to_units(Decimal("0.001"))
