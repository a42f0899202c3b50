"""Numbers of a sheet for people."""

from __future__ import annotations

from decimal import Decimal

MONEY = frozenset({"net", "gross", "cost"})
"""Fields that are amounts."""


def figure(value: Decimal, field: str, language: str) -> str:
    """Without needless zeros, amounts with two decimals at least, with the language's decimal sign: ``10,000`` of a Polish sheet is
    10, and nobody shall take it for ten thousand."""
    exponent = value.normalize().as_tuple().exponent
    assert isinstance(exponent, int), "no number of a sheet is infinite"
    text = f"{value:.{max(2 if field in MONEY else 0, -exponent)}f}"
    return text.replace(".", ",") if language == "pl" else text
