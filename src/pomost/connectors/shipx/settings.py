"""One organization at InPost; the fields are those of `pomost.config.carriers.ShipX`."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

ADDRESS = "https://api-shipx-pl.easypack24.net"


@dataclass(frozen=True, slots=True)
class Settings:
    """``buying``: "at-once" pays as soon as a shipment is ordered; "by-hand" lets it wait for ``buy``, and it can be
    cancelled until then. ``settle_s``: how long InPost's list may lag behind. ``zpl_dpi``: 203 or 300. ``points_url``: "" for
    the one that belongs to ``url``, "none" where points are not asked for. ``pickup_*``: where couriers collect; "": at the
    organization's address."""

    token: str = field(repr=False)
    organization: int
    name: str = "inpost"
    url: str = ADDRESS
    buying: Literal["at-once", "by-hand"] = "at-once"
    size: str = "small"
    courier_mm: tuple[int, int, int] = (400, 300, 200)
    weight_kg: Decimal = Decimal(1)
    locker_sending: str = "any_point"
    courier_sending: str = "dispatch_order"
    label_type: Literal["A6", "normal"] = "A6"
    zpl_dpi: int = 203
    points_url: str = ""
    pickup_street: str = ""
    pickup_postcode: str = ""
    pickup_city: str = ""
    settle_s: float = 60.0
    timeout_s: float = 30.0
    connect_timeout_s: float = 10.0
