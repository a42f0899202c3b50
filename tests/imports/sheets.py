"""Files as people bring them."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter


def workbook(path: Path, *rows: Sequence[Any], write: Callable[[Any], None] = lambda sheet: None) -> Path:
    """An .xlsx with one sheet; ``write`` may do more to it."""
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("Arkusz")
        for number, row in enumerate(rows):
            for place, value in enumerate(row):
                if isinstance(value, str):
                    sheet.write_string(number, place, value)
                elif value is not None:
                    sheet.write(number, place, value)
        write(sheet)
    return path


def text(path: Path, content: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(content.encode(encoding))
    return path


def bomb(path: Path) -> Path:
    """A small archive whose sheet unpacks to more than anybody should."""
    workbook(path, ["SKU"])
    with zipfile.ZipFile(path) as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            if name.endswith("sheet1.xml"):
                content = content.replace(b"<sheetData>", b"<sheetData>" + b"<!-- -->" * 40_000_000)
            made.writestr(name, content)
    return path


def endless_comment(path: Path) -> Path:
    """One comment of 50 MB, over which a parser that begins it anew with each piece would never come to an end."""
    workbook(path, ["SKU"])
    with zipfile.ZipFile(path) as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            if name.endswith("sheet1.xml"):
                content = content.replace(b"<sheetData>", b"<!--" + b" " * 50_000_000 + b"--><sheetData>")
            made.writestr(name, content)
    return path


def with_entities(path: Path) -> Path:
    """A workbook whose sheet declares entities, as an attacker would."""
    workbook(path, ["SKU"])
    with zipfile.ZipFile(path) as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    with zipfile.ZipFile(path, "w") as made:
        for name, content in parts.items():
            if name.endswith("sheet1.xml"):
                head, _, rest = content.partition(b"?>")
                content = head + b'?><!DOCTYPE x [<!ENTITY a "aaaa">]>' + rest
            made.writestr(name, content)
    return path
