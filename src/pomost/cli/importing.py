"""``pomost import`` and ``pomost export``: items, prices, stock and contractors of the ledger, from and to Excel and CSV."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from pomost.bootstrap import assemble
from pomost.cli.words import console
from pomost.config.load import load_config
from pomost.imports.apply import apply, check, show
from pomost.imports.columns import Kind, read_choice
from pomost.imports.export import export
from pomost.imports.preview import Change, Preview
from pomost.imports.rows import Finding
from pomost.words import in_language

SHOWN = 20
ConfigPath = Annotated[Path, typer.Option("--config", "-c", help="The configuration file.")]
Company = Annotated[str, typer.Option(help="Company; left out: the first one.")]
DEFAULT = Path("pomost.toml")


class What(StrEnum):
    """What a sheet is about."""

    items = "items"
    prices = "prices"
    stock = "stock"
    contractors = "contractors"


TEXTS: Mapping[str, Mapping[str, str]] = {
    "pl": {
        "counts": "Nowe: {new}, zmienione: {changed}, bez zmian: {same}, błędne wiersze: {wrong}.",
        "new": "nowe", "changed": "zmiany", "wrong": "błędy", "notes": "uwagi",
        "columns": "wiersz|co|z -> na", "faults": "wiersz|kolumna|co jest źle|co wpisać", "more": "... i {count} więcej",
        "ignored": "Pominięte kolumny: {names}.",
        "preview": "To podgląd, nic nie zapisano. Zapis: dodaj --apply.",
        "preview-wrong": "To podgląd, nic nie zapisano. Popraw błędy, albo zapisz tylko dobre wiersze: --apply --good-rows.",
        "written": "Zapisano wierszy: {count}.", "documents": "Dokumenty: {numbers}.",
        "nothing": "Nic nie zapisano, bo są błędy. Popraw je, albo zapisz tylko dobre wiersze: --good-rows.",
        "already": "Ten stan zapisano już wcześniej ({numbers}); nic nie zapisano. Nowy spis o tej samej treści: --again.",
        "errors": "Błędy zapisano w {path}.", "exported": "{path}: zapisano wierszy: {count}.",
    },
    "en": {
        "counts": "New: {new}, changed: {changed}, unchanged: {same}, rows that are wrong: {wrong}.",
        "new": "new", "changed": "changes", "wrong": "wrong", "notes": "to be looked at",
        "columns": "row|what|from -> to", "faults": "row|column|what is wrong|what to write", "more": "... and {count} more",
        "ignored": "Columns left out: {names}.",
        "preview": "This is a preview, nothing was written. To write it: --apply.",
        "preview-wrong": "This is a preview, nothing was written. Correct what is wrong, or write the good rows only: --apply --good-rows.",
        "written": "Rows written: {count}.", "documents": "Documents: {numbers}.",
        "nothing": "Nothing was written, as rows are wrong. Correct them, or write the good ones only: --good-rows.",
        "already": "This count was written before ({numbers}); nothing was written. A new count that says the same: --again.",
        "errors": "What is wrong is in {path}.", "exported": "{path}: {count} rows written.",
    },
}  # fmt: skip


def import_command(
    what: Annotated[What, typer.Argument(help="What the sheet is about.")],
    file: Annotated[Path, typer.Argument(help="A .xlsx, .csv or .txt.")],
    company: Company = "",
    sheet: Annotated[str, typer.Option(help="Name of the sheet; left out: the first one.")] = "",
    warehouse: Annotated[str, typer.Option(help="Of stock rows that name none.")] = "",
    level: Annotated[str, typer.Option(help="Price level of rows that name none.")] = "",
    columns: Annotated[str, typer.Option(help='What your headings mean: "SKU=Symbol,EAN=Kod".')] = "",
    do: Annotated[bool, typer.Option("--apply", help="Write it; otherwise it is only shown.")] = False,
    good_rows: Annotated[
        bool, typer.Option("--good-rows", help="Write the rows in which nothing is wrong.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="A stock count that was written before, anew.")
    ] = False,
    errors: Annotated[Path | None, typer.Option(help="A .csv that gets what is wrong.")] = None,
    path: ConfigPath = DEFAULT,
) -> None:
    """Shows what a sheet would change in the ledger; with --apply writes it, all or nothing."""
    kind: Kind = what.value
    pomost = assemble(load_config(path))
    try:
        language = pomost.config.language
        texts = TEXTS[language]
        owner = company or pomost.config.company[0].code
        checked = check(
            pomost.ledger,
            owner,
            kind,
            file,
            sheet=sheet,
            chosen=read_choice(kind, columns),
            warehouse=warehouse,
            level=level,
        )
        if not do:
            preview = show(pomost.ledger, owner, checked)
            _print(preview, language)
            _say(texts["preview-wrong" if preview.findings else "preview"])
            _keep(errors, preview.findings, language)
            return
        outcome = apply(pomost.ledger, owner, checked, good_rows=good_rows, again=again)
        _print(outcome.preview, language)
        _keep(errors, outcome.preview.findings, language)
        if not outcome.written:
            _say(texts["nothing"])
            raise typer.Exit(1)
        if outcome.already:
            _say(texts["already"].format(numbers=", ".join(outcome.already)))
            return
        _say(texts["written"].format(count=len(outcome.preview.writes)))
        if outcome.documents:
            _say(texts["documents"].format(numbers=", ".join(outcome.documents)))
    finally:
        pomost.close()


def export_command(
    what: Annotated[What, typer.Argument(help="What is written.")],
    file: Annotated[Path, typer.Argument(help="A .xlsx or .csv, which is replaced.")],
    company: Company = "",
    path: ConfigPath = DEFAULT,
) -> None:
    """Writes the ledger's items, prices, stock or contractors into a sheet that can be imported again."""
    pomost = assemble(load_config(path))
    try:
        owner = company or pomost.config.company[0].code
        count = export(pomost.ledger, owner, what.value, file, pomost.config.language)
        _say(TEXTS[pomost.config.language]["exported"].format(path=file, count=count))
    finally:
        pomost.close()


