"""Random lives of orders, through the real program, ledger and shop: buyers order, pay, change their minds and send back,
staff pack, goods arrive. Whatever happens in whatever order, the books agree with the shop in the end."""

from __future__ import annotations

import itertools
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pomost.ledger import receive_draft
from pomost.sandbox.baselinker import Sandbox, Settings
from pomost.trade.documents import Document
from tests.house import TODAY, House, stock_up

SKUS = ("KUBEK-1", "TALERZ-27")
SALE = {"name": "sklep", "source": "baselinker", "company": "main", "preset": "ro-fs-wz-cancel"}
RETURNS = {"name": "zwroty", "source": "baselinker", "company": "main", "preset": "returns"}
RESTING = {"done", "waiting", "person", "doubt", "stopped"}
FEW = 6

which = st.integers(0, 3)
act = st.one_of(
    st.tuples(st.just("order"), st.sampled_from(SKUS), st.integers(1, 4), st.booleans(), st.booleans()),
    st.tuples(st.sampled_from(["pay", "edit", "more", "pack", "cancel", "send-back"]), which),
    st.tuples(st.just("restock"), st.sampled_from(SKUS), st.integers(1, 5)),
    st.tuples(st.just("rest")),
)
lives = st.lists(act, min_size=6, max_size=14)


@dataclass
class Life:
    """A shop with few goods, and everything that was done in it."""

    folder: Path
    shop: Sandbox
    orders: list[int] = field(default_factory=list)
    returns: list[tuple[int, int]] = field(default_factory=list)
    goods: Counter[str] = field(default_factory=Counter)
    keys: Any = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.house = House(
            self.folder, self.shop, stocked=False, flows=[SALE, RETURNS], baselinker={"returns_s": 0.1}
        )
        stock_up(self.house.pomost, FEW)
        self.goods.update(dict.fromkeys(SKUS, FEW))
        self.house.run_until(lambda: True)

    def do(self, what: str, *how: Any) -> None:
        if what == "order":
            sku, quantity, company, paid = how
            lines = [{"sku": sku, "quantity": quantity}]
            nip = "123-456-32-18" if company else ""
            self.orders += self.shop.place(
                lines=lines, nip=nip, want_invoice=company, paid=paid, cod=not paid
            )
        elif what == "restock":
            sku, quantity = how
            price = {sku: (Decimal(quantity), Decimal("5.00"))}
            self.house.ledger.issue(receive_draft("main", "MAG", f"more-{next(self.keys)}", TODAY, price))
            self.goods[sku] += quantity
        elif what == "rest":
            self.rest()
        elif self.orders:
            self._to(what, self.orders[how[0] % len(self.orders)])

    def _to(self, what: str, order: int) -> None:
        shop, now = self.shop, self.shop.order(order)
        line = now["products"][0]
        if what == "pay":
            shop.pay(order)
        elif what == "edit":
            shop.edit(order, admin_comments=f"uwaga {next(self.keys)}")
        elif what == "more" and now["status"] in ("Nowe zamówienia", "W realizacji"):
            shop.edit_line(order, line["order_product_id"], quantity=line["quantity"] + 1)
        elif what == "pack" and now["status"] == "W realizacji":
            shop.move(order, "Spakowane")
        elif what == "cancel" and now["status"] != "Wysłane":
            shop.cancel(order)
        elif what == "send-back" and now["status"] == "Wysłane":
            found = shop.return_goods(order, {line["order_product_id"]: 1})
            shop.move_return(found, "Przyjęte")
            self.returns.append((order, found))

    def rest(self, quiet_s: float = 1.2) -> None:
        """Until nothing moves any more."""
        last, since = self._picture(), time.monotonic()
        end = since + 60
        while time.monotonic() - since < quiet_s:
            assert time.monotonic() < end, f"it never comes to rest: {last}"
            time.sleep(0.05)
            now = self._picture()
            if now != last or not self._at_rest():
                last, since = now, time.monotonic()

    def _picture(self) -> Any:
        lines = self.house.pomost.store.queries.all()
        return (
            [(line.number, line.state, str(line.waits)) for line in lines],
            [(order["order_id"], order["status"]) for order in self.shop.orders()],
            len(self.house.ledger.documents()),
        )

    def _at_rest(self) -> bool:
        lines = self.house.pomost.store.queries.all()
        return len(lines) >= len(self.orders) + len(self.returns) and all(
            line.state in RESTING for line in lines
        )

    # --- what must hold --------------------------------------------------------------------------------------------

    def check(self) -> None:
        for order in self.orders:
            self._one_document_for_each_step(order)
            self._sums_agree(order)
            self._every_zloty_is_somewhere(order)
        self._goods_agree()

    def _in_force(self, order: int, *kinds: str) -> list[Document]:
        return [one for one in self.house.documents(order) if one.kind in kinds and one.state != "cancelled"]

    def _one_document_for_each_step(self, order: int) -> None:
        kinds = Counter(
            "SALE" if one.kind in ("FS", "PA") else one.kind for one in self.house.documents(order)
        )
        sent_back = sum(of == order for of, _found in self.returns)
        assert max((kinds[kind] for kind in ("RO", "SALE", "WZ")), default=0) <= 1, (order, kinds)
        assert kinds["FSK"] + kinds["PAK"] <= sent_back, (order, kinds)
        assert kinds["WZK"] <= sent_back, (order, kinds)

    def _sums_agree(self, order: int) -> None:
        """What was sold is what the shop says, unless the order waits for a person who is told so."""
        raw = self.shop.order(order)
        total = sum(Decimal(str(one["price_brutto"])) * one["quantity"] for one in raw["products"])
        total += Decimal(str(raw["delivery_price"]))
        for sale in self._in_force(order, "FS", "PA"):
            if self.house.state(order) == "done":
                assert sale.gross == total, (order, sale.number, sale.gross, total)
            else:
                assert self.house.waits(order).get("text"), (order, self.house.state(order))

    def _every_zloty_is_somewhere(self, order: int) -> None:
        """On a document in force, named as to be refunded, or on an order that says what it waits for."""
        paid = Decimal(str(self.shop.order(order)["payment_done"]))
        if not paid:
            return
        sales, waits = self._in_force(order, "FS", "PA"), self.house.waits(order)
        if self.house.state(order) != "done":
            assert waits.get("code"), (order, self.house.state(order), waits)
        elif not sales:
            assert waits.get("code") in ("flow.undone", "flow.cancelled"), (order, waits)
        for sale in sales:
            stand = self.house.ledger.settlement("main", sale.key)
            back = -sum(one.gross for one in self._in_force(order, "FSK", "PAK"))
            assert stand.owed == sale.gross - back, (order, stand)
            assert stand.refund == max(stand.paid - stand.owed, Decimal(0)), (order, stand)

    def _goods_agree(self) -> None:
        for sku in SKUS:
            moved = Counter[str]()
            for one in self.house.ledger.documents():
                if one.state == "approved" and one.kind in ("WZ", "WZK"):
                    for line in one.lines:
                        moved[line.sku] += int(line.quantity)
            stock = self.house.ledger.stock("main", sku)["MAG"]
            assert stock.quantity == self.goods[sku] - moved[sku], (sku, stock, moved, self.goods)
            assert 0 <= stock.reserved <= stock.quantity, (sku, stock)


