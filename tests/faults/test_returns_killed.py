"""A12, A15, A19: killed at every point of a return that several corrections share, and of one of a kit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from pomost.trade.documents import DraftLine
from pomost.trade.vat import VatRate
from tests.faults.conftest import DATABASES
from tests.faults.harness import Trial, sold_and_returned

D = Decimal


def boxes(line: str) -> tuple[DraftLine, ...]:
    """Two boxes of two mugs each, at 42.785 a box."""
    mark = f"{line}:KUBEK-1:2:KUBEK-1"
    return tuple(
        DraftLine("KUBEK-1", "Kubek", D(pieces), D(price), VatRate.of("23"), order_line=mark)
        for pieces, price in ((3, "21.39"), (1, "21.40"))
    )


WAYS: dict[str, tuple[tuple[Any, ...], list[tuple[str, str]], int]] = {
    "a final invoice and an advance": (
        (None, "40.00", "10.00"),
        [("FS/1/2026", "-2.00"), ("FZAL/2/2026", "-10.00"), ("FZAL/1/2026", "-14.00")],
        1,
    ),
    "advances alone": (
        (None, "32.00", "20.00"),
        [("FZAL/2/2026", "-20.00"), ("FZAL/1/2026", "-6.00")],
        1,
    ),
    "a kit sold as its components": ((boxes,), [("FS/1/2026", "-42.79")], 2),
}
"""How it was sold -> what each FSK corrects and its gross, and how many mugs come back."""
QUICK = ("sqlite", "a kit sold as its components")
"""The others are left to `run.py prove`."""


def points_with(parts: int) -> list[str]:
    """Of a return with so many corrections for the buyer."""
    points: list[str] = []
    for step, count in (("correction", parts), ("goods", 1), ("back", parts)):
        for part in range(1, count + 1):
            name = step if part == 1 else f"{step}#{part}"
            if step == "back":
                points += [f"{name}:{point}" for point in ("intended", "made", "moved", "stored")]
            else:
                points += [f"{step}:intended", f"{step}:made", f"{name}:stored"]
    return points


@pytest.mark.parametrize(
    ("kind", "way"),
    [
        pytest.param(kind, way, marks=[] if (kind, way) == QUICK else pytest.mark.slow)
        for kind in DATABASES
        for way in WAYS
    ],
)
def test_killed_at_every_point_each_invoice_is_corrected_once(
    kind: str, way: str, trial: Callable[..., Trial]
) -> None:
    sold, expected, mugs = WAYS[way]

    def sell(house: Any, status: str) -> tuple[int, int]:
        return sold_and_returned(house, status, *sold)

    one = trial(kind, preset="returns", flow={"rules": {"return_reason": "Zwrot"}}, sell=sell)
    before = one.house.ledger.stock("main", "KUBEK-1")["MAG"].quantity
    points = points_with(len(expected))

    one.run(points)

    order = one.channel_order()
    made = one.house.documents(order)
    assert [
        (each.correction.of_number, str(each.gross))
        for each in made
        if each.kind == "FSK" and each.correction
    ] == expected
    assert Counter(each.kind for each in made)["WZK"] == 1
    issued = sum(line.quantity for each in made if each.kind == "WZ" for line in each.lines)
    assert one.house.ledger.stock("main", "KUBEK-1")["MAG"].quantity == before - issued + mugs
    assert one.field_writes(order) == Counter(["51021", "51022"] * len(expected))
    assert one.kills == points, "every point must really have killed"
    assert one.asked_a_person() == []
