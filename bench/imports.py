"""Import of many item rows from .xlsx: time of the preview and of applying, peak memory.

python bench/imports.py [ROWS] [LEDGER-URL]
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

import xlsxwriter

from pomost.imports.apply import apply, check, show
from pomost.imports.export import export
from pomost.ledger import open_ledger


def main(rows: int, url: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "items.xlsx"
        workbook = xlsxwriter.Workbook(str(path), {"constant_memory": True})
        sheet = workbook.add_worksheet()
        for place, heading in enumerate(("SKU", "Nazwa", "Jednostka", "VAT", "EAN")):
            sheet.write_string(0, place, heading)
        for row in range(1, rows + 1):
            for place, text in enumerate(
                (f"SKU-{row:07}", f"Towar numer {row}", "szt", "23", f"590{row:010}")
            ):
                sheet.write_string(row, place, text)
        workbook.close()
        ledger = open_ledger(url or f"sqlite:///{folder}/ledger.db")
        ledger.setup.add_company("A", "A")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        start = time.perf_counter()
        checked = check(ledger, "A", "items", path)
        read = time.perf_counter()
        shown = show(ledger, "A", checked)
        previewed = time.perf_counter()
        apply(ledger, "A", checked)
        applied = time.perf_counter()
        again = apply(ledger, "A", checked).preview
        same = time.perf_counter()
        export(ledger, "A", "items", Path(folder) / "out.xlsx")
        exported = time.perf_counter()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        assert (len(shown.new), again.same) == (rows, rows)
        print(
            f"{rows} rows: read and check {read - start:.1f} s, compare {previewed - read:.1f} s, "
            f"apply {applied - previewed:.1f} s, again {same - applied:.1f} s, export {exported - same:.1f} s, "
            f"memory {before // 1024} -> {peak // 1024} MB"
        )
        ledger.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000, sys.argv[2] if len(sys.argv) > 2 else "")
