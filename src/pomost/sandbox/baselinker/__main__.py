"""``python -m pomost.sandbox.baselinker``."""

from pomost.sandbox.baselinker.run import options_from, run

run(options_from())
