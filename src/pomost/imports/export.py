"""The ledger's cards, prices, stock and contractors as a file that can be imported again: nothing changes then.

A text that a spreadsheet program would take for a formula is a text in an .xlsx, and has an apostrophe before it in a .csv,
which the import takes off again (`reading.GUARD`).
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter

from pomost.imports.apply import Books
from pomost.imports.cells import Value
from pomost.imports.columns import COLUMNS, Column, Kind
from pomost.imports.reading import GUARD, HAZARDS
from pomost.imports.scan import MAX_ROWS
from pomost.ledger.bulk import Bulk
from pomost.ports import NeedsPerson

Rows = Iterator[Mapping[str, Value]]


def export(ledger: Books, company: str, kind: Kind, path: Path, language: str = "pl") -> int:
    """Writes a .xlsx or .csv, whole or not at all; gives the number of rows.

    Raises NeedsPerson ``import.unknown-format``, ``import.too-many-rows`` (a sheet that could not be imported), ``import.no-file``.
    """
    write = _WRITERS.get(path.suffix.lower())
    if write is None:
        raise NeedsPerson(
            "import.unknown-format",
            f"Files of the kind {path.suffix or '-'} are not written.",
            "Write a name that ends in .xlsx or .csv.",
        )
    part = path.with_name(f".{path.name}.part")
    try:
        count = ledger.look_at(company, lambda bulk: write(part, COLUMNS[kind], _ROWS[kind](bulk), language))
        part.replace(path)
    except OSError as error:
        raise NeedsPerson(
            "import.not-written",
            f"The file {path.name} can't be written ({error.strerror}).",
            "Look at the folder and its rights, and close the file where it is open.",
        ) from error
    finally:
        part.unlink(missing_ok=True)
    return count


def _items(bulk: Bulk) -> Rows:
    for card in bulk.all_cards():
        yield {name: getattr(card, name) for name in ("sku", "name", "kind", "unit", "vat", "ean")}


def _prices(bulk: Bulk) -> Rows:
    for sku, level, price in bulk.all_prices():
        yield {"sku": sku, "level": level, price.basis: price.price, "currency": price.currency}


def _stock(bulk: Bulk) -> Rows:
    for sku, warehouse, facts in bulk.all_stock():
        # what is in stock has its cost; a count of it never needs one
        yield {"sku": sku, "warehouse": warehouse, "quantity": facts.quantity}


def _contractors(bulk: Bulk) -> Rows:
    yield from bulk.contractors()


_ROWS: Mapping[Kind, Callable[[Bulk], Rows]] = {
    "items": _items,
    "prices": _prices,
    "stock": _stock,
    "contractors": _contractors,
}


def _write_csv(path: Path, columns: Iterable[Column], rows: Rows, language: str) -> int:
    table = tuple(columns)
    count = 0
    # with the mark by which Excel knows UTF-8, and the separator that it expects in Poland
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow([column.heading(language) for column in table])
        for row in rows:
            count += 1
            writer.writerow([_text(row.get(column.name, "")) for column in table])
    return count


def _text(value: Value) -> str:
    if isinstance(value, Decimal):
        return format(value, "f").replace(".", ",")
    return GUARD + value if value.startswith((*HAZARDS, GUARD)) else value


def _write_xlsx(path: Path, columns: Iterable[Column], rows: Rows, language: str) -> int:
    table = tuple(columns)
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    count = 0
    with xlsxwriter.Workbook(str(path), {**options, "strings_to_numbers": False}) as book:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True})
        for place, column in enumerate(table):
            sheet.write_string(0, place, column.heading(language), bold)
        sheet.freeze_panes(1, 0)
        for row in rows:
            count += 1
            if count > MAX_ROWS:
                raise NeedsPerson(
                    "import.too-many-rows",
                    f"A sheet has at most {MAX_ROWS} rows here.",
                    "Export to a .csv.",
                )
            for place, column in enumerate(table):
                value: Any = row.get(column.name, "")
                if isinstance(value, Decimal):
                    sheet.write_number(count, place, float(value))
                elif value:
                    sheet.write_string(count, place, value)
    return count


_WRITERS: Mapping[str, Callable[[Path, Iterable[Column], Rows, str], int]] = {
    ".csv": _write_csv,
    ".xlsx": _write_xlsx,
}
