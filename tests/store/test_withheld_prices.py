"""A price that must not be sent: kept with the reason, never sent, never compared, and a price like others afterwards."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pomost.ports.catalogue import Product
from pomost.store.figures import FigureLine, Wanted
from pomost.store.store import Store

GROUP = "21001"
TEN, TWELVE = Decimal(10), Decimal(12)


class Shop:
    """A catalogue with one product."""

    def __init__(self, store: Store) -> None:
        self.figures = store.figures
        self.id = store.products.catalogue_id("sklep")
        store.products.keep(self.id, [Product("p1", "KUBEK", "", "Kubek")], {"p1": "KUBEK"}, 1.0)
        self.number = store.products.of_items(self.id, ["KUBEK"])["KUBEK"][0]

    def decide(self, figure: Decimal | None, why: str = "", now: float = 2.0) -> None:
        self.figures.decide(self.id, "price", [Wanted(self.number, GROUP, figure, why)], now)

    def unsent(self) -> list[Decimal]:
        return [one.figure for one in self.figures.unsent(self.id, "price", 0, 10)]

    @property
    def line(self) -> FigureLine:
        return self.figures.of_product(self.number)[0]


@pytest.fixture
def shop(store: Store) -> Shop:
    return Shop(store)


def test_what_never_had_a_price_is_kept_with_the_reason_and_not_sent(shop: Shop) -> None:
    shop.decide(None, "no-level")

    assert shop.unsent() == []
    assert shop.figures.problems(shop.id, "price", 9) == [("p1", "KUBEK", GROUP, "no-level")]
    assert shop.figures.count(shop.id, "price") == {"all": 1, "unsent": 0, "problem": 1, "carried": 0}


def test_a_price_that_waits_to_be_sent_is_not_sent_once_it_is_withheld(shop: Shop) -> None:
    shop.decide(TEN)
    shop.decide(None, "below-floor")
    assert shop.unsent() == []

    shop.decide(TWELVE)
    assert shop.unsent() == [TWELVE]
    assert shop.line.problem == ""


@pytest.mark.parametrize("taken", [True, False])
def test_an_answer_that_comes_after_it_was_withheld_changes_nothing(shop: Shop, taken: bool) -> None:
    shop.decide(TEN)
    sent = shop.figures.unsent(shop.id, "price", 0, 10)
    shop.decide(None, "below-floor")

    shop.figures.answer("price", sent, {} if taken else {shop.number: "BaseLinker said no"}, 3.0)

    assert shop.unsent() == []
    assert shop.line.problem == "below-floor"


def test_what_is_withheld_is_neither_tried_again_nor_compared(shop: Shop) -> None:
    shop.decide(TEN)
    shop.figures.answer("price", shop.figures.unsent(shop.id, "price", 0, 10), {}, 3.0)
    shop.decide(None, "below-floor", 4.0)

    assert shop.figures.retry(shop.id, "price", 100.0, 100.0) == 0
    shop.figures.compare(shop.id, "price", {"p1": {GROUP: TEN}}, 5.0, 6.0)
    assert shop.figures.drifted(shop.id, "price", 5.0) == []
    assert shop.unsent() == []


def test_no_stock_is_a_figure_like_others(shop: Shop) -> None:
    shop.figures.decide(shop.id, "stock", [Wanted(shop.number, "bl_1", Decimal(0))], 2.0)
    assert [one.figure for one in shop.figures.unsent(shop.id, "stock", 0, 10)] == [0]
