"""Money paid back of a sale that has advance invoices and never got its final one."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pomost.flows.lowering import check_not_of_advances
from pomost.trade.corrections import Standing, StandingLine
from pomost.trade.documents import LineChange
from pomost.trade.errors import Refused
from pomost.trade.vat import VatRate
from tests.flows.test_lowering import back, money
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
