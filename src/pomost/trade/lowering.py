"""A price that is lowered after the sale: an amount spread over lines whose goods are kept. Pure.

Such a discount lowers the tax base by the amount for which it was given (Polish VAT Act, art. 29a sec. 10(1)), so it has to be
on prices, not on pieces, and each rate has to bear its part. docs/decisions/0044-money-only-refunds.md says why it is divided
so. Amounts are gross.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from pomost.trade.allocation import spread
from pomost.trade.errors import Refused
from pomost.trade.money import EXACT, line_value
from pomost.trade.vat import VatRate

ZERO = Decimal(0)
PRICE_STEP = Decimal("0.0001")
"""Prices on documents have four decimals. Below 100 pieces any value in whole grosze is a price times the pieces."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a line of a document: ``quantity`` above 0 for ``value`` in all."""

    document: str
    line: str
    vat: VatRate
    quantity: Decimal
    value: Decimal

    def price_for(self, value: Decimal) -> Decimal | None:
        """The price at which what is kept is worth ``value`` to the grosz; None where four decimals can't say it."""
        price = EXACT.divide(value, self.quantity).quantize(PRICE_STEP, ROUND_HALF_UP)
        return price if line_value(price, self.quantity) == value else None


def lower(amount: Decimal, kept: Sequence[Kept]) -> tuple[Decimal, ...]:
    """By how much each line is lowered, in the order given: whole grosze that sum to ``amount`` exactly.

    First each rate of each document bears its share by its gross value (a discount line counts with the goods of its rate),
    then within it each line by its own. No line goes below zero and none that is zero or a discount is touched. Raises Refused ``trade.lower-nothing`` for an amount of zero or less, or with parts of a grosz,
    ``trade.lower-more-than-left``, and ``trade.lower-uneven`` where the lines' prices can't say the amount (100 pieces and more).
    """
    if amount <= 0 or amount != amount.quantize(Decimal("0.01")):
        raise Refused(
            "trade.lower-nothing",
            f"Prices can't be lowered by {amount} in all.",
            "The amount must be above 0.00 and in whole grosze; look at the refund in the channel.",
        )
    groups: dict[tuple[str, VatRate], list[int]] = {}
    for index, one in enumerate(kept):
        groups.setdefault((one.document, one.vat), []).append(index)
    worth = [max(sum((kept[index].value for index in own), ZERO), ZERO) for own in groups.values()]
    if amount > sum(worth, ZERO):
        raise Refused(
            "trade.lower-more-than-left",
            f"Prices are to be lowered by {amount} in all, and what is kept is worth {sum(worth, ZERO)}.",
            "Where the delivery is to bear a part, set rules.lower_delivery; otherwise correct the document by hand and skip the "
            "return.",
            left=str(sum(worth, ZERO)),
        )
    found = [ZERO] * len(kept)
    for own, part in zip(groups.values(), spread(amount, worth), strict=True):
        if part:
            for index, less in zip(own, _within(part, [kept[index] for index in own]), strict=True):
                found[index] = less
    return tuple(found)


def _within(part: Decimal, lines: Sequence[Kept]) -> list[Decimal]:
    """The part of one rate, over its lines; what the price of one can't say is borne by another."""
    less = list(spread(part, [max(one.value, ZERO) for one in lines]))
    left = ZERO
    for index, one in enumerate(lines):
        if less[index] and one.price_for(one.value - less[index]) is None:
            # the next value above that its price can say
            price = EXACT.divide(one.value - less[index], one.quantity).quantize(PRICE_STEP, ROUND_HALF_UP)
            value = line_value(price, one.quantity)
            if value < one.value - less[index]:
                value = line_value(price + PRICE_STEP, one.quantity)
            said = max(one.value - value, ZERO)
            left += less[index] - said
            less[index] = said
    for index, one in sorted(enumerate(lines), key=lambda each: each[1].quantity):
        more = min(left, one.value - less[index])
        if more > 0 and one.price_for(one.value - less[index] - more) is not None:
            less[index] += more
            left -= more
    if left:
        raise Refused(
            "trade.lower-uneven",
            f"{part} can't be taken off the prices of {max(one.quantity for one in lines)} pieces: a price has four decimals.",
            "Correct the document by hand and skip the return.",
        )
    return less


def lowered_price(one: Kept, less: Decimal) -> Decimal:
    """The price of a line that ``lower`` lowered by ``less``."""
    price = one.price_for(one.value - less)
    assert price is not None
    return price


def over_lines(amount: Decimal, kept: Sequence[Kept]) -> tuple[Decimal, ...]:
    """As ``lower``, where the channel itself names the lines: they bear it by their values, whatever else has their rate."""
    own = [replace(one, document=f"{one.document}/{one.line}") for one in kept]
    return lower(amount, own)


__all__ = ["Kept", "lower", "lowered_price", "over_lines"]
