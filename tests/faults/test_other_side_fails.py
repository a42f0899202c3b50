"""The other side times out though it did it, answers an error though it did it, sends HTML, cuts the line ...

One effect each, none lost, and nobody has to act. Ground truth is the sandbox's own list of writes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from pomost.sandbox.baselinker import Sandbox
from tests.house import House

WRITE_FAULTS = (
    "http-502", "html-200", "empty-body", "cut-before", "cut-after", "timeout-but-done", "error-but-done",
    "error-not-done", "truncated-json",
)  # fmt: skip
READ_FAULTS = (
    "http-502",
    "html-200",
    "empty-body",
    "cut-before",
    "cut-after",
    "truncated-json",
    "strings-for-numbers",
    "lists-for-maps",
)


@pytest.mark.parametrize("fault", WRITE_FAULTS)
@pytest.mark.parametrize("method", ["setOrderFields", "setOrderStatuses"])
def test_a_write_whose_answer_is_lost_is_done_once(
    fault: str, method: str, shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow={"preset": "ro-fs-wz-at-once"})
    shop.misbehave(fault, method=method, times=1, seconds=0.2)
    order = shop.place(paid=True)[0]

    home.run_until_state(order, "done")

    assert shop.shop.faults.left() == 0, "the fault must really have struck"
    assert Counter(write.method for write in shop.writes(order)) == {
        "setOrderFields": 1,
        "setOrderStatuses": 1,
    }
    assert shop.order(order)["status"] == "Wysłane"
    assert Counter(home.kinds(order)).total() == 3


@pytest.mark.parametrize("fault", READ_FAULTS)
@pytest.mark.parametrize("method", ["getOrders", "getJournalList", "getOrderStatusList"])
def test_a_read_that_fails_is_read_again(
    fault: str, method: str, shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow={"preset": "ro-fs-wz-at-once"})
    shop.misbehave(fault, method=method, times=1)
    order = shop.place(paid=True)[0]

    home.run_until_state(order, "done")

    assert shop.shop.faults.left() == 0, "the fault must really have struck"
    assert Counter(home.kinds(order)).total() == 3


@pytest.mark.parametrize("fault", ["journal-duplicates", "journal-out-of-order", "unknown-journal-types"])
def test_a_journal_in_disorder_makes_nothing_twice(
    fault: str, shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow={"preset": "ro-fs-wz-at-once"})
    shop.misbehave(fault, method="getJournalList", times="always")
    orders = shop.place(orders=5, paid=True)

    home.run_until(lambda: home.states() == {"done": 5})

    assert [Counter(home.kinds(order)).total() for order in orders] == [3] * 5
    assert all(len(shop.writes(order)) == 2 for order in orders)


def test_a_late_journal_entry_is_made_good_by_the_relisting(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(baselinker={"relist_s": 1.0})
    order = shop.place(paid=True)[0]
    home.run_until(lambda: shop.order(order)["status"] == "W realizacji")
    shop.misbehave("journal-late", times="always", seconds=3600)

    shop.move(order, "Spakowane")

    home.run_until_state(order, "done")
    assert sorted(home.kinds(order))[-1] == "WZ"
