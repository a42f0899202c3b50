"""What a report is, whatever it tells: columns, rows, totals, notes, a plot. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

Kind = Literal["text", "day", "count", "money", "percent", "quantity"]
Cell = str | date | int | Decimal | None
PLN = "PLN"


class Word(str):
    """A cell that is a word, ``reports.words.<word>``: it is said in the reader's language."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Column:
    """``key``: of its heading, ``reports.columns.<key>``; ``event``: it is a state, said as in the history of cases."""

    key: str
    kind: Kind = "text"
    event: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """A remark below the table: a key ``reports.notes.<key>`` and its values."""

    key: str
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plot:
    """``series``: which columns are drawn; ``label``: which column names the points; ``first``: how many rows."""

    kind: Literal["bars", "stacked", "lines"]
    series: tuple[str, ...]
    label: str
    first: int = 30


@dataclass(frozen=True, slots=True)
class Report:
    """``title``: a key ``reports.titles.<title>``. ``totals``: rows that sum ``rows`` up, one for each currency.

    Amounts stand in PLN, unless the column ``currency`` of their row says otherwise.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    totals: tuple[tuple[Cell, ...], ...] = ()
    notes: tuple[Note, ...] = ()
    plot: Plot | None = None

    def place(self, key: str) -> int:
        """Where a column stands."""
        return next(index for index, column in enumerate(self.columns) if column.key == key)

    def column(self, key: str) -> list[Cell]:
        place = self.place(key)
        return [row[place] for row in self.rows]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a report is asked for. Days are included; empty texts mean all. ``by``: what the rows are.

    ``channel``: of documents the channel that the order came from, of cases and errors the connection.
    ``older``: days after which goods lie too long.
    """

    start: date
    end: date
    company: str = ""
    channel: str = ""
    warehouse: str = ""
    by: str = ""
    older: int = 90

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    def before(self) -> Asked:
        """The same for as many days right before."""
        return Asked(
            self.start - timedelta(days=self.days),
            self.start - timedelta(days=1),
            self.company,
            self.channel,
            self.warehouse,
            self.by,
            self.older,
        )


def bucket(day: date, by: str) -> date:
    """The first day of the day, week (from Monday) or month that ``day`` is in."""
    if by == "week":
        return day - timedelta(days=day.weekday())
    if by == "month":
        return day.replace(day=1)
    return day


PERIODS = ("day", "week", "month")


def buckets(start: date, end: date, by: str) -> list[date]:
    """All days, weeks or months from ``start`` to ``end``, those without anything included."""
    found, day = [], bucket(start, by)
    while day <= end:
        found.append(day)
        step = {"day": 1, "week": 7, "month": 32}[by]
        day = bucket(day + timedelta(days=step), by)
    return found


def cents(units: int | Decimal | None) -> Decimal:
    """An amount from the whole number in which the ledger keeps it."""
    return Decimal(int(units or 0)).scaleb(-2)


def fine(units: int | Decimal | None) -> Decimal:
    """A quantity from the whole number in which the ledger keeps it, without idle zeros."""
    found = Decimal(int(units or 0)).scaleb(-4)
    whole = found.to_integral_value()
    return whole if whole == found else found.normalize()


def share(part: Decimal, whole: Decimal) -> Decimal | None:
    """How many percent ``part`` is of ``whole``, to 0.1; None where that means nothing."""
    return (part * 100 / whole).quantize(Decimal("0.1")) if whole > 0 else None


def summed(rows: Sequence[tuple[Cell, ...]], place: int) -> Decimal:
    """The sum of a column of amounts."""
    return sum((cell for row in rows if isinstance(cell := row[place], Decimal)), Decimal("0.00"))
