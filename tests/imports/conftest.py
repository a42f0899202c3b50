"""A firm on both databases, and short ways to write sheets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from tests.ledger.conftest import database, database_url, engine, firm, make_firm

__all__ = ["database", "database_url", "engine", "firm", "make_firm"]

Sheet = Callable[..., Path]


@pytest.fixture
def xlsx(tmp_path: Path) -> Sheet:
    """xlsx(["SKU", "VAT"], ["A", 23]) -> the path of the file."""

    def write(*rows: list[Any], name: str = "sheet.xlsx") -> Path:
        path = tmp_path / name
        workbook = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False})
        sheet = workbook.add_worksheet("Arkusz")
        for number, row in enumerate(rows):
            for place, value in enumerate(row):
                if value is not None:
                    sheet.write(number, place, value)
        workbook.close()
        return path

    return write


@pytest.fixture
def csv_file(tmp_path: Path) -> Sheet:
    def write(text: str, encoding: str = "utf-8", name: str = "sheet.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return write
