"""``pomost report``: a report of the panel as a file or in the terminal."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from pomost.bootstrap import assemble
from pomost.channels import WARSAW
from pomost.cli.words import console
from pomost.config.load import load_config
from pomost.panel.reporting import Voice, about, file_of
from pomost.ports import NeedsPerson
from pomost.render.figures import NumberStyle
from pomost.reports import catalogue, export
from pomost.reports.report import Asked, Report

ConfigPath = Annotated[Path, typer.Option("--config", "-c", help="The configuration file.")]
DEFAULT = Path("pomost.toml")
DAYS = 30
SHOWN = 100
Name = Annotated[str, typer.Argument(help=f"One of {', '.join(catalogue.KINDS)}.")]
From = Annotated[
    str, typer.Option("--from", help="First day, e.g. 2026-11-01; 30 days until --to when left out.")
]
To = Annotated[str, typer.Option("--to", help="Last day, included; today when left out.")]
CompanyCode = Annotated[str, typer.Option(help="Code of a company; all when left out.")]
ChannelName = Annotated[str, typer.Option(help="A channel of orders, or a connection (states, errors).")]
WarehouseCode = Annotated[str, typer.Option(help="Code of a warehouse.")]
By = Annotated[str, typer.Option(help="What the rows are: channel, item, group, day, week, month ...")]
Older = Annotated[int, typer.Option(min=0, help="Report idle: days after which goods lie too long.")]
Out = Annotated[
    Path | None, typer.Option("--out", help="A file .xlsx, .csv or .pdf; the terminal when left out.")
]


def report(
    name: Name, start: From = "", end: To = "", company: CompanyCode = "", channel: ChannelName = "",
    warehouse: WarehouseCode = "", by: By = "", older: Older = 90, out: Out = None, path: ConfigPath = DEFAULT,
) -> None:  # fmt: skip
    """Sales, margin, plan, states of orders, errors, warehouse: summed up, in the terminal or as a file."""
    ending = out.suffix.lower().removeprefix(".") if out else ""
    if out and ending not in export.FORMATS:
        raise NeedsPerson(
            "report.unknown-format",
            f"A report can't be written as {out.name}.",
            "End its name with .xlsx, .csv or .pdf.",
        )
    today = datetime.now(WARSAW).date()
    last = _day(end) or today
    asked = Asked(
        _day(start) or last - timedelta(days=DAYS - 1), last, company, channel, warehouse, by, older
    )
    kind = catalogue.check(name, asked)
    asked = replace(asked, by=by or (kind.by[0] if kind.by else ""))
    pomost = assemble(load_config(path))
    try:
        found = catalogue.read(pomost.ledger, pomost.store, name, asked, today)
        voice = Voice(pomost.config.language)
        if out is None:
            _print(found, voice, about(asked, asked.by, voice))
            return
        content = file_of(found, ending, asked, asked.by, voice, today)
        try:
            out.write_bytes(content)
        except OSError as error:
            raise NeedsPerson(
                "export.not-written",
                f"The file {out.name} can't be written ({error.strerror}).",
                "Look at the folder and its rights, and close the file where it is open.",
            ) from error
        console.print(f"{out}: {len(found.rows)}", markup=False, highlight=False)
    finally:
        pomost.close()


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise NeedsPerson("report.day", f"{text[:20]!r} is no day.", "Write it as 2026-11-25.") from error


def _print(found: Report, voice: Voice, said: str) -> None:
    style: NumberStyle = "en" if voice.language == "en" else "pl"
    table = Table(title=f"{voice.title(found.title)} · {said}", title_justify="left")
    for head, column in zip(export.headings(found, voice), found.columns, strict=True):
        table.add_column(head, justify="left" if column.kind in ("text", "day") else "right")
    for row in export.lines(found, voice, most=SHOWN):
        cells = zip(row, found.columns, strict=True)
        table.add_row(*(escape(export.shown(cell, column.kind, style)) for cell, column in cells))
    console.print(table)
    if len(found.rows) > SHOWN:
        console.print(voice.note("more", rows=str(len(found.rows) - SHOWN)), markup=False)
    for note in export.notes(found, voice):
        console.print(note, markup=False, style="dim")
