"""Random lives of goods: products made for orders, kits sold as what is in them, goods in several warehouses, goods that
are short.

Nothing is ever below zero, nothing appears or disappears, what is made costs what was used, the oldest order comes first,
and once goods suffice everybody has been served.
"""

from __future__ import annotations

import random
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from tests.properties.life import (
    CANCELLED,
    IN_PROGRESS,
    PACKED,
    SALES,
    SENT,
    D,
    Life,
    live,
    owed_for,
    rows_of,
    seeds,
)

SHORT, AWAITING = "Braki", "Oczekuje na dostawę"
NIP = "123-456-32-18"


class Goods(Life):
    """What lives of goods have in common: in the end enough comes, all that is packed is sent, and every sum agrees."""

    skus: tuple[str, ...] = ()

    def wait_for_all(self) -> None:
        """Everything that was not given up is packed and sent, with nobody acting."""

        def sent() -> bool:
            self.pack_all()
            return all(self.status(order) in (SENT, CANCELLED) for order in self.orders)

        self.until(sent, "every order is sent once goods suffice")

    def check(self) -> None:
        for order in self.orders:
            self.at_most_one(order, "RO", "SALE", "WZ")
            if self.status(order) == SENT:
                assert self.house.state(order) == "done", (order, self.house.waits(order))
                assert rows_of(self.made(order, *SALES)) == owed_for(self.worth(order)), order
                self.sent_is_ordered(order)
            else:
                assert self.house.waits(order).get("code") in ("flow.undone", "flow.cancelled", None, ""), (
                    order
                )
                assert not self.made(order, "RO", *SALES, "WZ"), (order, self.house.kinds(order))
        self.check_goods()
        self.reserved_agrees("main", self.skus)

    def check_goods(self) -> None:
        self.stock_agrees("main", self.skus)

    def check_at_rest(self) -> None:
        self.check_goods()

    def sent_is_ordered(self, order: int) -> None:
        ordered, issued = Counter[str](), Counter[str]()
        for line in self.shop.order(order)["products"]:
            ordered[line["sku"]] += int(line["quantity"])
        for one in self.made(order, "WZ"):
            for line in one.lines:
                if not line.service:
                    issued[line.sku] += line.quantity  # type: ignore[assignment]
        assert issued == ordered, (order, issued, ordered)


# --- kits -------------------------------------------------------------------------------------------------------------

BOX, LARGE = "ZESTAW", "DUZY"
PRICES = {BOX: "59.90", LARGE: "149.00", "KUBEK": "20.00"}


