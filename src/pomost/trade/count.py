"""Counting a document: VAT "from net" and "from gross", per rate over the whole document.

Rounding is half up to 0.01. From gross: a line's gross is price x quantity, a rate's tax is gross x r / (100 + r).
From net: a line's net is price x quantity, a rate's tax is net x r / 100. The tax of a rate is then spread over its
lines by largest remainder, so that lines sum to the rate and rates to the document, and a document counted from gross
equals the order's total to the grosz (art. 106e ust. 7-8 of the VAT act allows both ways).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Protocol

from pomost.trade.documents import VatRow
from pomost.trade.order import Basis
from pomost.trade.vat import VatRate

CENT = Decimal("0.01")


class Priced(Protocol):
    @property
    def quantity(self) -> Decimal: ...
    @property
    def price(self) -> Decimal: ...
    @property
    def vat(self) -> VatRate: ...


@dataclass(frozen=True, slots=True)
class LineValue:
    """What one line is worth; net + tax = gross."""

    net: Decimal
    tax: Decimal
    gross: Decimal


@dataclass(frozen=True, slots=True)
class Counted:
    """A counted document: its lines in the order given, its VAT table by falling rate, its totals."""

    lines: tuple[LineValue, ...]
    vat_rows: tuple[VatRow, ...]
    net: Decimal
    tax: Decimal
    gross: Decimal


def round_cent(amount: Decimal) -> Decimal:
    """Half up, as Polish tax law and every ERP here do."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def count_lines(lines: Sequence[Priced], basis: Basis) -> Counted:
    """Counts a document on its basis. Prices may have up to four decimals, quantities and prices may be negative."""
    given = [round_cent(line.price * line.quantity) for line in lines]
    by_rate: dict[VatRate, list[int]] = {}
    for index, line in enumerate(lines):
        by_rate.setdefault(line.vat, []).append(index)
    values: list[LineValue] = [LineValue(Decimal(0), Decimal(0), Decimal(0))] * len(lines)
    rows: list[VatRow] = []
    for vat in sorted(by_rate, key=_row_order):
        places = by_rate[vat]
        total = sum((given[place] for place in places), Decimal(0))
        part = vat.percent / (100 + vat.percent) if basis == "gross" else vat.percent / 100
        tax = round_cent(total * part)
        shares = spread(tax, [given[place] * part for place in places])
        for place, share in zip(places, shares, strict=True):
            amount = given[place]
            values[place] = (
                LineValue(amount - share, share, amount)
                if basis == "gross"
                else LineValue(amount, share, amount + share)
            )
        net, gross = (total - tax, total) if basis == "gross" else (total, total + tax)
        rows.append(VatRow(vat, net, tax, gross))
    return Counted(
        tuple(values),
        tuple(rows),
        sum((row.net for row in rows), Decimal("0.00")),
        sum((row.tax for row in rows), Decimal("0.00")),
        sum((row.gross for row in rows), Decimal("0.00")),
    )


def spread(total: Decimal, exact: Sequence[Decimal]) -> list[Decimal]:
    """Whole cents near ``exact`` that sum to ``total``: largest remainder first, then the earlier line."""
    floors = [share.quantize(CENT, ROUND_FLOOR) for share in exact]
    left = int((total - sum(floors, Decimal(0))) / CENT)
    if not floors or left == 0:
        return floors
    order = sorted(range(len(exact)), key=lambda index: (floors[index] - exact[index], index))
    each, rest = divmod(left, len(order))
    for rank, index in enumerate(order):
        floors[index] += CENT * (each + (1 if rank < rest else 0))
    return floors


def _row_order(vat: VatRate) -> tuple[bool, Decimal, str, str]:
    return (bool(vat.special), -vat.percent, vat.special, vat.country)
