"""A shipment in Apaczka's words and back; pure (reference, sections 3.4, 3.5 and 3.8)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import ROUND_UP, Decimal
from zoneinfo import ZoneInfo

from pomost.connectors.apaczka.settings import Settings
from pomost.connectors.carriers import failures, rules
from pomost.ports import Json, NeedsPerson
from pomost.ports.carrier import Parcel, Service, Shipment, ShipmentOrder, ShipmentState
from pomost.trade.currency_rate import is_working_day
from pomost.trade.order import Address, Party

WARSAW = ZoneInfo("Europe/Warsaw")
CONTACT = 30
COMMENT = 100
CONTENT = 100
TEMPLATES_CM = {
    "small": (64, 38, 8),
    "medium": (64, 38, 19),
    "large": (64, 38, 41),
    "a": (64, 38, 8),
    "b": (64, 38, 19),
    "c": (64, 38, 41),
}
OPTIONS = {
    "pickup": "self or courier, instead of the connection's",
    "pickup_date": "day on which the courier comes, YYYY-MM-DD",
    "pickup_from": "from when, HH:MM",
    "pickup_to": "until when, HH:MM",
    "package_type": "PACZKA, LIST, PALETA and so on",
    "sender_point": "code of the point where the parcel is handed over",
    "extras": "numbers of Apaczka's options, by comma (31 SMS, 19 Saturday)",
    "non_standard": "yes: the parcel has an irregular shape",
}
_STATES = {
    "new": ShipmentState.READY,
    "sent": ShipmentState.COLLECTED,
    "in_transit": ShipmentState.ON_THE_WAY,
    "on_the_way": ShipmentState.ON_THE_WAY,
    "out_for_delivery": ShipmentState.ON_THE_WAY,
    "exception": ShipmentState.ON_THE_WAY,
    "delivered": ShipmentState.DELIVERED,
    "returned": ShipmentState.RETURNED,
    "cancelled": ShipmentState.CANCELLED,
    "canceled": ShipmentState.CANCELLED,
}
"""No full list is published: any other name leaves a shipment where it was."""


def service_from_wire(row: Json) -> Service:
    to_point = _true(row.get("door_to_point")) or _true(row.get("point_to_point"))
    return Service(str(row.get("service_id")), str(row.get("name") or ""), to_point)


def needs_courier(row: Json) -> bool:
    """Whether the carrier takes parcels at the sender's door only."""
    from_door = _true(row.get("door_to_door")) or _true(row.get("door_to_point"))
    from_point = _true(row.get("point_to_point")) or _true(row.get("point_to_door"))
    return str(row.get("pickup_courier")) == "2" or (from_door and not from_point)


def order_to_wire(order: ShipmentOrder, row: Json, settings: Settings, now: datetime) -> Json:
    """The order; ``row`` is the service's in the account's structure. Raises NeedsPerson for what can't be carried."""
    rules.check_order(order, OPTIONS)
    to_point = service_from_wire(row).to_point
    point = rules.check_point(order, to_point)
    options = order.options
    sender = settings_sender(settings) if order.sender is None else order.sender
    sent: Json = {
        "service_id": int(str(row.get("service_id"))),
        "address": {
            "sender": _sender(sender, settings.sender_contact, options.get("sender_point", "")),
            "receiver": _receiver(order, point),
        },
        "notification": {
            "new": {"isReceiverEmail": 0, "isReceiverSms": 0, "isSenderEmail": 0},
            "sent": {"isReceiverEmail": 1, "isReceiverSms": 0, "isSenderEmail": 0, "isSenderSms": 0},
        },
        "shipment_value": grosze(rules.insured(order) or Decimal(0)),
        "shipment_currency": "PLN",
        "pickup": _pickup(options, row, settings, now),
        "shipment": [_parcel(order, piece, settings) for piece in order.parcels],
        # The reference begins it: by it an order is found again.
        "comment": rules.cut(f"{order.reference} {order.comment}", COMMENT),
        "content": rules.cut(order.content, CONTENT) or order.reference,
        "is_zebra": int(settings.zebra),
    }
    if order.cod is not None:
        sent["cod"] = _cod(order, order.cod, settings)
    if extras := [one.strip() for one in options.get("extras", "").split(",") if one.strip()]:
        sent["option"] = dict.fromkeys(extras, 1)
    if settings.push_url:
        sent["push_tracking_url"] = settings.push_url
    return sent


def grosze(amount: Decimal) -> int:
    """Whole grosze, exactly; amounts with more decimals were refused before."""
    return int((amount * 100).to_integral_value())


def centimetres(mm: int) -> int:
    """Rounded up: a parcel that is too small on paper is measured again and charged."""
    return max(1, math.ceil(mm / 10))


def kilograms(weight: Decimal) -> float:
    """One decimal, rounded up."""
    return float(max(weight.quantize(Decimal("0.1"), ROUND_UP), Decimal("0.1")))


