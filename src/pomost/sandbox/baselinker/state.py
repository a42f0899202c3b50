"""The account: everything the sandbox knows, in one SQLite database that survives restarts.

Durability covers the death of the process (also by kill -9), not the loss of power.
"""

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pomost.sandbox.baselinker import defaults, inventory_defaults
from pomost.sandbox.baselinker.inventory_state import Goods
from pomost.sandbox.baselinker.protocol import Json, invalid
from pomost.sandbox.baselinker.settings import Settings

SCHEMA = """
CREATE TABLE IF NOT EXISTS orders(
    order_id INTEGER PRIMARY KEY, confirmed INTEGER, date_confirmed INTEGER, date_add INTEGER, status_id INTEGER,
    email TEXT, phone TEXT, source TEXT, source_id INTEGER, shop_order_id TEXT, external_order_id TEXT, doc TEXT);
CREATE INDEX IF NOT EXISTS orders_by_confirmation ON orders(date_confirmed, order_id);
CREATE INDEX IF NOT EXISTS orders_by_creation ON orders(date_add, order_id);
CREATE INDEX IF NOT EXISTS orders_by_status ON orders(status_id, order_id);
CREATE INDEX IF NOT EXISTS orders_by_email ON orders(email);
CREATE INDEX IF NOT EXISTS orders_by_external ON orders(external_order_id);
CREATE TABLE IF NOT EXISTS journal(
    log_id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT, log_type INTEGER, subject_id INTEGER, object_id INTEGER,
    date INTEGER, visible_from REAL);
CREATE TABLE IF NOT EXISTS records(
    kind TEXT, id INTEGER, owner_id INTEGER, date INTEGER, doc TEXT, PRIMARY KEY(kind, id));
CREATE INDEX IF NOT EXISTS records_by_owner ON records(kind, owner_id);
CREATE TABLE IF NOT EXISTS files(
    owner TEXT, owner_id INTEGER, field TEXT, name TEXT, content BLOB, PRIMARY KEY(owner, owner_id, field));
CREATE TABLE IF NOT EXISTS calls(
    id INTEGER PRIMARY KEY, method TEXT, date REAL, token TEXT, outcome TEXT);
CREATE TABLE IF NOT EXISTS writes(
    id INTEGER PRIMARY KEY, order_id INTEGER, method TEXT, date REAL, changed TEXT);
CREATE INDEX IF NOT EXISTS writes_by_order ON writes(order_id);
CREATE TABLE IF NOT EXISTS counters(name TEXT PRIMARY KEY, value INTEGER);
"""
FIRST_IDS = {
    "order": 218_900_000,
    "line": 611_500_000,
    "invoice": 55_400_000,
    "receipt": 66_400_000,
    "serial": 0,
    "product": 710_000_000,
    "inventory": 30_800,
    "warehouse": 20_600,
    "price_group": 21_100,
    "category": 81_100,
    "manufacturer": 82_100,
}


