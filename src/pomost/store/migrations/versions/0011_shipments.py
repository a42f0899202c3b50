"""Shipments that were ordered with carriers, and where they are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def _id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "shipments",
        sa.Column("id", _id(), autoincrement=True, nullable=False),
        sa.Column("case_id", _id(), nullable=False),
        sa.Column("step", sa.String(80), nullable=False),
        sa.Column("carrier", sa.String(40), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("reference", sa.String(50), nullable=False),
        sa.Column("tracking", sa.Text(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("every_s", sa.Float(), nullable=False),
        sa.Column("ordered_at", sa.Float(), nullable=False),
        sa.Column("checked_at", sa.Float()),
        sa.Column("due_at", sa.Float()),
        sa.Column("delivered_at", sa.Float()),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("carrier", "reference", name="uq_shipments_once"),
    )
    is_open = sa.text("due_at IS NOT NULL")
    op.create_index(
        "ix_shipments_due", "shipments", ["due_at"], sqlite_where=is_open, postgresql_where=is_open
    )
    op.create_index("ix_shipments_case", "shipments", ["case_id", "id"])
    op.create_index("ix_shipments_carrier", "shipments", ["carrier", "external_id"])
