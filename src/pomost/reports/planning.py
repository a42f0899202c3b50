"""Targets as people enter them: checked one by one, from a form or from a sheet."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from pomost.imports import cells
from pomost.imports.columns import Column, plain
from pomost.imports.reading import Cell, RawRow, Trouble, read_rows
from pomost.ports import NeedsPerson
from pomost.reports.plans import span_of
from pomost.store.plans import PlanLine

CENT = Decimal("0.01")
MOST_ROWS = 50_000
COLUMNS = (
    Column("period", "Okres", "Period", cells.line, ("miesiąc", "month"), needed=True),
    Column("company", "Firma", "Company", cells.line, ("kod firmy", "company code")),
    Column("channel", "Kanał", "Channel", cells.line, ("źródło", "source")),
    Column("sku", "SKU", "SKU", cells.line, ("towar", "item", "symbol", "kod", "indeks")),
    Column("category", "Grupa", "Group", cells.line, ("kategoria", "category", "grupa towarowa")),
    Column("target", "Plan netto", "Net target", cells.number, ("plan", "cel", "cel netto", "target", "plan netto pln"), needed=True, numeric=True),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row of a sheet that can't be taken, and why."""

    row: int
    failure: NeedsPerson


def line_of(given: Mapping[str, object], companies: Collection[str]) -> PlanLine:
    """A target from texts and numbers, checked.

    Raises NeedsPerson ``plan.period``, ``plan.company``, ``plan.target``, ``plan.item-and-group``.
    """
    period = str(given.get("period", "")).strip().upper()
    span_of(period)
    company = str(given.get("company", "")).strip()
    if not company and len(companies) == 1:
        company = next(iter(companies))
    if company not in companies:
        raise NeedsPerson(
            "plan.company",
            f"There is no company {company[:40]!r}.",
            f"Write one of {', '.join(sorted(companies))}.",
        )
    target = given.get("target")
    if isinstance(target, str):
        target = cells.number(target) if target.strip() else None
    if not isinstance(target, Decimal) or target < 0 or target != target.quantize(CENT):
        raise NeedsPerson(
            "plan.target",
            "The target is no amount of money from zero up.",
            "Write it in PLN, net, e.g. 12500 or 12500,50.",
        )
    sku, category = str(given.get("sku", "")).strip(), str(given.get("category", "")).strip()
    if sku and category:
        raise NeedsPerson(
            "plan.item-and-group",
            "A target is either of an item or of a group.",
            "Leave one of them empty.",
        )
    return PlanLine(
        period,
        company,
        target.quantize(CENT),
        str(given.get("channel", "")).strip()[:200],
        sku[:200],
        category[:200],
    )


def read_sheet(path: Path, companies: Collection[str]) -> tuple[list[PlanLine], list[BadRow]]:
    """The targets of an .xlsx or .csv, and the rows that are wrong.

    Raises NeedsPerson ``import.*`` for what can't be read, ``plan.headings``, ``plan.too-many``.
    """
    rows = read_rows(path)
    places = _headings(next(rows, None))
    good: list[PlanLine] = []
    bad: list[BadRow] = []
    for count, row in enumerate(rows):
        if count >= MOST_ROWS:
            raise NeedsPerson(
                "plan.too-many", f"The file has more than {MOST_ROWS} rows.", "Divide it into several files."
            )
        try:
            good.append(line_of(_values(row, places), companies))
        except NeedsPerson as failure:
            bad.append(BadRow(row.number, failure))
    return good, bad


def _headings(row: RawRow | None) -> dict[int, Column]:
    known = {
        plain(name): column for column in COLUMNS for name in (column.polish, column.english, *column.also)
    }
    found = {
        place: known[plain(cell)]
        for place, cell in enumerate(row.cells if row else ())
        if isinstance(cell, str) and plain(cell) in known
    }
    names = {column.name for column in found.values()}
    missing = [column for column in COLUMNS if column.needed and column.name not in names]
    if missing or len(names) != len(found):
        raise NeedsPerson(
            "plan.headings",
            "The first row of the file is not the headings of a plan.",
            "Begin with: Okres, Firma, Kanał, SKU, Grupa, Plan netto (or: Period, Company, Channel, SKU, Group, Net target).",
        )
    return found


def _values(row: RawRow, places: Mapping[int, Column]) -> dict[str, object]:
    found: dict[str, object] = {}
    for place, column in places.items():
        cell: Cell = row.cells[place] if place < len(row.cells) else None
        if cell is None or cell == "":
            continue
        if column.name == "period" and not isinstance(cell, (str, Trouble)):
            found["period"] = _period(cell)
        else:
            found[column.name] = column.read(cell)
    return found


def _period(cell: object) -> str:
    """A year typed as a number, or a month that the spreadsheet program took for a date."""
    year, month = getattr(cell, "year", None), getattr(cell, "month", None)
    if year and month:
        return f"{year}-{month:02}"
    return str(int(cell)) if isinstance(cell, float) else str(cell)
