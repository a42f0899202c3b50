"""The sandbox: the account's state, its routes, and the verbs of tests."""

import copy
import io
import json
import re
import zipfile
from datetime import datetime
from email.utils import formatdate
from typing import Any

from pomost.sandbox import carriers
from pomost.sandbox.carriers import Answer, Asked, CarrierSandbox, Json, Rule, json_answer
from pomost.sandbox.shipx import listing, pickups, points
from pomost.sandbox.shipx.depot import InPostDepot
from pomost.sandbox.shipx.life import EARLY, SENDER, WARSAW, Life, made, stamp
from pomost.sandbox.shipx.settings import COURIERS, Settings
from pomost.sandbox.shipx.statuses import NAMES
from pomost.sandbox.shipx.validation import SENDING_METHODS, Refusal, check, is_locker, not_found

OPEN = ("services", "sending-methods", "statuses", "tracking", "points", "find-points")
OVERWRITTEN_S = 0.36
ROUTES = (
    ("GET", r"/v1/organizations", "organizations"),
    ("GET", r"/v1/organizations/(\d+)", "organization"),
    ("POST", r"/v1/organizations/(\d+)/shipments", "create"),
    ("GET", r"/v1/organizations/(\d+)/shipments", "list"),
    ("GET", r"/v1/organizations/(\d+)/shipments/labels", "labels"),
    ("POST", r"/v1/organizations/(\d+)/dispatch_orders", "dispatch"),
    ("GET", r"/v1/dispatch_orders/(\d+)", "dispatched"),
    ("GET", r"/v1/shipments/([^/]+)", "read"),
    ("DELETE", r"/v1/shipments/([^/]+)", "cancel"),
    ("GET", r"/v1/shipments/([^/]+)/label", "label"),
    ("POST", r"/v1/shipments/([^/]+)/select_offer", "select"),
    ("POST", r"/v1/shipments/([^/]+)/buy", "buy"),
    ("GET", r"/v1/services", "services"),
    ("GET", r"/v1/sending_methods", "sending-methods"),
    ("GET", r"/v1/statuses", "statuses"),
    ("GET", r"/v1/tracking/([^/]+)", "tracking"),
    ("GET", r"/v1/points/([^/]+)", "points"),
    ("GET", r"/v1/points", "find-points"),
    ("POST", r"/v1/organizations/(\d+)/shipments/calculate", "calculate"),
)


