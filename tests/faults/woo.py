"""A WooCommerce shop on this machine, a ledger with its goods, and a Pomost between them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from pomost.bootstrap import assemble
from pomost.config.model import Config
from pomost.ledger import receive_draft
from pomost.sandbox.woocommerce import Shop
from tests.house import TODAY, House
from tests.tables import lay_for

SALE_AT_ONCE: dict[str, Any] = {
    "take": 'order.status in ["processing", "completed"]',
    "cancelled": 'order.status in ["cancelled", "refunded"]',
    "step": [
        {"id": "sale", "issue": "FS", "when": "order.is_paid"},
        {"id": "wz", "issue": "WZ", "source": ["sale"]},
        {
            "id": "back",
            "write": {
                "fields": {"_pomost_fs": "{sale.number}", "_pomost_wz": "{wz.number}"},
                "status": "completed",
            },
        },
    ],
}
"""A paid order is invoiced and issued straight away, and completed in the shop."""


def woo_config(folder: Path, shop: Shop, **wanted: Any) -> Config:
    """A configuration as a user would write it, quick enough for tests. ``wanted``: flow, woocommerce, engine ..."""
    flow = {
        "name": "woo",
        "source": "woocommerce",
        "company": "main",
        **(wanted.pop("flow", None) or SALE_AT_ONCE),
    }
    engine = {"workers": 4, "lease_s": 2.0, "sweep_s": 0.1, "retry_first_s": 0.05, "retry_most_s": 0.2}
    channel = {
        "url": shop.url,
        "key": shop.key,
        "secret": shop.secret,
        "calls_per_minute": 0,
        "poll_s": 0.1,
        "import_from": "2010-01-01",
    }
    return Config.model_validate(
        {
            "data_dir": folder,
            "database": {"url": wanted.pop("database", f"sqlite:///{folder / 'pomost.db'}")},
            "ledger": {"url": wanted.pop("ledger", f"sqlite:///{folder / 'ledger.db'}")},
            "engine": {**engine, **wanted.pop("engine", {})},
            "company": [{"code": "main", "name": "Sklep Przykładowy sp. z o.o.", "nip": "1234563218"}],
            "woocommerce": [{**channel, **wanted.pop("woocommerce", {})}],
            "rates": {"source": "fixed", "fixed": {"EUR": "4.30"}},
            "flow": [flow],
            **wanted,
        }
    )


def goods_of(shop: Shop) -> dict[str, str]:
    """SKU -> name of everything that the shop sells."""
    return {sku: shop.product(sku)["name"] for sku in shop.stocks()}


class WooHouse(House):
    """Like a ``House``, with a WooCommerce shop."""

    def __init__(
        self,
        folder: Path,
        shop: Shop,
        *,
        stocked: bool = True,
        at: Callable[[str], None] | None = None,
        today: Callable[[], date] = lambda: TODAY,
        **wanted: Any,
    ) -> None:
        self.woo = shop
        self._running = False
        self.config = woo_config(folder, shop, **wanted)
        lay_for(self.config)
        self.pomost = assemble(self.config, today=today, at=at, durable=False)
        if stocked:
            goods = goods_of(shop)
            self.pomost.ledger.setup.add_items(
                "main", [{"sku": sku, "name": name, "vat": "23"} for sku, name in goods.items()]
            )
            opening = {sku: (Decimal(10_000), Decimal("5.00")) for sku in goods}
            self.pomost.ledger.issue(receive_draft("main", "MAG", "opening", TODAY, opening))

    def meta(self, order: int, key: str) -> list[Any]:
        """What stands under a key of the order's meta, each time that it stands there."""
        return [row["value"] for row in self.woo.order(order)["meta_data"] if row["key"] == key]
