"""The audit trail: who did what, when, from where. Nothing changes it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import Response

from pomost.imports.export import guarded
from pomost.panel.formats import WARSAW, local
from pomost.panel.web import Administrator, Visit
from pomost.store.audits import Act

router = APIRouter()
PAGE = 50
_AT_ONCE = 1_000
_FIELDS = ("who", "act", "text", "day")


@router.get("/audit")
def audit(visit: Administrator, before: Annotated[int, Query(ge=0)] = 0) -> Response:
    """A page of acts, newest first, by the filters of the address."""
    given = _given(visit)
    found = visit.pomost.store.audits.page(before=before, most=PAGE + 1, **_wanted(given))
    rows = found[:PAGE]
    following = f"/audit?{urlencode({**given, 'before': rows[-1].id})}" if len(found) > PAGE else ""
    return visit.page(
        "audit/list.html",
        active="audit",
        rows=[(act, _data(act)) for act in rows],
        given=given,
        address=urlencode(given),
        people=visit.pomost.store.audits.different("who"),
        acts=visit.pomost.store.audits.different("act"),
        following=following,
        first=f"/audit?{urlencode(given)}" if before else "",
    )


@router.get("/audit.csv")
def audit_csv(visit: Administrator) -> Response:
    """All that fits the filters as a sheet; no text in it becomes a formula."""
    return visit.download("audit.csv", _sheet(visit, _wanted(_given(visit))), "text/csv; charset=utf-8")


def _sheet(visit: Visit, wanted: dict[str, Any]) -> Iterator[bytes]:
    separator = ";" if visit.language == "pl" else ","
    heads = [visit.say(f"audit.list.{name}") for name in ("at", "who", "act", "target", "data", "address")]
    yield b"\xef\xbb\xbf" + _lines([heads], separator)
    before = 0
    while found := visit.pomost.store.audits.page(before=before, most=_AT_ONCE, **wanted):
        yield _lines(
            [
                [
                    local(one.at).isoformat(sep=" ", timespec="seconds"),
                    one.who,
                    one.act,
                    one.target,
                    _data(one),
                    one.address,
                ]
                for one in found
            ],
            separator,
        )
        before = found[-1].id


def _lines(rows: list[list[str]], separator: str) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator="\r\n").writerows(
        [[guarded(cell) for cell in row] for row in rows]
    )
    return text.getvalue().encode()


def _given(visit: Visit) -> dict[str, str]:
    asked = visit.request.query_params
    return {name: asked[name][:80] for name in _FIELDS if asked.get(name)}


def _wanted(given: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {name: given.get(name, "") for name in ("who", "act", "text")}
    try:
        day = date.fromisoformat(given.get("day", ""))
        found["since"] = datetime.combine(day, time(), WARSAW).timestamp()
        found["until"] = datetime.combine(day + timedelta(days=1), time(), WARSAW).timestamp()
    except (ValueError, OverflowError):
        pass
    return found


def _data(act: Act) -> str:
    return ", ".join(
        f"{name}={one if isinstance(one, str) else json.dumps(one, ensure_ascii=False)}"
        for name, one in act.data.items()
    )
