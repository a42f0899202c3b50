"""The panel as one application: pages, static files, what machines ask, and what is shown when something is wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware

from pomost import __version__
from pomost.bootstrap import Pomost
from pomost.panel.api import describing, hooks, hooks_carriers, hooks_channels
from pomost.panel.api.app import PLACE, make_api
from pomost.panel.guards import KnownHost, SafeHeaders, SizeLimit, allowed_hosts
from pomost.panel.pages import (
    account,
    acts,
    applying,
    audit,
    cards,
    changing,
    contractors,
    documents,
    flows,
    imports,
    items,
    logs,
    machines,
    order,
    orders,
    printing,
    reports,
    sandbox,
    settings,
    shipments,
    start,
    stock,
    tokens,
    users,
    webhooks,
    worklists,
)
from pomost.panel.web import Forged, Missing, NotAllowed, NotSignedIn, Panel, Visit, language_of, whoever
from pomost.ports import Failure
from pomost.words import in_language

ROUTERS = (
    account.router,
    contractors.router,
    documents.router,
    # before items: its address would be taken for that of an item
    changing.router,
    items.router,
    machines.router,
    start.router,
    orders.router,
    order.router,
    users.router,
    audit.router,
    tokens.router,
    webhooks.router,
    describing.router,
    hooks.router,
    # before the channels: it is the closer address
    hooks_carriers.router,
    hooks_channels.router,
    reports.router,
    flows.router,
    settings.router,
    applying.router,
    printing.router,
    shipments.router,
    logs.router,
    sandbox.router,
    acts.router,
    cards.router,
    imports.router,
    stock.router,
    worklists.router,
)
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".txt": "text/plain"}
_log = structlog.get_logger("panel")
Answer = Callable[[Request, Exception], Awaitable[Response]]


def make_app(pomost: Pomost, config_path: Path | None = None) -> FastAPI:
    """The application; ``config_path`` is the file that the settings pages edit."""
    app = FastAPI(title="Pomost", version=__version__, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.panel = Panel(pomost, config_path)
    for router in ROUTERS:
        app.include_router(router)
    app.add_api_route("/static/{name}", _static, include_in_schema=False)
    app.state.api = make_api(app.state.panel)
    app.mount(PLACE, app.state.api)
    # the last that is added is the first that is met
    app.add_middleware(GZipMiddleware, minimum_size=1_000)
    app.add_middleware(SizeLimit, most=pomost.config.panel.upload_mb * 1_000_000)
    app.add_middleware(KnownHost, names=allowed_hosts(pomost.config))
    app.add_middleware(SafeHeaders)
    for kind, answer in (
        (NotSignedIn, _sign_in),
        (NotAllowed, _not_allowed),
        (Forged, _forged),
        (Missing, _missing),
        (Failure, _failure),
        (RequestValidationError, _bad_request),
        (HTTPException, _http),
        (Exception, _broken),
    ):
        app.add_exception_handler(kind, answer)
    return app


def _static(name: str) -> Response:
    """Files of ours. Their addresses carry a mark of their content, so they may be kept for ever."""
    suffix = Path(name).suffix
    path = files("pomost.panel").joinpath("static", name)
    if suffix not in _TYPES or "/" in name or not path.is_file():
        raise Missing
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(path.read_bytes(), media_type=f"{_TYPES[suffix]}; charset=utf-8", headers=headers)


async def _sign_in(request: Request, _: Exception) -> Response:
    if request.headers.get("hx-request"):
        return Response(status_code=401, headers={"HX-Redirect": "/login"})
    if request.method != "GET":
        visit = await _visit(request)
        return visit.refused("frame.errors.signed-out", to=f"/login?to={quote(visit.here)}")
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/login?to={quote(path)}", 303)


async def _not_allowed(request: Request, error: Exception) -> Response:
    needed = error.needed if isinstance(error, NotAllowed) else ""
    role = (await _visit(request)).say(f"users.roles.{needed}") if needed else ""
    return await _page(request, 403, "not-allowed", role=role)


async def _forged(request: Request, _: Exception) -> Response:
    return await _page(request, 403, "forged")


async def _missing(request: Request, _: Exception) -> Response:
    return await _page(request, 404, "missing")


async def _bad_request(request: Request, error: Exception) -> Response:
    fields = {".".join(str(part) for part in one["loc"][1:]) for one in getattr(error, "errors", list)()}
    return await _page(request, 400, "bad-request", fields=", ".join(sorted(fields)))


async def _http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return await _page(request, status, "missing" if status == 404 else "bad-request", fields="")


async def _failure(request: Request, error: Exception) -> Response:
    assert isinstance(error, Failure)
    visit = await _visit(request)
    said, advice = in_language(visit.language, error.code, error.text, error.advice)
    return visit.page(
        "error.html",
        status=409,
        head=visit.say("frame.errors.failure"),
        said=said,
        advice=advice,
        code=error.code,
    )


async def _broken(request: Request, error: Exception) -> Response:
    _log.error("panel.broken", path=request.url.path, error=type(error).__name__, exc_info=error)
    return await _page(request, 500, "broken")


async def _page(request: Request, status: int, key: str, **facts: object) -> Response:
    visit = await _visit(request)
    return visit.page(
        "error.html",
        status=status,
        head=visit.say(f"frame.errors.{key}"),
        said=visit.say(f"frame.errors.{key}-text", **facts),
        advice="",
        code="",
    )


async def _visit(request: Request) -> Visit:
    """A visit for a page of error: with the menu of whoever asks, unless that is what can't be found out."""
    try:
        return await whoever(request)
    except Exception as error:  # noqa: BLE001 - the page of an error must come whatever is broken
        _log.error("panel.unknown-visitor", error=type(error).__name__)
        panel: Panel = request.app.state.panel
        return Visit(panel, request, None, language_of(request, panel.pomost.config.language), "error")
