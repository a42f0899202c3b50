"""The price that a channel shows: from a price level of the ERP, by rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Literal

from pomost.trade.between import UnitPrice
from pomost.trade.money import EXACT, round_money
from pomost.trade.vat import VatRate

ONE = Decimal(1)
ZERO = Decimal(0)
_HUNDRED = Decimal(100)

Direction = Literal["nearest", "up", "down"]


@dataclass(frozen=True, slots=True)
class Ending:
    """Prices end so: ``last`` of each ``step``. 0.99 of 1 gives 4.99, 5.99; 9.99 of 10 gives 9.99, 19.99."""

    last: Decimal
    step: Decimal = ONE
    direction: Direction = "nearest"

    def of(self, price: Decimal) -> Decimal:
        """The price with this ending, above zero; of two that are equally near the higher."""
        steps = (price - self.last) / self.step
        below = steps.to_integral_value(ROUND_FLOOR) * self.step + self.last
        above = steps.to_integral_value(ROUND_CEILING) * self.step + self.last
        if self.direction == "up":
            found = above
        elif self.direction == "down":
            found = below
        else:
            found = below if price - below < above - price else above
        lowest = self.last if self.last > 0 else self.step
        return max(found, lowest)


@dataclass(frozen=True, slots=True)
class Promotion:
    """From the first to the last day, both included, items cost ``percent`` less than usual, or what another level says.

    ``skus``: the items that it is for; empty: all. A day that is None has no limit on that side.
    """

    name: str
    first: date | None = None
    last: date | None = None
    percent: Decimal = ZERO
    level: str = ""
    skus: frozenset[str] = frozenset()

    def runs(self, day: date) -> bool:
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class PriceRule:
    """How the price of a price group is made of a price level.

    ``percent`` is added to the price (negative: taken off), then ``addition`` in ``currency``; then the ending. Below the
    price of ``floor_level`` nothing is offered.
    """

    level: str
    currency: str
    percent: Decimal = ZERO
    addition: Decimal = ZERO
    ending: Ending | None = None
    floor_level: str = ""
    promotions: tuple[Promotion, ...] = ()
    level_currencies: tuple[str, ...] = ()
    """Currencies other than the group's in which the ERP's levels are kept, so that their rates are asked for."""


Why = Literal["no-level", "not-positive", "below-floor", "no-rate"]


@dataclass(frozen=True, slots=True)
class Priced:
    """The gross price and how it came about; ``figure`` is None where ``why`` says what is missing."""

    figure: Decimal | None
    why: Why | None = None
    level: str = ""
    base: Decimal = ZERO
    """The gross price of the level in the currency of the group, before the rule."""
    promotion: str = ""
    floor: Decimal | None = None


def price(
    rule: PriceRule,
    sku: str,
    levels: Mapping[str, UnitPrice],
    vat: VatRate,
    rates: Mapping[str, Decimal],
    day: date,
) -> Priced:
    """The gross price of ``sku`` on ``day``. ``rates``: currency -> PLN for one unit.

    Of several promotions that run the one with the lowest price holds; one that would raise the price is left out.
    """
    usual = _by_level(rule, rule.level, ZERO, levels, vat, rates)
    found = [usual]
    for promotion in rule.promotions:
        if promotion.runs(day) and (not promotion.skus or sku in promotion.skus):
            level = promotion.level or rule.level
            found.append(_by_level(rule, level, promotion.percent, levels, vat, rates, promotion.name))
    offered = [one for one in found if one.figure is not None]
    if not offered:
        return usual
    best = min(offered, key=lambda one: (one.figure or ZERO, bool(one.promotion)))
    if not rule.floor_level:
        return best
    floor = _by_level(PriceRule(rule.floor_level, rule.currency), rule.floor_level, ZERO, levels, vat, rates)
    if floor.figure is not None and best.figure is not None and best.figure < floor.figure:
        return Priced(None, "below-floor", best.level, best.base, best.promotion, floor.figure)
    return best


def _by_level(
    rule: PriceRule,
    level: str,
    less: Decimal,
    levels: Mapping[str, UnitPrice],
    vat: VatRate,
    rates: Mapping[str, Decimal],
    promotion: str = "",
) -> Priced:
    given = levels.get(level)
    if given is None:
        return Priced(None, "no-level", level, promotion=promotion)
    exchange = _exchange(given.currency, rule.currency, rates)
    if exchange is None:
        return Priced(None, "no-rate", level, promotion=promotion)
    gross = given.price if given.basis == "gross" else given.price * (ONE + vat.percent / _HUNDRED)
    base = EXACT.multiply(gross, exchange)
    raw = base * (_HUNDRED + rule.percent) / _HUNDRED * (_HUNDRED - less) / _HUNDRED + rule.addition
    figure = round_money(raw, rule.currency)
    if figure > 0 and rule.ending is not None:
        figure = round_money(rule.ending.of(figure), rule.currency)
    base = round_money(base, rule.currency)
    if figure <= 0:
        return Priced(None, "not-positive", level, base, promotion)
    return Priced(figure, None, level, base, promotion)


def _exchange(given: str, wanted: str, rates: Mapping[str, Decimal]) -> Decimal | None:
    if given == wanted:
        return ONE
    of = {"PLN": ONE, **rates}
    if given not in of or wanted not in of:
        return None
    return EXACT.divide(of[given], of[wanted])
