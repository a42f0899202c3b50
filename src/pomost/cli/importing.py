"""``pomost import`` and ``pomost export``: items, prices, stock and contractors of the ledger, from and to a sheet."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from pomost.bootstrap import Pomost, assemble
from pomost.cli.bars import shown_progress
from pomost.cli.words import console
from pomost.config.load import load_config
from pomost.imports.apply import Outcome, apply, check, show
from pomost.imports.columns import COLUMNS, KINDS, Kind, read_choice
from pomost.imports.export import export, save_errors
from pomost.imports.figures import figure
from pomost.imports.preview import Change, Preview
from pomost.imports.rows import Finding
from pomost.ports import NeedsPerson
from pomost.words import in_language

import_app = typer.Typer(
    no_args_is_help=True,
    help="Items, prices, stock and contractors from .xlsx or .csv into the ledger; a preview at first.",
)
export_app = typer.Typer(
    no_args_is_help=True, help="Items, prices, stock and contractors of the ledger to .xlsx or .csv."
)

SHOWN = 20
TEXTS: Mapping[str, Mapping[str, str]] = {
    "pl": {
        "reading": "czytam wiersze", "writing": "zapisuję",
        "new": "Nowe: {count}", "changed": "Zmienione: {count}", "same": "Bez zmian: {count}",
        "bad": "Błędne wiersze: {count} (błędów: {errors})", "notes": "Do sprawdzenia: {count}",
        "row": "wiersz", "what": "co", "change": "zmiana", "column": "kolumna", "wrong": "co jest nie tak", "advice": "co wpisać",
        "more": "… i jeszcze {count}",
        "ignored": "Kolumny bez znaczenia dla tego importu: {names}",
        "nothing": "Nic nie zapisano. Aby zapisać: --apply",
        "nothing-good": "Nic nie zapisano. Popraw wiersze albo zapisz tylko dobre: --apply --good-rows",
        "refused": "Nic nie zapisano, bo są błędne wiersze. Popraw je albo zapisz tylko dobre: --apply --good-rows",
        "written": "Zapisano: nowych {new}, zmienionych {changed}.",
        "documents": "Dokumenty: {numbers}",
        "already": "Ten plik został już zastosowany ({numbers}); nic nie zapisano. Jeśli to nowy spis: --again",
        "saved": "Błędne wiersze zapisano w {path}: {count}", "none-bad": "Nie ma błędnych wierszy; {path} nie powstał.",
        "exported": "{path}: {count} wierszy", "empty": "W pliku nie ma wierszy pod nagłówkami.",
    },
    "en": {
        "reading": "reading rows", "writing": "writing",
        "new": "New: {count}", "changed": "Changed: {count}", "same": "Unchanged: {count}",
        "bad": "Bad rows: {count} (errors: {errors})", "notes": "To be looked at: {count}",
        "row": "row", "what": "what", "change": "change", "column": "column", "wrong": "what is wrong", "advice": "what to write",
        "more": "… and {count} more",
        "ignored": "Columns that mean nothing to this import: {names}",
        "nothing": "Nothing is written. To write it: --apply",
        "nothing-good": "Nothing is written. Correct the rows, or write only the good ones: --apply --good-rows",
        "refused": "Nothing is written, since rows are bad. Correct them, or write only the good ones: --apply --good-rows",
        "written": "Written: {new} new, {changed} changed.",
        "documents": "Documents: {numbers}",
        "already": "This file was applied before ({numbers}); nothing is written. If it is a new count: --again",
        "saved": "The bad rows are in {path}: {count}", "none-bad": "No rows are bad; {path} is not made.",
        "exported": "{path}: {count} rows", "empty": "The file has no rows below its headings.",
    },
}  # fmt: skip

ConfigPath = Annotated[Path, typer.Option("--config", "-c", help="The configuration file.")]
DEFAULT = Path("pomost.toml")
File = Annotated[Path, typer.Argument(help="An .xlsx or .csv file.")]
CompanyCode = Annotated[str, typer.Option(help="Code of the company; needed where there are several.")]
SheetName = Annotated[str, typer.Option(help="Name of the sheet; the first one when left out.")]
Choice = Annotated[str, typer.Option("--columns", help='What headings mean: "SKU=Symbol,EAN=Kod kreskowy".')]
Apply = Annotated[bool, typer.Option("--apply", help="Write it; nothing at all when a row is bad.")]
GoodRows = Annotated[
    bool, typer.Option("--good-rows", help="With --apply: write the good rows, list the bad ones.")
]
Errors = Annotated[
    Path | None, typer.Option("--errors", help="Save the bad rows here (.xlsx or .csv), to be corrected.")
]


@import_app.command("items")
def import_items(
    file: File, company: CompanyCode = "", sheet: SheetName = "", columns: Choice = "", apply_it: Apply = False,
    good_rows: GoodRows = False, errors: Errors = None, path: ConfigPath = DEFAULT,
) -> None:  # fmt: skip
    """Item cards by SKU: name, kind, unit, VAT, EAN. Empty cells leave a card as it is."""
    _import("items", file, company, sheet, columns, apply_it, good_rows, errors, path)


@import_app.command("prices")
def import_prices(
    file: File, company: CompanyCode = "", sheet: SheetName = "", columns: Choice = "",
    level: Annotated[str, typer.Option(help="Price level of rows that name none.")] = "",
    apply_it: Apply = False, good_rows: GoodRows = False, errors: Errors = None, path: ConfigPath = DEFAULT,
) -> None:  # fmt: skip
    """Prices by SKU and price level, net or gross, in any currency."""
    _import("prices", file, company, sheet, columns, apply_it, good_rows, errors, path, level=level)


@import_app.command("stock")
def import_stock(
    file: File, company: CompanyCode = "", sheet: SheetName = "", columns: Choice = "",
    warehouse: Annotated[str, typer.Option(help="Warehouse of rows that name none; else the company's first.")] = "",
    apply_it: Apply = False, good_rows: GoodRows = False, errors: Errors = None,
    again: Annotated[bool, typer.Option("--again", help="With --apply: a file applied before is a new count.")] = False,
    path: ConfigPath = DEFAULT,
) -> None:  # fmt: skip
    """What should lie in a warehouse; the difference is booked as a PW and an RW."""
    _import(
        "stock",
        file,
        company,
        sheet,
        columns,
        apply_it,
        good_rows,
        errors,
        path,
        warehouse=warehouse,
        again=again,
    )


@import_app.command("contractors")
def import_contractors(
    file: File, company: CompanyCode = "", sheet: SheetName = "", columns: Choice = "", apply_it: Apply = False,
    good_rows: GoodRows = False, errors: Errors = None, path: ConfigPath = DEFAULT,
) -> None:  # fmt: skip
    """Contractors' cards by code or NIP. Empty cells leave a card as it is."""
    _import("contractors", file, company, sheet, columns, apply_it, good_rows, errors, path)


