"""What is said, and waited for, when goods are short."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from pomost.ledger.needs import StockNeed
from pomost.ledger.sheet import Sheet
from pomost.ledger.stock import Short
from pomost.ports import Waiting
from pomost.trade.allocation import lacks_text

ZERO = Decimal(0)


def not_in_stock(sheet: Sheet, shorts: Sequence[Short], partial: bool) -> Waiting:
    """Why a document has to wait for goods, and for what exactly."""
    place = sheet.warehouse.code
    asked: dict[str, Decimal] = {}
    for line in sheet.lines:
        asked[line.draft.sku] = asked.get(line.draft.sku, ZERO) + line.draft.quantity
    needs = [
        StockNeed(
            s.sku,
            place,
            s.reserved_line,
            None if partial else s.asked if s.reserved_line else asked[s.sku],
        ).text
        for s in shorts
    ]
    what = ", ".join(f"{s.sku} (asked {s.asked}, available {s.available})" for s in shorts)
    return Waiting(
        "ledger.not-in-stock",
        f"{sheet.who}: warehouse {place} of {sheet.company.code} is short of {what}.",
        tuple(dict.fromkeys(needs)),
        "Receive the goods; the document is then made by itself.",
        warehouse=place,
        skus=", ".join(s.sku for s in shorts),
        company=sheet.company.code,
        lacks=lacks_text((s.sku, s.asked - s.available) for s in shorts),
    )
