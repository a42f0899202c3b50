"""What machines ask: /health for watchers, /metrics for Prometheus.

Whether it lives is told to everybody; names of connections and numbers only on this machine, to who is signed in, or to a
token with the scope "metrics".
"""

from __future__ import annotations

import ipaddress

from fastapi import APIRouter
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from pomost import __version__
from pomost.panel.web import NotSignedIn, Visit, Visitor

router = APIRouter()


@router.get("/health")
def health(visit: Visitor) -> Response:
    """Always 200 while it answers: whether a connection is stopped is in the text, for restarting would not help."""
    store = visit.pomost.store
    looks = store.looks.all()
    stopped = [look.source for look in looks if look.stopped]
    said: dict[str, object] = {"status": "stopped-connection" if stopped else "ok", "version": __version__}
    if _is_known(visit):
        said["sources"] = [
            {
                "name": look.source,
                "looked_at": look.looked_at,
                "found": look.found,
                "note": look.note or look.stopped,
            }
            for look in looks
        ]
        said["cases"] = store.queries.counts()
    return JSONResponse(said)


@router.get("/metrics")
def metrics(visit: Visitor) -> Response:
    """In the text form of Prometheus."""
    if not _is_known(visit):
        raise NotSignedIn
    counts = visit.pomost.store.queries.counts()
    lines = ["# TYPE pomost_cases gauge"]
    lines += [f'pomost_cases{{state="{state}"}} {n}' for state, n in sorted(counts.items())]
    lines.append("# TYPE pomost_calls_total counter")
    for name, channel in visit.pomost.channels.items():
        lines += [
            f'pomost_calls_total{{connection="{name}",method="{method}"}} {n}'
            for method, n in sorted(channel.calls_made().items())
        ]
    return PlainTextResponse("\n".join(lines) + "\n")


def _is_known(visit: Visit) -> bool:
    if visit.user is not None:
        return True
    given = visit.request.headers.get("authorization", "")
    token = (
        visit.pomost.store.people.token(given.removeprefix("Bearer ").strip(), visit.now()) if given else None
    )
    if token is not None:
        return "metrics" in token.scopes
    try:
        # a proxy on this machine is not the one who asks
        return (
            ipaddress.ip_address(visit.address).is_loopback and "x-forwarded-for" not in visit.request.headers
        )
    except ValueError:
        return False