def _exporter(kind: Kind) -> Callable[..., None]:
    def command(file: File, company: CompanyCode = "", path: ConfigPath = DEFAULT) -> None:
        pomost = assemble(load_config(path))
        try:
            language = pomost.config.language
            count = export(pomost.ledger, which_company(pomost, company), kind, file, language)
            console.print(
                TEXTS[language]["exported"].format(path=file, count=count), markup=False, soft_wrap=True
            )
        finally:
            pomost.close()

    command.__doc__ = f"All {kind} of the ledger, in the columns that the import reads."
    return command


for _kind in KINDS:
    export_app.command(_kind)(_exporter(_kind))


def _import(
    kind: Kind, file: Path, company: str, sheet: str, columns: str, apply_it: bool, good_rows: bool, errors: Path | None,
    path: Path, *, warehouse: str = "", level: str = "", again: bool = False,
) -> None:  # fmt: skip
    pomost = assemble(load_config(path))
    texts, language = TEXTS[pomost.config.language], pomost.config.language
    try:
        owner = which_company(pomost, company)
        with shown_progress(texts["reading"]) as report:
            checked = check(
                pomost.ledger, owner, kind, file,
                sheet=sheet, chosen=read_choice(kind, columns), warehouse=warehouse, level=level, told=report,
            )  # fmt: skip
            report(checked.total, checked.total, texts["writing"] if apply_it else "")
            outcome = (
                apply(pomost.ledger, owner, checked, good_rows=good_rows, again=again)
                if apply_it
                else Outcome(show(pomost.ledger, owner, checked), False)
            )
        preview = outcome.preview
        _print_preview(preview, language)
        if not checked.total:
            console.print(texts["empty"], markup=False)
        if errors is not None:
            _save(file, sheet, preview, errors, language)
        _print_outcome(outcome, texts, apply_it)
    finally:
        pomost.close()
    if preview.findings and not good_rows:
        raise typer.Exit(1)


