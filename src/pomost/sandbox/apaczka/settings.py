"""How the account at Apaczka stands."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from pomost.sandbox.carriers import Json


def service(
    service_id: int, name: str, supplier: str, kind: str, *, pickup: str = "1", domestic: str = "1"
) -> Json:
    """``kind``: what is possible, of door_to_door, door_to_point, point_to_point, point_to_door."""
    ways = {
        way: "1" if way in kind.split() else "0"
        for way in ("door_to_door", "door_to_point", "point_to_point", "point_to_door")
    }
    about = {"service_id": str(service_id), "name": name, "delivery_time": "", "supplier": supplier}
    return {**about, "domestic": domestic, "pickup_courier": pickup, **ways}


def usual_services() -> list[Json]:
    return [
        service(21, "DPD Kurier", "DPD", "door_to_door point_to_door"),
        service(23, "DPD Pickup", "DPD", "door_to_point", pickup="2"),
        service(41, "Paczkomat InPost", "INPOST", "door_to_point point_to_point"),
        service(42, "InPost Kurier", "INPOST", "door_to_door"),
        service(50, "Orlen Paczka", "PWR", "point_to_point", pickup="0"),
        service(60, "Pocztex Kurier", "POCZTA", "door_to_door"),
        service(82, "DHL Parcel", "DHL_PARCEL", "door_to_door"),
    ]


@dataclass
class Settings:
    """``waybill_s``: seconds until an order has its waybill number; ``list_lag_s``: until ``orders/`` shows it.
    ``zebra``: the account's format of labels where an order does not say. ``closed_points`` exist no more; ``shut_points`` take no parcels now.
    ``late_pickups``: couriers may be called after the order."""

    app_id: str = "1000001_sandbox.app"
    app_secret: str = field(default="apaczka-sandbox-secret", repr=False)
    services: list[Json] = field(default_factory=usual_services)
    waybill_s: float = 0.0
    list_lag_s: float = 0.0
    zebra: bool = False
    closed_points: tuple[str, ...] = ("XXX00X",)
    shut_points: tuple[str, ...] = ()
    late_pickups: bool = True
    clock: Callable[[], float] = time.time
