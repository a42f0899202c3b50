"""A carrier's sandbox as a process of its own."""

import json
import os
import sys
from collections.abc import Callable

from pomost.ending import Signalled
from pomost.sandbox.carriers import CarrierSandbox


def serve(carrier: CarrierSandbox, ready: Callable[[], None] | None = None, **told: str | int) -> None:
    """Serve until SIGTERM or SIGINT; must run in the main thread.

    ``ready`` is called once its port is open; without it one JSON line with ``url``, what is ``told``, and ``pid`` goes to
    standard output. Raises ``OSError`` for a port that cannot be had.
    """
    ending = Signalled()
    with carrier:
        if ready is not None:
            ready()
        else:
            sys.stdout.write(json.dumps({"url": carrier.url, **told, "pid": os.getpid()}) + "\n")
            sys.stdout.flush()
        while not ending.wait(60.0):
            pass
