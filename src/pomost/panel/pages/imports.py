"""Importing sheets into the ledger: sent, checked, shown, and written as a whole or row by good row."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Literal

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.datastructures import UploadFile

from pomost.imports.apply import apply, check, show
from pomost.imports.columns import KINDS, read_choice
from pomost.imports.export import save_errors
from pomost.imports.rows import Checked
from pomost.panel.progress import Result, start_act
from pomost.panel.uploads import SHOWN, Asked, Upload, Uploads, called, findings_of, headings_of, rows_of
from pomost.panel.web import Operator, Visit
from pomost.ports import Failure, Json
from pomost.progress import Report

router = APIRouter()
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("/imports")
def imports(visit: Operator) -> Response:
    """The form, and what was sent lately."""
    config = visit.pomost.config
    return visit.page(
        "imports/start.html",
        active="imports",
        kinds=KINDS,
        companies=[(one.code, f"{one.code}: {one.name}") for one in config.company],
        upload_mb=config.panel.upload_mb,
        latest=_uploads(visit).latest(),
    )


@router.post("/imports")
def send(visit: Operator) -> Response:
    """Keeps the file and checks it."""
    file = visit.form().get("file")
    kind = next((one for one in KINDS if one == visit.value("kind")), None)
    company = visit.value("company") or visit.pomost.config.company[0].code
    if kind is None or company not in [one.code for one in visit.pomost.config.company]:
        return visit.refused("imports.no-kind", to="/imports")
    if not isinstance(file, UploadFile) or not file.filename:
        return visit.refused("imports.no-file", to="/imports")
    asked = Asked(
        kind=kind,
        company=company,
        name=file.filename.replace("\\", "/").rsplit("/", 1)[-1][:120],
        who=visit.who,
        at=visit.now(),
        sheet=visit.value("sheet")[:100],
        columns=visit.value("columns")[:2_000],
        level=visit.value("level")[:60],
        warehouse=visit.value("warehouse")[:60],
    )
    uploads = _uploads(visit)
    name = uploads.keep(asked, file.file)
    upload = uploads.get(name)
    assert upload is not None
    pomost = visit.pomost

    def work(report: Report) -> str:
        try:
            checked = _checked(visit, upload, report)
            preview = show(pomost.ledger, asked.company, checked)
        except Failure as failure:
            uploads.note_failure(name, failure)
            raise
        uploads.note_found(name, preview)
        return visit.say("imports.checked", name=asked.name, count=checked.total)

    visit.audit("import.check", asked.name, kind=kind, company=company)
    return start_act(
        visit,
        "imports.acts.check",
        work,
        key=f"import {name}",
        link=f"/imports/{name}",
        whole=True,
        name=asked.name,
    )


@router.get("/imports/{name}")
def preview(visit: Operator, name: str) -> Response:
    """What would change, row by row, and what is wrong; or what was written."""
    upload = _upload(visit, name)
    return visit.page(
        "imports/preview.html",
        active="imports",
        upload=upload,
        found={**upload.found, **_changes(visit, upload)},
        outcome=upload.outcome,
        headings=headings_of(upload.asked.kind, visit.language),
        findings=findings_of({"findings": upload.found.get("findings", [])[:SHOWN]}, visit.language),
        shown=SHOWN,
    )


@router.post("/imports/{name}")
def write(visit: Operator, name: str) -> Response:
    """Writes the sheet: all of it, or nothing when a row is bad; or its good rows only."""
    upload = _upload(visit, name)
    asked, uploads, pomost = upload.asked, _uploads(visit), visit.pomost
    how: Literal["all", "good"] = "good" if visit.value("how") == "good" else "all"
    once_more = visit.value("again") == "yes"

    def work(report: Report) -> Result:
        checked = _checked(visit, upload, report)
        report(checked.total, checked.total, visit.say("imports.writing"))
        outcome = apply(pomost.ledger, asked.company, checked, good_rows=how == "good", again=once_more)
        uploads.note_outcome(name, outcome)
        if outcome.already:
            return Result(visit.say("imports.already", numbers=", ".join(outcome.already)))
        if not outcome.written:
            return Result(visit.say("imports.refused", count=len(outcome.preview.bad_rows)))
        facts = {"new": len(outcome.preview.new), "changed": len(outcome.preview.changed)}
        said = visit.say("imports.written", **facts)
        if outcome.documents:
            said = f"{said} {visit.say('imports.documents', numbers=', '.join(outcome.documents))}"
        return Result(said)

    visit.audit("import.apply", asked.name, kind=asked.kind, company=asked.company, how=how)
    return start_act(
        visit,
        "imports.acts.apply",
        work,
        key=f"import {name}",
        link=f"/imports/{name}",
        whole=True,
        name=asked.name,
    )


@router.get("/imports/{name}/errors")
def errors(visit: Operator, name: str) -> Response:
    """The bad rows as they came, with what is wrong in each: to be corrected and sent again."""
    upload = _upload(visit, name)
    if not upload.found.get("findings"):
        raise visit.missing()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "errors.xlsx"
        said = findings_of(upload.found, visit.language)
        heading_row = int(upload.found["heading_row"])
        save_errors(upload.path, upload.asked.sheet, heading_row, said, path, visit.language)
        content = path.read_bytes()
    return visit.download(f"{visit.say('imports.errors-name')}.xlsx", content, _XLSX)


def _checked(visit: Visit, upload: Upload, report: Report) -> Checked:
    asked = upload.asked
    try:
        return check(
            visit.pomost.ledger,
            asked.company,
            asked.kind,
            upload.path,
            sheet=asked.sheet,
            chosen=read_choice(asked.kind, asked.columns),
            warehouse=asked.warehouse,
            level=asked.level,
            told=report,
        )
    except Failure as failure:
        raise called(failure, upload) from None


def _changes(visit: Visit, upload: Upload) -> Json:
    return {
        name: rows_of(upload.found[name], upload.asked.kind, visit.language)
        for name in ("new", "changed")
        if name in upload.found
    }


def _uploads(visit: Visit) -> Uploads:
    return Uploads(visit.pomost.config.data_dir)


def _upload(visit: Visit, name: str) -> Upload:
    found = _uploads(visit).get(name)
    if found is None:
        raise visit.missing()
    return found
