"""Builders for tests: a shop (the sandbox over HTTP), a ledger with goods, and a Pomost between them."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from pomost.bootstrap import Pomost, assemble
from pomost.config.model import Config
from pomost.ledger import receive_draft
from pomost.sandbox.baselinker import Sandbox
from pomost.sandbox.baselinker.catalogue import as_dicts
from pomost.sandbox.baselinker.settings import DEFAULT_TOKEN
from pomost.trade.documents import Document
from tests.tables import lay_for

TODAY = date(2026, 11, 25)


def config_for(folder: Path, shop_url: str, shop_token: str = DEFAULT_TOKEN, **wanted: Any) -> Config:
    """A configuration as a user would write it, quick enough for tests. ``wanted``: flow, rules, baselinker, engine ...

    ``flows`` stands for several flows, as they are.
    """
    flows = wanted.pop("flows", None)
    flow = {
        "name": "sklep",
        "source": "baselinker",
        "company": "main",
        "preset": "ro-fs-wz",
        **wanted.pop("flow", {}),
    }
    flow.setdefault("rules", {})
    flow["rules"] = {**flow["rules"], **wanted.pop("rules", {})}
    engine = {"workers": 4, "lease_s": 2.0, "sweep_s": 0.1, "retry_first_s": 0.05, "retry_most_s": 0.2}
    channel = {
        "url": shop_url,
        "token": shop_token,
        "calls_per_minute": 0,
        "poll_s": 0.1,
        "relist_s": 2.0,
        "relist_journal_s": 1.0,
        "import_from": "2010-01-01",
        "status_linger_s": 0.0,
    }
    return Config.model_validate(
        {
            "data_dir": folder,
            "database": {"url": wanted.pop("database", f"sqlite:///{folder / 'pomost.db'}")},
            "ledger": {
                "url": wanted.pop("ledger", f"sqlite:///{folder / 'ledger.db'}"),
                "warehouses": wanted.pop("warehouses", ()),
            },
            "engine": {**engine, **wanted.pop("engine", {})},
            "company": [{"code": "main", "name": "Sklep Przykładowy sp. z o.o.", "nip": "1234563218"}],
            "baselinker": [{**channel, **wanted.pop("baselinker", {})}],
            "rates": {"source": "fixed", "fixed": {"EUR": "4.30", "GBP": "5.00"}},
            "flow": flows or [flow],
            **wanted,
        }
    )


def stock_up(pomost: Pomost, quantity: int = 10_000, company: str = "main", level: str = "") -> None:
    """Puts the sample shop's items into the ledger, with goods; ``level``: each also has a price of 9.99 there."""
    cards = as_dicts()
    if level:
        cards = [{**card, "prices": {level: Decimal("9.99")}} for card in cards]
    pomost.ledger.setup.add_items(company, cards)
    goods = {card["sku"]: (Decimal(quantity), Decimal("5.00")) for card in cards}
    pomost.ledger.issue(receive_draft(company, "MAG", "opening", TODAY, goods))


class House:
    """A shop, a ledger and a Pomost. ``run_until`` lets them work until something is true."""

    def __init__(
        self,
        folder: Path,
        shop: Sandbox,
        *,
        stocked: bool = True,
        at: Callable[[str], None] | None = None,
        today: Callable[[], date] = lambda: TODAY,
        **wanted: Any,
    ) -> None:
        self.shop = shop
        self._running = False
        config = config_for(folder, shop.url, **wanted)
        lay_for(config)
        # nothing here survives a loss of power anyhow
        self.pomost = assemble(config, today=today, at=at, durable=False)
        if stocked:
            stock_up(self.pomost)

    @property
    def ledger(self) -> Any:
        return self.pomost.ledger

    def run_until(self, done: Callable[[], bool], seconds: float = 30.0) -> None:
        """Fails with the state of every case when it does not come true."""
        if not self._running:
            self._running = True
            self.pomost.start()
        end = time.monotonic() + seconds
        while not done():
            if time.monotonic() > end:
                raise AssertionError(
                    f"it did not happen within {seconds} s; cases: {self.states()}; {self.waits()}"
                )
            time.sleep(0.02)

    def run_until_state(self, order: int, state: str, seconds: float = 30.0) -> None:
        self.run_until(lambda: self.state(order) == state, seconds)

    def stop(self) -> None:
        if self._running:
            self.pomost.stop()
        self.pomost.close()

    def states(self) -> dict[str, int]:
        return self.pomost.store.queries.counts()

    def line(self, order: int) -> Any:
        found = self.pomost.store.queries.find(str(order))
        return found[0] if found else None

    def state(self, order: int) -> str:
        line = self.line(order)
        return line.state if line else ""

    def waits(self, order: int | None = None) -> Any:
        if order is not None:
            line = self.line(order)
            return line.waits if line else {}
        return [
            (line.number, line.state, line.waits.get("code")) for line in self.pomost.store.queries.all(20)
        ]

    def documents(self, order: int | str) -> list[Document]:
        found: list[Document] = self.ledger.documents(foreign_number=str(order))
        return found

    def kinds(self, order: int | str) -> list[str]:
        return [document.kind for document in self.documents(order)]
