"""A command as typed, in a process that was forked after all was imported (``tests.nursery``)."""

from __future__ import annotations

import sys

from pomost.cli import app


def main(*words: str) -> None:
    sys.argv[:] = ["pomost", *words]
    app(prog_name="pomost")
