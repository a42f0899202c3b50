"""Runs the ledger's migrations."""

from pomost.ledger.schema import metadata
from pomost.migrate import run

run(metadata, "led_version")
