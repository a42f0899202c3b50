"""What is done with a document whose order was cancelled."""

from __future__ import annotations

from decimal import Decimal
from itertools import product

import pytest

from pomost.trade.cancelling import TABLE, Decision, Standing, decide, in_undoing_order
from pomost.trade.documents import KINDS

PAID = Decimal("66.99")
CASES = [
    pytest.param(Standing("RO", "approved"), "cancel", ("reservation-released",), id="ro-approved"),
    pytest.param(Standing("RO", "bufor"), "cancel", (), id="ro-in-bufor-stays-in-the-books"),
    pytest.param(Standing("RO", "approved", followed=True), "ask", (), id="ro-that-a-clerk-turned-into-something"),
    pytest.param(Standing("RO", "cancelled"), "nothing", (), id="ro-cancelled-before"),
    pytest.param(Standing("FS", "approved"), "cancel", (), id="fs-that-nobody-has"),
    pytest.param(Standing("FS", "approved", moves_goods=True), "cancel", ("goods-returned",), id="fs-that-issued"),
    pytest.param(Standing("FS", "approved", paid=PAID), "cancel", ("refund",), id="fs-paid"),
    pytest.param(Standing("FS", "approved", sent=True), "correct", (), id="fs-that-the-buyer-has"),
    pytest.param(Standing("FS", "approved", fiscalised=True), "correct", (), id="fs-fiscalised"),
    pytest.param(Standing("FS", "bufor"), "delete", (), id="fs-in-bufor"),
    pytest.param(Standing("FS", "bufor", paid=PAID), "cancel", ("refund",), id="fs-in-bufor-and-paid"),
    pytest.param(Standing("FS", "bufor", sent=True), "correct", (), id="fs-in-bufor-that-the-buyer-has"),
    pytest.param(Standing("PA", "approved", fiscalised=True), "correct", (), id="pa-given-out"),
    pytest.param(Standing("PA", "bufor"), "delete", (), id="pa-in-bufor"),
    pytest.param(Standing("WZ", "approved", moves_goods=True), "cancel", ("goods-returned",), id="wz"),
    pytest.param(Standing("WZ", "approved", sent=True, moves_goods=True), "cancel", ("goods-returned",), id="wz-mailed"),
    pytest.param(Standing("WZ", "bufor", moves_goods=True), "delete", ("goods-returned",), id="wz-in-bufor"),
    pytest.param(Standing("WZ", "approved", shared=True), "ask", (), id="wz-of-several-orders"),
    pytest.param(Standing("PZ", "approved", moves_goods=True), "cancel", ("goods-sent-back",), id="pz"),
    pytest.param(Standing("PZ", "approved", moves_goods=True, goods_used=True), "ask", (), id="pz-whose-goods-are-gone"),
    pytest.param(Standing("MM", "approved", moves_goods=True), "cancel", ("goods-returned",), id="mm"),
    pytest.param(Standing("MM", "approved", moves_goods=True, goods_used=True), "keep", (), id="mm-whose-goods-are-gone"),
    pytest.param(Standing("PZ", "bufor", moves_goods=True), "delete", (), id="pz-in-bufor-received-nothing"),
]  # fmt: skip


@pytest.mark.parametrize(("standing", "undoing", "effects"), CASES)
def test_what_is_done(standing: Standing, undoing: str, effects: tuple[str, ...]) -> None:
    found = decide(standing)

    assert (found.undoing, found.effects) == (undoing, effects)


def test_every_document_in_every_standing_has_a_decision_and_no_row_is_dead() -> None:
    flags = [(False, True)] * 5
    reasons: set[str] = set()
    for kind, state, paid in product(KINDS, ("bufor", "approved", "cancelled"), (Decimal(0), PAID)):
        for fiscalised, sent, followed, shared, used in product(*flags):
            found: Decision = decide(
                Standing(kind, state, fiscalised, sent, followed, shared, used, paid)  # type: ignore[arg-type]
            )
            reasons.add(found.why)
            if state == "approved":
                assert found.undoing != "delete", "what was approved is never deleted"
            if fiscalised and KINDS[kind].sale and state != "cancelled":
                assert found.undoing in ("correct", "ask"), "what is in the fiscal memory is never taken back"

    assert reasons == {row.why for row in TABLE}


@pytest.mark.parametrize(
    ("made", "order"),
    [
        pytest.param([("ro", ()), ("fs", ("ro",)), ("wz", ("fs",))], ["wz", "fs", "ro"], id="invoice-first"),
        pytest.param([("ro", ()), ("wz", ("ro",)), ("fs", ("wz",))], ["fs", "wz", "ro"], id="issue-first"),
        pytest.param(
            [("ro", ()), ("wz", ("ro",)), ("wz2", ("ro",)), ("fs", ("wz", "wz2"))],
            ["fs", "wz2", "wz", "ro"],
            id="parts",
        ),
        pytest.param([("fs", ("ro",)), ("ro", ())], ["fs", "ro"], id="listed-the-other-way-round"),
    ],
)
def test_what_was_made_from_a_document_goes_before_it(
    made: list[tuple[str, tuple[str, ...]]], order: list[str]
) -> None:
    assert in_undoing_order(made) == order
