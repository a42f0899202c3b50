"""Shipments of cancelled orders: cancelled with the carrier where it can be, whatever becomes of the documents; where it can't,
a person is asked before any document is undone."""

from __future__ import annotations

from pomost.config.flow import Flow
from pomost.flows.acts.hands import Hands
from pomost.flows.acts.shipping import ordered_before
from pomost.flows.devices import for_a_person
from pomost.flows.plan import Todo
from pomost.flows.progress import Progress
from pomost.flows.shipments import HANDED_OVER
from pomost.ports import Json, NeedsPerson, StopConnection
from pomost.ports.carrier import Shipment, ShipmentState
from pomost.store.prints import key_of_print
from pomost.store.shipments import ShipmentRow

BY_US = "cancelled by Pomost"
"""The carrier's own word is not asked for once it has cancelled."""


def settle_shipment(hands: Hands, progress: Progress, name: str) -> None:
    """Of a shipment that was begun before the order was cancelled the carrier is asked: ordered, so that it is kept and can be
    cancelled, or not. Raises WaitUntil while that can't be known."""
    ordered_before(hands, progress, name)
    text = f"Order {progress.case.number} was cancelled before the label of its shipment was there."
    progress.fail([name], NeedsPerson("flow.cancelled", text))


def recall(hands: Hands, flow: Flow, progress: Progress, todo: Todo) -> list[Json]:
    """Cancels the shipments of the steps that the cancel step names, and takes their labels out of the print queue; gives what
    became of each. Repeating is harmless.

    Raises NeedsPerson ``shipping.handed-over`` where the carrier has the parcel, ``shipping.not-cancelled`` where it
    refuses, until a person has decided to go on all the same.
    """
    found: list[Json] = []
    for row in hands.store.shipments.of_case(progress.case.id):
        if row.step.split("#")[0] not in todo.step.cancel or (row.is_dead and row.raw != BY_US):
            continue
        if not row.is_dead and not _decided(progress, row):
            _cancel(hands, progress, row)
            key = key_of_print(progress.case.company, "label", f"{row.carrier}:{row.external_id}")
            hands.store.prints.withdraw(key)
            hands.at(f"{todo.step.id}:{row.step.split('#')[0]}")
        found.append({"tracking": _number(row), "cancelled": not _decided(progress, row)})
    return found


def left_with_carriers(hands: Hands, progress: Progress, todo: Todo) -> list[str]:
    """Shipments that the cancel step does not name."""
    return [
        f"shipment {_number(row)} with {row.carrier} is not named by the step {todo.name}"
        for row in hands.store.shipments.of_case(progress.case.id)
        if not row.is_dead and row.step.split("#")[0] not in todo.step.cancel
    ]


def _cancel(hands: Hands, progress: Progress, row: ShipmentRow) -> None:
    carrier = hands.carriers.carrier(row.carrier)
    try:
        shown = carrier.read(row.external_id)
        if shown.state in HANDED_OVER:
            raise NeedsPerson(
                "shipping.handed-over",
                f"The order was cancelled, and {row.carrier} has the parcel {_number(row)} already.",
                f"Once it is back, or to undo the documents all the same: `pomost skip` the step {_decision(row)}.",
                decide=_decision(row),
                shipment=row.external_id,
            )
        progress.still_mine()
        try:
            carrier.cancel(row.external_id)
        except NeedsPerson as refused:
            raise NeedsPerson(
                "shipping.not-cancelled",
                f"The order was cancelled, and {row.carrier} does not cancel the shipment {_number(row)}.",
                "Hold the parcel back, and cancel it in the carrier's panel or leave its label unused; then `pomost skip` "
                f"the step {_decision(row)}.",
                decide=_decision(row),
                shipment=row.external_id,
            ) from refused
    except StopConnection as failure:
        raise for_a_person(row.carrier, failure) from failure
    gone = Shipment(row.external_id, ShipmentState.CANCELLED, row.tracking, raw_status=BY_US)
    hands.store.shipments.saw(row, gone, hands.now())


def _number(row: ShipmentRow) -> str:
    return row.tracking or row.external_id


def _decision(row: ShipmentRow) -> str:
    return f"{row.step}~cancel"


def _decided(progress: Progress, row: ShipmentRow) -> bool:
    record = progress.done.get(_decision(row))
    return record is not None and record.state == "skipped"
