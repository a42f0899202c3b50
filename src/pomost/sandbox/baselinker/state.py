"""What the sandbox remembers, in one SQLite file, so that it survives being killed."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Json = dict[str, Any]

STATUSES = (
    (410001, "Nowe zamówienia"),
    (410002, "Do wyjaśnienia"),
    (410003, "W realizacji"),
    (410004, "Spakowane"),
    (410005, "Wysłane"),
    (410006, "Doręczone"),
    (410007, "Anulowane"),
    (410008, "Braki"),
    (410009, "Oczekuje na dostawę"),
    (410010, "Zwrot"),
)
EXTRA_FIELDS = (
    (3101, "Numer RO", "text"),
    (3102, "Numer FS/PA", "text"),
    (3103, "Numer WZ", "text"),
    (3104, "Dokument PDF", "file"),
)
SERIES = (
    (1, "INVOICE", "Faktury", "%N/%M/%Y"),
    (2, "CORRECTION", "Korekty", "K/%N/%M/%Y"),
    (3, "RECEIPT", "Paragony", "P/%N/%M/%Y"),
)
SOURCES = {
    "personal": {"0": "Osobiście/tel.", "1621": "Hurt"},
    "shop": {"8235": "Sklep przykładowy"},
    "allegro": {"51877": "Konto testowe"},
}
RETURN_STATUSES = ((510001, "Nowe zwroty"), (510002, "Przyjęte"), (510003, "Zakończone"))

_SCHEMA = """
CREATE TABLE IF NOT EXISTS orders (order_id INTEGER PRIMARY KEY, date_confirmed INTEGER, date_add INTEGER, status_id INTEGER,
  confirmed INTEGER, email TEXT, source TEXT, source_id TEXT, shop_order_id TEXT, external_order_id TEXT, body TEXT);
CREATE INDEX IF NOT EXISTS orders_confirmed ON orders (date_confirmed, order_id);
CREATE INDEX IF NOT EXISTS orders_status ON orders (status_id, order_id);
CREATE TABLE IF NOT EXISTS files (file_id INTEGER PRIMARY KEY, owner TEXT, title TEXT, content BLOB);
CREATE TABLE IF NOT EXISTS journal (log_id INTEGER PRIMARY KEY AUTOINCREMENT, log_type INTEGER, order_id INTEGER,
  object_id INTEGER, date INTEGER, visible_at REAL);
CREATE TABLE IF NOT EXISTS return_journal (log_id INTEGER PRIMARY KEY AUTOINCREMENT, log_type INTEGER, return_id INTEGER,
  object_id INTEGER, date INTEGER);
