"""Numbers of documents, put together from parts as Optima does: symbol, number, month, year, series, warehouse."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from pomost.trade.errors import Refused

_PART = re.compile(r"%(YEAR2|[A-Z]+)(?::(\d+))?")
_PARTS = ("SYMBOL", "NUMBER", "MONTH", "YEAR", "YEAR2", "SERIES", "WAREHOUSE")


@dataclass(frozen=True, slots=True)
class Numbering:
    """A pattern such as ``%SYMBOL/%NUMBER:5/%SERIES/%MONTH/%YEAR``; ``:5`` pads the number with zeros to five digits.

    The number starts anew in each period: a month when the pattern has %MONTH, a year when it has the year alone, and
    never when it has neither. Series and warehouse count by themselves when they stand in the pattern.
    """

    pattern: str

    @classmethod
    def parse(cls, pattern: str) -> Numbering:
        """Raises Refused for a pattern by which two documents could get the same number."""
        parts = [match.group(1) for match in _PART.finditer(pattern)]
        for part in parts:
            if part not in _PARTS:
                raise Refused(
                    "trade.numbering-unknown-part",
                    f'"%{part}" is no part of a number.',
                    f"Parts: {', '.join(_PARTS)}.",
                )
        if "NUMBER" not in parts:
            raise Refused("trade.numbering-not-unique", f'"{pattern}" has no %NUMBER.', "Add %NUMBER.")
        if "MONTH" in parts and not {"YEAR", "YEAR2"} & set(parts):
            raise Refused(
                "trade.numbering-not-unique",
                f'"{pattern}" has a month and no year.',
                "Add %YEAR: months come again.",
            )
        return cls(pattern)

    def period(self, day: date, series: str = "", warehouse: str = "") -> str:
        """The key of the counter that numbers of this day come from."""
        parts = {match.group(1) for match in _PART.finditer(self.pattern)}
        when = f"{day:%Y-%m}" if "MONTH" in parts else f"{day:%Y}" if parts & {"YEAR", "YEAR2"} else "all"
        return "|".join(
            (when, series if "SERIES" in parts else "", warehouse if "WAREHOUSE" in parts else "")
        )

    def format(self, symbol: str, number: int, day: date, series: str = "", warehouse: str = "") -> str:
        """The number as printed; an empty series or warehouse leaves no double separator."""
        values = {
            "SYMBOL": symbol,
            "MONTH": f"{day:%m}",
            "YEAR": f"{day:%Y}",
            "YEAR2": f"{day:%y}",
            "SERIES": series,
            "WAREHOUSE": warehouse,
        }

        def value(match: re.Match[str]) -> str:
            if match.group(1) == "NUMBER":
                return str(number).zfill(int(match.group(2) or 0))
            return values[match.group(1)]

        return re.sub(r"([/-])(?:[/-])+", r"\1", _PART.sub(value, self.pattern)).strip("/-")
