"""Saved settings are made to hold: Pomost ends what is under way and begins anew, and the page comes back by itself."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from pomost.config.editing import read_file
from pomost.config.load import ConfigError, Problem, load_config
from pomost.config.masking import Mask
from pomost.panel.restarting import PAGE_S
from pomost.panel.web import Administrator, Visit
from pomost.words import in_language

router = APIRouter()


@router.post("/settings/apply")
def apply(visit: Administrator) -> Response:
    """Begins anew with the file as it is now, unless that would not come up."""
    restarting, path = visit.panel.restarting, visit.config_path
    if restarting is None or path is None:
        return visit.refused("settings.apply.not-here", to="/settings")
    problems = restarting.ask(PAGE_S)
    if problems:
        mask = Mask()
        if path.is_file():
            mask.text(read_file(path))
        fault = mask.anywhere(" ".join(_said(visit, one) for one in problems))
        return visit.refused("settings.apply.wrong", to="/settings", fault=fault)
    visit.audit("settings.apply")
    return RedirectResponse(f"/settings/applying?since={quote(_begun(visit))}", 303)


@router.get("/settings/applying")
def applying(visit: Administrator, since: str = "") -> Response:
    """Waits for the process that was begun anew: one that began at another moment than ``since``. Asking /health would not do,
    for the old one answers it, too."""
    asked_by_script = bool(visit.request.headers.get("hx-request"))
    here = f"/settings/applying?since={quote(since)}"
    if since != _begun(visit):
        if asked_by_script:
            return Response(status_code=204, headers={"HX-Redirect": here})
        return visit.done("settings.apply.done", to="/settings") if since else RedirectResponse("/settings")
    if asked_by_script:
        return Response(status_code=204)
    return visit.page(
        "settings/applying.html", active="settings", here=here, elsewhere=_elsewhere(visit), since=since
    )


def _begun(visit: Visit) -> str:
    """What tells this process from the one before and the one after it."""
    return f"{visit.panel.begun_at:.6f}"


def _elsewhere(visit: Visit) -> str:
    """Where it will be found if the file names another port; empty: where it is."""
    if visit.config_path is None:
        return ""
    try:
        port = load_config(visit.config_path).port
    except ConfigError:
        return ""
    url = visit.request.url
    # behind a proxy the port of the address is not ours
    if port in (0, visit.pomost.config.port) or url.port != visit.pomost.config.port:
        return ""
    return str(url.replace(port=port, path="/settings", query=""))


def _said(visit: Visit, problem: Problem) -> str:
    text, advice = in_language(visit.language, problem.code, problem.text, problem.advice)
    return f"{problem.place}: {text.removesuffix('.')}. {advice}".strip()