def _print(preview: Preview, language: str) -> None:
    texts = TEXTS[language]
    ignored = preview.checked.headings.ignored
    if ignored:
        _say(texts["ignored"].format(names=", ".join(ignored)))
    for title, changes in (("new", preview.new), ("changed", preview.changed)):
        if changes:
            console.print(_changes(changes, texts[title], texts))
    for title, findings in (("wrong", preview.findings), ("notes", preview.notes)):
        if findings:
            console.print(_findings(findings, texts[title], texts, language))
    _say(
        texts["counts"].format(
            new=len(preview.new),
            changed=len(preview.changed),
            same=preview.same,
            wrong=len(preview.bad_rows),
        )
    )


def _changes(changes: Sequence[Change], title: str, texts: Mapping[str, str]) -> Table:
    table = Table(*texts["columns"].split("|"), title=title)
    for one in changes[:SHOWN]:
        shifts = "; ".join(
            f"{shift.field}: {'' if shift.before is None else shift.before} -> {'' if shift.after is None else shift.after}"
            for shift in one.shifts
        )
        table.add_row(str(one.row), escape(one.what), escape(shifts))
    if len(changes) > SHOWN:
        table.add_row("", "", texts["more"].format(count=len(changes) - SHOWN))
    return table


def _findings(findings: Sequence[Finding], title: str, texts: Mapping[str, str], language: str) -> Table:
    table = Table(*texts["faults"].split("|"), title=title)
    for one in findings[:SHOWN]:
        text, advice = in_language(language, one.code, one.text, one.advice)
        table.add_row(str(one.row), escape(_column(one)), escape(text), escape(advice))
    if len(findings) > SHOWN:
        table.add_row("", "", texts["more"].format(count=len(findings) - SHOWN), "")
    return table


def _column(finding: Finding) -> str:
    return f"{finding.letter} {finding.heading}".strip()


def _keep(path: Path | None, findings: Sequence[Finding], language: str) -> None:
    """Writes what is wrong into a file; values of cells stand in it only within texts that begin with our own words."""
    if path is None or not findings:
        return
    texts = TEXTS[language]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow([*texts["faults"].split("|"), "code"])
        for one in findings:
            text, advice = in_language(language, one.code, one.text, one.advice)
            writer.writerow([one.row, _guarded(_column(one)), _guarded(text), _guarded(advice), one.code])
    _say(texts["errors"].format(path=path))


def _guarded(text: str) -> str:
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _say(text: str) -> None:
    console.print(text, markup=False, soft_wrap=True)
