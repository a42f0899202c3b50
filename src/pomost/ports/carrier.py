"""Carriers: where shipments are ordered, and what becomes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Literal, Protocol, runtime_checkable

from pomost.ports.failures import Failure, NeedsPerson, TryAgain
from pomost.trade.order import Address, Party

LabelFormat = Literal["pdf", "zpl"]

PDF = "application/pdf"
ZPL = "application/zpl"


class ShipmentState(StrEnum):
    """Where a shipment is, in words that all carriers share."""

    ORDERED = "ordered"
    """Known to the carrier, and still to be bought or confirmed: no label yet."""
    READY = "ready"
    """Bought: the label can be had, and the parcel waits to be handed over."""
    COLLECTED = "collected"
    """The carrier has the parcel."""
    ON_THE_WAY = "on_the_way"
    AT_POINT = "at_point"
    """It waits for the buyer in a locker, at a point, or under a notice (awizo)."""
    DELIVERED = "delivered"
    RETURNED = "returned"
    """It is back at the sender, or on its way there for good."""
    CANCELLED = "cancelled"
    FAILED = "failed"
    """It will not come about, or was lost: `Shipment.problem` says why."""
    UNKNOWN = "unknown"
    """The carrier's word is not known here: whoever follows the shipment keeps the state it had."""

    @property
    def terminal(self) -> bool:
        """Nothing more is expected: the shipment need not be looked at again."""
        return self in TERMINAL


TERMINAL = frozenset(
    {ShipmentState.DELIVERED, ShipmentState.RETURNED, ShipmentState.CANCELLED, ShipmentState.FAILED}
)


@dataclass(frozen=True, slots=True)
class Parcel:
    """One piece. Either ``template`` (a size of the carrier: small, medium, large) or the three measures are given; where
    neither is, the connection's default stands in. ``weight_kg`` None: the connection's default weight."""

    weight_kg: Decimal | None = None
    length_mm: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None
    template: str = ""

    @property
    def measured(self) -> bool:
        return None not in (self.length_mm, self.width_mm, self.height_mm)


@dataclass(frozen=True, slots=True)
class ShipmentOrder:
    """What a carrier is asked to carry.

    ``reference`` is our key, 3 to 50 characters, the same at each attempt and in ``find``: it is printed on labels and
    must hold no personal data. ``service`` is an id of `Carrier.services`. ``to`` is the receiver with the address of
    delivery, e-mail and phone. ``point`` is the code of a locker or point, "" for a door. ``sender`` None: the
    account's or connection's own. ``cod`` is what the courier collects; ``insurance`` the declared value; both are in
    ``currency``, and the insurance is raised to the COD where the carrier wants that. ``order_id`` is the channel's id
    of the order, which carriers reached through a channel need. ``options`` are the carrier's own, by its names (see
    docs/how-to/carriers.md); unknown ones are refused. ``earlier``: ids of shipments that the order had before, each of
    which stays what it is: ``find`` never takes one of them for this shipment.
    """

    reference: str
    service: str
    to: Party
    point: str = ""
    sender: Party | None = None
    parcels: tuple[Parcel, ...] = (Parcel(),)
    cod: Decimal | None = None
    insurance: Decimal | None = None
    currency: str = "PLN"
    content: str = ""
    comment: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    order_id: str = ""
    earlier: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shipment:
    """A shipment as the carrier shows it now.

    ``external_id`` is the carrier's id, by which everything is asked. ``tracking_number`` is empty until the carrier
    gives one, which may be later than the order. ``raw_status`` is the carrier's own word, shown as it is.
    ``label_ready``: `Carrier.label` may be asked. ``problem`` is what somebody has to look at while the state stays as
    it is (a payment that failed, an address that was not found); None when all is well.
    """

    external_id: str
    state: ShipmentState
    tracking_number: str = ""
    tracking_url: str = ""
    raw_status: str = ""
    label_ready: bool = False
    problem: Failure | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """A label to print; ``media_type`` is `PDF` or `ZPL`, and the bytes have been checked to be that."""

    content: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Service:
    """Something that a carrier sells to this account. ``to_point``: the parcel goes to a locker or point, so that
    `ShipmentOrder.point` is needed."""

    id: str
    name: str
    to_point: bool = False


