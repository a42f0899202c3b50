"""Runs the store's migrations on the connection that ``pomost.migrate.upgrade`` gives."""

from __future__ import annotations

from pomost.migrate import run
from pomost.store import outbox_schema, panel_schema

# every module with tables is read, and each has the same metadata
assert outbox_schema.metadata is panel_schema.metadata
run(outbox_schema.metadata, "store_version")
