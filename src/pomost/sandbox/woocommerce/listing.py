"""Lists: filters by date, order, and paging with its headers (section 4)."""

import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode

from pomost.sandbox.woocommerce import times
from pomost.sandbox.woocommerce.protocol import Answer, Json, Request, ids, one_of, truth, whole, wrong_value
from pomost.sandbox.woocommerce.state import Store

ORDERBY = ("date", "id", "include", "title", "slug", "modified")
DATES = {
    "after": ("created", 1),
    "before": ("created", -1),
    "modified_after": ("modified", 1),
    "modified_before": ("modified", -1),
}


def by_dates(store: Store, request: Request, rows: Iterable[Json]) -> list[Json]:
    """Rows strictly later or earlier, in whole seconds, than the moments asked for."""
    params, found = request.params, list(rows)
    is_gmt = truth(params.get("dates_are_gmt", False))
    for name, (column, sign) in DATES.items():
        if params.get(name) in (None, ""):
            continue
        if column == "modified" and (request.legacy or not store.settings.modified_filters):
            continue
        try:
            moment = times.read(str(params[name]), store.settings.zone, is_gmt)
        except ValueError:
            raise wrong_value(name, "Invalid date.") from None
        found = [row for row in found if (int(row[column]) - moment) * sign > 0]
    return found


def by_ids(request: Request, rows: Iterable[Json]) -> list[Json]:
    include, exclude = ids(request.params, "include"), set(ids(request.params, "exclude"))
    found = [row for row in rows if row["id"] not in exclude]
    return [row for row in found if row["id"] in set(include)] if include else found


def _text(row: Json, name: str) -> str:
    return str(row.get(name, ""))


def ordered(
    request: Request,
    rows: list[Json],
    extra: dict[str, Callable[[Json], Any]] | None = None,
    usual: str = "date",
) -> list[Json]:
    """Rows in the order asked for. Of equal moments of change the higher id comes first, either way."""
    extra = extra or {}
    by = one_of(request.params, "orderby", usual, (*ORDERBY, *extra))
    down = one_of(request.params, "order", "desc", ("asc", "desc")) == "desc"
    rows = sorted(rows, key=lambda row: -row["id"])
    if by == "include":
        place = {number: at for at, number in enumerate(ids(request.params, "include"))}
        return sorted(rows, key=lambda row: place.get(row["id"], len(place)))
    keys: dict[str, Callable[[Json], Any]] = {
        "date": lambda row: int(row["created"]),
        "modified": lambda row: int(row["modified"]),
        "id": lambda row: row["id"],
        "title": lambda row: _text(row, "name"),
        "slug": lambda row: _text(row, "slug"),
        **extra,
    }
    # reverse keeps the order of equal ones, as sorted() is stable both ways
    return sorted(rows, key=keys[by], reverse=down)


def page(request: Request, rows: list[Json], show: Callable[[Json], Any]) -> Answer:
    """One page. Past the end it is empty, and the total is then 0."""
    params = request.params
    size = whole(params, "per_page", 10, 1, 100)
    number = whole(params, "page", 1, 1)
    start = whole(params, "offset", (number - 1) * size, 0)
    cut = rows[start : start + size]
    total = len(rows) if cut else 0
    pages = -(-total // size)
    headers = {"X-WP-Total": str(total), "X-WP-TotalPages": str(pages)}
    steps = []
    if number > 1:
        steps.append((min(number - 1, pages) or number - 1, "prev"))
    if number < pages:
        steps.append((number + 1, "next"))
    if steps:
        # The query is repeated as it came, with its signature.
        address = f"{request.base}/wp-json{request.path}"
        rest = [pair for pair in request.query if pair[0] != "page"]
        made = (f'<{address}?{urlencode([*rest, ("page", str(to))])}>; rel="{name}"' for to, name in steps)
        headers["Link"] = ", ".join(made)
    return Answer([show(row) for row in cut], headers=headers)


def words(request: Request, name: str = "search") -> str:
    return str(request.params.get(name) or "").strip().lower()


def is_number(text: str) -> bool:
    return bool(re.fullmatch(r"\d{1,18}", text))
