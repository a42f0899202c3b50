"""A Pomost in a process of its own that dies (SIGKILL) or freezes (SIGSTOP) at the point of a step that is armed.

Arguments: the trial's folder, with config.json; "guards-off" to prove the detector; "panel" for one that people click in,
its port is in the file that says it is ready. The point is armed by a file, so
that of several processes exactly one, whichever comes there first, is struck: the one that renames the file.
"""

from __future__ import annotations

import importlib
import os
import secrets
import signal
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import false

from pomost.bootstrap import Pomost, assemble
from pomost.catalogue import creating
from pomost.config.model import Config
from pomost.ending import Signalled
from pomost.flows.acts import fiscal, mailing, shipping
from pomost.ledger import Ledger, companies, documents
from pomost.store import figures
from tests.house import TODAY, config_for


def warm() -> None:
    """What every process does first: the libraries are there, and so are the statements that make ready."""
    importlib.import_module("tests.faults.clicks")
    with tempfile.TemporaryDirectory() as name:
        assemble(config_for(Path(name), "http://127.0.0.1:9")).close()


def main(given: str, *modes: str) -> None:
    folder = Path(given)
    config = Config.model_validate_json((folder / "config.json").read_text())
    if "guards-off" in modes:
        turn_guards_off()
    pomost = assemble(config, today=lambda: TODAY, at=lambda point: strike(folder, point, pomost))
    ending = Signalled()
    port = ""
    if "panel" in modes:
        from pomost.panel import owners
        from tests.faults.clicks import open_panel

        # drawn when it is imported, which here was done for all processes together
        owners.RUN = secrets.token_hex(8)
        port = str(open_panel(pomost, lambda point: strike(folder, point, pomost)))
    pomost.start()
    (folder / f"getting-ready-{os.getpid()}").write_text(port)
    (folder / f"getting-ready-{os.getpid()}").rename(folder / f"ready-{os.getpid()}")
    while not ending.wait(60.0):
        pass
    pomost.stop()


def strike(folder: Path, point: str, pomost: Pomost) -> None:
    """Carries out what is armed, once.

    A freeze comes between the write transactions of the other threads: a process that is frozen with SQLite's only
    write lock in its hands holds up everybody, and no program can help that.
    """
    try:
        name, _, armed = (folder / "armed").read_text().partition(" ")
        if armed != point:
            return
        (folder / "armed").rename(folder / f"struck-{point}")
    except FileNotFoundError:
        return
    if name == "SIGSTOP":
        with pomost.store.database.paused(), pomost.ledger._transactions.database.paused():
            os.kill(os.getpid(), signal.SIGSTOP)
            # the stop reaches this thread a moment after the call returns
            time.sleep(0.2)
    else:
        os.kill(os.getpid(), signal.Signals[name])


def turn_guards_off() -> None:
    """Without the look-up (the trial has dropped the unique key): what every lookup-only integrator has."""

    def nothing(*_arguments: Any) -> None:
        return None

    def desk_of_a_new_key(*arguments: Any) -> companies.Desk:
        return replace(companies.open_desk(*arguments), existing_id=None)

    Ledger.find = nothing  # type: ignore[method-assign, assignment]
    documents.open_desk = desk_of_a_new_key
    figures.is_late = lambda given: false()
    fiscal.begun_before = nothing  # type: ignore[assignment]
    mailing.may_have_gone = nothing  # type: ignore[assignment]
    shipping.ordered_before = nothing  # type: ignore[assignment]
    creating.already_there = nothing  # type: ignore[assignment]


if __name__ == "__main__":
    main(*sys.argv[1:])
