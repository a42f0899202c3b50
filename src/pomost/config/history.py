"""Versions of ``pomost.toml``: each that was saved is kept with who and when, and can be brought back."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from pomost.config.editing import mark_of, write_whole

MOST = 500
_DRAFTS = 20


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
        self._make()
        current = path.read_text("utf-8")
        if mark_of(current) != before:
            raise Changed
        if not self.all():
            # what was there before the first change can be brought back too
            self._keep(1, current, now, "", "")
        version = self._keep(self.all()[-1].number + 1, text, now, who, what)
        write_whole(path, text)
        return version

    def all(self) -> list[Version]:
        """Oldest first."""
        found = []
        for file in sorted(self.folder.glob("[0-9]*.json")):
            said = json.loads(file.read_text("utf-8"))
            found.append(Version(int(file.stem), said["at"], said["who"], said["what"]))
        return found

    def text_of(self, number: int) -> str | None:
        """The whole text of a version; None where there is none."""
        file = self.folder / f"{number:06}.toml"
        return file.read_text("utf-8") if file.is_file() else None

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
        if not name.isalnum() or not file.is_file():
            return None
        said = json.loads(file.read_text("utf-8"))
        return said["text"], said["before"], said["what"]

    def _keep(self, number: int, text: str, now: float, who: str, what: str) -> Version:
        self._write(f"{number:06}.toml", text)
        self._write(f"{number:06}.json", json.dumps({"at": now, "who": who, "what": what}))
        for old in self.all()[:-MOST]:
            for kind in ("toml", "json"):
                (self.folder / f"{old.number:06}.{kind}").unlink(missing_ok=True)
        return Version(number, now, who, what)

    def _make(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def _write(self, name: str, text: str) -> None:
        path = self.folder / name
        write_whole(path, text)
        os.chmod(path, 0o600)
