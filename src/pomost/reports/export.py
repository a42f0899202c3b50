"""A report as a file: .csv and .xlsx by the writer that lets no text become a formula, and .pdf."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

from pomost.imports import cells
from pomost.imports.columns import Column as SheetColumn
from pomost.imports.export import write_sheet
from pomost.render.figures import NumberStyle, amount, quantity
from pomost.render.report import set_report
from pomost.reports.report import Cell, Report, Word

Say = Callable[..., str]
"""Gives the text of a key of words; facts by name."""
Event = Callable[[str], str]
PDF_ROWS = 2_000
FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
_NUMERIC = ("count", "money", "percent", "quantity")


def headings(report: Report, say: Say, event: Event) -> list[str]:
    """What stands over the columns."""
    return [
        event(column.key) if column.event and column.key != "state" else say(f"reports.columns.{column.key}")
        for column in report.columns
    ]


def said(cell: Cell, say: Say, event: Event | None = None) -> Cell:
    """A cell with its words in the language; ``event``: it is a state."""
    if isinstance(cell, Word):
        return say(str(cell))
    return event(cell) if event and isinstance(cell, str) and cell else cell


def lines(report: Report, say: Say, event: Event, *, totals: bool = True) -> list[list[Cell]]:
    """Rows and totals with their words in the language."""
    return [
        [
            said(cell, say, event if column.key == "state" and column.event else None)
            for cell, column in zip(row, report.columns, strict=True)
        ]
        for row in (*report.rows, *(report.totals if totals else ()))
    ]


def notes(report: Report, say: Say) -> list[str]:
    """The remarks below the table."""
    return [say(f"reports.notes.{note.key}", **note.facts) for note in report.notes]


def to_csv(report: Report, say: Say, event: Event, language: str) -> bytes:
    """As ``to_xlsx``, in UTF-8 with a mark, divided as spreadsheet programs of the language expect."""
    return _sheet(report, say, event, language, ".csv")


def to_xlsx(report: Report, say: Say, event: Event, language: str) -> bytes:
    """Headings, rows and totals; numbers are numbers. Raises NeedsPerson ``export.too-many-rows``."""
    return _sheet(report, say, event, language, ".xlsx")


def _sheet(report: Report, say: Say, event: Event, language: str, ending: str) -> bytes:
    heads = headings(report, say, event)
    columns = [
        SheetColumn(column.key, head, head, cells.line, numeric=column.kind in _NUMERIC)
        for column, head in zip(report.columns, heads, strict=True)
    ]
    with tempfile.TemporaryDirectory(prefix="pomost-report-") as folder:
        path = Path(folder) / f"report{ending}"
        write_sheet(path, heads, lines(report, say, event), columns, language)
        return path.read_bytes()


def to_pdf(
    report: Report, say: Say, event: Event, language: str, *, about: str, made: date, picture: str = ""
) -> bytes:
    """On paper, at most ``PDF_ROWS`` rows of it. ``about``: days and choices; ``picture``: the plot as SVG."""
    style: NumberStyle = "en" if language == "en" else "pl"
    rows = lines(report, say, event, totals=False)
    more = len(rows) - PDF_ROWS
    remarks = notes(report, say)
    if more > 0:
        remarks.insert(0, say("reports.notes.more", rows=str(more)))
    data = {
        "title": say(f"reports.titles.{report.title}"),
        "about": about,
        "made": made.isoformat(),
        "language": language,
        "columns": [
            {"head": head, "right": column.kind in _NUMERIC}
            for column, head in zip(report.columns, headings(report, say, event), strict=True)
        ],
        "rows": [_shown(row, report, style) for row in rows[:PDF_ROWS]],
        "totals": [_shown(row, report, style) for row in lines(report, say, event)[len(rows) :]],
        "notes": remarks,
        "empty": say("reports.page.empty"),
        "page": say("reports.page.of-pages"),
    }
    return set_report(data, picture, made)


def _shown(row: list[Cell], report: Report, style: NumberStyle) -> list[str]:
    return [shown(cell, column.kind, style) for cell, column in zip(row, report.columns, strict=True)]


def shown(cell: Cell, kind: str, style: NumberStyle) -> str:
    """A cell as people read it; a dash where nothing is known."""
    if cell is None:
        return "–"
    if kind == "money" and isinstance(cell, Decimal):
        return amount(cell, style)
    if kind == "percent" and isinstance(cell, Decimal):
        return f"{quantity(cell, style)}\N{NO-BREAK SPACE}%"
    if isinstance(cell, (Decimal, int)):
        return quantity(Decimal(cell), style)
    return cell.isoformat() if isinstance(cell, date) else cell
