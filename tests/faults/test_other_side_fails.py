"""The other side times out though it did it, answers an error though it did it, sends HTML, cuts the line ...

One effect each, none lost, and nobody has to act, on either database. Ground truth is the sandbox's own list of writes
and the documents of the ledger.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from pomost.sandbox.baselinker import Sandbox
from tests.faults.conftest import DATABASES
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


EVENT_FAULTS = ("journal-duplicates", "journal-out-of-order", "unknown-journal-types")
QUICK_ON_POSTGRES = {"timeout-but-done", "error-but-done", "cut-after", *EVENT_FAULTS}


def on_both(faults: tuple[str, ...]) -> list[Any]:
    """Each fault on each database; on PostgreSQL most are left to the long form."""
    return [
        pytest.param(
            kind,
            fault,
            id=f"{kind}-{fault}",
            marks=[pytest.mark.slow] if kind == "postgres" and fault not in QUICK_ON_POSTGRES else [],
        )
        for kind in DATABASES
        for fault in faults
    ]


def assert_three_documents(home: House, *orders: int) -> None:
    """Each order has its RO, its sale and its WZ, and the ledger holds no other documents."""
    for order in orders:
        kinds = ["SALE" if kind in ("FS", "PA") else kind for kind in home.kinds(order)]
        assert sorted(kinds) == ["RO", "SALE", "WZ"]
    made = [document for document in home.ledger.documents() if document.kind != "PW"]
    assert len(made) == 3 * len(orders)


@pytest.mark.parametrize(("kind", "fault"), on_both(WRITE_FAULTS))
@pytest.mark.parametrize("method", ["setOrderFields", "setOrderStatuses"])
def test_a_write_whose_answer_is_lost_is_done_once(
    kind: str, fault: str, method: str, shop: Sandbox, house_on: Callable[..., House]
) -> None:
    home = house_on(kind, flow={"preset": "ro-fs-wz-at-once"})
    shop.misbehave(fault, method=method, times=1, seconds=0.2)
    order = shop.place(paid=True)[0]

    home.run_until_state(order, "done")

    assert shop.shop.faults.left() == 0, "the fault must really have struck"
    assert Counter(write.method for write in shop.writes(order)) == {
        "setOrderFields": 1,
        "setOrderStatuses": 1,
    }
    assert shop.order(order)["status"] == "Wysłane"
    assert_three_documents(home, order)


@pytest.mark.parametrize(("kind", "fault"), on_both(READ_FAULTS))
@pytest.mark.parametrize("method", ["getOrders", "getJournalList", "getOrderStatusList"])
def test_a_read_that_fails_is_read_again(
    kind: str, fault: str, method: str, shop: Sandbox, house_on: Callable[..., House]
) -> None:
    home = house_on(kind, flow={"preset": "ro-fs-wz-at-once"})
    shop.misbehave(fault, method=method, times=1)
    order = shop.place(paid=True)[0]

    home.run_until_state(order, "done")

    assert shop.shop.faults.left() == 0, "the fault must really have struck"
    assert_three_documents(home, order)


@pytest.mark.parametrize(("kind", "fault"), on_both(EVENT_FAULTS))
def test_a_journal_in_disorder_makes_nothing_twice(
    kind: str, fault: str, shop: Sandbox, house_on: Callable[..., House]
) -> None:
    home = house_on(kind, flow={"preset": "ro-fs-wz-at-once"})
    shop.misbehave(fault, method="getJournalList", times="always")
    orders = shop.place(orders=5, paid=True)

    home.run_until(lambda: home.states() == {"done": 5})

    assert_three_documents(home, *orders)
    assert [len(shop.writes(order)) for order in orders] == [2] * 5


@pytest.mark.parametrize("kind", DATABASES)
def test_a_late_journal_entry_is_made_good_by_the_relisting(
    kind: str, shop: Sandbox, house_on: Callable[..., House]
) -> None:
    home = house_on(kind, baselinker={"relist_s": 1.0})
    order = shop.place(paid=True)[0]
    home.run_until(lambda: shop.order(order)["status"] == "W realizacji")
    shop.misbehave("journal-late", times="always", seconds=3600)

    shop.move(order, "Spakowane")

    home.run_until_state(order, "done")
    assert_three_documents(home, order)