def settings_sender(settings: Settings) -> Party:
    address = Address(
        settings.sender_street,
        settings.sender_postcode,
        settings.sender_city,
        country=settings.sender_country,
    )
    return Party(
        company=settings.sender_name,
        email=settings.sender_email,
        phone=settings.sender_phone,
        address=address,
    )


def _address(party: Party) -> Json:
    country = party.address.country or "PL"
    return {
        "country_code": country,
        "name": " ".join(party.shown_name.split()),
        "line1": " ".join(party.address.street.split()),
        "line2": "",
        "postal_code": rules.postcode(party.address.postcode, country),
        "state_code": "",
        "city": " ".join(party.address.city.split()),
        "is_residential": 0 if party.company else 1,
        "contact_person": rules.cut(party.name or party.company, CONTACT),
        "email": party.email.strip(),
    }


def _sender(sender: Party, contact: str, point: str) -> Json:
    sent = _address(sender) | {"phone": rules.any_phone(sender.phone) or "", "foreign_address_id": point}
    if contact:
        sent["contact_person"] = rules.cut(contact, CONTACT)
    return sent


def _receiver(order: ShipmentOrder, point: str) -> Json:
    rules.check_address(order)
    rules.check_email(order, needed=bool(point))
    phone = rules.check_phone(order, rules.any_phone(order.to.phone))
    return _address(order.to) | {"phone": phone, "foreign_address_id": point}


def _parcel(order: ShipmentOrder, piece: Parcel, settings: Settings) -> Json:
    template = piece.template.strip().lower()
    if template and template not in TEMPLATES_CM:
        raise rules.bad_size(order, template, list(TEMPLATES_CM)[:3])
    if piece.length_mm is not None and piece.width_mm is not None and piece.height_mm is not None:
        sides = (centimetres(piece.length_mm), centimetres(piece.width_mm), centimetres(piece.height_mm))
    else:
        sides = TEMPLATES_CM.get(template, settings.parcel_cm)
    # Named dimension1 to 3: length, width and height would be ignored in silence, at another price.
    return {
        "dimension1": sides[0],
        "dimension2": sides[1],
        "dimension3": sides[2],
        "weight": kilograms(piece.weight_kg or settings.weight_kg),
        "is_nstd": int(rules.yes(order.options, "non_standard")),
        "shipment_type_code": order.options.get("package_type") or settings.package_type,
    }


def _cod(order: ShipmentOrder, amount: Decimal, settings: Settings) -> Json:
    account = "".join(settings.bank_account.upper().removeprefix("PL").split())
    if len(account) != 26 or not account.isdecimal():
        raise NeedsPerson(
            "carrier.no-bank-account",
            f"Shipment {order.reference}: the carrier is to collect money, and no account for it is set.",
            "Set bank_account of the connection: 26 digits.",
            reference=order.reference,
        )
    return {"amount": grosze(amount), "currency": "PLN", "bankaccount": account}


def _pickup(options: Mapping[str, str], row: Json, settings: Settings, now: datetime) -> Json:
    wanted = options.get("pickup") or settings.pickup
    if wanted != "courier" and not needs_courier(row):
        return {"type": "SELF", "date": "", "hours_from": "", "hours_to": ""}
    return {
        "type": "COURIER",
        "date": options.get("pickup_date") or str(next_working_day(now.astimezone(WARSAW).date())),
        "hours_from": options.get("pickup_from") or settings.pickup_from,
        "hours_to": options.get("pickup_to") or settings.pickup_to,
    }


def next_working_day(day: date) -> date:

    following = day + timedelta(days=1)
    while not is_working_day(following):
        following += timedelta(days=1)
    return following


def shipment_from_wire(row: Json) -> Shipment:
    raw = str(row.get("status") or "")
    number = str(row.get("waybill_number") or "")
    state = _STATES.get(raw.lower(), ShipmentState.UNKNOWN)
    if state == ShipmentState.READY and not number:
        state = ShipmentState.ORDERED
    url = row.get("tracking_url")
    return Shipment(
        external_id=str(row.get("id")),
        state=state,
        tracking_number=number,
        tracking_url=url if isinstance(url, str) else "",
        raw_status=raw,
        label_ready=bool(number) and state != ShipmentState.CANCELLED,
        problem=failures.delivery_problem("exception") if raw.lower() == "exception" else None,
    )


def is_ours(row: Json, reference: str) -> bool:
    """Whether an order in the list carries our reference."""
    comment = str(row.get("comment") or "").strip()
    return comment == reference or comment.startswith(f"{reference} ")


def made_at(row: Json) -> datetime | None:
    """When an order was made, at the latest: Apaczka writes Warsaw time without a zone, and one hour of the year comes
    twice."""
    try:
        local = datetime.strptime(str(row.get("created")), "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007
    except ValueError:
        return None
    return max(
        (local.replace(tzinfo=WARSAW, fold=fold) for fold in (0, 1)), key=lambda moment: moment.timestamp()
    )


def _true(value: object) -> bool:
    return str(value).lower() in ("1", "true")