class Products(Goods):
    """A box is made of two mugs and some tea, a large set of two boxes and a mug. ``steady``: each mug costs the same."""

    preset = "kits"
    skus = ("KUBEK", "HERBATA", BOX, LARGE)
    acts = {
        "order": 6, "more": 2, "pack": 4, "cancel": 2, "restock": 3, "boxes": 1, "settle": 3, "pause": 2, "edit": 1,
    }  # fmt: skip

    def choose(self) -> None:
        self.steady = self.chance.random() < 0.5
        self.grown = Counter[int]()
        self.told.append("each piece costs the same" if self.steady else "costs vary")

    def opening(self) -> None:
        tea = {"quantity": 200, "unit": "g", "base": 1, "of": 1000, "loss": 5}
        self.house.ledger.setup.put_items(
            "main",
            [
                {"sku": "KUBEK", "name": "Kubek", "vat": "23", "prices": {"detal": D("20.00")}},
                {
                    "sku": "HERBATA",
                    "name": "Herbata",
                    "vat": "8",
                    "unit": "kg",
                    "prices": {"detal": D("80.00")},
                },
                {"sku": BOX, "name": "Zestaw", "vat": "23", "recipe": {"KUBEK": 2, "HERBATA": tea}},
            ],
        )
        self.house.ledger.setup.put_items(
            "main", [{"sku": LARGE, "name": "Duży zestaw", "vat": "23", "recipe": {BOX: 2, "KUBEK": 1}}]
        )
        self.bring("KUBEK", 8)
        self.bring("HERBATA", "1.05", "40.00")

    def order(self, chance: random.Random) -> str:
        skus = chance.choice([(BOX,), (BOX,), (LARGE,), ("KUBEK",), (BOX, "KUBEK"), (LARGE, BOX)])
        lines = [
            {
                "sku": sku,
                "name": sku,
                "quantity": chance.randint(1, 2),
                "price_brutto": PRICES[sku],
                "tax_rate": 23,
            }
            for sku in skus
        ]
        return self.place(lines=lines, nip=NIP, paid=True, delivery_price="0")

    def more(self, chance: random.Random) -> str | None:
        told = super().more(chance)
        if told is not None:
            self.grown[int(told.split()[1].rstrip(":"))] += 1
        return told

    def restock(self, chance: random.Random) -> str:
        cost = "5.00" if self.steady else f"{chance.randint(300, 999) / 100:.2f}"
        told = self.bring("KUBEK", chance.randint(1, 6), cost)
        tea = "40.00" if self.steady else f"{chance.randint(3000, 5000) / 100:.2f}"
        return f"{told}; {self.bring('HERBATA', '0.42', tea)}"

    def boxes(self, _chance: random.Random) -> str:
        return self.bring(BOX, 1, "18.40" if self.steady else "17.77")

    def end(self) -> None:
        self.bring("KUBEK", 300)
        self.bring("HERBATA", 30, "40.00")
        self.wake()
        self.wait_for_all()

    def check_at_rest(self) -> None:
        super().check_at_rest()
        for order in self.orders:
            self._made_costs_what_was_used(order)
            self._made_once_for_each_need(order)
        if self.steady:
            # 18.40 is 2 x 5.00 + 0.21 kg x 40.00; whatever was made, moved and taken apart, a piece is worth its parts
            for sku, cost in (("KUBEK", "5.00"), ("HERBATA", "40.00"), (BOX, "18.40"), (LARGE, "41.80")):
                level = self.house.ledger.stock("main", sku)["MAG"]
                assert level.value == level.quantity * D(cost), (sku, level)

    def _made_costs_what_was_used(self, order: int) -> None:
        products = [one for one in self.house.documents(order) if one.kind == "PWP"]
        used = [one for one in self.house.documents(order) if one.kind == "RWS"]
        assert len(products) == len(used), (order, self.house.kinds(order))
        for made, taken in zip(products, used, strict=True):
            assert made.net == taken.net, (order, made.number, made.net, taken.net)
            assert made.state == taken.state, (order, made.number)

    def _made_once_for_each_need(self, order: int) -> None:
        """One PWP for the order, and one more at most for each time it grew; never more of a product than is needed."""
        made = [one for one in self.house.documents(order) if one.kind == "PWP"]
        assert len(made) <= 1 + self.grown[order], (order, len(made), self.grown[order])
        needed, pieces = Counter[str](), Counter[str]()
        for line in self.shop.order(order)["products"]:
            needed[line["sku"]] += int(line["quantity"])
        needed[BOX] += 2 * needed[LARGE]
        for one in made:
            for row in one.lines:
                pieces[row.sku] += row.quantity  # type: ignore[assignment]
        assert all(pieces[sku] <= needed[sku] for sku in pieces), (order, pieces, needed)


class Kits(Products):
    """The same box by rule never made: what is in it is sold."""

    preset = "ro-fs-wz-cancel"
    skus = ("KUBEK", "HERBATA", BOX)

    def wanted(self) -> dict[str, Any]:
        return {"flow": {"preset": self.preset}, "rules": {"kits": "components", "kit_level": "detal"}}

    def order(self, chance: random.Random) -> str:
        line = {
            "sku": BOX,
            "name": BOX,
            "quantity": chance.randint(1, 3),
            "price_brutto": "59.90",
            "tax_rate": 23,
        }
        return self.place(lines=[line], nip=NIP, paid=True, delivery_price="0")

    def boxes(self, chance: random.Random) -> None:
        return None

    def check(self) -> None:
        for order in self.orders:
            self.at_most_one(order, "RO", "SALE", "WZ", "PWP")
            if self.status(order) != SENT:
                assert not self.made(order, "RO", *SALES, "WZ"), (order, self.house.kinds(order))
                continue
            boxes = sum(line["quantity"] for line in self.shop.order(order)["products"])
            (sale,), (issue,) = self.made(order, *SALES), self.made(order, "WZ")
            assert sale.gross == sum(self.worth(order).values()), (order, sale.gross, self.worth(order))
            sold = {
                one.kind: [
                    sum((line.quantity for line in one.lines if line.sku == sku), D(0))
                    for sku in ("KUBEK", "HERBATA")
                ]
                for one in (sale, issue)
            }
            assert list(sold.values()) == [[2 * boxes, D("0.2") * boxes]] * 2, (order, boxes, sold)
        self.check_goods()
        self.reserved_agrees("main", self.skus)


# --- several warehouses -----------------------------------------------------------------------------------------------

WAREHOUSES = ("MAG", "SKLEP", "ZAPAS")
TWO = ("KUBEK-1", "TALERZ-27")


