"""Versions of ``pomost.toml``: each that was saved is kept with who and when, and can be brought back."""

from __future__ import annotations

import json
import secrets
import threading
from dataclasses import dataclass
from pathlib import Path

from pomost.config.editing import mark_of, read_file, write_whole

MOST = 500
BY_HAND = "by hand"
"""The ``what`` of a version that was found in the file: somebody wrote it there."""
_DRAFTS = 20
_saving = threading.Lock()


@dataclass(frozen=True, slots=True)
class Version:
    """``number`` counts from 1; ``what`` is the place that was changed."""

    number: int
    at: float
    who: str
    what: str


class Changed(Exception):
    """The file is not what the change began with: somebody else wrote it meanwhile."""


class History:
    """Kept in a folder of its own that only the owner reads: the file may hold secrets."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def save(self, path: Path, text: str, before: str, who: str, what: str, now: float) -> Version:
        """Writes the file whole, if it still has the mark ``before``, and keeps the version. Raises Changed."""
        with _saving:
            self._make()
            current = read_file(path)
            if mark_of(current) != before:
                raise Changed
            known = self.all()
            if not known or self.text_of(known[-1].number) != current:
                # what was there before the first change, and what was written by hand since, can be brought back too
                self._keep(self._next(), current, now, "", BY_HAND if known else "")
            version = self._keep(self._next(), text, now, who, what)
            try:
                write_whole(path, text)
            except BaseException:
                self._forget(version.number)
                raise
            return version

    def _next(self) -> int:
        known = self.all()
        return known[-1].number + 1 if known else 1

    def all(self) -> list[Version]:
        """Oldest first."""
        found = []
        for file in sorted(self.folder.glob("[0-9]*.json")):
            try:
                said = json.loads(file.read_text("utf-8"))
                found.append(Version(int(file.stem), said["at"], said["who"], said["what"]))
            except (ValueError, KeyError, TypeError, OSError):
                # half a note is no version; the file itself is never lost by it
                continue
        return found

    def text_of(self, number: int) -> str | None:
        """The whole text of a version; None where there is none."""
        if not 0 < number < 10**6:
            return None
        file = self.folder / f"{number:06}.toml"
        return read_file(file) if file.is_file() else None

    def mark(self, number: int) -> str:
        """The mark of a version's text; empty where there is none."""
        text = self.text_of(number)
        return mark_of(text) if text is not None else ""

    def draft(self, text: str, before: str, what: str) -> str:
        """Keeps a change that is only looked at yet; gives its name."""
        self._make()
        drafts = sorted(self.folder.glob("draft-*.json"), key=lambda one: one.stat().st_mtime)
        for old in drafts[: max(len(drafts) - _DRAFTS, 0)]:
            old.unlink(missing_ok=True)
        name = secrets.token_hex(8)
        self._write(f"draft-{name}.json", json.dumps({"text": text, "before": before, "what": what}))
        return name

    def drafted(self, name: str) -> tuple[str, str, str] | None:
        """(text, mark of what it began with, what was changed) of a draft."""
        file = self.folder / f"draft-{name}.json"
        if not name.isalnum() or len(name) > 40 or not file.is_file():
            return None
        said = json.loads(file.read_text("utf-8"))
        return said["text"], said["before"], said["what"]

    def drop(self, name: str) -> None:
        """Forgets a draft."""
        if name.isalnum():
            (self.folder / f"draft-{name}.json").unlink(missing_ok=True)

    def _keep(self, number: int, text: str, now: float, who: str, what: str) -> Version:
        self._write(f"{number:06}.toml", text)
        self._write(f"{number:06}.json", json.dumps({"at": now, "who": who, "what": what}))
        for old in self.all()[:-MOST]:
            self._forget(old.number)
        return Version(number, now, who, what)

    def _forget(self, number: int) -> None:
        for kind in ("toml", "json"):
            (self.folder / f"{number:06}.{kind}").unlink(missing_ok=True)

    def _make(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def _write(self, name: str, text: str) -> None:
        # a file that is new is its owner's alone
        write_whole(self.folder / name, text)
