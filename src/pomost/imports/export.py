"""What the ledger holds as a sheet that ``pomost import`` reads again, and the bad rows of a sheet to be corrected.

Texts never become formulas: in .xlsx they are written as text, in .csv one that a spreadsheet program would reckon with
has an apostrophe before it, which the import takes off. Numbers stay numbers, also below zero.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Protocol, TypeVar

import xlsxwriter

from pomost.imports.columns import COLUMNS, Column, Kind
from pomost.imports.reading import GUARD, HAZARDS, Cell, Trouble, read_rows
from pomost.imports.rows import Finding
from pomost.ledger.bulk import CONTRACTOR_FIELDS, Bulk
from pomost.ports import NeedsPerson

Answer = TypeVar("Answer")
XLSX_ROWS = 1_048_576
XLSX_TEXT = 32_767
_KIND_WORDS = {
    "pl": {"goods": "towar", "service": "usługa", "compound": "zestaw"},
    "en": {"goods": "goods", "service": "service", "compound": "set"},
}
_WHY = {"pl": ("Wiersz", "Co jest nie tak"), "en": ("Row", "What is wrong")}


class Shelf(Protocol):
    """Of the ledger, what an export needs."""

    def look_at(self, company: str, work: Callable[[Bulk], Answer]) -> Answer: ...


def export(ledger: Shelf, company: str, kind: Kind, path: Path, language: str = "pl") -> int:
    """Writes all that the company has of a kind; gives how many rows. A file that is there is replaced.

    Raises NeedsPerson ``export.unknown-format``, ``export.too-many-rows``, ``export.text-too-long``.
    """
    columns = COLUMNS[kind]
    headings = [column.heading(language) for column in columns]

    def work(bulk: Bulk) -> int:
        rows = ([row.get(column.name) for column in columns] for row in _ROWS[kind](bulk, language))
        return write_sheet(path, headings, rows, columns, language)

    return ledger.look_at(company, work)


def save_errors(
    source: Path, sheet: str, heading_row: int, findings: Sequence[Finding], path: Path, language: str
) -> int:
    """The bad rows of ``source`` as they are, with what is wrong in each; to be corrected and imported. How many."""
    if path.exists() and path.samefile(source):
        raise NeedsPerson(
            "export.over-source",
            "The bad rows can't be written over the file they are from.",
            "Give another name.",
        )
    said: dict[int, list[str]] = {}
    for one in findings:
        place = f"{one.heading} ({one.letter}): " if one.letter else ""
        said.setdefault(one.row, []).append(f"{place}{one.text} {one.advice}".strip())
    rows = read_rows(source, sheet)
    heading = next(row for row in rows if row.number == heading_row)
    width = len(heading.cells)
    bad: Iterator[list[object]] = (
        [
            *(_as_it_is(cell) for cell in (*row.cells, *[None] * width)[:width]),
            row.number,
            "\n".join(said[row.number]),
        ]
        for row in rows
        if row.number in said
    )
    return write_sheet(
        path, [*(str(cell or "") for cell in heading.cells), *_WHY[language]], bad, (), language
    )


def write_sheet(
    path: Path,
    headings: Sequence[str],
    rows: Iterable[Sequence[object]],
    columns: Sequence[Column],
    language: str,
) -> int:
    """Writes to a file beside and puts it in place when all is there."""
    ending = path.suffix.lower()
    if ending not in (".xlsx", ".csv"):
        raise NeedsPerson(
            "export.unknown-format",
            f"A file {path.name} can't be written.",
            "End its name with .xlsx or .csv.",
        )
    beside = path.with_name(f"{path.name}.part")
    try:
        count = (_write_xlsx if ending == ".xlsx" else _write_csv)(beside, headings, rows, columns, language)
        os.replace(beside, path)
    except OSError as error:
        raise NeedsPerson(
            "export.not-written",
            f"The file {path.name} can't be written ({error.strerror}).",
            "Look at the folder and its rights, and close the file where it is open.",
        ) from error
    finally:
        beside.unlink(missing_ok=True)
    return count


def _write_xlsx(
    path: Path,
    headings: Sequence[str],
    rows: Iterable[Sequence[object]],
    columns: Sequence[Column],
    language: str,
) -> int:
    # row by row to the disk: what is written is not kept in memory
    with path.open("wb") as file:
        workbook = xlsxwriter.Workbook(file, {"constant_memory": True})
        sheet = workbook.add_worksheet("Pomost")
        bold, text = workbook.add_format({"bold": True}), workbook.add_format({"num_format": "@"})
        for place in range(len(headings)):
            numeric = place < len(columns) and columns[place].numeric
            # a code that is typed into the sheet later keeps its zeros
            sheet.set_column(place, place, 16, None if numeric else text)
        for place, heading in enumerate(headings):
            sheet.write_string(0, place, heading, bold)
        sheet.freeze_panes(1, 0)
        count = 0
        for count, row in enumerate(rows, 1):
            if count >= XLSX_ROWS:
                raise NeedsPerson(
                    "export.too-many-rows",
                    f"An .xlsx holds {XLSX_ROWS - 1} rows, and there are more.",
                    "Export to .csv.",
                )
            for place, value in enumerate(row):
                if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
                    sheet.write_number(count, place, float(value))
                elif value is not None and value != "":
                    said = str(value)
                    if len(said) > XLSX_TEXT:
                        raise NeedsPerson(
                            "export.text-too-long",
                            f"A cell of an .xlsx holds {XLSX_TEXT} characters; a text in row {count + 1} is longer.",
                            "Export to .csv.",
                        )
                    sheet.write_string(count, place, said, text)
        workbook.close()
    return count


def _write_csv(
    path: Path,
    headings: Sequence[str],
    rows: Iterable[Sequence[object]],
    columns: Sequence[Column],
    language: str,
) -> int:
    separator, point = (";", ",") if language == "pl" else (",", ".")
    count = 0
    # with a mark of UTF-8 that spreadsheet programs look for
    with path.open("w", encoding="utf-8-sig", errors="strict", newline="") as file:
        writer = csv.writer(file, delimiter=separator, lineterminator="\r\n")
        writer.writerow([guarded(heading) for heading in headings])
        for row in rows:
            count += 1
            writer.writerow([_in_text(value, point) for value in row])
    return count


def guarded(text: str) -> str:
    """A text that no spreadsheet program takes for a formula."""
    return GUARD + text if text.startswith((*HAZARDS, GUARD)) else text


def _in_text(value: object, point: str) -> str:
    if value is None:
        return ""
    if isinstance(value, (Decimal, int, float)) and not isinstance(value, bool):
        return format(value, "f" if isinstance(value, Decimal) else "").replace(".", point)
    return guarded(str(value))


def _as_it_is(cell: Cell) -> object:
    if isinstance(cell, Trouble):
        return cell.shown
    return str(cell) if isinstance(cell, (bool, date, time, timedelta)) else cell


def _items(bulk: Bulk, language: str) -> Iterator[Mapping[str, object]]:
    for card in bulk.all_cards():
        yield {
            "sku": card.sku,
            "name": card.name,
            "kind": _KIND_WORDS[language][card.kind],
            "unit": card.unit,
            "vat": card.vat,
            "ean": card.ean,
            "weight": card.weight,
            "height": card.height,
            "width": card.width,
            "length": card.length,
            "parent": card.parent,
        }


def _prices(bulk: Bulk, language: str) -> Iterator[Mapping[str, object]]:
    for sku, level, price in bulk.all_prices():
        yield {"sku": sku, "level": level, price.basis: price.price, "currency": price.currency}


def _stock(bulk: Bulk, language: str) -> Iterator[Mapping[str, object]]:
    for sku, warehouse, facts in bulk.all_stock():
        yield {
            "sku": sku,
            "warehouse": warehouse,
            "quantity": facts.quantity,
            "cost": facts.unit_cost if facts.quantity > 0 else None,
        }


def _contractors(bulk: Bulk, language: str) -> Iterator[Mapping[str, object]]:
    for card in bulk.contractors():
        yield {name: card[name] for name in CONTRACTOR_FIELDS}


_ROWS: Mapping[Kind, Callable[[Bulk, str], Iterator[Mapping[str, object]]]] = {
    "items": _items,
    "prices": _prices,
    "stock": _stock,
    "contractors": _contractors,
}
