"""Killed, frozen and misled while stock and prices are sent: in the end the channel shows what the ledger has."""

from __future__ import annotations

import signal
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from pomost.ledger import receive_draft
from tests.faults.conftest import QUICK_ON_SQLITE
from tests.faults.harness import Trial
from tests.house import TODAY
from tests.shelf import MAIN, Shelf

CATALOGUE: dict[str, Any] = {
    "name": "sklep",
    "stock": [{}],
    "every_s": 0.1,
    "debounce_s": 0.0,
    "compare_s": 100_000,
}
PRICES: dict[str, Any] = {**CATALOGUE, "stock": [], "price": [{"level": "DETAL"}]}
RETAIL = 21001
SKUS = ("KUBEK-01", "KUBEK-02", "TALERZ-27")
POINTS = ("stock:taken", "stock:intended", "stock:made", "stock:stored")


def bring(one: Trial, key: str, quantity: int, *skus: str) -> None:
    goods = {sku: (Decimal(quantity), Decimal("5.00")) for sku in skus or SKUS}
    one.house.ledger.issue(receive_draft("main", "MAG", key, TODAY, goods))


def agrees(one: Trial, shelf: Shelf) -> bool:
    """Whether the shop shows what the ledger has, whatever our own tables say."""
    return all(shelf.stock(sku) == one.house.ledger.stock("main", sku)["MAG"].available for sku in SKUS)


@pytest.mark.parametrize("kind", QUICK_ON_SQLITE)
def test_killed_at_every_point_the_channel_shows_in_the_end_what_the_ledger_has(
    kind: str, trial: Callable[..., Trial]
) -> None:
    one = trial(kind, catalogue=CATALOGUE)
    shelf = Shelf(one.shop)
    first = one.start()
    one.until(lambda: agrees(one, shelf))
    assert one.end(first) == 0

    for point in POINTS:
        one.arm("SIGKILL", point)
        bring(one, f"before {point}", 3)
        child = one.start()
        one.until(lambda child=child: child.poll() is not None)  # type: ignore[misc]
        assert one.end(child) == -signal.SIGKILL
        bring(one, f"after {point}", 2)

    child = one.start()
    one.until(lambda: agrees(one, shelf))
    assert one.end(child) == 0


@pytest.mark.parametrize("kind", QUICK_ON_SQLITE)
def test_killed_at_every_point_the_channel_shows_in_the_end_the_prices_of_the_ledger(
    kind: str, trial: Callable[..., Trial]
) -> None:
    one = trial(kind, catalogue=PRICES)
    shelf = Shelf(one.shop)
    price_all(one, "10.00")
    first = one.start()
    one.until(lambda: {shelf.price(sku, RETAIL) for sku in SKUS} == {10})
    assert one.end(first) == 0

    for number, point in enumerate(POINTS):
        one.arm("SIGKILL", point.replace("stock", "price"))
        price_all(one, f"{20 + number}.50")
        child = one.start()
        one.until(lambda child=child: child.poll() is not None)  # type: ignore[misc]
        assert one.end(child) == -signal.SIGKILL
        price_all(one, f"{30 + number}.50")

    child = one.start()
    one.until(lambda: {shelf.price(sku, RETAIL) for sku in SKUS} == {33.5})
    assert one.end(child) == 0


def price_all(one: Trial, amount: str) -> None:
    cards = [{"sku": sku, "vat": "23", "prices": {"DETAL": Decimal(amount)}} for sku in SKUS]
    one.house.ledger.setup.put_items("main", cards)


@pytest.mark.parametrize("kind", QUICK_ON_SQLITE)
def test_a_process_that_wakes_with_an_old_figure_is_corrected(kind: str, trial: Callable[..., Trial]) -> None:
    """It was frozen right before its call; meanwhile another process has sent newer figures."""
    one = trial(kind, catalogue=CATALOGUE, lease_s=0.5)
    assert wakes_with_an_old_figure(one) == 10_005


def test_without_comparing_versions_the_old_figure_stays(trial: Callable[..., Trial]) -> None:
    """The detector is proved."""
    one = trial("sqlite", catalogue=CATALOGUE, lease_s=0.5, guards_off=True)
    assert wakes_with_an_old_figure(one) == 10_003


def sent_to(one: Trial, shelf: Shelf, sku: str) -> list[int]:
    """What was written for the item to the shop's main warehouse, in its order."""
    writes = one.shop.product_writes(shelf.row(sku)["id"], "stock")
    return [int(write.changed[MAIN]) for write in writes]


def wakes_with_an_old_figure(one: Trial) -> int:
    """Gives what the channel shows of 10,005 pieces after a frozen process has sent 10,003 last."""
    shelf = Shelf(one.shop)
    first = one.start()
    one.until(lambda: agrees(one, shelf))
    one.end(first)

    bring(one, "first", 3, "KUBEK-01")
    one.arm("SIGSTOP", "stock:intended")
    frozen = one.start()
    one.until(lambda: one.struck("stock:intended"))
    bring(one, "second", 2, "KUBEK-01")
    other = one.start()
    one.until(lambda: shelf.stock("KUBEK-01") == 10_005)

    frozen.send_signal(signal.SIGCONT)
    late, sent = [10_005, 10_003], [10_003, 10_005]
    one.until(lambda: sent_to(one, shelf, "KUBEK-01")[-2:] == (late if one.guards_off else sent))
    assert one.end(other) == 0
    assert one.end(frozen) == 0
    return shelf.stock("KUBEK-01")


def test_a_call_whose_answer_is_lost_is_made_again_and_harms_nothing(trial: Callable[..., Trial]) -> None:
    one = trial("sqlite", catalogue=CATALOGUE)
    shelf = Shelf(one.shop)
    one.shop.misbehave("error-but-done", method="updateInventoryProductsStock", times=2)

    child = one.start()
    one.until(lambda: agrees(one, shelf))
    bring(one, "more", 5)
    one.until(lambda: agrees(one, shelf))
    assert one.end(child) == 0
