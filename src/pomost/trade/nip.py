"""Tax numbers as people type them: cleaned, with the country they belong to, and checked by their check digits.

Valid means well formed; whether such a payer exists, only a register knows. Rules of the numbers: python-stdnum, and
for the Polish NIP also what KSeF asks (first digit not 0, second and third not both 0).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from stdnum import get_cc_module
from stdnum.exceptions import ValidationError

_EU = "AT BE BG CY CZ DE DK EE EL ES FI FR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK XI"

EU_PREFIXES = frozenset(_EU.split())
"""Prefixes of VAT numbers in the EU: ISO codes, but EL for Greece and XI for Northern Ireland."""

_OTHER_PREFIXES = frozenset({"GB", "GR", "CH", "NO"})
_LABEL = re.compile(r"^(?:(?:NIP|VAT|USTID)(?:UE|EU|ID|NR)*)+")
_PREFIXED = re.compile(r"^([A-Z]{2})([0-9A-Z+*]{2,13})$")
_KSEF_NIP = re.compile(r"^[1-9](?:\d[1-9]|[1-9]\d)\d{7}$")


@dataclass(frozen=True, slots=True)
class TaxId:
    """``country`` is ISO 3166 alpha-2 (GR for Greece; XI for Northern Ireland) or empty when nothing tells it.

    ``number`` is bare: no prefix, spaces or dashes; empty when the text held no number. ``valid``: its check digits
    agree; a number of a country without a known rule is never valid. ``original`` is the text as it came. Both may
    turn out to be a person's number, so neither is shown by ``repr``.
    """

    country: str
    number: str = field(repr=False)
    valid: bool
    original: str = field(repr=False)

    @property
    def given(self) -> bool:
        return bool(self.number)

    @property
    def vat_number(self) -> str:
        """The number with its prefix, as on invoices within the EU: EL for Greece, and empty without a number."""
        prefix = "EL" if self.country == "GR" else self.country
        return f"{prefix}{self.number}" if self.number else ""


def clean_tax_id(text: str, country: str = "") -> TaxId:
    """The number in ``text``. ``country`` is the buyer's, as ISO alpha-2 or a VAT prefix, or empty.

    A number that is right for ``country`` is taken as it is; otherwise a prefix in the text decides, then
    ``country``; with neither, ten digits are a Polish NIP. Never raises: garbage gives a TaxId that is not valid.
    """
    home = _iso(country.strip().upper())
    plain = unicodedata.normalize("NFKC", text).upper()
    compact = _LABEL.sub("", re.sub(r"[^0-9A-Z+*]", "", plain))
    if not re.search(r"\d", compact):
        return TaxId(home, "", False, text)
    if home and (number := _checked(compact, home)):
        return TaxId(home, number, True, text)
    prefixed = _PREFIXED.match(compact)
    if prefixed and prefixed[1] in EU_PREFIXES | _OTHER_PREFIXES and re.search(r"\d", prefixed[2]):
        abroad = _iso(prefixed[1])
        number = _checked(prefixed[2], abroad)
        return TaxId(abroad, number or prefixed[2], bool(number), text)
    if not home and re.fullmatch(r"\d{10}", compact):
        home = "PL"
    number = _checked(compact, home)
    return TaxId(home, number or compact, bool(number), text)


def _iso(country: str) -> str:
    return "GR" if country == "EL" else country


def _checked(number: str, country: str) -> str:
    """The bare number when it is right for the country, else empty."""
    if not re.fullmatch(r"[A-Z]{2}", country):
        return ""
    rule = get_cc_module("gb" if country == "XI" else country.lower(), "vat")
    if rule is None:
        return ""
    try:
        bare = rule.validate(number)
    except ValidationError:
        return ""
    if country == "PL" and not _KSEF_NIP.match(bare):
        return ""
    return bare
