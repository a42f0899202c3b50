from __future__ import annotations

from decimal import Decimal

import pytest

from pomost.render.words import in_words

CASES = [
    ("0", "PLN", "zero złotych 00/100", "zero zlotys 00/100"),
    ("1", "PLN", "jeden złoty 00/100", "one zloty 00/100"),
    ("2", "PLN", "dwa złote 00/100", "two zlotys 00/100"),
    ("5", "PLN", "pięć złotych 00/100", "five zlotys 00/100"),
    ("12", "PLN", "dwanaście złotych 00/100", "twelve zlotys 00/100"),
    ("21", "PLN", "dwadzieścia jeden złotych 00/100", "twenty-one zlotys 00/100"),
    ("22", "PLN", "dwadzieścia dwa złote 00/100", "twenty-two zlotys 00/100"),
    ("100", "PLN", "sto złotych 00/100", "one hundred zlotys 00/100"),
    ("112.01", "PLN", "sto dwanaście złotych 01/100", "one hundred and twelve zlotys 01/100"),
    ("123.45", "PLN", "sto dwadzieścia trzy złote 45/100", "one hundred and twenty-three zlotys 45/100"),
    ("1000", "PLN", "tysiąc złotych 00/100", "one thousand zlotys 00/100"),
    ("2000", "PLN", "dwa tysiące złotych 00/100", "two thousand zlotys 00/100"),
    (
        "1234567.89",
        "PLN",
        "milion dwieście trzydzieści cztery tysiące pięćset sześćdziesiąt siedem złotych 89/100",
        "one million, two hundred and thirty-four thousand, five hundred and sixty-seven zlotys 89/100",
    ),
    ("-3.50", "PLN", "minus trzy złote 50/100", "minus three zlotys 50/100"),
    ("0.995", "PLN", "jeden złoty 00/100", "one zloty 00/100"),
    ("23.10", "EUR", "dwadzieścia trzy euro 10/100", "twenty-three euros 10/100"),
    ("1", "EUR", "jeden euro 00/100", "one euro 00/100"),
    ("1", "GBP", "jeden funt szterling 00/100", "one pound sterling 00/100"),
    ("4", "GBP", "cztery funty szterlingi 00/100", "four pounds sterling 00/100"),
    ("25", "GBP", "dwadzieścia pięć funtów szterlingów 00/100", "twenty-five pounds sterling 00/100"),
    ("1", "CZK", "jedna korona czeska 00/100", "one Czech koruna 00/100"),
    ("22", "CZK", "dwadzieścia dwie korony czeskie 00/100", "twenty-two Czech korunas 00/100"),
    ("21", "CZK", "dwadzieścia jeden koron czeskich 00/100", "twenty-one Czech korunas 00/100"),
    ("7.05", "BRL", "siedem BRL 05/100", "seven BRL 05/100"),
]


@pytest.mark.parametrize(
    ("amount", "currency", "polish", "english"), CASES, ids=[f"{case[0]}-{case[1]}" for case in CASES]
)
def test_an_amount_is_said_in_both_languages(amount: str, currency: str, polish: str, english: str) -> None:
    value = Decimal(amount)

    assert (in_words(value, currency, "pl"), in_words(value, currency, "en")) == (polish, english)
