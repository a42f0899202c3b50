"""Advance invoices (FZAL): how a payment is divided among VAT rates, and how the final invoice is reduced by advances.

The law (Polish VAT Act of 11 March 2004, as amended):

- art. 106f sec. 1(3): the tax of an advance is counted from what was received, KP = ZB x SP / (100 + SP);
- art. 106f sec. 3: where the advances do not cover the whole payment, the final invoice shows the whole sale, its value
  reduced by the parts received and its tax by the sum of the taxes on the advance invoices, and it names them;
- art. 106f sec. 4: where several advances cover the whole payment, the last one names the earlier ones; no final
  invoice follows (sec. 3 asks for one only where something is left).

Each tax is rounded by itself, as each invoice must be right on its own. So the taxes of many advances may differ by some
0.01 from the tax of the whole; the final invoice is reduced by exactly what the advances show, and the difference stands
there. docs/explanation/advances.md has examples.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pomost.trade.allocation import spread
from pomost.trade.count import count_lines
from pomost.trade.documents import DraftLine, VatRow
from pomost.trade.errors import Refused
from pomost.trade.money import check_amount, to_units
from pomost.trade.vat import VatRate

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Advance:
    """An advance invoice in force, after its corrections and what was settled of it: ``rows`` is what is left."""

    id: str
    number: str
    rows: tuple[VatRow, ...]

    @property
    def gross(self) -> Decimal:
        return sum((row.gross for row in self.rows), ZERO)


@dataclass(frozen=True, slots=True)
class Settling:
    """A final invoice: ``charged`` is its VAT table once reduced, ``taken`` by how much each advance reduces it.

    ``left`` is what stays of the advances because the sale has no value at that rate any more: it must be corrected and
    paid back, or go to another invoice of the same order.
    """

    charged: tuple[VatRow, ...]
    taken: tuple[tuple[str, tuple[VatRow, ...]], ...]
    left: Decimal

    @property
    def gross(self) -> Decimal:
        return sum((row.gross for row in self.charged), ZERO)


def tax_of(received: Decimal, vat: VatRate) -> VatRow:
    """One row of an advance invoice: KP = ZB x SP / (100 + SP), rounded half up to 0.01; np, oo and zw have no tax."""
    return count_lines([DraftLine("", "", Decimal(1), received, vat)], "gross").vat_rows[0]


def left_to_pay(whole: Sequence[VatRow], advances: Iterable[Advance]) -> tuple[VatRow, ...]:
    """What no advance was invoiced for yet, by rate; a rate with nothing left is left out, and so is one below zero."""
    left = {row.vat: row for row in whole}
    for advance in advances:
        for row in advance.rows:
            if row.vat in left:
                left[row.vat] = _less(left[row.vat], row)
    return tuple(row for row in left.values() if row.gross > 0)


def split_advance(payment: Decimal, left: Sequence[VatRow]) -> tuple[VatRow, ...]:
    """The VAT table of an advance invoice over ``payment``.

    The payment is divided in proportion to what is left of the order at each rate (``left_to_pay``), by largest
    remainders, so that no rate is ever paid beyond its value and advances sum to the order to the grosz.

    Raises Refused ``trade.advance-amount`` for a payment that is not above zero, not in whole 0.01s, or above what is
    left: what is paid beyond the order is no advance on it.
    """
    most = sum((row.gross for row in left), ZERO)
    check_amount(payment)
    if not 0 < payment <= most or payment != payment.quantize(ZERO):
        raise Refused(
            "trade.advance-amount",
            f"{payment} can't be invoiced as an advance: {most} of the order is left.",
            "Invoice no more than what is left; pay the rest back.",
            left=str(most),
        )
    parts = spread(payment, [row.gross for row in left])
    return tuple(tax_of(part, row.vat) for row, part in zip(left, parts, strict=True) if part)


def check_rates(whole: Sequence[VatRow], number: str) -> None:
    """Raises Refused ``trade.advance-negative-rate`` where the order is below zero at a rate (a discount with a rate of
    its own): nothing says how a payment is divided then."""
    below = [row.vat.code for row in whole if row.gross < 0]
    if below:
        raise Refused(
            "trade.advance-negative-rate",
            f"Order {number} is below zero at {', '.join(below)}: its payment can't be divided among VAT rates.",
            "Give the discount the VAT rate of what it lowers, or make the advance invoice by hand and skip the step.",
        )


def settle(whole: Sequence[VatRow], advances: Sequence[Advance]) -> Settling:
    """The final invoice over ``whole``, reduced by ``advances``, the oldest first, never below zero gross at any rate.

    An advance that fits is taken as it stands, net, tax and gross. Of one that does not fit any more (the order became
    smaller) what fits is taken, its tax counted from it.
    """
    charged = {row.vat: row for row in whole}
    taken: list[tuple[str, tuple[VatRow, ...]]] = []
    left = ZERO
    for advance in advances:
        rows = []
        for row in advance.rows:
            room = max(charged[row.vat].gross, ZERO) if row.vat in charged else ZERO
            part = row if row.gross <= room else tax_of(room, row.vat)
            left += row.gross - part.gross
            if part.gross:
                charged[row.vat] = _less(charged[row.vat], part)
                rows.append(part)
        if rows:
            taken.append((advance.id, tuple(rows)))
    return Settling(tuple(charged.values()), tuple(taken), left)


def plus(rows: Iterable[VatRow], more: Iterable[VatRow], sign: int = 1) -> tuple[VatRow, ...]:
    """``rows`` and ``more`` (taken off with ``sign`` -1) added rate by rate; rows that come to nothing are left out."""
    found = {row.vat: row for row in rows}
    for row in more:
        known = found.get(row.vat, VatRow(row.vat, ZERO, ZERO, ZERO))
        found[row.vat] = VatRow(
            row.vat, known.net + sign * row.net, known.tax + sign * row.tax, known.gross + sign * row.gross
        )
    return tuple(row for row in found.values() if to_units(row.gross) or to_units(row.tax))


def _less(row: VatRow, part: VatRow) -> VatRow:
    return VatRow(row.vat, row.net - part.net, row.tax - part.tax, row.gross - part.gross)
