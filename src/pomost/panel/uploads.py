"""Sheets that were sent to be imported: kept in the data folder until they are applied, for a week at most.

Each has a folder of its own with the file as it came (its name is ours), what was asked, and what the check found.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

from pomost.imports.apply import Outcome
from pomost.imports.columns import COLUMNS, Kind
from pomost.imports.figures import figure
from pomost.imports.preview import Change, Preview, Shift
from pomost.imports.rows import Finding
from pomost.ports import Failure, Json
from pomost.store.claims import dump, failure_to_json
from pomost.words import in_language

KEPT_S = 7 * 86_400.0
SHOWN = 100
"""Changes and errors that are shown of each; the file of bad rows has all."""
_NAME = re.compile(r"[A-Za-z0-9_-]{16,40}")


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to import, and how its columns are to be read."""

    kind: Kind
    company: str
    name: str
    who: str
    at: float
    sheet: str = ""
    columns: str = ""
    level: str = ""
    warehouse: str = ""


@dataclass(frozen=True, slots=True)
class Upload:
    """One sheet that was sent. ``found``: what the check found, {} while it was not checked; ``outcome``: what was written."""

    id: str
    asked: Asked
    path: Path
    found: Json
    outcome: Json


class Uploads:
    """The folder of uploads."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / "imports"

    def keep(self, asked: Asked, file: BinaryIO) -> str:
        """Keeps a file; gives the name under which it is found again, which nobody can guess."""
        self._tidy(asked.at)
        name = secrets.token_urlsafe(18)
        folder = self._folder / name
        folder.mkdir(parents=True, mode=0o700)
        with (folder / _file_name(asked.name)).open("wb") as kept:
            shutil.copyfileobj(file, kept)
        fields = {field: getattr(asked, field) for field in Asked.__slots__}
        (folder / "asked.json").write_text(dump(fields), "utf-8")
        return name

    def get(self, name: str) -> Upload | None:
        """None where there is none: a name that is none of ours, or one that is too old."""
        folder = self._folder / name
        if not _NAME.fullmatch(name) or not (folder / "asked.json").is_file():
            return None
        asked = Asked(**_read(folder / "asked.json"))
        return Upload(
            name,
            asked,
            folder / _file_name(asked.name),
            _read(folder / "found.json"),
            _read(folder / "outcome.json"),
        )

    def latest(self, most: int = 10) -> list[Upload]:
        """The newest first."""
        names = [one.name for one in self._folder.iterdir()] if self._folder.is_dir() else []
        found = [one for name in names if (one := self.get(name)) is not None]
        return sorted(found, key=lambda one: -one.asked.at)[:most]

    def note_found(self, name: str, preview: Preview) -> None:
        """What the check found."""
        self._note(name, "found.json", found_of(preview))

    def note_failure(self, name: str, failure: Failure) -> None:
        """The file can't be read at all."""
        self._note(name, "found.json", {"failure": failure_to_json(failure)})

    def note_outcome(self, name: str, outcome: Outcome) -> None:
        """What was written, or why nothing."""
        self.note_found(name, outcome.preview)
        self._note(
            name,
            "outcome.json",
            {
                "written": outcome.written and not outcome.already,
                "new": len(outcome.preview.new),
                "changed": len(outcome.preview.changed),
                "documents": list(outcome.documents),
                "already": list(outcome.already),
            },
        )

    def _note(self, name: str, file: str, told: Json) -> None:
        beside = self._folder / name / f".{file}"
        beside.write_text(dump(told), "utf-8")
        beside.replace(self._folder / name / file)

    def _tidy(self, now: float) -> None:
        if not self._folder.is_dir():
            return
        for one in self._folder.iterdir():
            upload = self.get(one.name)
            if upload is not None and upload.asked.at < now - KEPT_S:
                shutil.rmtree(one, ignore_errors=True)


def found_of(preview: Preview) -> Json:
    """What is shown of a preview."""
    return {
        "total": preview.checked.total,
        "heading_row": preview.checked.headings.row,
        "ignored": list(preview.checked.headings.ignored[:30]),
        "new": _changes(preview.new),
        "news": len(preview.new),
        "changed": _changes(preview.changed),
        "changes": len(preview.changed),
        "same": preview.same,
        "bad": len(preview.bad_rows),
        "findings": [_finding(one) for one in sorted(preview.findings, key=lambda one: one.row)],
        "notes": [_finding(one) for one in preview.notes[:SHOWN]],
        "noted": len(preview.notes),
    }


def findings_of(found: Json, language: str) -> list[Finding]:
    """The errors of a check in a language."""
    return [
        Finding(row, heading, letter, code, *in_language(language, code, text, advice))
        for row, heading, letter, code, text, advice in found.get("findings", [])
    ]


def headings_of(kind: Kind, language: str) -> dict[str, str]:
    """Field -> what it is called."""
    return {column.name: column.heading(language) for column in COLUMNS[kind]}


def _changes(changes: Sequence[Change]) -> list[Json]:
    return [
        {"row": one.row, "what": one.what, "shifts": [_shift(shift) for shift in one.shifts]}
        for one in changes[:SHOWN]
    ]


def _shift(shift: Shift) -> list[str]:
    return [shift.field, _said(shift.before), _said(shift.after)]


def rows_of(changes: Sequence[Json], kind: Kind, language: str) -> list[Json]:
    """The changes that a check found, with their numbers as they are written in a language."""
    numeric = {column.name for column in COLUMNS[kind] if column.numeric}
    return [
        {
            **one,
            "shifts": [
                [name, *(figure(Decimal(text), name, language) if text else "" for text in texts)]
                if name in numeric
                else [name, *texts]
                for name, *texts in one["shifts"]
            ],
        }
        for one in changes
    ]


def called(failure: Failure, upload: Upload) -> Failure:
    """The failure with the name that the sender gave the file in the place of ours."""
    failure.text = failure.text.replace(upload.path.name, upload.asked.name)
    return failure


def _said(value: object) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= 80 else f"{text[:80]}…"


def _finding(one: Finding) -> list[object]:
    return [one.row, one.heading, one.letter, one.code, one.text, one.advice]


def _file_name(name: str) -> str:
    """A name of ours: that of the sender is only shown."""
    ending = Path(name.lower()).suffix
    return f"sheet{ending}" if ending in (".xlsx", ".xlsm", ".xls") else "sheet.csv"


def _read(path: Path) -> Json:
    if not path.is_file():
        return {}
    found: Json = json.loads(path.read_text("utf-8"))
    return found
