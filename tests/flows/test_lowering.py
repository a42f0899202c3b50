"""Money of a return over the documents of its sale: one, several, killed between, against what the ledger has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from pomost.config.flow import Flow, Rules
from pomost.flows.correcting import correction_draft, planned
from pomost.flows.lowering import result_of
from pomost.flows.returns import AMOUNT, DELIVERY
from pomost.ledger import open_ledger
from pomost.ports import NeedsPerson
from pomost.store.cases import Case
from pomost.store.steps import StepRecord
from pomost.trade.documents import Document
from pomost.trade.order import Order, OrderLine, Party
from pomost.trade.vat import VatRate
from tests.ledger.firm import DAY, FIRMA, Firm, mugs, shipping

D = Decimal
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture
def firm(tmp_path: Path) -> Iterator[Firm]:
    ledger = open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    yield Firm(ledger)
    ledger.close()


def flow_of(**rules: Any) -> Flow:
    return Flow.model_validate(
        {
            "name": "zwroty",
            "source": "sklep",
            "company": "kubki",
            "kind": "return",
            "step": [{"id": "correction", "correct": "FSK/PAK"}, {"id": "goods", "correct": "WZK"}],
            "rules": Rules(delivery_sku="DOSTAWA", return_reason="Zwrot", **rules).model_dump(),
        }
    )


def back(line: str, pieces: int, cheaper: str = "0") -> OrderLine:
    return OrderLine(
        f"z{line}",
        "KUBEK-1",
        "Kubek",
        D(pieces),
        D("19.99"),
        VatRate.of("23"),
        of_line=line,
        cheaper=D(cheaper),
    )


def money(number: str, amount: str, *lines: OrderLine, currency: str = "PLN") -> Order:
    return Order(
        id=number,
        number=number,
        source="return",
        status="refunded",
        confirmed=True,
        placed_at=NOON,
        confirmed_at=NOON,
        currency=currency,
        buyer=Party(),
        lines=lines,
        of_order="100",
        extra={DELIVERY: "0", AMOUNT: amount},
    )


def corrected(firm: Firm, order: Order, **rules: Any) -> list[Document]:
    """What the step makes, one document after the other, each as after a restart: from what is stored alone."""
    flow = flow_of(**rules)
    step = flow.step[0]
    done: dict[str, StepRecord] = {}
    made: list[Document] = []
    while True:
        plan = planned(flow, step, order, done, firm.ledger.standings(firm.code, "100"))
        if plan.nothing:
            return made
        share = plan.shares[0]
        case = cast(Case, SimpleNamespace(order=order))
        key = f"{order.id}-{len(made)}"
        draft = correction_draft(flow, step, case, share, plan.changes(share), key=key, today=DAY)
        made.append(firm.ledger.issue(replace(draft, company=firm.code)))
        assert made[-1].correction is not None
        result = {"of": made[-1].correction.of_number, **result_of(order, step, done, made[-1])}
        done["correction" if len(made) == 1 else f"correction#{len(made)}"] = StepRecord(
            "correction", "done", "", result=result
        )
        if not result.get("rest"):
            return made


def invoice(firm: Firm, key: str = "fs", line: str = "1", **more: Any) -> Document:
    """3 mugs at 19.99 and delivery at 9.99: 69.96."""
    return firm.issue(
        "FS",
        key,
        replace(mugs(3), order_line=line),
        shipping(),
        buyer=FIRMA,
        paid=D("69.96"),
        foreign_number="100",
        **more,
    )


def over(firm: Firm) -> Decimal:
    return sum((one.gross for kind in ("FS", "FSK") for one in firm.ledger.documents(kind=kind)), D(0))


def test_two_invoices_of_one_order_bear_it_together_to_the_grosz(firm: Firm) -> None:
    invoice(firm)
    invoice(firm, "fs2", "2")

    made = corrected(firm, money("100-1", "20.01"))

    assert sorted(one.gross for one in made) == [D("-10.01"), D("-10.00")]
    assert {one.correction.of_number for one in made if one.correction} == {"FS/1/2026", "FS/2/2026"}
    assert over(firm) == D("139.92") - D("20.01")


def test_goods_of_one_invoice_and_money_for_both(firm: Firm) -> None:
    invoice(firm)
    invoice(firm, "fs2", "2")

    made = corrected(firm, money("100-1", "25.00", back("1", 1)))

    assert sum(one.gross for one in made) == D("-25.00")
    assert sum((line.back for one in made if one.correction for line in one.correction.lines), D(0)) == 1


def test_a_line_that_became_cheaper_is_lowered_and_no_other(firm: Firm) -> None:
    invoice(firm)
    [made] = corrected(firm, money("100-1", "6.00", back("1", 0, "6.00")))
    assert [(line.sku, line.gross) for line in made.lines] == [("KUBEK-1", D("-6.00"))]


def test_the_shops_own_rounding_is_no_lower_price(firm: Firm) -> None:
    invoice(firm)
    [made] = corrected(firm, money("100-1", "20.00", back("1", 1)))
    assert made.gross == D("-19.99")


def test_paid_back_again_and_again_it_never_goes_below_zero(firm: Firm) -> None:
    invoice(firm)
    for number in range(5):
        corrected(firm, money(f"100-{number}", "11.00"))
    with pytest.raises(NeedsPerson) as refused:
        corrected(firm, money("100-9", "11.00"))
    assert refused.value.code == "trade.lower-more-than-left"
    assert refused.value.facts["left"] == "4.97"
    assert over(firm) == D("14.96")
    # with the delivery there is enough, and at the end nothing is left
    corrected(firm, money("100-10", "14.96"), lower_delivery=True)
    assert over(firm) == 0


@pytest.mark.parametrize(
    ("order", "code"),
    [
        (money("100-1", "0.00", back("1", 0, "0.00")), ""),
        (money("100-1", "1000.00"), "trade.lower-more-than-left"),
        (money("100-1", "5.00", currency="EUR"), "trade.lower-currency"),
        (money("100-1", "99.00", back("1", 0, "99.00")), "trade.lower-more-than-left"),
    ],
)
def test_what_can_not_be_is_refused_and_nothing_is_made(firm: Firm, order: Order, code: str) -> None:
    invoice(firm)
    if not code:
        assert corrected(firm, order) == []
        return
    with pytest.raises(NeedsPerson) as refused:
        corrected(firm, order)
    assert refused.value.code == code
    assert firm.ledger.documents(kind="FSK") == []


def test_net_prices_are_for_a_person(firm: Firm) -> None:
    invoice(firm, basis="net")
    with pytest.raises(NeedsPerson) as refused:
        corrected(firm, money("100-1", "5.00"))
    assert refused.value.code == "trade.lower-net"


def test_a_line_sold_on_two_invoices_is_for_a_person(firm: Firm) -> None:
    invoice(firm)
    invoice(firm, "fs2")
    with pytest.raises(NeedsPerson) as refused:
        corrected(firm, money("100-1", "5.00", back("1", 0, "5.00")))
    assert refused.value.code == "trade.lower-several-documents"


def test_goods_issues_are_not_touched(firm: Firm) -> None:
    sale = invoice(firm)
    firm.convert("WZ", "wz", sale)
    flow = flow_of()
    plan = planned(flow, flow.step[1], money("100-1", "5.00"), {}, firm.ledger.standings(firm.code, "100"))
    assert plan.nothing