def live(acts: list[tuple[Any, ...]]) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        Sandbox(settings=Settings(limit=0), seed=0) as shop,
    ):
        life = Life(Path(folder), shop)
        try:
            for one in acts:
                life.do(*one)
            life.rest()
            life.check()
        finally:
            life.house.stop()


SLOW_STARTS = [HealthCheck.too_slow, HealthCheck.data_too_large]


@settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=SLOW_STARTS,
)
@given(lives)
def test_a_few_random_lives_of_orders_end_with_books_that_agree(acts: list[tuple[Any, ...]]) -> None:
    live(acts)


@pytest.mark.slow
@settings(max_examples=60, deadline=None, phases=[Phase.generate], suppress_health_check=SLOW_STARTS)
@given(lives)
def test_many_random_lives_of_orders_end_with_books_that_agree(acts: list[tuple[Any, ...]]) -> None:
    live(acts)


def test_a_whole_life_in_which_everything_happens() -> None:
    live(
        [
            ("order", "KUBEK-1", 3, True, True),
            ("order", "KUBEK-1", 4, False, True),
            ("order", "TALERZ-27", 2, False, False),
            ("rest",),
            ("more", 0),
            ("rest",),
            ("pack", 0),
            ("pack", 2),
            ("rest",),
            ("send-back", 0),
            ("pay", 2),
            ("restock", "KUBEK-1", 5),
            ("rest",),
            ("cancel", 1),
            ("send-back", 2),
            ("order", "TALERZ-27", 1, True, True),
            ("cancel", 3),
        ]
    )
