"""The history of an order's payments."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from pomost.ports import Json, PaymentSeen


def payments_from_wire(rows: Iterable[Json]) -> tuple[PaymentSeen, ...]:
    """Rows of ``getOrderPaymentsHistory``, oldest first. Amounts and dates are texts there; a row without a readable amount
    or date tells nothing about a day and is left out."""
    found = []
    for row in rows:
        try:
            paid, seconds = Decimal(str(row.get("paid_after"))), int(str(row.get("date")))
        except (InvalidOperation, ValueError):
            continue
        if paid.is_finite() and seconds > 0:
            found.append(PaymentSeen(paid, datetime.fromtimestamp(seconds, UTC)))
    return tuple(sorted(found, key=lambda one: one.at))
