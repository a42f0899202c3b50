"""``python -m pomost.sandbox.baselinker``."""

import sys

from pomost.sandbox.baselinker.run import options_from, run

try:
    run(options_from())
except (OSError, ValueError) as fault:
    sys.exit(f"The BaseLinker sandbox cannot run: {fault}")
