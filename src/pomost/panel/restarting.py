"""Settings hold without a stop by hand: what is under way is finished, and the same command line begins anew.

Nothing is begun anew with a file that would not come up: it is checked first, and where it is wrong the running process goes
on as it was.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import structlog
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from pomost.checking import check
from pomost.config.load import ConfigError, Problem, load_config
from pomost.config.model import Config
from pomost.ports import Failure

_log = structlog.get_logger("panel")
PAGE_S = 2.0
"""Seconds for which the old process still answers, so that the page which waits for the new one can be shown."""


class Restarting:
    """Of a running Pomost: ``end`` has it end as SIGTERM does; ``wanted`` says then that it is to begin anew."""

    def __init__(self, path: Path | None, running: Config, end: Callable[[], None]) -> None:
        self.path = path
        self.wanted = False
        self._running = running
        self._end = end
        self._lock = threading.Lock()

    def ask(self, after_s: float = 0.0) -> list[Problem]:
        """Ends it so that it begins anew with the file as it is now; where that would not come up, gives why and nothing
        changes."""
        with self._lock:
            problems = self._problems()
            if problems or self.wanted:
                return problems
            self.wanted = True
        timer = threading.Timer(after_s, self._end)
        timer.daemon = True
        timer.start()
        return []

    def cancel(self) -> None:
        """It is to end for good."""
        self.wanted = False

    def on_signal(self) -> None:
        """As SIGHUP asks: what is wrong goes to the log."""
        for problem in self.ask():
            _log.error("serve.not-begun-anew", code=problem.code, place=problem.place)

    def _problems(self) -> list[Problem]:
        if self.path is None:
            return []
        try:
            config = load_config(self.path)
            return check(config) + wrong_places(config, self._running)
        except ConfigError as error:
            return error.problems
        except Failure as failure:
            return [Problem(failure.code, "file", 0, failure.text, failure.advice)]


def wrong_places(config: Config, running: Config) -> list[Problem]:
    """What the running process does not show to be good: another port, another database, another folder."""
    found: list[Problem] = []
    if (config.host, config.port) != (running.host, running.port) and not is_free(
        config.host, config.port, beside=running.port
    ):
        found.append(
            Problem("config.port-taken", "port", 0, "another program listens there", "Choose another port.")
        )
    known = {running.database.url, running.ledger.url}
    for place, url in (("database.url", config.database.url), ("ledger.url", config.ledger.url)):
        if url not in known and not _opens(url):
            found.append(
                Problem(
                    "config.no-database",
                    place,
                    0,
                    "this database can't be opened",
                    "Look whether it is there and who may use it.",
                )
            )
    if config.data_dir != running.data_dir and not _may_write(config.data_dir):
        found.append(
            Problem(
                "config.no-data-dir", "data_dir", 0, "nothing can be written there", "Choose another folder."
            )
        )
    return found


def is_free(host: str, port: int, *, beside: int = 0) -> bool:
    """Whether nobody listens there. ``beside``: the port that this process holds itself, and will have given back."""
    if port and port == beside:
        return True
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError:
            return False
    return True


def _opens(url: str) -> bool:
    if url.startswith("postgresql://"):
        url = "postgresql+psycopg://" + url.removeprefix("postgresql://")
    if url.startswith("sqlite"):
        file = Path(make_url(url).database or "")
        return os.access(file, os.R_OK | os.W_OK) if file.exists() else _may_write(file.parent)
    engine = create_engine(url, connect_args={"connect_timeout": 5})
    try:
        with engine.connect():
            return True
    except SQLAlchemyError:
        return False
    finally:
        engine.dispose()


def _may_write(folder: Path) -> bool:
    """Whether the folder, or the nearest one above it that is there, can be written to."""
    there = next((one for one in (folder, *folder.parents) if one.exists()), None)
    return there is not None and there.is_dir() and os.access(there, os.W_OK | os.X_OK)


def listen(restarting: Restarting, end: Callable[[], None]) -> Callable[[], None]:
    """Has SIGHUP begin it anew; gives what undoes that. Where there is no such signal nothing is done.

    A terminal that is closed sends the same signal: then it ends, as programs in a terminal do.
    """
    number = getattr(signal, "SIGHUP", None)
    if number is None:
        return lambda: None
    in_terminal = _is_terminal()

    def on_hang_up(*_: object) -> None:
        if in_terminal and not _is_terminal():
            restarting.cancel()
            end()
            return
        # not here: the check takes a while, and this is the thread that answers
        threading.Thread(target=restarting.on_signal, name="restart", daemon=True).start()

    before = signal.signal(number, on_hang_up)

    def undo() -> None:
        signal.signal(number, before)

    return undo


def _is_terminal() -> bool:
    try:
        return os.isatty(0)
    except OSError:
        return False


def begin_anew() -> None:
    """The same command line in the same process (on Windows in a new one). Returns on Windows only.

    Only once everything is closed: nothing of this process is left but its number, its folder and its surroundings.
    """
    command = [sys.executable, *sys.orig_argv[1:]]
    _log.info("serve.begins-anew")
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    logging.shutdown()
    if os.name == "nt":
        subprocess.Popen(command)
        return
    # a second SIGHUP before the new one listens to it would end it; what is ignored stays so
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    os.execv(sys.executable, command)


__all__ = ["PAGE_S", "Restarting", "begin_anew", "is_free", "listen", "wrong_places"]
