"""What products of a shop are grouped by: categories, which have a place in a tree, and brands, which newer shops have."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from enum import Enum

from pomost.connectors.values import as_int, as_text
from pomost.connectors.woocommerce.catalogue_mapping import text_of
from pomost.connectors.woocommerce.client import WooCommerceClient
from pomost.connectors.woocommerce.errors import unclear
from pomost.ports import Json, NeedsPerson, Priority

PARTED = "/"
KEPT_S = 60.0


class Shelf(Enum):
    """Where the shop keeps them, below products."""

    CATEGORIES = "categories"
    BRANDS = "brands"


class Groups:
    """Names of one shop, a minute old at most; thread-safe. A path is made of names divided by "/"."""

    def __init__(self, client: WooCommerceClient) -> None:
        self._client = client
        self._paths: dict[Shelf, tuple[float, dict[int, str]]] = {}
        self._routes: tuple[float, bool] | None = None
        self._making = threading.Lock()

    def has(self, shelf: Shelf) -> bool:
        """Whether the shop knows such groups at all."""
        if shelf is Shelf.CATEGORIES:
            return True
        if self._routes is None or time.monotonic() - self._routes[0] > KEPT_S:
            routes = self._client.index().get("routes")
            known = isinstance(routes, Mapping) and f"/wc/v3/products/{shelf.value}" in routes
            self._routes = (time.monotonic(), known)
        return self._routes[1]

    def path(self, shelf: Shelf, number: int) -> str:
        """Empty for what is not there."""
        if not number:
            return ""
        return self._known(shelf).get(number) or self._known(shelf, anew=True).get(number, "")

    def number(self, shelf: Shelf, path: str, make: bool, sku: str) -> int:
        """The group with this path; made with those above it where it is missing and ``make`` says so.

        Raises NeedsPerson ``woocommerce.unknown-group``. A lost answer leaves at most one group too many that is empty: the next try
        finds it.
        """
        with self._making:
            parts = [part for one in path.split(PARTED) if (part := " ".join(one.split()))]
            if shelf is Shelf.BRANDS:
                parts = [" ".join(path.split())]
            return self._number(shelf, parts, make, sku)

    def _number(self, shelf: Shelf, parts: list[str], make: bool, sku: str) -> int:
        path = PARTED.join(parts)
        found: list[int] = []
        for anew in (False, True):
            found = [number for number, one in self._known(shelf, anew=anew).items() if one == path]
            if len(found) == 1:
                return found[0]
        if found or not make or not parts:
            kind = "categories" if shelf is Shelf.CATEGORIES else "brands"
            raise NeedsPerson(
                "woocommerce.unknown-group",
                f'Product {sku}: the shop has not exactly one entry "{path}" among its {kind}.',
                "Make it there, correct the card, or set make_categories or make_manufacturers.",
                sku=sku,
            )
        parent = self._number(shelf, parts[:-1], make, sku) if len(parts) > 1 else 0
        asked: Json = {"name": parts[-1], **({"parent": parent} if parent else {})}
        answer = self._client.post(f"products/{shelf.value}", asked, Priority.CATALOGUE)
        self._paths.pop(shelf, None)
        try:
            return as_int(answer["id"])
        except (KeyError, ValueError) as error:
            raise unclear(f"POST products/{shelf.value}", "its answer has no id", True) from error

    def _known(self, shelf: Shelf, *, anew: bool = False) -> dict[int, str]:
        at, paths = self._paths.get(shelf, (0.0, {}))
        if anew or not at or time.monotonic() - at > KEPT_S:
            asked: dict[str, str | int] = {"orderby": "id", "order": "asc", "_fields": "id,name,parent"}
            path = f"products/{shelf.value}"
            rows = [row for page in self._client.pages(path, asked, Priority.CATALOGUE) for row in page]
            by_number = {_id(row): row for row in rows}
            paths = {number: _path(by_number, number) for number in by_number if number}
            self._paths[shelf] = (time.monotonic(), paths)
        return paths


def _path(rows: Mapping[int, Json], number: int) -> str:
    names: list[str] = []
    seen: set[int] = set()
    while number in rows and number not in seen:
        seen.add(number)
        names.insert(0, text_of(rows[number].get("name")))
        parent = as_text(rows[number].get("parent"))
        number = int(parent) if parent.isdecimal() else 0
    return PARTED.join(names)


def _id(row: Json) -> int:
    text = as_text(row.get("id"))
    return int(text) if text.isdecimal() else 0
