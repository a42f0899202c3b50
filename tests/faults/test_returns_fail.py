"""The other side fails while a return is worked on; someone moves or corrects the same meanwhile. One effect each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from tests.faults.conftest import DATABASES
from tests.faults.harness import RETURNS, sold_and_returned
from tests.faults.test_other_side_fails import WRITE_FAULTS
from tests.house import House

FIELDS, STATUS = "setOrderFields", "setOrderReturnStatuses"


def writes_of(home: House, order: int) -> Counter[str]:
    """How many times each field and each status of the return was written."""
    found: Counter[str] = Counter()
    for write in home.shop.writes(order):
        found.update(write.changed.get("custom_extra_fields", {}).keys())
        if "return_id" in write.changed and "status_id" in write.changed:
            found[str(write.changed["status_id"])] += 1
    return found


@pytest.mark.parametrize("kind", DATABASES)
@pytest.mark.parametrize("method", [FIELDS, STATUS])
@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(fault, marks=[] if fault in ("timeout-but-done", "cut-after") else [pytest.mark.slow])
        for fault in WRITE_FAULTS
    ],
)
def test_a_write_of_a_return_that_fails_is_done_once(
    kind: str, method: str, fault: str, house_on: Callable[..., House]
) -> None:
    home = house_on(kind, flow={"preset": "returns"}, baselinker={"returns_s": 0.1})
    order, found = sold_and_returned(home, RETURNS["returns"])
    home.shop.misbehave(fault, method=method, times=1, seconds=0.2)

    home.run_until_state(found, "done")

    assert home.shop.shop.faults.left() == 0, "the fault must really have struck"
    assert sorted(home.kinds(order)) == ["FS", "FSK", "WZ", "WZK"]
    written = writes_of(home, order)
    assert written.keys() == {"51021", "51022", "31003"}
    assert written["31003"] == 1
    assert [one["status_id"] for one in home.shop.returns(order)] == [31003]


def test_two_returns_of_one_order_at_once_correct_each_piece_once_and_delivery_with_the_last(
    house: Callable[..., House],
) -> None:
    home = house(flow={"preset": "returns"}, baselinker={"returns_s": 0.1})
    order, first = sold_and_returned(home, RETURNS["returns"])
    line = home.shop.order(order)["products"][0]["order_product_id"]
    second = home.shop.return_goods(order, {line: 1})
    home.shop.move_return(second, RETURNS["returns"])

    for found in (first, second):
        home.run_until_state(found, "done")

    assert Counter(home.kinds(order)) == {"FS": 1, "WZ": 1, "FSK": 2, "WZK": 2}
    sale = next(one for one in home.documents(order) if one.kind == "FS")
    assert home.ledger.settlement("main", sale.key).owed == 0
    assert home.ledger.stock("main", "KUBEK-1")["MAG"].quantity == 10_000


def test_a_return_that_is_cancelled_after_its_correction_waits_for_a_person(
    house: Callable[..., House],
) -> None:
    home = house(flow={"preset": "returns"}, baselinker={"returns_s": 0.1})
    order, found = sold_and_returned(home, RETURNS["returns"])
    home.run_until_state(found, "done")

    home.shop.move_return(found, "Anulowane")
    home.run_until_state(found, "person")

    assert home.waits(found)["code"] == "flow.cancelled-after-documents"
    assert Counter(home.kinds(order))["FSK"] == 1
