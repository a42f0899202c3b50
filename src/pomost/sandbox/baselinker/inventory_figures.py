"""Figures of the catalogue in the account's database: stock, prices, what was sold, the log and who wrote what.

Figures are set by many rows at once; those of products over others follow: sums of variants, bundles.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pomost.sandbox.baselinker.protocol import Json

SCHEMA = """
CREATE TABLE IF NOT EXISTS bundle_parts(
    bundle_id INTEGER, product_id INTEGER, quantity INTEGER, PRIMARY KEY(bundle_id, product_id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS bundles_of_part ON bundle_parts(product_id);
CREATE TABLE IF NOT EXISTS stock(
    product_id INTEGER, warehouse TEXT, quantity INTEGER, reserved INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY(product_id, warehouse)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS prices(
    product_id INTEGER, group_id INTEGER, grosze INTEGER, PRIMARY KEY(product_id, group_id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS product_logs(
    id INTEGER PRIMARY KEY, product_id INTEGER, date INTEGER, profile TEXT, entries TEXT);
CREATE INDEX IF NOT EXISTS logs_of_product ON product_logs(product_id, id);
CREATE TABLE IF NOT EXISTS product_writes(
    id INTEGER PRIMARY KEY, product_id INTEGER, kind TEXT, method TEXT, date REAL, changed TEXT);
CREATE INDEX IF NOT EXISTS writes_of_product ON product_writes(product_id);
CREATE TABLE IF NOT EXISTS sales(
    id INTEGER PRIMARY KEY, order_id INTEGER, product_id INTEGER, warehouse TEXT, quantity INTEGER, before INTEGER,
    reserved INTEGER, date REAL);
CREATE INDEX IF NOT EXISTS sales_of_order ON sales(order_id);
"""
STOCK, PRICE, CREATED, DELETED, TEXTS, LOCATIONS, LINKS, GALLERY, VARIANTS, BUNDLE = range(1, 11)
"""Types of the product log (reference, section 10.6)."""
API = "API"
"""The profile of changes made by API calls; those of other profiles leave no note among the writes."""
AMONG = "(SELECT value FROM json_each(?))"
Figures = dict[int, dict[str, int]]


def amount(grosze: int) -> int | float:
    """Hundredths as the API sends them: an integer when whole."""
    return grosze // 100 if grosze % 100 == 0 else grosze / 100


def packed_ids(ids: Iterable[int]) -> str:
    return json.dumps(list(ids))


def _pack(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _entry(kind: int, info: str = "", before: Any = "", after: Any = "") -> Json:
    return {"type": kind, "info": info, "from": before, "to": after}


def entry(kind: int, info: str = "", before: Any = "", after: Any = "") -> Json:
    """One entry of the product log."""
    return _entry(kind, info, before, after)


class Shelves:
    """Figures of one account's products. Every use stands inside `Account.transaction`.

    ``method`` tells the API call under way, None when the shop's own people act.
    """

    def __init__(
        self, db: sqlite3.Connection, clock: Callable[[], float], method: Callable[[], str | None]
    ) -> None:
        self._db = db
        self._clock = clock
        self._method = method
        db.executescript(SCHEMA)

    # stock

    def stock(self, ids: Iterable[int], column: str = "quantity") -> Figures:
        """Pieces by warehouse, or with ``column="reserved"`` the reserved ones."""
        query = (
            f"SELECT product_id, warehouse, {column} FROM stock"  # noqa: S608 - our own names
            f" WHERE product_id IN {AMONG}"
        )
        found: Figures = {}
        for product_id, warehouse, quantity in self._db.execute(query, (packed_ids(ids),)):
            found.setdefault(product_id, {})[warehouse] = quantity
        return found

    def put_stock(self, wanted: Figures, profile: str) -> None:
        """Set figures; warehouses not named stay. Products over them follow: sums of variants, bundles."""
        before = self.stock(wanted)
        rows = [
            (product_id, warehouse, quantity)
            for product_id, figures in wanted.items()
            for warehouse, quantity in figures.items()
        ]
        self._db.executemany(
            "INSERT INTO stock(product_id, warehouse, quantity) VALUES(?, ?, ?)"
            " ON CONFLICT DO UPDATE SET quantity = excluded.quantity",
            rows,
        )
        entries: dict[int, list[Json]] = {}
        for product_id, warehouse, quantity in rows:
            old = before.get(product_id, {}).get(warehouse, 0)
            if old != quantity:
                entries.setdefault(product_id, []).append(_entry(STOCK, warehouse, old, quantity))
        self.log(entries, profile)
        if profile == API:
            self.wrote("stock", wanted)
        self._derive(wanted)

    def reserve(self, rows: list[tuple[int, str, int]]) -> None:
        """Change reserved pieces by so many of a product in a warehouse."""
        self._db.executemany(
            "INSERT INTO stock(product_id, warehouse, quantity, reserved) VALUES(?, ?, 0, max(0, ?))"
            " ON CONFLICT DO UPDATE SET reserved = max(0, reserved + excluded.reserved + min(0, ?))",
            [(product_id, warehouse, pieces, pieces) for product_id, warehouse, pieces in rows],
        )
        self._derive({row[0] for row in rows})

    def _derive(self, ids: Iterable[int]) -> None:
        ids = [*ids]
        query = f"SELECT DISTINCT parent_id FROM products WHERE parent_id > 0 AND product_id IN {AMONG}"  # noqa: S608
        parents = {row[0] for row in self._db.execute(query, (packed_ids(ids),))}
        self._derive_parents(parents)
        query = f"SELECT DISTINCT bundle_id FROM bundle_parts WHERE product_id IN {AMONG}"  # noqa: S608
        self._derive_bundles({row[0] for row in self._db.execute(query, (packed_ids({*ids, *parents}),))})

    def _derive_parents(self, parents: Iterable[int]) -> None:
        rows = [(parent,) for parent in parents]
        self._db.executemany("DELETE FROM stock WHERE product_id = ?", rows)
        self._db.executemany(
            "INSERT INTO stock SELECT p.parent_id, s.warehouse, sum(s.quantity), sum(s.reserved)"
            " FROM products p JOIN stock s ON s.product_id = p.product_id WHERE p.parent_id > 0 AND p.parent_id = ?"
            " GROUP BY p.parent_id, s.warehouse",
            rows,
        )

    def derive_parent(self, parent_id: int) -> None:
        """A product whose variants changed: its stock is theirs together."""
        self._derive_parents([parent_id])

    def _derive_bundles(self, bundles: Iterable[int]) -> None:
        rows = [(bundle,) for bundle in bundles]
        self._db.executemany("DELETE FROM stock WHERE product_id = ?", rows)
        # Only a warehouse that has a figure of every part can make the bundle.
        self._db.executemany(
            "INSERT INTO stock SELECT b.bundle_id, s.warehouse, max(0, min(s.quantity / b.quantity)), 0"
            " FROM bundle_parts b JOIN stock s ON s.product_id = b.product_id WHERE b.bundle_id = ?1"
            " GROUP BY s.warehouse HAVING count(*) = (SELECT count(*) FROM bundle_parts WHERE bundle_id = ?1)",
            rows,
        )

    # prices

    def prices(self, ids: Iterable[int]) -> dict[int, dict[int, int]]:
        """Hundredths by price group."""
        query = f"SELECT product_id, group_id, grosze FROM prices WHERE product_id IN {AMONG}"  # noqa: S608
        found: dict[int, dict[int, int]] = {}
        for product_id, group, grosze in self._db.execute(query, (packed_ids(ids),)):
            found.setdefault(product_id, {})[group] = grosze
        return found

    def put_prices(self, wanted: dict[int, dict[int, int]], profile: str) -> None:
        before = self.prices(wanted)
        rows = [
            (number, group, grosze) for number, priced in wanted.items() for group, grosze in priced.items()
        ]
        self._db.executemany("INSERT OR REPLACE INTO prices VALUES(?, ?, ?)", rows)
        entries: dict[int, list[Json]] = {}
        for product_id, group, grosze in rows:
            old = before.get(product_id, {}).get(group, 0)
            if old != grosze:
                entry = _entry(PRICE, str(group), amount(old), amount(grosze))
                entries.setdefault(product_id, []).append(entry)
        self.log(entries, profile)
        changed = {
            product_id: {str(group): amount(grosze) for group, grosze in priced.items()}
            for product_id, priced in wanted.items()
        }
        if profile == API:
            self.wrote("prices", changed)

    # log and truth

    def log(self, entries: Mapping[int, list[Json]], profile: str) -> None:
        # One text for the whole batch, taken apart by the database: a thousand small ones take longer.
        self._db.execute(
            "INSERT INTO product_logs(product_id, date, profile, entries)"
            " SELECT CAST(key AS INTEGER), ?, ?, value FROM json_each(?)",
            (int(self._clock()), profile, _pack(entries)),
        )

    def logs(self, product_id: int) -> list[Json]:
        query = "SELECT profile, date, entries FROM product_logs WHERE product_id = ? ORDER BY id"
        rows = self._db.execute(query, (product_id,))
        return [{"profile": by, "date": date, "entries": json.loads(found)} for by, date, found in rows]

    def wrote(self, kind: str, changed: Mapping[int, Any]) -> None:
        """Note what the running API call wrote; the shop's own people leave no note."""
        method = self._method()
        if method is not None:
            self._db.execute(
                "INSERT INTO product_writes(product_id, kind, method, date, changed)"
                " SELECT CAST(key AS INTEGER), ?, ?, ?, value FROM json_each(?)",
                (kind, method, self._clock(), _pack(changed)),
            )

    def writes(self, product_id: int | None, kind: str | None) -> list[Json]:
        query = (
            "SELECT product_id, kind, method, date, changed FROM product_writes"
            " WHERE (? IS NULL OR product_id = ?) AND (? IS NULL OR kind = ?) ORDER BY id"
        )
        rows = self._db.execute(query, (product_id, product_id, kind, kind))
        return [
            {"product_id": p, "kind": k, "method": m, "at": at, "changed": json.loads(c)}
            for p, k, m, at, c in rows
        ]

    def write_counts(self, kind: str) -> dict[int, int]:
        query = "SELECT product_id, count(*) FROM product_writes WHERE kind = ? GROUP BY product_id"
        return dict(self._db.execute(query, (kind,)))

    # sales

    def sold(self, order_id: int, rows: list[tuple[int, str, int, int, int]]) -> None:
        """Note pieces sold: product, warehouse, quantity, pieces free before, and 1 where only reserved."""
        now = self._clock()
        self._db.executemany(
            "INSERT INTO sales(order_id, product_id, warehouse, quantity, before, reserved, date)"
            " VALUES(?, ?, ?, ?, ?, ?, ?)",
            [(order_id, *row, now) for row in rows],
        )

    def sales(self, order_id: int | None = None) -> list[Json]:
        query = (
            "SELECT order_id, product_id, warehouse, quantity, before, reserved, date FROM sales"
            " WHERE ? IS NULL OR order_id = ? ORDER BY id"
        )
        names = ("order_id", "product_id", "warehouse", "quantity", "before", "reserved", "at")
        rows = self._db.execute(query, (order_id, order_id))
        return [dict(zip(names, row, strict=True)) for row in rows]

    def settle(self, order_id: int) -> None:
        """The reservations of an order are over."""
        self._db.execute("UPDATE sales SET reserved = 0 WHERE order_id = ?", (order_id,))