class ShipX(InPostDepot, CarrierSandbox):
    """An organization at InPost.

    Calls are named create, read, list, label, labels, cancel, buy, select, organization, dispatch, dispatched, calculate,
    find-points, …; faults of its own: ``expired-token`` (401), ``cancel-overwritten`` (the cancel is accepted and the
    running purchase goes on), ``zpl-for-pdf`` (a label in the other format), ``list-shrinks`` (a shipment vanishes before
    the second page), ``deaf-points`` (the list of points listens to no filter), ``odd-prices`` (prices in another form).
    """

    own_faults = (
        "expired-token",
        "cancel-overwritten",
        "zpl-for-pdf",
        "list-shrinks",
        "deaf-points",
        "odd-prices",
    )

    def __init__(self, settings: Settings | None = None, port: int = 0) -> None:
        super().__init__(port)
        self.settings = settings or Settings()
        self._lives: dict[int, Life] = {}
        self._dispatched: dict[int, Json] = {}

    @property
    def token(self) -> str:
        return self.settings.token

    @property
    def organization(self) -> int:
        return self.settings.organization

    # what tests ask

    @property
    def shipments(self) -> list[Json]:
        """Every shipment that was made, as its resource shows it now, oldest first."""
        with self._lock:
            return [copy.deepcopy(life.shown) for life in self._now()]

    @property
    def bought(self) -> list[Json]:
        """Those that were paid for."""
        return [one for one in self.shipments if one["tracking_number"]]

    def shipment(self, shipment_id: int | str) -> Json:
        """Raises ``LookupError`` for one that was never made."""
        with self._lock:
            self._now()
            return copy.deepcopy(self._lives[int(shipment_id)].shown)

    def move(self, shipment_id: int | str, status: str) -> None:
        """The carrier moves the parcel; any status may be named, also one that nobody knows."""
        with self._lock:
            self._now()
            life = self._lives[int(shipment_id)]
            life.set_status(status, self.settings.clock())
            if status == "returned_to_sender":
                life.shown["return_tracking_number"] = "52" + str(life.shown["tracking_number"])[2:]

    @property
    def pickups(self) -> list[Json]:
        """Every courier who was called, oldest first."""
        with self._lock:
            return [copy.deepcopy(one) for one in self._dispatched.values()]

    def move_pickup(self, number: int | str, status: str) -> None:
        """InPost goes on with a dispatch order."""
        with self._lock:
            self._dispatched[int(number)]["status"] = status

    def event(self, shipment_id: int | str) -> Json:
        """The webhook that tells of the shipment as it is now."""
        shown = self.shipment(shipment_id)
        payload: Json = {"shipment_id": shown["id"], "tracking_number": shown["tracking_number"]}
        if shown["status"] == "confirmed":
            event = "shipment_confirmed"
        elif shown["status"] == "offers_prepared":
            event, payload = "offers_prepared", {"shipment_id": shown["id"], "offers": shown["offers"]}
        else:
            event = "shipment_status_changed"
            payload["status"] = shown["status"]
        if shown.get("return_tracking_number"):
            payload["return_tracking_number"] = shown["return_tracking_number"]
        moment = datetime.fromtimestamp(self.settings.clock(), WARSAW)
        return {
            "event_ts": moment.strftime("%Y-%m-%d %H:%M:%S %z"),
            "event": event,
            "organization_id": self.settings.organization,
            "payload": payload,
        }

    def push(self, shipment_id: int | str, url: str, times: int = 1) -> list[int]:
        """Sends the webhook, unsigned as InPost's are; the statuses of the answers."""
        return carriers.push(url, json.dumps(self.event(shipment_id)).encode(), times)

    # serving

    def named(self, asked: Asked) -> str:
        return self._route(asked)[0]

    def _route(self, asked: Asked) -> tuple[str, tuple[str, ...]]:
        for method, pattern, name in ROUTES:
            if method == asked.method and (found := re.fullmatch(pattern, asked.path)):
                return name, found.groups()
        return "unknown", ()

    def answered(self, asked: Asked, fault: Rule | None) -> Answer:
        try:
            answer = self._answer(asked, fault.fault if fault else "")
        except Refusal as refused:
            answer = json_answer(refused.status, refused.body, outcome=refused.body["error"])
        answer.headers["X-Request-ID"] = asked.headers.get("x-request-id", "00000000-sandbox")
        moment = self.settings.clock() + self.settings.clock_ahead_s
        answer.headers["Date"] = formatdate(moment, usegmt=True)
        return answer

    def _answer(self, asked: Asked, fault: str) -> Answer:
        name, groups = self._route(asked)
        if name == "unknown":
            raise not_found()
        if name not in OPEN:
            if fault == "expired-token" or asked.headers.get("authorization") != f"Bearer {self.token}":
                raise Refusal(401, "token_invalid", "Token is missing or invalid.", {})
            if asked.path.startswith("/v1/organizations/") and int(groups[0]) != self.organization:
                raise Refusal(403, "forbidden", "Access forbidden for this token.", {})
        self._now()
        if name == "create":
            return self._create(self._body(asked))
        if name == "list":
            shipments = self._listed()
            if fault == "list-shrinks" and asked.value("page") == "2":
                shipments = shipments[:-1]
            return json_answer(200, listing.page(asked, shipments, self.url))
        if name in ("read", "cancel", "label", "select", "buy"):
            life = self._life(groups[0])
            return self._one(name, life, asked, fault)
        if name == "labels":
            return self._labels(asked)
        if name == "calculate":
            found: Any = pickups.prices(self._body(asked), self.settings)
            return json_answer(200, {"offers": found} if fault == "odd-prices" else found)
        if name == "find-points":
            deaf = fault == "deaf-points"
            return json_answer(200, points.page(asked, self.url, self.settings, deaf=deaf))
        if name == "dispatch":
            return self._dispatch(self._body(asked))
        if name == "dispatched":
            if int(groups[0]) not in self._dispatched:
                raise not_found()
            return json_answer(200, self._dispatched[int(groups[0])])
        return json_answer(200, self._facts(name, asked, groups))

    def _one(self, name: str, life: Life, asked: Asked, fault: str) -> Answer:
        now = self.settings.clock()
        if name == "cancel":
            return self._cancel(life, now, fault)
        if name == "label":
            return self._label([life], asked, fault)
        if name == "select":
            life.select(self._body(asked).get("offer_id"), now)
        if name == "buy":
            if life.status not in EARLY:
                raise _wrong_action("buy", life.status)
            # Not yet changed in the answer: whoever bought has to look again.
            before = copy.deepcopy(life.shown)
            life.order_purchase(self._body(asked).get("offer_id"), now, self.settings)
            return json_answer(200, before)
        return json_answer(200, life.shown)

    def _create(self, sent: Json) -> Answer:
        check(sent, self.settings)
        number = len(self._lives) + 17
        life = made(sent, 300100000 + number, number, self.settings.clock(), self.url)
        self._lives[life.id] = life
        return json_answer(201, life.shown, Location=f"/v1/shipments/{life.id}")

    def _cancel(self, life: Life, now: float, fault: str) -> Answer:
        early = EARLY if self.settings.cancel_selected or fault else EARLY[:2]
        if life.status not in early:
            raise _wrong_action("cancel", life.status)
        life.buy_at = None
        life.set_status("canceled", now)
        if fault == "cancel-overwritten":
            life.bought_after_cancel_at = now + OVERWRITTEN_S
        return Answer(204)

    def _label(self, lives: list[Life], asked: Asked, fault: str = "") -> Answer:
        form = asked.value("format", "Pdf").lower()
        if form not in ("pdf", "zpl", "epl"):
            raise Refusal(
                400, "invalid_parameter", f"Provided unsupported value ({form}) to parameter (format)"
            )
        for life in lives:
            if life.status == "canceled":
                why = {"tracking_number": ["you_can_not_generate_labels_for_unpaid_shipments"]}
                raise Refusal(400, "validation_failed", "There are some validation errors.", why)
            if life.status in EARLY:
                raise _wrong_action("get_label", life.status, "shipment_status_incorrect")
        service = str(lives[0].shown["service"])
        kind = asked.value("type", "normal" if is_locker(service) else "A6").lower()
        if kind not in ("normal", "a6", "dpi300") or (kind == "dpi300" and form != "zpl"):
            raise Refusal(
                400, "invalid_parameter", f"Provided unsupported value ({kind}) to parameter (type)"
            )
        shown = [life.shown for life in lives]
        pieces = sum(len(one["parcels"]) for one in shown)
        lines = [line for one in shown for line in _printed(one)]
        if (form == "zpl") != (fault == "zpl-for-pdf"):
            content = carriers.zpl_label(lines, str(shown[0]["tracking_number"]), pieces)
        elif form == "epl":
            content = b"N\n" + "\n".join(lines).encode("ascii", "replace") + b"\nP1\n"
        else:
            content = carriers.pdf_label(lines, "A4" if kind == "normal" else "A6", pieces)
        headers = {"Content-Disposition": f'attachment; filename="{service}.{form}"'}
        # The header says PDF whatever it is: only the bytes can be believed.
        return Answer(200, content, "application/pdf", headers, chunked=True)

    def _labels(self, asked: Asked) -> Answer:
        ids = [value for key, value in asked.query if key == "shipment_ids[]"]
        if not 1 <= len(ids) <= 100:
            raise Refusal(400, "invalid_parameter", "Between 1 and 100 shipments.")
        lives = [self._life(one) for one in ids]
        by_service: dict[str, list[Life]] = {}
        for life in lives:
            by_service.setdefault(str(life.shown["service"]), []).append(life)
        if len(by_service) == 1:
            return self._label(lives, asked)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for service, some in by_service.items():
                archive.writestr(f"{service}.pdf", self._label(some, asked).content)
        return Answer(200, packed.getvalue(), "application/zip", chunked=True)

    def _dispatch(self, sent: Json) -> Answer:
        listed = sent.get("shipments")
        lives = [self._life(one) for one in listed] if isinstance(listed, list) else []
        number = 9000019 + len(self._dispatched)
        made = pickups.dispatched(sent, lives, number, self.settings.clock(), self.url)
        self._dispatched[number] = made
        return json_answer(201, made)

    def _facts(self, name: str, asked: Asked, groups: tuple[str, ...]) -> Any:
        if name == "organizations":
            return {**listing.envelope(asked, self.url, [self._about()], 1, 1, 25)}
        if name == "organization":
            return self._about()
        if name == "services":
            return [
                {"id": one, "name": one.replace("_", " "), "description": one, "additional_services": []}
                for one in (*self.settings.services, "inpost_locker_allegro", "inpost_letter_allegro")
            ]
        if name == "sending-methods":
            return [{"id": one, "name": one, "description": one} for one in SENDING_METHODS]
        if name == "statuses":
            return {
                "href": f"{self.url}/v1/statuses",
                "items": [{"name": one, "title": one, "description": one} for one in NAMES],
            }
        if name == "points":
            return self._point(groups[0])
        return self._tracking(groups[0])

    def _about(self) -> Json:
        return {
            "href": f"{self.url}/v1/organizations/{self.organization}",
            "id": self.organization,
            "owner_id": 54321,
            "name": "Kubek i Spółka sp. z o.o.",
            "tax_id": "7272445205",
            "bank_account_number": "30102055580000000000000001" if self.settings.company_data else None,
            "carriers": ["inpost_locker", "inpost_courier"],
            "address": SENDER["address"] if self.settings.address else None,
            "services": [
                one
                for one in self.settings.services
                if self.settings.courier_contract or one not in COURIERS[:1]
            ],
        }

    def _point(self, code: str) -> Json:
        found = points.point(code, self.url, self.settings)
        if found is None:
            raise not_found()
        return found

    def _tracking(self, number: str) -> Json:
        for life in self._lives.values():
            if life.shown["tracking_number"] == number:
                steps = [
                    {"status": one["status"], "origin_status": one["status"], "datetime": stamp(one["at"])}
                    for one in reversed(life.events)
                ]
                shown = life.shown
                return {
                    "tracking_number": number,
                    "service": shown["service"],
                    "status": life.status,
                    "tracking_details": steps,
                }
        refused = Refusal(404, "resource_not_found", "Tracking information has not been found.")
        refused.body["description"] = refused.body.pop("message")
        raise refused

    # state

    def _now(self) -> list[Life]:
        now = self.settings.clock()
        for life in self._lives.values():
            life.advance(now, self.settings)
        return list(self._lives.values())

    def _listed(self) -> list[Json]:
        """Lists lag behind, and forget what was cancelled."""
        seen = self.settings.clock() - self.settings.list_lag_s
        return [
            life.shown for life in self._lives.values() if life.made_at <= seen and life.status != "canceled"
        ]

    def _life(self, shipment_id: Any) -> Life:
        life = self._lives.get(int(shipment_id)) if str(shipment_id).isdecimal() else None
        if life is None:
            raise not_found()
        return life

    def _body(self, asked: Asked) -> Json:
        try:
            sent = json.loads(asked.body or b"{}")
        except ValueError:
            raise Refusal(400, "invalid_json", "Request body is not JSON.") from None
        return sent if isinstance(sent, dict) else {}


def _printed(shown: Json) -> list[str]:
    """What stands on a label; names only as initials, as this is a sandbox."""
    return [
        "InPost (sandbox)",
        str(shown["service"]),
        str(shown["tracking_number"]),
        f"Punkt {shown['custom_attributes'].get('target_point') or '-'}",
        f"Ref {shown['reference'] or '-'}",
        f"Pobranie {shown['cod']['amount'] or '-'}",
    ]


def _wrong_action(action: str, status: str, message: str = "") -> Refusal:
    text = message or f"Action ({action}) can not be taken on shipment with status ({status})."
    return Refusal(400, "invalid_action", text, {"action": action, "shipment_status": status})
