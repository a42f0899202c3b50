"""A Pomost in a process of its own that kills itself by SIGKILL at a named point of a step, once.

Arguments: configuration as JSON; the point ("ro:made", or "-" for none); "guards-off" to prove the detector.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from pomost.bootstrap import assemble
from pomost.config.model import Config
from pomost.ledger import schema
from pomost.ledger.ledger import Ledger
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
    """Without the unique key and the look-up: what every lookup-only integrator has."""

    def nothing(*_arguments: Any) -> None:
        return None

    schema.documents.constraints = {
        one for one in schema.documents.constraints if one.name != "uq_led_documents_key"
    }
    Ledger.find = nothing  # type: ignore[method-assign, assignment]
    Ledger._known = staticmethod(nothing)  # type: ignore[method-assign, assignment]


if __name__ == "__main__":
    main()
