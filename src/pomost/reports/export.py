"""A report as a file: .csv and .xlsx by the writer that lets no text become a formula, and .pdf."""

from __future__ import annotations

import tempfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Protocol

from pomost.imports import cells
from pomost.imports.columns import Column as SheetColumn
from pomost.imports.export import write_sheet
from pomost.render.figures import NumberStyle, amount, quantity
from pomost.render.report import set_report
from pomost.reports.report import Cell, Report, Word


class Voice(Protocol):
    """Says what a report holds in one language, "pl" or "en"."""

    @property
    def language(self) -> str: ...

    def title(self, key: str) -> str: ...

    def column(self, key: str) -> str: ...

    def word(self, key: str) -> str: ...

    def note(self, key: str, **facts: str) -> str: ...

    def event(self, word: str) -> str: ...

    def page(self, key: str) -> str: ...


PDF_ROWS = 2_000
FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
_NUMERIC = ("count", "money", "percent", "quantity")


def headings(report: Report, voice: Voice) -> list[str]:
    """What stands over the columns; a state is said as in the history of cases."""
    return [
        voice.event(column.key) if column.event and column.key != "state" else voice.column(column.key)
        for column in report.columns
    ]


def lines(report: Report, voice: Voice, *, totals: bool = True, most: int | None = None) -> list[list[Cell]]:
    """Rows, at most ``most``, and totals with their words in the language."""
    states = [column.event and column.key == "state" for column in report.columns]

    def said(cell: Cell, state: bool) -> Cell:
        if isinstance(cell, Word):
            return voice.word(str(cell))
        return voice.event(cell) if state and isinstance(cell, str) else cell

    chosen = report.rows if most is None else report.rows[:most]
    return [
        [said(cell, state) for cell, state in zip(row, states, strict=True)]
        for row in (*chosen, *(report.totals if totals else ()))
    ]


def notes(report: Report, voice: Voice) -> list[str]:
    """The remarks below the table."""
    return [voice.note(note.key, **note.facts) for note in report.notes]


def to_csv(report: Report, voice: Voice) -> bytes:
    """As ``to_xlsx``, in UTF-8 with a mark, divided as spreadsheet programs of the language expect."""
    return _sheet(report, voice, ".csv")


def to_xlsx(report: Report, voice: Voice) -> bytes:
    """Headings, rows and totals; numbers are numbers. Raises NeedsPerson ``export.too-many-rows``."""
    return _sheet(report, voice, ".xlsx")


def _sheet(report: Report, voice: Voice, ending: str) -> bytes:
    heads = headings(report, voice)
    columns = [
        SheetColumn(column.key, head, head, cells.line, numeric=column.kind in _NUMERIC)
        for column, head in zip(report.columns, heads, strict=True)
    ]
    with tempfile.TemporaryDirectory(prefix="pomost-report-") as folder:
        path = Path(folder) / f"report{ending}"
        write_sheet(path, heads, lines(report, voice), columns, voice.language)
        return path.read_bytes()


def to_pdf(report: Report, voice: Voice, *, about: str, made: date, picture: str = "") -> bytes:
    """On paper, at most ``PDF_ROWS`` rows of it. ``about``: days and choices; ``picture``: the plot as SVG."""
    style: NumberStyle = "en" if voice.language == "en" else "pl"
    more = len(report.rows) - PDF_ROWS
    remarks = notes(report, voice)
    if more > 0:
        remarks.insert(0, voice.note("more", rows=str(more)))
    shown_rows = lines(report, voice, totals=False, most=PDF_ROWS)
    data = {
        "title": voice.title(report.title),
        "about": about,
        "made": made.isoformat(),
        "language": voice.language,
        "columns": [
            {"head": head, "right": column.kind in _NUMERIC}
            for column, head in zip(report.columns, headings(report, voice), strict=True)
        ],
        "rows": [_shown(row, report, style) for row in shown_rows],
        "totals": [_shown(row, report, style) for row in lines(report, voice, most=0)],
        "notes": remarks,
        "empty": voice.page("empty"),
        "page": voice.page("of-pages"),
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
