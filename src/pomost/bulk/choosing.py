"""A list of SKUs from a file: a column with a known heading of SKUs, or the first one."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from pomost.imports.cells import line
from pomost.imports.columns import COLUMNS, plain
from pomost.imports.reading import read_rows
from pomost.ports import NeedsPerson

_LOOK_AT = 20


def skus_in_file(path: Path, sheet: str = "") -> tuple[str, ...]:
    """In the order of the file, each once. Raises NeedsPerson ``import.*`` for what can't be read, ``bulk.no-skus``."""
    column = COLUMNS["items"][0]
    known = {plain(one) for one in (column.polish, column.english, *column.also)}
    rows = read_rows(path, sheet)
    first = list(islice(rows, _LOOK_AT))
    heading = next(
        (
            (number, place)
            for number, row in enumerate(first)
            for place, cell in enumerate(row.cells)
            if isinstance(cell, str) and plain(cell) in known
        ),
        None,
    )
    start, place = (heading[0] + 1, heading[1]) if heading else (0, 0)
    found: dict[str, None] = {}
    for row in (*first[start:], *rows):
        cell = row.cells[place] if place < len(row.cells) else None
        if cell is not None and (sku := line(cell)):
            found[sku] = None
    if not found:
        raise NeedsPerson(
            "bulk.no-skus",
            f"There are no SKUs in {path.name}.",
            "Write one in each row, in the first column or under the heading SKU.",
        )
    return tuple(found)
