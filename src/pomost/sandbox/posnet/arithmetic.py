"""How the printer counts: grosze as whole numbers, everything gross."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

SLOTS = "ABCDEFG"
EXEMPT = Decimal(100)
INACTIVE = Decimal(101)


def line_value(price: int, quantity: Decimal) -> int:
    return int((price * quantity).to_integral_value(ROUND_HALF_UP))


def percent_of(value: int, hundredths: int) -> int:
    """The amount that a percentage takes off or adds: value - value x (100 - R) / 100."""
    left = (Decimal(value) * (10000 - hundredths) / 10000).to_integral_value(ROUND_HALF_UP)
    return value - int(left)


def spread(slots: Sequence[int], amount: int) -> list[int]:
    """The slots after ``amount`` was taken off (added, when negative) from the whole, in the order A..G.

    Each slot is rounded down; what is cut off is summed, and whenever that reaches the old total the slot at hand
    gets one grosz more.
    """
    old = sum(slots)
    new = old - amount
    rest = 0
    found = []
    for slot in slots:
        share, cut = divmod(slot * new, old)
        rest += cut
        if rest >= old:
            share += 1
            rest -= old
        found.append(share)
    return found


def tax_in(gross: int, rate: Decimal) -> int:
    """The VAT contained in ``gross``; none for an exempt slot."""
    if rate in (EXEMPT, INACTIVE):
        return 0
    return int((gross * rate / (100 + rate)).to_integral_value(ROUND_HALF_UP))


def step(rate: Decimal) -> Decimal:
    """The place of a rate in the order of the rate-step rule. That exempt is the lowest is our assumption."""
    return Decimal(-1) if rate == EXEMPT else rate


def compared(name: str) -> str:
    """What the printer compares of a goods name: letters and digits, and ``, . / \\ %``, without case."""
    return "".join(sign for sign in name.casefold() if sign.isalnum() or sign in ",./\\%")
