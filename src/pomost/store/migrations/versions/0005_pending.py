"""Goods of orders that no document holds yet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "pending",
        sa.Column("case_id", _id(), autoincrement=False, nullable=False),
        sa.Column("company", sa.String(length=40), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"]),
        sa.PrimaryKeyConstraint("case_id", "company", "sku"),
    )
    op.create_index("ix_pending_item", "pending", ["company", "sku"])
    op.create_table(
        "pending_news",
        sa.Column("catalogue_id", _id(), autoincrement=False, nullable=False),
        sa.Column("company", sa.String(length=40), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("mark", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("catalogue_id", "company", "sku"),
    )
