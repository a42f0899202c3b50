from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from pomost.trade.order import Payment
from pomost.trade.vat import VatRate
from tests.trade.samples import BASELINKER, Sample, line, order


@pytest.mark.parametrize("sample", BASELINKER.values(), ids=BASELINKER.keys())
def test_an_order_knows_its_total(sample: Sample) -> None:
    assert str(sample.order.total) == sample.total


def test_a_half_grosz_of_a_line_goes_up() -> None:
    assert order(line("A", "0.5", "0.01"), line("B", "1", "0.025"), delivery="0.005").total == Decimal("0.05")


@pytest.mark.parametrize(("paid", "expected"), [("9.99", False), ("10", True), ("10.01", True)])
def test_an_order_is_paid_from_its_total_on(paid: str, expected: bool) -> None:
    bought = replace(order(line("A", "1", "10")), payment=Payment(paid=Decimal(paid)))
    assert bought.is_paid is expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("23", "23"),
        ("23.00", "23"),
        (8, "8"),
        (Decimal("5.50"), "5.5"),
        ("0", "0"),
        ("100", "100"),
        ("zw", "zw"),
        (" np ", "np"),
        ("oo", "oo"),
        ("DE:19", "DE:19"),
    ],
)
def test_a_rate_is_read_and_written(text: str | int | Decimal, code: str) -> None:
    rate = VatRate.of(text)
    assert rate.code == code
    assert VatRate.of(rate.code) == rate


@pytest.mark.parametrize("text", ["", "abc", "-1", "101", "NaN", "Infinity", "23%"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a VAT rate"):
        VatRate.of(text)
