"""Connections to carriers: where shipments are ordered."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import Field

from pomost.config.parts import Name, Part

Size = Literal["small", "medium", "large", "xlarge"]


class ShipX(Part):
    """One organization at InPost (ShipX): lockers and couriers."""

    name: Name = Field("inpost", description="Name of the connection, used in steps.")
    url: str = Field(
        "https://api-shipx-pl.easypack24.net",
        description="Address of the API; for trials https://sandbox-api-shipx-pl.easypack24.net, with its own token.",
    )
    token: str = Field(
        description='Token from the panel, My account, API. Write "env:POMOST_INPOST_TOKEN", so that it is read from the '
        "environment.",
        repr=False,
    )
    organization: int = Field(ge=1, description="Id of the organization, which stands beside the token.")
    buying: Literal["at-once", "by-hand"] = Field(
        "at-once",
        description="at-once: the label is paid for as soon as it is ordered and can't be cancelled by Pomost; by-hand: "
        "it waits until somebody buys it, and can be cancelled before.",
    )
    size: Size = Field("small", description="Size of a parcel to a locker that has none.")
    courier_mm: tuple[int, int, int] = Field(
        (400, 300, 200), description="Length, width and height in mm of a courier's parcel that has none."
    )
    weight_kg: Decimal = Field(
        Decimal(1), gt=0, le=1000, description="Weight in kg of a courier's parcel that has none."
    )
    locker_sending: str = Field(
        "any_point",
        description="How parcels to lockers are handed over: any_point, parcel_locker, pop, dispatch_order.",
    )
    courier_sending: str = Field(
        "dispatch_order", description="How courier parcels are handed over: dispatch_order, pop, branch."
    )
    label_type: Literal["A6", "normal"] = Field(
        "A6", description="Size of PDF labels: A6, or normal for one on a sheet of A4."
    )
    zpl_dpi: Literal[203, 300] = Field(203, description="Resolution of ZPL labels, as the printer has it.")
    points_url: str = Field(
        "",
        description='Address of the list of lockers and points; empty: the one that belongs to url. "none": points are not asked '
        "for.",
    )
    pickup_street: str = Field(
        "",
        description="Street and number where a courier collects; empty: the address of the organization at InPost.",
    )
    pickup_postcode: str = Field("", description="Post code where a courier collects.")
    pickup_city: str = Field("", description="Town where a courier collects.")
    calls_per_minute: int = Field(
        60,
        ge=0,
        le=10000,
        description="Shared by all workers; 0 turns the limiter off. InPost names no limit.",
    )
    settle_s: float = Field(
        60.0,
        ge=0,
        le=3600,
        description="After a lost answer, seconds before a shipment missing from InPost's list is believed to be missing: "
        "the list lags behind.",
    )
    timeout_s: float = Field(30.0, gt=0, description="Seconds to wait for an answer.")
    connect_timeout_s: float = Field(10.0, gt=0, description="Seconds to wait for a connection.")


class Apaczka(Part):
    """One application at Apaczka (Alsendo): DPD, DHL, GLS, Orlen Paczka, Pocztex, InPost and others."""

    name: Name = Field("apaczka", description="Name of the connection, used in steps.")
    url: str = Field(
        "https://www.apaczka.pl/api/v2/",
        description="Address of the API; for trials https://panel-sandbox.apaczka.pl/api/v2/, with its own keys.",
    )
    app_id: str = Field(min_length=1, description="Id of the application, from the panel.")
    app_secret: str = Field(
        description='Secret of the application. Write "env:POMOST_APACZKA_SECRET", so that it is read from the '
        "environment.",
        repr=False,
    )
    sender_name: str = Field(min_length=1, description="Who sends: the company as printed on labels.")
    sender_street: str = Field(min_length=1, description="Street and number from which parcels are sent.")
    sender_postcode: str = Field(min_length=1, description="Post code from which parcels are sent.")
    sender_city: str = Field(min_length=1, description="Town from which parcels are sent.")
    sender_country: str = Field(
        "PL", min_length=2, max_length=2, description="Country from which parcels are sent."
    )
    sender_contact: str = Field("", description="Person to ask for; empty: the sender's name.")
    sender_phone: str = Field(min_length=9, description="Phone of the sender.")
    sender_email: str = Field(min_length=3, description="E-mail address of the sender.")
    bank_account: str = Field(
        "",
        description="26 digits of the account to which collected money is sent; needed for cash on delivery.",
    )
    pickup: Literal["self", "courier"] = Field(
        "self",
        description="self: parcels are handed over at a point or with the courier's daily round; courier: each shipment "
        "calls a courier for the next working day.",
    )
    pickup_from: str = Field(
        "10:00", pattern=r"^\d\d:\d\d$", description="With pickup = courier: from when parcels wait."
    )
    pickup_to: str = Field(
        "16:00", pattern=r"^\d\d:\d\d$", description="With pickup = courier: until when parcels wait."
    )
    late_pickup: bool = Field(
        False,
        description="true: couriers are called afterwards for shipments that were ordered without one. Apaczka's own library says "
        "that this works, others that it does not: try it with its sandbox first.",
    )
    check_hours: bool = Field(
        True,
        description="Before a courier is called afterwards, Apaczka is asked when couriers come to the sender's post code, and another "
        "time is refused. false: it is not asked; for the case that its hours are not those of the service.",
    )
    package_type: str = Field("PACZKA", description="Kind of parcel, as Apaczka names it.")
    parcel_cm: tuple[int, int, int] = Field(
        (64, 38, 8), description="Length, width and height in cm of a parcel that has none."
    )
    weight_kg: Decimal = Field(
        Decimal(1), gt=0, le=1000, description="Weight in kg of a parcel that has none."
    )
    zebra: bool = Field(True, description="Labels for a label printer (10 x 15 cm); false: on sheets of A4.")
    push_url: str = Field(
        "",
        description="Address of this Pomost that Apaczka calls when a parcel moves; empty: it is only asked.",
    )
    calls_per_minute: int = Field(
        60,
        ge=0,
        le=10000,
        description="Shared by all workers; 0 turns the limiter off. Apaczka names no limit.",
    )
    settle_s: float = Field(
        60.0,
        ge=0,
        le=3600,
        description="After a lost answer, seconds before Apaczka's list of orders is asked; its lag is not known.",
    )
    recheck_s: float = Field(
        300.0,
        ge=0,
        le=7200,
        description="Seconds between the two looks that must both miss an order before it is believed to be missing.",
    )
    timeout_s: float = Field(30.0, gt=0, description="Seconds to wait for an answer.")
    connect_timeout_s: float = Field(10.0, gt=0, description="Seconds to wait for a connection.")
