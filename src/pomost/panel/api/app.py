"""The API as an application of its own below the panel: its errors are JSON, its description holds its addresses only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from pomost import __version__
from pomost.panel.api import documents, orders, prints, pushing, shipping
from pomost.panel.api.access import Refusal, Scope, refused
from pomost.panel.api.models import Refused
from pomost.panel.web import Panel
from pomost.ports import Failure, NeedsPerson

PLACE = "/api/v1"
_log = structlog.get_logger("panel")
_WHY: Mapping[int | str, dict[str, Any]] = {
    401: {"model": Refused, "description": "No token, or one that is not good."},
    403: {"model": Refused, "description": "The token does not have the scope."},
    404: {"model": Refused, "description": "There is no such thing."},
    409: {"model": Refused, "description": "It can't be done as things stand; nothing was changed."},
    422: {"model": Refused, "description": "A value makes no sense."},
    429: {"model": Refused, "description": "Too many attempts failed; Retry-After says how long to wait."},
}


def make_api(panel: Panel) -> FastAPI:
    """To be mounted at ``PLACE``."""
    api = FastAPI(
        title="Pomost",
        version=__version__,
        description="Orders, documents, stock and prints for programs. Each call carries a token with the scope it needs.",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        servers=[{"url": PLACE}],
        responses=dict(_WHY),
    )
    api.state.panel = panel
    for router in (orders.router, documents.router, pushing.router, prints.router, shipping.router):
        for route in router.routes:
            if isinstance(route, APIRoute):
                route.openapi_extra = {"x-scope": scope_of(route)}
        api.include_router(router)
    for kind, answer in (
        (Refusal, _refusal),
        (Failure, _failure),
        (RequestValidationError, _bad_value),
        (HTTPException, _http),
        (Exception, _broken),
    ):
        api.add_exception_handler(kind, answer)
    return api


def scope_of(route: APIRoute) -> str:
    """The scope that an address needs."""
    return next(one.call.scope for one in route.dependant.dependencies if isinstance(one.call, Scope))


async def _refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return refused(request, error.status, error.why, error.wait_s)


async def _failure(request: Request, error: Exception) -> Response:
    assert isinstance(error, Failure)
    return refused(request, 409, error)


async def _bad_value(request: Request, error: Exception) -> Response:
    fields = {".".join(str(part) for part in one["loc"][1:]) for one in getattr(error, "errors", list)()}
    said = ", ".join(sorted(fields - {""})) or "body"
    return refused(
        request,
        422,
        NeedsPerson(
            "api.bad-value", f"Wrong values: {said}.", "The description of the API says what may stand there."
        ),
    )


async def _http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return refused(
        request, status, NeedsPerson("api.no-address", "There is no such address.", "See /api/docs.")
    )


async def _broken(request: Request, error: Exception) -> Response:
    _log.error("api.broken", path=request.url.path, error=type(error).__name__, exc_info=error)
    return refused(
        request,
        500,
        NeedsPerson("api.broken", "Something went wrong on our side.", "The log has the details."),
    )
