"""Quantities: at most 4 decimals, and units that convert exactly."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from pomost.trade.errors import Refused
from pomost.trade.money import EXACT

QUANTITY_DECIMALS = 4

_STEPS = 10**QUANTITY_DECIMALS
_FINEST = Decimal(1).scaleb(-QUANTITY_DECIMALS)
_TOO_LARGE = Decimal(10) ** 14


def check_quantity(quantity: Decimal) -> Decimal:
    """``quantity`` itself, when a document can carry it.

    Raises Refused: ``trade.not-a-number``, ``trade.too-large`` (14 digits before the point are the most),
    ``trade.quantity-too-fine`` (more than 4 decimals; trailing zeros do not count).
    """
    if not quantity.is_finite():
        raise Refused(
            "trade.not-a-number", f"{quantity} is not a quantity.", "Correct it where it came from."
        )
    if abs(quantity) >= _TOO_LARGE:
        raise Refused(
            "trade.too-large",
            f"{quantity:.3E} is too large for a quantity.",
            "Correct it where it came from.",
        )
    if quantity != quantity.quantize(_FINEST, context=EXACT):
        raise Refused(
            "trade.quantity-too-fine",
            f"Quantity {quantity} has more than {QUANTITY_DECIMALS} decimals.",
            "Round it where it came from, or use a smaller unit.",
            quantity=str(quantity),
        )
    return quantity


@dataclass(frozen=True, slots=True)
class Converter:
    """An auxiliary unit: ``of`` of it are ``base`` base units, e.g. Converter("opak", Decimal(12)): 1 opak = 12 szt.

    ``of`` other than 1 keeps thirds exact: Converter("m", Decimal(1), Decimal(3)): 3 m = 1 roll.
    Raises ValueError unless both are above zero.
    """

    unit: str
    base: Decimal
    of: Decimal = Decimal(1)

    def __post_init__(self) -> None:
        if not (self.base.is_finite() and self.of.is_finite() and self.base > 0 and self.of > 0):
            raise ValueError(f"{self.of} {self.unit} = {self.base} is no conversion")

    @property
    def factor(self) -> Fraction:
        return Fraction(self.base) / Fraction(self.of)


class Units:
    """The units of one item: its base unit and the auxiliary ones."""

    def __init__(self, base: str, converters: Iterable[Converter] = ()) -> None:
        """ValueError when a unit has two conversions."""
        self.base = base
        self._factors = {base: Fraction(1)}
        for converter in converters:
            if converter.unit in self._factors:
                raise ValueError(f"unit {converter.unit!r} is there twice")
            self._factors[converter.unit] = converter.factor

    def convert(self, quantity: Decimal, unit: str, to: str = "") -> Decimal:
        """``quantity`` of ``unit`` in the unit ``to`` (empty: the base unit), exactly.

        Raises Refused ``trade.unknown-unit``, and ``trade.quantity-too-fine`` where the result would need more than
        4 decimals: nothing is rounded, because stock would not come out even.
        """
        steps = (
            Fraction(check_quantity(quantity)) * self._factor(unit) / self._factor(to or self.base) * _STEPS
        )
        if steps.denominator != 1:
            raise Refused(
                "trade.quantity-too-fine",
                f"{quantity} {unit} in {to or self.base} has more than {QUANTITY_DECIMALS} decimals.",
                "Order a quantity that converts exactly, or correct the conversion on the item card.",
                quantity=str(quantity),
                unit=unit,
            )
        return check_quantity(Decimal(int(steps)) / _STEPS)

    def _factor(self, unit: str) -> Fraction:
        try:
            return self._factors[unit]
        except KeyError:
            raise Refused(
                "trade.unknown-unit",
                f"The item has no unit {unit!r}; it has {', '.join(self._factors)}.",
                "Add the unit with its conversion to the item card.",
                unit=unit,
            ) from None
