"""What a person typed for a change of many items: numbers, and the fields that stand for attributes."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from pomost.bulk.changing import ACTIVE, POINTS, STATUS, Attribute, PriceStep
from pomost.ports import NeedsPerson
from pomost.trade.pricing import Direction, Ending

_MOST = Decimal(10) ** 9


def number(text: str) -> Decimal:
    """Nothing is 0. Raises NeedsPerson ``bulk.no-number``."""
    try:
        found = Decimal(text.strip().replace(",", ".") or "0")
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or abs(found) > _MOST:
        raise NeedsPerson("bulk.no-number", f"{text} is no number.", "Write it with digits: 4.99.")
    return found


def step(text: str) -> Decimal:
    """Raises NeedsPerson ``bulk.no-number``, ``bulk.ending-step``."""
    found = number(text)
    if found <= 0:
        raise NeedsPerson(
            "bulk.ending-step", f"Prices can't end at each {text}.", "Write a step above zero: 1 or 10."
        )
    return found


def price_step(
    level: str, source: str, percent: str, addition: str, ending: str, ending_step: str, ending_to: Direction
) -> PriceStep | None:
    """How prices change; None where nothing is said of prices. Raises NeedsPerson."""
    more, add = number(percent), number(addition)
    if not (level or source or ending or more or add):
        return None
    last = Ending(number(ending), step(ending_step), ending_to) if ending else None
    return PriceStep(level, more, add, last, source)


def status(value: str) -> Attribute:
    """The availability in a shop."""
    return Attribute(STATUS, value)


def active(yes: bool) -> Attribute:
    """Whether it is sold in the shop."""
    return Attribute(ACTIVE, "tak" if yes else "nie")


def points(value: str) -> Attribute:
    """Loyalty points."""
    return Attribute(POINTS, value)
