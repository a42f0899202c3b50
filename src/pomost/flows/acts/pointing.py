"""Whether the locker or point of an order is there and takes parcels, asked before anything is ordered.

A list of points that can't be asked stops no shipment: the carrier refuses a wrong point itself, only with less to say.
"""

from __future__ import annotations

import structlog

from pomost.flows.progress import Progress
from pomost.ports import Failure, NeedsPerson
from pomost.ports.carrier import Carrier, Point, PointQuery, Points, ShipmentOrder

NEAREST = 3
log = structlog.get_logger("pomost.flows")


def check_point(progress: Progress, name: str, carrier: Carrier, order: ShipmentOrder) -> None:
    """Raises NeedsPerson ``carrier.unknown-point`` or ``carrier.closed-point`` where that is certain, until a person has decided
    that the point is right all the same."""
    decision = f"{name}~point"
    record = progress.done.get(decision)
    if record is not None and record.state == "skipped":
        return
    if not order.point or "find-points" not in carrier.capabilities() or not isinstance(carrier, Points):
        return
    try:
        service = next((one for one in carrier.services() if one.id == order.service), None)
        if service is None or not service.to_point:
            return
        found = carrier.points(PointQuery(code=order.point, service=order.service, limit=1))
    except Failure as failure:
        log.warning("points-unreadable", carrier=carrier.name, code=failure.code, case=progress.case.id)
        return
    if found and found[0].open:
        return
    raise refused(carrier.name, order, found, _nearest(carrier, order), decision)


def refused(
    carrier: str, order: ShipmentOrder, found: tuple[Point, ...], nearest: tuple[Point, ...], decision: str
) -> NeedsPerson:
    """What a person is told: the point, those near the receiver, and how to go on all the same."""
    near = "; ".join(f"{one.code} ({one.address.street}, {one.address.city})" for one in nearest)
    skip = f"If it is right all the same: `pomost skip` the step {decision}."
    if near:
        advice = f"Ask the buyer and correct the point on the order. Near the receiver: {near}. {skip}"
    else:
        advice = f"Ask the buyer and correct the point on the order. {skip}"
    if found:
        return NeedsPerson(
            "carrier.closed-point",
            f"Shipment {order.reference}: the point {order.point} of {carrier} takes no parcels now.",
            advice,
            decide=decision,
            reference=order.reference,
        )
    return NeedsPerson(
        "carrier.unknown-point",
        f"Shipment {order.reference}: {carrier} knows no locker or point {order.point}.",
        advice,
        decide=decision,
        reference=order.reference,
    )


def _nearest(carrier: Points, order: ShipmentOrder) -> tuple[Point, ...]:
    postcode = order.to.address.postcode.strip()
    if not postcode or order.to.address.country not in ("", "PL"):
        return ()
    try:
        return carrier.points(PointQuery(postcode=postcode, service=order.service, limit=NEAREST))[:NEAREST]
    except Failure:
        return ()
