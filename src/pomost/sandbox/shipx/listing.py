"""Searching shipments: filters, order and pages (reference, section 2.12). There is no filter by reference."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from pomost.sandbox.carriers import Asked, Json
from pomost.sandbox.shipx.validation import Refusal

MOST = 100
USUAL = 25
SORTED_BY = ("id", "created_at", "tracking_number", "service", "status", "external_customer_id")


def page(asked: Asked, shipments: list[Json], base: str) -> Json:
    """One page in the envelope; ``count`` is that of all that were found."""
    found = [shown for shown in shipments if all(test(shown) for test in _tests(asked))]
    key = asked.value("sort_by", "id")
    if key not in SORTED_BY:
        raise Refusal(400, "invalid_parameter", f"Provided unsupported value ({key}) to parameter (sort_by)")
    found.sort(key=lambda shown: (str(shown[key] or ""), shown["id"]) if key != "id" else ("", shown["id"]))
    if asked.value("sort_order", "desc") == "desc":
        found.reverse()
    number = max(_int(asked.value("page"), 1), 1)
    size = min(max(_int(asked.value("per_page"), USUAL), 1), MOST)
    rows = found[(number - 1) * size : number * size]
    return envelope(asked, base, rows, len(found), number, size)


def envelope(asked: Asked, base: str, rows: list[Json], count: int, number: int, size: int) -> Json:
    return {"href": f"{base}{asked.path}", "count": count, "page": number, "per_page": size, "items": rows}


def _tests(asked: Asked) -> list[Callable[[Json], bool]]:
    """Unknown filters are dropped in silence, as ShipX does."""
    tests: list[Callable[[Json], bool]] = []
    if ids := asked.value("id"):
        wanted = ids.split(",")
        if not all(one.isdecimal() and int(one) > 0 for one in wanted):
            raise Refusal(400, "invalid_parameter", "Provided unsupported value to parameter (id)")
        tests.append(lambda shown: str(shown["id"]) in wanted)
    if since := asked.value("created_at_gteq"):
        first = _moment(since)
        tests.append(lambda shown: datetime.fromisoformat(shown["created_at"]) >= first)
    if until := asked.value("created_at_lteq"):
        last = _moment(until)
        tests.append(lambda shown: datetime.fromisoformat(shown["created_at"]) <= last)
    for name in ("status", "service", "tracking_number", "external_customer_id"):
        if value := asked.value(name):
            tests.append(_equals(name, value))
    return tests


def _equals(name: str, value: str) -> Callable[[Json], bool]:
    return lambda shown: str(shown[name]) == value


def _moment(text: str) -> datetime:
    try:
        if text.isdecimal():
            return datetime.fromtimestamp(int(text), UTC)
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Refusal(
            400, "invalid_parameter", "Provided unsupported value to parameter (created_at)"
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _int(text: Any, default: int) -> int:
    return int(text) if str(text).isdecimal() else default
