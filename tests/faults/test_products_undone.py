"""A15 with A16: the program is killed at every point of undoing an order whose products were made."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.faults.conftest import DATABASES
from tests.faults.harness import Trial, undoing_points_of

FLOW = {
    "preset": "",
    "take": 'order.status in ["Nowe zamówienia", "Spakowane"]',
    "cancelled": 'order.status == "Anulowane"',
    "step": [
        {"id": "ro", "issue": "RO"},
        {"id": "pwp", "issue": "PWP", "source": ["ro"]},
        {
            "id": "sale",
            "issue": "FS",
            "source": ["ro"],
            "after": ["pwp"],
            "when": 'order.status == "Spakowane"',
        },
        {"id": "wz", "issue": "WZ", "source": ["sale"]},
        {"id": "cancel", "cancel": ["ro", "pwp", "sale", "wz"]},
    ],
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", DATABASES)
def test_killed_at_every_point_products_are_taken_apart_once(kind: str, trial: Callable[..., Trial]) -> None:
    one = trial(kind, preset="kits", flow=FLOW, cancels=True)
    points = undoing_points_of(FLOW)

    one.run(points)

    order = one.channel_order()
    assert [(made.kind, made.state) for made in one.house.documents(order)] == [
        (kind_of, "cancelled") for kind_of in ("RO", "PWP", "RWS", "FS", "WZ")
    ]
    levels = [one.house.ledger.stock("main", sku)["MAG"] for sku in ("ZESTAW", "KUBEK-1")]
    assert [(level.quantity, level.reserved, level.value) for level in levels] == [
        (0, 0, 0),
        (10_000, 0, 50_000),
    ]
    assert one.asked_a_person() == []
    assert one.kills == points, "every point must really have killed"
