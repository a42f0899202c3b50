"""The fiscal memory: what was sold, for ever, in SQLite."""

from __future__ import annotations

import json
import sqlite3
import threading
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

_TABLES = """
CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS document (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, report INTEGER NOT NULL, number INTEGER NOT NULL,
    day TEXT NOT NULL, content TEXT NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS one_receipt_per_number
    ON document (report, number) WHERE kind IN ('receipt', 'cancelled');
CREATE TABLE IF NOT EXISTS goods (name TEXT PRIMARY KEY, step TEXT NOT NULL);
"""
COUNTERS = ("rd", "hn", "bn", "fn", "bc", "bt")


@dataclass(frozen=True, slots=True)
class Printed:
    """A receipt in the fiscal memory; amounts in grosze. ``slots``: gross per letter, ``taxes``: VAT per letter."""

    report: int
    number: int
    lines: tuple[dict[str, Any], ...]
    slots: dict[str, int]
    taxes: dict[str, int]
    total: int
    payments: tuple[dict[str, Any], ...]
    change: int
    nip: str
    footer: tuple[str, ...]
    e_document: int | None
    interface: int


class FiscalMemory:
    """Written in one transaction per document; a file that is there already is continued."""

    def __init__(self, file: Path) -> None:
        self._db = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        self._guard = threading.RLock()
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(_TABLES)
        for name in COUNTERS:
            self._db.execute("INSERT OR IGNORE INTO counter VALUES (?, ?)", (name, 1 if name == "hn" else 0))

    def counters(self) -> dict[str, int]:
        with self._guard:
            return dict(self._db.execute("SELECT name, value FROM counter"))

    def keep_receipt(self, content: dict[str, Any], day: str, names: dict[str, Decimal]) -> None:
        """A finished receipt; its goods are remembered with the lowest rate they were ever sold at."""
        with self._guard:
            self._begin()
            self._document("receipt", content, day)
            for name, rate in names.items():
                known = self.lowest_step(name)
                lowest = rate if known is None else min(known, rate)
                self._db.execute("INSERT OR REPLACE INTO goods VALUES (?, ?)", (name, str(lowest)))
            self._db.execute("COMMIT")

    def keep_cancelled(self, content: dict[str, Any], day: str) -> None:
        with self._guard:
            self._begin()
            self._document("cancelled", content, day)
            self._db.execute("COMMIT")

    def keep_report(self, totals: dict[str, int], day: str) -> None:
        """A daily report: counters of receipts begin again, as observed on a real printer."""
        with self._guard:
            self._begin()
            counters = self.counters()
            self._db.execute(
                "INSERT INTO document (kind, report, number, day, content) VALUES ('report', ?, 0, ?, ?)",
                (counters["rd"], day, json.dumps(totals)),
            )
            self._db.execute("UPDATE counter SET value = 0 WHERE name IN ('bn', 'bc', 'bt', 'fn')")
            self._db.execute("UPDATE counter SET value = value + 1 WHERE name IN ('rd', 'hn')")
            self._db.execute("COMMIT")

    def lowest_step(self, name: str) -> Decimal | None:
        with self._guard:
            row = self._db.execute("SELECT step FROM goods WHERE name = ?", (name,)).fetchone()
        return None if row is None else Decimal(row[0])

    def receipts(self) -> list[Printed]:
        with self._guard:
            rows = self._db.execute(
                "SELECT report, number, content FROM document WHERE kind = 'receipt' ORDER BY id"
            ).fetchall()
        found = []
        for report, number, content in rows:
            kept = json.loads(content)
            for name in ("lines", "payments", "footer"):
                kept[name] = tuple(kept[name])
            found.append(Printed(report, number, **kept))
        return found

    def unreported(self) -> tuple[dict[str, int], str]:
        """Gross per slot since the last daily report, and the day of the first receipt in it ("" when none)."""
        with self._guard:
            rows = self._db.execute(
                "SELECT day, content FROM document WHERE kind = 'receipt' AND report ="
                " (SELECT value FROM counter WHERE name = 'rd') ORDER BY id"
            ).fetchall()
        totals: dict[str, int] = {}
        for _, content in rows:
            for letter, amount in json.loads(content)["slots"].items():
                totals[letter] = totals.get(letter, 0) + amount
        return totals, rows[0][0] if rows else ""

    def documents(self, kind: str = "") -> int:
        """How many documents the protected memory holds, all or of one kind: receipt, cancelled, report."""
        with self._guard:
            row = self._db.execute(
                "SELECT count(*) FROM document WHERE ? IN ('', kind)",
                (kind,),
            ).fetchone()
        return int(row[0])

    def last_receipt(self) -> int:
        """The number of the last receipt in protected memory; 0 when there is none."""
        with self._guard:
            row = self._db.execute("SELECT max(id) FROM document WHERE kind = 'receipt'").fetchone()
        return int(row[0] or 0)

    def add_footer(self, lines: list[str]) -> None:
        """The lines printed under the last receipt."""
        with self._guard:
            self._db.execute(
                "UPDATE document SET content = json_set(content, '$.footer', json(?)) WHERE id = ?",
                (json.dumps(lines), self.last_receipt()),
            )

    def last_report_was_zero(self) -> bool:
        with self._guard:
            row = self._db.execute(
                "SELECT content FROM document WHERE kind = 'report' ORDER BY id DESC LIMIT 1"
            ).fetchone()
        return row is not None and not json.loads(row[0])

    def close(self) -> None:
        with self._guard:
            self._db.close()

    def _begin(self) -> None:
        self._db.execute("BEGIN IMMEDIATE")

    def _document(self, kind: str, content: dict[str, Any], day: str) -> None:
        counters = self.counters()
        self._db.execute(
            "INSERT INTO document (kind, report, number, day, content) VALUES (?, ?, ?, ?, ?)",
            (kind, counters["rd"], counters["bt"] + 1, day, json.dumps(content)),
        )
        counted = "bn" if kind == "receipt" else "bc"
        self._db.execute(
            "UPDATE counter SET value = value + 1 WHERE name IN ('bt', 'hn', ?)",
            (counted,),
        )
