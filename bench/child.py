"""What `pomost serve` or `pomost worker` runs, in a process that a benchmark starts, kills and may profile.

Arguments: the configuration as JSON; serve or worker; a file for the CPU profile (optional).
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from bench.profiling import Profiler
from pomost.bootstrap import assemble
from pomost.config.model import Config
from pomost.panel.serve import serve, work


def main() -> int:
    # the server raises the signal once more when it has ended; that must not cut off the end of the work
    signal.signal(signal.SIGTERM, lambda *_: None)
    pomost = assemble(Config.model_validate_json(Path(sys.argv[1]).read_text()))
    run = {"serve": serve, "worker": work}[sys.argv[2]]
    if len(sys.argv) < 4:
        return run(pomost)
    with Profiler(Path(sys.argv[3])):
        return run(pomost)


if __name__ == "__main__":
    sys.exit(main())
