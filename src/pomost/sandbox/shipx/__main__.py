"""``python -m pomost.sandbox.shipx``."""

import sys

from pomost.sandbox.shipx.run import options_from, run

try:
    run(options_from())
except (OSError, ValueError) as fault:
    sys.exit(f"The ShipX sandbox cannot run: {fault}")
