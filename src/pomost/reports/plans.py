"""Plan and actual: net sales that were planned for months, quarters and years, beside those of the ledger."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import Connection

from pomost.ports import NeedsPerson
from pomost.reports import facts
from pomost.reports.report import PLN, Asked, Cell, Column, Note, Plot, Report, Word
from pomost.store.plans import PlanLine

ZERO = Decimal("0.00")
_PERIOD = re.compile(r"(?P<year>(?:19|20)\d\d)(?:-(?:(?P<month>0[1-9]|1[0-2])|Q(?P<quarter>[1-4])))?")
Shape = tuple[bool, bool, bool]


@dataclass(frozen=True, slots=True)
class Span:
    """The days of a period; ``end`` is included."""

    start: date
    end: date


def span_of(period: str) -> Span:
    """The days of "2026-11", "2026-Q4" or "2026". Raises NeedsPerson ``plan.period``."""
    found = _PERIOD.fullmatch(period)
    if found is None:
        raise NeedsPerson(
            "plan.period",
            f"{period[:20]!r} is no period of a plan.",
            "Write a month (2026-11), a quarter (2026-Q4) or a year (2026).",
        )
    year = int(found["year"])
    if found["month"]:
        first, months = int(found["month"]), 1
    elif found["quarter"]:
        first, months = 3 * int(found["quarter"]) - 2, 3
    else:
        first, months = 1, 12
    start = date(year, first, 1)
    beyond = date(year + (first + months > 12), (first + months - 1) % 12 + 1, 1)
    return Span(start, beyond - timedelta(days=1))


def read(connection: Connection, asked: Asked, lines: Sequence[PlanLine], today: date) -> Report:
    """The report ``plan``: the plans whose period touches the days asked for, each with what was sold in all of it.

    One look at the ledger for each period and company, and for each kind of plan (channel, item, group, or all).
    """
    wanted = [
        line
        for line in lines
        if (span := span_of(line.period)).start <= asked.end
        and span.end >= asked.start
        and asked.company in ("", line.company)
        and asked.channel in ("", line.channel)
    ]
    sums: dict[tuple[str, str, str, Shape], dict[tuple[str, str, str], Decimal]] = {}
    for line in wanted:
        shape = (bool(line.channel), bool(line.sku), bool(line.category))
        # of a channel, only its own documents are read
        key = (line.period, line.company, line.channel, shape)
        if key not in sums:
            sums[key] = _sold(connection, line, shape)
    actual = {
        line.id: sums[
            line.period, line.company, line.channel, (bool(line.channel), bool(line.sku), bool(line.category))
        ].get((line.channel, line.sku, line.category), ZERO)
        for line in wanted
    }
    return table(wanted, actual, today)


def _sold(connection: Connection, line: PlanLine, shape: Shape) -> dict[tuple[str, str, str], Decimal]:
    """(channel, SKU, group) -> net in PLN of the period; what the plan does not name is left empty."""
    span = span_of(line.period)
    asked = Asked(span.start, span.end, line.company, line.channel)
    by = "item" if shape[1] else "group" if shape[2] else ""
    found: dict[tuple[str, str, str], Decimal] = {}
    for (key, currency), one in facts.sales(connection, asked, by).items():
        if currency == PLN and not (key and key[-1] == facts.REST):
            name = str(key[-1]) if key else ""
            place = (line.channel, name if shape[1] else "", name if by == "group" else "")
            found[place] = found.get(place, ZERO) + one.net
    return found


def table(lines: Sequence[PlanLine], actual: Mapping[int, Decimal], today: date) -> Report:
    """``actual``: by the number of the plan. Pure."""
    rows: list[tuple[Cell, ...]] = []
    for line in sorted(lines, key=lambda one: (one.period, one.company, one.channel, one.sku, one.category)):
        sold = actual[line.id]
        due = expected(line, today)
        rows.append(
            (
                line.period,
                line.company,
                *(name or Word("all") for name in (line.channel, line.sku, line.category)),
                line.target,
                due,
                sold,
                sold - line.target,
                _percent(sold, line.target),
                _percent(sold, due),
            )
        )
    columns = (
        Column("period"), Column("company"), Column("channel"), Column("sku"), Column("group"), Column("target", "money"),
        Column("due", "money"), Column("actual", "money"), Column("difference", "money"), Column("done", "percent"),
        Column("pace", "percent"),
    )  # fmt: skip
    return Report(
        "plan", columns, tuple(rows), (), (Note("plan"),), Plot("bars", ("target", "actual"), "period", 24)
    )


def expected(line: PlanLine, today: date) -> Decimal:
    """What the plan comes to until ``today``, if each day of the period has its part."""
    span = span_of(line.period)
    days, over = (span.end - span.start).days + 1, (min(today, span.end) - span.start).days + 1
    return (line.target * max(over, 0) / days).quantize(Decimal("0.01"))


def _percent(part: Decimal, whole: Decimal) -> Decimal | None:
    return (part * 100 / whole).quantize(Decimal("0.1")) if whole > 0 else None
