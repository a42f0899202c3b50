"""Couriers who are called for shipments that were ordered before (reference, sections 3.3 and 3.9).

Apaczka's own library knows the call, one client says that it does not work, and nobody says how to find out afterwards: so it
is off until the connection allows it, and an answer that was lost is for a person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pomost.connectors.apaczka.client import ApaczkaClient
from pomost.connectors.apaczka.hours import Hours
from pomost.connectors.apaczka.mapping import WARSAW, shipment_from_wire
from pomost.connectors.carriers.collecting import check_window, not_collectable, pickup_unknown
from pomost.ports import Json, NeedsPerson
from pomost.ports.carrier import Collectable, PickupWindow, ShipmentState

CALLED = "COURIER"


def collectables(
    client: ApaczkaClient, rows: Mapping[str, Json], external_ids: Sequence[str]
) -> tuple[Collectable, ...]:
    """One call for each."""
    found = []
    for one in dict.fromkeys(external_ids):
        try:
            shown = client.order(one)
        except NeedsPerson as failure:
            if failure.code != "carrier.not-found":
                raise
            continue
        service = rows.get(str(shown.get("service_id")), {})
        found.append(
            Collectable(
                external_id=one,
                pickup=_number(shown),
                ready=shipment_from_wire(shown).state == ShipmentState.READY,
                by_courier=str(service.get("pickup_courier")) != "0",
                group=str(shown.get("supplier") or ""),
            )
        )
    return tuple(found)


def order(
    client: ApaczkaClient,
    rows: Mapping[str, Json],
    external_ids: Sequence[str],
    window: PickupWindow,
    hours: Hours | None,
) -> str:
    """One courier for all; Apaczka names the pickup of a single shipment only. ``hours`` None: they are not asked."""
    check_window(window, client.clock().astimezone(WARSAW))
    shown = collectables(client, rows, external_ids)
    for one in shown:
        if one.pickup or not one.ready or not one.by_courier:
            status = (
                "in_a_pickup" if one.pickup else "not_ready" if not one.ready else "handed_over_at_a_point"
            )
            raise not_collectable(one.external_id, status)
    if missing := sorted(set(external_ids) - {one.external_id for one in shown}):
        raise not_collectable(missing[0], "unknown")
    if hours is not None:
        for supplier in sorted({one.group for one in shown}):
            hours.check(supplier, window)
    when: Json = {
        "date": window.day.isoformat(),
        "hour_from": f"{window.start:%H:%M}",
        "hour_to": f"{window.end:%H:%M}",
    }
    if len(external_ids) == 1:
        return str(client.pickup(external_ids[0], when).get("foreign_courier_id") or "")
    client.batch_pickup(list(external_ids), when)
    return ""


def find(client: ApaczkaClient, external_ids: Sequence[str]) -> str:
    """The number that Apaczka shows on the order. That it shows one for a courier who was called afterwards is not promised,
    so that nothing follows from its absence."""
    number = _number(client.order(external_ids[0]))
    if not number:
        raise pickup_unknown(external_ids[0])
    return number


def _number(shown: Json) -> str:
    pickup = shown.get("pickup")
    called = isinstance(pickup, dict) and str(pickup.get("type") or "").upper() == CALLED
    return str(shown.get("pickup_number") or "") or ("-" if called else "")
