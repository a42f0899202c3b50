from __future__ import annotations

from decimal import Decimal

import pytest

from pomost.render import figures
from pomost.trade.vat import VatRate


@pytest.mark.parametrize(
    ("value", "polish", "english"),
    [
        ("1234567.8", "1\u00a0234\u00a0567,80", "1,234,567.80"),
        ("0.005", "0,01", "0.01"),
        ("-12.5", "-12,50", "-12.50"),
    ],
)
def test_amounts_have_two_decimals(value: str, polish: str, english: str) -> None:
    assert (figures.amount(Decimal(value), "pl"), figures.amount(Decimal(value), "en")) == (polish, english)


@pytest.mark.parametrize(
    ("value", "quantity", "price"),
    [("2.000", "2", "2,00"), ("1E+3", "1\u00a0000", "1\u00a0000,00"), ("0.1234", "0,1234", "0,1234")],
)
def test_quantities_and_prices_keep_the_decimals_they_need(value: str, quantity: str, price: str) -> None:
    assert (figures.quantity(Decimal(value), "pl"), figures.unit_price(Decimal(value), "pl")) == (
        quantity,
        price,
    )


@pytest.mark.parametrize(
    ("code", "shown"), [("23", "23%"), ("5.5", "5,5%"), ("zw", "zw"), ("DE:19", "DE 19%")]
)
def test_rates_are_shown_as_people_write_them(code: str, shown: str) -> None:
    assert figures.rate(VatRate.of(code), "pl") == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("61109010140000071219812874", "61 1090 1014 0000 0712 1981 2874"),
        ("pl61-1090-1014-0000-0712-1981-2874", "PL 61 1090 1014 0000 0712 1981 2874"),
        ("", ""),
    ],
)
def test_accounts_stand_in_groups(text: str, shown: str) -> None:
    assert figures.account(text) == shown


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        pytest.param("a\x00b\x07c\x1b[31m", "abc[31m", id="control"),
        pytest.param("jeden\r\ndwa\rtrzy\u2028cztery", "jeden\ndwa\ntrzy\ncztery", id="line-ends"),
        pytest.param("a\tb", "a b", id="tab"),
        pytest.param("\u202e001 NLP", "001 NLP", id="turned-direction"),
        pytest.param("pół \ud83d znaku", "pół \ufffd znaku", id="half-of-a-pair"),
        pytest.param("קפה ☕️ 👩‍👧", "קפה ☕️ 👩‍👧", id="other-scripts-stay"),
        pytest.param("x" * 28, "x" * 28, id="just-fits"),
        pytest.param("x" * 29, "x" * 10 + "\u200b" + "x" * 10 + "\u200b" + "x" * 9, id="too-long"),
        pytest.param("e\u0301" * 15, ("e\u0301" * 5 + "\u200b") * 2 + "e\u0301" * 5, id="accents-stay-on"),
    ],
)
def test_text_of_strangers_is_made_safe_to_set(text: str, clean: str) -> None:
    assert figures.printable(text) == clean
