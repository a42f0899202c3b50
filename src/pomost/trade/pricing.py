"""The price that a channel shows: from a price level of the ERP, by rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Literal

from pomost.trade.between import UnitPrice
from pomost.trade.currency_rate import rate_day
from pomost.trade.errors import Refused
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

    ``percent`` is added to the price (negative: taken off), then ``addition`` in ``currency``; then the ending. Below
    ``floor_percent`` of the price of ``floor_level`` nothing is offered, nor where that price is missing or zero.
    """

    level: str
    currency: str
    percent: Decimal = ZERO
    addition: Decimal = ZERO
    ending: Ending | None = None
    floor_level: str = ""
    floor_percent: Decimal = _HUNDRED
    promotions: tuple[Promotion, ...] = ()
    level_currencies: tuple[str, ...] = ()
    """Currencies other than the group's in which the ERP's levels are kept, so that their rates are asked for."""


Why = Literal["no-level", "not-positive", "below-floor", "no-floor", "no-rate", "no-vat", "too-large"]

Renewed = Literal["day", "week", "month"]


def rate_day_of_prices(today: date, renewed: Renewed, before: int) -> date:
    """The day whose exchange rate prices take: ``before`` working days before today, or before the Monday of this week
    or the first of this month, so that prices rest in between."""
    day = today
    if renewed == "week":
        day -= timedelta(days=today.weekday())
    elif renewed == "month":
        day = today.replace(day=1)
    for _ in range(before):
        day = rate_day(day)
    return day


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
    exchange: Decimal = ONE
    """What one unit of the level's currency is in that of the group."""
    given: UnitPrice | None = None
    """The level's own price, as the ERP has it."""
    offered: Decimal | None = None
    """What it would have cost where it is below the floor."""


def price(
    rule: PriceRule,
    sku: str,
    levels: Mapping[str, UnitPrice],
    vat: VatRate | None,
    rates: Mapping[str, Decimal],
    day: date,
) -> Priced:
    """The gross price of ``sku`` on ``day``. ``rates``: currency -> PLN for one unit. ``vat``: None where it is not known.

    Of several promotions that run the one with the lowest price holds; one that would raise the price is left out.
    """
    usual = _by_level(rule, rule.level, ZERO, levels, vat, rates)
    found = [usual]
    for promotion in rule.promotions:
        if promotion.runs(day) and (not promotion.skus or sku in promotion.skus):
            level = promotion.level or rule.level
            found.append(_by_level(rule, level, promotion.percent, levels, vat, rates, promotion.name))
    offered = [one for one in found if one.figure is not None]
    if usual.figure is None or not offered:
        # a promotion that would be the only price is no promotion
        return usual
    best = min(offered, key=lambda one: (one.figure or ZERO, bool(one.promotion)))
    return _above_floor(rule, best, levels, vat, rates) if rule.floor_level else best


def _above_floor(
    rule: PriceRule,
    best: Priced,
    levels: Mapping[str, UnitPrice],
    vat: VatRate | None,
    rates: Mapping[str, Decimal],
) -> Priced:
    base = _base(rule, rule.floor_level, levels, vat, rates)
    if isinstance(base, str) or base <= 0:
        return replace(best, figure=None, why="no-floor", offered=best.figure)
    exact = EXACT.divide(EXACT.multiply(base, rule.floor_percent), _HUNDRED)
    shown = round_money(exact, rule.currency)
    if best.figure is not None and best.figure < exact:
        return replace(best, figure=None, why="below-floor", floor=shown, offered=best.figure)
    return replace(best, floor=shown)


def _base(
    rule: PriceRule,
    level: str,
    levels: Mapping[str, UnitPrice],
    vat: VatRate | None,
    rates: Mapping[str, Decimal],
) -> Decimal | Why:
    """The gross price of a level in the currency of the group, unrounded; or what is missing for it."""
    given = levels.get(level)
    if given is None:
        return "no-level"
    if given.basis == "net" and vat is None:
        return "no-vat"
    exchange = _exchange(given.currency, rule.currency, rates)
    if exchange is None:
        return "no-rate"
    gross = given.price
    if given.basis == "net" and vat is not None:
        gross = EXACT.divide(EXACT.multiply(gross, _HUNDRED + vat.percent), _HUNDRED)
    return EXACT.multiply(gross, exchange)


def _by_level(
    rule: PriceRule,
    level: str,
    less: Decimal,
    levels: Mapping[str, UnitPrice],
    vat: VatRate | None,
    rates: Mapping[str, Decimal],
    promotion: str = "",
) -> Priced:
    given = levels.get(level)
    exact = _base(rule, level, levels, vat, rates)
    if isinstance(exact, str) or given is None:
        why = exact if isinstance(exact, str) else "no-level"
        return Priced(None, why, level, promotion=promotion, given=given)
    exchange = _exchange(given.currency, rule.currency, rates) or ONE
    if exact <= 0:
        # an addition makes no price of nothing
        return Priced(None, "not-positive", level, ZERO, promotion, None, exchange, given)
    share = EXACT.multiply(_HUNDRED + rule.percent, _HUNDRED - less)
    raw = EXACT.add(EXACT.divide(EXACT.multiply(exact, share), _HUNDRED * _HUNDRED), rule.addition)
    try:
        figure = round_money(raw, rule.currency)
        if figure > 0 and rule.ending is not None:
            figure = round_money(rule.ending.of(figure), rule.currency)
        base = round_money(exact, rule.currency)
    except Refused:
        return Priced(None, "too-large", level, ZERO, promotion, None, exchange, given)
    if figure <= 0:
        return Priced(None, "not-positive", level, base, promotion, None, exchange, given)
    return Priced(figure, None, level, base, promotion, None, exchange, given)


def _exchange(given: str, wanted: str, rates: Mapping[str, Decimal]) -> Decimal | None:
    if given == wanted:
        return ONE
    of = {"PLN": ONE, **rates}
    if given not in of or wanted not in of:
        return None
    return EXACT.divide(of[given], of[wanted])
