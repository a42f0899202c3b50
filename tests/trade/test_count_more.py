"""A counted document adds up: lines to rows, rows to the document, and from gross to the order's total."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pomost.trade.compose import ComposeRules, compose_lines
from pomost.trade.count import count_lines
from pomost.trade.order import OrderLine
from tests.trade.orders import line, order

RATES = ("23", "8", "5", "0", "zw", "np", "oo", "DE:19", "5.5")
CENT = Decimal("0.01")


@st.composite
def order_lines(draw: st.DrawFn, lowest_price: int = -(10**6)) -> OrderLine:
    quantity = Decimal(draw(st.integers(1, 10**6))).scaleb(-draw(st.integers(0, 4)))
    price = Decimal(draw(st.integers(lowest_price, 10**7))).scaleb(-draw(st.integers(0, 4)))
    return line(quantity=str(quantity), price=str(price), vat=draw(st.sampled_from(RATES)))


many_lines = st.lists(order_lines(), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("basis", "lines", "net", "tax", "gross"),
    [
        pytest.param("gross", [("1", "123.00", "23")], "100.00", "23.00", "123.00", id="gross, one line"),
        pytest.param("net", [("1", "100.00", "23")], "100.00", "23.00", "123.00", id="net, one line"),
        pytest.param("gross", [("3", "0.99", "23")], "2.41", "0.56", "2.97", id="gross, rounds the tax up"),
        pytest.param(
            "net", [("1", "0.01", "23")] * 3, "0.03", "0.01", "0.04", id="net, tax of the whole rate"
        ),
        pytest.param("net", [("1", "0.50", "5")], "0.50", "0.03", "0.53", id="net, half a grosz goes up"),
        pytest.param("gross", [("0.5", "0.01", "0")], "0.01", "0.00", "0.01", id="half up, not half even"),
        pytest.param("gross", [("2", "50", "zw")], "100.00", "0.00", "100.00", id="exempt has no tax"),
        pytest.param(
            "gross",
            [("1", "123", "23"), ("1", "-12.30", "23")],
            "90.00",
            "20.70",
            "110.70",
            id="a discount lowers the tax",
        ),
        pytest.param("net", [], "0.00", "0.00", "0.00", id="nothing is nothing"),
    ],
)
def test_totals_are_as_the_law_counts(
    basis: str, lines: list[tuple[str, str, str]], net: str, tax: str, gross: str
) -> None:
    counted = count_lines([line("A", *row) for row in lines], basis)  # type: ignore[arg-type]
    assert (counted.net, counted.tax, counted.gross) == (Decimal(net), Decimal(tax), Decimal(gross))


def test_vat_rows_stand_by_falling_rate_with_special_ones_last() -> None:
    counted = count_lines([line(vat=code) for code in ("zw", "5", "np", "23", "0", "8")], "gross")
    assert [row.vat.code for row in counted.vat_rows] == ["23", "8", "5", "0", "zw", "np"]


@pytest.mark.parametrize("basis", ["gross", "net"])
@settings(max_examples=100, deadline=None)
@given(lines=many_lines)
def test_lines_sum_to_rows_and_rows_to_the_document(basis: str, lines: list[OrderLine]) -> None:
    counted = count_lines(lines, basis)  # type: ignore[arg-type]
    for row in counted.vat_rows:
        own = [value for item, value in zip(lines, counted.lines, strict=True) if item.vat == row.vat]
        assert sum(value.net for value in own) == row.net
        assert sum(value.tax for value in own) == row.tax
        assert sum(value.gross for value in own) == row.gross
    for value in (*counted.lines, *counted.vat_rows, counted):
        assert value.net + value.tax == value.gross
        assert value.tax == value.tax.quantize(CENT)
    assert len({row.vat for row in counted.vat_rows}) == len(counted.vat_rows)
    assert sum(row.gross for row in counted.vat_rows) == counted.gross


@pytest.mark.parametrize("basis", ["gross", "net"])
@settings(max_examples=100, deadline=None)
@given(lines=many_lines)
def test_the_tax_of_a_rate_is_off_by_half_a_grosz_at_most(basis: str, lines: list[OrderLine]) -> None:
    for row in count_lines(lines, basis).vat_rows:  # type: ignore[arg-type]
        rate = row.vat.percent
        exact = row.gross * rate / (100 + rate) if basis == "gross" else row.net * rate / 100
        assert abs(row.tax - exact) <= Decimal("0.0050000001")


@settings(max_examples=100, deadline=None)
@given(
    lines=st.lists(order_lines(lowest_price=0), min_size=1, max_size=8),
    delivery=st.integers(0, 10**6),
    places=st.integers(0, 4),
    rule=st.sampled_from(["dominant", "highest", "proportional", "fixed:8"]),
)
def test_a_document_from_gross_equals_the_orders_total(
    lines: list[OrderLine], delivery: int, places: int, rule: str
) -> None:
    bought = order(*lines, delivery=str(Decimal(delivery).scaleb(-places)))
    composed = compose_lines(bought, ComposeRules(delivery_vat=rule))
    assert count_lines(composed.lines, "gross").gross == bought.total
    assert composed.difference == 0


def test_half_a_grosz_is_rounded_alike_on_the_order_and_the_document() -> None:
    bought = order(line(quantity="0.5", price="0.01"), delivery="0.125")
    assert bought.total == Decimal("0.14")
    assert compose_lines(bought, ComposeRules()).difference == 0
