"""The log: searched from its end, followed live, downloaded."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends
from fastapi.responses import Response, StreamingResponse
from starlette.concurrency import run_in_threadpool

from pomost.log_reading import Line, Sought, end_of, files, following, page, whole
from pomost.logs import FOLDER, LEVELS
from pomost.panel.formats import WARSAW
from pomost.panel.web import Operator, Visit

router = APIRouter()
FOLLOW_S = 300.0
"""Seconds after which a page that follows must ask again: whoever lost the right to see the log sees no more of it."""
_LOOK_S = 1.0
_ALIVE_S = 15.0
_SHOWN = ("at", "level", "event", "case", "code", "trace", "logger")


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address asks for."""

    text: str = ""
    level: str = ""
    order: str = ""
    connection: str = ""
    code: str = ""
    since: str = ""
    until: str = ""

    def asked(self) -> dict[str, str]:
        return {name: value for name in self.__slots__ if (value := getattr(self, name))}

    def sought(self, visit: Visit) -> Sought:
        """Runs a query where an order is named."""
        order = self.order.strip()
        cases = None
        if order:
            found = set(visit.pomost.store.numbers.find(order))
            # the line of an order that is gone still has its id
            cases = frozenset(
                found | ({int(order[1:])} if order[:1] == "#" and order[1:].isdecimal() else set())
            )
        return Sought(
            self.text.strip(),
            self.level if self.level in LEVELS else "",
            cases,
            self.connection.strip(),
            self.code.strip(),
            _utc(self.since),
            _utc(self.until),
        )


Asked = Annotated[Filters, Depends(Filters)]


@router.get("/logs")
def logs(visit: Operator, filters: Asked, after: str = "", live: bool = False) -> Response:
    """A page of the log, the newest first; with ``live`` what comes is put above."""
    folder = _folder(visit)
    begin = end_of(folder)
    found = page(folder, filters.sought(visit), after)
    asked = filters.asked()
    known = sorted({*visit.pomost.channels, *(source.source for source in visit.pomost.store.looks.all())})
    following_ = live and not after
    return visit.page(
        "logs/list.html",
        active="logs",
        lines=found.lines,
        numbers=_numbers(visit, found.lines),
        rest=_rest,
        filters=filters,
        connections=[(name, name) for name in known],
        cut=found.cut,
        live=f"/logs/live?{urlencode({**asked, 'place': begin})}" if following_ else "",
        url_live=f"/logs?{urlencode({**asked, 'live': '1'})}",
        url_still=f"/logs?{urlencode(asked)}",
        next=f"/logs?{urlencode({**asked, 'after': found.after})}" if found.after else "",
        size=round(Decimal(_size(folder)) / 1_000_000, 1),
    )


@router.get("/logs/live")
async def live(visit: Operator, filters: Asked, place: str = "") -> Response:
    """What is written from now on, as events with rows of the table."""
    sought = await run_in_threadpool(filters.sought, visit)
    place = visit.request.headers.get("last-event-id", place)
    return StreamingResponse(
        _followed(visit, sought, place), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"}
    )


@router.get("/logs/file")
def file(visit: Operator) -> Response:
    """All log files as one, the oldest lines first."""
    visit.audit("logs.file")
    return visit.download("pomost.log.jsonl", whole(_folder(visit)), "application/x-ndjson")


async def _followed(visit: Visit, sought: Sought, place: str) -> AsyncIterator[str]:
    folder = _folder(visit)
    end, said = time.monotonic() + FOLLOW_S, 0.0

    def look(place: str) -> tuple[str, str]:
        lines, after = following(folder, sought, place)
        if not lines:
            return "", after
        lines.reverse()
        rows = visit.text_of("logs/rows.html", lines=lines, numbers=_numbers(visit, lines), rest=_rest)
        return rows, after

    while not visit.panel.closing.is_set() and time.monotonic() < end:
        rows, place = await run_in_threadpool(look, place)
        if rows:
            data = "".join(f"data: {row}\n" for row in rows.splitlines() if row.strip())
            yield f"id: {place}\n{data}\n"
            said = time.monotonic()
        elif time.monotonic() - said > _ALIVE_S:
            yield ": \n\n"
            said = time.monotonic()
        await asyncio.sleep(_LOOK_S)


def _folder(visit: Visit) -> Path:
    return visit.pomost.config.data_dir / FOLDER


def _size(folder: Path) -> int:
    total = 0
    for path in files(folder):
        # one may be rotated away meanwhile
        with suppress(OSError):
            total += path.stat().st_size
    return total


def _numbers(visit: Visit, lines: list[Line]) -> dict[int, str]:
    return visit.pomost.store.numbers.of(line.case for line in lines if line.case is not None)


def _rest(line: Line) -> str:
    """The fields that have no column of their own."""
    return " ".join(
        f"{key}={value}"
        for key, value in line.fields.items()
        if key not in _SHOWN and value not in (None, "") and value != line.connection
    )


def _utc(local: str) -> str:
    """A time by the clocks of Poland, as a browser's field gives it, as the log says it; "" for what is none."""
    try:
        moment = datetime.fromisoformat(local)
    except ValueError:
        return ""
    moment = moment if moment.tzinfo else moment.replace(tzinfo=WARSAW)
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
