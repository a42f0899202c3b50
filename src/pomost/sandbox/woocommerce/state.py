"""What the shop holds: everything in memory under one lock, with the sequences of ids that WordPress has."""

import itertools
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pomost.sandbox.woocommerce import times
from pomost.sandbox.woocommerce.protocol import Json
from pomost.sandbox.woocommerce.settings import Settings


@dataclass(frozen=True)
class Write:
    """One change that the API made. ``what``: order, product, variation, refund, note, customer...; ``id`` 0 for groups."""

    what: str
    id: int
    method: str
    changed: Json
    """The values that were sent."""
    at: float


@dataclass(frozen=True)
class Call:
    """One API call; ``fault`` names what was done to it on request."""

    method: str
    path: str
    query: str
    status: int
    at: float
    fault: str = ""
    user: str = ""


@dataclass(frozen=True)
class Mail:
    """A mail that the shop sent to a buyer or to its admin."""

    kind: str
    to: str
    order_id: int
    at: float
    text: str = ""


Emit = Callable[[str, int], None]


def _nowhere(topic: str, number: int) -> None:
    return None


class Store:
    """Tables of the shop. Whoever reads or writes holds ``lock``."""

    def __init__(self, settings: Settings, seed: int = 0) -> None:
        self.settings = settings
        self.lock = threading.RLock()
        self.chance = random.Random(seed)
        self.base = ""
        self.emit: Emit = _nowhere
        """Tell the webhooks: topic and id."""
        self.posts = itertools.count(11)
        self.items = itertools.count(1)
        self.metas = itertools.count(1)
        self.item_metas = itertools.count(36)
        self.comments = itertools.count(2)
        self.users = itertools.count(2)
        self.hook_ids = itertools.count(1)
        self.rate_ids = itertools.count(1)
        self.products: dict[int, Json] = {}
        self.by_sku: dict[str, int] = {}
        self.orders: dict[int, Json] = {}
        self.refunds: dict[int, Json] = {}
        self.notes: dict[int, list[Json]] = {}
        self.customers: dict[int, Json] = {}
        self.coupons: dict[int, Json] = {}
        self.rates: dict[int, Json] = {}
        self.classes: dict[str, str] = {}
        self.term_ids = itertools.count(16)
        self.terms: dict[str, dict[int, Json]] = {
            one: {} for one in ("categories", "brands", "tags", "attributes")
        }
        """What products are grouped by: kind -> id -> the group."""
        self.options: dict[str, Json] = {}
        self.gateways: dict[str, Json] = {}
        self.hooks: dict[int, Json] = {}
        self.statuses: dict[str, str] = {}
        self.media: dict[str, bytes] = {}
        self.writes: list[Write] = []
        self.mails: list[Mail] = []
        self.oversold: dict[str, int] = {}
        self.gateway_refunds: list[tuple[int, Decimal]] = []

    def now(self) -> float:
        return self.settings.now()

    def local(self, moment: float | None) -> str | None:
        return times.local(moment, self.settings.zone)

    def dates(self, record: Json, *names: str) -> Json:
        """``date_<name>`` and its ``_gmt``."""
        found: Json = {}
        for name in names:
            found[f"date_{name}"] = self.local(record[name])
            found[f"date_{name}_gmt"] = times.gmt(record[name])
        return found

    def meta(self, key: str, value: Any) -> Json:
        return {"id": next(self.metas), "key": key, "value": value}

    def item_meta(self, key: str, value: Any, label: str = "") -> Json:
        found = {"id": next(self.item_metas), "key": key, "value": value}
        return {**found, "label": label} if label else found

    def wrote(self, what: str, number: int, method: str, changed: Json) -> None:
        self.writes.append(Write(what, number, method, dict(changed), self.now()))

    def mail(self, kind: str, order: Json, text: str = "", to: str = "") -> None:
        self.mails.append(Mail(kind, to or order["billing"]["email"], order["id"], self.now(), text))

    def note(self, order_id: int, text: str, customer: bool = False, author: str = "WooCommerce") -> Json:
        note = {
            "id": next(self.comments),
            "author": author,
            "created": self.now(),
            "note": text,
            "customer_note": customer,
        }
        self.notes.setdefault(order_id, []).append(note)
        return note

    def token(self, length: int) -> str:
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
        return "".join(self.chance.choice(letters) for _ in range(length))


def write_meta(entries: list[Json], sent: Any, make: Callable[[str, Any], Json]) -> None:
    """The rules of ``meta_data``: by id that entry, by key the first of it, ``null`` deletes, else a new one."""
    if not isinstance(sent, list):
        return
    for entry in sent:
        if not isinstance(entry, dict):
            continue
        number, key, value = entry.get("id"), entry.get("key"), entry.get("value")
        found = None
        if number:
            found = next((one for one in entries if str(one["id"]) == str(number)), None)
        elif key is not None:
            found = next((one for one in entries if one["key"] == str(key)), None)
        if found is None:
            if key is not None and value is not None:
                entries.append(make(str(key), value))
        elif value is None:
            entries.remove(found)
        else:
            found["value"] = value
            if key is not None:
                found["key"] = str(key)
