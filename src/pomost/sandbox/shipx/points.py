"""The list of points and its filters (reference, section 2.17). Unknown filters are dropped in silence."""

import math

from pomost.sandbox.carriers import Asked, Json
from pomost.sandbox.points import PLACES, Place, metres, position_of
from pomost.sandbox.shipx.settings import Settings
from pomost.sandbox.shipx.validation import POINT, Refusal

USUAL = 25
FUNCTIONS = ("parcel", "parcel_collect", "parcel_send", "parcel_reverse_return_send")
OURS = tuple(place for place in PLACES if place.network == "INPOST")


def point(code: str, base: str, settings: Settings) -> Json | None:
    """The point of a code; any of the usual form is there, unless it exists no more."""
    if not POINT.fullmatch(code) or code in settings.closed_points:
        return None
    known = next((one for one in OURS if one.code == code), None)
    return _shown(
        known or Place(code, "INPOST", "Przykładowa", "1", "90-001", "Łódź", 51.77, 19.45), base, settings
    )


def page(asked: Asked, base: str, settings: Settings, *, deaf: bool = False) -> Json:
    """One page in the envelope, with the copy of it. ``deaf``: no filter is listened to."""
    names = "" if deaf else asked.value("name")
    if names:
        found = [shown for code in names.split(",") if (shown := point(code, base, settings)) is not None]
    else:
        found = [_shown(place, base, settings) for place in OURS]
    if not deaf:
        found = _filtered(asked, found)
    limit = asked.value("limit")
    if limit.isdecimal():
        found = found[: int(limit)]
    number = max(_number(asked.value("page"), 1), 1)
    size = max(_number(asked.value("per_page"), USUAL), 1)
    meta = {
        "href": f"{base}/v1/points",
        "count": len(found),
        "page": number,
        "per_page": size,
        "total_pages": math.ceil(len(found) / size),
    }
    return {**meta, "items": found[(number - 1) * size : number * size], "meta": meta}


def _filtered(asked: Asked, found: list[Json]) -> list[Json]:
    for name in ("functions", "type"):
        if wanted := asked.value(name):
            found = [shown for shown in found if set(wanted.split(",")) <= set(shown[name])]
    if wanted := asked.value("status"):
        found = [shown for shown in found if shown["status"] == wanted]
    for name in ("city", "post_code"):
        if wanted := asked.value(name):
            found = [shown for shown in found if shown["address_details"][name].lower() == wanted.lower()]
    near = asked.value("relative_post_code")
    if not near:
        return found
    position = position_of(near)
    if position is None:
        raise Refusal(
            400, "invalid_parameter", "Provided unsupported value to parameter (relative_post_code)"
        )
    places = {place.code: place for place in OURS}
    rows = [{**shown, "distance": metres(places[shown["name"]], position)} for shown in found]
    most = _number(asked.value("max_distance"), 25_000)
    return sorted((row for row in rows if row["distance"] <= most), key=lambda row: int(row["distance"]))


def _shown(place: Place, base: str, settings: Settings) -> Json:
    shut = place.code in settings.shut_points
    kind = "pop" if place.code.startswith("POP-") else "parcel_locker"
    return {
        "href": f"{base}/v1/points/{place.code}",
        "name": place.code,
        "type": [kind],
        "status": "Disabled" if shut else "Operating",
        "location": {"longitude": place.longitude, "latitude": place.latitude},
        "location_description": place.about,
        "distance": None,
        "opening_hours": "24/7",
        "address": {"line1": f"{place.street} {place.number}", "line2": f"{place.postcode} {place.city}"},
        "address_details": {
            "city": place.city,
            "post_code": place.postcode,
            "street": place.street,
            "building_number": place.number,
            "flat_number": None,
        },
        "functions": [one for one in FUNCTIONS if not (shut and one == "parcel_collect")],
        "payment_available": place.cod,
        "payment_type": {"0": "Payments are not supported"},
        "location_247": True,
    }


def _number(text: str, default: int) -> int:
    return int(text) if text.isdecimal() else default
