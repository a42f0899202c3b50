"""A house whose channel is a WooCommerce shop: the sandbox over HTTP, a ledger with its goods, and a Pomost between them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from pomost.bootstrap import assemble
from pomost.config.model import Config
from pomost.sandbox.woocommerce import Shop
from tests.house import TODAY, House, stock_up
from tests.tables import lay_for

SALE: dict[str, Any] = {
    "name": "sklep",
    "source": "woocommerce",
    "company": "main",
    "take": "order.is_paid || order.cash_on_delivery",
    "cancelled": 'order.status == "cancelled"',
    "step": [
        {"id": "sale", "issue": "FS/PA"},
        {"id": "wz", "issue": "WZ", "source": ["sale"]},
        {"id": "back", "write": {"fields": {"_pomost_sprzedaz": "{sale.number}"}}},
    ],
}
"""A paid order becomes an invoice or receipt at once, and its number stands on the order."""
RETURNS: dict[str, Any] = {
    "name": "zwroty",
    "source": "woocommerce",
    "company": "main",
    "preset": "returns",
    "words": {
        "accepted": "refunded",
        "cancelled": "deleted",
        "refund": "",
        "correction_field": "_pomost_korekta",
        "file_field": "",
    },
    "rules": {"return_reason": "Zwrot towaru"},
}


def woo_config(folder: Path, shop: Shop, **wanted: Any) -> Config:
    """A configuration as a user would write it, quick enough for tests. ``wanted``: flows, woocommerce, engine, panel ..."""
    channel = {
        "url": shop.url,
        "key": shop.key,
        "secret": shop.secret,
        "calls_per_minute": 0,
        "concurrent": 4,
        "poll_s": 0.1,
        "returns_s": 0.1,
        "import_from": "2010-01-01",
        "compare_s": 1.0,
    }
    engine = {"workers": 4, "lease_s": 2.0, "sweep_s": 0.1, "retry_first_s": 0.05, "retry_most_s": 0.2}
    return Config.model_validate(
        {
            "data_dir": folder,
            "database": {"url": wanted.pop("database", f"sqlite:///{folder / 'pomost.db'}")},
            "ledger": {"url": wanted.pop("ledger", f"sqlite:///{folder / 'ledger.db'}")},
            "engine": {**engine, **wanted.pop("engine", {})},
            "company": [{"code": "main", "name": "Sklep Przykładowy sp. z o.o.", "nip": "1234563218"}],
            "woocommerce": [{**channel, **wanted.pop("woocommerce", {})}],
            "rates": {"source": "fixed", "fixed": {"EUR": "4.30", "GBP": "5.00"}},
            "flow": wanted.pop("flows", [SALE]),
            **wanted,
        }
    )


class WooHouse(House):
    """See `House`; ``woo`` is the shop."""

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
        config = woo_config(folder, shop, **wanted)
        lay_for(config)
        self.pomost = assemble(config, today=today, at=at, durable=False)
        if stocked:
            stock_up(self.pomost)

    def return_line(self, order: int, refund: int) -> Any:
        """The case of a refund; None while it was not seen."""
        found = self.pomost.store.queries.find(f"{order}-{refund}")
        return found[0] if found else None

    def state_of_return(self, order: int, refund: int) -> str:
        line = self.return_line(order, refund)
        return line.state if line else ""
