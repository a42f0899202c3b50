"""The start page: what came in, what was made, what waits and why, and how each connection is."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from pomost.panel.web import Reader

router = APIRouter()


@router.get("/")
def start(visit: Reader) -> Response:
    """How it stands now."""
    store = visit.pomost.store
    return visit.page(
        "start/start.html", active="start", counts=store.queries.counts(), looks=store.looks.all()
    )
