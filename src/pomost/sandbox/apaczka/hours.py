"""When couriers come: ``pickup_hours/`` (reference, sections 3.3 and 3.9).

Today and the three working days after it; on a day that is none nobody comes. The hours themselves are invented.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from pomost.sandbox.apaczka.orders import WARSAW, Order, Refusal
from pomost.sandbox.apaczka.settings import Settings
from pomost.sandbox.carriers import Json

# a number, a text, and none at all, as they were seen
ROWS: tuple[Json, ...] = (
    {"service": "DPD", "timefrom": "10:00", "timeto": "16:00", "interval": "2"},
    {"service": "INPOST", "timefrom": "09:00", "timeto": "16:00", "interval": 4},
    {"service": "DHL", "timefrom": "09:00", "timeto": "15:00"},
    {"service": "POCZTA_POLSKA_E24", "timefrom": "08:00", "timeto": "14:00", "interval": "3"},
)
SUPPLIERS = {"DHL_PARCEL": "DHL", "POCZTA": "POCZTA_POLSKA_E24"}
"""Where hours name a supplier otherwise than services do."""


def possible_hours(request: Json, settings: Settings) -> Json:
    """The whole answer. Raises `Refusal`."""
    postal_code = str(request.get("postal_code") or "")
    if not re.fullmatch(r"\d\d-\d{3}", postal_code):
        raise Refusal("Nieprawidłowy kod pocztowy.")
    service_id = str(request.get("service_id") or "")
    services = {str(one["service_id"]): str(one["supplier"]) for one in settings.services}
    if service_id and service_id not in services:
        raise Refusal("Nieprawidłowy serwis.")
    code = hours_code(services[service_id]) if service_id else ""
    rows: list[Any] = [row for row in ROWS if code in ("", row["service"])]
    return {
        "postal_code": postal_code,
        "hours": {
            str(day): {"date": str(day), "services": rows if day.weekday() < 5 else []}
            for day in days_of(settings)
        },
    }


def hours_code(supplier: str) -> str:
    return SUPPLIERS.get(supplier, supplier)


def days_of(settings: Settings) -> list[date]:
    today = datetime.fromtimestamp(settings.clock(), WARSAW).date()
    ahead = (today + timedelta(days=days) for days in range(1, 8))
    return [today, *[day for day in ahead if day.weekday() < 5][:3]]


def check_comes(orders: Sequence[Order], request: Json, settings: Settings) -> None:
    """Raises `Refusal` where no courier comes within the hours of the call. Suppliers without hours are taken at any time."""
    day, start, end = (str(request.get(key) or "") for key in ("date", "hour_from", "hour_to"))
    working = {str(one) for one in days_of(settings) if one.weekday() < 5}
    for order in orders:
        rows = [row for row in ROWS if row["service"] == hours_code(order.service["supplier"])]
        comes = day in working and any(row["timefrom"] <= start and end <= row["timeto"] for row in rows)
        if rows and not comes:
            raise Refusal("Nieprawidłowy termin podjazdu kuriera.")
