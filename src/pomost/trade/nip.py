"""Tax numbers: cleaned and checked. The check digits are python-stdnum's."""

from __future__ import annotations

import re
from dataclasses import dataclass

from stdnum.eu import vat as eu_vat
from stdnum.pl import nip as pl_nip


@dataclass(frozen=True, slots=True)
class TaxId:
    """``number`` without country, spaces and dashes. ``valid``: the check digits fit, not that it is registered."""

    country: str
    number: str
    valid: bool
    original: str


def clean_tax_id(text: str, country: str = "PL") -> TaxId:
    """A tax number as channels give it ("PL 123-456-32-18"); garbage gives ``valid`` False, never an error."""
    word = re.sub(r"[^0-9A-Z]", "", text.upper())
    prefix = re.match(r"[A-Z]{2}(?=[0-9A-Z]*[0-9])", word)
    if prefix and (prefix.group(0) == "PL" or eu_vat.is_valid(word)):
        country, word = prefix.group(0), word[2:]
    home = country.upper() or "PL"
    if home == "PL":
        return TaxId("PL", word, bool(pl_nip.is_valid(word)), text)
    return TaxId(home, word, bool(eu_vat.is_valid(home + word)), text)
