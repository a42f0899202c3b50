"""Purchases that are compared with one another, and orders that are parts of one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    identity = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "purchases",
        sa.Column("id", identity, autoincrement=True, nullable=False),
        sa.Column("case_id", identity, nullable=False),
        sa.Column("print", sa.String(length=64), nullable=False),
        sa.Column("placed_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("case_id", "print", name="uq_purchases_once"),
    )
    op.create_index("ix_purchases_print", "purchases", ["print", "id"])
    op.create_table(
        "kin",
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("external_id", sa.String(length=80), nullable=False),
        sa.Column("other_id", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("source", "external_id", "other_id"),
    )
