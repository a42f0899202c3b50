"""Amounts of a document in a foreign currency, in PLN, so that corrections come out even. Pure.

Each row of a VAT table is turned into PLN by itself, at the document's own rate, rounded half up to 0.01. A correction takes
the rate of what it corrects, and is in PLN what the rows come to after it, less what they came to before: so a document
and its corrections are together always the rate times what is left, and nothing once everything was taken back, however many
corrections there were. Advances and a final invoice have rates of their own and never mix: an advance is settled in its
currency, and its PLN stay its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from pomost.trade.documents import VatRow
from pomost.trade.vat import VatRate

CENT = Decimal("0.01")
ZERO = Decimal("0.00")


def pln(amount: Decimal, rate: Decimal) -> Decimal:
    """``amount`` in PLN, rounded half up to 0.01."""
    return (amount * rate).quantize(CENT, ROUND_HALF_UP)


def rows_in_pln(rows: Sequence[VatRow], rate: Decimal) -> dict[VatRate, tuple[Decimal, Decimal]]:
    """VAT rate -> net and tax in PLN."""
    return {row.vat: (pln(row.net, rate), pln(row.tax, rate)) for row in rows}


def difference_in_pln(
    before: Sequence[VatRow], difference: Sequence[VatRow], rate: Decimal
) -> dict[VatRate, tuple[Decimal, Decimal]]:
    """Net and tax in PLN of a correction by ``difference`` of what stood at ``before``, rate by rate."""
    stood = {row.vat: row for row in before}
    found = {}
    for row in difference:
        was = stood.get(row.vat, VatRow(row.vat, ZERO, ZERO, ZERO))
        found[row.vat] = (
            pln(was.net + row.net, rate) - pln(was.net, rate),
            pln(was.tax + row.tax, rate) - pln(was.tax, rate),
        )
    return found
