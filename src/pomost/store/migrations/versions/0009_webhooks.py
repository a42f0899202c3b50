"""Notices to programs outside; acts of the audit trail by their time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def _id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_index("ix_audit_at", "audit", ["at", "id"])
    op.create_table(
        "deliveries",
        sa.Column("id", _id(), autoincrement=True, nullable=False),
        sa.Column("hook", sa.String(40), nullable=False),
        sa.Column("event", sa.String(40), nullable=False),
        sa.Column("case_id", _id()),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("due_at", sa.Float()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_owner", sa.String(80)),
        sa.Column("lease_until", sa.Float()),
        sa.Column("delivered_at", sa.Float()),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"]),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    for name, columns, condition in (
        ("due", ["hook", "due_at", "id"], "due_at IS NOT NULL"),
        ("case", ["hook", "case_id", "id"], "due_at IS NOT NULL"),
        ("taken", ["hook", "delivered_at"], "delivered_at IS NOT NULL"),
        ("unsent", ["hook", "id"], "delivered_at IS NULL"),
    ):
        where = sa.text(condition)
        op.create_index(
            f"ix_deliveries_{name}", "deliveries", columns, sqlite_where=where, postgresql_where=where
        )
