"""Runs the store's migrations on the connection that ``pomost.migrate.upgrade`` gives."""

from __future__ import annotations

from pomost.migrate import run
from pomost.store.panel_schema import metadata

run(metadata, "store_version")
