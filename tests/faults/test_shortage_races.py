"""Two processes share goods that are short and lie in several warehouses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from itertools import accumulate

import pytest

from pomost.ledger import receive_draft
from tests.faults.harness import Trial
from tests.house import TODAY


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def test_of_two_processes_none_sells_twice_and_the_oldest_order_comes_first(
    kind: str, trial: Callable[..., Trial]
) -> None:
    one = trial(kind, preset="gather-ro-fs-wz", lease_s=2.0)
    ledger, shop = one.house.ledger, one.shop
    ledger.setup.add_items("main", [{"sku": "NOWY", "name": "Nowy kubek", "vat": "23"}])

    def bring(key: str, warehouse: str, quantity: int) -> None:
        goods = {"NOWY": (Decimal(quantity), Decimal("5.00"))}
        ledger.issue(receive_draft("main", warehouse, f"opening-{key}", TODAY, goods))

    pair = [one.start(), one.start()]
    orders = {
        shop.place(lines=[{"sku": "NOWY", "quantity": quantity}], paid=True)[0]: quantity
        for quantity in (3, 1, 2, 2, 1)
    }
    one.until(lambda: all(shop.order(order)["status"] == "Braki" for order in orders))

    # Four come to two warehouses: enough for the oldest ones, by the age of their reservations.
    by_age = [int(made.foreign_number) for made in ledger.documents(kind="RO")]
    sums = dict(zip(by_age, accumulate(orders[order] for order in by_age), strict=True))
    bring("a", "SKLEP", 2)
    bring("b", "ZAPAS", 2)
    served = [order for order in by_age if sums[order] <= 4]
    one.until(lambda: all(one.house.state(order) == "done" for order in served))
    later = [order for order in by_age if order not in served]
    assert [shop.order(order)["status"] for order in later] == ["Braki"] * len(later)

    # The rest comes, and everybody is served.
    bring("c", "MAG", 5)
    one.until(lambda: all(one.house.state(order) == "done" for order in orders))
    assert [one.end(child) for child in pair] == [0, 0]

    for order in orders:
        found = one.documents(order)
        del found["MM"]
        assert found == Counter(["RO", "SALE", "WZ"])
        assert one.status_writes(order) == Counter(["Braki", "W realizacji", "Wysłane"])
    levels = ledger.stock("main", "NOWY").values()
    assert [(level.quantity, level.reserved, level.value) for level in levels] == [(0, 0, 0)] * 3
    assert one.asked_a_person() == []
