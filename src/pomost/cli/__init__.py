"""The command line."""

from pomost.cli.main import app

__all__ = ["app"]
