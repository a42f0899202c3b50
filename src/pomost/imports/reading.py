"""A spreadsheet file as rows of cells: .xlsx, and .csv or .txt as spreadsheet programs write it.

Nothing that a file says about itself is believed: what an .xlsx holds is counted while it is unpacked (``scan``), before
the reader that keeps a sheet in memory sees it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import chain
from pathlib import Path
from typing import TypeAlias

from python_calamine import CalamineError, CalamineWorkbook

from pomost.imports.scan import MAX_ROWS, Marks, damaged, not_xlsx, scan, too_many_rows
from pomost.ports import NeedsPerson

MAX_BYTES = 200_000_000
"""Of a text file. An .xlsx is bounded by what it unpacks to."""
HAZARDS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes a cell of a text file a formula in a spreadsheet program."""
_MARKUP = (b"<!doctype", b"<html", b"<head", b"<body", b"<table", b"<meta", b"<?xml")
"""How a file begins that programs save as .xls and that is none."""
_TITLES = 20
"""Lines among which the headings are looked for, as ``columns`` does."""
_OF_LATIN2 = re.compile("[^\\W\\d_][±¶ˇ¦¬]|[±¶ˇ¦¬Ľ][^\\W\\d_]|[^\\W\\d_]Ľ")
"""What ą ś ź Ą Ś Ź of ISO-8859-2 look like when they are read as Windows-1250."""
_OF_1250 = re.compile("[ąśźĄŚŹ„”–—€…’]")
GUARD = "'"
"""Put before such a text on export, and before a text that begins with itself; taken off here."""


NO_TROUBLES: dict[int, str] = {}
_MAX_MERGED = 100


@dataclass(frozen=True, slots=True)
class Trouble:
    """A cell whose content is not to be had. ``why``: "error" (``shown`` is #N/A and the like), "formula", "merged"."""

    why: str
    shown: str = ""


Cell: TypeAlias = str | float | int | bool | date | datetime | time | timedelta | Trouble | None


@dataclass(frozen=True, slots=True)
class RawRow:
    """``number`` as the spreadsheet program shows it, the first row being 1."""

    number: int
    cells: tuple[Cell, ...]


def read_rows(path: Path, sheet: str = "") -> Iterator[RawRow]:
    """The rows of a file that hold anything, in their order. ``sheet``: its name; the first one when empty.

    Raises NeedsPerson with a code ``import.*`` for what can't be read; also while being iterated.
    """
    try:
        with path.open("rb") as file:
            head = file.read(512)
        size = path.stat().st_size
    except OSError as error:
        raise NeedsPerson(
            "import.no-file",
            f"There is no file {path.name}."
            if isinstance(error, FileNotFoundError)
            else f"The file {path.name} can't be read ({error.strerror}).",
            "Look at its name and its rights.",
        ) from error
    if not size:
        raise NeedsPerson("import.empty-file", f"The file {path.name} is empty.", "Save it again.")
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise _old_or_locked(path)
    if head.startswith(b"PK"):
        return _sheet_rows(path, sheet)
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        raise not_xlsx(path)
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(_MARKUP):
        raise NeedsPerson(
            "import.web-page",
            f"The file {path.name} is a web page (HTML) or XML, whatever its name says.",
            "Open it in a spreadsheet program and save it as .xlsx.",
        )
    if size > MAX_BYTES:
        raise NeedsPerson(
            "import.too-large",
            f"The file {path.name} is larger than {MAX_BYTES // 1_000_000} MB.",
            "Divide it into several files.",
        )
    return _text_rows(path)


