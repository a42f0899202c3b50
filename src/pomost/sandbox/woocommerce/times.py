"""Moments: kept as seconds, shown twice (the shop's local time and UTC), read by the zone rules of section 4.3."""

from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

SHAPE = "%Y-%m-%dT%H:%M:%S"


@lru_cache(maxsize=65_536)
def _shown(second: int, zone: str) -> str:
    return datetime.fromtimestamp(second, UTC if zone == "UTC" else ZoneInfo(zone)).strftime(SHAPE)


def local(moment: float | None, zone: str) -> str | None:
    return None if moment is None else _shown(int(moment), zone)


def gmt(moment: float | None) -> str | None:
    return None if moment is None else _shown(int(moment), "UTC")


def read(text: str, zone: str, dates_are_gmt: bool) -> float:
    """The moment a query means. A zone in the value is honoured, else it is local time unless the flag says UTC.

    Raises ``ValueError`` for what is no date.
    """
    # A plus in a query that was not encoded arrives as a space.
    text = text.strip().replace(" ", "+") if text[10:11] == "T" else text.strip()
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        found = found.replace(tzinfo=UTC if dates_are_gmt else ZoneInfo(zone))
    return found.timestamp()
