"""What `pomost serve` or `pomost worker` runs, in a process that a benchmark starts, kills and may profile.

Arguments: the configuration as JSON; serve or worker; a file for the CPU profile (optional).
"""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path

# taken before the long imports, so that a process that is told to end while it begins does not look broken
told_to_end = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: told_to_end.set())

from bench.profiling import Profiler  # noqa: E402
from pomost.bootstrap import assemble  # noqa: E402
from pomost.config.model import Config  # noqa: E402
from pomost.panel.serve import serve, work  # noqa: E402


def main() -> int:
    pomost = assemble(Config.model_validate_json(Path(sys.argv[1]).read_text()))
    if told_to_end.is_set():
        return 0
    run = {"serve": serve, "worker": work}[sys.argv[2]]
    if len(sys.argv) < 4:
        return run(pomost)
    with Profiler(Path(sys.argv[3])):
        return run(pomost)


if __name__ == "__main__":
    sys.exit(main())
