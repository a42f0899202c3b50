"""A shipment's life: it is made at once and bought later, by the clock (reference, sections 2.6 and 2.7)."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pomost.sandbox.carriers import Json
from pomost.sandbox.shipx.settings import Settings
from pomost.sandbox.shipx.validation import Refusal, is_locker, not_found

WARSAW = ZoneInfo("Europe/Warsaw")
EARLY = ("created", "offers_prepared", "offer_selected")
SIZES = {
    "small": (640.0, 380.0, 80.0),
    "medium": (640.0, 380.0, 190.0),
    "large": (640.0, 380.0, 410.0),
    "xlarge": (800.0, 500.0, 500.0),
}
UNSET = {"amount": None, "currency": None}
SENDER = {
    "name": None,
    "company_name": "Kubek i Spółka sp. z o.o.",
    "first_name": None,
    "last_name": None,
    "email": "magazyn@example.com",
    "phone": "500100200",
    "address": {
        "street": "Tkacka",
        "building_number": "7B",
        "line1": None,
        "line2": None,
        "city": "Łódź",
        "post_code": "90-156",
        "country_code": "PL",
    },
}


def stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, WARSAW).isoformat(timespec="milliseconds")


@dataclass
class Life:
    """One shipment: ``shown`` is its resource, the rest what moves it."""

    shown: Json
    made_at: float
    simplified: bool
    choose_only: bool
    number: int
    buy_at: float | None = None
    bought_after_cancel_at: float | None = None
    events: list[Json] = field(default_factory=list)

    @property
    def id(self) -> int:
        return int(self.shown["id"])

    @property
    def status(self) -> str:
        return str(self.shown["status"])

    def set_status(self, status: str, at: float) -> None:
        self.shown["status"] = status
        self.shown["updated_at"] = stamp(at)
        self.events.append({"status": status, "at": at})

    def advance(self, now: float, settings: Settings) -> None:
        """What the clock has done since."""
        again = self.bought_after_cancel_at
        if again is not None and now >= again:
            self.bought_after_cancel_at = None
            self._buy(again, settings)
            return
        if self.status not in EARLY:
            return
        age = now - self.made_at
        if self.status == "created" and age >= settings.offers_prepared_s:
            self._prepare(self.made_at + settings.offers_prepared_s, settings)
        if self.status == "offers_prepared" and self.simplified and age >= settings.offer_selected_s:
            self.select(self.shown["offers"][0]["id"], self.made_at + settings.offer_selected_s)
        unpaid = self.status == "offer_selected" and self.buy_at is None and not self.shown["transactions"]
        if unpaid and self.simplified and not self.choose_only:
            self.buy_at = self.made_at + settings.confirmed_s
        if self.buy_at is not None and now >= self.buy_at:
            at, self.buy_at = self.buy_at, None
            self._buy(at, settings)

    def _prepare(self, at: float, settings: Settings) -> None:
        expires = at + settings.offer_life_s
        first = self.shown["service"] or _offered(self.shown)
        offers = [_offer(510000000 + 10 * self.number, first, "available", expires)]
        if not self.simplified:
            other = "inpost_courier_standard" if is_locker(first) else "inpost_locker_standard"
            offers.append(_offer(510000001 + 10 * self.number, other, "unavailable", expires))
            offers[1]["unavailability_reasons"] = [
                {"key": "no_target_point", "message": "Target point is missing."}
            ]
        self.shown["offers"] = offers
        self.set_status("offers_prepared", at)

    def select(self, offer_id: Any, at: float) -> None:
        """Raises `Refusal` for an offer that is not there or not available."""
        offer = self._offer(offer_id)
        if offer["status"] not in ("available", "selected"):
            raise Refusal(400, "offer_unavailable", "Offer is not available.")
        for one in self.shown["offers"]:
            if one["status"] == "selected":
                one["status"] = "available"
        offer["status"] = "selected"
        self.shown["selected_offer"] = offer
        self.set_status("offer_selected", at)

    def order_purchase(self, offer_id: Any, now: float, settings: Settings) -> None:
        """The purchase begins; the shipment does not change yet."""
        offer = self._offer(offer_id)
        if offer["status"] not in ("available", "selected"):
            raise Refusal(400, "offer_unavailable", "Offer is not available.")
        if now > datetime.fromisoformat(offer["expires_at"]).timestamp():
            raise Refusal(400, "offer_expired", "Offer has expired.")
        if self.status != "offer_selected" or self.shown["selected_offer"] is not offer:
            self.select(offer_id, now)
        self.buy_at = now + settings.buying_s

    def _offer(self, offer_id: Any) -> Json:
        for offer in self.shown["offers"]:
            if str(offer["id"]) == str(offer_id):
                found: Json = offer
                return found
        raise not_found()

    def _buy(self, at: float, settings: Settings) -> None:
        offer = self.shown["selected_offer"] or self.shown["offers"][0]
        error = ""
        if self.shown["cod"]["amount"] is not None and not settings.company_data:
            error = "company_data_missing"
        elif not settings.money:
            error = "debt_collection"
        details = {"status": 422, "error": error, "message": error, "details": {}} if error else {}
        self.shown["transactions"].append(
            {
                "id": 770000000 + 10 * self.number + len(self.shown["transactions"]),
                "status": "failure" if error else "success",
                "offer_id": offer["id"],
                "details": details,
                "created_at": stamp(at),
                "updated_at": stamp(at),
            }
        )
        if error:
            return
        offer |= {"status": "bought", "expires_at": None}
        self.shown |= {"offers": [offer], "selected_offer": offer}
        number = f"62{self.number:04d}{self.id:09d}{self.number:09d}"
        self.shown["tracking_number"] = number
        self.shown["custom_attributes"]["customer_delivering_code"] = f"{self.number % 1_000_000:06d}"
        for piece in self.shown["parcels"]:
            piece["tracking_number"] = number
        self.set_status("confirmed", at)


def made(sent: Json, shipment_id: int, number: int, now: float, base: str) -> Life:
    """The shipment in the moment of its order."""
    service = sent.get("service")
    custom = dict(sent.get("custom_attributes") or {})
    if is_locker(service) and str(custom.get("target_point", "")).startswith("POP-"):
        service = "inpost_locker_customer_service_point"
    pieces = sent["parcels"] if isinstance(sent["parcels"], list) else [sent["parcels"]]
    shown: Json = {
        "href": f"{base}/v1/shipments/{shipment_id}",
        "id": shipment_id,
        "status": "created",
        "tracking_number": None,
        "service": service,
        "reference": sent.get("reference"),
        "is_return": bool(sent.get("is_return", False)),
        "application_id": 4321,
        "created_by_id": None,
        "external_customer_id": sent.get("external_customer_id"),
        "sending_method": custom.get("sending_method") or sent.get("sending_method"),
        "end_of_week_collection": bool(sent.get("end_of_week_collection", False)),
        "comments": sent.get("comments"),
        "mpk": sent.get("mpk"),
        "additional_services": list(sent.get("additional_services") or []),
        "custom_attributes": custom,
        "cod": dict(sent.get("cod") or UNSET),
        "insurance": dict(sent.get("insurance") or UNSET),
        "sender": sent.get("sender") or SENDER,
        "receiver": {
            "id": 81200000 + number,
            "name": None,
            **{
                key: sent["receiver"].get(key)
                for key in ("company_name", "first_name", "last_name", "email", "phone", "address")
            },
        },
        "selected_offer": None,
        "offers": [],
        "transactions": [],
        "parcels": [_piece(piece, 64000000 + 10 * number + place) for place, piece in enumerate(pieces)],
        "created_at": stamp(now),
        "updated_at": stamp(now),
    }
    simplified = sent.get("service") is not None
    return Life(shown, now, simplified, bool(sent.get("only_choice_of_offer")), number)


def _piece(piece: Json, piece_id: int) -> Json:
    template = piece.get("template")
    if template:
        length, width, height = SIZES[template]
        weight = 25.0
    else:
        measures = piece["dimensions"]
        length, width, height = (float(measures[key]) for key in ("length", "width", "height"))
        weight = float(piece["weight"]["amount"])
    return {
        "id": piece_id,
        "tracking_number": None,
        "is_non_standard": bool(piece.get("is_non_standard", False)),
        "template": template,
        "dimensions": {"length": length, "width": width, "height": height, "unit": "mm"},
        "weight": {"amount": weight, "unit": "kg"},
    }


def _offered(shown: Json) -> str:
    return (
        "inpost_locker_standard"
        if shown["custom_attributes"].get("target_point")
        else "inpost_courier_standard"
    )


def _offer(offer_id: int, service: str, status: str, expires: float) -> Json:
    carrier = "inpost_locker" if is_locker(service) else "inpost_courier"
    return {
        "id": offer_id,
        "status": status,
        "expires_at": stamp(expires),
        "rate": None,
        "currency": "PLN",
        "additional_services": [],
        "carrier": {"id": carrier, "name": carrier, "description": carrier},
        "service": {"id": service, "name": service, "description": service},
        "unavailability_reasons": None,
    }
