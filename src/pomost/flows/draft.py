"""From an order to the draft of a document, by the rules of its flow. Pure but for the exchange rate, which is given."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from pomost.config.flow import Flow, Step
from pomost.flows.settling import is_booked
from pomost.ports import NeedsPerson, Rate
from pomost.store.cases import Case
from pomost.store.steps import StepRecord
from pomost.trade.choice import choose_sale_kind, has_wrong_number
from pomost.trade.compose import Composed, ComposeRules, compose_lines, document_skus
from pomost.trade.documents import KINDS, Draft
from pomost.trade.errors import Refused
from pomost.trade.order import Order
from pomost.trade.vat import VatRate


def kind_of(step: Step, order: Order, flow: Flow) -> str:
    """The kind of document that ``step`` makes of ``order``; raises NeedsPerson where FS or PA can't be decided,
    or a company's FS would bear a wrong tax number."""
    if step.issue != "FS/PA":
        _look_at_number(step, order, flow)
        return step.issue
    choice = choose_sale_kind(order, flow.rules.sale)
    if choice.kind is None:
        raise NeedsPerson(
            "flow.sale-kind-unresolved",
            f"It can't be decided whether order {order.number} gets an FS or a PA: {choice.reason}.",
            "Correct the tax number or the invoice wish in the channel, or choose another rule (rules.sale).",
        )
    return choice.kind


def _look_at_number(step: Step, order: Order, flow: Flow) -> None:
    """An FS straight from the order: with a company's wrong tax number it would have to be corrected.

    What follows documents that bear the number already, and an FS for another company, is not asked about.
    """
    if step.issue != "FS" or step.source or step.settles or step.company or flow.rules.sale == "always-fs":
        return
    if order.buyer.company.strip() and has_wrong_number(order):
        raise NeedsPerson(
            "flow.wrong-tax-number",
            f"Order {order.number} gets an FS, and the company's tax number is not valid.",
            'Correct the tax number on the order or take it out; rules.sale = "always-fs" takes it as it is.',
        )


VAT_DIFFERS = "VAT_DIFFERS"
"""The attribute of a document that says where rates of order and item card differ."""


def compose(
    order: Order, flow: Flow, item_vat: Mapping[str, VatRate] | None = None, *, vat_decided: bool = False
) -> Composed:
    """The lines of the order's documents; raises NeedsPerson for what no document can carry.

    With the rule "ask" for rates that differ from those of the item cards it raises ``flow.vat-differs``, unless a
    person has decided (``vat_decided``): then the order's rates are taken.
    """
    rules = flow.rules
    try:
        found = compose_lines(order, _compose_rules(flow, item_vat))
    except Refused as refusal:
        raise NeedsPerson(
            refusal.code, f"Order {order.number}: {refusal.text}", refusal.advice, **refusal.facts
        ) from refusal
    if found.vat_differs and rules.vat_differs == "ask" and not vat_decided:
        lines = "; ".join(
            f"line {one.number} {one.sku} has {one.order.code} on the order and {one.card.code} on the card"
            for one in found.vat_differs
        )
        raise NeedsPerson(
            "flow.vat-differs",
            f"Order {order.number}: VAT rates differ: {lines}.",
            "Correct the rate in the channel or on the card and `pomost retry`; or `pomost skip ORDER vat`, and the "
            "order's rates are taken.",
            decide="vat",
        )
    return found


def skus_of(order: Order, flow: Flow) -> frozenset[str]:
    """The SKUs that the order's lines have on its documents."""
    return document_skus(order, _compose_rules(flow, None))


def _compose_rules(flow: Flow, item_vat: Mapping[str, VatRate] | None) -> ComposeRules:
    rules = flow.rules
    imposed = rules.vat_differs if rules.vat_differs in ("order", "item") else ""
    return ComposeRules(
        delivery_sku=rules.delivery_sku,
        delivery_name=rules.delivery_name,
        delivery_vat=rules.delivery_vat,
        discount_sku=rules.discount_sku,
        service_skus=frozenset(rules.service_skus),
        unnamed_sku=rules.unnamed_sku,
        vat_from="item" if (imposed or rules.vat_from) == "item" else "order",
        item_vat=item_vat,
        aliases=dict(rules.aliases),
    )


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
    """The document that ``step`` asks for. Made from earlier documents where the step names its sources.

    Where the document is not the customer's (another company's, or a receipt of goods), parties and terms are left to its
    sources.
    """
    order = case.order
    assert order is not None
    kind = kind_of(step, order, flow)
    if _is_of_others(flow, step, kind):
        return Draft(
            kind=kind,
            company=step.company or flow.company,
            key=key,
            issued_on=today,
            sold_on=today if kind in KINDS and KINDS[kind].sale else None,
            due_on=today + timedelta(days=flow.rules.payment_days),
            warehouse=_warehouse(flow, step),
            series=step.series,
            currency=order.currency,
            rate=rate.value if rate else None,
            rate_note=rate.note if rate else "",
            sources=source_ids(step, case, done),
            foreign_number=order.id,
            attributes=_attributes(order),
            approve=step.approve,
            moves_stock=step.moves_stock,
            partial=step.partial == "available",
        )
    sources = source_ids(step, case, done)
    composed = None if sources else compose(order, flow, item_vat, vat_decided=is_skipped(done, "vat"))
    attributes = _attributes(order)
    if composed and composed.vat_differs:
        attributes[VAT_DIFFERS] = "; ".join(map(str, composed.vat_differs))
    sale = KINDS[kind].sale if kind in KINDS else False
    recipient = order.delivery.to if order.delivery.to.shown_name else None
    # where a step books the payment, it is that step that says that it was paid
    paid = order.payment.paid if sale and not is_booked(flow, step.id) else Decimal(0)
    return Draft(
        kind=kind,
        company=flow.company,
        key=key,
        issued_on=today,
        sold_on=today if sale else None,
        due_on=today if order.is_paid else today + timedelta(days=flow.rules.payment_days),
        warehouse=_warehouse(flow, step),
        series=step.series,
        currency=order.currency,
        rate=rate.value if rate else None,
        rate_note=rate.note if rate else "",
        basis=order.basis,
        buyer=order.buyer,
        recipient=recipient,
        lines=composed.lines if composed else (),
        sources=sources,
        payment_form=order.payment.method,
        paid=paid,
        foreign_number=order.id,
        notes=order.comments,
        attributes=attributes,
        approve=step.approve,
        moves_stock=step.moves_stock,
        issued_by=step.issued_by,
        partial=step.partial == "available",
    )


def _is_of_others(flow: Flow, step: Step, kind: str) -> bool:
    return (
        step.company not in ("", flow.company)
        or bool(step.mirror)
        or (kind in KINDS and KINDS[kind].stock > 0 and bool(step.source))
    )


def _warehouse(flow: Flow, step: Step) -> str:
    """The step's; the flow's is one of the flow's company and means nothing to another."""
    return step.warehouse or (flow.warehouse if step.company in ("", flow.company) else "")


def is_skipped(done: Mapping[str, StepRecord], step: str) -> bool:
    """Whether a person decided that this is left out."""
    record = done.get(step)
    return record is not None and record.state == "skipped"


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
