"""``python -m pomost``: the command line."""

from pomost.cli import app

app(prog_name="pomost")
