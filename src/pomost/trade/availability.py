"""How many pieces of an item a channel may offer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, ROUND_FLOOR, Decimal

ZERO = Decimal(0)
_ONE = Decimal(1)
_HUNDRED = Decimal(100)

Place = tuple[str, str]
"""Company and warehouse."""


@dataclass(frozen=True, slots=True)
class Held:
    """What lies in one warehouse, and how much of it documents have reserved."""

    quantity: Decimal
    reserved: Decimal


@dataclass(frozen=True, slots=True)
class OnHand:
    """What an ERP knows of one item.

    ``parts``: what leaves the stock for one piece, as (sku, quantity): itself for goods, its components for a kit, nothing
    for a service. ``held``: by warehouse, of the item itself (nothing for kits).
    """

    sku: str
    parts: tuple[tuple[str, Decimal], ...]
    held: Mapping[str, Held] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StockRule:
    """How the figure of one place of a channel is made of what lies in ``warehouses``.

    ``pack``: pieces that the channel sells as one. ``buffer``: pieces never offered. ``share``: percent of the rest that is
    offered here. ``minimum``: fewer are offered as none. ``maximum``: never more are shown. ``covered``: companies all of
    whose orders other companies' documents hold as well: what such a one owes beyond its stock is owed by those.
    """

    warehouses: tuple[Place, ...]
    buffer: Decimal = ZERO
    share: Decimal = _HUNDRED
    minimum: Decimal = ZERO
    maximum: Decimal | None = None
    pack: Decimal = Decimal(1)
    covered: frozenset[str] = frozenset()

    @property
    def companies(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(company for company, _ in self.warehouses))


@dataclass(frozen=True, slots=True)
class Reckoning:
    """The figure and how it came about, for people: every number in pieces of the item, ``figure`` in packs."""

    figure: Decimal
    stock: Decimal
    reserved: Decimal
    pending: Decimal
    limited_by: str = ""
    """Of a kit: the component that allows no more."""


def reckon(
    rule: StockRule,
    sku: str,
    parts: Iterable[tuple[str, Decimal]],
    held: Mapping[tuple[str, str], Mapping[str, Held]],
    pending: Mapping[tuple[str, str], Decimal],
) -> Reckoning:
    """How many of ``sku`` may be offered.

    ``held``: (company, sku of a part) -> warehouse -> what lies there. ``pending``: (company, sku of a part) -> pieces that
    were sold there and that no document holds yet.

    Warehouses of a company are added up before anything is taken off, so that goods in one cover what is reserved beyond
    stock in another. Companies are added up afterwards: what one owes beyond its stock is taken off the others' goods,
    unless their own documents say so already (``covered``); a kit is made of the goods of one company. The result is a
    whole number, never below zero.
    """
    parts = tuple(parts)
    sums: dict[str, list[Decimal]] = {part: [ZERO, ZERO, ZERO] for part, _ in parts}
    free = ZERO
    for company in rule.companies:
        least: Decimal | None = None
        for part, ratio in parts:
            stock, reserved = _in_stock(rule, company, held.get((company, part), {}))
            waiting = pending.get((company, part), ZERO)
            for place, value in enumerate((stock, reserved, waiting)):
                sums[part][place] += value / ratio
            left = (stock - reserved - waiting) / ratio
            least = left if least is None else min(least, left)
        if least is None or (least < 0 and company in rule.covered):
            continue
        # half a kit here and half a kit there are none
        free += least if parts == ((sku, _ONE),) else least.to_integral_value(ROUND_FLOOR)
    if not parts:
        return Reckoning(ZERO, ZERO, ZERO, ZERO)
    scarcest = min(parts, key=lambda one: sums[one[0]][0] - sums[one[0]][1] - sums[one[0]][2])[0]
    stock, reserved, waiting = sums[scarcest]
    limited_by = scarcest if scarcest != sku else ""
    return Reckoning(_offered(rule, free), stock, reserved, waiting, limited_by)


def _in_stock(rule: StockRule, company: str, held: Mapping[str, Held]) -> tuple[Decimal, Decimal]:
    """What lies in the company's warehouses of the rule, and what of it is reserved."""
    rows = [held[warehouse] for owner, warehouse in rule.warehouses if owner == company and warehouse in held]
    return sum((row.quantity for row in rows), ZERO), sum((row.reserved for row in rows), ZERO)


def _offered(rule: StockRule, free: Decimal) -> Decimal:
    offered = max(free - rule.buffer, ZERO) * rule.share / _HUNDRED / rule.pack
    whole = offered.quantize(Decimal(1), ROUND_DOWN)
    if whole < rule.minimum:
        return ZERO
    return whole if rule.maximum is None else min(whole, rule.maximum)
