"""Margin: net sales in PLN less what the goods cost when they left; and what brings a loss, or less than before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Connection

from pomost.reports import facts, sales
from pomost.reports.facts import Key
from pomost.reports.report import PERIODS, PLN, Asked, Cell, Column, Note, Plot, Report, Word, buckets

BY = facts.BY
UNPROFITABLE_BY = ("item", "channel", "group", "warehouse", "contractor")
ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Margin:
    """In PLN."""

    revenue: Decimal = ZERO
    cost: Decimal = ZERO

    @property
    def profit(self) -> Decimal:
        return self.revenue - self.cost

    @property
    def percent(self) -> Decimal | None:
        """Of the revenue, to 0.1; None without revenue."""
        return (self.profit * 100 / self.revenue).quantize(Decimal("0.1")) if self.revenue > 0 else None


def margins(connection: Connection, asked: Asked, by: str) -> tuple[dict[Key, Margin], tuple[str, ...]]:
    """Margin of each row, and the currencies in which something was sold whose worth in PLN is not known."""
    sold = facts.sales(connection, asked, by)
    cost = facts.costs(connection, asked, by)
    revenue = {key: sums.net for (key, currency), sums in sold.items() if currency == PLN}
    found = {key: Margin(revenue.get(key, ZERO), cost.get(key, ZERO)) for key in revenue.keys() | cost.keys()}
    return found, tuple(sorted({currency for _, currency in sold} - {PLN}))


def read(connection: Connection, asked: Asked) -> Report:
    """The report ``margin``."""
    by = asked.by or "channel"
    found, unrated = margins(connection, asked, by)
    return table(asked, by, found, _names(connection, by), unrated)


def table(
    asked: Asked,
    by: str,
    found: Mapping[Key, Margin],
    names: Mapping[Key, str],
    unrated: tuple[str, ...] = (),
) -> Report:
    """Periods in their order, everything else from the most profit. Pure."""
    lines = dict(found)
    if by in PERIODS:
        for day in buckets(asked.start, asked.end, by):
            lines.setdefault((day,), Margin())

    def order(one: tuple[Key, Margin]) -> tuple[object, ...]:
        return (one[0][0] if by in PERIODS else -one[1].profit, tuple(str(cell) for cell in one[0]))

    rows = tuple(
        (*sales.named(key, by, names), one.revenue, one.cost, one.profit, one.percent)
        for key, one in sorted(lines.items(), key=order)
    )
    heads = sales.heads(by)
    whole = summed(found)
    total: tuple[Cell, ...] = (
        Word("total"),
        *("",) * (len(heads) - 1),
        whole.revenue,
        whole.cost,
        whole.profit,
        whole.percent,
    )
    columns = (
        *heads,
        Column("revenue", "money"),
        Column("cost", "money"),
        Column("profit", "money"),
        Column("margin", "percent"),
    )
    label = heads[1].key if by in ("item", "contractor") else heads[-1].key
    plot = Plot("lines" if by in PERIODS else "bars", ("profit",), label, 400 if by in PERIODS else 20)
    return Report("margin", columns, rows, (total,), _notes(unrated), plot)


def unprofitable(connection: Connection, asked: Asked) -> Report:
    """The report ``unprofitable``: what brought a loss, or a smaller share of its revenue than in as many days before."""
    by = asked.by or "item"
    found, unrated = margins(connection, asked, by)
    before, _ = margins(connection, asked.before(), by)
    return areas(by, found, before, _names(connection, by), unrated)


def areas(
    by: str,
    found: Mapping[Key, Margin],
    before: Mapping[Key, Margin],
    names: Mapping[Key, str],
    unrated: tuple[str, ...] = (),
) -> Report:
    """The greatest loss first, then the greatest fall. Pure."""
    rows = []
    for key, one in found.items():
        earlier = before.get(key, Margin())
        fell = _fall(one, earlier)
        if key and key[-1] == facts.REST:
            continue
        if one.profit < 0 or (fell is not None and fell < 0):
            why = Word("loss" if one.profit < 0 else "falling")
            cells = (why, one.revenue, one.cost, one.profit, one.percent, earlier.percent, fell)
            rows.append((min(one.profit, ZERO), fell or ZERO, (*sales.named(key, by, names), *cells)))
    rows.sort(key=lambda row: (row[0], row[1], str(row[2])))
    columns = (
        *sales.heads(by),
        Column("why"),
        Column("revenue", "money"),
        Column("cost", "money"),
        Column("profit", "money"),
        Column("margin", "percent"),
        Column("margin-before", "percent"),
        Column("change", "percent"),
    )
    heads = sales.heads(by)
    label = heads[1].key if by in ("item", "contractor") else heads[-1].key
    notes = (Note("unprofitable"), *_notes(unrated))
    return Report(
        "unprofitable",
        columns,
        tuple(row[2] for row in rows),
        (),
        notes,
        Plot("bars", ("profit",), label, 20),
    )


def summed(found: Mapping[Key, Margin]) -> Margin:
    return Margin(
        sum((one.revenue for one in found.values()), ZERO), sum((one.cost for one in found.values()), ZERO)
    )


def _fall(now: Margin, before: Margin) -> Decimal | None:
    """By how many points the margin changed; None where one of them is not known."""
    if now.percent is None or before.percent is None:
        return None
    return now.percent - before.percent


def _names(connection: Connection, by: str) -> dict[Key, str]:
    return facts.names(connection, by) if by in ("item", "contractor") else {}


def _notes(unrated: tuple[str, ...]) -> tuple[Note, ...]:
    return (Note("margin"), *((Note("unrated", {"currencies": ", ".join(unrated)}),) if unrated else ()))
