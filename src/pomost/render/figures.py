"""How numbers, rates, accounts and free text look on paper, for both languages."""

from __future__ import annotations

import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from pomost.trade.vat import VatRate

NumberStyle = Literal["pl", "en"]

_SEPARATORS: dict[NumberStyle, tuple[str, str]] = {"pl": ("\u00a0", ","), "en": (",", ".")}
_CENT = Decimal("0.01")

# Control signs; marks that turn the direction of what follows (a name could make a price or an account read
# backwards); halves of surrogate pairs, which no font and no encoding knows.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_LINE_END = re.compile("\r\n|[\n\r\v\f\x85\u2028\u2029]")
_BREAK_EVERY = 10
# The narrowest column of names takes 28 signs.
_LONG_WORD = re.compile(r"\S{29,}")


def cents(value: Decimal) -> Decimal:
    """The value rounded to 0.01, half away from zero."""
    return value.quantize(_CENT, ROUND_HALF_UP)


def amount(value: Decimal, style: NumberStyle) -> str:
    """An amount of money with two decimals: "1 234,50" (with no-break space) or "1,234.50"."""
    return _grouped(f"{cents(value):,.2f}", style)


def unit_price(value: Decimal, style: NumberStyle) -> str:
    """A price per unit: two decimals, and more where the price has them."""
    decimals = max(2, _decimals(value))
    return _grouped(f"{value:,.{decimals}f}", style)


def quantity(value: Decimal, style: NumberStyle) -> str:
    """A quantity with only the decimals that it needs."""
    return _grouped(f"{value:,.{_decimals(value)}f}", style)


def rate(vat: VatRate, style: NumberStyle) -> str:
    """A rate of VAT: "23%", "5,5%", "zw", "DE 19%"."""
    word = vat.special or f"{quantity(vat.percent, style)}%"
    return f"{vat.country} {word}" if vat.country else word


def account(text: str) -> str:
    """A bank account in groups of four; an IBAN's country and check digits stand first, as on bank papers."""
    plain = re.sub(r"[\s-]", "", text).upper()
    country, digits = (plain[:2], plain[2:]) if plain[:2].isalpha() else ("", plain)
    groups = [digits[:2], *(digits[start : start + 4] for start in range(2, len(digits), 4))]
    return " ".join(group for group in (country, *groups) if group)


def printable(text: str) -> str:
    """Text of strangers made safe to set: no control or direction marks, no half characters, breakable words.

    Line ends are kept. Words longer than any column get zero-width break opportunities.
    """
    return _LONG_WORD.sub(_breakable, unbroken(text))


def unbroken(text: str) -> str:
    """The same for numbers that people copy: nothing is put into long words."""
    return _LINE_END.sub("\n", _UNPRINTABLE.sub(_replaced, text)).replace("\t", " ").strip()


def _grouped(english: str, style: NumberStyle) -> str:
    thousands, decimal = _SEPARATORS[style]
    return english.translate({ord(","): thousands, ord("."): decimal})


def _decimals(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _replaced(sign: re.Match[str]) -> str:
    return "\ufffd" if "\ud800" <= sign.group() <= "\udfff" else ""


def _breakable(word: re.Match[str]) -> str:
    parts: list[str] = []
    since_break = 0
    for sign in word.group():
        # Never part a letter from its accents, or an emoji from what it is joined with.
        joins = sign in "\u200d\ufe0f" or unicodedata.category(sign) in ("Mn", "Me", "Mc", "Sk")
        if since_break >= _BREAK_EVERY and not joins and not parts[-1].endswith("\u200d"):
            parts.append("\u200b")
            since_break = 0
        parts.append(sign)
        since_break += 1
    return "".join(parts)
