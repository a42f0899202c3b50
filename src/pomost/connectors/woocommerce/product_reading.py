"""Products and variations of a shop, read page by page or by their ids."""

from __future__ import annotations

import secrets
import time
from collections.abc import Collection, Iterable, Iterator, Mapping

from pomost.connectors.values import as_text
from pomost.connectors.woocommerce.catalogue_mapping import (
    FIELDS,
    VARIABLE,
    Level,
    Row,
    level_of,
    row_of,
    whole_id,
)
from pomost.connectors.woocommerce.client import PER_PAGE, Query, WooCommerceClient, in_parts
from pomost.connectors.woocommerce.errors import unclear
from pomost.connectors.woocommerce.settings import Settings
from pomost.ports import Json, Priority
from pomost.ports.catalogue import FROM_THE_FIRST, Reached

EANS_KEPT_S = 600.0
STEP = PER_PAGE - 1
"""How far a listing moves on: the last product of a page is the first of the next, so that a deletion meanwhile shows."""


class Products:
    """Reads the products of one shop and remembers where their stock is kept; thread-safe."""

    def __init__(self, settings: Settings, client: WooCommerceClient) -> None:
        self._client = client
        self._ean_keys = settings.ean_keys
        self._levels: dict[int, Level] = {}
        self._by_ean: tuple[float, dict[str, list[str]]] | None = None

    def walk(self, after: Reached = FROM_THE_FIRST) -> Iterator[list[Row]]:
        """All by id, variations after their parent; goes on behind ``after``. Whatever is deleted meanwhile hides no other."""
        last, offset = _parent_of(after.product), STEP * after.pages if after.product else 0
        while True:
            raws = self.listed("products", {**self._by_id(), "offset": offset})
            if offset and (not raws or _number(raws[0]) > last):
                # products before this place are gone, and what stood here has moved up
                offset = max(0, offset - STEP)
                continue
            rows = [row for raw in raws if (row := self._row(raw)) is not None and row.number > last]
            if not rows and len(raws) >= PER_PAGE:
                raise unclear("GET products", "its pages do not go on", False)
            if rows:
                last = rows[-1].number
                yield [one for row in rows for one in (row, *self._below(row))]
            if len(raws) < PER_PAGE:
                return
            offset += STEP

    def with_ids(self, ids: Iterable[str]) -> dict[str, Row]:
        """These products by id; those that are gone, or no ids of a shop, are missing."""
        plain, below = _sorted_ids(ids)
        found: dict[str, Row] = {}
        for some in in_parts(plain, PER_PAGE):
            found |= {row.id: row for row in self._plain(some)}
        for parent, numbers in below.items():
            for some in in_parts(numbers, PER_PAGE):
                asked = {**self._fields(), "include": ",".join(map(str, some))}
                rows = [self._row(raw, parent) for raw in self.listed(f"products/{parent}/variations", asked)]
                found |= {row.id: row for row in rows if row is not None}
        return found

    def with_sku(self, sku: str) -> list[Row]:
        """Products and variations with exactly this SKU: to the shop a comma makes it several, and case is nothing."""
        rows = [self._row(raw) for raw in self.listed("products", {**self._fields(), "sku": sku})]
        return [row for row in rows if row is not None and row.sku == sku]

    def with_ean(self, ean: str) -> list[Row]:
        """Products and variations with exactly this EAN, among all that there were ten minutes ago; as they are now.

        No filter by EAN is known to be in every version of the shop, and one that it does not know would find everything.
        """
        if not ean:
            return []
        if self._by_ean is None or time.monotonic() - self._by_ean[0] > EANS_KEPT_S:
            found: dict[str, list[str]] = {}
            for rows in self.walk():
                for row in rows:
                    if row.ean:
                        found.setdefault(row.ean, []).append(row.id)
            self._by_ean = (time.monotonic(), found)
        now = self.with_ids(self._by_ean[1].get(ean, ()))
        return [row for row in now.values() if row.ean == ean]

    def level(self, parent: int) -> Level | None:
        """Where the stock of a product with variations is kept, as it was seen last; None where it is not there or has none."""
        return self._levels.get(parent)

    def learn(self, parents: Collection[int]) -> None:
        """Asks for those products with variations of which it is not known where their stock is kept."""
        for some in in_parts(sorted(parent for parent in parents if parent not in self._levels), PER_PAGE):
            for row in self._plain(some):
                self._below(row)

    def forget(self, product_id: str) -> None:
        """What was known of where the stock of this product is kept is asked for anew."""
        self._levels.pop(_parent_of(product_id), None)

    def listed(self, path: str, query: Query) -> list[Json]:
        """One page; empty for what is gone. A changing parameter keeps caches from answering."""
        asked = {"per_page": PER_PAGE, **query, "_pomost": secrets.token_hex(4)}
        read = self._client.get(path, asked, Priority.CATALOGUE)
        if read is None:
            return []
        if not isinstance(read, list) or any(not isinstance(raw, dict) for raw in read):
            raise unclear(f"GET {path}", "its answer is no list", False)
        return read

    def _plain(self, numbers: Iterable[int]) -> list[Row]:
        asked = {**self._fields(), "include": ",".join(map(str, numbers))}
        return [row for raw in self.listed("products", asked) if (row := self._row(raw)) is not None]

    def _below(self, row: Row) -> list[Row]:
        """The variations of a product, which tell where its stock is kept."""
        found: list[Row] = []
        if row.kind == VARIABLE:
            path, last = f"products/{row.number}/variations", 0
            while True:
                raws = self.listed(path, {**self._by_id(), "offset": len(found)})
                some = [one for raw in raws if (one := row_of(raw, row, self._ean_keys)) is not None]
                found += [one for one in some if one.number > last]
                if len(raws) < PER_PAGE:
                    break
                if not some or some[-1].number <= last:
                    raise unclear(f"GET {path}", "its pages do not go on", False)
                last = some[-1].number
            self._levels[row.number] = level_of(row, found)
        return found

    def _row(self, raw: Json, parent: int = 0) -> Row | None:
        if parent:
            raw = {**raw, "parent_id": parent, "type": "variation"}
        return row_of(raw, None, self._ean_keys)

    def _fields(self) -> dict[str, str | int]:
        return {"_fields": f"{FIELDS},meta_data" if self._ean_keys else FIELDS}

    def _by_id(self) -> dict[str, str | int]:
        return {**self._fields(), "orderby": "id", "order": "asc"}


def _sorted_ids(ids: Iterable[str]) -> tuple[list[int], Mapping[int, list[int]]]:
    plain: list[int] = []
    below: dict[int, list[int]] = {}
    for one in sorted(set(ids)):
        try:
            parent, number = whole_id(one)
        except ValueError:
            continue
        if parent:
            below.setdefault(parent, []).append(number)
        else:
            plain.append(number)
    return sorted(plain), below


def _parent_of(product_id: str) -> int:
    """The number by which products are listed: that of the parent."""
    try:
        parent, number = whole_id(product_id)
    except ValueError:
        return 0
    return parent or number


def _number(raw: Json) -> int:
    text = as_text(raw.get("id"))
    return int(text) if text.isdecimal() else 0