def letter_of(place: int) -> str:
    """The letters over a column: 0 is A, 26 is AA."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


# .xlsx


def _sheet_rows(path: Path, name: str) -> Iterator[RawRow]:
    parts = scan(path)
    try:
        workbook = CalamineWorkbook.from_path(str(path))
    except (CalamineError, OSError, ValueError) as error:
        raise damaged(path) from error
    names = workbook.sheet_names
    if not names or (name and name not in names):
        raise NeedsPerson(
            "import.unknown-sheet",
            f"The file has no sheet {name!r}." if name else "The file has no sheets.",
            f"Write one of {', '.join(names)}.",
        )
    chosen = name or names[0]
    marks = parts.get(chosen, Marks())
    try:
        sheet = workbook.get_sheet_by_name(chosen)
        left: tuple[None, ...] = (None,) * sheet.start[1] if sheet.start else ()
        merged = _Merged(sheet.merged_cell_ranges or ())
        body: Iterator[Sequence[Cell]] = sheet.iter_rows() if sheet.start else iter(())
        last = max(marks.troubles, default=-1)
        beyond: Iterator[list[Cell]] = ([] for _ in range(last + 1 - (sheet.end[0] + 1 if sheet.end else 0)))
        for number, cells in enumerate(chain(body, beyond)):
            found: list[Cell] = [*left, *(None if cell == "" else cell for cell in cells)]
            for place, shown in marks.troubles.get(number, NO_TROUBLES).items():
                found += [None] * (place + 1 - len(found))
                found[place] = Trouble("error", shown) if shown else Trouble("formula")
            if any(cell is not None for cell in found):
                merged.note(number, found)
                yield RawRow(number + 1, tuple(found))
    except (CalamineError, OSError, ValueError) as error:
        raise damaged(path) from error
    finally:
        workbook.close()


class _Merged:
    """Cells that are merged with the one over or beside them: they are empty, and nobody sees it."""

    def __init__(self, ranges: Iterable[tuple[tuple[int, int], tuple[int, int]]]) -> None:
        self._coming = sorted(ranges, reverse=True)
        self._here: list[tuple[tuple[int, int], tuple[int, int]]] = []

    def note(self, row: int, cells: list[Cell]) -> None:
        """Puts a Trouble into the empty cells of a row; rows are to come in their order."""
        self._here = [one for one in self._here if one[1][0] >= row]
        while self._coming and self._coming[-1][0][0] <= row:
            one = self._coming.pop()
            if one[1][0] >= row and len(self._here) < _MAX_MERGED:
                self._here.append(one)
        for (_, left), (_, right) in self._here:
            for place in range(left, min(right + 1, len(cells))):
                if cells[place] is None:
                    cells[place] = Trouble("merged")


def _old_or_locked(path: Path) -> NeedsPerson:
    with path.open("rb") as file:
        start = file.read(4_000_000)
    if "EncryptedPackage".encode("utf-16-le") in start:
        return NeedsPerson(
            "import.password",
            f"The file {path.name} is protected by a password.",
            "Save it without a password and import that file.",
        )
    return NeedsPerson(
        "import.old-xls",
        f"The file {path.name} is an old .xls.",
        "Open it and save it as .xlsx (Excel workbook) or .csv.",
    )


# text


def _text_rows(path: Path) -> Iterator[RawRow]:
    encoding = _encoding(path)
    with path.open(encoding=encoding, newline="") as file:
        lines: Iterable[str] = file
        first = file.readline(100_000)
        number = 0
        if first.lower().startswith("sep=") and len(first.strip()) == 5:
            # a line for Excel, which does not show it
            separator = first.strip()[-1]
        else:
            file.seek(0)
            separator = _separator(file.readline(100_000) for _ in range(_TITLES))
            file.seek(0)
        csv.field_size_limit(1_000_000)
        reader = csv.reader(lines, delimiter=separator, strict=True)
        try:
            for record in reader:
                number += 1
                if number > MAX_ROWS + 1:
                    raise too_many_rows()
                if any(record):
                    yield RawRow(number, tuple(_unguarded(text) for text in record))
        except csv.Error as error:
            raise NeedsPerson(
                "import.bad-quotes",
                f"The file can't be divided into cells after row {number}: a quotation mark is opened and not closed, "
                "or a cell is longer than a million characters.",
                "Double the quotation marks within a text, or save the file again as .xlsx.",
            ) from error
        except UnicodeError as error:
            raise _not_text(path) from error


def _unguarded(text: str) -> Cell:
    if text.startswith(GUARD) and text[1:].startswith((*HAZARDS, GUARD)):
        return text[1:]
    return text or None


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(4096)
    if start.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if start[1:200:2].count(0) > len(start[:200]) // 4:
        return "utf-16-le"
    if start[0:200:2].count(0) > len(start[:200]) // 4:
        return "utf-16-be"
    for encoding in ("utf-8", "cp1250"):
        with suppress(UnicodeError), path.open(encoding=encoding) as file:
            latin2 = windows = False
            while chunk := file.read(1_000_000):
                if "\x00" in chunk:
                    raise _not_text(path)
                latin2 = latin2 or _OF_LATIN2.search(chunk) is not None
                windows = windows or _OF_1250.search(chunk) is not None
            return "iso8859-2" if encoding == "cp1250" and latin2 and not windows else encoding
    raise _not_text(path)


def _not_text(path: Path) -> NeedsPerson:
    return NeedsPerson(
        "import.not-text",
        f"The file {path.name} is neither .xlsx nor text in UTF-8, UTF-16, Windows-1250 or ISO-8859-2.",
        "Save it as .xlsx or as CSV UTF-8.",
    )


def _separator(lines: Iterable[str]) -> str:
    """The one of ; tab and , that parts the most the first line that has any, outside quotation marks."""
    for line in lines:
        bare = "".join(line.split('"')[::2])
        if any(one in bare for one in ";\t,"):
            return max(";\t,", key=lambda one: (bare.count(one), one == ";"))
    return ";"
