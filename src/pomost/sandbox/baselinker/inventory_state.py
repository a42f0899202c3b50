"""The product catalogue in the account's database: cards, figures of stock, prices, their log and who wrote them.

Quick for catalogues of a million products: figures are set by many rows at once and pages begin at a known id.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pomost.sandbox.baselinker.protocol import Json

SCHEMA = """
CREATE TABLE IF NOT EXISTS products(
    product_id INTEGER PRIMARY KEY, inventory_id INTEGER, parent_id INTEGER, is_bundle INTEGER, sku TEXT, ean TEXT,
    asin TEXT, name TEXT, category_id INTEGER, manufacturer_id INTEGER, tax_rate REAL, weight REAL, doc TEXT);
CREATE INDEX IF NOT EXISTS products_of_inventory ON products(inventory_id, parent_id);
CREATE INDEX IF NOT EXISTS products_all ON products(inventory_id);
CREATE INDEX IF NOT EXISTS products_of_parent ON products(parent_id) WHERE parent_id > 0;
CREATE INDEX IF NOT EXISTS products_by_sku ON products(sku);
CREATE INDEX IF NOT EXISTS products_by_ean ON products(ean);
CREATE INDEX IF NOT EXISTS products_by_category ON products(category_id) WHERE category_id > 0;
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
CREATE INDEX IF NOT EXISTS writes_of_product ON product_writes(product_id, kind);
CREATE TABLE IF NOT EXISTS sales(
    id INTEGER PRIMARY KEY, order_id INTEGER, product_id INTEGER, warehouse TEXT, quantity INTEGER, before INTEGER,
    reserved INTEGER, date REAL);
