"""Of which day the money is that an advance invoice is made over. Pure.

An advance invoice shows the day on which the payment was received where it is known (Polish VAT Act, art. 106e sec. 1(6));
that day is its tax point (art. 19a sec. 8), and the exchange rate is the one of the working day before it (art. 31a sec. 1).
So payments of different days have an invoice each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class PaidOn:
    """What an order was paid in all at the end of ``day``."""

    day: date
    paid: Decimal


@dataclass(frozen=True, slots=True)
class Received:
    """Money to be invoiced now, and the day it came; None: not known."""

    amount: Decimal
    day: date | None


def received_next(history: Sequence[PaidOn], invoiced: Decimal, paid: Decimal) -> Received:
    """The oldest money that is on no invoice yet, of one day. ``history`` is oldest first.

    ``invoiced`` is what invoices are made over, ``paid`` what the order is paid now. Where the history does not account for
    the money (none, or payments taken back since), it is all of it, of a day that is not known.
    """
    ends = [index for index, one in enumerate(history) if one.paid == paid]
    of_days: dict[date, Decimal] = {}
    # what came after the order was read is for the next look
    for one in history[: ends[-1] + 1] if ends else ():
        of_days[one.day] = one.paid
    totals = list(of_days.values())
    if totals == sorted(totals):
        for day, total in of_days.items():
            if total > invoiced:
                return Received(total - invoiced, day)
    return Received(paid - invoiced, None)
