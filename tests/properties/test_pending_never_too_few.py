"""Whatever step a flow is at, what lies in stock less what is reserved and pending is never more than what is left.

Looked at at every point of every step: before the call, after it and before its answer is stored, and after.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from pomost.sandbox.baselinker import Sandbox
from pomost.trade.availability import StockRule, reckon
from tests.house import House, stock_up

COMPANIES = [
    {"code": "main", "name": "Sklep Przykładowy sp. z o.o.", "nip": "1234563218"},
    {"code": "hurt", "name": "Hurtownia Przykładowa sp. z o.o.", "nip": "5252248481"},
]
OFFER = {"name": "sklep", "stock": [{}], "every_s": 0.1, "debounce_s": 0.0}
MUGS = [{"sku": "KUBEK-1", "quantity": 3, "price_brutto": 30}]
PRESETS = (
    "ro-fs-wz", "ro-wz-fs", "zs-fs-wz", "zs-wz-fs", "fs", "wz", "ro-fs-wz-at-once", "ro-fs-wz-cancel",
    "special", "two-companies-ro",
)  # fmt: skip


class Watch:
    """What would be offered if it were decided at this very moment, at each point."""

    def __init__(self, companies: tuple[str, ...]) -> None:
        self.companies = companies
        self.home: House | None = None
        self.offered: list[tuple[str, Decimal]] = []

    def __call__(self, point: str) -> None:
        if self.home is not None and not point.startswith("stock:"):
            self.offered.append((point, self.now()))

    def now(self) -> Decimal:
        assert self.home is not None
        pomost = self.home.pomost
        pending = pomost.store.pending.totals(self.companies, ["KUBEK-1"])
        held = {
            (company, "KUBEK-1"): pomost.ledger.on_hand(company, ["KUBEK-1"])["KUBEK-1"].held
            for company in self.companies
        }
        covered = frozenset({"main"}) if len(self.companies) == 2 else frozenset[str]()
        places = tuple((company, "MAG") for company in self.companies)
        rule = StockRule(places, covered=covered)
        return reckon(rule, "KUBEK-1", (("KUBEK-1", Decimal(1)),), held, pending).figure


@pytest.mark.parametrize("preset", PRESETS)
def test_goods_of_an_order_are_pending_until_a_document_holds_them(
    preset: str, shop: Sandbox, house: Callable[..., House]
) -> None:
    two = preset.startswith("two")
    watch = Watch(("main", "hurt") if two else ("main",))
    wanted: dict[str, Any] = {"company": COMPANIES} if two else {}
    home = house(flow={"preset": preset}, catalogue=[OFFER], at=watch, stocked=not two, **wanted)
    if two:
        home.ledger.setup.add_items("main", [{"sku": "KUBEK-1", "name": "Kubek", "vat": "23"}])
        stock_up(home.pomost, company="hurt", level="HURT")
    watch.home = home

    order = shop.place(lines=MUGS, paid=True, delivery_price="0")[0]
    home.run_until(lambda: home.state(order) in ("waiting", "done") and bool(home.kinds(order)))
    if home.state(order) != "done":
        home.run_until(lambda: shop.order(order)["status"] == "W realizacji")
        shop.move(order, "Spakowane")
        home.run_until_state(order, "done")

    assert len(watch.offered) >= 4, "it must really have been looked at"
    assert [one for one in watch.offered if one[1] > 9_997] == []
    assert watch.now() == 9_997
    assert home.pomost.store.pending.totals(watch.companies, ["KUBEK-1"]) == {}
