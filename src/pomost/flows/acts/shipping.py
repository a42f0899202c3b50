"""Ordering a shipment exactly once: the intention is written, the shipment ordered and kept, its label waited for.

No carrier knows a key of ours that keeps it from carrying twice. So after any doubt it is asked whether our reference is
there, and nothing is ordered again before its answer can be trusted (`pomost.ports.carrier.Carrier.find`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Protocol, runtime_checkable

from pydantic import TypeAdapter

from pomost.config.flow import Flow
from pomost.flows.acts.hands import Hands, key_of
from pomost.flows.acts.pointing import check_point
from pomost.flows.conditions import to_ask
from pomost.flows.devices import for_a_person
from pomost.flows.facts import condition_facts, fill
from pomost.flows.plan import Todo
from pomost.flows.progress import Progress
from pomost.flows.shipments import (
    LEFT_OUT,
    Wish,
    goods_weight,
    next_look,
    reference_of,
    ship_steps,
    shipment_of,
    wish_of,
)
from pomost.ports import Failure, InDoubt, Json, NeedsPerson, StopConnection, TryAgain, WaitUntil
from pomost.ports.carrier import Buys, Carrier, Shipment, ShipmentOrder, ShipmentState
from pomost.store.claims import dump
from pomost.store.shipments import DEAD, ShipmentRow, state_after
from pomost.store.steps import Finished, Intention, StepRecord
from pomost.trade.card import Card
from pomost.trade.order import Order

NOTHING_ORDERED = "nothing-ordered"
"""Fact on a failure after which it is certain that nothing was ordered: the carrier need not be asked."""


@runtime_checkable
class HasCards(Protocol):
    """An ERP whose item cards can be read."""

    def cards(self, company: str, skus: Iterable[str]) -> Mapping[str, Card]: ...


@lru_cache(maxsize=1)
def _orders() -> TypeAdapter[ShipmentOrder]:
    return TypeAdapter(ShipmentOrder)


def do_ship(hands: Hands, flow: Flow, progress: Progress, todo: Todo) -> None:
    """Orders the shipment of the step, once, and takes its label; raises WaitUntil ``shipping.label-later`` until it is there."""
    progress.flush()
    try:
        row = ordered_before(hands, progress, todo.name)
        if row is None:
            row = _order(hands, flow, progress, todo)
        if row is not None:
            _take_label(hands, flow, progress, todo, row)
    except StopConnection as failure:
        assert todo.step.ship is not None
        raise for_a_person(todo.step.ship.carrier, failure) from failure


def ordered_before(hands: Hands, progress: Progress, name: str) -> ShipmentRow | None:
    """The shipment that a run before this one ordered; None when it certainly ordered none, or one that came to nothing and
    is to be ordered anew. Raises what the carrier's ``find`` does: WaitUntil while that can't be known."""
    record = progress.done.get(name)
    if record is None or "order" not in record.request:
        return None
    request = record.request
    row = hands.store.shipments.of_reference(request["carrier"], request["order"]["reference"])
    if row is not None:
        return None if row.is_dead and record.state == "failed" else row
    if record.state == "failed" and record.error.get("facts", {}).get("ordered") == NOTHING_ORDERED:
        return None
    order = _orders().validate_python(request["order"])
    since = datetime.fromisoformat(request["since"])
    carrier = hands.carriers.carrier(request["carrier"])
    found = carrier.find(order, since)
    return None if found is None else _keep(hands, progress, name, request, found)


def _order(hands: Hands, flow: Flow, progress: Progress, todo: Todo) -> ShipmentRow | None:
    """None: a rule leaves the order out."""
    case, name = progress.case, todo.name
    assert case.order is not None
    key = key_of(case, name)
    facts = to_ask(condition_facts(case.order, case.status, progress.done, ship_steps(flow)))
    wish = wish_of(todo.step, facts, case.number)
    if wish is None:
        progress.intend([Intention(name, key, "{}")])
        progress.finish(Finished(name, {"shipment": "", "state": LEFT_OUT, "left_out": "by rule"}))
        return None
    carrier = hands.carriers.carrier(wish.carrier)
    order = wanted_of(hands, flow, progress, todo, wish)
    check_point(progress, name, carrier, order)
    since = datetime.fromtimestamp(hands.now(), UTC)
    asked = todo.step.ship
    assert asked is not None
    request: Json = {
        "carrier": wish.carrier,
        "since": since.isoformat(),
        "every_s": asked.track_s,
        "order": _orders().dump_python(order, mode="json"),
    }
    progress.intend([Intention(name, key, dump(request))])
    hands.at(f"{todo.step.id}:intended")
    progress.still_mine()
    external_id = _create(carrier, progress, name, order, since)
    hands.at(f"{todo.step.id}:made")
    return _keep(hands, progress, name, request, external_id)


def wanted_of(hands: Hands, flow: Flow, progress: Progress, todo: Todo, wish: Wish) -> ShipmentOrder:
    """The shipment as it is asked for now."""
    case, asked = progress.case, todo.step.ship
    assert case.order is not None
    assert asked is not None
    weight = weight_of(hands.erp, flow, case.order) if asked.weigh == "cards" else None
    own = [
        row
        for row in hands.store.shipments.of_case(case.id)
        if row.step.split("#")[0] == todo.step.id and (row.is_dead or row.step != todo.name)
    ]
    reference = reference_of(key_of(case, todo.step.id), len(own) + 1)
    order = shipment_of(asked, wish, case.order, reference, weight)
    if any(_may_collect(progress, row) for row in own):
        # what a parcel before this one may still collect is not collected twice
        order = replace(order, cod=None)
    order = replace(order, earlier=tuple(row.external_id for row in own if row.carrier == wish.carrier))
    placed = (str(one.result["placed"]) for one in progress.done.values() if one.result.get("placed"))
    comment = fill(asked.comment, case.order, case.status, progress.done)
    return replace(order, comment=comment, order_id=next(placed, case.external_id))


def weight_of(erp: object, flow: Flow, order: Order) -> Decimal | None:
    """Weight in kg of the goods of an order by the item cards; None where one of them has none."""
    if not isinstance(erp, HasCards):
        return None
    aliases = flow.rules.aliases
    skus = {line.sku: aliases.get(line.sku, line.sku) for line in order.lines if line.sku}
    services = set(flow.rules.service_skus)
    cards = erp.cards(flow.company, sorted(set(skus.values()) - services))
    weights = {
        sku: card.weight for sku, own in skus.items() if (card := cards.get(own)) and card.weight is not None
    }
    goods = tuple(line for line in order.lines if skus.get(line.sku) not in services)
    return goods_weight(replace(order, lines=goods), weights)


def _may_collect(progress: Progress, row: ShipmentRow) -> bool:
    record = progress.done.get(row.step)
    asked = record.request.get("order", {}) if record is not None else {}
    return not row.is_dead and row.state != ShipmentState.RETURNED and asked.get("cod") is not None


def _create(carrier: Carrier, progress: Progress, name: str, order: ShipmentOrder, since: datetime) -> str:
    """The carrier's id of the shipment. Where it is certain that nothing was ordered the step has failed; else it stays
    intended, and the carrier is asked before anything else."""
    try:
        return carrier.create(order)
    except InDoubt as doubt:
        found = carrier.find(order, since)
        if found is not None:
            return found
        failure: Failure = TryAgain(doubt.code, doubt.text, doubt.advice, **doubt.facts)
        _certainly_not(progress, name, failure)
        raise failure from doubt
    except (TryAgain, WaitUntil, NeedsPerson, StopConnection) as failure:
        _certainly_not(progress, name, failure)
        raise


def _certainly_not(progress: Progress, name: str, failure: Failure) -> None:
    failure.facts["ordered"] = NOTHING_ORDERED
    progress.fail([name], failure)


def _keep(hands: Hands, progress: Progress, name: str, request: Json, external_id: str) -> ShipmentRow:
    return hands.store.shipments.keep(
        progress.case.id,
        name,
        carrier=request["carrier"],
        external_id=external_id,
        reference=request["order"]["reference"],
        every_s=float(request["every_s"]),
        now=hands.now(),
    )


def _take_label(hands: Hands, flow: Flow, progress: Progress, todo: Todo, row: ShipmentRow) -> None:
    name, carrier = todo.name, hands.carriers.carrier(row.carrier)
    record = progress.done[name]
    shown = carrier.read(row.external_id)
    if shown.problem is not None and not shown.label_ready and record.state == "failed":
        shown = _bought(carrier, row, shown)
    hands.store.shipments.saw(row, shown, hands.now())
    if shown.state in DEAD:
        raise NeedsPerson(
            "shipping.came-to-nothing",
            f"The shipment {row.external_id} with {row.carrier} did not come about ({shown.raw_status or shown.state}).",
            "Look in the carrier's panel. A retry orders a new one.",
            shipment=row.external_id,
        )
    if not shown.label_ready:
        if shown.problem is not None:
            raise shown.problem
        raise WaitUntil(
            "shipping.label-later",
            f"The shipment {row.external_id} is ordered with {row.carrier}; its label is not there yet.",
            datetime.fromtimestamp(next_look(row.ordered_at, hands.now()), UTC),
            "It is asked for again by itself.",
            shipment=row.external_id,
        )
    assert todo.step.ship is not None
    label = carrier.label(row.external_id, todo.step.ship.label)
    file = hands.carriers.keep(
        flow.company, row.carrier, shown.tracking_number or row.external_id, label.content
    )
    hands.at(f"{todo.step.id}:labelled")
    if record.state != "intended":
        # it failed on the way (unpaid, say), and nothing is ordered anew
        progress.intend([Intention(name, record.key, record.request_text)])
    progress.finish(Finished(name, _result(record, row, shown, file)))


def _bought(carrier: Carrier, row: ShipmentRow, shown: Shipment) -> Shipment:
    """A person has put right what kept it from being paid for, and retries: what was ordered is bought."""
    if (
        "buy" not in carrier.capabilities()
        or not isinstance(carrier, Buys)
        or shown.state != ShipmentState.ORDERED
    ):
        return shown
    carrier.buy(row.external_id)
    again = carrier.read(row.external_id)
    # whether it went through shows a moment later: until then the former problem is still there
    return replace(again, problem=None) if again.problem is not None and not again.label_ready else again


def _result(record: StepRecord, row: ShipmentRow, shown: Shipment, file: str) -> Json:
    """Never under "number" or "id": a shipment is no document of the ERP."""
    return {
        "shipment": row.external_id,
        "carrier": row.carrier,
        "service": record.request["order"]["service"],
        "reference": row.reference,
        "tracking": shown.tracking_number or row.tracking,
        "tracking_url": shown.tracking_url,
        "state": state_after(row.state, shown).value,
        "raw": shown.raw_status,
        "label": file,
    }
