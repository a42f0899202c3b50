"""Shipments of cancelled orders: what may still be cancelled is; what can't be is for a person, before any document is undone."""

from __future__ import annotations

from pomost.config.flow import Flow
from pomost.flows.acts.hands import Hands
from pomost.flows.acts.shipping import ordered_before
from pomost.flows.devices import for_a_person
from pomost.flows.plan import Todo, step_of
from pomost.flows.progress import Progress
from pomost.flows.shipments import HANDED_OVER
from pomost.ports import Json, NeedsPerson, StopConnection
from pomost.ports.carrier import Shipment, ShipmentState
from pomost.store.prints import key_of_print
from pomost.store.shipments import ShipmentRow


def settle_shipment(hands: Hands, progress: Progress, name: str) -> None:
    """Of a shipment that was begun before the order was cancelled the carrier is asked: ordered, so that it is kept and can be
    cancelled, or not. Raises WaitUntil while that can't be known."""
    ordered_before(hands, progress, name)
    text = f"Order {progress.case.number} was cancelled before the label of its shipment was there."
    progress.fail([name], NeedsPerson("flow.cancelled", text))


def recallable(hands: Hands, flow: Flow, progress: Progress, todo: Todo) -> list[Json]:
    """The shipments that the cancel step names and that carry something. Raises NeedsPerson ``shipping.handed-over`` where
    the carrier has the parcel already and nobody has decided what then."""
    found: list[Json] = []
    for row in _open(hands, flow, progress, todo):
        shown = _read(hands, row)
        if shown.state in HANDED_OVER and not _decided(progress, row):
            raise NeedsPerson(
                "shipping.handed-over",
                f"The order was cancelled, and {row.carrier} has the parcel {row.tracking or row.external_id} already "
                f"({shown.state}). Nothing was undone.",
                f"Once it is back, or to undo the documents all the same: `pomost skip` the step {_decision(row)}.",
                decide=_decision(row),
                shipment=row.external_id,
            )
        found.append({"step": row.step, "id": row.id, "tracking": row.tracking or row.external_id})
    return found


def recall(hands: Hands, flow: Flow, progress: Progress, todo: Todo, wanted: list[Json]) -> None:
    """Cancels them with the carrier; repeating is harmless. ``wanted`` notes what became of each.

    Raises NeedsPerson ``shipping.not-cancelled`` where the carrier refuses it and nobody has decided what then.
    """
    rows = {row.id: row for row in hands.store.shipments.of_case(progress.case.id)}
    for one in wanted:
        row = rows[one["id"]]
        one["cancelled"] = row.is_dead or _cancel(hands, progress, row)
        if one["cancelled"]:
            key = key_of_print(progress.case.company, "label", f"{row.carrier}:{row.external_id}")
            hands.store.prints.withdraw(key)
        hands.at(f"{todo.step.id}:{row.step.split('#')[0]}")


def left_with_carriers(hands: Hands, flow: Flow, progress: Progress, todo: Todo) -> list[str]:
    """Shipments that the cancel step does not name."""
    return [
        f"shipment {row.tracking or row.external_id} with {row.carrier} is not named by the step {todo.name}"
        for row in hands.store.shipments.of_case(progress.case.id)
        if not row.is_dead and row.step.split("#")[0] not in todo.step.cancel
    ]


def _open(hands: Hands, flow: Flow, progress: Progress, todo: Todo) -> list[ShipmentRow]:
    rows = hands.store.shipments.of_case(progress.case.id)
    return [
        row
        for row in rows
        if not row.is_dead and (step := step_of(flow, row.step)) is not None and step.id in todo.step.cancel
    ]


def _read(hands: Hands, row: ShipmentRow) -> Shipment:
    try:
        return hands.carriers.carrier(row.carrier).read(row.external_id)
    except StopConnection as failure:
        raise for_a_person(row.carrier, failure) from failure


def _cancel(hands: Hands, progress: Progress, row: ShipmentRow) -> bool:
    """False: the carrier refuses, and a person has decided to go on."""
    if _decided(progress, row):
        return False
    progress.still_mine()
    try:
        hands.carriers.carrier(row.carrier).cancel(row.external_id)
    except NeedsPerson as refused:
        raise NeedsPerson(
            "shipping.not-cancelled",
            f"The order was cancelled, and {row.carrier} does not cancel the shipment {row.tracking or row.external_id}. "
            "Nothing was undone.",
            f"Hold the parcel back and cancel it in the carrier's panel, or leave its label unused; then `pomost skip` the "
            f"step {_decision(row)}.",
            decide=_decision(row),
            shipment=row.external_id,
        ) from refused
    except StopConnection as failure:
        raise for_a_person(row.carrier, failure) from failure
    gone = Shipment(row.external_id, ShipmentState.CANCELLED, row.tracking, raw_status="cancelled by Pomost")
    hands.store.shipments.saw(row, gone, hands.now())
    return True


def _decision(row: ShipmentRow) -> str:
    return f"{row.step}~cancel"


def _decided(progress: Progress, row: ShipmentRow) -> bool:
    record = progress.done.get(_decision(row))
    return record is not None and record.state == "skipped"
