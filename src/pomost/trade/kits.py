"""Kits sold as their components: one line becomes several that together cost the same, to the grosz. Pure.

The line's value is divided by largest remainders (``allocation.spread``) in proportion to what the components would
cost by themselves: first among the VAT rates, so that each rate gets its exact share, then within each rate. What a
component gets is divided into prices of whole 0.01s; where they do not come out even, some pieces cost 0.01 more and
stand in a line of their own, as a fiscal printer wants it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from pomost.trade.allocation import spread
from pomost.trade.documents import DraftLine
from pomost.trade.errors import Refused
from pomost.trade.money import line_value, to_units
from pomost.trade.order import Basis
from pomost.trade.quantity import QUANTITY_DECIMALS
from pomost.trade.vat import VatRate

_PRICE_DECIMALS = 4


@dataclass(frozen=True, slots=True)
class Component:
    """What one kit holds of an item: ``quantity`` in its unit. ``price``: of one, alone, on ``basis``; None: not known."""

    sku: str
    name: str
    unit: str
    vat: VatRate
    quantity: Fraction
    price: Decimal | None
    basis: Basis = "gross"


def sold_as_components(
    lines: Iterable[DraftLine], kits: Mapping[str, Sequence[Component]], basis: Basis
) -> tuple[DraftLine, ...]:
    """``lines`` on ``basis`` with each kit replaced by its components; the values of lines sum to the same.

    A component has the VAT rate of its own card, except where the kit's follows from the buyer (np, oo, another
    country). Its ``order_line`` is the kit's with ``:SKU``. Raises Refused ``trade.kit-without-prices``, ``trade.kit-not-divisible``.
    """
    found: list[DraftLine] = []
    for line in lines:
        components = kits.get(line.sku, ()) if not line.service else ()
        found += _of_kit(line, components, basis) if components else [line]
    return tuple(found)


@dataclass(frozen=True, slots=True)
class InKit:
    """What a line that was sold as a component tells of its kit: the line of the order that named the kit, the kit's SKU,
    and how much of the component one kit holds."""

    order_line: str
    kit: str
    each: Fraction


def in_kit(order_line: str, sku: str) -> InKit | None:
    """Reads the ``order_line`` of a document's line for item ``sku``; None for what was not sold in a kit."""
    own, mark, rest = order_line.partition(f":{sku}:")
    each, colon, kit = rest.partition(":")
    if not (mark and colon and kit):
        return None
    try:
        return InKit(own, kit, Fraction(each))
    except (ValueError, ZeroDivisionError):
        return None


def _of_kit(line: DraftLine, components: Sequence[Component], basis: Basis) -> Iterable[DraftLine]:
    unknown = [one.sku for one in components if one.price is None]
    weights = [Decimal(0) if one.price is None else _weight(one, basis) for one in components]
    if unknown or not any(weights):
        raise Refused(
            "trade.kit-without-prices",
            f"The price of {line.sku} can't be divided: {', '.join(unknown) or 'its components'} have no price.",
            "Give each component a price at the level that kits are divided by (rules.kit_level).",
            sku=line.sku,
        )
    rates = [_rate(line, one) for one in components]
    by_rate: dict[VatRate, list[int]] = {}
    for index, rate in enumerate(rates):
        by_rate.setdefault(rate, []).append(index)
    value = line_value(line.price, line.quantity)
    of_rates = spread(value, [sum((weights[i] for i in own), Decimal(0)) for own in by_rate.values()])
    values: dict[int, Decimal] = {}
    for own, amount in zip(by_rate.values(), of_rates, strict=True):
        shares = [weights[i] for i in own]
        parts = spread(amount, shares) if any(shares) else (Decimal(0),) * len(own)
        values.update(zip(own, parts, strict=True))
    for index, one in enumerate(components):
        quantity = _quantity(line, one)
        for pieces, price in _prices(line, one, quantity, values[index]):
            yield replace(
                line,
                sku=one.sku,
                name=one.name,
                unit=one.unit,
                vat=rates[index],
                quantity=pieces,
                price=price,
                # not the kit's own: a kit that comes back must not be taken for one of its components
                order_line=f"{line.order_line}:{one.sku}:{one.quantity}:{line.sku}",
            )


def _rate(line: DraftLine, one: Component) -> VatRate:
    of_the_buyer = bool(line.vat.country) or line.vat.special in ("np", "oo")
    return line.vat if of_the_buyer else one.vat


def _weight(one: Component, basis: Basis) -> Decimal:
    """What the components of one kit cost alone, on the order's basis."""
    assert one.price is not None
    exact = Fraction(one.price) * one.quantity
    percent = Fraction(0) if one.vat.special else Fraction(one.vat.percent)
    if one.basis != basis:
        exact = exact * (100 + percent) / 100 if basis == "gross" else exact * 100 / (100 + percent)
    # a proportion only: six decimals are more than any price has
    return Decimal(round(exact * 10**6)).scaleb(-6)


def _quantity(line: DraftLine, one: Component) -> Decimal:
    steps = Fraction(line.quantity) * one.quantity * 10**QUANTITY_DECIMALS
    if steps.denominator != 1:
        raise Refused(
            "trade.kit-not-divisible",
            f"{line.quantity} of {line.sku} hold a quantity of {one.sku} with more than {QUANTITY_DECIMALS} decimals.",
            "Write a quantity into the recipe that a document can carry.",
            sku=line.sku,
        )
    return Decimal(int(steps)).scaleb(-QUANTITY_DECIMALS).normalize() + 0


def _prices(
    line: DraftLine, one: Component, quantity: Decimal, value: Decimal
) -> list[tuple[Decimal, Decimal]]:
    """(quantity, price) whose values sum to ``value``: at most two."""
    units = to_units(value)
    if quantity == quantity.to_integral_value():
        whole = int(quantity)
        each, dearer = divmod(units, whole)
        parts = [(whole - dearer, each), (dearer, each + 1)]
        return [(Decimal(n), Decimal(cents).scaleb(-2)) for n, cents in parts if n]
    price = (value / quantity).quantize(Decimal(1).scaleb(-_PRICE_DECIMALS))
    if line_value(price, quantity) == value:
        return [(quantity, price)]
    raise Refused(
        "trade.kit-not-divisible",
        f"{value} for {quantity} of {one.sku} in {line.sku} is no price with {_PRICE_DECIMALS} decimals.",
        "Sell the kit in smaller quantities, or make it (rules.kits = make).",
        sku=line.sku,
    )
