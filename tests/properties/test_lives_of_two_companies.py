"""Random lives of orders of two companies of one owner: one sells in the channel, the other holds the goods.

What the second sold is what the first bought, document by document and to the grosz, and what it issued is what arrived.
"""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest

from pomost.trade.documents import Document
from tests.faults.harness import COMPANIES
from tests.properties.life import (
    CANCELLED,
    NEW,
    SALES,
    SENT,
    D,
    Life,
    live,
    owed_for,
    rows_of,
    seeds,
)

CARDS = {"KUBEK-1": ("23", "15.00"), "SYROP-MAL": ("8", "11.11"), "KOLKI-08": ("23", "0.21")}
"""SKU -> VAT rate, and gross price between the companies."""
NIP = "123-456-32-18"


class TwoCompanies(Life):
    """``preset`` two-companies-purchase; whatever is cancelled is undone in both companies."""

    preset = "two-companies-purchase"
    undone: tuple[str, ...] = ("ro", "second-ro", "second-fs", "second-wz", "fz", "pz", "sale", "wz")
    closed_by: dict[str, tuple[str, ...]] = {"main": ("WZ",), "hurt": ("WZ",)}
    """What ends a reservation of each company."""
    acts = {"order": 6, "pack": 4, "cancel": 2, "restock": 3, "edit": 1, "more": 1, "settle": 3, "pause": 2}

    def choose(self) -> None:
        self.prices = self.chance.choice(["level:HURT", "margin:7", "order"])
        self.told.append(f"prices between the companies: {self.prices}")

    def wanted(self) -> dict[str, Any]:
        cancel = {"id": "cancel", "cancel": list(self.undone), "after": []}
        second_ro = {
            "id": "second-ro",
            "issue": "RO",
            "company": "hurt",
            "prices": self.prices,
            **self.deliver(),
        }
        flow = {"preset": self.preset, "step": [second_ro, cancel]}
        return {"company": COMPANIES, "flow": flow}

    def deliver(self) -> dict[str, Any]:
        return {}

    def opening(self) -> None:
        cards = [{"sku": sku, "name": sku, "vat": vat} for sku, (vat, _) in CARDS.items()]
        self.house.ledger.setup.add_items("main", cards)
        priced = [{**card, "prices": {"HURT": D(CARDS[card["sku"]][1])}} for card in cards]
        self.house.ledger.setup.add_items("hurt", priced)
        for sku in CARDS:
            self.bring(sku, 6, "0.17" if sku == "KOLKI-08" else "8.03", company="hurt")

    def order(self, chance: random.Random) -> str:
        skus = chance.sample(list(CARDS), chance.randint(1, 3))
        lines = [{"sku": sku, "quantity": chance.randint(1, 5)} for sku in skus]
        return self.place(lines=lines, nip=NIP, paid=True, delivery_price="0")

    def restock(self, chance: random.Random) -> str:
        sku = chance.choice(list(CARDS))
        cost = f"{chance.randint(11, 20) / 100 if sku == 'KOLKI-08' else chance.randint(600, 999) / 100:.2f}"
        return self.bring(sku, chance.randint(1, 6), cost, company="hurt")

    def end(self) -> None:
        for sku in CARDS:
            self.bring(sku, 100, "0.17" if sku == "KOLKI-08" else "8.00", company="hurt")
        self.wake()

        def resting() -> bool:
            self.pack_all()
            return all(self.status(one) in (SENT, CANCELLED) or self._asks(one) for one in self.orders)

        self.until(resting, "every order is sent once goods suffice, or a person is asked")

    def _asks(self, order: int) -> bool:
        return self.house.state(order) == "person"

    # --- what must hold -----------------------------------------------------------------------------------------------

    def of(self, order: int, company: str, *kinds: str) -> list[Document]:
        """Documents in force of the order in one company; those of a purchase name it in an attribute."""
        return [
            one
            for one in self.house.ledger.documents(company)
            if one.kind in kinds
            and one.state != "cancelled"
            and str(order) in (one.foreign_number, one.attributes.get("ORDER_ID", ""))
        ]

    def check_at_rest(self) -> None:
        for company in ("main", "hurt"):
            self.stock_agrees(company, CARDS)
        for order in self.orders:
            self.at_most_one(order, "RO", "SALE", "WZ", "FZ", "PZ")
            self.bought_is_sold(order)

    def check(self) -> None:
        for order in self.orders:
            self.names_what_it_waits_for(order)
            if self.status(order) == SENT:
                assert rows_of(self.of(order, "main", *SALES)) == owed_for(self.worth(order)), order
            if self.house.waits(order).get("code") == "flow.undone":
                for company in ("main", "hurt"):
                    kinds = ("RO", "FS", "PA", "WZ", "FZ", "PZ")
                    assert not self.of(order, company, *kinds), (order, company)
        for company, kinds in self.closed_by.items():
            self.reserved_agrees(company, CARDS, kinds)
        # of an order that waits for a person, changed between sale and purchase, the purchase may still be missing
        told = {str(order) for order in self.orders if self._asks(order)}
        sold, bought = (
            [
                one
                for one in self.house.ledger.documents(company, kind=kind)
                if one.state == "approved" and not {one.foreign_number, one.attributes.get("ORDER_ID")} & told
            ]
            for company, kind in (("hurt", "FS"), ("main", "FZ"))
        )
        assert rows_of(sold) == rows_of(bought)

    def bought_is_sold(self, order: int) -> None:
        sold, bought = self.of(order, "hurt", "FS"), self.of(order, "main", "FZ")
        issued, received = self.of(order, "hurt", "WZ"), self.of(order, "main", "PZ")
        if bought:
            assert rows_of(sold) == rows_of(bought), (order, rows_of(sold), rows_of(bought))
            assert pieces(sold) == pieces(bought), order
            assert pieces(issued) == pieces(sold), (order, "nothing is booked as bought before it was issued")
        if received:
            assert pieces(received) == pieces(issued), (order, pieces(received), pieces(issued))
            assert sum(one.net for one in received) == sum(one.net for one in bought), order


