"""Dividing a whole into parts that sum exactly to it: the method of largest remainders."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import lcm

from pomost.trade.money import from_units, to_units


def share(whole: int, numerators: Sequence[int], denominator: int) -> list[int]:
    """Whole numbers that sum to ``whole``, each next to its exact value ``numerators[i] / denominator``.

    Each part is first rounded down; the units left go one each to the largest remainders, the earlier part first
    where remainders are equal. ``whole`` must be the exact sum rounded up or down; ValueError when it lies further
    away, because then no such parts exist.
    """
    parts = [numerator // denominator for numerator in numerators]
    left = whole - sum(parts)
    by_remainder = sorted(range(len(parts)), key=lambda index: -(numerators[index] % denominator))
    if not 0 <= left <= len(parts):
        raise ValueError(f"{whole} is not the rounded sum of the parts")
    for index in by_remainder[:left]:
        parts[index] += 1
    return parts


def spread(amount: Decimal, weights: Sequence[Decimal]) -> tuple[Decimal, ...]:
    """``amount`` (at most 2 decimals) in proportion to ``weights``, in whole 0.01s that sum exactly to it.

    ValueError when there are no weights, one is negative or all are zero.
    """
    if not weights or min(weights) < 0 or not any(weights):
        raise ValueError("weights must be zero or more, and at least one above zero")
    exact = [Fraction(weight) for weight in weights]
    common = lcm(*(weight.denominator for weight in exact))
    scaled = [int(weight * common) for weight in exact]
    whole = to_units(amount)
    return tuple(
        from_units(part) for part in share(whole, [whole * weight for weight in scaled], sum(scaled))
    )
