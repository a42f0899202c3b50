"""Orders of shipments: what is refused, and how they are shown (reference, sections 3.4 and 3.6)."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pomost.sandbox.apaczka.settings import Settings
from pomost.sandbox.carriers import Json

WARSAW = ZoneInfo("Europe/Warsaw")
PACKAGES = ("LIST", "PACZKA", "PALETA", "POLPALETA", "PALETA_PRZEMYSLOWA", "PALETA_PRZEMYSLOWA_B")
PICKUPS = ("COURIER", "SELF", "POCZTA", "BOX_MACHINE")
SHOWN_RECEIVER = ("name", "contact_person", "email", "phone", "line1", "line2", "postal_code", "city")
USUAL_CM = (10, 10, 10)


class Refusal(Exception):
    """``status`` 400 with prose: only the message tells what is wrong."""


@dataclass
class Order:
    """One order: what was sent, and what became of it."""

    sent: Json
    id: str
    number: int
    created_at: float
    service: Json
    status: str = "NEW"
    called: Json = field(default_factory=dict)
    """The courier who was called after the order."""
    events: list[Json] = field(default_factory=list)

    def waybill(self, settings: Settings) -> str:
        ready = settings.clock() - self.created_at >= settings.waybill_s
        return f"{800000000000 + self.number:013d}U" if ready else ""

    def short(self, settings: Settings) -> Json:
        """Numbers are texts in about half of the fields."""
        receiver = self.sent["address"]["receiver"]
        waybill = self.waybill(settings)
        return {
            "id": self.id,
            "service_id": self.service["service_id"],
            "service_name": self.service["name"],
            "waybill_number": waybill,
            "pickup_number": self.pickup_number,
            "tracking_url": f"https://tracking.example.com/{waybill}" if waybill else "",
            "status": self.status,
            "shipments_count": len(self.sent["shipment"]),
            "content": str(self.sent.get("content") or ""),
            "comment": str(self.sent.get("comment") or ""),
            "receiver": _shown_address(receiver),
            "created": datetime.fromtimestamp(self.created_at, WARSAW).strftime("%Y-%m-%d %H:%M:%S"),
            "delivered": "",
            "externalId": False,
            "supplier": self.service["supplier"],
        }

    @property
    def pickup_number(self) -> str | None:
        """A courier who is called afterwards is shown as one who was ordered at once."""
        return f"P-{self.number:06d}" if self.called or self._pickup()["type"] == "COURIER" else None

    def long(self, settings: Settings) -> Json:
        price = self.price()
        cod = self.sent.get("cod") or {}
        return {
            **self.short(settings),
            "pickup": {**self._pickup(), "address_id": None},
            "shipments": [self._piece(piece, settings) for piece in self.sent["shipment"]],
            "sender": _shown_address(self.sent["address"]["sender"]),
            "price": str(price),
            "price_var": 23,
            "price_gross": str(round(price * 1.23)),
            "cod": int(cod["amount"]) if cod.get("amount") else False,
            "cod_currency": cod.get("currency", "PLN"),
            "declaration_value": int(self.sent.get("shipment_value") or 0),
        }

    def price(self) -> int:
        """In grosze; bigger parcels cost more, so that default measures show."""
        return 1200 + sum(sum(measures(piece)) for piece in self.sent["shipment"])

    def _pickup(self) -> Json:
        given = self.called or self.sent.get("pickup") or {}
        return {key: str(given.get(key) or "") for key in ("type", "date", "hours_from", "hours_to")}

    def _piece(self, piece: Json, settings: Settings) -> Json:
        length, width, height = measures(piece)
        return {
            "shipment_type_code": piece["shipment_type_code"],
            "weight": str(piece["weight"]),
            "length": str(length),
            "width": str(width),
            "height": str(height),
            "content": str(self.sent.get("content") or ""),
            "comment": "",
            "waybill_number": self.waybill(settings),
            "is_nstd": bool(piece.get("is_nstd")),
        }


def measures(piece: Json) -> tuple[int, int, int]:
    """``length``, ``width`` and ``height`` are not looked at: small defaults are taken without a word."""
    found = [piece.get(f"dimension{number}") for number in (1, 2, 3)]
    if not all(isinstance(side, int) and side > 0 for side in found):
        return USUAL_CM
    return found[0], found[1], found[2]  # type: ignore[return-value]


def _shown_address(address: Json) -> Json:
    return {
        **{key: str(address.get(key) or "") for key in SHOWN_RECEIVER},
        "country_code": str(address.get("country_code") or "PL"),
        "foreign_address_id": str(address.get("foreign_address_id") or ""),
    }


def checked(sent: Any, settings: Settings) -> Json:
    """The service that was asked for. Raises `Refusal`."""
    if not isinstance(sent, dict):
        raise Refusal("Brak danych zamówienia.")
    found = next(
        (one for one in settings.services if str(one["service_id"]) == str(sent.get("service_id"))), None
    )
    if found is None:
        raise Refusal("Wybrany serwis jest niedostępny.")
    addresses = sent.get("address") or {}
    to_point = "1" in (found["door_to_point"], found["point_to_point"])
    _check_address(addresses.get("sender"), "nadawcy", False)
    _check_address(addresses.get("receiver"), "odbiorcy", to_point)
    if to_point:
        point = str(addresses["receiver"].get("foreign_address_id") or "")
        if not point or point in settings.closed_points:
            raise Refusal("Wybrany punkt odbioru nie istnieje.")
    _check_pieces(sent.get("shipment"))
    _check_money(sent)
    _check_pickup(sent.get("pickup"), found)
    return found


def _check_address(address: Any, whose: str, to_point: bool) -> None:
    if not isinstance(address, dict):
        raise Refusal(f"Brak adresu {whose}.")
    for key in ("name", "line1", "postal_code", "city", "country_code", "contact_person"):
        if not str(address.get(key) or "").strip():
            raise Refusal(f"Pole {key} {whose} jest wymagane.")
    if not re.fullmatch(r"\+?\d{9,20}", str(address.get("phone") or "")):
        raise Refusal(f"Nieprawidłowy numer telefonu {whose}.")
    email = str(address.get("email") or "")
    if (to_point and not email) or (email and not re.fullmatch(r"[^@\s]+@[^@\s]+", email)):
        raise Refusal(f"Nieprawidłowy adres e-mail {whose}: {email}")
    if len(str(address["contact_person"])) > 30:
        raise Refusal(f"Osoba kontaktowa {whose} jest za długa: {address['contact_person']}")


def _check_pieces(pieces: Any) -> None:
    if not isinstance(pieces, list) or not pieces:
        raise Refusal("Brak paczek w zamówieniu.")
    for piece in pieces:
        weight = piece.get("weight")
        if not isinstance(weight, int | float) or weight <= 0 or round(weight, 1) != weight:
            raise Refusal("Nieprawidłowa waga paczki.")
        if piece.get("shipment_type_code") not in PACKAGES:
            raise Refusal("Nieprawidłowy typ paczki.")


def _check_money(sent: Json) -> None:
    value, cod = sent.get("shipment_value", 0), sent.get("cod") or {}
    if not isinstance(value, int) or value < 0:
        raise Refusal("Nieprawidłowa wartość przesyłki.")
    if cod:
        amount = cod.get("amount")
        if not isinstance(amount, int) or amount < 100:
            raise Refusal("Nieprawidłowa kwota pobrania.")
        if not cod.get("bankaccount_id") and not re.fullmatch(r"\d{26}", str(cod.get("bankaccount") or "")):
            raise Refusal("Nieprawidłowy numer rachunku bankowego.")


def _check_pickup(pickup: Any, service: Json) -> None:
    kind = pickup.get("type") if isinstance(pickup, dict) else None
    if kind not in PICKUPS:
        raise Refusal("Nieprawidłowy typ nadania.")
    if kind == "SELF" and service["pickup_courier"] == "2":
        raise Refusal("Ten serwis wymaga podjazdu kuriera.")
    if kind == "COURIER" and service["pickup_courier"] == "0":
        raise Refusal("Ten serwis nie obsługuje podjazdu kuriera.")
    if kind == "COURIER":
        window = [str(pickup.get(key) or "") for key in ("hours_from", "hours_to")]
        dated = re.fullmatch(r"\d{4}-\d\d-\d\d", str(pickup.get("date") or ""))
        if not dated or not all(re.fullmatch(r"\d\d:\d\d", hour) for hour in window):
            raise Refusal("Nieprawidłowy termin podjazdu kuriera.")


def call_courier(orders: list[Order], request: Json, settings: Settings) -> Json:
    """Calls a courier for orders that were made before; a second call sends a second one. Raises `Refusal`."""
    when = {key: str(request.get(key) or "") for key in ("date", "hour_from", "hour_to")}
    right = re.fullmatch(r"\d{4}-\d\d-\d\d", when["date"]) and all(
        re.fullmatch(r"\d\d:\d\d", when[key]) for key in ("hour_from", "hour_to")
    )
    if not right or when["hour_to"] <= when["hour_from"]:
        raise Refusal("Nieprawidłowy termin podjazdu kuriera.")
    if when["date"] < datetime.fromtimestamp(settings.clock(), WARSAW).date().isoformat():
        raise Refusal("Nieprawidłowy termin podjazdu kuriera.")
    if not orders:
        raise Refusal("Brak zamówień.")
    if not settings.late_pickups:
        raise Refusal("Podjazd kuriera musi być zamówiony razem z przesyłką.")
    if len({order.service["supplier"] for order in orders}) > 1:
        raise Refusal("Nieprawidłowe zamówienia: jeden podjazd obejmuje jednego przewoźnika.")
    for order in orders:
        if order.status != "NEW":
            raise Refusal("Nieprawidłowy status zamówienia.")
        if order.service["pickup_courier"] == "0":
            raise Refusal("Ten serwis nie obsługuje podjazdu kuriera.")
    for order in orders:
        order.called = {
            "type": "COURIER",
            "date": when["date"],
            "hours_from": when["hour_from"],
            "hours_to": when["hour_to"],
        }
    return when
