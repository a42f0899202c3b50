"""One application at Apaczka; the fields are those of `pomost.config.carriers.Apaczka`."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

ADDRESS = "https://www.apaczka.pl/api/v2/"


@dataclass(frozen=True, slots=True)
class Settings:
    """``pickup``: who brings the parcels to the carrier; a service that sends a courier in any case gets one. ``recheck_s``:
    time between the two looks that must both miss an order before it is believed to be missing. ``late_pickup``: couriers may
    be called for shipments that were ordered without one. ``check_hours``: they are first
    asked for when they come. ``kept_in``: folder for lists that are read once a day; "": none."""

    app_id: str
    app_secret: str = field(repr=False)
    sender_name: str
    sender_street: str
    sender_postcode: str
    sender_city: str
    sender_phone: str
    sender_email: str
    name: str = "apaczka"
    url: str = ADDRESS
    sender_country: str = "PL"
    sender_contact: str = ""
    bank_account: str = ""
    pickup: Literal["self", "courier"] = "self"
    pickup_from: str = "10:00"
    pickup_to: str = "16:00"
    late_pickup: bool = False
    check_hours: bool = True
    package_type: str = "PACZKA"
    parcel_cm: tuple[int, int, int] = (64, 38, 8)
    weight_kg: Decimal = Decimal(1)
    zebra: bool = True
    push_url: str = ""
    kept_in: str = ""
    settle_s: float = 60.0
    recheck_s: float = 300.0
    timeout_s: float = 30.0
    connect_timeout_s: float = 10.0
