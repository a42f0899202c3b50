from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pomost.trade.compose import ComposeRules, compose_lines
from pomost.trade.count import Counted, LineValue, count_lines
from pomost.trade.errors import Refused
from pomost.trade.order import Basis, OrderLine
from tests.trade.samples import BASELINKER, Sample, line


def rows(counted: Counted) -> tuple[tuple[str, str, str, str], ...]:
    return tuple((row.vat.code, str(row.net), str(row.tax), str(row.gross)) for row in counted.vat_rows)


def values(counted: Counted) -> list[tuple[str, str, str]]:
    return [(str(value.net), str(value.tax), str(value.gross)) for value in counted.lines]


@pytest.mark.parametrize("sample", BASELINKER.values(), ids=BASELINKER.keys())
def test_an_order_from_baselinker_is_counted_to_its_total(sample: Sample) -> None:
    composed = compose_lines(sample.order, ComposeRules())
    counted = count_lines(composed.lines, "gross")
    assert rows(counted) == sample.vat_rows
    assert str(counted.gross) == sample.total
    assert sample.order.total == counted.gross
    assert composed.difference == 0
    assert composed.notes == ()


@pytest.mark.parametrize(
    ("basis", "lines", "expected_values", "expected_rows"),
    [
        pytest.param(
            "gross",
            [line("A", "1", "0.10"), line("B", "1", "0.10"), line("C", "1", "0.10")],
            # 0.30 x 23/123 = 0.0561 -> 0.06; each line alone 0.0187, so two grosze go to each, all equal
            [("0.08", "0.02", "0.10"), ("0.08", "0.02", "0.10"), ("0.08", "0.02", "0.10")],
            (("23", "0.24", "0.06", "0.30"),),
            id="gross-tax-is-counted-once-for-the-rate",
        ),
        pytest.param(
            "gross",
            [line("A", "1", "0.13"), line("B", "1", "0.13"), line("C", "1", "0.13")],
            # 0.39 x 23/123 = 0.0729 -> 0.07; exact parts are 0.0243, so the first line takes the grosz left
            [("0.10", "0.03", "0.13"), ("0.11", "0.02", "0.13"), ("0.11", "0.02", "0.13")],
            (("23", "0.32", "0.07", "0.39"),),
            id="gross-the-earlier-of-equal-remainders-takes-the-grosz",
        ),
        pytest.param(
            "net",
            [line("A", "1", "0.10"), line("B", "1", "0.11"), line("C", "1", "0.10")],
            # 0.31 x 0.23 = 0.0713 -> 0.07; parts 0.0230, 0.0253, 0.0230: the middle one has the largest remainder
            [("0.10", "0.02", "0.12"), ("0.11", "0.03", "0.14"), ("0.10", "0.02", "0.12")],
            (("23", "0.31", "0.07", "0.38"),),
            id="net-the-largest-remainder-takes-the-grosz",
        ),
        pytest.param(
            "net",
            [line("A", "1", "0.50"), line("B", "1", "-0.50", "DE:23")],
            # 0.50 x 0.23 = 0.115
            [("0.50", "0.12", "0.62"), ("-0.50", "-0.12", "-0.62")],
            (("23", "0.50", "0.12", "0.62"), ("DE:23", "-0.50", "-0.12", "-0.62")),
            id="net-half-a-grosz-of-tax-goes-away-from-zero",
        ),
        pytest.param(
            "net",
            [line("A", "3", "9.99"), line("B", "1", "100", "8")],
            [("29.97", "6.89", "36.86"), ("100.00", "8.00", "108.00")],
            (("23", "29.97", "6.89", "36.86"), ("8", "100.00", "8.00", "108.00")),
            id="net-two-rates",
        ),
        pytest.param(
            "gross",
            [line("A", "1.5", "3.3333"), line("B", "0.001", "5")],
            # 4.99995 -> 5.00; 0.005 -> 0.01; the tax of 5.01 is 0.9368, its parts 0.9350 and 0.0019
            [("4.06", "0.94", "5.00"), ("0.01", "0.00", "0.01")],
            (("23", "4.07", "0.94", "5.01"),),
            id="price-with-four-decimals-and-a-half-away-from-zero",
        ),
        pytest.param(
            "gross",
            [line("A", "1", "-0.005"), line("B", "2", "-10")],
            [("-0.01", "0.00", "-0.01"), ("-16.26", "-3.74", "-20.00")],
            (("23", "-16.27", "-3.74", "-20.01"),),
            id="below-zero-mirrors-above-zero",
        ),
        pytest.param(
            "gross",
            [line("A", "1", "105.5", "FR:5.5"), line("B", "1", "100", "0"), line("C", "1", "100", "zw")],
            [("100.00", "5.50", "105.50"), ("100.00", "0.00", "100.00"), ("100.00", "0.00", "100.00")],
            (
                ("FR:5.5", "100.00", "5.50", "105.50"),
                ("0", "100.00", "0.00", "100.00"),
                ("zw", "100.00", "0.00", "100.00"),
            ),
            id="rate-with-decimals-and-0-apart-from-zw",
        ),
        pytest.param(
            "gross",
            [line("A", "1", "1", "np"), line("B", "1", "1", "5"), line("C", "1", "1", "oo"), line("D", "1", "1", "23"), line("E", "1", "1", "zw")],
            [("1.00", "0.00", "1.00"), ("0.95", "0.05", "1.00"), ("1.00", "0.00", "1.00"), ("0.81", "0.19", "1.00"), ("1.00", "0.00", "1.00")],
            (
                ("23", "0.81", "0.19", "1.00"),
                ("5", "0.95", "0.05", "1.00"),
                ("zw", "1.00", "0.00", "1.00"),
                ("np", "1.00", "0.00", "1.00"),
                ("oo", "1.00", "0.00", "1.00"),
            ),
            id="rows-from-the-highest-rate-then-special",
        ),
        pytest.param("gross", [], [], (), id="no-lines"),
    ],
)  # fmt: skip
def test_lines_and_rows_are_counted(
    basis: Basis,
    lines: list[OrderLine],
    expected_values: list[tuple[str, str, str]],
    expected_rows: tuple[tuple[str, str, str, str], ...],
) -> None:
    counted = count_lines(lines, basis)
    assert values(counted) == expected_values
    assert rows(counted) == expected_rows


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_a_price_that_is_no_number_is_refused(word: str) -> None:
    with pytest.raises(Refused) as refusal:
        count_lines([line("A", "1", word)], "gross")
    assert refusal.value.code == "trade.not-a-number"


