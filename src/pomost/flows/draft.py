"""From an order to the draft of a document, by the rules of its flow. Pure but for the exchange rate, which is given."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from pomost.config.model import Flow, Step
from pomost.ports import NeedsPerson, Rate
from pomost.store.cases import Case
from pomost.store.steps import StepRecord
from pomost.trade.choice import choose_sale_kind
from pomost.trade.compose import Composed, ComposeRules, compose_lines
from pomost.trade.documents import KINDS, Draft
from pomost.trade.errors import Refused
from pomost.trade.order import Order
from pomost.trade.vat import VatRate


def kind_of(step: Step, order: Order, flow: Flow) -> str:
    """The kind of document that ``step`` makes of ``order``; raises NeedsPerson where FS or PA can't be decided."""
    if step.issue != "FS/PA":
        return step.issue
    choice = choose_sale_kind(order, flow.rules.sale)
    if choice.kind is None:
        raise NeedsPerson(
            "flow.sale-kind-unresolved",
            f"It can't be decided whether order {order.number} gets an FS or a PA: {choice.reason}.",
            "Correct the tax number or the invoice wish in the channel, or choose another rule (rules.sale).",
        )
    return choice.kind


def compose(order: Order, flow: Flow, item_vat: Mapping[str, VatRate] | None = None) -> Composed:
    """The lines of the order's documents; raises NeedsPerson for what no document can carry."""
    rules = flow.rules
    try:
        return compose_lines(
            order,
            ComposeRules(
                delivery_sku=rules.delivery_sku,
                delivery_name=rules.delivery_name,
                delivery_vat=rules.delivery_vat,
                discount_sku=rules.discount_sku,
                service_skus=frozenset(rules.service_skus),
                unnamed_sku=rules.unnamed_sku,
                vat_from=rules.vat_from,
                item_vat=item_vat,
                aliases=dict(rules.aliases),
            ),
        )
    except Refused as refusal:
        raise NeedsPerson(
            refusal.code, f"Order {order.number}: {refusal.text}", refusal.advice, **refusal.facts
        ) from refusal


def draft_document(
    flow: Flow,
    step: Step,
    case: Case,
    done: Mapping[str, StepRecord],
    *,
    key: str,
    today: date,
    rate: Rate | None = None,
    item_vat: Mapping[str, VatRate] | None = None,
) -> Draft:
    """The document that ``step`` asks for. Made from earlier documents where the step names its sources."""
    order = case.order
    assert order is not None
    kind = kind_of(step, order, flow)
    sources = source_ids(step, case, done)
    lines = () if sources else compose(order, flow, item_vat).lines
    sale = KINDS[kind].sale if kind in KINDS else False
    recipient = order.delivery.to if order.delivery.to.shown_name else None
    paid = order.payment.paid if sale else Decimal(0)
    return Draft(
        kind=kind,
        company=flow.company,
        key=key,
        issued_on=today,
        sold_on=today if sale else None,
        due_on=today if order.is_paid else today + timedelta(days=flow.rules.payment_days),
        warehouse=flow.warehouse,
        series=step.series,
        currency=order.currency,
        rate=rate.value if rate else None,
        rate_note=rate.note if rate else "",
        basis=order.basis,
        buyer=order.buyer,
        recipient=recipient,
        lines=lines,
        sources=sources,
        payment_form=order.payment.method,
        paid=paid,
        foreign_number=order.id,
        notes=order.comments,
        attributes=_attributes(order),
        approve=step.approve,
        moves_stock=step.moves_stock,
        partial=step.partial == "available",
    )


def source_ids(step: Step, case: Case, done: Mapping[str, StepRecord]) -> tuple[str, ...]:
    """Ids of the documents that the step's sources made, parts of partial ones included."""
    ids: list[str] = [case.external_id] if step.from_order else []
    for name, record in done.items():
        origin = name.split("#")[0]
        if origin in step.source and record.state == "done" and record.result.get("id"):
            ids.append(str(record.result["id"]))
    return tuple(ids)


def _attributes(order: Order) -> dict[str, str]:
    found = {f"ORDER_{name}": text for name, text in order.extra.items() if text}
    found["ORDER_ID"] = order.id
    found["ORDER_SOURCE"] = order.source
    if order.delivery.point:
        found["PICKUP_POINT"] = order.delivery.point.code
    if order.delivery.method:
        found["DELIVERY_METHOD"] = order.delivery.method
    if order.external_id:
        found["EXTERNAL_ID"] = order.external_id
    return found
