"""Document numbers: patterns made of parts, and which counter a number is taken from.

A pattern is text such as ``%SYMBOL/%NUMBER/%SERIES/%YEAR``. Parts:

=============  ================================================================
%SYMBOL        symbol of the kind of document (RO, FS, ...)
%NUMBER        running number without zeros; %NUMBER:5 with zeros to 5 digits
%MONTH         month of issue, two digits
%YEAR, %YEAR2  year of issue, four or two digits
%SERIES        series, %WAREHOUSE symbol of the warehouse, %REGISTER of the cash or bank register
=============  ================================================================

Between parts stand separators (``/ - . _`` or a space). The counter follows the pattern: with the month it starts
anew every month, with the year every year, else never; series, warehouse and register each count for themselves.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from urllib.parse import quote

from pomost.trade.errors import Refused

STANDARD = "%SYMBOL/%NUMBER/%YEAR"

_PARTS = ("SYMBOL", "NUMBER", "MONTH", "YEAR", "YEAR2", "SERIES", "WAREHOUSE", "REGISTER")
_FIXED_LENGTH = frozenset({"MONTH", "YEAR", "YEAR2"})
_TOKEN = re.compile(r"%([A-Z]+2?)(?::([0-9]+))?|([/\-._ ]+)")


@dataclass(frozen=True, slots=True)
class Part:
    """A named part, or a separator (``name`` empty). ``width``: digits of a number with leading zeros, 0 without."""

    name: str
    width: int = 0
    separator: str = ""


@dataclass(frozen=True, slots=True)
class Numbering:
    """A numbering pattern that was checked. Two documents of one kind never get one number from it."""

    pattern: str
    parts: tuple[Part, ...]

    @classmethod
    def parse(cls, pattern: str) -> Numbering:
        """Raises Refused ``trade.numbering-unreadable`` for what is no pattern, and ``trade.numbering-not-unique``
        for a pattern that could give two documents one number."""
        parts = []
        position = 0
        while position < len(pattern):
            token = _TOKEN.match(pattern, position)
            if token is None:
                raise _unreadable(pattern, f"{pattern[position:]!r} is neither a part nor a separator")
            parts.append(_part(pattern, token))
            position = token.end()
        _check_unique(pattern, parts)
        return cls(pattern, tuple(parts))

    @property
    def names(self) -> frozenset[str]:
        """Names of the parts, e.g. to ask whether a series is needed."""
        return frozenset(part.name for part in self.parts if part.name)

    def format(
        self,
        number: int,
        on: date,
        symbol: str = "",
        series: str = "",
        warehouse: str = "",
        register: str = "",
    ) -> str:
        """The number of a document issued ``on`` that day; ``number`` comes from the counter ``period_key``.

        Raises Refused ``trade.numbering-part-missing`` when a part of the pattern is empty, and
        ``trade.numbering-part-unfit`` when it holds a separator of the pattern (numbers could fall together), and
        ValueError for a number below 1.
        """
        if number < 1:
            raise ValueError(f"document numbers start from 1, not {number}")
        words = {"SYMBOL": symbol, "SERIES": series, "WAREHOUSE": warehouse, "REGISTER": register}
        return "".join(self._shown(part, number, on, words) for part in self.parts)

    def period_key(self, on: date, series: str = "", warehouse: str = "", register: str = "") -> str:
        """Which counter of the kind of document a number is taken from, e.g. "2026-05;series=SKLEP".

        Values that the pattern does not show do not count; equal keys mean one counter.
        """
        if "MONTH" in self.names:
            period = f"{on.year:04d}-{on.month:02d}"
        elif self.names & {"YEAR", "YEAR2"}:
            period = f"{on.year:04d}"
        else:
            period = "all"
        values = (("series", series), ("warehouse", warehouse), ("register", register))
        shown = [f"{name}={quote(value, safe='')}" for name, value in values if name.upper() in self.names]
        return ";".join([period, *shown])

    def _shown(self, part: Part, number: int, on: date, words: dict[str, str]) -> str:
        match part.name:
            case "":
                return part.separator
            case "NUMBER":
                return f"{number:0{part.width}d}" if part.width else str(number)
            case "MONTH":
                return f"{on.month:02d}"
            case "YEAR":
                return f"{on.year:04d}"
            case "YEAR2":
                return f"{on.year % 100:02d}"
            case name:
                return self._word(name, words[name])

    def _word(self, name: str, value: str) -> str:
        if not value:
            raise Refused(
                "trade.numbering-part-missing",
                f"Numbering {self.pattern} needs a {name.lower()}, and the document has none.",
                f"Give the document a {name.lower()}, or take %{name} out of the pattern.",
                pattern=self.pattern,
            )
        separators = {sign for part in self.parts for sign in part.separator}
        if separators & set(value):
            raise Refused(
                "trade.numbering-part-unfit",
                f"{name.capitalize()} {value!r} holds a separator of the numbering {self.pattern}.",
                "Choose another separator or another symbol.",
                pattern=self.pattern,
            )
        return value


def _part(pattern: str, token: re.Match[str]) -> Part:
    name, width, separator = token.groups()
    if separator:
        return Part("", separator=separator)
    if name not in _PARTS:
        raise _unreadable(pattern, f"%{name} is none of {', '.join('%' + part for part in _PARTS)}")
    if width and (name != "NUMBER" or not 1 <= int(width) <= 12):
        raise _unreadable(pattern, "only %NUMBER takes a width, from 1 to 12")
    return Part(name, int(width or 0))


def _check_unique(pattern: str, parts: list[Part]) -> None:
    names = [part.name for part in parts if part.name]
    if "NUMBER" not in names:
        raise _not_unique(pattern, "it has no %NUMBER")
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise _not_unique(pattern, f"%{repeated[0]} is there twice")
    if "MONTH" in names and not {"YEAR", "YEAR2"} & set(names):
        raise _not_unique(pattern, "numbers start anew every month and the year is not shown")
    variable = [index for index, part in enumerate(parts) if part.name and part.name not in _FIXED_LENGTH]
    for left, right in pairwise(variable):
        if not any(part.separator for part in parts[left:right]):
            raise _not_unique(
                pattern,
                f"no separator parts %{parts[left].name} from %{parts[right].name}, so they run together",
            )


def _unreadable(pattern: str, why: str) -> Refused:
    return Refused(
        "trade.numbering-unreadable",
        f"Numbering {pattern!r} can't be read: {why}.",
        f"Write it like {STANDARD}; separators are / - . _ and space.",
        pattern=pattern,
    )


def _not_unique(pattern: str, why: str) -> Refused:
    return Refused(
        "trade.numbering-not-unique",
        f"Numbering {pattern!r} could give two documents one number: {why}.",
        f"Write it like {STANDARD}.",
        pattern=pattern,
    )
