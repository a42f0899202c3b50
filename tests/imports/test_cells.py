"""What a cell may hold, and what is said of one that may not."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from pomost.imports import cells
from pomost.imports.reading import Trouble
from pomost.ports import NeedsPerson


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("12,50", "12.50"),
        ("1 234,50", "1234.50"),
        ("1\u00a0234,5", "1234.5"),
        ("1\u202f234.5", "1234.5"),
        ("1.234,50", "1234.50"),
        ("1,234.50", "1234.50"),
        ("1.5E+3", "1500"),
        (12.1, "12.1"),
        (0.1 + 0.2, "0.3"),
        (7, "7"),
    ],
)
def test_numbers_as_people_and_programs_write_them(cell: Any, value: str) -> None:
    assert cells.number(cell) == Decimal(value)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("abc", "import.not-a-number"),
        ("12,5 zł?", "import.not-a-number"),
        (True, "import.not-a-number"),
        (date(2026, 5, 12), "import.not-a-number"),
        (float("nan"), "import.not-a-number"),
        ("1,23456", "import.too-many-decimals"),
        ("1E+20", "import.number-too-large"),
        (Trouble("error", "#N/A"), "import.error-cell"),
        (Trouble("formula"), "import.formula-without-value"),
        (Trouble("merged"), "import.merged-cell"),
    ],
)
def test_what_is_no_number(cell: Any, code: str) -> None:
    with pytest.raises(NeedsPerson, check=lambda error: error.code == code):
        cells.number(cell)


def test_a_quantity_is_not_below_zero() -> None:
    with pytest.raises(NeedsPerson, check=lambda error: error.code == "import.negative"):
        cells.not_negative("-1")


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("0012345678905", "0012345678905"),
        ("590 123 412 345 7", "5901234123457"),
        (5901234123457, "5901234123457"),
        (5901234123457.0, "5901234123457"),
        ("5,901234123457E+12", "5901234123457"),
    ],
)
def test_an_ean_keeps_its_digits(cell: Any, value: str) -> None:
    assert cells.ean(cell) == value


@pytest.mark.parametrize(
    ("cell", "code"),
    [("5,9E+12", "import.ean-shortened"), ("590/1", "import.ean"), (False, "import.truth-value")],
)
def test_an_ean_that_lost_digits_is_refused(cell: Any, code: str) -> None:
    with pytest.raises(NeedsPerson, check=lambda error: error.code == code):
        cells.ean(cell)


@pytest.mark.parametrize(
    ("cell", "rate"),
    [("23%", "23"), (0.23, "23"), (23, "23"), ("8", "8"), ("zw.", "zw"), ("np", "np"), ("DE:19", "DE:19"), (0, "0"),
     (0.05, "5"), ("ZW.", "zw"), ("VAT 8%", "8"), ("de:19", "DE:19"), ("5,5%", "5.5")],
)  # fmt: skip
def test_rates_of_vat(cell: Any, rate: str) -> None:
    assert cells.vat(cell) == rate


@pytest.mark.parametrize("cell", ["dwadzieścia", "123", "-5"])
def test_what_is_no_rate(cell: Any) -> None:
    with pytest.raises(NeedsPerson, check=lambda error: error.code == "import.unknown-vat"):
        cells.vat(cell)


def test_the_nip_is_checked() -> None:
    assert cells.checked_tax_id("526-025-02-74", "") == "PL5260250274", "as documents carry it"
    with pytest.raises(NeedsPerson, check=lambda error: error.code == "import.wrong-nip"):
        cells.checked_tax_id("526-025-02-75", "PL")
