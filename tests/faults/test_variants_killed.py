"""A main product and its variant are made once each, whatever is killed and whatever answer is lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pomost.trade.card import Card
from tests.faults.test_cards_fail import LOST, PLACES, POINTS, Trial, trial

__all__ = ["trial"]
MAIN, VARIANT = "GARNEK", "A-GARNEK-S"
"""The variant comes first by SKU: its main item is made out of turn."""


def add(one: Trial, place: int = 0) -> tuple[str, str]:
    main, variant = f"{MAIN}-{place}", f"{VARIANT}-{place}"
    one.house.ledger.put_cards(
        "main",
        [Card(main, name="Kubek", vat="23"), Card(variant, name="Mały", vat="23", parent=main)],
    )
    return main, variant


def is_one_family(one: Trial, main: str, variant: str) -> bool:
    """One product of each, one under the other."""
    return (
        (one.made(main), one.made(variant)) == (1, 1)
        and one.shelf.row(variant)["parent_id"] == one.shelf.row(main)["id"]
        and one.shelf.row(main)["parent_id"] == 0
    )


@pytest.mark.parametrize("kind", PLACES)
def test_killed_while_the_main_product_is_made_there_is_one_family(
    kind: str, trial: Callable[..., Trial]
) -> None:
    one = trial(kind)

    kills, families = [], []
    for place, point in enumerate(POINTS):
        main, variant = add(one, place)
        kills += [point] if one.killed_at(point) else []
        one.finished(variant)
        families.append(is_one_family(one, main, variant))

    assert kills == POINTS, "every point must really have killed"
    assert families == [True] * len(POINTS)


@pytest.mark.parametrize("kind", PLACES)
def test_killed_while_the_variant_is_made_there_is_one_family(kind: str, trial: Callable[..., Trial]) -> None:
    one = trial(kind)

    kills, families = [], []
    for place, point in enumerate(POINTS):
        main, variant = f"{MAIN}-{place}", f"{VARIANT}-{place}"
        one.add(main)
        one.finished(main)
        add(one, place)
        kills += [point] if one.killed_at(point) else []
        one.finished(variant)
        families.append(is_one_family(one, main, variant))

    assert kills == POINTS, "every point must really have killed"
    assert families == [True] * len(POINTS)


@pytest.mark.parametrize("kind", PLACES)
@pytest.mark.parametrize("how", ["timeout-but-done", "error-but-done"])
@pytest.mark.parametrize("lost", [1, 2])
def test_lost_answers_make_no_second_main_product_and_no_second_variant(
    kind: str, how: str, lost: int, trial: Callable[..., Trial]
) -> None:
    one = trial(kind, list_s=3600.0)
    main, variant = add(one)
    one.shop.misbehave(how, method="addInventoryProduct", times=lost, **LOST[how])

    one.finished(variant)

    assert one.shop.shop.faults.left() == 0, "the answers must really have been lost"
    assert is_one_family(one, main, variant)


@pytest.mark.parametrize("kind", PLACES)
def test_without_the_look_lost_answers_make_a_second_one(kind: str, trial: Callable[..., Trial]) -> None:
    """The detector is proved: with the guard off the same trial finds the duplicates."""
    one = trial(kind, list_s=3600.0)
    main, variant = add(one)
    one.shop.misbehave("error-but-done", method="addInventoryProduct", times=2, **LOST["error-but-done"])

    one.finished(variant, guards_off=True)

    assert one.shop.shop.faults.left() == 0, "the answers must really have been lost"
    assert one.made(main) + one.made(variant) > 2
