"""One payment and the parts of a sale that it settles: to the grosz, in the order in which they were made. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Part:
    """A document that a payment settles. ``worth``: what of it this payment may settle now, after corrections and whatever
    else was paid for it; ``settled``: what it has of this payment."""

    worth: Decimal
    settled: Decimal = ZERO


def settle(payment: Decimal, parts: Sequence[Part]) -> tuple[Decimal, ...]:
    """What each of ``parts``, in the order in which they were made, has of the payment from now on.

    A part keeps what it has as long as it is worth that; what is more goes back, and what is free goes to the first part
    that lacks something. Together it is the payment or what the parts are worth, whichever is less; never more for a
    part than it is worth.
    """
    kept = [max(min(part.settled, part.worth), ZERO) for part in parts]
    free = max(payment - sum(kept, ZERO), ZERO)
    for place, part in enumerate(parts):
        given = min(max(part.worth - kept[place], ZERO), free)
        kept[place] += given
        free -= given
    return tuple(kept)


def given_back(rows: Sequence[Decimal]) -> Decimal:
    """What a part gave back of a payment and has not got again. ``rows``: what it was given (above 0) and gave back (below
    0), the oldest first."""
    back = ZERO
    for amount in rows:
        back = back - amount if amount < 0 else max(back - amount, ZERO)
    return back


def still_open(backs: Sequence[Decimal], open_now: Decimal) -> tuple[Decimal, ...]:
    """What of each amount that was given back, the oldest first, lies open still; the rest settled other parts since."""
    found = []
    for back in backs:
        part = max(min(back, open_now), ZERO)
        found.append(part)
        open_now -= part
    return tuple(found)
