"""A person cancels an order, or puts it right and lets it go on, and the program is killed at every point from the click to
the effects: what was clicked is never half kept, never lost once it is kept, and done once at the ledger and the channel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pomost.sandbox.baselinker import Sandbox
from pomost.trade.edits import CANCELLED
from tests.faults.clicks import CLICKED, NOTED, Clicked
from tests.faults.conftest import DATABASES
from tests.faults.harness import points_of, undoing_points_of
from tests.faults.test_exactly_once import EXPECTED, UNDOING

MISTAKEN = {"sku": "POMYLKA-1", "name": "Kubek", "quantity": 2, "price_brutto": 26.00}
"""An item that the ledger has no card of: the buyer's two mugs under another name."""
SLOW = [pytest.param(kind, marks=pytest.mark.slow) for kind in DATABASES]


@pytest.fixture
def clicked(url_of: Callable[[str], str], shop: Sandbox, tmp_path: Path) -> Iterator[Callable[..., Clicked]]:
    """Makes trials of clicks: the kind of the database, then the fields of ``Clicked``."""
    made: list[Clicked] = []

    def make(kind: str, **wanted: Any) -> Clicked:
        made.append(Clicked(tmp_path, shop, database=url_of(kind), **wanted))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.mark.parametrize("kind", ["sqlite"])
def test_killed_around_the_click_that_cancels_an_order_each_document_is_cancelled_once(
    kind: str, clicked: Callable[..., Clicked]
) -> None:
    cancel_and_count(clicked, kind, [*CLICKED, "cancel:intended", "cancel:made"])


@pytest.mark.parametrize("kind", SLOW)
def test_killed_at_every_point_from_the_click_that_cancels_each_document_is_cancelled_once(
    kind: str, clicked: Callable[..., Clicked]
) -> None:
    cancel_and_count(clicked, kind, [*CLICKED, *undoing_points_of(UNDOING), NOTED])


@pytest.mark.parametrize("kind", ["sqlite"])
def test_killed_around_the_click_that_puts_an_order_right_it_goes_on_once_with_what_was_put_right(
    kind: str, clicked: Callable[..., Clicked]
) -> None:
    edit_and_count(clicked, kind, [*CLICKED, "ro:intended", "ro:made"])


@pytest.mark.parametrize("kind", SLOW)
def test_killed_at_every_point_from_the_click_that_puts_right_each_effect_is_there_once(
    kind: str, clicked: Callable[..., Clicked]
) -> None:
    edit_and_count(clicked, kind, [*CLICKED, *points_of("ro-fs-wz"), NOTED])


def cancel_and_count(clicked: Callable[..., Clicked], kind: str, points: list[str]) -> None:
    one = clicked(
        kind,
        flow=UNDOING,
        cancels=True,
        staff=lambda trial: trial.shop.move_all("Nowe zamówienia", "Spakowane"),
    )

    one.click_through(points, "cancel", lambda trial: {})

    order = one.channel_order()
    assert one.kills == points, "every point must really have killed"
    assert_kept_from_the_moment_it_was_written(one, {CANCELLED: "yes"})
    assert [(made.kind, made.state) for made in one.house.documents(order)] == [
        ("RO", "cancelled"),
        ("FS", "cancelled"),
        ("WZ", "cancelled"),
    ]
    goods = {line.sku for line in one.house.documents(order)[0].lines if not line.service}
    levels = [level for sku in goods for level in one.house.ledger.stock("main", sku).values()]
    assert {(level.quantity, level.reserved) for level in levels} == {(10_000, 0)}
    assert one.field_writes(order) == Counter(["51016"])
    assert one.asked_a_person() == []


def edit_and_count(clicked: Callable[..., Clicked], kind: str, points: list[str]) -> None:
    one = clicked(kind, order={"lines": [MISTAKEN], "paid": True}, until_then="waiting")
    field = ""

    def put_right(trial: Clicked) -> dict[str, str]:
        nonlocal field
        bought = trial.case.order
        assert bought is not None
        field = next(f"line.{line.id}.sku" for line in bought.lines if line.sku == "POMYLKA-1")
        return {field: "KUBEK-1"}

    one.click_through(points, "edit", put_right)

    order = one.channel_order()
    kinds, fields, statuses = EXPECTED["ro-fs-wz"]
    assert one.kills == points, "every point must really have killed"
    assert_kept_from_the_moment_it_was_written(one, {field: "KUBEK-1"})
    assert one.documents(order) == Counter(kinds)
    for made in one.house.documents(order):
        assert [(line.sku, line.quantity) for line in made.lines if not line.service] == [("KUBEK-1", 2)]
    (level,) = one.house.ledger.stock("main", "KUBEK-1").values()
    assert (level.quantity, level.reserved) == (9_998, 0)
    assert one.field_writes(order) == Counter(fields)
    assert one.status_writes(order) == Counter(statuses)


def assert_kept_from_the_moment_it_was_written(one: Clicked, edits: dict[str, str]) -> None:
    """Nothing of it before its transaction, all of it after; and written down once, however often it was clicked."""
    assert {point: one.edits_after[point] for point in CLICKED} == {
        "click:asked": {},
        "click:written": {},
        "click:kept": edits,
    }
    assert all(kept == edits for point, kept in one.edits_after.items() if point not in CLICKED[:2])
    assert dict(one.case.edits) == edits
    told = one.house.pomost.store.steps.history(one.case.id)
    assert [event.data["fields"] for event in told if event.what == "edited"] == [sorted(edits)]
    assert one.answers, "the person was answered in the end"
