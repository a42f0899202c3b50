"""A15: of two processes that make products one is killed; the other makes what is missing, once, of what was reserved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from tests.faults.conftest import DATABASES
from tests.faults.harness import Trial, points_of

QUICK = ["pwp:intended", "pwp:made", "wz:made"]
"""Before the products are made, after it and before that is stored, and once they went out."""
DOCUMENTS = Counter(["RO", "PWP", "RWS", "SALE", "WZ"])


def trials() -> list[Any]:
    return [
        pytest.param(kind, points, id=f"{kind}-{name}", marks=[pytest.mark.slow] if slow else [])
        for kind in DATABASES
        for name, points, slow in (
            ("some", QUICK, kind != "sqlite"),
            ("every", points_of("kits"), True),
        )
    ]


@pytest.mark.parametrize(("kind", "points"), trials())
def test_of_two_processes_that_make_products_one_is_killed_and_each_is_made_once(
    kind: str, points: list[str], trial: Callable[..., Trial]
) -> None:
    one = trial(kind, preset="kits", lease_s=1.0)

    orders = one.run_in_pairs(points)

    for order in orders:
        assert one.documents(order) == DOCUMENTS
        assert one.status_writes(order) == Counter(["W realizacji", "Wysłane"])
        products, used = (
            next(made for made in one.house.documents(order) if made.kind == kind_of)
            for kind_of in ("PWP", "RWS")
        )
        assert [(line.sku, line.quantity) for line in products.lines] == [("ZESTAW", 2)]
        assert [(line.sku, line.quantity) for line in used.lines] == [("KUBEK-1", 4)]
        assert products.net == used.net
    assert one.documents().total() == 5 * len(orders), "no document without an order"
    levels = [one.house.ledger.stock("main", sku)["MAG"] for sku in ("ZESTAW", "KUBEK-1")]
    left = 10_000 - 4 * len(orders)
    assert [(level.quantity, level.reserved, level.value) for level in levels] == [
        (0, 0, 0),
        (left, 0, 5 * left),
    ]
    assert one.kills == points, "every point must really have killed"
    assert one.asked_a_person() == []
