"""Reading the log from its end: a page at a time, never more of it than a bounded part, whatever its size."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from pomost.logs import CONNECTIONS, LEVELS, NAME

Json = dict[str, Any]
BLOCK = 65_536
BUDGET = 16_000_000
"""Bytes that one page reads at most; a search that finds nothing in them says from where it goes on."""
_LONGEST_LINE = 1_000_000


@dataclass(frozen=True, slots=True)
class Line:
    """One line: where it stands (``place``: of the next older one the search goes on), and what it says."""

    place: str
    at: str
    level: str
    event: str
    fields: Json

    @property
    def moment(self) -> datetime | None:
        """When it was written; None where that can't be read."""
        try:
            return datetime.fromisoformat(self.at)
        except ValueError:
            return None

    @property
    def case(self) -> int | None:
        found = self.fields.get("case")
        return found if isinstance(found, int) and not isinstance(found, bool) else None

    @property
    def connection(self) -> str:
        return next((str(self.fields[key]) for key in CONNECTIONS if self.fields.get(key)), "")

    @property
    def code(self) -> str:
        return str(self.fields.get("code") or "")


@dataclass(frozen=True, slots=True)
class Sought:
    """Which lines. ``level``: this one and worse. ``cases``: None: of all. ``since``, ``until``: as the lines say their time
    (UTC, ISO 8601), empty: without a bound."""

    text: str = ""
    level: str = ""
    cases: frozenset[int] | None = None
    connection: str = ""
    code: str = ""
    since: str = ""
    until: str = ""

    def fits(self, line: Line, raw: str) -> bool:
        return (
            (not self.text or self.text.casefold() in raw.casefold())
            and _rank(line.level) >= _rank(self.level)
            and (self.cases is None or line.case in self.cases)
            and (not self.connection or self.connection in self._connections(line))
            and (not self.code or line.code.startswith(self.code) or line.event == self.code)
        )

    @staticmethod
    def _connections(line: Line) -> set[str]:
        # returns of a connection are a source of their own
        named = {str(line.fields[key]) for key in CONNECTIONS if line.fields.get(key)}
        return named | {name.split(".")[0] for name in named}


@dataclass(frozen=True, slots=True)
class Found:
    """``after``: from where the next page goes on, "" at the end of the log. ``cut``: there was more than one page may read."""

    lines: list[Line] = field(default_factory=list)
    after: str = ""
    cut: bool = False


def files(folder: Path) -> list[Path]:
    """The log files, the newest first."""
    found = [path for path in folder.glob(f"{NAME}*") if path.name == NAME or path.suffix[1:].isdecimal()]
    return sorted(found, key=lambda path: 0 if path.name == NAME else int(path.suffix[1:]))


def page(folder: Path, sought: Sought, after: str = "", most: int = 100, budget: int = BUDGET) -> Found:
    """The newest lines that are sought, older than ``after``; none where that file is gone."""
    lines: list[Line] = []
    left, place = budget, ""
    opened = [open_file for path in files(folder) if (open_file := _opened(path)) is not None]
    try:
        inodes = [os.fstat(file.fileno()).st_ino for file in opened]
        inode, offset = _place(after)
        if after and inode not in inodes:
            return Found()
        begin = inodes.index(inode) if inode in inodes else 0
        for file, number in list(zip(opened, inodes, strict=True))[begin:]:
            end = file.seek(0, os.SEEK_END)
            if number == inode:
                end = min(end, offset)
            elif sought.until:
                end = _end_until(file, end, sought.until)
            for start, raw in _backwards(file, end):
                place, left = f"{number}-{start}", left - len(raw) - 1
                line = _line(place, raw)
                if line is not None:
                    if sought.since and line.at < sought.since:
                        return Found(lines)
                    late = sought.until and line.at > sought.until
                    if not late and sought.fits(line, raw.decode(errors="replace")):
                        lines.append(line)
                if len(lines) >= most or left <= 0:
                    return Found(lines, place, cut=left <= 0 and len(lines) < most)
        return Found(lines)
    finally:
        for file in opened:
            file.close()


