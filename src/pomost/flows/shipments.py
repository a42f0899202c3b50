"""Shipments of orders: what conditions and texts know of them, and how an order becomes one. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal

from cel import Context

from pomost.config.flow import Flow, Step
from pomost.config.shipping import ShipRule, ShipStep
from pomost.flows.another import is_wished
from pomost.flows.conditions import holds
from pomost.ports import Json, NeedsPerson
from pomost.ports.carrier import Carrier, Parcel, ShipmentOrder, ShipmentState
from pomost.store.steps import StepRecord
from pomost.trade.order import Order, Party

LONGEST_REFERENCE = 50
HANDED_OVER = frozenset(
    {
        ShipmentState.COLLECTED,
        ShipmentState.ON_THE_WAY,
        ShipmentState.AT_POINT,
        ShipmentState.DELIVERED,
        ShipmentState.RETURNED,
    }
)
"""The carrier has the parcel, or had it."""
LEFT_OUT = "left-out"
"""The state of a shipment that a rule leaves out: as good as handed over for steps that only wait for that."""


@dataclass(frozen=True, slots=True)
class Carriers:
    """By the names of their connections. ``keep`` keeps a label: (company, carrier, name, content) -> its path."""

    known: Mapping[str, Carrier] = field(default_factory=dict)
    keep: Callable[[str, str, str, bytes], str] = lambda company, carrier, name, content: ""

    def carrier(self, name: str) -> Carrier:
        """Raises NeedsPerson ``shipping.unknown-carrier``."""
        if name not in self.known:
            raise NeedsPerson(
                "shipping.unknown-carrier",
                f'There is no carrier "{name}".',
                f"Carriers: {', '.join(self.known) or 'none'}.",
            )
        return self.known[name]


def ship_steps(flow: Flow) -> tuple[str, ...]:
    return tuple(step.id for step in flow.step if step.ship)


def shipments_of(done: Mapping[str, StepRecord], steps: Iterable[str] = ()) -> Json:
    """Shipments by step: tracking (number), url, carrier, service, state, handed_over. Those of ``steps`` that are not
    ordered yet have empty texts, so that conditions may ask for them from the start."""
    found: Json = {step: _facts({}) for step in steps}
    for name, record in done.items():
        if record.state == "done" and "shipment" in record.result:
            found[name.split("#")[0]] = _facts(record.result)
    return found


def _facts(result: Json) -> Json:
    state = str(result.get("state", ""))
    tracking = str(result.get("tracking", ""))
    return {
        "id": str(result.get("shipment", "")),
        "number": tracking,
        "tracking": tracking,
        "url": str(result.get("tracking_url", "")),
        "carrier": str(result.get("carrier", "")),
        "service": str(result.get("service", "")),
        "state": state,
        "handed_over": state in HANDED_OVER or state == LEFT_OUT,
    }


def undelivered(done: Mapping[str, StepRecord]) -> list[tuple[str, str]]:
    """Steps whose parcel somebody has to look after, with what is the matter; not one that another shipment follows."""
    found = []
    for name, record in done.items():
        if record.state != "done" or not record.result.get("shipment"):
            continue
        if is_wished(record.result):
            continue
        state, problem = record.result.get("state"), str(record.result.get("problem", ""))
        if state in ("failed", "cancelled") or (problem and state not in ("delivered", "returned")):
            found.append((name, problem or str(record.result.get("raw") or state)))
    return found


# from an order to a shipment


@dataclass(frozen=True, slots=True)
class Wish:
    """What the rules of a step say of one order. ``service`` empty: it is not shipped."""

    carrier: str
    service: str
    parcel: Parcel
    insured: bool
    options: Mapping[str, str]


def wish_of(step: Step, facts: Context, number: str) -> Wish | None:
    """The first rule that fits, filled up by the step; None where the order is left out.

    Raises NeedsPerson ``shipping.no-rule`` where neither a rule nor the step names a service, and for faulty conditions.
    """
    asked = step.ship
    assert asked is not None
    rule = next(
        (one for one in asked.rules if holds(one.when, facts, f'step "{step.id}", rule of shipping')),
        ShipRule(),
    )
    if rule.leave_out:
        return None
    service = rule.service or asked.service
    if not service:
        raise NeedsPerson(
            "shipping.no-rule",
            f'Step "{step.id}": no rule says how order {number} is shipped.',
            "Add a rule, or name a service in the step; or ship it by hand and `pomost skip` the step.",
        )
    return Wish(
        rule.carrier or asked.carrier,
        service,
        _parcel(asked, rule),
        (rule.insurance or asked.insurance) == "total",
        {**asked.options, **rule.options},
    )


def _parcel(asked: ShipStep, rule: ShipRule) -> Parcel:
    size = rule.size_mm or (None if rule.template else asked.size_mm)
    template = "" if size else rule.template or asked.template
    length, width, height = size or (None, None, None)
    return Parcel(rule.weight_kg or asked.weight_kg, length, width, height, template)


def shipment_of(
    asked: ShipStep, wish: Wish, order: Order, reference: str, weight: Decimal | None
) -> ShipmentOrder:
    """The order as a shipment. ``weight``: of its goods by their cards, None where that is not known."""
    parcel = wish.parcel
    if asked.weigh == "cards" and weight is not None:
        heavy = (weight + asked.packaging_kg).quantize(Decimal("0.001"), ROUND_HALF_UP)
        parcel = replace(parcel, weight_kg=heavy if heavy > 0 else parcel.weight_kg)
    owed = order.total - order.payment.paid
    collects = asked.cod == "order" and order.payment.cash_on_delivery and owed > 0
    return ShipmentOrder(
        reference=reference,
        service=wish.service,
        to=receiver_of(order),
        point=order.delivery.point.code if order.delivery.point else "",
        parcels=(parcel,),
        cod=owed if collects else None,
        insurance=order.total if wish.insured and order.total > 0 else None,
        currency=order.currency,
        content=asked.content,
        options=dict(wish.options),
        order_id=order.id,
    )


def receiver_of(order: Order) -> Party:
    """Whom the parcel goes to; what the delivery address does not say is as the buyer's."""
    to, buyer = order.delivery.to, order.buyer
    named = to if to.shown_name else replace(to, name=buyer.name, company=buyer.company)
    return replace(
        named,
        tax_id="",
        email=to.email or buyer.email,
        phone=to.phone or buyer.phone,
        address=to.address if to.address.street or to.address.city else buyer.address,
    )


def goods_weight(order: Order, weights: Mapping[str, Decimal]) -> Decimal | None:
    """Weight in kg of all goods by their cards; None where one of them has none."""
    total = Decimal(0)
    for line in order.lines:
        if line.quantity <= 0 or not line.sku:
            continue
        if line.sku not in weights:
            return None
        total += weights[line.sku] * line.quantity
    return total if total > 0 else None


def reference_of(key: str, attempt: int) -> str:
    """Our key as carriers take it: at most 50 characters, the same in every repetition; ``attempt`` counts shipments that
    did not come about."""
    text = re.sub(r"[^A-Za-z0-9:/_.-]", "-", key) + (f"+{attempt}" if attempt > 1 else "")
    if len(text) <= LONGEST_REFERENCE:
        return text
    return f"{text[: LONGEST_REFERENCE - 13]}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def next_look(ordered_at: float, now: float) -> float:
    """When a shipment without a label is looked at again: after 1, 2, 4, 8 s and so on, at last every five minutes."""
    return now + min(max(now - ordered_at, 1.0), 300.0)
