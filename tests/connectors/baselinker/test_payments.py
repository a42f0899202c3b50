"""The history of payments of an order: when the money came."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from pomost.connectors.baselinker.payments import payments_from_wire
from pomost.ports import PaymentSeen

ROW = {
    "paid_before": "0.00",
    "paid_after": "30.00",
    "total_price": "66.99",
    "currency": "PLN",
    "external_payment_id": "",
    "date": "1764000000",
    "comment": "",
}


def test_a_payment_has_its_amount_and_moment_and_they_stand_in_order() -> None:
    later = {**ROW, "paid_after": "50.00", "date": 1764100000}

    assert payments_from_wire([later, ROW]) == (
        PaymentSeen(Decimal("30.00"), datetime.fromtimestamp(1764000000, UTC)),
        PaymentSeen(Decimal("50.00"), datetime.fromtimestamp(1764100000, UTC)),
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"date": ""},
        {"date": "0"},
        {"date": "wczoraj"},
        {"paid_after": None},
        {"paid_after": "NaN"},
        {"date": None},
    ],
)
def test_a_row_that_tells_no_day_is_left_out(wrong: dict[str, Any]) -> None:
    assert payments_from_wire([{**ROW, **wrong}]) == ()
