"""The NBP's answer -> a rate."""

from __future__ import annotations

from decimal import Decimal

from pomost.ports import Json, NeedsPerson, Rate


def rate_from_wire(answer: Json) -> Rate:
    """The middle rate with the number and day of its table."""
    try:
        row = answer["rates"][0]
        return Rate(Decimal(str(row["mid"])), f"NBP {row['no']} {row['effectiveDate']}")
    except (KeyError, IndexError, TypeError, ArithmeticError) as error:
        raise NeedsPerson(
            "nbp.unreadable", "The NBP's answer can't be read.", "Give the rate under [rates.fixed]."
        ) from error
