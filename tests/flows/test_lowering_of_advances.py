"""Money paid back of a sale that has advance invoices and never got its final one."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from pomost.flows.correcting import planned
from pomost.flows.lowering import check_not_of_advances
from pomost.store.steps import StepRecord
from pomost.trade.corrections import Standing, StandingLine
from pomost.trade.documents import LineChange, VatRow
from pomost.trade.errors import Refused
from pomost.trade.vat import VatRate
from tests.flows.test_lowering import back, flow_of, money
from tests.ledger.firm import DAY

D = Decimal
GOODS = Standing(
    "7",
    "FZAL",
    "FZAL/1/2026",
    DAY,
    "gross",
    "MAG",
    (StandingLine("1", "KUBEK-1", "Kubek", "szt.", VatRate.of("23"), D(2), D("19.99"), D("39.98")),),
    (),
)


@pytest.mark.parametrize(
    ("amount", "pieces"),
    [("10.00", 0), ("39.98", 0), ("25.00", 1), ("20.01", 1)],
    ids=["a part", "everything", "a piece and more", "a piece and two grosze"],
)
def test_money_beyond_the_goods_is_asked_about_with_the_advance_named(amount: str, pieces: int) -> None:
    changes = [LineChange("1", D(pieces))] if pieces else []
    order = money("1", amount, *[back("1", pieces)] * bool(pieces))

    with pytest.raises(Refused, match="FZAL/1/2026") as refused:
        check_not_of_advances(order, GOODS, changes)

    assert refused.value.code == "trade.lower-advances"
    assert amount in str(refused.value)


@pytest.mark.parametrize("amount", ["19.99", "20.00", "10.00"])
def test_money_for_the_goods_alone_is_left_to_the_advances_own_corrections(amount: str) -> None:
    check_not_of_advances(money("1", amount, back("1", 1)), GOODS, [LineChange("1", D(1))])


def test_what_the_first_advance_passed_the_second_is_not_refused_for() -> None:
    # 30.00 and 9.98 were paid in advance; a mug of 19.99 came back, and the shop told its money.
    # The newest advance was corrected to nothing, the other has to bear 10.01 still.
    paid = StandingLine("1", "", "Zaliczka", "szt.", VatRate.of("23"), D(1), D("30.00"), D("30.00"))
    first = replace(GOODS, id="6", number="FZAL/1/2026", lines=(paid,), vat_rows=(_row("30.00"),))
    kept = (replace(GOODS.lines[0], quantity=D(1), value=D("19.99")),)
    last = replace(GOODS, number="FZAL/2/2026", lines=(), vat_rows=(_row("0.00"),), ordered=kept)
    flow = flow_of()
    done = {"correction": StepRecord("correction", "done", "", result={"of": last.number, "left": {}})}

    found = planned(flow, flow.step[0], money("1", "19.99", back("1", 1)), done, [first, last])

    assert [one.standing.number for one in found.advances] == ["FZAL/1/2026"]


def _row(gross: str) -> VatRow:
    return VatRow(VatRate.of("23"), D(0), D(0), D(gross))
