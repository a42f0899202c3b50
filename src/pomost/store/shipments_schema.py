"""The tables of shipments that were ordered with carriers, and of couriers who were called to collect them."""

from __future__ import annotations

from sqlalchemy import Column, Float, ForeignKey, Index, String, Table, Text, UniqueConstraint, text

from pomost.sql import Id
from pomost.store.schema import metadata

__all__ = ["metadata", "pickups", "shipments"]
_IS_OPEN = text("due_at IS NOT NULL")
_IS_CALLED = text("pickup_id IS NOT NULL")

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
    # the call for a courier that it belongs to
    Column("pickup_id", Id),
    UniqueConstraint("carrier", "reference", name="uq_shipments_once"),
    Index("ix_shipments_due", "due_at", sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN),
    Index("ix_shipments_case", "case_id", "id"),
    Index("ix_shipments_carrier", "carrier", "external_id"),
    Index("ix_shipments_pickup", "pickup_id", sqlite_where=_IS_CALLED, postgresql_where=_IS_CALLED),
)

pickups = Table(
    "pickups",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("carrier", String(40), nullable=False),
    # intended, done, failed
    Column("state", String(12), nullable=False),
    Column("external_id", Text, nullable=False, default=""),
    Column("day", String(10), nullable=False),
    Column("begins", String(5), nullable=False),
    Column("ends", String(5), nullable=False),
    # the carrier's ids of the shipments, as JSON
    Column("shipments", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("asked_at", Float, nullable=False),
    Column("ended_at", Float),
    # failure as JSON; empty: none
    Column("error", Text, nullable=False, default=""),
    Index("ix_pickups_carrier", "carrier", "id"),
)
