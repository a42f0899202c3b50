"""Advance invoices: the tax of a payment, its division among rates, and what the final invoice charges."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pomost.trade.advances import Advance, check_rates, left_to_pay, plus, settle, split_advance, tax_of
from pomost.trade.count import count_lines
from pomost.trade.documents import DraftLine, VatRow
from pomost.trade.errors import Refused
from pomost.trade.vat import VatRate

D = Decimal


def order(*values: tuple[str, str], basis: str = "gross") -> tuple[VatRow, ...]:
    """An order's VAT table: (value, rate) of each line, on the basis."""
    lines = [DraftLine("A", "A", D(1), D(value), VatRate.of(rate)) for value, rate in values]
    return count_lines(lines, basis).vat_rows  # type: ignore[arg-type]


def shown(rows: tuple[VatRow, ...]) -> list[str]:
    return [f"{row.vat.code}: {row.net} + {row.tax} = {row.gross}" for row in rows]


def pay(whole: tuple[VatRow, ...], *payments: str) -> list[Advance]:
    made: list[Advance] = []
    for number, payment in enumerate(payments, 1):
        rows = split_advance(D(payment), left_to_pay(whole, made))
        made.append(Advance(str(number), f"FZAL/{number}", rows))
    return made


# Worked by hand from KP = ZB x SP / (100 + SP).
TAXES = [
    ("123.00", "23", "100.00", "23.00"),
    ("30.00", "23", "24.39", "5.61"),  # 5.6097
    ("100.00", "23", "81.30", "18.70"),  # 18.6991
    ("33.33", "23", "27.10", "6.23"),  # 6.2324
    ("33.34", "23", "27.11", "6.23"),  # 6.2342
    ("0.01", "23", "0.01", "0.00"),
    ("108.00", "8", "100.00", "8.00"),
    ("0.07", "8", "0.06", "0.01"),  # 0.0051
    ("21.00", "5", "20.00", "1.00"),
    ("50.00", "0", "50.00", "0.00"),
    ("50.00", "zw", "50.00", "0.00"),
    ("50.00", "oo", "50.00", "0.00"),
]


@pytest.mark.parametrize(("received", "rate", "net", "tax"), TAXES)
def test_the_tax_of_an_advance_is_counted_from_what_was_received(
    received: str, rate: str, net: str, tax: str
) -> None:
    row = tax_of(D(received), VatRate.of(rate))

    assert (row.net, row.tax, row.gross) == (D(net), D(tax), D(received))


CASES = [
    (
        "one rate, one advance, a rest",
        order(("66.99", "23")),
        ["30.00"],
        [["23: 24.39 + 5.61 = 30.00"]],
        ["23: 30.07 + 6.92 = 36.99"],
    ),
    (
        "two rates are paid in their proportion",
        order(("123.00", "23"), ("108.00", "8")),
        ["115.50"],
        [["23: 50.00 + 11.50 = 61.50", "8: 50.00 + 4.00 = 54.00"]],
        ["23: 50.00 + 11.50 = 61.50", "8: 50.00 + 4.00 = 54.00"],
    ),
    (
        "a grosz that can't be halved goes to the largest remainder",
        order(("10.00", "23"), ("20.00", "8")),
        ["0.01"],
        [["8: 0.01 + 0.00 = 0.01"]],
        ["23: 8.13 + 1.87 = 10.00", "8: 18.51 + 1.48 = 19.99"],
    ),
    (
        "three advances and a rest: what the advances showed is taken off",
        order(("100.00", "23")),
        ["33.33", "33.33", "33.33"],
        [["23: 27.10 + 6.23 = 33.33"]] * 3,
        ["23: 0.00 + 0.01 = 0.01"],
    ),
    (
        "paid in full at once: nothing is left at any rate",
        order(("123.00", "23"), ("108.00", "8"), ("50.00", "zw")),
        ["281.00"],
        [["23: 100.00 + 23.00 = 123.00", "8: 100.00 + 8.00 = 108.00", "zw: 50.00 + 0.00 = 50.00"]],
        ["23: 0.00 + 0.00 = 0.00", "8: 0.00 + 0.00 = 0.00", "zw: 0.00 + 0.00 = 0.00"],
    ),
    (
        "an order priced net: the tax of the sale is from net, that of the advance from gross",
        order(("10.02", "23"), basis="net"),
        ["12.32"],
        [["23: 10.02 + 2.30 = 12.32"]],
        ["23: 0.00 + 0.00 = 0.00"],
    ),
    (
        "three thirds cover the whole: a grosz of tax that roundings left stands where it is",
        order(("100.00", "23")),
        ["33.33", "33.33", "33.34"],
        [["23: 27.10 + 6.23 = 33.33"], ["23: 27.10 + 6.23 = 33.33"], ["23: 27.11 + 6.23 = 33.34"]],
        ["23: -0.01 + 0.01 = 0.00"],
    ),
]


