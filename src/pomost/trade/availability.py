"""How many pieces of an item a channel may offer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal

ZERO = Decimal(0)
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
    offered here. ``minimum``: fewer are offered as none. ``maximum``: never more are shown.
    """

    warehouses: tuple[Place, ...]
    buffer: Decimal = ZERO
    share: Decimal = _HUNDRED
    minimum: Decimal = ZERO
    maximum: Decimal | None = None
    pack: Decimal = Decimal(1)


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
    were sold and that no document holds yet; they count in the first company of the rule.

    Warehouses are added up before anything is taken off, so that goods in one cover what is reserved beyond stock in
    another. The result is a whole number, never below zero.
    """
    best: Reckoning | None = None
    companies = dict.fromkeys(company for company, _ in rule.warehouses)
    for part, ratio in parts:
        stock = reserved = waiting = ZERO
        for company, warehouse in rule.warehouses:
            row = held.get((company, part), {}).get(warehouse)
            if row is not None:
                stock += row.quantity
                reserved += row.reserved
        for company in companies:
            waiting += pending.get((company, part), ZERO)
        free = (stock - reserved - waiting) / ratio
        if best is None or free < best.figure:
            kit = part if part != sku else ""
            best = Reckoning(free, stock / ratio, reserved / ratio, waiting / ratio, kit)
    if best is None:
        return Reckoning(ZERO, ZERO, ZERO, ZERO)
    return Reckoning(_offered(rule, best.figure), best.stock, best.reserved, best.pending, best.limited_by)


def _offered(rule: StockRule, free: Decimal) -> Decimal:
    offered = max(free - rule.buffer, ZERO) * rule.share / _HUNDRED / rule.pack
    whole = offered.quantize(Decimal(1), ROUND_DOWN)
    if whole < rule.minimum:
        return ZERO
    return whole if rule.maximum is None else min(whole, rule.maximum)
