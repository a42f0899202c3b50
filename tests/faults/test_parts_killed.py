"""The program is killed at every point of settling a sale in several parts; the money is on each of them once, and no more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pomost.ledger import receive_draft
from pomost.sandbox.baselinker import Sandbox
from tests.faults.conftest import DATABASES, QUICK_ON_SQLITE
from tests.faults.harness import Trial, undoing_points_of
from tests.house import TODAY

IN_PARTS = {
    "preset": "",
    "take": 'order.status in ["Nowe zamówienia", "Spakowane"]',
    "step": [
        {"id": "ro", "issue": "RO"},
        {"id": "sale", "issue": "FS", "source": ["ro"], "partial": "available", "moves_stock": True},
        {"id": "book", "book": {"document": "sale", "account": "PAYU"}},
    ],
}
AT_ONCE = {
    **IN_PARTS,
    "step": [
        {"id": "usl", "issue": "FS", "series": "USL", "lines": 'line.sku.startsWith("USL-")'},
        {"id": "sale", "issue": "FS", "lines": "rest"},
        {"id": "book", "book": {"document": "usl", "also": ["sale"], "account": "PAYU"}},
    ],
}
BOOKED_UNDONE = {
    **AT_ONCE,
    "cancelled": 'order.status == "Anulowane"',
    "step": [
        *AT_ONCE["step"],
        {"id": "cancel", "after": [], "cancel": ["usl", "sale"]},
        {"id": "cancel-back", "write": {"fields": {"Anulowane dokumenty": "{cancel.number}"}}},
    ],
}
LATER = [
    *(f"sale:{point}" for point in ("intended", "made", "stored")),
    *(f"book:{point}" for point in ("intended", "booked", "made", "stored")),
    # the rest comes: the second part
    *(f"sale{point}" for point in (":intended", ":made", "#2:stored")),
    *(f"book{point}" for point in (":intended", ":settled", ":made", "#2:stored")),
]
TOGETHER = [f"book:{point}" for point in ("intended", "booked", "settled", "made", "stored")]
MANY = [{"sku": "KUBEK-1", "quantity": 10_010}]
TWO = [{"sku": "KUBEK-1", "quantity": 2}, {"sku": "USL-MONTAZ", "quantity": 1}]


class InParts(Trial):
    """An order of which some pieces are short until the first part is settled."""

    lines: list[dict[str, Any]] = MANY

    def _begin(self) -> None:
        self.shop.place(lines=self.lines, paid=True, country="PL", currency="PLN", cod=False)

    def _staff(self) -> None:
        if self.cancels:
            super()._staff()
        if "book:stored" in self.kills and self.lines is MANY:
            goods = {"KUBEK-1": (Decimal(10), Decimal("5.00"))}
            self.house.ledger.issue(receive_draft("main", "MAG", "opening-rest", TODAY, goods))


class Together(InParts):
    """An order whose lines are on two invoices, and that is paid once both of them are there."""

    lines = TWO

    def _begin(self) -> None:
        self.shop.place(lines=self.lines, paid=False, country="PL", currency="PLN", cod=False)

    def _staff(self) -> None:
        super()._staff()
        for order in self.shop.orders():
            if not order["payment_done"] and self.documents()["SALE"] == 2:
                self.shop.pay(order["order_id"])


@pytest.fixture
def in_parts(url_of: Callable[[str], str], shop: Sandbox, tmp_path: Path) -> Iterator[Callable[..., InParts]]:
    made: list[InParts] = []

    def make(kind: str, trial: type[InParts], **wanted: Any) -> InParts:
        made.append(trial(tmp_path, shop, database=url_of(kind), **wanted))
        return made[-1]

    yield make
    for one in made:
        one.close()


def assert_settled_once(trial: Trial) -> None:
    """Counted in the ledger: two invoices, each with what it is worth, and the money on the account once."""
    ledger = trial.house.ledger
    sales = [one for one in ledger.documents() if one.kind == "FS"]
    assert len(sales) == 2
    assert [one.paid for one in sales] == [one.gross for one in sales]
    entries = [(one.what, one.amount) for one in ledger.entries("main", "PAYU")]
    assert entries == [("payment", sum(one.gross for one in sales))]
    assert ledger.open_payments("main") == []


@pytest.mark.parametrize("kind", QUICK_ON_SQLITE)
@pytest.mark.parametrize(
    ("trial", "flow", "points"),
    [
        pytest.param(InParts, IN_PARTS, LATER, id="later", marks=pytest.mark.slow),
        pytest.param(Together, AT_ONCE, TOGETHER, id="together"),
    ],
)
def test_killed_at_every_point_each_part_is_settled_once(
    kind: str,
    trial: type[InParts],
    flow: dict[str, Any],
    points: list[str],
    in_parts: Callable[..., InParts],
) -> None:
    one = in_parts(kind, trial, flow=flow)

    one.run(points)

    assert_settled_once(one)
    assert one.kills == points, "every point must really have killed"
    assert one.asked_a_person() == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", DATABASES)
def test_killed_at_every_point_of_undoing_the_money_is_given_back_once(
    kind: str, in_parts: Callable[..., InParts]
) -> None:
    one = in_parts(kind, Together, flow=BOOKED_UNDONE, cancels=True)
    points = undoing_points_of(BOOKED_UNDONE)

    one.run(points)

    sales = [each for each in one.house.ledger.documents() if each.kind == "FS"]
    assert [(each.state, each.paid) for each in sales] == [("cancelled", 0)] * 2
    whole = sum(each.gross for each in sales)
    (payment,) = one.house.ledger.open_payments("main")
    assert (payment.amount, payment.open) == (whole, whole)
    refunds = [one.house.ledger.settlement("main", each.key).refund for each in sales]
    assert refunds == [each.gross for each in sales]
    assert one.kills == points, "every point must really have killed"
    assert one.asked_a_person() == []
