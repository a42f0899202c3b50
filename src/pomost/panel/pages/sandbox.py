"""The sandbox: buyers, trouble and a look at its calls. Only where a connection leads to a sandbox on this machine: what is asked of
it can't reach a real account."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import quote, urlsplit

from fastapi import APIRouter
from fastapi.responses import Response

from pomost.panel.web import Operator, Visit
from pomost.panel.words import texts
from pomost.sandbox.baselinker import RemoteSandbox

router = APIRouter()
MOST_ORDERS = 500
MOST_RATE = 600
_PROBE_S = 3.0
_ACT_S = 60.0
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Shop:
    """A connection that leads to a sandbox, and how that stands."""

    name: str
    url: str
    state: Json

    @property
    def faults(self) -> list[str]:
        return [str(one) for one in self.state.get("faults", [])]


@router.get("/sandbox")
def shops(visit: Operator) -> Response:
    """Every connection that is a sandbox, with what can be done; else how one is started."""
    found = [shop for one in visit.pomost.config.baselinker if (shop := _shop(one.name, one.url)) is not None]
    here = [one.name for one in visit.pomost.config.baselinker if is_of_this_machine(one.url)]
    return visit.page(
        "sandbox/shops.html",
        active="sandbox",
        shops=found,
        silent=[name for name in here if name not in {shop.name for shop in found}],
        fault_word=lambda fault: _fault_word(visit, fault),
        most_orders=MOST_ORDERS,
        most_rate=MOST_RATE,
    )


@router.get("/sandbox/{name}/state")
def state(visit: Operator, name: str) -> Response:
    """How it stands now, as a part of the page."""
    return visit.part("sandbox/state.html", shop=_wanted(visit, name))


@router.post("/sandbox/{name}/place")
def place(visit: Operator, name: str) -> Response:
    """Lets buyers order at once."""
    shop = _wanted(visit, name)
    orders = _number(visit, "orders", 1, MOST_ORDERS)
    if orders is None:
        return visit.refused("sandbox.bad-number", to="/sandbox")
    return _done(visit, shop, "place", {"orders": int(orders)}, orders=int(orders))


@router.post("/sandbox/{name}/buyers")
def buyers(visit: Operator, name: str) -> Response:
    """Lets buyers go on ordering by themselves."""
    shop = _wanted(visit, name)
    rate, count = _number(visit, "rate", Decimal("0.1"), MOST_RATE), _number(visit, "count", 0, 100_000)
    if rate is None or count is None:
        return visit.refused("sandbox.bad-number", to="/sandbox")
    asked = {"rate": float(rate), "count": int(count)}
    return _done(visit, shop, "start_buyers", asked, rate=float(rate), count=int(count))


@router.post("/sandbox/{name}/stop")
def stop(visit: Operator, name: str) -> Response:
    """The buyers stop."""
    return _done(visit, _wanted(visit, name), "stop_buyers", {})


@router.post("/sandbox/{name}/trouble")
def trouble(visit: Operator, name: str) -> Response:
    """Makes the sandbox do something wrong, as often as is asked."""
    shop = _wanted(visit, name)
    fault, times = visit.value("fault"), _number(visit, "times", 1, 1000)
    if fault not in shop.faults or times is None:
        return visit.refused("sandbox.bad-number", to="/sandbox")
    asked: Json = {"fault": fault, "times": int(times)}
    if visit.value("method"):
        asked["method"] = visit.value("method")[:60]
    return _done(visit, shop, "misbehave", asked, fault=fault, times=int(times))


@router.post("/sandbox/{name}/behave")
def behave(visit: Operator, name: str) -> Response:
    """Takes all faults back."""
    return _done(visit, _wanted(visit, name), "behave", {})


def is_of_this_machine(url: str) -> bool:
    """Whether the address is one of this machine's own: a loopback number or localhost, without TLS, as a sandbox prints it."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.scheme != "http" or parts.username or parts.path != "/connector.php" or parts.query:
            return False
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _shop(name: str, url: str) -> Shop | None:
    """The sandbox there; None where the address is another machine's, or what answers is none."""
    if not is_of_this_machine(url):
        return None
    try:
        found = RemoteSandbox(url, timeout_s=_PROBE_S).overview()
    except (OSError, LookupError, ValueError, TypeError, AttributeError):
        return None
    return Shop(name, url, found) if found.get("sandbox") == "baselinker" else None


def _wanted(visit: Visit, name: str) -> Shop:
    """The sandbox of a connection, asked anew before each act; anything else is a page that is not there."""
    for one in visit.pomost.config.baselinker:
        if one.name == name:
            shop = _shop(one.name, one.url)
            if shop is not None:
                return shop
    raise visit.missing()


def _done(visit: Visit, shop: Shop, act: str, asked: Json, **facts: object) -> Response:
    try:
        RemoteSandbox(shop.url, timeout_s=_ACT_S).ask(act, asked)
    except (OSError, LookupError, ValueError):
        return visit.refused("sandbox.no-answer", to="/sandbox")
    visit.audit(f"sandbox.{act}", target=shop.name, **facts)
    return visit.done(f"sandbox.done.{act}", to=f"/sandbox#{quote(shop.name)}", **facts)


def _number(visit: Visit, name: str, least: int | Decimal, most: int) -> Decimal | None:
    try:
        found = Decimal(visit.value(name).replace(",", "."))
    except InvalidOperation:
        return None
    return found if found.is_finite() and least <= found <= most else None


def _fault_word(visit: Visit, fault: str) -> str:
    """What a fault does; its own name where a newer sandbox knows one that this panel does not."""
    key = f"sandbox.faults.{fault}"
    return visit.say(key) if key in texts() else fault
