"""The sandbox: the envelope, its routes, and the verbs of tests."""

import base64
import copy
import json
from collections import defaultdict
from datetime import datetime
from itertools import pairwise
from typing import Any, Self
from urllib.parse import parse_qsl

from pomost.sandbox import carriers
from pomost.sandbox.apaczka.depot import ApaczkaDepot
from pomost.sandbox.apaczka.hours import check_comes, possible_hours
from pomost.sandbox.apaczka.orders import PACKAGES, PICKUPS, WARSAW, Order, Refusal, call_courier, checked
from pomost.sandbox.apaczka.settings import Settings
from pomost.sandbox.apaczka.signing import compact, push_signature, signature
from pomost.sandbox.carriers import Answer, Asked, CarrierSandbox, Json, Rule, json_answer
from pomost.sandbox.points import PLACES, Place

BASE = "/api/v2/"
LONGEST_EXPIRES_S = 1800
MOST_LISTED = 25
COURTESY = {"service_structure": 86400.0, "points": 86400.0, "pickup_hours": 1800.0}
NAMES = {
    "order_send": "create",
    "order": "read",
    "orders": "list",
    "waybill": "label",
    "cancel_order": "cancel",
    "service_structure": "services",
    "order_valuation": "quote",
}
OPTIONS = {
    "11": "Zwrot dokumentów",
    "19": "Doręczenie w sobotę",
    "31": "Powiadomienie SMS",
    "58": "Ostrożnie",
}