@runtime_checkable
class Carrier(Protocol):
    """An account with a carrier or an aggregator of carriers.

    May be used from any number of threads. Capabilities: "cancel" (a shipment that was bought may be cancelled), "cod",
    "insurance", "points" (services to lockers and points), "zpl", "buy" (a shipment may wait to be bought, and is then
    bought by ``buy``), "push" (the carrier sends hints, read by ``pushed``), "quote" (`Quotes`), "find-points" (`Points`),
    "pickup" (`PicksUp`).

    The order of acts: keep the intention with the time, ``create``, keep the id, ``read`` until ``label_ready``,
    ``label``, then ``read`` until a terminal state. After any doubt about ``create`` ask ``find`` before it is repeated.

    All methods raise what `pomost.ports` calls failures, with codes ``carrier.…`` (docs/reference/errors.md). No
    message holds a secret, a name, an address, a phone or an e-mail.
    """

    @property
    def name(self) -> str:
        """The connection's name in the configuration."""
        ...

    def capabilities(self) -> frozenset[str]: ...

    def services(self) -> tuple[Service, ...]:
        """What this account may order; asked from the carrier, some allow it once a day, so the answer is kept."""
        ...

    def create(self, order: ShipmentOrder) -> str:
        """Orders the shipment, which costs money; gives the carrier's id. NOT repeatable.

        Raises NeedsPerson for what is refused before or by the carrier (nothing was ordered), TryAgain and WaitUntil when
        it is certain that nothing was ordered, InDoubt when the answer was lost: then ask ``find``.
        """
        ...

    def find(self, order: ShipmentOrder, since: datetime | None) -> str | None:
        """The id of the shipment that was made with this reference, or None when there is certainly none.

        ``since`` is when ``create`` was first called (aware); None: long ago, so that the list need not be waited for.
        Carriers show what was made late: until an empty answer can be trusted WaitUntil is raised, with the moment to ask again. Raises
        NeedsPerson ``carrier.found-twice`` when there are several, and what reading raises.

        The order is needed rather than its reference alone: where the carrier has no field for references it is known
        again by receiver and service as well, and in a channel by the channel's order.
        """
        ...

    def read(self, external_id: str) -> Shipment:
        """The shipment as it is now. Raises NeedsPerson ``carrier.not-found`` for an id the carrier does not know."""
        ...

    def label(self, external_id: str, format: LabelFormat = "pdf") -> Label:
        """The label of all parcels of the shipment; may be asked again.

        Raises TryAgain ``carrier.label-not-yet`` before it can be had and ``carrier.bad-label`` when what came is no
        label (empty, HTML, another format).
        """
        ...

    def cancel(self, external_id: str) -> bool:
        """True when the shipment is cancelled, now or before. Repeating is harmless.

        Raises NeedsPerson ``carrier.cannot-cancel`` where the carrier refuses it.
        """
        ...

    def check(self) -> tuple[Failure, ...]:
        """What is wrong with the connection (address, key, account, services); empty when all is well."""
        ...

    def close(self) -> None: ...


@runtime_checkable
class Buys(Protocol):
    """A carrier where ordering and paying are two steps (capability "buy")."""

    def buy(self, external_id: str) -> None:
        """Buys a shipment that waits for it. Repeating is harmless: one shipment is paid for once. ``read`` tells a moment
        later whether it went through. Raises NeedsPerson when no offer can be bought any more."""
        ...


@runtime_checkable
class Pushes(Protocol):
    """A carrier that tells of changes by itself (capability "push")."""

    def pushed(self, body: bytes) -> str | None:
        """The id, or the tracking number where the push holds no id, of the shipment to be read again; None for what is
        not meant for this account or not signed as it should be. What a push says is never taken for the truth."""
        ...


@dataclass(frozen=True, slots=True)
class Quote:
    """What a service would cost for an order. ``net`` and ``gross`` are None where the carrier does not say them apart;
    ``charge`` is then its figure, of which it does not say whether VAT is in it."""

    service: str
    name: str
    net: Decimal | None = None
    gross: Decimal | None = None
    charge: Decimal | None = None
    currency: str = "PLN"


@runtime_checkable
class Quotes(Protocol):
    """A carrier that tells prices before anything is ordered (capability "quote")."""

    def quote(self, order: ShipmentOrder) -> tuple[Quote, ...]:
        """What each service that can carry the order would cost, whatever `ShipmentOrder.service` says; services that the
        carrier refuses for it are missing. Nothing is ordered. Raises what reading raises."""
        ...


