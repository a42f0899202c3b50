"""What goes wrong when a courier is called to collect, and when lockers and points are asked for."""

from __future__ import annotations

from datetime import datetime

from pomost.connectors.carriers.failures import shown
from pomost.ports import NeedsPerson, WaitUntil
from pomost.ports.carrier import PickupWindow


def no_points(carrier: str, why: str) -> NeedsPerson:
    """``why``: a clause without its end."""
    return NeedsPerson(
        "carrier.no-points",
        f'The carrier "{carrier}" has no list of points to ask: {why}.',
        "Look in the carrier's panel or on its map.",
    )


def pickup_off(carrier: str) -> NeedsPerson:
    return NeedsPerson(
        "carrier.pickup-off",
        f'Through the connection "{carrier}" no courier is called for parcels that were ordered before.',
        "Call one in the carrier's panel, or see the settings of the connection.",
    )


def pickup_address(carrier: str) -> NeedsPerson:
    return NeedsPerson(
        "carrier.pickup-address",
        f'The carrier "{carrier}" can\'t be told where to collect: street, number, post code or town is missing.',
        "Set pickup_street, pickup_postcode and pickup_city of the connection.",
    )


def pickup_unknown(first: str) -> NeedsPerson:
    return NeedsPerson(
        "carrier.pickup-unknown",
        f"The answer to the call for a courier was lost, and the carrier does not tell whether one comes (shipment {first}).",
        "Look in the carrier's panel, then say here whether the courier was called.",
        shipment=first,
    )


def pickup_hours(supplier: str, postcode: str, window: PickupWindow, possible: str) -> NeedsPerson:
    """``possible``: the hours that there are, as text."""
    day, start, end = window.day, f"{window.start:%H:%M}", f"{window.end:%H:%M}"
    return NeedsPerson(
        "carrier.pickup-hours",
        f"No courier of {supplier} collects at {postcode} on {day} {start}-{end}.",
        f"Choose a time within one of these: {possible}.",
    )


def pickup_later(first: str, until: datetime) -> WaitUntil:
    return WaitUntil(
        "carrier.pickup-later",
        f"The carrier shows no courier for the shipment {first} so far; that can't be trusted yet.",
        until,
        "Ask again then; nobody is called before.",
        shipment=first,
    )


def not_collectable(external_id: str, status: str) -> NeedsPerson:
    return NeedsPerson(
        "carrier.not-collectable",
        f'The shipment {external_id} does not wait for a courier: its state is "{shown(status)}".',
        "Leave it out, or look in the carrier's panel.",
        shipment=external_id,
    )


def check_window(window: PickupWindow, now: datetime, *, only_today: bool = False) -> None:
    """``now`` is Polish time. Raises NeedsPerson ``carrier.pickup-day`` for a window that can't be."""
    if window.end <= window.start:
        why = "it ends before it begins"
    elif window.day < now.date() or (window.day == now.date() and window.end <= now.time()):
        why = "it is over"
    elif only_today and window.day != now.date():
        why = "this carrier takes no day, its courier comes with the next round"
    else:
        return
    raise NeedsPerson(
        "carrier.pickup-day",
        f"No courier can be called for {window.day} {window.start:%H:%M}-{window.end:%H:%M}: {why}.",
        "Choose another time.",
    )
