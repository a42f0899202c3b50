"""Dividing a whole into parts that sum exactly to it (the method of largest remainders), and the goods of an order among
the warehouses that have them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
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


@dataclass(frozen=True, slots=True)
class Want:
    """An item that an order holds, and where it lies for that order.

    ``lines``: ids of the order document's lines that hold it. ``here``: how much of ``quantity`` lies in the warehouse
    that issues. ``there``: what other warehouses can give, the preferred one first. ``expected``: what suppliers are to
    bring, by day, and ``before`` how much of that older orders will take. All of it without what is due to older orders.
    """

    item: str
    quantity: Decimal
    here: Decimal
    there: tuple[tuple[str, Decimal], ...] = ()
    expected: tuple[tuple[date, Decimal], ...] = ()
    before: Decimal = Decimal(0)
    name: str = ""
    unit: str = "szt"
    lines: tuple[str, ...] = ()

    @property
    def missing(self) -> Decimal:
        """What is not in the issuing warehouse."""
        return max(self.quantity - self.here, Decimal(0))


@dataclass(frozen=True, slots=True)
class Move:
    """Goods that a warehouse gives."""

    place: str
    item: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Lack:
    """What no warehouse has. ``on``: the day on which suppliers will have brought it; None: nobody knows."""

    item: str
    quantity: Decimal
    on: date | None


@dataclass(frozen=True, slots=True)
class Allocation:
    """Which warehouses give what, those that give first first; and what is lacking."""

    moves: tuple[Move, ...]
    lacks: tuple[Lack, ...]

    @property
    def places(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(move.place for move in self.moves))

    @property
    def due_on(self) -> date | None:
        """The day on which the last of what is lacking comes; None when that is not known, or nothing is lacking."""
        days = [lack.on for lack in self.lacks]
        return None if not days or None in days else max(day for day in days if day)

    @property
    def verdict(self) -> str:
        """ "there", "awaiting DAY" or "short": what is to be said of the order."""
        if not self.lacks:
            return "there"
        return f"awaiting {self.due_on}" if self.due_on else "short"

    @property
    def text(self) -> str:
        """What is lacking, for people."""
        return ", ".join(f"{lack.item}: {lack.quantity.normalize():f}" for lack in self.lacks)


def allocate(wants: Sequence[Want], *, one_if_possible: bool = True) -> Allocation:
    """What the issuing warehouse has not got comes from one other warehouse if one has all of it (the first in the order
    of preference), else from one after the other in that order; the rest is lacking until the nearest day on which
    suppliers bring enough. ``one_if_possible`` False: strictly in the order of preference.

    Never more than a warehouse has, never more than is missing; the same wants always give the same answer.
    """
    missing = [want for want in wants if want.missing > 0]
    places = tuple(dict.fromkeys(place for want in missing for place, _ in want.there))
    if one_if_possible:
        for place in places:
            if all(dict(want.there).get(place, Decimal(0)) >= want.missing for want in missing):
                places = (place,)
                break
    moves: list[Move] = []
    left = {want.item: want.missing for want in missing}
    for place in places:
        for want in missing:
            given = min(dict(want.there).get(place, Decimal(0)), left[want.item])
            if given > 0:
                moves.append(Move(place, want.item, given))
                left[want.item] -= given
    lacks = tuple(
        Lack(want.item, left[want.item], nearest_day(want.expected, want.before + left[want.item]))
        for want in missing
        if left[want.item] > 0
    )
    return Allocation(tuple(moves), lacks)


def nearest_day(expected: Iterable[tuple[date, Decimal]], quantity: Decimal) -> date | None:
    """The first day on which so much will have come; None when less than that is expected."""
    come = Decimal(0)
    for day, brought in sorted(expected):
        come += brought
        if come >= quantity:
            return day
    return None


def need_text(documents: Iterable[str], warehouse: str, givers: Iterable[str], known: str) -> str:
    """What an order waits for, for ``Erp.present``: that more can be moved (``known`` "moves"), or that its verdict is not
    ``known`` any more."""
    return "gather:" + json.dumps([sorted(documents), warehouse, list(givers), known], ensure_ascii=False)


def lacks_text(lacks: Iterable[tuple[str, Decimal]]) -> str:
    """What is lacking, item by item, as a text that is kept with what waits for it: JSON, item -> quantity."""
    sums: dict[str, Decimal] = {}
    for item, quantity in lacks:
        sums[item] = sums.get(item, Decimal(0)) + max(quantity, Decimal(0))
    return json.dumps({item: f"{one.normalize():f}" for item, one in sums.items()}, ensure_ascii=False)


def read_need(text: str) -> tuple[list[str], str, list[str], str] | None:
    """(documents, warehouse, givers, known) of a ``need_text``; None for any other need."""
    if not text.startswith("gather:"):
        return None
    documents, warehouse, givers, known = json.loads(text.removeprefix("gather:"))
    return documents, warehouse, givers, known


def is_met(allocation: Allocation, known: str) -> bool:
    """Whether a need is satisfied (see ``need_text``)."""
    if known == "moves":
        return bool(allocation.moves) or not allocation.lacks
    return allocation.verdict != known