class Apaczka(ApaczkaDepot, CarrierSandbox):
    """An application at Apaczka; every answer is HTTP 200.

    Calls are named create, read, list, label, cancel, services, quote, and else by their route. Faults of its own:
    ``bad-key`` (the signature is refused), ``prose-error`` and ``prose-but-done`` (``message`` says something),
    ``empty-label`` and ``html-label`` (inside a good envelope).
    """

    own_faults = ("bad-key", "prose-error", "prose-but-done", "empty-label", "html-label")

    def __init__(self, settings: Settings | None = None, port: int = 0) -> None:
        super().__init__(port)
        self.settings = settings or Settings()
        self._orders: dict[str, Order] = {}
        self._courtesy: dict[str, list[float]] = defaultdict(list)
        self._pickups: list[Json] = []

    def start(self) -> Self:
        super().start()
        self.url += BASE
        return self

    @property
    def app_id(self) -> str:
        return self.settings.app_id

    @property
    def app_secret(self) -> str:
        return self.settings.app_secret

    # what tests ask

    @property
    def shipments(self) -> list[Json]:
        """Every order in its long form, oldest first; ``order_send`` is the purchase."""
        with self._lock:
            return [copy.deepcopy(order.long(self.settings)) for order in self._orders.values()]

    @property
    def bought(self) -> list[Json]:
        """Those that are not cancelled."""
        return [one for one in self.shipments if one["status"] != "CANCELLED"]

    @property
    def pickups(self) -> list[Json]:
        """Every courier who was called after the order, oldest first."""
        with self._lock:
            return copy.deepcopy(self._pickups)

    def sent(self, order_id: int | str) -> Json:
        """What ``order_send`` was given."""
        with self._lock:
            return copy.deepcopy(self._orders[str(order_id)].sent)

    def move(self, order_id: int | str, status: str) -> None:
        """The carrier moves the parcel; any status may be named."""
        with self._lock:
            order = self._orders[str(order_id)]
            order.status = status
            order.events.append({"status": status, "at": self.settings.clock()})

    def asked_too_often(self) -> dict[str, int]:
        """How often a route was asked before its courtesy limit allowed it again."""
        with self._lock:
            return {
                route: sum(
                    later - before < COURTESY[route.split("/")[0]] for before, later in pairwise(times)
                )
                for route, times in self._courtesy.items()
            }

    def event(self, order_id: int | str, *, empty: bool = False) -> Json:
        """The signed push that tells of an order as it is now; ``empty``: without statuses."""
        with self._lock:
            order = self._orders[str(order_id)]
            at = datetime.fromtimestamp(self.settings.clock(), WARSAW).strftime("%Y-%m-%dT%H:%M:%S")
            step = {
                "status": order.status,
                "statusDetailed": "Przesyłka w drodze",
                "place": "Łódź",
                "description": "Sortownia/Łódź",
                "updatedAt": at,
            }
            status = {"status": order.status, "updatedAt": at, "trackingOperatorStatuses": [step]}
            response = {
                "orderNumber": order.id,
                "trackingNumber": order.waybill(self.settings),
                "operator": order.service["supplier"],
                "statuses": [] if empty else [status],
            }
        signed = push_signature(self.app_id, self.app_secret, response)
        return {"signature": signed, "response": response}

    def push(self, order_id: int | str, url: str = "", times: int = 1, *, empty: bool = False) -> list[int]:
        """Sends it to ``url``, or to the address that the order named; the statuses of the answers."""
        target = url or str(self.sent(order_id).get("push_tracking_url") or "")
        if not target:
            raise ValueError(f"The order {order_id} names no address for pushes")
        return carriers.push(target, compact(self.event(order_id, empty=empty)).encode(), times)

    # serving

    def named(self, asked: Asked) -> str:
        route = asked.path.removeprefix(BASE).split("/")[0]
        return NAMES.get(route, route)

    def answered(self, asked: Asked, fault: Rule | None) -> Answer:
        kind = fault.fault if fault else ""
        said = str(fault.args.get("message", "Wystąpił błąd.")) if fault else ""
        try:
            if not asked.path.startswith(BASE) or asked.method != "POST":
                return Answer(404, b"<html>404</html>", "text/html")
            route = asked.path.removeprefix(BASE)
            request = self._admitted(asked, route, kind)
            if kind == "prose-error":
                raise Refusal(said)
            response = self._response(route, request, kind)
            if kind == "prose-but-done":
                raise Refusal(said)
        except Refusal as refused:
            body = {"status": 400, "message": str(refused), "response": []}
            return json_answer(200, body, outcome=f"refused: {refused}")
        return json_answer(200, {"status": 200, "message": "", "response": response})

    def _admitted(self, asked: Asked, route: str, fault: str) -> Any:
        form = dict(parse_qsl(asked.body.decode("utf-8", "replace"), keep_blank_values=True))
        if form.get("app_id") != self.app_id:
            raise Refusal("Aplikacja nie istnieje.")
        expires, request = form.get("expires", ""), form.get("request", "")
        now = self.settings.clock()
        if not expires.isdecimal() or not now <= int(expires) <= now + LONGEST_EXPIRES_S:
            raise Refusal("Nieprawidłowy czas ważności żądania.")
        right = signature(self.app_id, self.app_secret, route, request, expires)
        if fault == "bad-key" or not route.endswith("/") or form.get("signature") != right:
            raise Refusal("Nieprawidłowa sygnatura.")
        try:
            read = json.loads(request)
        except ValueError:
            raise Refusal("Nieprawidłowy format żądania.") from None
        # PHP sends an empty map as a list.
        return {} if read == [] else read

    def _response(self, route: str, request: Json, fault: str) -> Any:
        name, _, rest = route.rstrip("/").partition("/")
        if name in COURTESY:
            # of points each network has its own limit
            self._courtesy[route.rstrip("/") if name == "points" else name].append(self.settings.clock())
        if name == "service_structure":
            return self._structure()
        if name == "order_valuation":
            return self._quote(request.get("order"))
        if name == "order_send":
            return {"order": self._send(request.get("order")).short(self.settings)}
        if name == "orders":
            return {"orders": self._page(request)}
        if name == "points":
            return self._points(rest)
        if name == "pickup_hours":
            return possible_hours(request, self.settings)
        if name == "tracking":
            return self._tracking(rest)
        if name in ("turn_in", "batch_pickup"):
            orders = [self._order(str(one)) for one in request.get("order_ids") or []]
            lines = [order.id for order in orders]
            if name == "batch_pickup":
                self._call_courier(orders, request)
                return {"order_ids": lines}
            if not lines:
                raise Refusal("Brak zamówień.")
            return {"turn_in": base64.b64encode(carriers.pdf_label(lines, "A4")).decode()}
        if name in ("order", "waybill", "cancel_order", "dispatch_code", "pickup"):
            return self._one(name, self._order(rest), request, fault)
        raise Refusal("Nieznana metoda.")

    def _one(self, name: str, order: Order, request: Json, fault: str) -> Any:
        if name == "order":
            return {"order": order.long(self.settings)}
        if name == "waybill":
            return {"waybill": self._label(order, fault), "type": "pdf"}
        if name == "dispatch_code":
            return {"order_id": order.id, "dispatch_code": None}
        if name == "pickup":
            self._call_courier([order], request)
            return {"foreign_courier_id": order.pickup_number}
        if order.status != "NEW":
            raise Refusal("Zamówienia nie można anulować, ponieważ zostało już przekazane kurierowi.")
        order.status = "CANCELLED"
        return []

    def _call_courier(self, orders: list[Order], request: Json) -> None:
        check_comes(orders, request, self.settings)
        when = call_courier(orders, request, self.settings)
        self._pickups.append({"orders": [order.id for order in orders], **when})

    def _send(self, sent: Any) -> Order:
        found = checked(sent, self.settings)
        number = len(self._orders) + 19
        order = Order(dict(sent), str(435000000 + number), number, self.settings.clock(), found)
        self._orders[order.id] = order
        return order

    def _order(self, order_id: str) -> Order:
        if order_id not in self._orders:
            raise Refusal("Order not found.")
        return self._orders[order_id]

    def _page(self, request: Json) -> list[Json]:
        """Newest first, 25 at most whatever is asked for."""
        page, limit = int(request.get("page") or 1), int(request.get("limit") or 10)
        limit = max(1, min(limit, MOST_LISTED))
        seen = self.settings.clock() - self.settings.list_lag_s
        listed = [order for order in reversed(self._orders.values()) if order.created_at <= seen]
        return [order.short(self.settings) for order in listed[(page - 1) * limit : page * limit]]

    def _label(self, order: Order, fault: str) -> str:
        if fault == "empty-label":
            return ""
        if fault == "html-label":
            return base64.b64encode(carriers.HTML).decode()
        if order.status == "CANCELLED" or not order.waybill(self.settings):
            raise Refusal("List przewozowy nie jest dostępny.")
        zebra = bool(order.sent.get("is_zebra", self.settings.zebra))
        lines = [
            "Apaczka (sandbox)",
            str(order.service["name"]),
            order.waybill(self.settings),
            f"Ref {order.sent.get('comment') or '-'}",
        ]
        paper = "10x15" if zebra else "A4"
        return base64.b64encode(carriers.pdf_label(lines, paper, len(order.sent["shipment"]))).decode()

    def _quote(self, sent: Any) -> Json:
        asked = dict(sent or {})
        wanted = str(asked.get("service_id") or "")
        table: Json = {}
        for one in self.settings.services:
            if wanted and str(one["service_id"]) != wanted:
                continue
            try:
                checked({**asked, "service_id": one["service_id"]}, self.settings)
            except Refusal:
                continue
            price = Order(asked, "", 0, 0.0, one).price()
            table[str(one["service_id"])] = {"price": str(price), "price_gross": str(round(price * 1.23))}
        if not table:
            raise Refusal("Brak wyceny dla podanych parametrów zamówienia.")
        return {"price_table": table}

    def _structure(self) -> Json:
        return {
            "services": self.settings.services,
            "options": {key: {"type": "bool", "name": text, "desc": ""} for key, text in OPTIONS.items()},
            "package_type": {one: {"type": one, "desc": ""} for one in PACKAGES},
            "points_type": ["INPOST", "UPS", "POCZTA", "DHL_PARCEL", "DPD"],
            "pickup_type": {one: {"type": one, "desc": ""} for one in PICKUPS},
            "unit_type": {"PCS": {"type": "PCS", "desc": ""}, "PKG": {"type": "PKG", "desc": ""}},
        }

    def _points(self, kind: str) -> Json:
        """An object with keys from "1", of the whole country."""
        return {
            "points": {
                str(number): {
                    "type": kind,
                    "subtype": "",
                    "name": place.code,
                    "address": {
                        "line1": f"{place.street} {place.number}",
                        "line2": "",
                        "state_code": "",
                        "postal_code": place.postcode,
                        "country_code": "PL",
                        "city": place.city,
                        "longitude": f"{place.longitude:.6f}",
                        "latitude": f"{place.latitude:.6f}",
                    },
                    "option_cod": place.cod,
                    "option_send": True,
                    "option_deliver": place.code not in self.settings.shut_points,
                    "additional_info": place.about,
                    "distance": 0,
                    "foreign_address_id": place.code,
                }
                for number, place in enumerate(self._places(kind), 1)
            }
        }

    def _places(self, kind: str) -> list[Place]:
        closed = self.settings.closed_points
        return [place for place in PLACES if place.network == kind and place.code not in closed]

    def _tracking(self, waybill: str) -> Json:
        for order in self._orders.values():
            if waybill and order.waybill(self.settings) == waybill:
                rows = [
                    {
                        "status": one["status"],
                        "status_original": one["status"].lower(),
                        "description": "",
                        "place": "Łódź",
                        "updated_at": datetime.fromtimestamp(one["at"], WARSAW).isoformat(timespec="seconds"),
                    }
                    for one in reversed(order.events)
                ]
                return {"service": order.service["name"], "data": rows}
        raise Refusal("Order not found.")