@dataclass(frozen=True, slots=True)
class PointQuery:
    """Which lockers and points are wanted: the one of a code, those near a postcode, or those of a town. ``service``: an id
    of `Carrier.services`, where each service has points of its own; "" for all that can be asked. At most ``limit``."""

    code: str = ""
    postcode: str = ""
    city: str = ""
    service: str = ""
    limit: int = 10


@dataclass(frozen=True, slots=True)
class Point:
    """A locker or point. ``open``: parcels are delivered there now. ``cod``: money is collected there, None: the carrier does
    not say. ``distance_m`` from what was asked for, None where that is not known."""

    code: str
    name: str
    kind: str
    address: Address
    open: bool = True
    cod: bool | None = None
    distance_m: int | None = None


@runtime_checkable
class Points(Protocol):
    """A carrier whose lockers and points can be asked for (capability "find-points")."""

    def points(self, query: PointQuery) -> tuple[Point, ...]:
        """The nearest first. For a code: that point, open or not, or nothing where there is certainly none.

        Raises NeedsPerson ``carrier.no-points`` where the carrier has no list for the service, and what reading raises:
        no failure says anything of a point.
        """
        ...


@dataclass(frozen=True, slots=True)
class PickupWindow:
    """When parcels may be collected: a day, from when, until when, Polish time."""

    day: date
    start: time
    end: time


class PickupState(StrEnum):
    """Where a pickup is, in words that all carriers share."""

    ORDERED = "ordered"
    ACCEPTED = "accepted"
    DONE = "done"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"
    """The carrier does not say."""

    @property
    def stands(self) -> bool:
        """A courier comes or came: it need not be ordered again."""
        return self not in (PickupState.REJECTED, PickupState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Pickup:
    """A courier who was called to the sender."""

    external_id: str
    state: PickupState
    raw_status: str = ""


@dataclass(frozen=True, slots=True)
class Collectable:
    """A shipment as it matters to a courier who collects. ``pickup``: the one that it is in already. ``ready``: it waits to
    be handed over. ``by_courier``: it is handed over to a courier, and not at a point. Parcels of different ``group`` can't
    be collected by one courier."""

    external_id: str
    pickup: str = ""
    ready: bool = True
    by_courier: bool = True
    group: str = ""


@runtime_checkable
class PicksUp(Protocol):
    """A carrier whose courier is called to collect parcels that were ordered before (capability "pickup").

    The order of acts: ``collectables``, keep the intention with the time, ``pickup``, keep the id. After any doubt about
    ``pickup`` ask ``find_pickup`` before it is repeated.
    """

    def collectables(self, external_ids: Sequence[str]) -> tuple[Collectable, ...]:
        """How these shipments stand; those that the carrier does not know are missing."""
        ...

    def pickup(self, external_ids: Sequence[str], window: PickupWindow, address: Party | None) -> str:
        """Calls a courier for these shipments; gives the carrier's id of the pickup. NOT repeatable. ``address`` None: the
        connection's own.

        Raises NeedsPerson for what is refused before or by the carrier (nobody was called), TryAgain and WaitUntil when it
        is certain that nobody was called, InDoubt when the answer was lost.
        """
        ...

    def find_pickup(self, external_ids: Sequence[str], since: datetime) -> str | None:
        """The pickup that these shipments got after ``since`` (aware), or None when there is certainly none. Raises WaitUntil
        until an empty answer can be trusted, and NeedsPerson ``carrier.pickup-unknown`` where the carrier can't be asked."""
        ...

    def read_pickup(self, pickup_id: str) -> Pickup:
        """The pickup as it is now."""
        ...


def checked_label(content: bytes, format: LabelFormat, media_type: str = "") -> Label:
    """The label when the bytes are one; headers are not believed. Raises TryAgain ``carrier.bad-label``."""
    start = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:5]
    if format == "pdf" and start == b"%PDF-":
        return Label(content, PDF)
    if format == "zpl" and start[:3] == b"^XA":
        return Label(content, ZPL)
    what = "an empty file" if not content.strip() else f"{len(content)} bytes that are none"
    raise TryAgain(
        "carrier.bad-label",
        f"Instead of a label in {format.upper()} the carrier sent {what}.",
        "It is asked for again; if this stays, take the label from the carrier's panel.",
        media_type=media_type,
    )


def no_zpl(carrier: str) -> NeedsPerson:
    """A label was asked for in a format that the carrier has not."""
    return NeedsPerson(
        "carrier.no-zpl",
        f'The carrier "{carrier}" gives labels in PDF only.',
        "Ask for PDF, or let the print agent convert it.",
    )
