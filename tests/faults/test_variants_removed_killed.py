"""A variant that a person removed from where it should not stand is made anew once, whatever is killed and whatever is lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pomost.trade.card import Card
from tests.faults.test_cards_fail import LOST, PLACES, Trial, trial

__all__ = ["trial"]
MAIN, VARIANT = "GARNEK", "GARNEK-S"
POINTS = ["family:gone", "family:begun", "card:intended", "card:made", "card:stored"]


def made_and_taken_out(one: Trial, place: int = 0) -> tuple[str, str]:
    """A family in the shop, of which the ledger says by now that its variant is a product of its own."""
    main, variant = f"{MAIN}-{place}", f"{VARIANT}-{place}"
    cards = [Card(main, name="Garnek", vat="23"), Card(variant, name="Mały", vat="23", parent=main)]
    one.house.ledger.put_cards("main", cards)
    one.finished(variant)
    one.house.ledger.put_cards("main", [Card(variant, parent="")])
    return main, variant


def remove(one: Trial, variant: str) -> int:
    """As a person does in the panel of the channel; the id that is gone."""
    number = int(one.shelf.row(variant)["id"])
    one.shelf.call("deleteInventoryProduct", product_id=number)
    return number


def is_anew(one: Trial, main: str, variant: str, before: int) -> bool:
    """One of each, the variant another product than before and of its own."""
    if (one.made(main), one.made(variant)) != (1, 1):
        return False
    row = one.shelf.row(variant)
    return row["id"] != before and row["parent_id"] == 0


def finished_anew(one: Trial, variant: str, before: int, *, guards_off: bool = False) -> None:
    """Runs a process until the store knows another product of the item, and a comparison longer."""
    store = one.house.pomost.store
    child = one._start(guards_off)

    def is_made() -> bool:
        lines = store.products.of_item(store.products.catalogue_id("sklep"), variant)
        return [line for line in lines if line.product_id != str(before)] != []

    try:
        one._until(is_made)
        calls = len(one.shop.calls("getInventoryProductsData"))
        one._until(lambda: len(one.shop.calls("getInventoryProductsData")) >= calls + 2)
    finally:
        one._end(child)


@pytest.mark.parametrize("kind", PLACES)
def test_killed_at_every_point_it_is_made_anew_once(kind: str, trial: Callable[..., Trial]) -> None:
    one = trial(kind)

    kills, anew = [], []
    for place, point in enumerate(POINTS):
        main, variant = made_and_taken_out(one, place)
        before = remove(one, variant)
        kills += [point] if one.killed_at(point) else []
        finished_anew(one, variant, before)
        anew.append(is_anew(one, main, variant, before))

    assert kills == POINTS, "every point must really have killed"
    assert anew == [True] * len(POINTS)


@pytest.mark.parametrize("kind", PLACES)
@pytest.mark.parametrize("how", ["timeout-but-done", "error-but-done"])
def test_a_lost_answer_makes_no_second_one(kind: str, how: str, trial: Callable[..., Trial]) -> None:
    one = trial(kind, list_s=3600.0)
    main, variant = made_and_taken_out(one)
    before = remove(one, variant)
    one.shop.misbehave(how, method="addInventoryProduct", times=1, **LOST[how])

    finished_anew(one, variant, before)

    assert one.shop.shop.faults.left() == 0, "the answer must really have been lost"
    assert is_anew(one, main, variant, before)


def test_without_the_look_a_lost_answer_makes_a_second_one(trial: Callable[..., Trial]) -> None:
    """The detector is proved: with the guard off the same trial finds the duplicate."""
    one = trial("sqlite", list_s=3600.0)
    _, variant = made_and_taken_out(one)
    before = remove(one, variant)
    one.shop.misbehave("error-but-done", method="addInventoryProduct", times=1, **LOST["error-but-done"])

    finished_anew(one, variant, before, guards_off=True)

    assert one.shop.shop.faults.left() == 0, "the answer must really have been lost"
    assert one.made(variant) > 1
