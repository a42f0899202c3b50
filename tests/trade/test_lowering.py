"""Lower prices after the sale: an amount spread over the lines that are kept, to the grosz."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pomost.trade.errors import Refused
from pomost.trade.lowering import Kept, lower, lowered_price, over_lines
from pomost.trade.money import line_value
from pomost.trade.vat import VatRate

D = Decimal


def kept(line: str, quantity: str, price: str, vat: str = "23", document: str = "FS") -> Kept:
    return Kept(document, line, VatRate.of(vat), D(quantity), line_value(D(price), D(quantity)))


CASES = [
    pytest.param("20.00", [kept("1", "1", "100.00")], ["20.00"], id="one-line-bears-it-all"),
    pytest.param(
        "20.00",
        [kept("1", "1", "75.00"), kept("2", "1", "25.00", "8")],
        ["15.00", "5.00"],
        id="each-rate-its-share",
    ),
    pytest.param(
        "0.01", [kept("1", "1", "10.00"), kept("2", "1", "10.00")], ["0.01", "0"], id="a-grosz-stays-a-grosz"
    ),
    pytest.param("1.00", [kept("1", "3", "10.00")], ["1.00"], id="three-pieces-share-a-zloty"),
    pytest.param(
        "30.00",
        [kept("1", "1", "10.00"), kept("2", "2", "10.00", "5")],
        ["10.00", "20.00"],
        id="all-that-there-is",
    ),
    pytest.param(
        "45.00",
        [kept("1", "1", "100.00"), kept("rabat", "1", "-10.00")],
        ["45.00", "0"],
        id="a-discount-is-not-lowered",
    ),
    pytest.param(
        "10.00",
        [kept("1", "1", "50.00", document="FS1"), kept("1", "1", "50.00", document="FS2")],
        ["5.00", "5.00"],
        id="two-documents",
    ),
    pytest.param(
        "5.00", [kept("1", "1", "0.00"), kept("2", "1", "9.99")], ["0", "5.00"], id="a-gift-stays-one"
    ),
]


@pytest.mark.parametrize(("amount", "lines", "less"), CASES)
def test_an_amount_is_divided_by_what_lines_are_worth(
    amount: str, lines: list[Kept], less: list[str]
) -> None:
    assert lower(D(amount), lines) == tuple(map(D, less))


@pytest.mark.parametrize(
    ("amount", "lines", "code"),
    [
        ("0.00", [kept("1", "1", "10.00")], "trade.lower-nothing"),
        ("-1.00", [kept("1", "1", "10.00")], "trade.lower-nothing"),
        ("0.005", [kept("1", "1", "10.00")], "trade.lower-nothing"),
        ("10.01", [kept("1", "1", "10.00")], "trade.lower-more-than-left"),
        ("90.01", [kept("1", "1", "100.00"), kept("2", "1", "-10.00")], "trade.lower-more-than-left"),
        ("1.00", [], "trade.lower-more-than-left"),
        ("0.01", [kept("1", "1000", "0.40")], "trade.lower-uneven"),
    ],
)
def test_what_can_not_be_taken_off_prices_is_refused(amount: str, lines: list[Kept], code: str) -> None:
    with pytest.raises(Refused) as refused:
        lower(D(amount), lines)
    assert refused.value.code == code


def test_what_many_pieces_can_not_say_another_line_of_the_rate_bears() -> None:
    screws, drill = kept("1", "1000", "0.40"), kept("2", "1", "400.00")
    less = lower(D("0.03"), [screws, drill])
    assert sum(less) == D("0.03")
    assert less[0] == 0


def test_the_line_that_the_shop_names_bears_it_and_no_other_of_its_rate() -> None:
    two_parts = [kept("39", "2", "44.05"), kept("39/2", "1", "44.06")]
    assert sum(over_lines(D("10.00"), two_parts)) == D("10.00")


PRICES = st.decimals(D("0.00"), D("999.99"), places=2)
LINES = st.lists(
    st.builds(
        lambda line, quantity, price, vat, document: kept(
            str(line), str(quantity), str(price), vat, f"FS{document}"
        ),
        st.integers(1, 99),
        st.integers(1, 99),
        PRICES,
        st.sampled_from(["23", "8", "5", "0", "zw"]),
        st.integers(1, 2),
    ),
    min_size=1,
    max_size=8,
)


@given(LINES, st.decimals(D("0"), D("1"), places=4))
def test_the_sum_is_exact_no_line_goes_below_zero_and_each_rate_bears_its_share(
    lines: list[Kept], part: Decimal
) -> None:
    whole = sum((one.value for one in lines), D(0))
    amount = (whole * part).quantize(D("0.01"))
    if amount <= 0:
        return
    less = lower(amount, lines)
    assert sum(less) == amount
    groups: dict[tuple[str, VatRate], list[int]] = {}
    for index, one in enumerate(lines):
        assert 0 <= less[index] <= one.value
        # a price says it to the grosz
        assert line_value(lowered_price(one, less[index]), one.quantity) == one.value - less[index]
        groups.setdefault((one.document, one.vat), []).append(index)
    for own in groups.values():
        worth = sum((lines[index].value for index in own), D(0))
        borne = sum((less[index] for index in own), D(0))
        assert abs(borne - amount * worth / whole) < D("0.01")


@given(LINES, st.lists(st.decimals(D("0.01"), D("99.99"), places=2), max_size=12))
def test_however_often_money_is_paid_back_no_more_is_lowered_than_was_sold(
    lines: list[Kept], amounts: list[Decimal]
) -> None:
    now = list(lines)
    whole = sum((one.value for one in lines), D(0))
    for amount in amounts:
        left = sum((one.value for one in now), D(0))
        if amount > left:
            with pytest.raises(Refused):
                lower(amount, now)
            continue
        less = lower(amount, now)
        now = [
            Kept(one.document, one.line, one.vat, one.quantity, one.value - off)
            for one, off in zip(now, less, strict=True)
        ]
        whole -= amount
        assert sum((one.value for one in now), D(0)) == whole
        assert all(one.value >= 0 for one in now)
