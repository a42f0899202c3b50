"""A shipment in ShipX's words and back; pure (reference, sections 2.4 to 2.7 and 2.13)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pomost.connectors.carriers import failures, rules
from pomost.connectors.shipx.settings import Settings
from pomost.connectors.shipx.statuses import EARLY, PROBLEMS, state_of
from pomost.ports import Failure, Json
from pomost.ports.carrier import Parcel, Shipment, ShipmentOrder, ShipmentState
from pomost.trade.order import Party

TRACKING = "https://inpost.pl/sledzenie-przesylek?number={number}"
SIZES = {"a": "small", "b": "medium", "c": "large"}
LOCKER_SIZES = ("small", "medium", "large")
COURIER_SIZES = (*LOCKER_SIZES, "xlarge")
LOCKER_KG = 25
LONG_MM, SUM_MM = 1200, 2200
"""A courier's parcel beyond them is non-standard."""

COMPANY, NAME, STREET, CITY = 26, 21, 56, 23
"""What fits on a label."""
COMMENT = 100

OPTIONS = {
    "sending_method": "how the parcel is handed over",
    "dropoff_point": "the point where it is handed over",
    "services": "additional services, by comma",
    "weekend": "yes: delivery to the locker at the weekend",
    "mpk": "name of the cost centre",
    "commercial_product_identifier": "needed by inpost_locker_economy",
    "non_standard": "yes: the parcel has an irregular shape",
}


def is_locker(service: str) -> bool:
    return service.startswith("inpost_locker")


def shipment_to_wire(order: ShipmentOrder, settings: Settings) -> Json:
    """The body of the order of a shipment. Raises NeedsPerson for what ShipX would refuse."""
    rules.check_order(order, OPTIONS)
    locker = is_locker(order.service)
    point = rules.check_point(order, locker)
    custom: Json = {"sending_method": settings.locker_sending if locker else settings.courier_sending}
    custom |= {
        key: order.options[key] for key in ("sending_method", "dropoff_point") if order.options.get(key)
    }
    if point:
        custom["target_point"] = point
    sent: Json = {
        "receiver": _receiver(order, locker),
        "parcels": [_parcel(order, piece, number, settings) for number, piece in enumerate(order.parcels, 1)],
        "service": order.service,
        "reference": order.reference,
        "custom_attributes": custom,
    }
    if settings.buying == "by-hand":
        sent["only_choice_of_offer"] = True
    if order.sender is not None:
        sent["sender"] = _sender(order.sender)
    if order.comment:
        sent["comments"] = rules.cut(order.comment, COMMENT)
    if order.cod is not None:
        sent["cod"] = {"amount": order.cod, "currency": "PLN"}
    insurance = rules.insured(order)
    if insurance is not None:
        sent["insurance"] = {"amount": insurance, "currency": "PLN"}
    return sent | _options(order.options)


def _options(options: Mapping[str, str]) -> Json:
    sent: Json = {}
    if listed := [one.strip() for one in options.get("services", "").split(",") if one.strip()]:
        sent["additional_services"] = listed
    if rules.yes(options, "weekend"):
        sent["end_of_week_collection"] = True
    for name in ("mpk", "commercial_product_identifier"):
        if options.get(name):
            sent[name] = options[name]
    return sent


def _receiver(order: ShipmentOrder, locker: bool) -> Json:
    sent: Json = {"phone": rules.check_phone(order, rules.polish_phone(order.to.phone))}
    if email := rules.check_email(order, needed=locker):
        sent["email"] = email
    if not locker:
        rules.check_address(order)
        sent["address"] = address_to_wire(order.to)
    return sent | names_to_wire(order.to)


def _sender(sender: Party) -> Json:
    sent: Json = {"address": address_to_wire(sender), **names_to_wire(sender)}
    if phone := rules.polish_phone(sender.phone):
        sent["phone"] = phone
    if sender.email:
        sent["email"] = sender.email
    return sent