@pytest.mark.parametrize(("quantity", "price"), [("1", "1E+16"), ("1E+999999", "1"), ("1E+10", "1E+10")])
def test_an_amount_beyond_the_database_is_refused(quantity: str, price: str) -> None:
    with pytest.raises(Refused) as refusal:
        count_lines([line("A", quantity, price)], "gross")
    assert refusal.value.code == "trade.too-large"


def test_a_coarse_decimal_context_of_the_thread_changes_nothing() -> None:
    lines = [line("A", "3", "1234567.89"), line("B", "7", "0.07", "8")]
    expected = count_lines(lines, "gross")
    with localcontext(prec=4):
        counted = count_lines(lines, "gross")
    assert counted == expected


prices = st.decimals("-99999", "99999", places=4)
quantities = st.decimals("-999", "999", places=4)
rates = st.sampled_from(["23", "8", "5", "0", "zw", "np", "oo", "DE:19", "FR:5.5", "FR:2.1", "CH:8.1"])
some_lines = st.lists(
    st.builds(
        lambda quantity, price, rate: line("A", str(quantity), str(price), rate), quantities, prices, rates
    ),
    max_size=25,
)


def total(parts: list[Decimal]) -> Decimal:
    return sum(parts, Decimal(0))


@settings(max_examples=100)
@given(some_lines, st.sampled_from(["gross", "net"]))
def test_lines_sum_to_rows_and_rows_to_the_document(lines: list[OrderLine], basis: Basis) -> None:
    counted = count_lines(lines, basis)
    for row in counted.vat_rows:
        mine = [value for value, given in zip(counted.lines, lines, strict=True) if given.vat == row.vat]
        assert LineValue(row.net, row.tax, row.gross) == LineValue(
            total([value.net for value in mine]),
            total([value.tax for value in mine]),
            total([value.gross for value in mine]),
        )
        assert row.net + row.tax == row.gross
    assert counted.net == total([row.net for row in counted.vat_rows])
    assert counted.tax == total([row.tax for row in counted.vat_rows])
    assert counted.gross == total([row.gross for row in counted.vat_rows])
    assert all(value.net + value.tax == value.gross for value in counted.lines)


@settings(max_examples=100)
@given(some_lines, st.sampled_from(["gross", "net"]))
def test_tax_is_within_half_a_grosz_for_a_rate_and_a_grosz_for_a_line(
    lines: list[OrderLine], basis: Basis
) -> None:
    counted = count_lines(lines, basis)
    for value, priced in zip(counted.lines, lines, strict=True):
        assert abs(Fraction(value.tax) - exact_tax(value, priced, basis)) < Fraction(1, 100)
    for row in counted.vat_rows:
        mine = [
            (value, given) for value, given in zip(counted.lines, lines, strict=True) if given.vat == row.vat
        ]
        exact = sum(exact_tax(value, given, basis) for value, given in mine)
        assert abs(Fraction(row.tax) - exact) <= Fraction(1, 200)


def exact_tax(value: LineValue, priced: OrderLine, basis: Basis) -> Fraction:
    rate = Fraction(priced.vat.percent)
    if basis == "gross":
        return Fraction(value.gross) * rate / (100 + rate)
    return Fraction(value.net) * rate / 100


@settings(max_examples=50)
@given(some_lines, st.sampled_from(["gross", "net"]))
def test_an_opposite_document_has_opposite_totals(lines: list[OrderLine], basis: Basis) -> None:
    opposite = [line("A", str(-given.quantity), str(given.price), given.vat.code) for given in lines]
    counted, countered = count_lines(lines, basis), count_lines(opposite, basis)
    assert (counted.net, counted.tax, counted.gross) == (-countered.net, -countered.tax, -countered.gross)
