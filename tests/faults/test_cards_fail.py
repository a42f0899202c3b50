"""A product is made for an item once, whatever is killed and whatever answer is lost; the shop is what counts."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from pomost.sandbox.baselinker import Sandbox
from pomost.store import schema
from pomost.trade.card import Card
from tests.faults.processes import kill_child, start_child
from tests.house import House, config_for
from tests.nursery import Child
from tests.shelf import Shelf

SKU = "NOWY-1"
POINTS = ["card:intended", "card:made", "card:stored"]
CATALOGUE = {
    "name": "sklep",
    "every_s": 0.1,
    "debounce_s": 0.0,
    "compare_s": 1.0,
    "cards": {"to_channel": ["name", "description"], "create": True},
}
LOST: dict[str, dict[str, Any]] = {
    "timeout-but-done": {"seconds": 0.2},
    "error-but-done": {"code": "ERROR_INTERNAL", "message": "Internal error"},
}
PLACES = [
    pytest.param("sqlite", id="sqlite"),
    pytest.param("postgres", id="postgres", marks=pytest.mark.slow),
]


class Trial:
    """An item that has no product yet, and processes that are killed while they make it."""

    def __init__(self, folder: Path, shop: Sandbox, database: str, list_s: float) -> None:
        wanted: dict[str, Any] = {"catalogue": [{**CATALOGUE, "list_s": list_s}]}
        if database:
            wanted |= {"database": database, "ledger": database}
        self.folder, self.shop, self.shelf = folder, shop, Shelf(shop)
        self.house = House(folder, shop, **wanted)
        (folder / "config.json").write_text(
            config_for(folder, shop.url, **wanted).model_dump_json(exclude_unset=True)
        )

    def add(self, sku: str = SKU) -> None:
        self.house.ledger.put_cards("main", [Card(sku, name="Nowy kubek", vat="23")])

    def killed_at(self, point: str, *, guards_off: bool = False) -> bool:
        """Runs a process until it was killed at ``point``; gives whether it came there within ten seconds."""
        (self.folder / "armed").write_text(f"SIGKILL {point}")
        child = self._start(guards_off)
        try:
            return child.wait(10) == -signal.SIGKILL
        except subprocess.TimeoutExpired:
            return False
        finally:
            self._end(child)

    def finished(self, sku: str = SKU, *, guards_off: bool = False) -> None:
        """Runs a process until the product is known to be made, and a comparison longer."""
        store = self.house.pomost.store
        child = self._start(guards_off)

        def is_made() -> bool:
            number = store.products.catalogue_id("sklep")
            return store.births.states(number, [sku]).get(sku) == "made"

        try:
            self._until(is_made)
            calls = len(self.shop.calls("getInventoryProductsData"))
            self._until(lambda: len(self.shop.calls("getInventoryProductsData")) >= calls + 2)
        finally:
            self._end(child)

    def made(self, sku: str = SKU) -> int:
        """How many products of this SKU the shop has."""
        return len(self.shelf.products(filter_sku=sku))

    def _forget_lease(self) -> None:
        """As if the half minute had passed for which a dead process is waited for."""
        database = self.house.pomost.store.database
        with database.writing() as connection:
            connection.execute(update(schema.looks).values(lease_until=None, lease_owner=None))

    def _start(self, guards_off: bool) -> Child:
        return start_child(self.folder, *(["guards-off"] if guards_off else []))

    def _end(self, child: Child) -> None:
        kill_child(child)
        self._forget_lease()

    def _until(self, true: Callable[[], bool], seconds: float = 30.0) -> None:
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end, self.house.pomost.store.looks.all()
            time.sleep(0.05)


@pytest.fixture
def trial(url_of: Callable[[str], str], shop: Sandbox, tmp_path: Path) -> Iterator[Callable[..., Trial]]:
    made: list[Trial] = []

    def make(kind: str, list_s: float = 1.0) -> Trial:
        made.append(Trial(tmp_path, shop, url_of(kind), list_s))
        return made[-1]

    yield make
    for one in made:
        one.house.stop()


@pytest.mark.parametrize("kind", PLACES)
def test_killed_before_the_call_after_it_and_when_it_is_kept_there_is_one_product(
    kind: str, trial: Callable[..., Trial]
) -> None:
    one = trial(kind)

    kills = []
    for place, point in enumerate(POINTS):
        one.add(f"NOWY-{place}")
        kills += [point] if one.killed_at(point) else []
        one.finished(f"NOWY-{place}")

    assert kills == POINTS, "every point must really have killed"
    assert [one.made(f"NOWY-{place}") for place in range(len(POINTS))] == [1] * len(POINTS)


@pytest.mark.parametrize("kind", PLACES)
@pytest.mark.parametrize("how", ["timeout-but-done", "error-but-done"])
def test_a_lost_answer_makes_no_second_product(kind: str, how: str, trial: Callable[..., Trial]) -> None:
    one = trial(kind, list_s=3600.0)
    one.add()
    one.shop.misbehave(how, method="addInventoryProduct", times=1, **LOST[how])

    one.finished()

    assert one.shop.shop.faults.left() == 0, "the answer must really have been lost"
    assert one.made() == 1


@pytest.mark.parametrize("kind", PLACES)
def test_without_the_look_a_lost_answer_makes_a_second_product(
    kind: str, trial: Callable[..., Trial]
) -> None:
    """The detector is proved: with the guard off the same trial finds the duplicate."""
    one = trial(kind, list_s=3600.0)
    one.add()
    one.shop.misbehave("error-but-done", method="addInventoryProduct", times=1, **LOST["error-but-done"])

    one.finished(guards_off=True)

    assert one.shop.shop.faults.left() == 0, "the answer must really have been lost"
    assert one.made() == 2


@pytest.mark.parametrize("how", ["timeout-but-done", "error-but-done", "http-502"])
def test_a_card_whose_answer_is_lost_is_compared_again_and_holds_up_no_other(
    how: str, trial: Callable[..., Trial]
) -> None:
    one = trial("sqlite")
    one.shop.misbehave(how, method="addInventoryProduct", times=1, **LOST.get(how, {}))
    cards = [Card("KUBEK-01", name="Kubek A"), Card("KUBEK-02", name="Kubek B")]
    one.house.ledger.put_cards("main", cards)

    one.house.run_until(lambda: one.shelf.row("KUBEK-02")["name"] == "Kubek B")
    one.house.run_until(lambda: one.shelf.row("KUBEK-01")["name"] == "Kubek A")

    store = one.house.pomost.store
    number = store.products.catalogue_id("sklep")
    one.house.run_until(lambda: store.cards.count(number)["problem"] == 0)
    assert one.shop.shop.faults.left() == 0


def test_a_product_that_is_refused_is_kept_with_the_reason_and_the_rest_goes_on(
    trial: Callable[..., Trial],
) -> None:
    one = trial("sqlite")
    long = Card("KUBEK-01", name="x" * 201, description="Opis, który by się zmieścił")
    one.house.ledger.put_cards("main", [long, Card("KUBEK-02", name="Kubek B")])

    one.house.run_until(lambda: one.shelf.row("KUBEK-02")["name"] == "Kubek B")

    store = one.house.pomost.store
    number = store.products.catalogue_id("sklep")
    one.house.run_until(lambda: len(store.cards.problems(number, 10)) == 1)
    assert "Product KUBEK-01, name: 201 characters" in store.cards.problems(number, 10)[0][2]

    one.house.ledger.put_cards("main", [Card("KUBEK-01", name="Kubek A")])
    one.house.run_until(lambda: one.shelf.row("KUBEK-01")["name"] == "Kubek A")
    one.house.run_until(lambda: store.cards.problems(number, 10) == [])
