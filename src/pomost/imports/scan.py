"""What an .xlsx really holds, counted while it is unpacked piece by piece, before anything keeps it in memory.

Refused are: archives that unpack to more than ``MAX_UNPACKED``, sheets with more than ``MAX_ROWS`` rows or whose corners span
more than ``MAX_CELLS`` (a reader keeps the whole rectangle), texts that are repeated to more than ``MAX_TEXT``, and XML with a
document type (entities). Noted are cells that a reader would show as empty: errors, and formulas that were never reckoned.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from abc import ABC, abstractmethod
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from xml.parsers import expat

from pomost.ports import NeedsPerson

MAX_ROWS = 200_000
MAX_CELLS = 8_000_000
MAX_UNPACKED = 300_000_000
MAX_TEXT = 600_000_000
_MAX_ENTRIES = 5_000
_MAX_TROUBLES = 100_000
_PIECE = 1 << 18
_MAX_TOKEN = 4_000_000
"""One piece of markup: a tag, a comment."""
_STORED, _DEFLATED = 0, 8


@dataclass(slots=True)
class Marks:
    """Row and column, counted from 0 -> what the error says, or nothing for a formula without a value."""

    troubles: dict[int, dict[int, str]] = field(default_factory=dict)


def scan(path: Path) -> dict[str, Marks]:
    """By name of the sheet. Raises NeedsPerson ``import.*``."""
    try:
        with zipfile.ZipFile(path) as archive, path.open("rb") as file:
            entries = archive.infolist()
            names = {entry.filename: entry for entry in entries}
            if "xl/workbook.bin" in names or (
                "xl/workbook.xml" not in names and len(entries) <= _MAX_ENTRIES
            ):
                raise not_xlsx(path)
            if len(entries) > _MAX_ENTRIES or len(names) < len(entries):
                raise _bomb(path)
            return _Book(path, file, names).sheets()
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, ValueError) as error:
        raise damaged(path) from error
    except expat.ExpatError as error:
        raise damaged(path) from error


def too_many_rows() -> NeedsPerson:
    return NeedsPerson(
        "import.too-many-rows", f"The sheet has more than {MAX_ROWS} rows.", "Divide it into several files."
    )


class _Book:
    def __init__(self, path: Path, file: IO[bytes], names: dict[str, zipfile.ZipInfo]) -> None:
        self._path = path
        self._file = file
        self._names = names
        self._unpacked = 0

    def sheets(self) -> dict[str, Marks]:
        targets = self._targets()
        lengths = array("l")
        shared = next((name for name in self._names if name.lower() == "xl/sharedstrings.xml"), "")
        if shared:
            texts = _Texts(lengths)
            self._parse(shared, texts)
        longest = max(lengths, default=0)
        found: dict[str, Marks] = {}
        for title, part in targets.items():
            if part not in self._names:
                continue
            sheet = _Sheet()
            self._parse(part, sheet)
            if longest * sheet.shared > MAX_TEXT:
                # so much it would be only if all were as long as the longest
                before, sheet = self._unpacked, _Sheet(lengths)
                self._parse(part, sheet)
                self._unpacked = before
            found[title] = sheet.marks
        for name in self._names.keys() - set(targets.values()) - {shared}:
            if name.endswith((".xml", ".rels")):
                for _ in self._pieces(name):
                    pass
        return found

    def _targets(self) -> dict[str, str]:
        """Names of the sheets -> where they are in the archive."""
        workbook, relations = _Attributes("sheet"), _Attributes("Relationship")
        self._parse("xl/workbook.xml", workbook)
        if "xl/_rels/workbook.xml.rels" in self._names:
            self._parse("xl/_rels/workbook.xml.rels", relations)
        where = {one.get("Id", ""): one.get("Target", "") for one in relations.found}
        targets = {}
        for one in workbook.found:
            target = where.get(next((value for name, value in one.items() if name.endswith(":id")), ""), "")
            targets[one.get("name", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        return targets

    def _parse(self, name: str, handlers: _Handlers) -> None:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_doctype
        handlers.attach(parser)
        fed = 0
        for piece in self._pieces(name):
            parser.Parse(piece, False)
            fed += len(piece)
            if fed - parser.CurrentByteIndex > _MAX_TOKEN:
                # the parser begins such a piece of markup anew with each part of it: it would never end
                raise _bomb(self._path)
        parser.Parse(b"", True)

    def _pieces(self, name: str) -> Iterator[bytes]:
        """Unpacks an entry whatever size its header claims."""
        entry, file = self._names[name], self._file
        if entry.flag_bits & 1:
            raise NeedsPerson(
                "import.password",
                f"The file {self._path.name} is protected by a password.",
                "Save it without a password and import that file.",
            )
        file.seek(entry.header_offset)
        header = struct.unpack("<4s5H3I2H", file.read(30))
        if header[0] != b"PK\x03\x04" or entry.compress_type not in (_STORED, _DEFLATED):
            raise damaged(self._path)
        file.seek(header[9] + header[10], 1)
        left = entry.compress_size
        unpacking = zlib.decompressobj(-15)
        packed = b""
        while left > 0 or packed:
            if not packed:
                packed = file.read(min(left, _PIECE))
                left -= len(packed)
                if not packed:
                    raise damaged(self._path)
            if entry.compress_type == _STORED:
                piece, packed = packed, b""
            else:
                piece, packed = unpacking.decompress(packed, _PIECE), unpacking.unconsumed_tail
            self._unpacked += len(piece)
            if self._unpacked > MAX_UNPACKED:
                raise _bomb(self._path)
            yield piece
            if unpacking.eof:
                return


class _Handlers(ABC):
    @abstractmethod
    def attach(self, parser: Any) -> None: ...


class _Attributes(_Handlers):
    """The attributes of all elements of one name."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.found: list[dict[str, str]] = []

    def attach(self, parser: Any) -> None:
        def start(name: str, attributes: dict[str, str]) -> None:
            if name.rpartition(":")[2] == self._name:
                self.found.append(attributes)

        parser.StartElementHandler = start


