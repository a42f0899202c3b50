"""Documents of another company of the same owner: whose they are, who buys, and at what prices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from pomost.config.flow import Flow, Step
from pomost.flows.draft import compose
from pomost.ports import Erp, NeedsPerson, Waiting
from pomost.store.steps import StepRecord
from pomost.trade.between import PriceRule, UnitPrice, lines_between
from pomost.trade.documents import Document, Draft, DraftLine
from pomost.trade.errors import Refused
from pomost.trade.order import Order, Party


def goods_for_other(order: Order, flow: Flow, step: Step, erp: Erp) -> tuple[DraftLine, ...]:
    """The order's goods as the step's company sells them to the flow's.

    Raises NeedsPerson where a price is missing, Waiting where a cost is: it is known once the goods came.
    """
    lines = compose(order, flow).lines
    skus = {line.sku for line in lines if not line.service}
    company = step.company
    try:
        rule = PriceRule.of(step.prices)
        return lines_between(
            lines, order.basis, rule, erp.item_vat(company, skus), _prices(rule, step, erp, skus)
        )
    except Refused as refusal:
        text = f"Order {order.number}, company {company}: {refusal.text}"
        if refusal.code == "trade.no-price-between" and step.prices.startswith("margin"):
            raise Waiting(refusal.code, text, (), refusal.advice, **refusal.facts) from refusal
        raise NeedsPerson(refusal.code, text, refusal.advice, **refusal.facts) from refusal


def _prices(rule: PriceRule, step: Step, erp: Erp, skus: set[str]) -> Mapping[str, UnitPrice]:
    if rule.by == "level":
        return erp.level_prices(step.company, rule.level, skus)
    if rule.by == "margin":
        costs = erp.unit_costs(step.company, step.warehouse, skus)
        return {sku: UnitPrice("net", "PLN", cost) for sku, cost in costs.items()}
    return {sku: UnitPrice("net", "PLN", price) for sku, price in step.fixed_prices.items()}


def sold_to(draft: Draft, buyer: Party, order: Order, step: Step, lines: tuple[DraftLine, ...]) -> Draft:
    """The draft as a document of one company for the other: net, not paid yet, with the goods' own prices."""
    currency = order.currency if step.prices == "order" else "PLN"
    kept = currency == draft.currency
    return replace(
        draft,
        basis="net",
        currency=currency,
        rate=draft.rate if kept else None,
        rate_note=draft.rate_note if kept else "",
        buyer=buyer,
        recipient=(order.delivery.to if order.delivery.to.shown_name else order.buyer)
        if step.deliver_to == "customer"
        else None,
        lines=lines,
        paid=Decimal(0),
        payment_form="",
        notes=order.comments if step.deliver_to == "customer" else "",
    )


def mirrored(draft: Draft, supplier: Party, documents: tuple[Document, ...]) -> Draft:
    """The draft as the other side's booking of ``documents``: the same lines and amounts, their company as supplier."""
    first = documents[0]
    return replace(
        draft,
        basis=first.basis,
        currency=first.currency,
        rate=first.rate,
        rate_note=first.rate_note,
        buyer=supplier,
        recipient=None,
        sold_on=first.sold_on,
        due_on=first.due_on,
        lines=tuple(
            DraftLine(
                sku=line.sku,
                name=line.name,
                quantity=line.quantity,
                price=line.price,
                vat=line.vat,
                unit=line.unit,
                service=line.service,
                order_line=line.order_line,
            )
            for document in documents
            for line in document.lines
        ),
        paid=Decimal(0),
        payment_form=first.payment_form,
        foreign_number=", ".join(document.number for document in documents),
        notes="",
    )


def mirrored_documents(
    flow: Flow, step: Step, done: Mapping[str, StepRecord], erp: Erp
) -> tuple[Document, ...]:
    """The other company's documents that the step books; raises NeedsPerson ``flow.document-vanished``."""
    origin = next(one for one in flow.step if one.id == step.mirror)
    found: list[Document] = []
    for name, record in done.items():
        if name.split("#")[0] != step.mirror or record.state != "done":
            continue
        document = erp.read(company_of(flow, origin), str(record.result.get("id", "")))
        if document is None or document.state == "cancelled":
            raise NeedsPerson(
                "flow.document-vanished",
                f"{record.result.get('kind')} {record.result.get('number')} is not in force in the ERP any more.",
                "Restore it there, or skip the step.",
            )
        found.append(document)
    return tuple(found)


def company_of(flow: Flow, step: Step) -> str:
    """The company in which the step's document is made."""
    return step.company or flow.company


def is_for_other(flow: Flow, step: Step) -> bool:
    """Whether the step makes a document that one company gives the other, from the order itself."""
    return company_of(flow, step) != flow.company and not step.source and not step.mirror