def names_to_wire(party: Party) -> Json:
    """Company and names as far as they fit on a label. A person with one name only stands as a company: a courier's
    shipment needs both names or a company."""
    first, last = rules.first_and_last(party.name, NAME)
    company = rules.cut(party.company or ("" if last else party.name), COMPANY)
    sent = {"company_name": company, "first_name": first, "last_name": last}
    return {key: text for key, text in sent.items() if text and (last or key == "company_name")}


def address_to_wire(party: Party) -> Json:
    address = party.address
    parted = rules.street_and_number(address.street)
    place: Json
    if parted:
        street, number = parted
        # The number is never cut: without it nobody finds the door.
        place = {"street": rules.cut(street, max(STREET - len(number) - 1, 10)), "building_number": number}
    else:
        place = {"line1": rules.cut(address.street, STREET)}
    country = address.country or "PL"
    return place | {
        "city": rules.cut(address.city, CITY),
        "post_code": rules.postcode(address.postcode, country),
        "country_code": country,
    }


def _parcel(order: ShipmentOrder, piece: Parcel, number: int, settings: Settings) -> Json:
    locker = is_locker(order.service)
    template = piece.template.strip().lower()
    template = SIZES.get(template, template)
    if locker and (piece.weight_kg or 0) > LOCKER_KG:
        raise rules.too_heavy(order, LOCKER_KG)
    known = LOCKER_SIZES if locker else COURIER_SIZES
    if template and template not in known:
        raise rules.bad_size(order, template, known)
    if locker and not template and not piece.measured:
        template = settings.size
    if template:
        return {"id": str(number), "template": template}
    length, width, height = (
        (piece.length_mm, piece.width_mm, piece.height_mm) if piece.measured else settings.courier_mm
    )
    measures = [int(side or 0) for side in (length, width, height)]
    odd = max(measures) > LONG_MM or sum(measures) > SUM_MM or rules.yes(order.options, "non_standard")
    return {
        "id": str(number),
        "dimensions": dict(zip(("length", "width", "height"), measures, strict=True)) | {"unit": "mm"},
        "weight": {"amount": piece.weight_kg or settings.weight_kg, "unit": "kg"},
        "is_non_standard": odd,
    }


def shipment_from_wire(shown: Json) -> Shipment:
    """How a shipment stands. Of failed transactions only the name of the error is looked at: the rest can hold an e-mail
    address."""
    status = str(shown.get("status") or "")
    number = str(shown.get("tracking_number") or "")
    state, problem = state_of(status), _problem(shown, status)
    if problem is not None and problem.code == "carrier.no-offer":
        state = ShipmentState.FAILED
    bought = bool(number) and status not in EARLY and status != "canceled"
    return Shipment(
        external_id=str(shown.get("id")),
        state=state,
        tracking_number=number,
        tracking_url=TRACKING.format(number=number) if number else "",
        raw_status=status,
        label_ready=bought,
        problem=problem,
    )


def _problem(shown: Json, status: str) -> Failure | None:
    if status in PROBLEMS:
        return failures.delivery_problem(status)
    if status not in EARLY:
        return None
    offers = _rows(shown.get("offers"))
    if offers and all(offer.get("status") in ("unavailable", "expired") for offer in offers):
        reasons = [
            str(why.get("key")) for offer in offers for why in _rows(offer.get("unavailability_reasons"))
        ]
        return failures.no_offer(sorted(set(reasons)))
    tried = _rows(shown.get("transactions"))
    if not tried or tried[-1].get("status") != "failure":
        return None
    details = tried[-1].get("details")
    error = str(details.get("error") or "") if isinstance(details, dict) else ""
    if error == "debt_collection":
        return failures.payment_failed()
    if error == "company_data_missing":
        return failures.company_data()
    return failures.payment_refused(error)


def offer_to_buy(shown: Json) -> int | None:
    """The offer that was selected, or the only one that is available."""
    wanted = shown.get("service")
    offers = _rows(shown.get("offers"))
    for status in ("selected", "available"):
        for offer in offers:
            service = offer.get("service") or {}
            if offer.get("status") == status and (wanted is None or service.get("id") == wanted):
                return int(offer["id"])
    return next((int(offer["id"]) for offer in offers if offer.get("status") == "selected"), None)


def _rows(value: Any) -> list[Json]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
