"""Couriers who were called to collect shipments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def _id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "pickups",
        sa.Column("id", _id(), autoincrement=True, nullable=False),
        sa.Column("carrier", sa.String(40), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("begins", sa.String(5), nullable=False),
        sa.Column("ends", sa.String(5), nullable=False),
        sa.Column("shipments", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.Float(), nullable=False),
        sa.Column("ended_at", sa.Float()),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_pickups_carrier", "pickups", ["carrier", "id"])
    op.add_column("shipments", sa.Column("pickup_id", _id()))
    is_called = sa.text("pickup_id IS NOT NULL")
    op.create_index(
        "ix_shipments_pickup",
        "shipments",
        ["pickup_id"],
        sqlite_where=is_called,
        postgresql_where=is_called,
    )
