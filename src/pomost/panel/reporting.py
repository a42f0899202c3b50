"""Reports in a language: their words, their plots, and the files they become. For pages and the command line alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from babel.dates import format_date
from markupsafe import Markup

from pomost.panel import plots
from pomost.panel.formats import decimal
from pomost.panel.words import text
from pomost.reports import export
from pomost.reports.report import PERIODS, PLN, Asked, Cell, Report, Word
from pomost.words import event_word

_TEXT_BARS = 20
_PAPER = (
    "<style>text{font-family:'IBM Plex Sans';font-size:11px;fill:#5f6b76}.grid-line{stroke:#d5dbe1}.axis{stroke:#5f6b76}"
    ".line{fill:none;stroke-width:2}.p1{fill:#0b7285;stroke:#0b7285}.p2{fill:#b35900;stroke:#b35900}.p3{fill:#5f3dc4;"
    "stroke:#5f3dc4}.p4{fill:#2b8a3e;stroke:#2b8a3e}.p5{fill:#a3201d;stroke:#a3201d}.p6{fill:#7a4d00;stroke:#7a4d00}"
    ".p7{fill:#55636a;stroke:#55636a}.p8{fill:#c2255c;stroke:#c2255c}rect{stroke:none!important}"
    ".line{fill:none!important}</style>"
)
"""On paper there is no panel.css."""


@dataclass(frozen=True, slots=True)
class Voice:
    """Says what a report holds; see ``export.Voice``."""

    language: str

    def title(self, key: str) -> str:
        return text(self.language, f"reports.titles.{key}")

    def column(self, key: str) -> str:
        return text(self.language, f"reports.columns.{key}")

    def word(self, key: str) -> str:
        return text(self.language, f"reports.words.{key}")

    def note(self, key: str, **facts: str) -> str:
        return text(self.language, f"reports.notes.{key}", **facts)

    def event(self, word: str) -> str:
        return event_word(self.language, word)

    def page(self, key: str) -> str:
        return text(self.language, f"reports.page.{key}")


def about(asked: Asked, by: str, voice: Voice) -> str:
    """Days and choices of a report in one line."""
    chosen = [
        f"{voice.column(name)}: {value}"
        for name in ("company", "channel", "warehouse")
        if (value := getattr(asked, name))
    ]
    divided = [f"{voice.page('by')}: {voice.column(by)}"] if by else []
    return " · ".join([f"{asked.start} – {asked.end}", *divided, *chosen])


def picture(report: Report, voice: Voice) -> Markup:
    """The plot of a report; nothing where there is nothing to draw. Amounts in other currencies than PLN are left out."""
    plot = report.plot
    if plot is None or not report.rows:
        return Markup("")
    keys = [column.key for column in report.columns]
    currency = keys.index("currency") if "currency" in keys and plot.label != "currency" else None
    timed = plot.label in PERIODS
    most = plot.first if timed else min(plot.first, _TEXT_BARS)
    rows = [row for row in report.rows if currency is None or row[currency] == PLN][:most]
    said = dict(zip(keys, export.headings(report, voice), strict=True))
    label = report.place(plot.label)
    state = report.columns[label].event
    labels = [_label(row[label], plot.label, voice, state) for row in rows]
    series = {
        said[key]: [
            cell if isinstance(cell := row[report.place(key)], (int, Decimal)) else None for row in rows
        ]
        for key in plot.series
        if len(plot.series) < 3 or any(row[report.place(key)] for row in rows)
    }
    if not series:
        return Markup("")
    unit = PLN if report.columns[report.place(plot.series[0])].kind == "money" else ""
    title = f"{voice.title(report.title)}: {', '.join(series)}"

    def say(value: plots.Number) -> str:
        return decimal(voice.language, Decimal(str(value)))

    if plot.kind == "stacked":
        return plots.bars(series, labels, title=title, unit=unit, stacked=True, say=say)
    if plot.kind == "lines":
        return plots.lines(series, labels, title=title, unit=unit, say=say)
    return plots.ranks(series, labels, title=title, unit=unit, say=say)


def _label(cell: Cell, key: str, voice: Voice, state: bool) -> str:
    if isinstance(cell, date):
        return str(format_date(cell, "LLL y" if key == "month" else "d MMM", locale=voice.language))
    if isinstance(cell, Word):
        return voice.word(cell)
    return voice.event(str(cell)) if state else str(cell)


def file_of(report: Report, ending: str, asked: Asked, by: str, voice: Voice, made: date) -> bytes:
    """The report as .csv, .xlsx or .pdf (``ending`` without its point)."""
    if ending == "csv":
        return export.to_csv(report, voice)
    if ending == "xlsx":
        return export.to_xlsx(report, voice)
    drawn = str(picture(report, voice)).replace("<title>", f"{_PAPER}<title>", 1)
    return export.to_pdf(report, voice, about=about(asked, by, voice), made=made, picture=drawn)
