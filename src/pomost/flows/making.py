"""Products of an order: what is asked of the ERP, the draft of its PWP, and kits sold as their components."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from pomost.config.flow import Flow, Step
from pomost.flows.draft import compose, source_ids
from pomost.ports import Erp, Failure, NeedsPerson
from pomost.store.cases import Case
from pomost.store.steps import StepRecord
from pomost.trade.documents import Draft, DraftLine
from pomost.trade.errors import Refused
from pomost.trade.kits import sold_as_components
from pomost.trade.order import Basis, Order
from pomost.trade.recipes import ToMake

NOTHING = "nothing to make"


def asked_of(
    flow: Flow, step: Step, case: Case, done: Mapping[str, StepRecord]
) -> tuple[str, str, tuple[str, ...], tuple[DraftLine, ...]]:
    """Company, warehouse, ids of the source documents and, where there are none, the order's lines."""
    order = case.order
    assert order is not None
    sources = tuple(one for one in source_ids(step, case, done) if one.isdecimal())
    warehouse = step.warehouse or flow.warehouse
    return flow.company, warehouse, sources, () if sources else compose(order, flow).lines


def making_draft(flow: Flow, step: Step, case: Case, found: ToMake, *, key: str, today: date) -> Draft:
    """The PWP of what was found to be missing. Its costs are known once it is made."""
    order = case.order
    assert order is not None
    return Draft(
        kind=step.issue,
        company=flow.company,
        key=key,
        issued_on=today,
        warehouse=found.warehouse,
        series=step.series,
        basis="net",
        lines=found.lines,
        foreign_number=order.id,
        attributes={"ORDER_ID": order.id},
        approve=step.approve,
    )


def shown(found: ToMake) -> str:
    """What would be made, for people."""
    if not found.lines:
        return NOTHING
    return "; ".join(
        f"{make.quantity} {make.sku} (of {', '.join(f'{use.quantity} {use.sku}' for use in make.uses)})"
        for make in found.making.makes
    )


def as_components(
    lines: tuple[DraftLine, ...], basis: Basis, order: Order, flow: Flow, erp: Erp
) -> tuple[DraftLine, ...]:
    """The lines, with kits replaced by their components where the flow's rule says so. Raises NeedsPerson."""
    rules = flow.rules
    if rules.kits != "components":
        return lines
    kits = erp.kits(flow.company, rules.kit_level, {line.sku for line in lines if not line.service})
    try:
        return sold_as_components(lines, kits, basis)
    except Refused as refusal:
        raise NeedsPerson(
            refusal.code, f"Order {order.number}: {refusal.text}", refusal.advice, **refusal.facts
        ) from refusal


def with_components(draft: Draft, order: Order, flow: Flow, erp: Erp) -> Draft:
    """The draft of the customer's document with its kits as the flow's rule wants them. Raises NeedsPerson."""
    lines = as_components(draft.lines, draft.basis, order, flow, erp)
    return draft if lines == draft.lines else replace(draft, lines=lines)


def check_making(flow: Flow) -> list[Failure]:
    """Faults that can be seen without running: components without a level of prices, a PWP for another company."""
    found: list[Failure] = []

    def fault(text: str, advice: str) -> None:
        found.append(NeedsPerson("flow.faulty", f'Flow "{flow.name}", {text}.', advice))

    if flow.rules.kits == "components" and not flow.rules.kit_level:
        fault(
            "rules: kits are sold as components, and no level of prices divides them",
            "Set rules.kit_level to a price level of the item cards.",
        )
    for step in flow.step:
        if step.issue != "PWP":
            continue
        if step.company not in ("", flow.company):
            fault(f"{step.id}: products are made in the flow's own company", "Take company out of the step.")
        if not step.approve:
            fault(f"{step.id}: a PWP does not wait in bufor", "Take approve = false out of the step.")
        if flow.kind != "order":
            fault(f"{step.id}: products are made for orders", "Take the step out.")
    return found
