"""Of which day the money of an advance invoice is."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pomost.trade.payment_days import PaidOn, Received, received_next

D = Decimal
MON, TUE, WED = (date(2026, 11, day) for day in (23, 24, 25))


def history(*totals: tuple[date, str]) -> list[PaidOn]:
    return [PaidOn(day, D(paid)) for day, paid in totals]


CASES = {
    "one payment": (history((MON, "30")), "0", "30", Received(D(30), MON)),
    "the second of two": (history((MON, "30"), (TUE, "50")), "30", "50", Received(D(20), TUE)),
    "two days at once: the older first": (
        history((MON, "30"), (TUE, "50")),
        "0",
        "50",
        Received(D(30), MON),
    ),
    "twice on one day is one": (history((MON, "10"), (MON, "30")), "0", "30", Received(D(30), MON)),
    "a payment after the order was read": (
        history((MON, "30"), (TUE, "50")),
        "0",
        "30",
        Received(D(30), MON),
    ),
    "no history": ([], "10", "30", Received(D(20), None)),
    "a history that does not account for it": (history((MON, "25")), "0", "30", Received(D(30), None)),
    "some was taken back since": (
        history((MON, "30"), (TUE, "10"), (WED, "40")),
        "30",
        "40",
        Received(D(10), None),
    ),
    "by hand, before the history began": (history((TUE, "50")), "30", "50", Received(D(20), TUE)),
}


@pytest.mark.parametrize("name", list(CASES))
def test_the_oldest_money_that_is_not_invoiced_has_the_day_it_came(name: str) -> None:
    found, invoiced, paid, expected = CASES[name]

    assert received_next(found, D(invoiced), D(paid)) == expected


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 500)), min_size=1, max_size=8))
def test_all_money_is_invoiced_once_and_never_two_days_together(payments: list[tuple[int, int]]) -> None:
    day, total, found = MON, 0, []
    for after, cents in payments:
        day, total = day + timedelta(days=after), total + cents
        found.append(PaidOn(day, D(total).scaleb(-2)))
    paid, invoiced, days = D(total).scaleb(-2), D(0), []

    while invoiced < paid:
        one = received_next(found, invoiced, paid)
        assert one.day is not None
        invoiced += one.amount
        days.append(one.day)

    assert invoiced == paid
    assert days == sorted({one.day for one in found})