CREATE INDEX IF NOT EXISTS sales_of_order ON sales(order_id);
"""
STOCK, PRICE, CREATED, DELETED, TEXTS, LOCATIONS, LINKS, GALLERY, VARIANTS, BUNDLE = range(1, 11)
"""Types of the product log (reference, section 10.6)."""
API = "API"
"""The profile of changes made by API calls; those of other profiles leave no note among the writes."""
COLUMNS = (
    "product_id",
    "inventory_id",
    "parent_id",
    "is_bundle",
    "sku",
    "ean",
    "asin",
    "name",
    "category_id",
    "manufacturer_id",
    "tax_rate",
    "weight",
    "doc",
)
AMONG = "(SELECT value FROM json_each(?))"
Figures = dict[int, dict[str, int]]


def amount(grosze: int) -> int | float:
    """Hundredths as the API sends them: an integer when whole."""
    return grosze // 100 if grosze % 100 == 0 else grosze / 100


def _ids(ids: Iterable[int]) -> str:
    return json.dumps(list(ids))


def _pack(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Goods:
    """The products of one account. Every use stands inside `Account.transaction`.

    ``method`` tells the API call under way, None when the shop's own people act.
    """

    def __init__(
        self, db: sqlite3.Connection, clock: Callable[[], float], method: Callable[[], str | None]
    ) -> None:
        self._db = db
        self._clock = clock
        self._method = method
        self._changes = 0
        self._starts: dict[tuple[Any, ...], tuple[int, int]] = {}
        db.executescript(SCHEMA)

    # cards

    def product(self, product_id: int) -> Json | None:
        """The card: all columns, and the rest of it under ``doc``."""
        found = self.products([product_id])
        return found[0] if found else None

    def products(self, ids: Iterable[int]) -> list[Json]:
        """Cards in the order of their ids; unknown ids are left out."""
        query = (
            f"SELECT {', '.join(COLUMNS)} FROM products"  # noqa: S608 - our own names
            f" WHERE product_id IN {AMONG} ORDER BY product_id"
        )
        found = []
        for row in self._db.execute(query, (_ids(ids),)):
            card = dict(zip(COLUMNS, row, strict=True))
            card["doc"] = json.loads(card["doc"]) if card["doc"] else {}
            found.append(card)
        return found

    def by_sku(self, inventory_id: int, sku: str) -> int | None:
        """The oldest product with this SKU."""
        query = "SELECT min(product_id) FROM products WHERE sku = ? AND inventory_id = ?"
        found = self._db.execute(query, (sku, inventory_id)).fetchone()[0]
        return None if found is None else int(found)

    def save(self, card: Json) -> None:
        values = [card[name] for name in COLUMNS[:-1]]
        marks = ", ".join("?" * len(COLUMNS))
        self._db.execute(
            f"INSERT OR REPLACE INTO products VALUES({marks})",
            [*values, _pack(card["doc"]) if card["doc"] else None],
        )
        self._changes += 1

    def delete(self, ids: Iterable[int], profile: str) -> None:
        """Delete products with their variants."""
        gone = {*ids}
        query = f"SELECT product_id FROM products WHERE parent_id > 0 AND parent_id IN {AMONG}"  # noqa: S608
        gone |= {row[0] for row in self._db.execute(query, (_ids(gone),))}
        query = f"SELECT DISTINCT parent_id FROM products WHERE parent_id > 0 AND product_id IN {AMONG}"  # noqa: S608
        parents = {row[0] for row in self._db.execute(query, (_ids(gone),))} - gone
        rows = [(product_id,) for product_id in gone]
        for table in ("products", "stock", "prices", "bundle_parts"):
            self._db.executemany(f"DELETE FROM {table} WHERE product_id = ?", rows)  # noqa: S608
        self._db.executemany("DELETE FROM bundle_parts WHERE bundle_id = ?", rows)
        self._derive_parents(parents)
        self.log({product_id: [_entry(DELETED)] for product_id in gone}, profile)
        self._changes += 1

    def in_category(self, category_id: int) -> list[int]:
        query = "SELECT product_id FROM products WHERE category_id > 0 AND category_id = ?"
        return [row[0] for row in self._db.execute(query, (category_id,))]

    def forget_manufacturer(self, manufacturer_id: int) -> None:
        self._db.execute(
            "UPDATE products SET manufacturer_id = 0 WHERE manufacturer_id = ?", (manufacturer_id,)
        )

    def delete_inventory(self, inventory_id: int, profile: str) -> None:
        """Delete every product of an inventory."""
        query = "SELECT product_id FROM products WHERE inventory_id = ?"
        self.delete([row[0] for row in self._db.execute(query, (inventory_id,))], profile)

    def put_parts(self, bundle_id: int, parts: Mapping[int, int]) -> None:
        """What a bundle holds, pieces by product id."""
        self._db.execute("DELETE FROM bundle_parts WHERE bundle_id = ?", (bundle_id,))
        rows = [(bundle_id, part, quantity) for part, quantity in parts.items()]
        self._db.executemany("INSERT INTO bundle_parts VALUES(?, ?, ?)", rows)
        self._derive_bundles({bundle_id})

    def parts(self, bundle_id: int) -> dict[int, int]:
        query = "SELECT product_id, quantity FROM bundle_parts WHERE bundle_id = ?"
        return dict(self._db.execute(query, (bundle_id,)))

    def kinds(self, ids: Iterable[int]) -> dict[int, tuple[int, bool, bool]]:
        """Of known products: the inventory, whether it has variants, whether it is a bundle."""
        query = (
            "SELECT product_id, inventory_id, is_bundle,"  # noqa: S608 - our own texts
            " EXISTS(SELECT 1 FROM products v WHERE v.parent_id > 0 AND v.parent_id = p.product_id)"
            f" FROM products p WHERE product_id IN {AMONG}"
        )
        rows = self._db.execute(query, (_ids(ids),))
        return {number: (inventory, bool(has), bool(bundle)) for number, inventory, bundle, has in rows}

    def variants(self, ids: Iterable[int]) -> dict[int, list[int]]:
        """The ids of the variants by that of their product."""
        query = (
            "SELECT parent_id, product_id FROM products"  # noqa: S608 - our own texts
            f" WHERE parent_id > 0 AND parent_id IN {AMONG} ORDER BY product_id"
        )
        found: dict[int, list[int]] = {}
        for parent, product_id in self._db.execute(query, (_ids(ids),)):
            found.setdefault(parent, []).append(product_id)
        return found

    # pages

    def page(
        self,
        inventory_id: int,
        number: int,
        size: int,
        *,
        variants: bool = False,
        descending: bool = False,
        conditions: Iterable[tuple[str, list[Any]]] = (),
    ) -> list[int]:
        """The ids on a page, counted from 1, as of now: what is deleted before it moves the rest up."""
        number = max(number, 1)
        conditions = list(conditions)
        where = ["inventory_id = ?", *(() if variants else ("parent_id = 0",))]
        values: list[Any] = [inventory_id]
        for text, given in conditions:
            where.append(text)
            values.extend(given)
        key = (inventory_id, size, variants, descending)
        offset = (number - 1) * size
        known = self._starts.get((*key, number)) if not conditions else None
        if known is not None and known[0] == self._changes:
            where.append("product_id < ?" if descending else "product_id > ?")
            values.append(known[1])
            offset = 0
        query = (
            f"SELECT product_id FROM products WHERE {' AND '.join(where)}"  # noqa: S608 - our own texts
            f" ORDER BY product_id {'DESC' if descending else 'ASC'} LIMIT ? OFFSET ?"
        )
        found = [row[0] for row in self._db.execute(query, [*values, size, offset])]
        if found and not conditions:
            self._starts[*key, number + 1] = (self._changes, found[-1])
        return found

    # stock

    def stock(self, ids: Iterable[int], column: str = "quantity") -> Figures:
        """Pieces by warehouse, or with ``column="reserved"`` the reserved ones."""
        query = (
            f"SELECT product_id, warehouse, {column} FROM stock"  # noqa: S608 - our own names
            f" WHERE product_id IN {AMONG}"
        )
        found: Figures = {}
        for product_id, warehouse, quantity in self._db.execute(query, (_ids(ids),)):
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
        parents = {row[0] for row in self._db.execute(query, (_ids(ids),))}
        self._derive_parents(parents)
        query = f"SELECT DISTINCT bundle_id FROM bundle_parts WHERE product_id IN {AMONG}"  # noqa: S608
        self._derive_bundles({row[0] for row in self._db.execute(query, (_ids({*ids, *parents}),))})

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
        for product_id, group, grosze in self._db.execute(query, (_ids(ids),)):
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
        now = int(self._clock())
        rows = [(product_id, now, profile, _pack(listed)) for product_id, listed in entries.items()]
        self._db.executemany(
            "INSERT INTO product_logs(product_id, date, profile, entries) VALUES(?, ?, ?, ?)", rows
        )

    def logs(self, product_id: int) -> list[Json]:
        query = "SELECT profile, date, entries FROM product_logs WHERE product_id = ? ORDER BY id"
        rows = self._db.execute(query, (product_id,))
        return [{"profile": by, "date": date, "entries": json.loads(found)} for by, date, found in rows]

    def wrote(self, kind: str, changed: Mapping[int, Any]) -> None:
        """Note what the running API call wrote; the shop's own people leave no note."""
        method, now = self._method(), self._clock()
        if method is not None:
            rows = [(product_id, kind, method, now, _pack(what)) for product_id, what in changed.items()]
            self._db.executemany(
                "INSERT INTO product_writes(product_id, kind, method, date, changed) VALUES(?, ?, ?, ?, ?)",
                rows,
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

    # many at once

    def fill(self, inventory_id: int, warehouse: str, group: int, rows: Iterable[tuple[Any, ...]]) -> int:
        """Plain products by the thousand, without log: id, SKU, EAN, name, category, VAT, weight, pieces, hundredths."""
        made = 0
        batch: list[tuple[Any, ...]] = []
        for row in rows:
            batch.append(row)
            if len(batch) == 10_000:
                made += self._fill(inventory_id, warehouse, group, batch)
                batch = []
        self._changes += 1
        return made + self._fill(inventory_id, warehouse, group, batch)

    def _fill(self, inventory_id: int, warehouse: str, group: int, rows: list[tuple[Any, ...]]) -> int:
        self._db.executemany(
            "INSERT OR IGNORE INTO products(product_id, inventory_id, parent_id, is_bundle, sku, ean, asin, name,"
            f" category_id, manufacturer_id, tax_rate, weight) VALUES(?, {int(inventory_id)}, 0, 0, ?, ?, '', ?, ?,"
            " 0, ?, ?)",
            [row[:7] for row in rows],
        )
        self._db.executemany(
            "INSERT OR IGNORE INTO stock(product_id, warehouse, quantity) VALUES(?, ?, ?)",
            [(row[0], warehouse, row[7]) for row in rows],
        )
        self._db.executemany(
            "INSERT OR IGNORE INTO prices VALUES(?, ?, ?)", [(row[0], group, row[8]) for row in rows]
        )
        return len(rows)

    def count(self, inventory_id: int) -> int:
        query = "SELECT count(*) FROM products WHERE inventory_id = ?"
        return int(self._db.execute(query, (inventory_id,)).fetchone()[0])


def _entry(kind: int, info: str = "", before: Any = "", after: Any = "") -> Json:
    return {"type": kind, "info": info, "from": before, "to": after}


def entry(kind: int, info: str = "", before: Any = "", after: Any = "") -> Json:
    """One entry of the product log."""
    return _entry(kind, info, before, after)
