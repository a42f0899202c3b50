"""B02: what can be sold too much while the stock of a shop is written, measured with buyers at the shop over HTTP.

A shop's stock is one absolute figure. It is reckoned from the orders that were read, and whatever is bought between that reading and
the write is wiped out by it, until its orders are read as well.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from pomost.connectors.woocommerce import WooCommerceChannel
from pomost.ports import Json
from pomost.sandbox.woocommerce import Settings as ShopSettings
from pomost.sandbox.woocommerce import Shop
from tests.aside import aside
from tests.connectors.woocommerce.catalogue_shop import ALL, catalogue_of, joined, written

SKU, ID = "TOW-0001", "11"


@pytest.fixture
def shop() -> Iterator[Shop]:
    with aside(Shop(ShopSettings())) as running:
        yield running


@pytest.fixture
def channel(shop: Shop) -> Iterator[WooCommerceChannel]:
    with joined(shop, import_from=datetime(2020, 1, 1, tzinfo=UTC)) as made:
        yield made


@dataclass
class Buyers:
    """People who buy what the shop shows, and no more. ``sold``: when, by the shop's own count, and how many pieces."""

    shop: Shop
    sold: list[tuple[float, int]] = field(default_factory=list)

    def buy(self, pieces: int) -> bool:
        with self.shop.store.lock:
            if (self.shop.stock(SKU) or 0) < pieces:
                return False
            self.shop.place(lines=[(SKU, pieces)], payment="cod")
            self.sold.append((time.monotonic(), pieces))
            return True

    def total(self) -> int:
        return sum(pieces for _, pieces in self.sold)

    def between(self, first: float, last: float) -> int:
        return sum(pieces for moment, pieces in self.sold if first <= moment <= last)


@dataclass
class Books:
    """A stock of goods, and what is known of the shop's orders by reading them."""

    channel: WooCommerceChannel
    goods: int
    cursor: Json = field(default_factory=dict)
    orders: dict[str, int] = field(default_factory=dict)

    def look(self) -> None:
        for page in self.channel.look(self.cursor):
            for seen in page.seen:
                assert seen.order is not None
                self.orders[seen.external_id] = int(
                    sum(line.quantity for line in seen.order.lines if line.sku == SKU)
                )
            self.cursor = page.cursor

    def write(self) -> None:
        available = self.goods - sum(self.orders.values())
        done = catalogue_of(self.channel).write_stock(ALL, {ID: {"shop": Decimal(available)}})
        assert (done.problems, done.uncertain) == ({}, "")


def test_after_a_sale_of_its_own_the_shop_is_right_and_nothing_is_written(
    shop: Shop, channel: WooCommerceChannel
) -> None:
    shop.set_stock(SKU, 5)
    books, buyers = Books(channel, 5), Buyers(shop)
    assert buyers.buy(3)

    books.look()
    books.write()

    assert shop.stock(SKU) == 2
    assert written(shop) == []


def test_the_window_a_sale_between_reading_orders_and_writing_is_wiped_out_until_it_is_read(
    shop: Shop, channel: WooCommerceChannel
) -> None:
    shop.set_stock(SKU, 4)
    books, buyers = Books(channel, 5), Buyers(shop)
    books.look()
    # in the window: bought, and not read yet when the delivery of one more piece is written
    assert buyers.buy(3)
    books.write()
    assert shop.stock(SKU) == 5, "three of them are sold already"
    assert buyers.buy(4)

    books.look()
    books.write()

    assert buyers.total() - books.goods == 2 <= 3, "no more than was bought in the window"
    assert shop.stock(SKU) == -2, "and from now on nothing is"
    assert not buyers.buy(1)


def test_nothing_is_oversold_where_nobody_buys_in_the_window(shop: Shop, channel: WooCommerceChannel) -> None:
    shop.set_stock(SKU, 0)
    books, buyers = Books(channel, 30), Buyers(shop)
    chance = random.Random(7)
    for _ in range(12):
        books.look()
        books.write()
        while chance.random() < 0.7:
            buyers.buy(chance.randint(1, 4))

    assert buyers.total() <= 30
    assert shop.stock(SKU) == 30 - buyers.total()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_many_buyers_never_oversell_by_more_than_was_bought_in_one_window(
    shop: Shop, channel: WooCommerceChannel, seed: int
) -> None:
    goods, deliveries = 40, (20, 15, 25)
    shop.set_stock(SKU, goods)
    books, buyers, windows = Books(channel, goods), Buyers(shop), []
    done = threading.Event()

    def shopping(number: int) -> None:
        chance = random.Random(f"{seed}/{number}")
        while not done.is_set():
            buyers.buy(chance.randint(1, 3))
            time.sleep(chance.uniform(0, 0.03))

    people = [threading.Thread(target=shopping, args=(number,)) for number in range(4)]
    for one in people:
        one.start()
    try:
        for turn in range(25):
            began = time.monotonic()
            books.look()
            if turn % 7 == 3 and turn // 7 < len(deliveries):
                books.goods += deliveries[turn // 7]
            books.write()
            windows.append((began, time.monotonic()))
    finally:
        done.set()
        for one in people:
            one.join(10)

    oversold = max(0, buyers.total() - books.goods)
    bound = max(buyers.between(*window) for window in windows)
    longest = max(last - first for first, last in windows)
    measured = f"oversold {oversold} of {books.goods}; bought in one window at most {bound}, the longest {longest:.2f} s"
    assert oversold <= bound, measured

    books.look()
    books.write()
    assert shop.stock(SKU) == books.goods - buyers.total(), (
        "once all orders are read, the shop shows what is left"
    )
