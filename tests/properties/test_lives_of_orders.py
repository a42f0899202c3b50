"""Random lives of orders, through the real program, ledger and shop: buyers order, pay, change their minds and send back,
staff pack, goods arrive. Whatever happens in whatever order, the books agree with the shop in the end."""

from __future__ import annotations

import random
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from tests.properties.life import (
    CANCELLED,
    SALES,
    SENT,
    D,
    Life,
    live,
    owed_for,
    rows_of,
    seeds,
)

SKUS = ("KUBEK-1", "TALERZ-27", "SYROP-MAL")
SALE = {"name": "sklep", "source": "baselinker", "company": "main", "preset": "ro-fs-wz-cancel"}
RETURNS = {"name": "zwroty", "source": "baselinker", "company": "main", "preset": "returns"}


class Orders(Life):
    """Few goods; orders are paid at any moment, grow, are cancelled, and come back."""

    preset = "ro-fs-wz-cancel"
    acts = {
        "order": 6, "pay": 2, "edit": 1, "more": 2, "pack": 4, "cancel": 2, "send_back": 3, "restock": 2,
        "settle": 3, "pause": 2,
    }  # fmt: skip

    def wanted(self) -> dict[str, Any]:
        return {"flows": [SALE, RETURNS]}

    def opening(self) -> None:
        super().opening()
        for sku in SKUS:
            self.bring(sku, 6)

    def order(self, chance: random.Random) -> str:
        lines = [
            {"sku": sku, "quantity": chance.randint(1, 4)}
            for sku in chance.sample(SKUS, chance.randint(1, 2))
        ]
        company, paid = chance.random() < 0.5, chance.random() < 0.6
        nip = "123-456-32-18" if company else ""
        return self.place(
            lines=lines, nip=nip, want_invoice=company, paid=paid, cod=not paid, delivery_price="0"
        )

    def pay(self, chance: random.Random) -> str | None:
        order = self.some(chance)
        if order is not None:
            self.shop.pay(order)
        return None if order is None else str(order)

    def send_back(self, chance: random.Random) -> str | None:
        order = self.some(chance, SENT)
        if order is None:
            return None
        line = chance.choice(self.shop.order(order)["products"])
        found = self.shop.return_goods(order, {line["order_product_id"]: 1})
        self.shop.move_return(found, "Przyjęte")
        self.returns.append((order, found))
        return f"one {line['sku']} of {order} as {found}"

    def restock(self, chance: random.Random) -> str:
        return self.bring(chance.choice(SKUS), chance.randint(1, 5))

    def end(self) -> None:
        self.rest()
        if self.seed % 4:
            self.pack_all()

    # --- what must hold -----------------------------------------------------------------------------------------------

    def check(self) -> None:
        for order in self.orders:
            self.at_most_one(order, "RO", "SALE", "WZ")
            self._returns_are_corrected_once(order)
            self._sums_agree(order)
            self._every_zloty_is_somewhere(order)
        self.stock_agrees("main", SKUS)
        self.reserved_agrees("main", SKUS)

    def _returns_are_corrected_once(self, order: int) -> None:
        kinds = Counter(self.house.kinds(order))
        sent_back = sum(of == order for of, _found in self.returns)
        assert kinds["FSK"] + kinds["PAK"] <= sent_back, (order, kinds)
        assert kinds["WZK"] <= sent_back, (order, kinds)
        done = [found for of, found in self.returns if of == order and self.house.state(found) == "done"]
        assert kinds["FSK"] + kinds["PAK"] >= len(done), (order, kinds, done)

    def _sums_agree(self, order: int) -> None:
        """What was sold is what the shop says, rate by rate, unless the order waits for a person who is told so."""
        self.names_what_it_waits_for(order)
        sales = self.made(order, *SALES)
        if sales and self.house.state(order) == "done" and self.status(order) != CANCELLED:
            assert rows_of(sales) == owed_for(self.worth(order)), order

    def _every_zloty_is_somewhere(self, order: int) -> None:
        """On a document in force, named as to be refunded, or on an order that says what it waits for."""
        sales, waits = self.made(order, *SALES), self.house.waits(order)
        if self.paid(order) and self.house.state(order) == "done" and not sales:
            assert waits.get("code") in ("flow.undone", "flow.cancelled"), (order, waits)
            assert "To be refunded" in waits["text"], (order, waits)
        for sale in sales:
            stand = self.house.ledger.settlement("main", sale.key)
            back = -sum((one.gross for one in self.made(order, "FSK", "PAK")), D(0))
            assert stand.owed == sale.gross - back, (order, stand)
            assert stand.refund == max(stand.paid - stand.owed, Decimal(0)), (order, stand)


def test_a_whole_life_in_which_everything_happens(request: pytest.FixtureRequest) -> None:
    live(Whole, 0, request)


class Whole(Orders):
    """The same life each time, in which each thing happens at least once."""

    def live(self) -> None:
        shop, nip = self.shop, "123-456-32-18"
        for quantity, company, paid, sku in (
            (3, 1, 1, "KUBEK-1"),
            (4, 0, 1, "KUBEK-1"),
            (2, 0, 0, "TALERZ-27"),
        ):
            line = {"sku": sku, "quantity": quantity}
            self.place(
                lines=[line], nip=nip if company else "", paid=bool(paid), cod=not paid, delivery_price="0"
            )
        first, second, third = self.orders
        self.rest()
        line = shop.order(first)["products"][0]
        shop.edit_line(first, line["order_product_id"], quantity=4)
        self.bring("KUBEK-1", 5)
        self.rest()
        shop.move(first, "Spakowane")
        shop.move(third, "Spakowane")
        self.rest()
        assert [self.status(one) for one in (first, third)] == [SENT, SENT]
        found = shop.return_goods(first, {line["order_product_id"]: 1})
        shop.move_return(found, "Przyjęte")
        self.returns.append((first, found))
        shop.pay(third)
        self.rest()
        shop.cancel(second)
        self.rest()
        self.check()
        assert Counter(self.house.kinds(first)) == Counter(["RO", "FS", "WZ", "FSK", "WZK"])
        assert self.house.waits(second)["code"] == "flow.undone"


@seeds(1, 1)
def test_a_few_lives_of_orders(seed: int, request: pytest.FixtureRequest) -> None:
    live(Orders, seed, request)


@pytest.mark.slow
@seeds(100, 60)
def test_many_lives_of_orders(seed: int, request: pytest.FixtureRequest) -> None:
    live(Orders, seed, request)


@pytest.mark.slow
@seeds(200, 8)
def test_hard_lives_of_orders(seed: int, request: pytest.FixtureRequest) -> None:
    live(Orders, seed, request, hard=True)
