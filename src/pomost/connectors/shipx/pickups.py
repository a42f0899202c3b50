"""Couriers who collect at the sender's: InPost's dispatch orders (reference, section 2.9).

They know no key and no day. A shipment names the dispatch order that it is in, so that one whose answer was lost is found
again by its shipments.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from pomost.connectors.carriers import failures, rules
from pomost.connectors.carriers.collecting import (
    check_window,
    not_collectable,
    pickup_address,
    pickup_later,
)
from pomost.connectors.shipx.client import PAGE, ShipXClient
from pomost.connectors.shipx.mapping import shipment_from_wire
from pomost.connectors.shipx.settings import Settings
from pomost.ports import Json, NeedsPerson
from pomost.ports.carrier import Collectable, Pickup, PickupState, PickupWindow, ShipmentState
from pomost.trade.order import Party

WARSAW = ZoneInfo("Europe/Warsaw")
COURIER = "dispatch_order"
"""The sending method of parcels that a courier collects."""
PLACE = ("street", "building_number", "city", "post_code")
STATES = {
    "new": PickupState.ORDERED,
    "sent": PickupState.ORDERED,
    "accepted": PickupState.ACCEPTED,
    "done": PickupState.DONE,
    "rejected": PickupState.REJECTED,
    "canceled": PickupState.CANCELLED,
}


def collectables(client: ShipXClient, external_ids: Sequence[str]) -> tuple[Collectable, ...]:
    """A hundred at a time; a pickup that was rejected or cancelled is none."""
    rows: dict[str, Json] = {}
    wanted = [one for one in dict.fromkeys(external_ids) if one.isdecimal() and int(one) > 0]
    for first in range(0, len(wanted), PAGE):
        answer = client.shipments(id=",".join(wanted[first : first + PAGE])).get("items")
        if not isinstance(answer, list):
            raise failures.unclear("list", "its answer has no items", write=False)
        rows |= {str(row.get("id")): row for row in answer if isinstance(row, dict)}
    for missing in (one for one in wanted if one not in rows):
        # the list lags behind, and forgets what was cancelled
        try:
            rows[missing] = client.shipment(missing)
        except NeedsPerson as failure:
            if failure.code != "carrier.not-found":
                raise
    stands: dict[str, bool] = {}
    found = []
    for one in wanted:
        if one not in rows:
            continue
        pickup = _pickup_of(rows[one])
        if pickup and pickup not in stands:
            stands[pickup] = read(client, pickup).state.stands
        found.append(_collectable(rows[one], pickup if pickup and stands[pickup] else ""))
    return tuple(found)


def order(
    client: ShipXClient,
    settings: Settings,
    external_ids: Sequence[str],
    window: PickupWindow,
    address: Party | None,
) -> str:
    """Calls the courier for all of them at once. Those that have one already, or are on their way, refuse the whole."""
    check_window(window, client.clock().astimezone(WARSAW), only_today=True)
    body: Json = {
        "shipments": [int(one) for one in external_ids],
        "address": _address(client, settings, address),
        "office_hours": f"{window.start:%H:%M} - {window.end:%H:%M}",
    }
    if address is not None:
        body |= {key: text for key, text in (("name", address.shown_name), ("email", address.email)) if text}
        if phone := rules.polish_phone(address.phone):
            body["phone"] = phone
    for one in collectables(client, external_ids):
        if one.pickup or not one.ready or not one.by_courier:
            status = (
                "in_a_pickup" if one.pickup else "not_ready" if not one.ready else "handed_over_at_a_point"
            )
            raise not_collectable(one.external_id, status)
    made = client.dispatch(body, external_ids[0]).get("id")
    if not isinstance(made, int):
        raise failures.unclear("dispatch", "its answer has no id", write=True)
    return str(made)


def find(client: ShipXClient, external_ids: Sequence[str], since: datetime, settle_s: float) -> str | None:
    """By the first of the shipments, which one dispatch order holds together; read by its id, which does not lag."""
    pickup = _pickup_of(client.shipment(external_ids[0]))
    if pickup and read(client, pickup).state.stands:
        return pickup
    until = since + timedelta(seconds=settle_s)
    if client.clock() < until:
        raise pickup_later(external_ids[0], until)
    return None


def read(client: ShipXClient, pickup_id: str) -> Pickup:
    """A state that is not known here counts as standing."""
    if not pickup_id.isdecimal():
        raise failures.not_found(pickup_id)
    status = str(client.dispatched(pickup_id).get("status") or "")
    return Pickup(pickup_id, STATES.get(status, PickupState.UNKNOWN), status)


def _pickup_of(shown: Json) -> str:
    custom = shown.get("custom_attributes")
    found = custom.get("dispatch_order_id") if isinstance(custom, dict) else None
    return str(found) if isinstance(found, int) and not isinstance(found, bool) else ""


def _collectable(shown: Json, pickup: str) -> Collectable:
    custom = shown.get("custom_attributes")
    method = shown.get("sending_method") or (custom.get("sending_method") if isinstance(custom, dict) else "")
    return Collectable(
        external_id=str(shown.get("id")),
        pickup=pickup,
        ready=shipment_from_wire(shown).state == ShipmentState.READY,
        by_courier=method == COURIER,
    )


def _address(client: ShipXClient, settings: Settings, address: Party | None) -> Json:
    """The given one, that of the settings, or the organization's: always written in the same way, as InPost knows places of
    collection by their text."""
    if address is not None:
        place = address.address
        street, postcode, city = place.street, place.postcode, place.city
    else:
        street, postcode, city = settings.pickup_street, settings.pickup_postcode, settings.pickup_city
    if not street:
        own = client.organization().get("address")
        known = {key: str(own.get(key) or "").strip() for key in PLACE} if isinstance(own, dict) else {}
        if not known or not all(known.values()):
            raise pickup_address(settings.name)
        return {**known, "country_code": "PL"}
    parted = rules.street_and_number(street)
    if parted is None or not postcode.strip() or not city.strip():
        raise pickup_address(settings.name)
    return {
        "street": parted[0],
        "building_number": parted[1],
        "city": " ".join(city.split()),
        "post_code": rules.postcode(postcode, "PL"),
        "country_code": "PL",
    }
