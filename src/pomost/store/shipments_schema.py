"""The table of shipments that were ordered with carriers."""

from __future__ import annotations

from sqlalchemy import Column, Float, ForeignKey, Index, String, Table, Text, UniqueConstraint, text

from pomost.sql import Id
from pomost.store.schema import metadata

__all__ = ["metadata", "shipments"]
_IS_OPEN = text("due_at IS NOT NULL")

shipments = Table(
    "shipments",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False),
    Column("step", String(80), nullable=False),
    Column("carrier", String(40), nullable=False),
    Column("external_id", Text, nullable=False),
    Column("reference", String(50), nullable=False),
    Column("tracking", Text, nullable=False, default=""),
    Column("state", String(12), nullable=False),
    # the carrier's own word
    Column("raw", Text, nullable=False, default=""),
    Column("every_s", Float, nullable=False),
    Column("ordered_at", Float, nullable=False),
    Column("checked_at", Float),
    # none: it is not followed any more
    Column("due_at", Float),
    Column("delivered_at", Float),
    UniqueConstraint("carrier", "reference", name="uq_shipments_once"),
    Index("ix_shipments_due", "due_at", sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN),
    Index("ix_shipments_case", "case_id", "id"),
    Index("ix_shipments_carrier", "carrier", "external_id"),
)