def pack(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Account:
    """All state of one sandbox. Every use stands inside `transaction`, which also keeps threads apart."""

    def __init__(self, path: Path | None, settings: Settings) -> None:
        self.settings = settings
        self.base_url = ""
        self.method: str | None = None
        self.lateness: Callable[[str, int], float] = lambda method, order_id: 0.0
        self._lock = threading.RLock()
        self._depth = 0
        self._db = sqlite3.connect(path or ":memory:", check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=OFF")
        self._db.executescript(SCHEMA)
        self.goods = Goods(self._db, lambda: self.settings.clock(), lambda: self.method)
        with self.transaction():
            self._fill()
            inventory_defaults.fill(self)

    def close(self) -> None:
        with self._lock:
            self._db.close()

    @contextmanager
    def transaction(self, method: str | None = None) -> Iterator[None]:
        """All or nothing; ``method`` names the API call on whose behalf orders are written."""
        with self._lock:
            if self._depth:
                yield
                return
            self._depth, self.method = 1, method
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            else:
                self._db.execute("COMMIT")
            finally:
                self._depth, self.method = 0, None

    def now(self) -> int:
        return int(self.settings.clock())

    # ids

    def next_id(self, name: str) -> int:
        self._db.execute("INSERT OR IGNORE INTO counters VALUES(?, ?)", (name, FIRST_IDS.get(name, 70_000)))
        row = self._db.execute(
            "UPDATE counters SET value = value + 1 WHERE name = ? RETURNING value", (name,)
        ).fetchone()
        return int(row[0])

    def used_id(self, name: str, value: int) -> None:
        """An id given from outside: later ones come after it."""
        if value > FIRST_IDS.get(name, 70_000):
            self._db.execute(
                "INSERT INTO counters VALUES(?, ?)"
                " ON CONFLICT(name) DO UPDATE SET value = max(value, excluded.value)",
                (name, value),
            )

    # the block of the token

    @property
    def blocked_until(self) -> float:
        row = self._db.execute("SELECT value FROM counters WHERE name = 'blocked_until'").fetchone()
        return float(row[0]) if row else 0.0

    def block_until(self, moment: float) -> None:
        self._db.execute("INSERT OR REPLACE INTO counters VALUES('blocked_until', ?)", (moment,))

    # orders

    def order(self, order_id: int) -> Json:
        """The whole order; refuses an unknown id."""
        row = self._db.execute("SELECT doc FROM orders WHERE order_id = ?", (order_id,)).fetchone()
        if row is None:
            raise invalid("order_id")
        found: Json = json.loads(row[0])
        return found

    def has_order(self, order_id: int) -> bool:
        return self._db.execute("SELECT 1 FROM orders WHERE order_id = ?", (order_id,)).fetchone() is not None

    def save_order(self, order: Json) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO orders VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                order["order_id"],
                int(bool(order["confirmed"])),
                order["date_confirmed"],
                order["date_add"],
                order["order_status_id"],
                order["email"],
                order["phone"],
                order["order_source"],
                order["order_source_id"],
                str(order["shop_order_id"]),
                order["external_order_id"],
                pack(order),
            ),
        )

    def remove_order(self, order_id: int) -> None:
        self._db.execute("DELETE FROM orders WHERE order_id = ?", (order_id,))

    def orders(self, conditions: list[tuple[str, Any]], ascending_by: str, limit: int) -> list[Json]:
        """Orders that meet all conditions, each an SQL comparison of a column with one value."""
        where = " AND ".join(condition for condition, _ in conditions) or "1"
        query = f"SELECT doc FROM orders WHERE {where} ORDER BY {ascending_by} LIMIT ?"  # noqa: S608 - our own texts
        rows = self._db.execute(query, [*(value for _, value in conditions), limit])
        return [json.loads(row[0]) for row in rows]

    def in_status(self, status_id: int) -> list[tuple[int, int]]:
        """The orders in a status: id, and since when."""
        query = (
            "SELECT order_id, json_extract(doc, '$.date_in_status') FROM orders WHERE status_id = ?"
            " ORDER BY order_id"
        )
        return list(self._db.execute(query, (status_id,)))

    def has_external_order(self, source: str, external_order_id: str) -> bool:
        query = "SELECT 1 FROM orders WHERE external_order_id = ? AND source = ?"
        return self._db.execute(query, (external_order_id, source)).fetchone() is not None

    def count_in_status(self, status_id: int) -> int:
        row = self._db.execute("SELECT count(*) FROM orders WHERE status_id = ?", (status_id,)).fetchone()
        return int(row[0])

    # other things with an id

    def record(self, kind: str, record_id: int) -> Json:
        """One invoice, receipt, return, status...; refuses an unknown id."""
        row = self._db.execute(
            "SELECT doc FROM records WHERE kind = ? AND id = ?", (kind, record_id)
        ).fetchone()
        if row is None:
            raise invalid(f"{kind}_id")
        found: Json = json.loads(row[0])
        return found

    def owner_of(self, kind: str, record_id: int) -> int | None:
        """What a record belongs to, None when there is no such record."""
        row = self._db.execute(
            "SELECT owner_id FROM records WHERE kind = ? AND id = ?", (kind, record_id)
        ).fetchone()
        return None if row is None else int(row[0])

    def save_record(self, kind: str, record_id: int, doc: Json, owner_id: int = 0, date: int = 0) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO records VALUES(?, ?, ?, ?, ?)",
            (kind, record_id, owner_id, date, pack(doc)),
        )

    def remove_record(self, kind: str, record_id: int) -> None:
        self._db.execute("DELETE FROM records WHERE kind = ? AND id = ?", (kind, record_id))

    def records(
        self, kind: str, owner_id: int | None = None, id_from: int = 0, date_from: int = 0
    ) -> list[Json]:
        """Records in the order of their ids."""
        return list(self.each_record(kind, owner_id, id_from, date_from))

    def each_record(
        self, kind: str, owner_id: int | None = None, id_from: int = 0, date_from: int = 0
    ) -> Iterator[Json]:
        """The same one by one, so that a page costs no more than its rows."""
        owned, owner = ("", ()) if owner_id is None else (" AND owner_id = ?", (owner_id,))
        query = (
            "SELECT doc FROM records WHERE kind = ? AND id >= ? AND date >= ?"  # noqa: S608 - our own texts
            f"{owned} ORDER BY id"
        )
        for row in self._db.execute(query, (kind, id_from, date_from, *owner)):
            yield json.loads(row[0])

    # files

    def keep_file(self, owner: str, owner_id: int, field: str, name: str, content: bytes) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO files VALUES(?, ?, ?, ?, ?)", (owner, owner_id, field, name, content)
        )

    def drop_file(self, owner: str, owner_id: int, field: str) -> None:
        self._db.execute(
            "DELETE FROM files WHERE owner = ? AND owner_id = ? AND field = ?", (owner, owner_id, field)
        )

    def file(self, owner: str, owner_id: int, field: str) -> bytes | None:
        row = self._db.execute(
            "SELECT content FROM files WHERE owner = ? AND owner_id = ? AND field = ?",
            (owner, owner_id, field),
        ).fetchone()
        return None if row is None else bytes(row[0])

    # journal

    def log(self, kind: str, log_type: int, subject_id: int, object_id: int = 0) -> None:
        now = self.settings.clock()
        late = self.lateness(self.method or "", subject_id) if kind == "order" else 0.0
        self._db.execute(
            "INSERT INTO journal(kind, log_type, subject_id, object_id, date, visible_from)"
            " VALUES(?, ?, ?, ?, ?, ?)",
            (kind, log_type, subject_id, object_id, int(now), now + late),
        )

    def logs(self, kind: str, log_from: int, subject_id: int | None, types: list[int]) -> list[Json]:
        now, settings = self.settings.clock(), self.settings
        marks = ",".join("?" * len(types))
        among = f"AND log_type IN ({marks})" if types else ""
        query = (
            "SELECT log_id, log_type, subject_id, object_id, date FROM journal"  # noqa: S608 - question marks only
            f" WHERE kind = ? AND log_id >= ? AND date >= ? AND visible_from <= ?"
            f" AND (? IS NULL OR subject_id = ?) {among} ORDER BY log_id LIMIT ?"
        )
        oldest = now - settings.journal_days * 86400
        values = [kind, log_from, oldest, now, subject_id, subject_id, *types, settings.journal_page]
        names = ("log_id", "log_type", f"{kind}_id", "object_id", "date")
        return [dict(zip(names, row, strict=True)) for row in self._db.execute(query, values)]

    # truth for tests

    def wrote(self, order_id: int, changed: Json) -> None:
        """Note what the running API call changed; the shop's own people leave no note."""
        if self.method is not None:
            self._db.execute(
                "INSERT INTO writes(order_id, method, date, changed) VALUES(?, ?, ?, ?)",
                (order_id, self.method, self.settings.clock(), pack(changed)),
            )

    def writes(self, order_id: int | None) -> list[Json]:
        rows = self._db.execute(
            "SELECT method, date, changed, order_id FROM writes WHERE ? IS NULL OR order_id = ? ORDER BY id",
            (order_id, order_id),
        )
        return [{"method": m, "at": at, "changed": json.loads(c), "order_id": o} for m, at, c, o in rows]

    def called(self, method: str, token: str, outcome: str) -> None:
        self._db.execute(
            "INSERT INTO calls(method, date, token, outcome) VALUES(?, ?, ?, ?)",
            (method, self.settings.clock(), token, outcome),
        )

    def calls(self, method: str | None) -> list[Json]:
        rows = self._db.execute(
            "SELECT method, date, token, outcome FROM calls WHERE ? IS NULL OR method = ? ORDER BY id",
            (method, method),
        )
        return [{"method": m, "at": at, "token": token, "outcome": outcome} for m, at, token, outcome in rows]

    def recent_calls(self, most: int) -> list[Json]:
        """The last so many, the newest first, without their tokens."""
        rows = self._db.execute("SELECT method, date, outcome FROM calls ORDER BY id DESC LIMIT ?", (most,))
        return [{"method": method, "at": at, "outcome": outcome} for method, at, outcome in rows]

    # the account's own lists

    def status_id(self, status: int | str) -> int:
        """The id of an order status given by id or name; refuses an unknown one."""
        for record in self.records("status"):
            if status in (record["id"], record["name"]):
                return int(record["id"])
        raise invalid("status_id")

    def field_id(self, field: int | str) -> str:
        """The id of an order extra field given by id or name."""
        for record in self.records("extra_field"):
            if str(field) in (str(record["extra_field_id"]), record["name"]):
                return str(record["extra_field_id"])
        raise invalid("custom_extra_fields", f"no field {field}")

    def _fill(self) -> None:
        if self._db.execute("SELECT 1 FROM records LIMIT 1").fetchone():
            return
        for kind, statuses in (("status", defaults.STATUSES), ("return_status", defaults.RETURN_STATUSES)):
            for place, (number, name, shown, color) in enumerate(statuses):
                doc = {"id": number, "name": name, "name_for_customer": shown, "color": color, "group_id": 0}
                self.save_record(kind, number, {**doc, "is_primary": int(place == 0)})
        fields = (
            ("extra_field", defaults.EXTRA_FIELDS),
            ("return_extra_field", defaults.RETURN_EXTRA_FIELDS),
        )
        for kind, rows in fields:
            for number, name, editor in rows:
                doc = {"extra_field_id": number, "name": name, "editor_type": editor, "options": []}
                self.save_record(kind, number, doc)
        for number, series_type, name, form in defaults.SERIES:
            doc = {"id": number, "type": series_type, "name": name, "format": form}
            self.save_record("series", number, doc)
