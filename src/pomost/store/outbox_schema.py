"""The table of notices to programs outside."""

from __future__ import annotations

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, String, Table, Text, text

from pomost.sql import Id
from pomost.store.schema import metadata

__all__ = ["deliveries", "metadata"]
_IS_OPEN = text("due_at IS NOT NULL")
_IS_TAKEN = text("delivered_at IS NOT NULL")
_IS_UNSENT = text("delivered_at IS NULL")

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("hook", String(40), nullable=False),
    Column("event", String(40), nullable=False),
    Column("case_id", Id, ForeignKey("cases.id")),
    Column("at", Float, nullable=False),
    Column("body", Text, nullable=False),
    # none: it was taken, or given up
    Column("due_at", Float),
    Column("attempts", Integer, nullable=False, default=0),
    Column("lease_owner", String(80)),
    Column("lease_until", Float),
    Column("delivered_at", Float),
    Column("note", Text, nullable=False, default=""),
    Index("ix_deliveries_due", "hook", "due_at", "id", sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN),
    Index("ix_deliveries_case", "hook", "case_id", "id", sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN),
    Index("ix_deliveries_taken", "hook", "delivered_at", sqlite_where=_IS_TAKEN, postgresql_where=_IS_TAKEN),
    Index("ix_deliveries_unsent", "hook", "id", sqlite_where=_IS_UNSENT, postgresql_where=_IS_UNSENT),
    # an id is never given twice: receivers know notices by it
    sqlite_autoincrement=True,
)
