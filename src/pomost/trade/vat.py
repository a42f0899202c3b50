"""VAT: rates, and the two ways to count the tax of a document ("from net" and "from gross")."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Special = Literal["", "zw", "np", "oo"]

_SPECIALS: dict[str, Special] = {"zw": "zw", "np": "np", "oo": "oo"}


@dataclass(frozen=True, slots=True, order=True)
class VatRate:
    """A rate of VAT.

    ``percent`` is 0-100, with decimals where a foreign rate has them (OSS). ``special``: zw exempt, np not subject,
    oo reverse charge (then percent is 0 and no tax is counted). ``country`` is ISO-2 for a foreign rate, else empty.
    """

    percent: Decimal
    special: Special = ""
    country: str = ""

    @classmethod
    def of(cls, text: str | int | Decimal) -> VatRate:
        """From "23", "5.5", "zw", "np", "oo" or "DE:19"; raises ValueError for anything else."""
        word = str(text).strip()
        country = ""
        if ":" in word:
            country, word = word.split(":", 1)
        if word in _SPECIALS:
            return cls(Decimal(0), _SPECIALS[word], country)
        try:
            percent = Decimal(word).normalize()
        except ArithmeticError as error:
            raise ValueError(f"{text!r} is not a VAT rate") from error
        if not percent.is_finite() or not 0 <= percent <= 100:
            raise ValueError(f"{text!r} is not a VAT rate between 0 and 100")
        return cls(percent + 0, "", country)

    @property
    def code(self) -> str:
        """The text that ``of`` reads."""
        word = self.special or format(self.percent.normalize(), "f")
        return f"{self.country}:{word}" if self.country else word
