"""Whatever step a flow is at, what lies in stock less what is reserved and pending is never more than what is left.

Looked at at every point of every step: before the call, after it and before its answer is stored, and after.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from pomost.catalogue.deciding import StockMaker
from pomost.catalogue.offer import Offer
from pomost.sandbox.baselinker import Sandbox
from pomost.trade.availability import StockRule, reckon
from tests.faults.harness import sold_and_returned
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
        # the catalogue has points of its own, also before the order is seen
        if self.home is not None and not point.startswith(("stock:", "list:")):
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


@pytest.mark.parametrize("seed", range(3))
def test_whatever_becomes_of_documents_in_bufor_no_more_is_offered_than_is_left(
    seed: int, shop: Sandbox, house: Callable[..., House]
) -> None:
    step = {"id": "ro", "issue": "RO", "approve": False}
    watch = Watch(("main",))
    home = house(catalogue=[OFFER], flow={"preset": "", "step": [step]})
    watch.home = home
    chance = random.Random(seed)
    left, waiting = 10_000, []

    def is_left_once_asked() -> bool:
        home.pomost.store.pending.ask_drafts()
        return watch.now() == left

    for _ in range(8):
        act = chance.choice(("buy", "approve", "remove")) if waiting else "buy"
        if act == "buy":
            order = shop.place(lines=MUGS, paid=True)[0]
            left -= 3
            home.run_until_state(order, "done")
            waiting.append(home.documents(order)[0])
        else:
            document = waiting.pop(chance.randrange(len(waiting)))
            if act == "approve":
                home.ledger.approve("main", document.key)
            else:
                home.ledger.cancel("main", document.key)
                left += 3
        assert watch.now() <= left, f"after {act}, before anybody asked"
        home.run_until(is_left_once_asked)


class Between:
    """The ledger, with something happening right after it was asked what lies in stock."""

    def __init__(self, home: House, happens: Callable[[], None]) -> None:
        self._ledger = home.ledger
        self._happens = happens
        self.asked = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    def on_hand(self, company: str, skus: Any) -> Any:
        found = self._ledger.on_hand(company, skus)
        self.asked += 1
        if self.asked == 1:
            self._happens()
        return found


def test_goods_that_become_reserved_while_a_figure_is_made_are_not_offered(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(catalogue=[OFFER])
    pomost = home.pomost
    shop.place(lines=MUGS, paid=True)
    (looker,) = pomost.lookers
    looker.look_once()
    assert pomost.store.pending.totals(["main"], ["KUBEK-1"]) == {("main", "KUBEK-1"): 3}

    def reserved() -> None:
        """The RO is made and stored: what was pending is reserved now."""
        (claim,) = pomost.store.cases.claim("test", 1, 60, pomost.work.now())
        pomost.work.do(claim)
        assert pomost.store.pending.totals(["main"], ["KUBEK-1"]) == {}
        assert pomost.ledger.stock("main", "KUBEK-1")["MAG"].reserved == 3

    between = Between(home, reserved)
    rule = StockRule((("main", "MAG"),))
    offer = Offer(1, "sklep", "main", between, None, "1", stock={"bl_1": rule})  # type: ignore[arg-type]
    maker = StockMaker(offer, pomost.store.pending.totals)

    assert maker.figures(["KUBEK-1"])["KUBEK-1"]["bl_1"] == 9_997
    assert between.asked >= 1


def test_a_sweep_repairs_what_is_kept(shop: Sandbox, house: Callable[..., House]) -> None:
    home = house(catalogue=[OFFER])
    pending = home.pomost.store.pending
    shop.place(orders=3, lines=MUGS, paid=True)
    home.pomost.lookers[0].look_once()
    right = pending.totals(["main"], ["KUBEK-1"])
    assert right == {("main", "KUBEK-1"): 9}

    with home.pomost.store.database.writing() as connection:
        connection.execute(text("DELETE FROM pending WHERE case_id = 1"))
        connection.execute(text("UPDATE pending SET quantity = 70000 WHERE case_id = 2"))
        connection.execute(text("INSERT INTO pending VALUES (3, 'main', 'NIC', 10000)"))
    assert pending.sweep() == 2, "KUBEK-1 and NIC"
    assert pending.totals(["main"], ["KUBEK-1", "NIC"]) == right
    assert pending.sweep() == 0


def test_without_a_catalogue_nothing_is_kept(shop: Sandbox, house: Callable[..., House]) -> None:
    home = house()
    shop.place(lines=MUGS, paid=True)
    home.pomost.lookers[0].look_once()
    assert home.pomost.store.pending.totals(["main"], ["KUBEK-1"]) == {}
    assert home.pomost.listeners == []


def test_returns_and_orders_of_the_erp_are_never_pending(shop: Sandbox, house: Callable[..., House]) -> None:
    flows = [
        {"name": "sklep", "source": "baselinker", "company": "main", "preset": "ro-fs-wz"},
        {"name": "zwroty", "source": "baselinker", "company": "main", "preset": "returns"},
    ]
    home = house(catalogue=[OFFER], flows=flows, baselinker={"returns_s": 0.1})
    order, found = sold_and_returned(home, "Przyjęte")
    home.run_until(lambda: home.line(found) is not None and home.line(order) is not None)
    kinds = {line.source: line.external_id for line in home.pomost.store.queries.all()}
    assert kinds["baselinker.returns"] == str(found)
    # the order itself stands in a status that no flow takes: it counts by what was bought, the return by nothing
    assert home.pomost.store.pending.totals(["main"], ["KUBEK-1"]) == {("main", "KUBEK-1"): 2}