@pytest.mark.parametrize(
    ("whole", "payments", "advances", "rest"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_the_table_of_cases(
    whole: tuple[VatRow, ...], payments: list[str], advances: list[list[str]], rest: list[str]
) -> None:
    made = pay(whole, *payments)

    assert [shown(one.rows) for one in made] == advances
    assert shown(settle(whole, made).charged) == rest


def test_an_order_that_became_smaller_leaves_an_advance_over_and_is_never_below_zero() -> None:
    made = pay(order(("123.00", "23"), ("108.00", "8")), "231.00")
    found = settle(order(("61.50", "23"), ("108.00", "8")), made)

    assert shown(found.charged) == ["23: 0.00 + 0.00 = 0.00", "8: 0.00 + 0.00 = 0.00"]
    assert found.left == D("61.50")


def test_a_rate_that_the_order_lost_is_left_over() -> None:
    made = pay(order(("123.00", "23")), "100.00")

    assert settle(order(("108.00", "8")), made).left == D("100.00")


@pytest.mark.parametrize("payment", ["0", "-1.00", "66.991", "67.00", "NaN"])
def test_what_is_no_advance_is_refused(payment: str) -> None:
    with pytest.raises(Refused) as caught:
        split_advance(D(payment), order(("66.99", "23")))

    assert caught.value.code in ("trade.advance-amount", "trade.not-a-number")


def test_a_discount_with_a_rate_of_its_own_needs_a_person() -> None:
    with pytest.raises(Refused) as caught:
        check_rates(order(("100.00", "23"), ("-10.00", "8")), "1")

    assert caught.value.code == "trade.advance-negative-rate"


VALUES = st.decimals(min_value="0.01", max_value="99999.99", places=2)
ORDERS = st.tuples(
    st.lists(
        st.tuples(VALUES, st.sampled_from(["23", "8", "5", "0", "zw", "DE:19"])), min_size=1, max_size=8
    ),
    st.sampled_from(["gross", "net"]),
)


@given(ORDERS, st.lists(st.integers(1, 1000), min_size=1, max_size=6), st.booleans())
def test_advances_and_the_rest_are_the_order_to_the_grosz_and_nothing_is_below_zero(
    given_order: tuple[list[tuple[Decimal, str]], str], parts: list[int], in_full: bool
) -> None:
    lines, basis = given_order
    whole = order(*((str(value), rate) for value, rate in lines), basis=basis)
    total = sum((row.gross for row in whole), D(0))
    shares = [(total * part / 6000).quantize(D("0.01")) for part in parts]
    made = pay(whole, *(str(one) for one in shares if one))
    if in_full and (left := total - sum((one.gross for one in made), D(0))):
        rows = split_advance(left, left_to_pay(whole, made))
        made.append(Advance("last", "FZAL/last", rows))

    found = settle(whole, made)

    everything = found.charged
    for advance in made:
        everything = plus(everything, advance.rows)
        for row in advance.rows:
            assert min(row.net, row.tax, row.gross) >= 0
            assert row == tax_of(row.gross, row.vat)
    assert plus(everything, whole, -1) == ()
    assert found.left == 0
    assert all(row.gross >= 0 for row in found.charged)
    # each rounding moves the tax of the rest by half a grosz at most
    for row in found.charged:
        exact = row.gross * row.vat.percent / (100 + row.vat.percent)
        assert abs(row.tax - exact) <= D("0.005") * (len(made) + 1) + D("0.01")
    if in_full:
        assert found.gross == 0


@given(ORDERS, st.integers(1, 6000))
def test_no_rate_is_paid_beyond_its_value(
    given_order: tuple[list[tuple[Decimal, str]], str], part: int
) -> None:
    lines, basis = given_order
    whole = order(*((str(value), rate) for value, rate in lines), basis=basis)
    payment = (sum((row.gross for row in whole), D(0)) * part / 6000).quantize(D("0.01"))
    if not payment:
        return
    values = {row.vat: row.gross for row in whole}

    rows = split_advance(payment, whole)

    assert sum((row.gross for row in rows), D(0)) == payment
    assert all(0 < row.gross <= values[row.vat] for row in rows)
    exact = {vat: payment * value / sum(values.values()) for vat, value in values.items()}
    assert all(abs(row.gross - exact[row.vat]) < D("0.01") for row in rows)
