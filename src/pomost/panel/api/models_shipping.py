"""What the API answers and takes about carriers: prices, points, further shipments, couriers who collect."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from pomost.panel.api.models import NO_NUL, Answer, Refused

Name = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=NO_NUL)]
ExternalId = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=NO_NUL)]


class Price(Answer):
    """What one service would cost."""

    service: str
    name: str
    net: Decimal | None
    gross: Decimal | None
    charge: Decimal | None = Field(
        description="The carrier's figure where it does not say net and gross apart."
    )
    currency: str


class QuotesOf(Answer):
    """What one carrier says."""

    carrier: str
    prices: list[Price]
    problem: Refused | None = Field(
        description="Why this carrier says nothing; the others stand all the same."
    )


class QuotesOfOrder(Answer):
    """What each service of each carrier would cost for an order."""

    order: int
    quotes: list[QuotesOf]


class PointHere(Answer):
    """A locker or point."""

    code: str
    name: str
    kind: str
    street: str
    postcode: str
    city: str
    open: bool = Field(description="Parcels are delivered there now.")
    cod: bool | None = Field(description="Money is collected there; none: the carrier does not say.")
    distance_m: int | None = Field(description="From what was asked for, where it is known.")


class PointsOf(Answer):
    """Lockers and points, the nearest first."""

    carrier: str
    points: list[PointHere]


class ShipmentHere(Answer):
    """A shipment of an order."""

    id: str = Field(description="The carrier's id; give it as `after` to have another one follow it.")
    carrier: str
    step: str
    state: str = Field(
        description="ordered, ready, collected, on_the_way, at_point, delivered, returned, cancelled, failed or unknown."
    )
    tracking: str
    ordered_at: datetime
    may_be_followed: bool = Field(description="Another shipment may be ordered after it now.")
    alive: bool = Field(description="It may still arrive, or did: say with `before` what becomes of it.")


class ShipmentsOf(Answer):
    """The shipments of an order, the oldest first."""

    order: int
    shipments: list[ShipmentHere]


class AnotherWish(Answer):
    """Another shipment after one that there is."""

    after: ExternalId = Field(
        description="The carrier's id of the last shipment. It makes a repeat of this call harmless: one shipment follows it."
    )
    step: Annotated[str, StringConstraints(max_length=80, pattern=NO_NUL)] = Field(
        "", description="The step of the shipment, where several have one."
    )
    before: Literal["", "cancel", "keep"] = Field(
        "",
        description="What becomes of the one before while it is alive: cancelled first, or kept beside the new one.",
    )


class AnotherWished(Answer):
    """The flow orders it within seconds."""

    id: int
    number: str
    after: str


class ParcelHere(Answer):
    """A parcel that waits, or why it is left out."""

    id: str = Field(description="The carrier's id; give it in `parcels`.")
    order: str
    tracking: str
    left_out: str = Field(description="Empty; else at-a-point, called-already, not-ready or not-known.")


class ParcelsWaiting(Answer):
    """What a courier would collect now."""

    carrier: str
    visits: int = Field(description="So many couriers come: those of different companies come apart.")
    parcels: list[ParcelHere]


class PickupWish(Answer):
    """A courier for these parcels."""

    carrier: Name
    parcels: list[ExternalId] = Field(
        min_length=1,
        max_length=500,
        description="The carrier's ids of the parcels. Those that have a courier are not collected twice.",
    )
    day: date | None = Field(None, description="Polish day; none: today.")
    start: time = Field(time(9), description="From when parcels wait, Polish time.")
    end: time = Field(time(17), description="Until when they wait.")


class PickupCall(Answer):
    """A call for a courier."""

    id: int
    carrier: str
    state: str = Field(description="intended (under way or in doubt), done or failed (nobody was called).")
    external_id: str = Field(description="The carrier's id of the pickup, where it names one.")
    day: date
    start: time
    end: time
    parcels: list[str]
    who: str
    asked_at: datetime
    problem: Refused | None


class PickupCalls(Answer):
    """Calls for couriers, the newest first."""

    pickups: list[PickupCall]


class PickupsMade(Answer):
    """The calls that were made."""

    pickups: list[PickupCall]
    problem: Refused | None = Field(
        description="Why a further courier was not called, after the ones above; its parcels wait on."
    )


class PickupFound(Answer):
    """What a person found about a call in doubt."""

    happened: bool