CREATE TABLE IF NOT EXISTS things (kind TEXT, id INTEGER, order_id INTEGER, body TEXT, PRIMARY KEY (kind, id));
CREATE INDEX IF NOT EXISTS things_order ON things (kind, order_id);
CREATE TABLE IF NOT EXISTS calls (id INTEGER PRIMARY KEY, method TEXT, at REAL, token TEXT, outcome TEXT);
CREATE TABLE IF NOT EXISTS writes (id INTEGER PRIMARY KEY, order_id INTEGER, method TEXT, at REAL, changed TEXT);
CREATE INDEX IF NOT EXISTS writes_order ON writes (order_id);
CREATE TABLE IF NOT EXISTS numbers (name TEXT PRIMARY KEY, last INTEGER);
"""


class State:
    """One connection, used under one lock: SQLite writes one at a time anyway."""

    def __init__(self, path: Path | None) -> None:
        self.lock = threading.RLock()
        self.db = sqlite3.connect(
            str(path) if path else ":memory:", check_same_thread=False, isolation_level=None
        )
        self.db.row_factory = sqlite3.Row
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.execute("PRAGMA synchronous=OFF")
        self.db.executescript(_SCHEMA)

    def close(self) -> None:
        with self.lock:
            self.db.close()

    def number(self, name: str, start: int, step: int = 1) -> int:
        """The next number of a sequence."""
        row = self.db.execute(
            "INSERT INTO numbers VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET last = last + ? RETURNING last",
            (name, start, step),
        ).fetchone()
        return int(row[0])

    # --- orders --------------------------------------------------------------------------------------------------

    def save_order(self, order: Json) -> None:
        self.db.execute(
            "INSERT OR REPLACE INTO orders VALUES (?,?,?,?,?,?,?,?,?,?,?)",
            (
                order["order_id"],
                order["date_confirmed"],
                order["date_add"],
                order["order_status_id"],
                int(bool(order["confirmed"])),
                order["email"],
                order["order_source"],
                str(order["order_source_id"]),
                str(order["shop_order_id"]),
                order["external_order_id"],
                json.dumps(order, ensure_ascii=False),
            ),
        )

    def order(self, order_id: int) -> Json | None:
        row = self.db.execute("SELECT body FROM orders WHERE order_id = ?", (order_id,)).fetchone()
        return json.loads(row[0]) if row else None

    def orders(self, where: str = "1", values: tuple[Any, ...] = (), tail: str = "") -> Iterator[Json]:
        """Orders by a condition of this package's own making (never of a caller's text)."""
        rows = self.db.execute(f"SELECT body FROM orders WHERE {where} {tail}", values).fetchall()  # noqa: S608
        return (json.loads(row[0]) for row in rows)

    def remove_order(self, order_id: int) -> None:
        self.db.execute("DELETE FROM orders WHERE order_id = ?", (order_id,))

    # --- files, and things of an order (invoices, receipts, returns, payments) ----------------------------------------

    def save_file(self, owner: str, title: str, content: bytes) -> int:
        key = self.db.execute(
            "INSERT INTO files (owner, title, content) VALUES (?,?,?)", (owner, title, content)
        ).lastrowid
        return int(key or 0)

    def file(self, file_id: int) -> tuple[str, bytes] | None:
        row = self.db.execute("SELECT title, content FROM files WHERE file_id = ?", (file_id,)).fetchone()
        return (str(row[0]), bytes(row[1])) if row else None

    def save_thing(self, kind: str, thing_id: int, order_id: int, body: Json) -> None:
        self.db.execute(
            "INSERT OR REPLACE INTO things VALUES (?,?,?,?)",
            (kind, thing_id, order_id, json.dumps(body, ensure_ascii=False)),
        )

    def thing(self, kind: str, thing_id: int) -> Json | None:
        row = self.db.execute(
            "SELECT body FROM things WHERE kind = ? AND id = ?", (kind, thing_id)
        ).fetchone()
        return json.loads(row[0]) if row else None

    def things(self, kind: str, order_id: int | None = None) -> list[Json]:
        if order_id is None:
            rows = self.db.execute("SELECT body FROM things WHERE kind = ? ORDER BY id", (kind,))
        else:
            rows = self.db.execute(
                "SELECT body FROM things WHERE kind = ? AND order_id = ? ORDER BY id", (kind, order_id)
            )
        return [json.loads(row[0]) for row in rows.fetchall()]

    # --- what happened -------------------------------------------------------------------------------------------

    def log(self, log_type: int, order_id: int, object_id: int, at: float, *, late_s: float = 0) -> None:
        """An entry of the journal; it becomes visible ``late_s`` seconds later, with its own number all the same."""
        self.db.execute(
            "INSERT INTO journal (log_type, order_id, object_id, date, visible_at) VALUES (?,?,?,?,?)",
            (log_type, order_id, object_id, int(at), at + late_s),
        )

    def note_call(self, method: str, at: float, token: str, outcome: str) -> None:
        self.db.execute(
            "INSERT INTO calls (method, at, token, outcome) VALUES (?,?,?,?)", (method, at, token, outcome)
        )

    def note_write(self, order_id: int, method: str, at: float, changed: Json) -> None:
        self.db.execute(
            "INSERT INTO writes (order_id, method, at, changed) VALUES (?,?,?,?)",
            (order_id, method, at, json.dumps(changed, ensure_ascii=False)),
        )
