"""Reports on pages and as files; plans, entered one by one or from a sheet."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.datastructures import UploadFile

from pomost.panel import formats
from pomost.panel.reporting import Voice, about, file_of, picture
from pomost.panel.web import Operator, Reader, Visit
from pomost.panel.words import grouped
from pomost.ports import NeedsPerson
from pomost.reports import catalogue, export, planning
from pomost.reports.facts import places
from pomost.reports.report import Asked, Cell, Report
from pomost.words import in_language

router = APIRouter()
SHOWN = 500
"""Rows on a page; files hold all."""
DAYS = 30
_BAD_ROWS = 50
_FILTERS = ("company", "channel", "warehouse")
_ENTERED = ("period", "company", "channel", "sku", "category", "target")
_FIELDS = {"company": "for-company", "channel": "for-channel"}
"""Fields of the form that would be taken for the choices of the report above it."""


@router.get("/reports")
def overview(visit: Reader) -> Response:
    """All reports, each with what it tells."""
    return visit.page("reports/list.html", active="reports", kinds=list(catalogue.KINDS))


@router.get("/reports/plan")
def plan(visit: Reader) -> Response:
    """Plan and actual, the targets that were entered, and the forms to enter more."""
    return _plan_page(visit, {})


@router.post("/reports/plan")
def put_plan(visit: Operator) -> Response:
    """Enters a target, or with ``remove`` takes one out."""
    plans = visit.pomost.store.plans
    if visit.value("remove"):
        removed = visit.value("remove").isdecimal() and plans.remove(int(visit.value("remove")[:15]))
        if not removed:
            return visit.refused("reports.plan.not-there", to="/reports/plan")
        visit.audit("plan.remove", target=visit.value("remove")[:15])
        return visit.done("reports.plan.removed", to="/reports/plan")
    given = {name: visit.value(_FIELDS.get(name, name)) for name in _ENTERED}
    try:
        line = planning.line_of(given, _companies(visit))
    except NeedsPerson as failure:
        return _plan_page(visit, given, failure, status=400)
    plans.put([line], visit.now(), visit.who)
    visit.audit("plan.put", target=f"{line.company} {line.period}", targets=1)
    return visit.done("reports.plan.put", to="/reports/plan", period=line.period, company=line.company)


@router.post("/reports/plan/import")
def import_plan(visit: Operator) -> Response:
    """Targets from a sheet: all of them, or none where a row is wrong."""
    file = visit.form().get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return visit.refused("reports.plan.no-file", to="/reports/plan")
    with tempfile.TemporaryDirectory(prefix="pomost-plan-") as folder:
        path = Path(folder) / f"plan{Path(file.filename).suffix.lower()[:6]}"
        with path.open("wb") as target:
            shutil.copyfileobj(file.file, target)
        try:
            lines, bad = planning.read_sheet(path, _companies(visit))
        except NeedsPerson as failure:
            return _plan_page(visit, {}, failure, status=400)
    if bad or not lines:
        return _plan_page(visit, {}, bad=bad, empty=not bad, status=400)
    count = visit.pomost.store.plans.put(lines, visit.now(), visit.who)
    visit.audit("plan.import", targets=count)
    return visit.done("reports.plan.imported", to="/reports/plan", count=count)


@router.get("/reports/{name}.{ending}")
def file(visit: Reader, name: str, ending: str) -> Response:
    """A report as .csv, .xlsx or .pdf, with all its rows."""
    if ending not in export.FORMATS or name not in catalogue.KINDS:
        raise visit.missing()
    asked, kind = _asked(visit, name)
    report = _read(visit, name, asked)
    by = asked.by or (kind.by[0] if kind.by else "")
    content = file_of(report, ending, asked, by, Voice(visit.language), _today(visit))
    visit.audit("report.file", target=f"{name}.{ending}", rows=len(report.rows))
    return visit.download(f"{name}-{asked.start}-{asked.end}.{ending}", content, export.FORMATS[ending])


@router.get("/reports/{name}")
def report_page(visit: Reader, name: str) -> Response:
    """A report with its choices, plot and table."""
    if name not in catalogue.KINDS:
        raise visit.missing()
    asked, _ = _asked(visit, name)
    return visit.page(
        "reports/report.html", active="reports", **_shown(visit, name, asked, _read(visit, name, asked))
    )


def _read(visit: Visit, name: str, asked: Asked) -> Report:
    pomost = visit.pomost
    return catalogue.read(pomost.ledger, pomost.store, name, asked, _today(visit))


def _today(visit: Visit) -> date:
    return formats.local(visit.now()).date()


def _asked(visit: Visit, name: str) -> tuple[Asked, catalogue.Kind]:
    """What the address asks for. Raises NeedsPerson ``report.day`` and what ``catalogue.check`` raises."""
    given = visit.request.query_params
    end = _day(given.get("to", ""), _today(visit))
    start = _day(given.get("from", ""), end - timedelta(days=DAYS - 1) if end > date(1900, 1, 1) else end)
    older = given.get("older", "")
    asked = Asked(
        start,
        end,
        **{key: given.get(key, "").strip()[:200] for key in (*_FILTERS, "by")},
        older=min(int(older[:5]), 9_999) if older.isascii() and older.isdecimal() else 90,
    )
    return asked, catalogue.check(name, asked)


def _day(text: str, otherwise: date) -> date:
    if not text.strip():
        return otherwise
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        found = date.min
    if not 1990 <= found.year <= 2200:
        raise NeedsPerson("report.day", f"{text[:20]!r} is no day.", "Write it as 2026-11-25.")
    return found


def _shown(visit: Visit, name: str, asked: Asked, report: Report) -> dict[str, Any]:
    """What the template of a report needs."""
    voice, kind = Voice(visit.language), catalogue.KINDS[name]
    by = asked.by or (kind.by[0] if kind.by else "")
    given = {
        "from": asked.start.isoformat(),
        "to": asked.end.isoformat(),
        **{key: value for key in _FILTERS if (value := getattr(asked, key)) and key in kind.choices},
        **({"by": by} if by else {}),
        **({"older": str(asked.older)} if "older" in kind.choices else {}),
    }
    with visit.pomost.ledger.snapshot() as connection:
        warehouses = places(connection)
    heads = export.headings(report, voice)
    columns = [
        (head, column.kind not in ("text", "day")) for head, column in zip(heads, report.columns, strict=True)
    ]
    return {
        "name": name,
        "heading": voice.title(name),
        "about": about(asked, by, voice),
        "columns": columns,
        "rows": _cells(export.lines(report, voice, totals=False, most=SHOWN), report, visit.language),
        "totals": _cells(export.lines(report, voice, most=0), report, visit.language),
        "count": len(report.rows),
        "shown": SHOWN,
        "notes": export.notes(report, voice),
        "plot": picture(report, voice),
        "given": given,
        "kind": kind,
        "by": [(one, voice.column(one)) for one in kind.by],
        "companies": [(one, one) for one in _companies(visit)],
        "warehouses": [(one, one) for one in warehouses],
        "address": urlencode(given),
        "files": list(export.FORMATS),
    }


def _cells(rows: list[list[Cell]], report: Report, language: str) -> list[list[tuple[Any, bool]]]:
    """Each cell as it is shown, and whether it is a number."""
    kinds = [column.kind for column in report.columns]
    return [
        [
            (_cell(cell, kind, language), kind not in ("text", "day"))
            for cell, kind in zip(row, kinds, strict=True)
        ]
        for row in rows
    ]


def _cell(cell: Cell, kind: str, language: str) -> Any:
    if cell is None:
        return "–"
    if isinstance(cell, date):
        return formats.day(language, cell)
    if isinstance(cell, Decimal):
        if kind == "money":
            return formats.decimal(language, cell, 2)
        return (
            f"{formats.decimal(language, cell)} %" if kind == "percent" else formats.decimal(language, cell)
        )
    return grouped(language, cell) if isinstance(cell, int) else cell


def _companies(visit: Visit) -> list[str]:
    return [company.code for company in visit.pomost.config.company]


def _plan_page(
    visit: Visit,
    entered: Mapping[str, str],
    failure: NeedsPerson | None = None,
    *,
    bad: list[planning.BadRow] | None = None,
    empty: bool = False,
    status: int = 200,
) -> Response:
    today = _today(visit)
    if visit.request.method == "POST":
        asked = Asked(today.replace(month=1, day=1), today.replace(month=12, day=31))
    else:
        asked = _asked(visit, "plan")[0]
        if not visit.request.query_params.get("from"):
            # targets are for months: the whole year, unless something else is asked for
            asked = Asked(
                today.replace(month=1, day=1), today.replace(month=12, day=31), asked.company, asked.channel
            )
    said = in_language(visit.language, failure.code, failure.text, failure.advice) if failure else ("", "")
    wrong = [
        (one.row, *in_language(visit.language, one.failure.code, one.failure.text, one.failure.advice))
        for one in (bad or [])
    ]
    return visit.page(
        "reports/plan.html",
        status=status,
        active="reports",
        targets=visit.pomost.store.plans.all(asked.company)[:SHOWN],
        entered={name: entered.get(name, "") for name in _ENTERED},
        fault=" ".join(said).strip(),
        bad=wrong[:_BAD_ROWS],
        bad_count=len(wrong),
        no_rows=empty,
        may_enter=visit.may("operator"),
        **_shown(visit, "plan", asked, _read(visit, "plan", asked)),
    )
