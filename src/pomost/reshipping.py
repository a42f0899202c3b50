"""Another shipment of an order after the first: which may be followed by one, and a person's word that it shall be.

Nothing is ordered here: the wish stands on the step of the shipment before, and the flow orders, exactly once, as it orders
every shipment. For the command line and the panel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pomost.bootstrap import Pomost
from pomost.flows.another import is_wished
from pomost.flows.shipments import ship_steps
from pomost.ports import NeedsPerson
from pomost.ports.carrier import Shipment, ShipmentState
from pomost.store.prints import key_of_print
from pomost.store.shipments import ShipmentRow

Before = Literal["", "cancel", "keep"]
"""What becomes of a shipment that is still alive: nothing was said, it is cancelled first, it is kept beside the new one."""
ENDED = frozenset({ShipmentState.FAILED, ShipmentState.RETURNED, ShipmentState.CANCELLED})
BY_US = "cancelled by Pomost"


@dataclass(frozen=True, slots=True)
class Earlier:
    """The last shipment of a step. ``alive``: it may still arrive, or did, so that a person has to say what becomes of it.
    ``collects``: it may take money from the buyer, so that the next one takes none."""

    row: ShipmentRow
    alive: bool
    collects: bool

    @property
    def number(self) -> str:
        return self.row.tracking or self.row.external_id


def earlier_of(pomost: Pomost, case_id: int) -> list[Earlier]:
    """Shipments of the order that another one may follow: the last of each step, with its label had."""
    case, done = pomost.store.cases.load_with_steps(case_id)
    flow = pomost.flows.get(case.flow)
    if flow is None or case.order is None or case.gone or case.cancelled:
        return []
    rows = {(row.step, row.external_id): row for row in pomost.store.shipments.of_case(case_id)}
    found: dict[str, Earlier] = {}
    for name, record in done.items():
        step = name.split("#")[0]
        if step not in ship_steps(flow) or record.state == "skipped":
            continue
        row = rows.get((name, str(record.result.get("shipment", ""))))
        if record.state != "done" or row is None or is_wished(record.result):
            # under way, or nothing that another one could follow
            found.pop(step, None)
            continue
        alive = row.state not in ENDED
        collects = alive and record.request.get("order", {}).get("cod") is not None
        found[step] = Earlier(row, alive, collects)
    return list(found.values())


def order_another(
    pomost: Pomost, case_id: int, step: str, who: str, before: Before = "", after: str = ""
) -> Earlier:
    """Has the flow order another shipment of the step (empty: of the only one that has any); gives the one before it.
    ``after``: the carrier's id of the shipment that it is to follow, so that a repeat of the same wish orders none.

    Raises NeedsPerson ``shipping.no-earlier`` where there is none that another could follow, ``shipping.which-step``,
    ``shipping.still-alive`` where it is not said what becomes of one that is alive, ``shipping.wished-already``, and what the
    carrier says where it does not cancel.
    """
    case = pomost.store.cases.load(case_id)
    known = [one for one in earlier_of(pomost, case_id) if one.row.step.split("#")[0] == step or not step]
    if after:
        of_case = pomost.store.shipments.of_case(case_id)
        was = any(one.external_id == after and step in ("", one.step.split("#")[0]) for one in of_case)
        known = [one for one in known if one.row.external_id == after]
        if was and not known:
            # it has one after it already, or is about to
            raise _wished(case.number)
    if not known:
        raise NeedsPerson(
            "shipping.no-earlier",
            f"Order {case.number} has no shipment that another one could follow.",
            "One that is under way is ordered anew by a retry; a cancelled order gets none.",
        )
    if len(known) > 1:
        names = ", ".join(one.row.step.split("#")[0] for one in known)
        raise NeedsPerson(
            "shipping.which-step",
            f"Order {case.number} has shipments of several steps.",
            f"Name one of them: {names}.",
        )
    (earlier,) = known
    if earlier.alive and not before:
        raise NeedsPerson(
            "shipping.still-alive",
            f"The shipment {earlier.number} of order {case.number} is not over ({earlier.row.state}).",
            "Say whether it is cancelled first or kept beside the new one.",
        )
    if earlier.alive and before == "cancel":
        _cancel(pomost, earlier.row, case.company)
    if not pomost.store.shipments.wish_another(earlier.row, who, pomost.work.now()):
        raise _wished(case.number)
    pomost.wake([case_id])
    return earlier


def _wished(number: str) -> NeedsPerson:
    return NeedsPerson(
        "shipping.wished-already",
        f"Another shipment of order {number} was asked for already.",
        "See the history of the order.",
    )


def _cancel(pomost: Pomost, row: ShipmentRow, company: str) -> None:
    """Repeating is harmless. Raises what the carrier refuses."""
    pomost.carriers.carrier(row.carrier).cancel(row.external_id)
    pomost.store.prints.withdraw(key_of_print(company, "label", f"{row.carrier}:{row.external_id}"))
    gone = Shipment(row.external_id, ShipmentState.CANCELLED, row.tracking, raw_status=BY_US)
    pomost.store.shipments.saw(row, gone, pomost.work.now())
