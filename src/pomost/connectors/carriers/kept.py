"""Long answers that a carrier wants to be asked for once a day: kept in memory and in a file, for all processes."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import TypeGuard

from pomost.ports import Failure, Json

Entry = tuple[datetime, list[Json]]
AFTER_FAILURE = timedelta(minutes=10)
"""So long nobody asks again after an answer that was none."""


class Kept:
    """``folder`` "": in memory only. ``account`` tells accounts apart that share a folder."""

    def __init__(self, folder: str, account: str, clock: Callable[[], datetime], age: timedelta) -> None:
        self._folder = Path(folder) if folder else None
        self._account = hashlib.sha256(account.encode()).hexdigest()[:12]
        self._clock = clock
        self._age = age
        self._known: dict[str, Entry] = {}
        self._failed: dict[str, tuple[datetime, Failure]] = {}
        self._asking = Lock()

    def of(self, name: str, ask: Callable[[], list[Json]]) -> list[Json]:
        """What was read at most ``age`` ago, else what ``ask`` gives now. Raises what it does."""
        with self._asking:
            now = self._clock()
            if self._is_fresh(known := self._known.get(name), now):
                return known[1]
            # another process may have read it since
            if self._is_fresh(known := self._read(name), now):
                self._known[name] = known
                return known[1]
            failed = self._failed.get(name)
            if failed is not None and now < failed[0] + AFTER_FAILURE:
                raise failed[1]
            try:
                rows = ask()
            except Failure as failure:
                self._failed[name] = (now, failure)
                raise
            self._known[name] = (now, rows)
            self._failed.pop(name, None)
            self._write(name, now, rows)
            return rows

    def _is_fresh(self, known: Entry | None, now: datetime) -> TypeGuard[Entry]:
        return known is not None and timedelta(0) <= now - known[0] < self._age

    def _path(self, name: str) -> Path | None:
        return self._folder / f"{self._account}-{name}.json" if self._folder is not None else None

    def _read(self, name: str) -> Entry | None:
        path = self._path(name)
        try:
            read = json.loads(path.read_text(encoding="utf-8")) if path is not None else None
            rows = [row for row in read["rows"] if isinstance(row, dict)] if read else []
            return (datetime.fromisoformat(read["at"]), rows) if read else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _write(self, name: str, at: datetime, rows: list[Json]) -> None:
        path = self._path(name)
        if path is None:
            return
        part = path.parent / f".{path.stem}.{os.getpid()}.{time.monotonic_ns()}.part"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            part.write_text(
                json.dumps({"at": at.isoformat(), "rows": rows}, ensure_ascii=False), encoding="utf-8"
            )
            part.replace(path)
        except OSError:
            # a disk that is full costs a call tomorrow, and nothing else
            part.unlink(missing_ok=True)
