"""The product catalogue in the account's database: cards and their pages, above the figures of each product.

Quick for catalogues of a million products: pages begin at a known id.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pomost.sandbox.baselinker.inventory_figures import AMONG, API, DELETED, Shelves, entry, packed_ids
from pomost.sandbox.baselinker.protocol import Json

SCHEMA = """
CREATE TABLE IF NOT EXISTS products(
    product_id INTEGER PRIMARY KEY, inventory_id INTEGER, parent_id INTEGER, is_bundle INTEGER, sku TEXT, ean TEXT,
    asin TEXT, name TEXT, category_id INTEGER, manufacturer_id INTEGER, tax_rate REAL, weight REAL, doc TEXT);
CREATE INDEX IF NOT EXISTS products_of_inventory ON products(inventory_id, parent_id);
CREATE INDEX IF NOT EXISTS products_all ON products(inventory_id);
CREATE INDEX IF NOT EXISTS products_of_parent ON products(parent_id) WHERE parent_id > 0;
"""
AMONG_GONE = f"product_id IN {AMONG} OR (parent_id > 0 AND parent_id IN {AMONG})"
LOOKUPS = {
    "products_by_sku": "products(sku)",
    "products_by_ean": "products(ean)",
    "products_by_category": "products(category_id) WHERE category_id > 0",
}
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


class Goods(Shelves):
    """The products of one account. Every use stands inside `Account.transaction`."""

    def __init__(
        self, db: sqlite3.Connection, clock: Callable[[], float], method: Callable[[], str | None]
    ) -> None:
        db.executescript(SCHEMA)
        self._build_lookups(db)
        # SQLite's own lower() knows no Polish letters.
        db.create_function("folded", 1, str.casefold, deterministic=True)
        super().__init__(db, clock, method)
        self._changes = 0
        self._starts: dict[tuple[Any, ...], tuple[int, int]] = {}

    @staticmethod
    def _build_lookups(db: sqlite3.Connection) -> None:
        for name, columns in LOOKUPS.items():
            db.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {columns}")

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
        for row in self._db.execute(query, (packed_ids(ids),)):
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
            [*values, json.dumps(card["doc"], ensure_ascii=False) if card["doc"] else None],
        )
        self._changes += 1

    def delete(self, ids: Iterable[int], profile: str) -> None:
        """Delete products with their variants."""
        gone = {*ids}
        query = f"SELECT product_id FROM products WHERE {AMONG_GONE}"  # noqa: S608 - our own texts
        packed = packed_ids(gone)
        gone = {row[0] for row in self._db.execute(query, (packed, packed))}
        query = f"SELECT DISTINCT parent_id FROM products WHERE parent_id > 0 AND product_id IN {AMONG}"  # noqa: S608
        parents = {row[0] for row in self._db.execute(query, (packed_ids(gone),))} - gone
        rows = [(product_id,) for product_id in gone]
        for table in ("products", "stock", "prices", "bundle_parts"):
            self._db.executemany(f"DELETE FROM {table} WHERE product_id = ?", rows)  # noqa: S608
        self._db.executemany("DELETE FROM bundle_parts WHERE bundle_id = ?", rows)
        self._derive_parents(parents)
        self.log({product_id: [entry(DELETED)] for product_id in gone}, profile)
        if profile == API:
            self.wrote("deleted", {product_id: {} for product_id in sorted(gone)})
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
        rows = self._db.execute(query, (packed_ids(ids),))
        return {number: (inventory, bool(has), bool(bundle)) for number, inventory, bundle, has in rows}

    def variants(self, ids: Iterable[int]) -> dict[int, list[int]]:
        """The ids of the variants by that of their product."""
        query = (
            "SELECT parent_id, product_id FROM products"  # noqa: S608 - our own texts
            f" WHERE parent_id > 0 AND parent_id IN {AMONG} ORDER BY product_id"
        )
        found: dict[int, list[int]] = {}
        for parent, product_id in self._db.execute(query, (packed_ids(ids),)):
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

    # many at once

    def fill(self, inventory_id: int, warehouse: str, group: int, rows: Iterable[tuple[Any, ...]]) -> int:
        """Plain products by the thousand, without log: id, SKU, EAN, name, category, VAT, weight, pieces, hundredths."""
        made = 0
        batch: list[tuple[Any, ...]] = []
        for row in rows:
            batch.append(row)
            if len(batch) == 10_000:
                if not made:
                    # Built at the end they cost half of what they cost row by row.
                    for name in LOOKUPS:
                        self._db.execute(f"DROP INDEX IF EXISTS {name}")
                made += self._fill(inventory_id, warehouse, group, batch)
                batch = []
        made += self._fill(inventory_id, warehouse, group, batch)
        self._build_lookups(self._db)
        self._changes += 1
        return made

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
