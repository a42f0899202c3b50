"""Random lives of orders that are paid in advance: in parts, too much, too late, or given up with money paid.

Whatever is paid in whatever order: FZAL + FS - FSK is what is owed, rate by rate, to the grosz; and every zloty that came
in stands on a document, or is named as to be refunded.
"""

from __future__ import annotations

import random
import re
from typing import Any

import pytest

from tests.properties.life import (
    CANCELLED,
    IN_PROGRESS,
    NEW,
    PACKED,
    SENT,
    D,
    Life,
    live,
    owed_for,
    rows_of,
    seeds,
)

SKUS = ("KUBEK-1", "SYROP-MAL", "MIOD-LIP", "KOLKI-08")
NIP = "123-456-32-18"
OPEN = (NEW, IN_PROGRESS)


class Advances(Life):
    acts = {
        "order": 5, "pay_part": 7, "pay_all": 2, "pay_too_much": 2, "pay_late": 1, "more": 1, "edit": 1, "pack": 3, "cancel": 2,
        "settle": 4, "pause": 2,
    }  # fmt: skip
    length = (10, 18)

    def choose(self) -> None:
        self.preset = self.chance.choice(["fpf-fzal-fs", "ro-fzal-fs"])
        self.final = self.chance.choice(["due", "always"])
        self.told.append(f"flow {self.preset}, final invoice: {self.final}")

    def wanted(self) -> dict[str, Any]:
        return {"flow": {"preset": self.preset}, "rules": {"final_invoice": self.final}}

    def opening(self) -> None:
        super().opening()
        for sku in SKUS:
            self.bring(sku, 500)

    def order(self, chance: random.Random) -> str:
        skus = chance.sample(SKUS, chance.randint(1, 3))
        lines = [{"sku": sku, "quantity": chance.randint(1, 7)} for sku in skus]
        delivery = "14.99" if skus == ["KUBEK-1"] else "0"
        return self.place(
            lines=lines, nip=NIP, paid=False, cod=chance.random() < 0.3, delivery_price=delivery
        )

    def pay_part(self, chance: random.Random) -> str | None:
        """Something of what is left to pay, however little."""
        order = self.some(chance, *OPEN, PACKED)
        left = 0 if order is None else int((self.total(order) - self.paid(order)) * 100)
        if order is None or left < 2:
            return None
        part = D(chance.choice([1, left - 1, chance.randint(1, left)])) / 100
        self.shop.pay(order, self.paid(order) + part)
        return f"{part} for {order}"

    def pay_all(self, chance: random.Random) -> str | None:
        order = self.some(chance, *OPEN, PACKED)
        if order is None or self.paid(order) >= self.total(order):
            return None
        self.shop.pay(order)
        return f"for {order}"

    def pay_too_much(self, chance: random.Random) -> str | None:
        order = self.some(chance, *OPEN)
        if order is None or self.paid(order) >= self.total(order):
            return None
        extra = D(chance.randint(1, 2000)) / 100
        self.shop.pay(order, self.total(order) + extra)
        return f"{extra} for {order}"

    def pay_late(self, chance: random.Random) -> str | None:
        """A transfer that was under way when the order was given up."""
        order = self.some(chance, CANCELLED)
        if order is None or self.paid(order) >= self.total(order):
            return None
        self.shop.pay(order)
        return f"for {order}"

    def total(self, order: int) -> Any:
        return sum(self.worth(order).values(), D(0))

    # --- what must hold -----------------------------------------------------------------------------------------------

    def check(self) -> None:
        for order in self.orders:
            self.at_most_one(order, "FPF", "RO", "WZ", "SALE")
            self.names_what_it_waits_for(order)
            self._charged_is_owed(order)
            self._every_zloty_is_somewhere(order)
        self.stock_agrees("main", SKUS)
        self.reserved_agrees("main", SKUS)

    def _charged_is_owed(self, order: int) -> None:
        charged = rows_of(self.made(order, "FZAL", "FS", "FSK"))
        owed = owed_for(self.worth(order))
        if self.status(order) == SENT and self.made(order, "FS"):
            assert charged == owed, (order, charged, owed)
        elif self.status(order) == SENT:
            # no final invoice evens out what each advance rounded by itself (art. 106f sec. 3)
            most = D("0.01") * len(self.made(order, "FZAL"))
            assert charged.keys() == owed.keys(), (order, charged, owed)
            for rate, (_, tax, gross) in charged.items():
                assert gross == owed[rate][2], (order, rate, charged, owed)
                assert abs(tax - owed[rate][1]) <= most, (order, rate, charged, owed)
        if self.house.waits(order).get("code") == "flow.undone":
            assert charged == {}, (order, charged)

    def _every_zloty_is_somewhere(self, order: int) -> None:
        """What was paid stands on documents; what is over is to be refunded; what was given up is named."""
        advances, finals = self.made(order, "FZAL"), self.made(order, "FS")
        paid, state, waits = self.paid(order), self.house.state(order), self.house.waits(order)
        stands = [self.house.ledger.settlement("main", one.key) for one in (*advances, *finals)]
        booked = sum((stand.paid for stand in stands), D(0))
        refund = sum((stand.refund for stand in stands), D(0))
        if state == "person":
            return
        if waits.get("code") in ("flow.undone", "flow.cancelled"):
            assert booked == refund <= paid, (order, booked, refund, paid)
            # in all: what was paid when it was given up, and what came later
            named = re.findall(r"to be refunded(?: too)?: ([\d.]+) PLN", waits["text"], re.IGNORECASE)
            assert sum(map(D, named)) == paid, (order, paid, waits)
            return
        assert booked == paid, (order, booked, paid, self.status(order), waits)
        charged = sum((one.gross for one in self.made(order, "FZAL", "FS", "FSK")), D(0))
        over = max(paid - max(charged, self.total(order)), D(0))
        assert refund == over, (order, refund, over, stands)

    def end(self) -> None:
        self.rest()
        if self.seed % 4:
            self.pack_all()


@seeds(3, 1)
def test_a_few_lives_with_advances(seed: int, request: pytest.FixtureRequest) -> None:
    live(Advances, seed, request)


@pytest.mark.slow
@seeds(100, 40)
def test_many_lives_with_advances(seed: int, request: pytest.FixtureRequest) -> None:
    live(Advances, seed, request)


@pytest.mark.slow
@seeds(200, 8)
def test_hard_lives_with_advances(seed: int, request: pytest.FixtureRequest) -> None:
    live(Advances, seed, request, hard=True)