def which_company(pomost: Pomost, code: str) -> str:
    codes = [one.code for one in pomost.config.company]
    if code or len(codes) == 1:
        return code or codes[0]
    raise NeedsPerson(
        "import.which-company",
        "The configuration has several companies.",
        f"Say which one: --company {' or '.join(codes)}.",
    )


def _print_preview(preview: Preview, language: str) -> None:
    texts = TEXTS[language]
    ignored = preview.checked.headings.ignored
    if ignored:
        console.print(texts["ignored"].format(names=", ".join(ignored[:30])), markup=False, soft_wrap=True)
    for key, changes in (("new", preview.new), ("changed", preview.changed)):
        console.print(texts[key].format(count=len(changes)), markup=False, style="bold")
        _print_changes(changes, preview, language)
    console.print(texts["same"].format(count=preview.same), markup=False, style="bold")
    if preview.notes:
        console.print(texts["notes"].format(count=len(preview.notes)), markup=False, style="bold")
        _print_findings(preview.notes, language)
    bad = texts["bad"].format(count=len(preview.bad_rows), errors=len(preview.findings))
    console.print(bad, markup=False, style="bold red" if preview.findings else "bold")
    _print_findings(sorted(preview.findings, key=lambda one: one.row), language)


def _print_changes(changes: Sequence[Change], preview: Preview, language: str) -> None:
    if not changes:
        return
    texts = TEXTS[language]
    headings = {column.name: column.heading(language) for column in COLUMNS[preview.checked.kind]}
    table = Table(texts["row"], texts["what"], texts["change"])
    for one in changes[:SHOWN]:
        told = "; ".join(
            f"{headings[shift.field]}: {_said(shift.after, shift.field, language)}"
            if shift.before is None
            else f"{headings[shift.field]}: {_said(shift.before, shift.field, language)} → {_said(shift.after, shift.field, language)}"
            for shift in one.shifts
        )
        table.add_row(str(one.row), escape(one.what), escape(told))
    console.print(table)
    _print_rest(len(changes), texts)


def _print_findings(findings: Sequence[Finding], language: str) -> None:
    if not findings:
        return
    texts = TEXTS[language]
    table = Table(texts["row"], texts["column"], texts["wrong"], texts["advice"])
    for one in findings[:SHOWN]:
        text, advice = in_language(language, one.code, one.text, one.advice)
        column = f"{one.heading} ({one.letter})" if one.letter else ""
        table.add_row(str(one.row), escape(column), escape(text), escape(advice))
    console.print(table)
    _print_rest(len(findings), texts)


def _print_rest(count: int, texts: Mapping[str, str]) -> None:
    if count > SHOWN:
        console.print(texts["more"].format(count=count - SHOWN), markup=False)


def _print_outcome(outcome: Outcome, texts: Mapping[str, str], apply_it: bool) -> None:
    preview = outcome.preview
    if outcome.already:
        key, facts = "already", {"numbers": ", ".join(outcome.already)}
    elif outcome.written:
        key, facts = "written", {"new": str(len(preview.new)), "changed": str(len(preview.changed))}
    elif apply_it:
        key, facts = "refused", {}
    else:
        key, facts = "nothing-good" if preview.findings else "nothing", {}
    console.print(texts[key].format(**facts), markup=False, soft_wrap=True)
    if outcome.documents:
        console.print(
            texts["documents"].format(numbers=", ".join(outcome.documents)), markup=False, soft_wrap=True
        )


def _save(file: Path, sheet: str, preview: Preview, errors: Path, language: str) -> None:
    texts = TEXTS[language]
    if not preview.findings:
        console.print(texts["none-bad"].format(path=errors), markup=False, soft_wrap=True)
        return
    said = [
        Finding(
            one.row, one.heading, one.letter, one.code, *in_language(language, one.code, one.text, one.advice)
        )
        for one in preview.findings
    ]
    count = save_errors(file, sheet, preview.checked.headings.row, said, errors, language)
    console.print(texts["saved"].format(path=errors, count=count), markup=False, soft_wrap=True)


def _said(value: object, field: str, language: str) -> str:
    if isinstance(value, Decimal):
        return figure(value, field, language)
    text = "-" if value in (None, "") else str(value)
    return text if len(text) <= 60 else f"{text[:60]}..."
