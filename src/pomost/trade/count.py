"""Counting a document: line values, the VAT table and the totals, "from gross" and "from net".

Both ways round each line's value once (half away from zero, to 0.01) on the basis that its price stands on, sum it by
rate, and count the tax once for each rate:

- from gross: tax = gross sum x r / (100 + r), net = gross - tax;
- from net: tax = net sum x r / 100, gross = net + tax.

The tax of a rate is then divided among its lines by largest remainders, so that lines sum to their row and rows to
the document, always to the grosz. docs/explanation/vat.md tells why, with examples.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Protocol

from pomost.trade.allocation import share
from pomost.trade.documents import VatRow
from pomost.trade.money import from_units, line_value, to_units
from pomost.trade.order import Basis
from pomost.trade.vat import VatRate


class Priced(Protocol):
    """What counting needs to know of a line; OrderLine, DraftLine and DocumentLine are such lines."""

    @property
    def quantity(self) -> Decimal: ...

    @property
    def price(self) -> Decimal: ...

    @property
    def vat(self) -> VatRate: ...


@dataclass(frozen=True, slots=True)
class LineValue:
    """The value of a line (not of a unit). ``net + tax == gross``."""

    net: Decimal
    tax: Decimal
    gross: Decimal


@dataclass(frozen=True, slots=True)
class Counted:
    """``lines`` stand in the order they were given; ``vat_rows`` by rate from the highest, then zw, np and oo."""

    lines: tuple[LineValue, ...]
    vat_rows: tuple[VatRow, ...]
    net: Decimal
    tax: Decimal
    gross: Decimal


def count_lines(lines: Sequence[Priced], basis: Basis) -> Counted:
    """Values of lines, VAT table and totals; ``basis`` says whether the prices carry VAT.

    Prices and quantities may be negative or have any number of decimals. Raises Refused ``trade.not-a-number`` when
    one is not finite. All amounts have 2 decimals, whatever the currency.
    """
    given = [to_units(line_value(line.price, line.quantity)) for line in lines]
    by_rate: dict[VatRate, list[int]] = {}
    for index, line in enumerate(lines):
        by_rate.setdefault(line.vat, []).append(index)

    values = [LineValue(Decimal(0), Decimal(0), Decimal(0))] * len(given)
    rows = []
    for vat in sorted(by_rate, key=row_order):
        indexes = by_rate[vat]
        amounts = [given[index] for index in indexes]
        taxes = _taxes(amounts, vat, basis)
        for index, amount, tax in zip(indexes, amounts, taxes, strict=True):
            values[index] = LineValue(*_net_tax_gross(amount, tax, basis))
        rows.append(VatRow(vat, *_net_tax_gross(sum(amounts), sum(taxes), basis)))
    return Counted(
        lines=tuple(values),
        vat_rows=tuple(rows),
        net=_sum(row.net for row in rows),
        tax=_sum(row.tax for row in rows),
        gross=_sum(row.gross for row in rows),
    )


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return from_units(sum(to_units(amount) for amount in amounts))


def row_order(vat: VatRate) -> tuple[bool, Decimal, int, str]:
    """Sorts a VAT table: domestic and foreign rates from the highest, then zw, np and oo."""
    return bool(vat.special), -vat.percent, ("", "zw", "np", "oo").index(vat.special), vat.country


def _taxes(amounts: Sequence[int], vat: VatRate, basis: Basis) -> list[int]:
    """The tax of each line of one rate, in 0.01s: together the tax of their sum, rounded once."""
    part, whole = tax_fraction(vat, basis)
    exact = [amount * part for amount in amounts]
    return share(_half_away_from_zero(sum(exact), whole), exact, whole)


def tax_fraction(vat: VatRate, basis: Basis) -> tuple[int, int]:
    """Which part of an amount on ``basis`` is its tax, as numerator and denominator: 23 of 123, 23 of 100."""
    if vat.special or not vat.percent:
        return 0, 1
    percent = Fraction(vat.percent)
    hundred = 100 * percent.denominator
    return percent.numerator, hundred + percent.numerator if basis == "gross" else hundred


def _half_away_from_zero(numerator: int, divisor: int) -> int:
    magnitude = (2 * abs(numerator) + divisor) // (2 * divisor)
    return magnitude if numerator >= 0 else -magnitude


def _net_tax_gross(amount: int, tax: int, basis: Basis) -> tuple[Decimal, Decimal, Decimal]:
    net, gross = (amount - tax, amount) if basis == "gross" else (amount, amount + tax)
    return from_units(net), from_units(tax), from_units(gross)
