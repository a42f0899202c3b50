"""One process that runs until it is told to stop: the work, the panel, /health and /metrics."""

from __future__ import annotations

import gc
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import structlog
import uvicorn
from fastapi import FastAPI

from pomost.bootstrap import Pomost
from pomost.ending import Signalled
from pomost.panel.app import make_app
from pomost.panel.owners import end_those_of_the_dead
from pomost.panel.pages.account import first_link
from pomost.panel.restarting import Restarting, begin_anew, listen

_log = structlog.get_logger("panel")
_FOLLOWERS_S = 3
"""Seconds that pages which follow live are given to end."""


class Server(uvicorn.Server):
    """Tells pages that follow live when it ends: each of them would keep it from ending."""

    def __init__(self, app: FastAPI, host: str, port: int) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                host=host,
                port=port,
                log_config=None,
                log_level="warning",
                timeout_graceful_shutdown=_FOLLOWERS_S,
                server_header=False,
            )
        )
        self._closing: threading.Event = app.state.panel.closing

    async def shutdown(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        self._closing.set()
        await super().shutdown(sockets)  # type: ignore[arg-type]


def serve(
    pomost: Pomost, config_path: Path | None = None, tell: Callable[[str], None] = lambda link: None
) -> int:
    """Runs everything until SIGTERM or SIGINT; 0 when all work under way was finished. Only in the main thread.

    SIGHUP, and the settings pages, have it end in the same way and begin anew with the file as it is then; does not return.

    ``tell`` gets the one-time link of the first administrator while there is no user.
    """
    app = make_app(pomost, config_path)
    gc.freeze()  # it lives as long as the process; no garbage is there
    server = Server(app, pomost.config.host, pomost.config.port)

    def finish() -> None:
        server.should_exit = True

    restarting = app.state.panel.restarting = Restarting(config_path, pomost.config, finish)
    # good also before the server listens to signals itself; afterwards it raises them again, and a clean end shall
    # stay one: the work under way is finished first

    def end(*_: object) -> None:
        restarting.cancel()
        finish()

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    unlisten = listen(restarting, end)
    try:
        link = first_link(pomost)
        if link:
            tell(link)
        end_those_of_the_dead(pomost.store.acts)
        pomost.start()
        server.run()
    finally:
        clean = pomost.stop()
        pomost.close()
        for number, handler in before.items():
            signal.signal(number, handler)
        if not restarting.wanted:
            unlisten()
    if restarting.wanted:
        if not clean:
            _log.warning("serve.cut-off")
        begin_anew()
    return 0 if clean else 1


def work(pomost: Pomost) -> int:
    """Runs the runner alone until SIGTERM or SIGINT."""
    ending = Signalled()
    gc.freeze()
    pomost.runner.start()
    while not ending.wait(60.0):
        pass
    clean = pomost.stop()
    pomost.close()
    return 0 if clean else 1
