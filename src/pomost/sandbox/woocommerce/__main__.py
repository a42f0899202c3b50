"""``python -m pomost.sandbox.woocommerce``."""

import sys

from pomost.sandbox.woocommerce.run import options_from, run

try:
    run(options_from())
except (OSError, ValueError) as fault:
    sys.exit(f"The WooCommerce sandbox cannot run: {fault}")
