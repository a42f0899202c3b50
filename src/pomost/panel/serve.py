"""One process that runs until it is told to stop: the work, the page with the state, /health and /metrics."""

from __future__ import annotations

import signal
import threading
from html import escape

import uvicorn
from fastapi import FastAPI
from fastapi.responses import HTMLResponse, PlainTextResponse

from pomost import __version__
from pomost.bootstrap import Pomost
from pomost.ports import Json
from pomost.words import event_word, one_text


def page_app(pomost: Pomost) -> FastAPI:
    """The state of the connections for people, /health for machines, /metrics for Prometheus."""
    app = FastAPI(title="Pomost", version=__version__, docs_url=None, redoc_url=None)

    @app.get("/health")
    def health() -> dict[str, object]:
        looks = pomost.store.looks.all()
        stopped = [look.source for look in looks if look.stopped]
        return {
            "status": "stopped-connection" if stopped else "ok",
            "version": __version__,
            "sources": [
                {
                    "name": look.source,
                    "looked_at": look.looked_at,
                    "found": look.found,
                    "note": look.note or look.stopped,
                }
                for look in looks
            ],
            "cases": pomost.store.queries.counts(),
        }

    @app.get("/metrics")
    def metrics() -> PlainTextResponse:
        lines = ["# TYPE pomost_cases gauge"]
        lines += [
            f'pomost_cases{{state="{state}"}} {n}'
            for state, n in sorted(pomost.store.queries.counts().items())
        ]
        lines.append("# TYPE pomost_calls_total counter")
        for name, channel in pomost.channels.items():
            lines += [
                f'pomost_calls_total{{connection="{name}",method="{method}"}} {n}'
                for method, n in sorted(channel.client.calls.items())
            ]
        return PlainTextResponse("\n".join(lines) + "\n")

    @app.get("/")
    def page() -> HTMLResponse:
        return HTMLResponse(_page(pomost))

    return app


HEADS = {
    "pl": ("Połączenia", "Zamówienia", "Potrzebny człowiek"),
    "en": ("Connections", "Orders", "Needs a person"),
}


def _page(pomost: Pomost) -> str:
    language = pomost.config.language
    connections, orders, person = HEADS[language]
    looks = "".join(
        f"<tr><td>{escape(look.source)}</td><td>{look.found}</td><td>{escape(one_text(language, look.stopped or look.note) or 'OK')}</td></tr>"
        for look in pomost.store.looks.all()
    )
    counts = "".join(
        f"<tr><td>{escape(event_word(language, state))}</td><td>{n}</td></tr>"
        for state, n in sorted(pomost.store.queries.counts().items())
    )
    waiting = "".join(
        f"<tr><td>{escape(line.number)}</td><td>{escape(event_word(language, line.state))}</td><td>{escape(_why(language, line.waits))}</td></tr>"
        for line in pomost.store.queries.in_state(("doubt", "person", "stopped"), 50)
    )
    return f"""<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>Pomost</title>
<meta name="viewport" content="width=device-width"></head><body><h1>Pomost {__version__}</h1>
<h2>{connections}</h2><table>{looks}</table>
<h2>{orders}</h2><table>{counts}</table>
<h2>{person}</h2><table>{waiting}</table></body></html>"""


def _why(language: str, wait: Json) -> str:
    return one_text(language, str(wait.get("text", "")), str(wait.get("code", "")))


def serve(pomost: Pomost) -> int:
    """Runs everything until SIGTERM or SIGINT; 0 when all work under way was finished. Only in the main thread."""
    config = uvicorn.Config(
        page_app(pomost), host=pomost.config.host, port=pomost.config.port, log_level="warning"
    )
    server = uvicorn.Server(config)
    # good also before the server listens to signals itself; afterwards it raises them again, and a clean end shall
    # stay one: the work under way is finished first

    def end(*_: object) -> None:
        server.should_exit = True

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        pomost.start()
        server.run()
    finally:
        clean = pomost.stop()
        pomost.close()
        for number, handler in before.items():
            signal.signal(number, handler)
    return 0 if clean else 1


def work(pomost: Pomost) -> int:
    """Runs the runner alone until SIGTERM or SIGINT."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    pomost.runner.start()
    # a signal that another thread gets does not end a wait without an end
    while not stop.wait(0.5):
        pass
    clean = pomost.stop()
    pomost.close()
    return 0 if clean else 1
