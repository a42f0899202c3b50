"""Dispatch orders, which call a courier, and prices (reference, sections 2.7 and 2.9)."""

import re
from typing import Any

from pomost.sandbox.carriers import Json
from pomost.sandbox.shipx.life import EARLY, Life, stamp
from pomost.sandbox.shipx.settings import Settings
from pomost.sandbox.shipx.validation import Refusal, check, invalid, is_locker


def dispatched(sent: Json, lives: list[Life], number: int, now: float, base: str) -> Json:
    """The order of a courier. A second one for the same shipments is taken as well: nothing keeps a client from it."""
    if not lives:
        raise invalid({"shipments": ["required"]})
    address = sent.get("address")
    if not sent.get("dispatch_point_id"):
        wrong = {
            key: ["required"]
            for key in ("street", "building_number", "city", "post_code", "country_code")
            if not (isinstance(address, dict) and str(address.get(key) or "").strip())
        }
        if not wrong and not re.fullmatch(r"\d\d-\d{3}", str(address["post_code"])):  # type: ignore[index]
            wrong = {"post_code": ["invalid_format"]}
        if wrong:
            raise invalid({"address": [wrong]})
    for life in lives:
        if life.status in EARLY or life.status == "canceled":
            text = f"Action (dispatch) can not be taken on shipment with status ({life.status})."
            raise Refusal(400, "invalid_action", text, {"action": "dispatch", "shipment_status": life.status})
    moment = stamp(now)
    comments = (
        [{"id": 24001, "comment": sent["comment"], "created_at": moment}] if sent.get("comment") else []
    )
    for life in lives:
        life.shown["custom_attributes"]["dispatch_order_id"] = number
    return {
        "href": f"{base}/v1/dispatch_orders/{number}",
        "id": number,
        "status": "new",
        "address": address,
        "shipments": [
            {"href": one.shown["href"], "id": one.id, "tracking_number": one.shown["tracking_number"]}
            for one in lives
        ],
        "comments": comments,
        "created_at": moment,
        "updated_at": moment,
    }


def prices(sent: Json, settings: Settings) -> list[Json]:
    """A row for each shipment; one that is refused spoils them all. The form is that of public clients."""
    asked = sent.get("shipments")
    if not isinstance(asked, list) or not asked:
        raise invalid({"shipments": ["required"]})
    rows = []
    for shipment in asked:
        if not isinstance(shipment, dict) or not shipment.get("id"):
            raise invalid({"id": ["required"]})
        check(shipment, settings)
        amount = _price(shipment)
        rows.append(
            {
                "id": str(shipment["id"]),
                "calculated_charge_amount": f"{amount:.2f}",
                "calculated_charge_amount_non_commission": f"{amount:.2f}",
                "cod_charge_amount": "1.50" if shipment.get("cod") else "0.0",
            }
        )
    return rows


def _price(shipment: Json) -> float:
    base: dict[str, float] = {"inpost_locker_standard": 12.99, "inpost_locker_economy": 9.99}
    service: Any = shipment.get("service")
    price = base.get(str(service), 13.99 if is_locker(service) else 16.49)
    return price + (1.5 if shipment.get("cod") else 0.0)
