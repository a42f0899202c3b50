"""InPost's lockers and points (reference, section 2.17). They stand at an address of their own, and trouble there says
nothing of the API that orders: a pause that is asked for there holds up no order."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from threading import Lock
from typing import Any
from urllib.parse import urlencode

import httpx2

from pomost.connectors.carriers import failures, rules
from pomost.connectors.carriers.collecting import no_points
from pomost.connectors.carriers.wire import Wire
from pomost.connectors.shipx.settings import ADDRESS, Settings
from pomost.ports import CallLimiter, Failure, Json, Priority, WaitUntil
from pomost.ports.carrier import Point, PointQuery
from pomost.trade.order import Address

OFFICIAL = {
    ADDRESS: "https://api.inpost.pl",
    "https://sandbox-api-shipx-pl.easypack24.net": "https://sandbox-api-gateway-pl.easypack24.net",
}
NONE = "none"
OPEN, COLLECT = "Operating", "parcel_collect"
TIMEOUT_S = 5.0
"""A shipment waits for this answer, and goes on without it."""
MOST = 50


def points_url(settings: Settings) -> str:
    """The address that was set, or the one that belongs to the API's."""
    return settings.points_url or OFFICIAL.get(settings.url.rstrip("/"), settings.url)


class PointsWire(Wire):
    """The list of points."""

    def __init__(self, settings: Settings, limiter: CallLimiter, clock: Callable[[], datetime]) -> None:
        super().__init__(
            settings.name,
            points_url(settings),
            limiter=_Apart(limiter),
            timeout_s=min(settings.timeout_s, TIMEOUT_S),
            connect_timeout_s=min(settings.connect_timeout_s, TIMEOUT_S),
            clock=clock,
            headers={"Authorization": f"Bearer {settings.token}"},
        )
        self._is_off = settings.points_url == NONE
        self._silent: WaitUntil | None = None
        self._guard = Lock()

    def points(self, query: PointQuery) -> tuple[Point, ...]:
        """The nearest first. One code is asked for as a filter of the list: an empty list is an answer, while a 404 may come
        from anywhere on the way."""
        if self._is_off:
            raise no_points(self.name, "points_url is none")
        limit = max(1, min(query.limit, MOST))
        asked: dict[str, str] = {"per_page": str(limit)}
        code = query.code.strip().upper()
        if code:
            asked["name"] = code
        elif query.postcode:
            # the nearest come first: the list is in the order of the distance
            asked |= {"relative_post_code": rules.postcode(query.postcode, "PL"), "limit": str(limit)}
            asked |= {"functions": COLLECT}
        else:
            asked |= {"city": query.city, "functions": COLLECT}
        rows = self._listed(asked)
        found = [point for row in rows if (point := point_from_wire(row)) is not None]
        if code:
            named = tuple(point for point in found if point.code == code)
            if rows and not named:
                raise self._named(failures.unclear("points", "its list names other points", write=False))
            return named
        return tuple(sorted(found, key=_distance)[:limit])

    def _listed(self, asked: dict[str, str]) -> list[Json]:
        with self._guard:
            if self._silent is not None and self.clock() < self._silent.until:
                raise self._silent
        try:
            answer = self.ask("points", lambda: self.build("GET", f"/v1/points?{urlencode(asked)}"), _judged)
        except WaitUntil as pause:
            with self._guard:
                self._silent = pause
            raise
        items = _envelope(answer)
        if items is None:
            raise self._named(failures.unclear("points", "its answer has no items", write=False))
        return items

    def _named(self, failure: Failure) -> Failure:
        failure.name_connection(self.name)
        return failure


class _Apart:
    """The carrier's limiter, which is not stopped by what the list of points asks for."""

    def __init__(self, limiter: CallLimiter) -> None:
        self._limiter = limiter

    def acquire(self, priority: int = Priority.EDITS) -> None:
        self._limiter.acquire(priority)

    def block(self, until: datetime) -> None:
        """Orders go on; `PointsWire` itself keeps the pause."""


def _judged(answer: httpx2.Response) -> Failure | None:
    status = answer.status_code
    if status == 401:
        return failures.bad_key()
    if not answer.is_success:
        return failures.unclear("points", f"HTTP {status}", write=False)
    return None


def _envelope(answer: httpx2.Response) -> list[Json] | None:
    try:
        read = json.loads(answer.content)
    except (ValueError, RecursionError):
        return None
    items, count = (read.get("items"), read.get("count")) if isinstance(read, dict) else (None, None)
    if not isinstance(items, list) or not isinstance(count, int) or (count > 0 and not items):
        return None
    return [row for row in items if isinstance(row, dict)]


def point_from_wire(row: Json) -> Point | None:
    """One point; None where the row names none."""
    code = str(row.get("name") or "").upper()
    if not code:
        return None
    place = _map(row.get("address_details"))
    functions, kinds = row.get("functions"), row.get("type")
    status = str(row.get("status") or "")
    named = " ".join(str(place.get(key) or "") for key in ("street", "building_number")).strip()
    line = named or str(_map(row.get("address")).get("line1") or "")
    payment, distance = row.get("payment_available"), row.get("distance")
    return Point(
        code=code,
        name=str(row.get("location_description") or ""),
        kind=", ".join(map(str, kinds)) if isinstance(kinds, list) else str(kinds or ""),
        address=Address(line, str(place.get("post_code") or ""), str(place.get("city") or ""), "", "PL"),
        open=status == OPEN and isinstance(functions, list) and COLLECT in functions,
        cod=payment if isinstance(payment, bool) else None,
        distance_m=round(distance) if isinstance(distance, int | float) else None,
    )


def _distance(point: Point) -> float:
    return float("inf") if point.distance_m is None else float(point.distance_m)


def _map(value: Any) -> Json:
    return value if isinstance(value, dict) else {}
