"""Points of the networks behind Apaczka (reference, section 3.3): the list of a whole country, read once a day, searched here.

Pure but for what keeps the list.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from pomost.connectors.carriers import rules
from pomost.ports import Json
from pomost.ports.carrier import Point, PointQuery
from pomost.trade.order import Address

_DEGREE_M = 111_320.0


def slim(row: Json) -> Json | None:
    """What is kept of a point; None for a row without a code."""
    code = str(row.get("foreign_address_id") or "").strip().upper()
    if not code:
        return None
    address = row.get("address")
    place = address if isinstance(address, dict) else {}
    return {
        "code": code,
        "name": str(row.get("additional_info") or row.get("name") or ""),
        "kind": " ".join(str(row.get(key) or "") for key in ("type", "subtype")).strip(),
        "street": " ".join(str(place.get(key) or "") for key in ("line1", "line2")).strip(),
        "postcode": rules.postcode(str(place.get("postal_code") or ""), "PL"),
        "city": str(place.get("city") or ""),
        "at": _position(place),
        "open": _says(row.get("option_deliver")) is not False,
        "cod": _says(row.get("option_cod")),
    }


def search(rows: Sequence[Json], query: PointQuery) -> tuple[Point, ...]:
    """The nearest first. Where a postcode lies is told by the points that have it, or one that begins as it does."""
    code = query.code.strip().upper()
    if code:
        return tuple(_point(row, None) for row in rows if row["code"] == code)[:1]
    useful = [row for row in rows if row["open"]]
    if not query.postcode:
        wanted = query.city.strip().casefold()
        found = [row for row in useful if row["city"].casefold() == wanted]
        return tuple(_point(row, None) for row in sorted(found, key=_named)[: query.limit])
    postcode = rules.postcode(query.postcode, "PL")
    for length in (6, 4, 2):
        near = [row for row in useful if row["postcode"][:length] == postcode[:length]]
        centre = _centre(near)
        if centre is not None:
            measured = [(metres, row) for row in useful if (metres := _metres(row["at"], centre)) is not None]
            measured.sort(key=lambda one: (one[0], one[1]["code"]))
            return tuple(_point(row, metres) for metres, row in measured[: query.limit])
        if near:
            return tuple(_point(row, None) for row in sorted(near, key=_named)[: query.limit])
    return ()


def _point(row: Json, metres: int | None) -> Point:
    address = Address(row["street"], row["postcode"], row["city"], "", "PL")
    return Point(row["code"], row["name"], row["kind"], address, row["open"], row["cod"], metres)


def _named(row: Json) -> tuple[str, str]:
    return row["street"], row["code"]


def _position(place: Json) -> list[float] | None:
    try:
        latitude, longitude = float(place["latitude"]), float(place["longitude"])
    except (KeyError, TypeError, ValueError):
        return None
    return [latitude, longitude] if abs(latitude) <= 90 and abs(longitude) <= 180 and latitude else None


def _centre(rows: Iterable[Json]) -> tuple[float, float] | None:
    known = [row["at"] for row in rows if row["at"]]
    if not known:
        return None
    return sum(one[0] for one in known) / len(known), sum(one[1] for one in known) / len(known)


def _metres(at: list[float] | None, centre: tuple[float, float]) -> int | None:
    if not at:
        return None
    north = (at[0] - centre[0]) * _DEGREE_M
    east = (at[1] - centre[1]) * _DEGREE_M * math.cos(math.radians(centre[0]))
    return round(math.hypot(north, east))


def _says(value: object) -> bool | None:
    """Yes or no as PHP writes them; None where nothing is said."""
    if value is None or value == "":
        return None
    return str(value).lower() in ("1", "true", "yes")
