"""RW and PW of a flow: goods that leave or come in without a sale, as when a faulty piece is exchanged.

They carry what goods cost, never what they were sold for. What leaves by an RW has the cost of its lots, known once
it has left, so its lines have no price; what comes in by a PW comes back at the cost at which it once left.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from pomost.config.flow import Flow, Step
from pomost.flows.correcting import place_of
from pomost.flows.draft import compose
from pomost.ports import NeedsPerson
from pomost.store.cases import Case
from pomost.store.steps import StepRecord
from pomost.trade.corrections import Standing
from pomost.trade.documents import Draft, DraftLine
from pomost.trade.order import Order

INTERNAL = frozenset({"RW", "PW"})


def internal_draft(
    flow: Flow,
    step: Step,
    case: Case,
    done: Mapping[str, StepRecord],
    standings: Sequence[Standing],
    *,
    key: str,
    today: date,
) -> Draft:
    """The RW or PW of ``step``; goods that came back to two warehouses make a PW for each.

    ``standings``: the documents by which the goods of a PW once left. Raises NeedsPerson ``flow.no-goods``,
    ``flow.no-cost``.
    """
    order = case.order
    assert order is not None
    lines = _left_of(flow, step, order, done)
    warehouse = flow.warehouse
    if step.issue == "PW":
        places = {line.id: place_of(line, flow.rules) for line in order.lines}
        place = places[lines[0].order_line]
        lines = [line for line in lines if places[line.order_line] == place]
        warehouse = place or flow.warehouse
    return Draft(
        kind=step.issue,
        company=flow.company,
        key=key,
        issued_on=today,
        warehouse=warehouse,
        series=step.series,
        basis="net",
        buyer=order.buyer,
        lines=tuple(
            replace(line, price=_cost(order, line, standings) if step.issue == "PW" else Decimal(0))
            for line in lines
        ),
        foreign_number=order.of_order or order.id,
        attributes={"RETURN_ID": order.id, "ORDER_ID": order.of_order}
        if order.of_order
        else {"ORDER_ID": order.id},
        approve=step.approve,
    )


def lines_left(flow: Flow, step: Step, order: Order, done: Mapping[str, StepRecord], draft: Draft) -> bool:
    """Whether goods are left for a further part of the step once ``draft`` is made."""
    made = {line.order_line for line in draft.lines}
    return any(line.order_line not in made for line in _goods(flow, order, _made(step, done)))


def _left_of(flow: Flow, step: Step, order: Order, done: Mapping[str, StepRecord]) -> list[DraftLine]:
    lines = _goods(flow, order, _made(step, done))
    if not lines:
        raise NeedsPerson(
            "flow.no-goods",
            f"{order.number} has no goods to put on a {step.issue}.",
            "Add products to it in the channel, or skip the step.",
        )
    return lines


def _goods(flow: Flow, order: Order, made: set[str]) -> list[DraftLine]:
    return [line for line in compose(order, flow).lines if not line.service and line.order_line not in made]


def _made(step: Step, done: Mapping[str, StepRecord]) -> set[str]:
    return {
        line
        for name, record in done.items()
        if name.split("#")[0] == step.id and record.state == "done"
        for line in record.result.get("lines", ())
    }


def _cost(order: Order, line: DraftLine, standings: Sequence[Standing]) -> Decimal:
    origin = next(one.of_line for one in order.lines if one.id == line.order_line) or line.order_line
    known = [one for standing in standings for one in standing.lines if one.cost is not None]
    for one in known:
        if one.order_line == origin and one.cost is not None:
            return one.cost
    for one in known:
        if one.sku == line.sku and one.cost is not None:
            return one.cost
    raise NeedsPerson(
        "flow.no-cost",
        f"{order.number}: {line.sku} is to come in, and no document of the order shows at what cost it left.",
        "Make the PW by hand at its cost and skip the step.",
        sku=line.sku,
    )
