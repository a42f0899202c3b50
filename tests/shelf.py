"""The shop's catalogue as any program sees it: over HTTP, page by page."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import httpx2

from pomost.sandbox.baselinker import RemoteSandbox, Sandbox

INVENTORY = 30711
MAIN, SECOND = "bl_20517", "bl_20518"


@dataclass
class Shelf:
    """The default catalogue of a shop."""

    shop: Sandbox | RemoteSandbox
    http: httpx2.Client = field(default_factory=lambda: httpx2.Client(timeout=60))

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        form = {"method": method, "parameters": json.dumps(parameters)}
        answer: dict[str, Any] = self.http.post(
            self.shop.url, headers={"X-BLToken": self.shop.token}, data=form
        ).json()
        assert answer["status"] == "SUCCESS", answer
        return answer

    def products(self, **filters: Any) -> dict[str, Any]:
        """Product id -> row."""
        found: dict[str, Any] = {}
        page = 1
        while True:
            some = self.call(
                "getInventoryProductsList",
                inventory_id=INVENTORY,
                page=page,
                include_variants=True,
                **filters,
            )["products"]
            found.update(some or {})
            if len(some) < 1000:
                return found
            page += 1

    def row(self, sku: str) -> dict[str, Any]:
        found = [row for row in self.products(filter_sku=sku).values() if row["sku"] == sku]
        assert len(found) == 1, f"{len(found)} products {sku}"
        row: dict[str, Any] = found[0]
        return row

    def stock(self, sku: str, place: str = MAIN) -> int:
        return int((self.row(sku)["stock"] or {}).get(place, 0))

    def price(self, sku: str, group: int) -> float:
        return float(self.row(sku)["prices"][str(group)])

    def set_stock(self, sku: str, quantity: int, place: str = MAIN) -> None:
        """As somebody would by hand in the panel."""
        products = {str(self.row(sku)["id"]): {place: quantity}}
        self.call("updateInventoryProductsStock", inventory_id=INVENTORY, products=products)
