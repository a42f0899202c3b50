"""A Pomost in a process of its own that kills itself by SIGKILL at a named point of a step, once.

Arguments: configuration as JSON; the point ("ro:made", or "-" for none); "guards-off" to prove the detector.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from pomost.bootstrap import assemble
from pomost.config.model import Config
from pomost.ledger import Ledger, companies, documents
from tests.house import TODAY


def main() -> None:
    config = Config.model_validate_json(Path(sys.argv[1]).read_text())
    point = sys.argv[2]
    if "guards-off" in sys.argv:
        turn_guards_off()

    def at(where: str) -> None:
        if where == point:
            os.kill(os.getpid(), signal.SIGKILL)

    pomost = assemble(config, today=lambda: TODAY, at=at)
    pomost.start()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    while True:
        time.sleep(0.05)


def turn_guards_off() -> None:
    """Without the look-up (the trial has dropped the unique key): what every lookup-only integrator has."""

    def nothing(*_arguments: Any) -> None:
        return None

    def desk_of_a_new_key(*arguments: Any) -> companies.Desk:
        return replace(companies.open_desk(*arguments), existing_id=None)

    Ledger.find = nothing  # type: ignore[method-assign, assignment]
    documents.open_desk = desk_of_a_new_key


if __name__ == "__main__":
    main()