class OneSends(TwoCompanies):
    """Only the RO goes to the second company, which sends the goods to the customer."""

    preset = "two-companies-ro"
    undone = ("ro", "second-ro", "sale", "second-wz")
    # no goods of the seller's ever leave: its FS or PA gives its own RO up
    closed_by = {"main": SALES, "hurt": ("WZ",)}

    def deliver(self) -> dict[str, Any]:
        return {"deliver_to": "customer"}

    def bought_is_sold(self, order: int) -> None:
        if self.house.state(order) == "waiting" and self.status(order) != NEW:
            (own,), (other,) = self.of(order, "main", "RO"), self.of(order, "hurt", "RO")
            assert pieces([own]) == pieces([other]), order
        if self.status(order) == SENT:
            assert pieces(self.of(order, "hurt", "WZ")) == pieces(self.of(order, "main", *SALES)), order
            assert not self.of(order, "main", "WZ", "FZ", "PZ"), order


def pieces(documents: list[Document]) -> Counter[str]:
    found = Counter[str]()
    for one in documents:
        for line in one.lines:
            if not line.service:
                found[line.sku] += line.quantity  # type: ignore[assignment]
    return found


BOTH = [TwoCompanies, OneSends]
EACH = pytest.mark.parametrize("kind", BOTH, ids=["purchase", "ro"])


@EACH
@seeds(1, 1)
def test_a_few_lives_of_two_companies(kind: type[Life], seed: int, request: pytest.FixtureRequest) -> None:
    live(kind, seed, request)


@pytest.mark.slow
@EACH
@seeds(100, 25)
def test_many_lives_of_two_companies(kind: type[Life], seed: int, request: pytest.FixtureRequest) -> None:
    live(kind, seed, request)


@pytest.mark.slow
@EACH
@seeds(200, 5)
def test_hard_lives_of_two_companies(kind: type[Life], seed: int, request: pytest.FixtureRequest) -> None:
    live(kind, seed, request, hard=True)
