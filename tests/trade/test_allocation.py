from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pomost.trade.allocation import share, spread


@pytest.mark.parametrize(
    ("amount", "weights", "expected"),
    [
        pytest.param("10.00", ["1", "1", "1"], ["3.34", "3.33", "3.33"], id="first-of-equals"),
        pytest.param("0.01", ["1", "2"], ["0.00", "0.01"], id="one-grosz-to-the-larger"),
        pytest.param("15.99", ["59.90", "73.00"], ["7.21", "8.78"], id="delivery-over-two-rates"),
        pytest.param("-10.00", ["1", "1", "1"], ["-3.33", "-3.33", "-3.34"], id="below-zero"),
        pytest.param("5.00", ["0", "3.3333"], ["0.00", "5.00"], id="nothing-to-weight-zero"),
    ],
)
def test_an_amount_is_spread(amount: str, weights: list[str], expected: list[str]) -> None:
    assert [
        str(part) for part in spread(Decimal(amount), [Decimal(weight) for weight in weights])
    ] == expected


@pytest.mark.parametrize("weights", [[], ["0", "0"], ["2", "-1"]], ids=["none", "all-zero", "negative"])
def test_weights_that_say_nothing_are_refused(weights: list[str]) -> None:
    with pytest.raises(ValueError, match="weights must be zero or more"):
        spread(Decimal("1.00"), [Decimal(weight) for weight in weights])


def test_a_whole_that_is_not_the_sum_is_refused() -> None:
    with pytest.raises(ValueError, match="not the rounded sum"):
        share(9, [1, 1], 1)


@settings(max_examples=100)
@given(
    st.decimals("-9999", "9999", places=2),
    st.lists(st.decimals("0", "9999", places=4), min_size=1, max_size=20).filter(any),
)
def test_parts_sum_to_the_amount_and_are_within_a_grosz(amount: Decimal, weights: list[Decimal]) -> None:
    parts = spread(amount, weights)
    assert sum(parts) == amount
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - amount * weight / sum(weights)) < Decimal("0.0100001")
