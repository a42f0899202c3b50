"""What ShipX refuses in a shipment before it is made (reference, sections 2.4, 2.5, 2.13 and 2.14)."""

import re
from typing import Any

from pomost.sandbox.carriers import Json
from pomost.sandbox.shipx.settings import Settings

POINT = re.compile(r"(POP-)?[A-Z]{3}\d{1,4}[A-Z]{0,4}")
TEMPLATES = ("small", "medium", "large", "xlarge")
SENDING_METHODS = (
    "parcel_locker",
    "pok",
    "pop",
    "courier_pok",
    "branch",
    "dispatch_order",
    "any_point",
)
MOST_INSURED = 10_000_000


class Refusal(Exception):
    """An error body with its HTTP status."""

    def __init__(self, status: int, error: str, message: str, details: Any = None) -> None:
        super().__init__(error)
        self.status = status
        self.body: Json = {"status": status, "error": error, "message": message, "details": details}


def invalid(details: Json) -> Refusal:
    text = "There are some validation errors. Check details object for more info."
    return Refusal(400, "validation_failed", text, details)


def not_found() -> Refusal:
    return Refusal(404, "resource_not_found", "Resource not found.", {})


def is_locker(service: str | None) -> bool:
    return bool(service) and str(service).startswith("inpost_locker")


def check(sent: Json, settings: Settings) -> None:
    """Raises `Refusal` as ShipX does."""
    service = sent.get("service")
    if service is not None and service not in settings.services:
        raise Refusal(400, "carrier_unavailable", "carrier_unavailable")
    if service == "inpost_courier_standard" and not settings.courier_contract:
        raise Refusal(400, "missing_trucker_id", "trucker_ID_is_not_set_for_organization")
    custom = sent.get("custom_attributes") or {}
    locker = is_locker(service) or (service is None and bool(custom.get("target_point")))
    wrong: Json = {}
    if found := _receiver(sent.get("receiver"), locker):
        wrong["receiver"] = found
    if odd := _custom(custom, locker, settings):
        wrong["custom_attributes"] = [odd]
    if found := _parcels(sent.get("parcels"), locker):
        wrong["parcels"] = found
    reference = sent.get("reference")
    if reference is not None and len(str(reference)) < 3:
        wrong["reference"] = ["too_short"]
    if reference is not None and len(str(reference)) > 100:
        wrong["reference"] = ["too_long"]
    if service == "inpost_locker_economy" and not sent.get("commercial_product_identifier"):
        wrong["commercial_product_identifier"] = ["required"]
    wrong |= _money(sent, locker)
    if wrong:
        raise invalid(wrong)


def _receiver(receiver: Any, locker: bool) -> list[Any]:
    if not isinstance(receiver, dict):
        return ["required"]
    wrong: Json = {}
    phone = receiver.get("phone")
    if not phone:
        wrong["phone"] = ["required"]
    elif not re.fullmatch(r"\d{9}", str(phone)):
        wrong["phone"] = ["invalid"]
    email = receiver.get("email")
    if locker and not email:
        wrong["email"] = ["required"]
    elif email and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", str(email)):
        wrong["email"] = ["invalid"]
    if not locker:
        if not receiver.get("company_name") and not (
            receiver.get("first_name") and receiver.get("last_name")
        ):
            wrong["first_name"] = ["required"]
        if address := _address(receiver.get("address")):
            wrong["address"] = address
    return [wrong] if wrong else []


def _address(address: Any) -> list[Any]:
    if not isinstance(address, dict):
        return ["required"]
    wrong: Json = {}
    if not address.get("line1"):
        wrong |= {key: ["required"] for key in ("street", "building_number") if not address.get(key)}
    if not address.get("city"):
        wrong["city"] = ["required"]
    if address.get("country_code", "PL") == "PL" and not re.fullmatch(
        r"\d\d-\d{3}", str(address.get("post_code") or "")
    ):
        wrong["post_code"] = ["invalid_format"]
    return [wrong] if wrong else []


def _custom(custom: Json, locker: bool, settings: Settings) -> Json:
    point, wrong = str(custom.get("target_point") or ""), {}
    if locker and not point:
        wrong["target_point"] = ["required"]
    elif point and (not POINT.fullmatch(point) or point in settings.closed_points):
        wrong["target_point"] = ["does_not_exist"]
    elif point in settings.shut_points:
        wrong["target_point"] = ["invalid_box_machine_function"]
    if custom.get("sending_method") not in (None, *SENDING_METHODS):
        wrong["sending_method"] = ["invalid"]
    return wrong


def _parcels(parcels: Any, locker: bool) -> list[Any]:
    listed = isinstance(parcels, list)
    pieces = parcels if listed else [parcels]
    if not pieces or not all(isinstance(piece, dict) for piece in pieces):
        return ["required"]
    if listed and len(pieces) > 1000:
        return ["too_long"]
    ids = [str(piece.get("id") or "") for piece in pieces]
    wrong: list[Any] = []
    for number, piece in enumerate(pieces):
        found = _parcel(piece, locker)
        if listed and (not ids[number] or ids.count(ids[number]) > 1):
            found["id"] = ["required" if not ids[number] else "invalid"]
        if found:
            wrong.append({str(number): found})
    return wrong


def _parcel(piece: Json, locker: bool) -> Json:
    if piece.get("template"):
        known = TEMPLATES[:3] if locker else TEMPLATES
        return {} if piece["template"] in known else {"template": ["invalid"]}
    wrong: Json = {}
    measures = piece.get("dimensions") or {}
    missing = {key: ["required"] for key in ("length", "width", "height") if _number(measures.get(key)) <= 0}
    if missing:
        wrong["dimensions"] = [missing]
    weight = _number((piece.get("weight") or {}).get("amount"))
    if weight <= 0 or weight > 1000 or (locker and weight > 25):
        wrong["weight"] = [{"amount": ["too_small" if weight <= 0 else "too_big"]}]
    return wrong


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return 0.0


def _money(sent: Json, locker: bool) -> Json:
    wrong: Json = {}
    amounts: dict[str, float] = {}
    for name in ("cod", "insurance"):
        given = sent.get(name)
        if given is None:
            continue
        amount = given.get("amount") if isinstance(given, dict) else None
        if not isinstance(amount, int | float) or isinstance(amount, bool):
            wrong[name] = [{"amount": ["not_a_number"]}]
        elif amount < 1:
            wrong[name] = [{"amount": ["too_small"]}]
        elif name == "insurance" and amount >= MOST_INSURED:
            wrong[name] = [{"amount": ["too_big"]}]
        elif given.get("currency") != "PLN":
            wrong[name] = [{"currency": ["invalid"]}]
        else:
            amounts[name] = amount
    if "cod" in amounts and not locker and "insurance" not in wrong:
        if "insurance" not in amounts:
            wrong["insurance"] = ["required"]
        elif amounts["insurance"] < amounts["cod"]:
            wrong["insurance"] = [{"amount": ["too_small"]}]
    return wrong
