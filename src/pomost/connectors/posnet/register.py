"""What we keep beside the printer: which receipts were begun and how they ended, and at which rate names were sold.

One SQLite file per printer. It makes certain, after a kill, what the printer alone can't tell: whether ``trend`` was
ever sent. A lost file loses no receipt; some doubts are then for a person.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from pomost.connectors.posnet.errors import BUSY, failure_of
from pomost.ports import FiscalReceipt, Json, NeedsPerson

_TABLES = """
CREATE TABLE IF NOT EXISTS attempt (
    id TEXT PRIMARY KEY,
    key TEXT NOT NULL DEFAULT '',
    mark TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('marked', 'open', 'closing', 'doubt', 'printed', 'not-printed')),
    steps TEXT NOT NULL DEFAULT '{}',
    e_document TEXT NOT NULL DEFAULT '',
    receipt TEXT NOT NULL DEFAULT '',
    changed_at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS attempt_unfinished ON attempt (state) WHERE state IN ('open', 'closing');
CREATE TABLE IF NOT EXISTS goods (printer TEXT, name TEXT, step TEXT NOT NULL, PRIMARY KEY (printer, name));
"""


class Register:
    """``path``: the file; beside it stands ``path`` + ".lock". Both are made when missing.

    Everything raises NeedsPerson ``posnet.register`` when the file can't be used.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = path.with_name(path.name + ".lock")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unusable(path, error) from error
        with self._open() as db:
            db.executescript(_TABLES)

    @contextmanager
    def alone(self, wait_s: float) -> Iterator[None]:
        """Nobody else on this machine talks to the printer meanwhile; a process that dies lets go.

        Raises TryAgain ``posnet.busy`` when another one does for longer than ``wait_s``.
        """
        try:
            lock = sqlite3.connect(self._lock, timeout=wait_s, isolation_level=None)
        except sqlite3.Error as error:
            raise _unusable(self._lock, error) from error
        with closing(lock):
            try:
                lock.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError as error:
                raise failure_of(BUSY, f"Another Pomost prints on it ({error}).") from error
            yield

    def marked(self, mark: Json) -> None:
        with self._open() as db:
            db.execute(
                "INSERT INTO attempt (id, mark, state, changed_at) VALUES (?, ?, 'marked', ?)",
                (mark["id"], json.dumps(mark), _now()),
            )

    def state(self, mark: Json) -> str:
        """marked, open, closing, doubt, printed, not-printed; "" for a mark that this file does not know."""
        with self._open() as db:
            row = db.execute("SELECT state FROM attempt WHERE id = ?", (mark["id"],)).fetchone()
        return str(row[0]) if row else ""

    def opened(self, mark: Json, key: str, steps: Mapping[str, Decimal]) -> None:
        """Commands will now be sent; ``trend`` not yet."""
        with self._open() as db:
            db.execute(
                "INSERT INTO attempt (id, key, mark, state, steps, changed_at) VALUES (?, ?, ?, 'open', ?, ?)"
                " ON CONFLICT (id) DO UPDATE SET key = excluded.key, state = 'open', steps = excluded.steps,"
                " e_document = '', changed_at = excluded.changed_at",
                (
                    mark["id"],
                    key,
                    json.dumps(mark),
                    json.dumps({name: str(step) for name, step in steps.items()}),
                    _now(),
                ),
            )

    def closing(self, mark: Json, e_document: str) -> None:
        """``trend`` will now be sent."""
        with self._open() as db:
            db.execute(
                "UPDATE attempt SET state = 'closing', e_document = ?, changed_at = ? WHERE id = ?",
                (e_document, _now(), mark["id"]),
            )

    def ended(self, mark: Json, receipt: FiscalReceipt | None, *, doubt: bool = False) -> None:
        """How it ended; a printed receipt's names are remembered with their rates."""
        state = "doubt" if doubt else "not-printed" if receipt is None else "printed"
        kept = "" if receipt is None else json.dumps(asdict(receipt), default=str)
        with self._open() as db:
            db.execute(
                "UPDATE attempt SET state = ?, receipt = ?, changed_at = ? WHERE id = ?",
                (state, kept, _now(), mark["id"]),
            )
            row = db.execute("SELECT steps FROM attempt WHERE id = ?", (mark["id"],)).fetchone()
            if receipt is not None and row is not None:
                steps = {name: Decimal(step) for name, step in json.loads(row[0]).items()}
                _remember(db, receipt.printer, steps)

    def receipt(self, mark: Json) -> FiscalReceipt:
        """The receipt of an attempt in state printed."""
        with self._open() as db:
            row = db.execute("SELECT receipt FROM attempt WHERE id = ?", (mark["id"],)).fetchone()
        kept = json.loads(row[0])
        kept["printed_at"] = datetime.fromisoformat(kept["printed_at"])
        return FiscalReceipt(**kept)

    def e_document(self, mark: Json) -> str:
        """The number of the e-document that belongs to an attempt, "" when none."""
        with self._open() as db:
            row = db.execute("SELECT e_document FROM attempt WHERE id = ?", (mark["id"],)).fetchone()
        return str(row[0]) if row else ""

    def unfinished(self) -> list[tuple[Json, str]]:
        """Marks of attempts in state open or closing, with the state: left behind, when nobody is at the printer."""
        with self._open() as db:
            rows = db.execute(
                "SELECT mark, state FROM attempt WHERE state IN ('open', 'closing') ORDER BY changed_at"
            ).fetchall()
        return [(json.loads(mark), str(state)) for mark, state in rows]

    def sold_lower(self, printer: str, steps: Mapping[str, Decimal]) -> dict[str, Decimal]:
        """Those of the compared names that this printer sold at a lower rate before, with that rate's step."""
        found = {}
        with self._open() as db:
            for name, step in steps.items():
                row = db.execute(
                    "SELECT step FROM goods WHERE printer = ? AND name = ?", (printer, name)
                ).fetchone()
                if row is not None and Decimal(row[0]) < step:
                    found[name] = Decimal(row[0])
        return found

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self._path, timeout=30)) as db:
                # A step must be on the disk before the command that it announces leaves.
                db.execute("PRAGMA synchronous=FULL")
                with db:
                    yield db
        except sqlite3.Error as error:
            raise _unusable(self._path, error) from error


def _remember(db: sqlite3.Connection, printer: str, steps: Mapping[str, Decimal]) -> None:
    for name, step in steps.items():
        row = db.execute("SELECT step FROM goods WHERE printer = ? AND name = ?", (printer, name)).fetchone()
        lowest = step if row is None else min(step, Decimal(row[0]))
        db.execute("INSERT OR REPLACE INTO goods VALUES (?, ?, ?)", (printer, name, str(lowest)))


def _unusable(path: Path, error: Exception) -> NeedsPerson:
    return NeedsPerson(
        "posnet.register",
        f"The printer's register {path.name} can't be used ({error}).",
        "Look at its rights and at the free space on the disk, then retry.",
    )


def _now() -> str:
    return datetime.now(UTC).isoformat()