class _Texts(_Handlers):
    """How long each shared text is."""

    def __init__(self, lengths: array[int]) -> None:
        self._lengths = lengths

    def attach(self, parser: Any) -> None:
        lengths = self._lengths

        def start(name: str, _attributes: dict[str, str]) -> None:
            if name.rpartition(":")[2] == "si":
                lengths.append(0)

        def text(data: str) -> None:
            if lengths:
                lengths[-1] += len(data)

        parser.StartElementHandler = start
        parser.CharacterDataHandler = text


class _Sheet(_Handlers):
    """Corners, shared texts and troubles of a sheet. With ``lengths`` the shared texts are added up."""

    def __init__(self, lengths: array[int] | None = None) -> None:
        self.marks = Marks()
        self.shared = 0
        self._lengths = lengths
        self._text = 0
        self._corner = [0, 0]
        self._troubles = 0

    def attach(self, parser: Any) -> None:
        row, column, reference, kind = -1, -1, "", ""
        formula = False
        filled = False
        value: list[str] = []
        lengths = self._lengths

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal row, column, reference, kind, formula, filled
            if ":" in name:
                name = name.rpartition(":")[2]
            if name == "c":
                column += 1
                reference, kind = attributes.get("r", ""), attributes.get("t", "")
                formula = filled = False
            elif name == "v" or name == "is" or name == "f":
                if not filled:
                    filled = True
                    if reference:
                        row, column = _place(reference)
                    self._reach(row, column)
                if name == "f":
                    formula = True
                elif kind == "s":
                    self.shared += 1
                    if lengths is not None:
                        parser.CharacterDataHandler = value.append
                elif formula or kind == "e":
                    parser.CharacterDataHandler = value.append
            elif name == "row":
                column = -1
                row = int(attributes["r"]) - 1 if "r" in attributes else row + 1

        def end(name: str) -> None:
            nonlocal formula
            if name != "c" and not name.endswith(":c"):
                if value or parser.CharacterDataHandler is not None:
                    parser.CharacterDataHandler = None
                return
            if not filled:
                return
            shown = "".join(value)
            value.clear()
            if kind == "s" and lengths is not None:
                place = int(shown)
                self._text += lengths[place] if 0 <= place < len(lengths) else 0
                if self._text > MAX_TEXT:
                    raise NeedsPerson(
                        "import.too-large",
                        f"The texts of the sheet are longer than {MAX_TEXT // 1_000_000} MB together.",
                        "Divide it into several files.",
                    )
            elif kind == "e":
                self._trouble(row, column, shown or "#N/A")
            elif formula and not shown and kind != "str":
                self._trouble(row, column, "")

        parser.StartElementHandler = start
        parser.EndElementHandler = end

    def _reach(self, row: int, column: int) -> None:
        corner = self._corner
        if row >= corner[0] or column >= corner[1]:
            corner[0], corner[1] = max(corner[0], row + 1), max(corner[1], column + 1)
            if corner[0] > MAX_ROWS + 1:
                raise too_many_rows()
            if corner[0] * corner[1] > MAX_CELLS:
                raise NeedsPerson(
                    "import.too-wide",
                    f"The sheet spans more than {MAX_CELLS} cells.",
                    "Delete what stands far to the right, or divide the sheet into several files.",
                )

    def _trouble(self, row: int, column: int, shown: str) -> None:
        self._troubles += 1
        if self._troubles <= _MAX_TROUBLES:
            self.marks.troubles.setdefault(row, {})[column] = shown[:20]


def _place(reference: str) -> tuple[int, int]:
    """Row and column of a reference like B12, counted from 0. ValueError for what is none."""
    letters = reference.rstrip("0123456789")
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    if not 0 < len(letters) <= 3 or column < 1:
        raise ValueError(reference)
    return int(reference[len(letters) :]) - 1, column - 1


def _refuse_doctype(*_: Any) -> None:
    raise NeedsPerson(
        "import.entities",
        "The file holds XML with a document type, which no spreadsheet program writes.",
        "Open it in a spreadsheet program and save it again as .xlsx.",
    )


def _bomb(path: Path) -> NeedsPerson:
    return NeedsPerson(
        "import.unpacks-too-large",
        f"The file {path.name} unpacks to more than {MAX_UNPACKED // 1_000_000} MB.",
        "Divide it into several files; delete pictures and sheets that are not needed.",
    )


def damaged(path: Path) -> NeedsPerson:
    return NeedsPerson(
        "import.damaged",
        f"The file {path.name} is damaged.",
        "Open it in a spreadsheet program and save it again.",
    )


def not_xlsx(path: Path) -> NeedsPerson:
    return NeedsPerson(
        "import.not-xlsx",
        f"The file {path.name} is no .xlsx, whatever its name says.",
        "Open it in a spreadsheet program and save it as .xlsx.",
    )
