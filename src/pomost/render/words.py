"""Amounts in words, as Polish invoices carry them: whole units in words, hundredths as xx/100."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from num2words import num2words

from pomost.render import figures


@dataclass(frozen=True, slots=True)
class Noun:
    """A currency's name. Polish: 1 złoty, 2 złote, 5 złotych; ``feminine`` changes jeden/dwa to jedna/dwie."""

    one: str
    few: str
    many: str
    english: str
    english_many: str
    feminine: bool = False


CURRENCIES: dict[str, Noun] = {
    "PLN": Noun("złoty", "złote", "złotych", "zloty", "zlotys"),
    "EUR": Noun("euro", "euro", "euro", "euro", "euros"),
    "USD": Noun(
        "dolar amerykański", "dolary amerykańskie", "dolarów amerykańskich", "US dollar", "US dollars"
    ),
    "GBP": Noun(
        "funt szterling", "funty szterlingi", "funtów szterlingów", "pound sterling", "pounds sterling"
    ),
    "CHF": Noun(
        "frank szwajcarski", "franki szwajcarskie", "franków szwajcarskich", "Swiss franc", "Swiss francs"
    ),
    "CZK": Noun(
        "korona czeska", "korony czeskie", "koron czeskich", "Czech koruna", "Czech korunas", feminine=True
    ),
    "SEK": Noun(
        "korona szwedzka",
        "korony szwedzkie",
        "koron szwedzkich",
        "Swedish krona",
        "Swedish kronor",
        feminine=True,
    ),
    "NOK": Noun(
        "korona norweska",
        "korony norweskie",
        "koron norweskich",
        "Norwegian krone",
        "Norwegian kroner",
        feminine=True,
    ),
    "DKK": Noun(
        "korona duńska", "korony duńskie", "koron duńskich", "Danish krone", "Danish kroner", feminine=True
    ),
    "HUF": Noun("forint", "forinty", "forintów", "forint", "forints"),
    "RON": Noun("lej rumuński", "leje rumuńskie", "lejów rumuńskich", "Romanian leu", "Romanian lei"),
    "UAH": Noun("hrywna", "hrywny", "hrywien", "hryvnia", "hryvnias", feminine=True),
}


def in_words(value: Decimal, currency: str, language: Literal["pl", "en"]) -> str:
    """The amount in words, e.g. "sto dwadzieścia trzy złote 45/100".

    Rounded to 0.01. A currency with no known name is named by its code.
    """
    rounded = figures.cents(value)
    whole, hundredths = divmod(int(abs(rounded) * 100), 100)
    noun = CURRENCIES.get(currency)
    words = _polish(whole, noun, currency) if language == "pl" else _english(whole, noun, currency)
    return f"{'minus ' if rounded < 0 else ''}{words} {hundredths:02d}/100"


def _english(whole: int, noun: Noun | None, currency: str) -> str:
    number = num2words(whole, lang="en")
    if noun is None:
        return f"{number} {currency}"
    return f"{number} {noun.english if whole == 1 else noun.english_many}"


def _polish(whole: int, noun: Noun | None, currency: str) -> str:
    number = str(num2words(whole, lang="pl"))
    if noun is None:
        return f"{number} {currency}"
    if noun.feminine and whole == 1:
        number = "jedna"
    elif noun.feminine and number.split()[-1] == "dwa":
        number = number.removesuffix("dwa") + "dwie"
    return f"{number} {_polish_form(whole, noun)}"


def _polish_form(whole: int, noun: Noun) -> str:
    if whole == 1:
        return noun.one
    if whole % 10 in (2, 3, 4) and whole % 100 not in (12, 13, 14):
        return noun.few
    return noun.many
