from __future__ import annotations

from decimal import Decimal

import pytest

from pomost.trade.errors import Refused
from pomost.trade.quantity import Converter, Units, check_quantity

UNITS = Units(
    "szt",
    [
        Converter("opak", Decimal(12)),
        Converter("m", Decimal(1), Decimal(3)),
        Converter("paleta", Decimal(480)),
    ],
)


@pytest.mark.parametrize("quantity", ["0", "1", "1.0001", "-2.5", "1.00000000", "99999999999999"])
def test_a_quantity_of_four_decimals_is_carried(quantity: str) -> None:
    assert check_quantity(Decimal(quantity)) == Decimal(quantity)


@pytest.mark.parametrize(
    ("quantity", "code"),
    [
        ("1.00001", "trade.quantity-too-fine"),
        ("1E-999", "trade.quantity-too-fine"),
        ("NaN", "trade.not-a-number"),
        ("-Infinity", "trade.not-a-number"),
        ("1E14", "trade.too-large"),
        ("-1E9999", "trade.too-large"),
    ],
)
def test_other_quantities_are_refused(quantity: str, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        check_quantity(Decimal(quantity))
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("quantity", "unit", "to", "expected"),
    [
        ("2", "opak", "", "24"),
        ("24", "szt", "opak", "2"),
        ("1", "paleta", "opak", "40"),
        ("1.5", "opak", "szt", "18"),
        ("3", "m", "szt", "1"),
        ("7", "szt", "m", "21"),
        ("0.5", "szt", "szt", "0.5"),
    ],
)
def test_units_convert_exactly(quantity: str, unit: str, to: str, expected: str) -> None:
    assert UNITS.convert(Decimal(quantity), unit, to) == Decimal(expected)


@pytest.mark.parametrize(
    ("quantity", "unit", "to", "code"),
    [
        ("1", "m", "szt", "trade.quantity-too-fine"),
        ("1", "szt", "opak", "trade.quantity-too-fine"),
        ("1", "kg", "szt", "trade.unknown-unit"),
        ("1", "szt", "kg", "trade.unknown-unit"),
        ("99999999999999", "paleta", "szt", "trade.too-large"),
    ],
)
def test_a_conversion_that_does_not_come_out_is_refused(quantity: str, unit: str, to: str, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        UNITS.convert(Decimal(quantity), unit, to)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("base", "of"), [("0", "1"), ("1", "0"), ("-1", "1"), ("NaN", "1"), ("1", "Infinity")]
)
def test_a_conversion_is_above_zero(base: str, of: str) -> None:
    with pytest.raises(ValueError, match="is no conversion"):
        Converter("opak", Decimal(base), Decimal(of))


def test_a_unit_has_one_conversion() -> None:
    with pytest.raises(ValueError, match="'szt' is there twice"):
        Units("szt", [Converter("szt", Decimal(2))])
