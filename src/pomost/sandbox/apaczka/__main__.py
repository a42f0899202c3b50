"""``python -m pomost.sandbox.apaczka``."""

import sys

from pomost.sandbox.apaczka.run import options_from, run

try:
    run(options_from())
except (OSError, ValueError) as fault:
    sys.exit(f"The Apaczka sandbox cannot run: {fault}")
