"""Lockers and points that the sandboxes of carriers know besides those that are asked for by code."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """One of them; ``network``: whose it is, in Apaczka's words."""

    code: str
    network: str
    street: str
    number: str
    postcode: str
    city: str
    latitude: float
    longitude: float
    about: str = "Przy sklepie"
    cod: bool = True


PLACES = (
    Place("LOD05M", "INPOST", "Polna", "2", "90-001", "Łódź", 51.7700, 19.4500),
    Place("LOD06M", "INPOST", "Tkacka", "11", "90-156", "Łódź", 51.7811, 19.4712),
    Place("LOD77A", "INPOST", "Piotrkowska", "120", "90-006", "Łódź", 51.7642, 19.4573, cod=False),
    Place("POP-LOD1", "INPOST", "Zielona", "5", "90-001", "Łódź", 51.7717, 19.4489, "Kiosk"),
    Place("WAW22A", "INPOST", "Próbna", "9", "00-001", "Warszawa", 52.2300, 21.0040),
    Place("WAW00T", "INPOST", "Próbna", "1", "00-001", "Warszawa", 52.2310, 21.0050),
    Place("KRA010", "INPOST", "Wzorcowa", "3", "30-001", "Kraków", 50.0700, 19.9450),
    Place("PL11021", "DPD", "Polna", "8", "90-001", "Łódź", 51.7703, 19.4511, "Sklep spożywczy"),
    Place("134712", "PWR", "Stalowa", "1", "90-156", "Łódź", 51.7820, 19.4700, "Stacja paliw"),
)


def position_of(postcode: str) -> tuple[float, float] | None:
    """Where a postcode lies: that of a place with it, or with its first two digits; None elsewhere."""
    for length in (6, 2):
        for place in PLACES:
            if place.postcode[:length] == postcode[:length]:
                return place.latitude, place.longitude
    return None


def metres(place: Place, position: tuple[float, float]) -> int:
    """As the crow flies."""
    north = (place.latitude - position[0]) * 111_320
    east = (place.longitude - position[1]) * 111_320 * math.cos(math.radians(position[0]))
    return round(math.hypot(north, east))