def end_of(folder: Path) -> str:
    """The place after the newest line: following begins there."""
    file = _opened(folder / NAME)
    if file is None:
        return ""
    with file:
        return f"{os.fstat(file.fileno()).st_ino}-{file.seek(0, os.SEEK_END)}"


def following(folder: Path, sought: Sought, place: str, most: int = BLOCK * 4) -> tuple[list[Line], str]:
    """What was written after ``place``, oldest first, and the place after it. Of a great deal only the newest part; a file
    that was rotated meanwhile is read to its end."""
    inode, offset = _place(place)
    lines: list[Line] = []
    for path in reversed(files(folder)[:2]):
        file = _opened(path)
        if file is None:
            continue
        with file:
            number, end = os.fstat(file.fileno()).st_ino, file.seek(0, os.SEEK_END)
            if path.name != NAME and number != inode:
                continue
            begin = min(offset, end) if number == inode else 0
            if end - begin > most:
                begin = end - most
                file.seek(begin)
                file.readline(_LONGEST_LINE)
                begin = file.tell()
            file.seek(begin)
            data = file.read(max(end - begin, 0))
            whole = data[: data.rfind(b"\n") + 1]
            for raw in whole.splitlines():
                line = _line("", raw)
                if line is not None and sought.fits(line, raw.decode(errors="replace")):
                    lines.append(line)
            place = f"{number}-{begin + len(whole)}"
    return lines, place


def whole(folder: Path) -> Iterator[bytes]:
    """All log files, the oldest first, in pieces. They are opened at once, so that none is missed when one is begun meanwhile."""
    opened = [file for path in reversed(files(folder)) if (file := _opened(path)) is not None]
    try:
        for file in opened:
            while piece := file.read(BLOCK):
                yield piece
    finally:
        for file in opened:
            file.close()


def _opened(path: Path) -> BinaryIO | None:
    try:
        return path.open("rb")
    except OSError:
        return None


def _backwards(file: BinaryIO, end: int) -> Iterator[tuple[int, bytes]]:
    """Lines before ``end`` with where each begins, the last one first; the first piece may be a line that is still written."""
    carry, place = b"", end
    while place > 0:
        size = min(BLOCK, place)
        place -= size
        file.seek(place)
        buffer = file.read(size) + carry
        position = place + len(buffer)
        carry, *pieces = buffer.split(b"\n")
        for piece in reversed(pieces):
            position -= len(piece)
            if piece:
                yield position, piece
            position -= 1
        if len(carry) > _LONGEST_LINE:
            # none of ours: what is left of it is no line
            carry = b""
    if carry:
        yield 0, carry


def _end_until(file: BinaryIO, end: int, until: str) -> int:
    """An end after which all lines are later: found by halving, so that a large file is not read through."""
    low, high = 0, end
    while high - low > BLOCK:
        middle = (low + high) // 2
        file.seek(middle)
        file.readline(_LONGEST_LINE)
        raw = file.readline(_LONGEST_LINE)
        line = _line("", raw)
        if line is None or line.at > until:
            high = middle
        else:
            low = middle
    file.seek(high)
    file.readline(_LONGEST_LINE)
    file.readline(_LONGEST_LINE)
    return min(file.tell(), end)


def _line(place: str, raw: bytes) -> Line | None:
    try:
        said = json.loads(raw)
    except ValueError:
        return None
    if not isinstance(said, dict):
        return None
    at, level, event = (str(said.pop(key, "")) for key in ("at", "level", "event"))
    return Line(place, at, level, event, said)


def _rank(level: str) -> int:
    return LEVELS.index(level) if level in LEVELS else 0


def _place(text: str) -> tuple[int, int]:
    inode, _, offset = text.partition("-")
    good = (
        inode.isascii() and inode.isdecimal() and offset.isascii() and offset.isdecimal() and len(text) < 45
    )
    return (int(inode), int(offset)) if good else (-1, 0)
