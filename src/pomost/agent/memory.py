"""What an agent has handed to its printer, kept in a file: after a crash nothing is printed twice unknowingly."""

from __future__ import annotations

import json
import os
from pathlib import Path

_KEPT = 2_000


class Memory:
    """Written before a print is handed over and after: one that was begun and not ended is in doubt. One process at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._begun: dict[str, str] = {}
        self._lines = 0
        for line in path.read_text("utf-8").splitlines() if path.exists() else ():
            self._lines += 1
            try:
                entry = json.loads(line)
                key, state = str(entry["key"]), str(entry["state"])
            except (ValueError, KeyError, TypeError):
                # the last line of a process that was killed while it wrote
                continue
            if state == "forgotten":
                self._begun.pop(key, None)
            else:
                self._begun[key] = state

    def state(self, key: str) -> str:
        """ "" for one that was never begun, "begun", or "printed"."""
        return self._begun.get(key, "")

    def note(self, key: str, state: str) -> None:
        """``begun``, ``printed``, or ``forgotten``: it may be printed anew."""
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"key": key, "state": state}) + "\n")
            file.flush()
            os.fsync(file.fileno())
        if state == "forgotten":
            self._begun.pop(key, None)
        else:
            self._begun[key] = state
        self._lines += 1
        if self._lines > 4 * _KEPT:
            self._shorten()

    def _shorten(self) -> None:
        kept = dict(list(self._begun.items())[-_KEPT:])
        part = self._path.with_name(f".{self._path.name}.{os.getpid()}.part")
        with part.open("w", encoding="utf-8") as file:
            for key, state in kept.items():
                file.write(json.dumps({"key": key, "state": state}) + "\n")
            file.flush()
            os.fsync(file.fileno())
        part.replace(self._path)
        self._begun, self._lines = kept, len(kept)