class Queue(Goods):
    """Orders that wait for goods: the oldest first, none waits for what is there, none is promised what is not."""

    preset = "shortage"
    skus = TWO
    warehouses: tuple[str, ...] = ("MAG",)
    acts = {"order": 7, "pack": 3, "cancel": 2, "restock": 5, "settle": 4, "pause": 2, "edit": 1}

    def order(self, chance: random.Random) -> str:
        skus = chance.sample(TWO, chance.choice([1, 1, 2]))
        lines = [{"sku": sku, "quantity": chance.randint(1, 4)} for sku in skus]
        return self.place(lines=lines, nip=NIP, paid=True, delivery_price="0")

    def restock(self, chance: random.Random) -> str:
        return self.bring(chance.choice(TWO), chance.randint(1, 4), warehouse=chance.choice(self.warehouses))

    def end(self) -> None:
        # what is needed and no more, so that nobody may get it twice
        for sku in TWO:
            wanted = sum(self._needs(order)[sku] for order in self.orders if self._is_open(order))
            there = sum(level.quantity for level in self.house.ledger.stock("main", sku).values())
            if wanted > there:
                self.told.append(self.bring(sku, str(wanted - there), warehouse=self.warehouses[-1]))
        self.wait_for_all()

    def _needs(self, order: int) -> Counter[str]:
        return Counter({one["sku"]: int(one["quantity"]) for one in self.shop.order(order)["products"]})

    def _is_open(self, order: int) -> bool:
        return self.status(order) not in (SENT, CANCELLED)

    def check_at_rest(self) -> None:
        """Goods are given to reservations by age; whoever gets all of them goes on, and nobody else."""
        super().check_at_rest()
        there = {
            sku: sum((level.quantity for level in self.house.ledger.stock("main", sku).values()), D(0))
            for sku in TWO
        }
        aged = [
            int(one.foreign_number)
            for one in self.house.ledger.documents("main", kind="RO")
            if one.state == "approved" and int(one.foreign_number) in self.orders
        ]
        going = [order for order in aged if self.status(order) in (IN_PROGRESS, PACKED)]
        promised = Counter[str]()
        for order in going:
            promised.update(self._needs(order))
        assert all(promised[sku] <= there[sku] for sku in TWO), ("oversold", promised, there)
        for order in aged:
            needs = self._needs(order)
            if not self._is_open(order):
                continue
            got = {sku: min(Decimal(needs[sku]), max(there[sku], D(0))) for sku in needs}
            enough = all(got[sku] == needs[sku] for sku in needs)
            for sku, quantity in needs.items():
                there[sku] -= quantity
            if self.status(order) in (SHORT, AWAITING):
                assert not enough, ("it waits though its turn has come", order, needs, got)
            else:
                assert enough, ("it goes on before its turn", order, self.status(order), needs, got)


class Warehouses(Queue):
    """The same where goods lie in three warehouses, and are brought to the one that sends."""

    preset = "gather-ro-fs-wz"
    warehouses = WAREHOUSES

    def wanted(self) -> dict[str, Any]:
        codes = [{"company": "main", "code": code} for code in WAREHOUSES]
        return {"flow": {"preset": self.preset, "warehouse": "MAG"}, "warehouses": codes}

    def check_at_rest(self) -> None:
        super().check_at_rest()
        for order in self.orders:
            moved, needed = Counter[str](), self._needs(order)
            for one in self.made(order, "MM"):
                assert (one.target, one.warehouse != "MAG") == ("MAG", True), (order, one.number)
                for line in one.lines:
                    moved[line.sku] += line.quantity  # type: ignore[assignment]
            assert all(moved[sku] <= needed[sku] for sku in moved), ("moved too much", order, moved, needed)
        for sku in TWO:
            levels = self.house.ledger.stock("main", sku).values()
            came = sum(n for (_, _, one), n in self.brought.items() if one == sku)
            went = sum(
                line.quantity
                for one in self.house.ledger.documents("main", kind="WZ")
                if one.state == "approved"
                for line in one.lines
                if line.sku == sku
            )
            assert sum(level.quantity for level in levels) == came - went, (sku, "MM must sum to zero")
            assert sum(level.value for level in levels) == (came - went) * 5, (sku, "and keep what it cost")


ALL = [Products, Kits, Queue, Warehouses]
EACH = pytest.mark.parametrize("kind", ALL, ids=[kind.__name__.lower() for kind in ALL])


@EACH
@seeds(1, 1)
def test_a_few_lives_of_goods(kind: type[Life], seed: int, request: pytest.FixtureRequest) -> None:
    live(kind, seed, request)


@pytest.mark.slow
@EACH
@seeds(100, 25)
def test_many_lives_of_goods(kind: type[Life], seed: int, request: pytest.FixtureRequest) -> None:
    live(kind, seed, request)


@pytest.mark.slow
@EACH
@seeds(200, 5)
def test_hard_lives_of_goods(kind: type[Life], seed: int, request: pytest.FixtureRequest) -> None:
    live(kind, seed, request, hard=True)
