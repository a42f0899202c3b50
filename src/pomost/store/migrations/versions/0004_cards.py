"""Cards that were sent to products, products that are made, and questions about which item a product is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _sending() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.Float(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.Float(), nullable=False),
        sa.Column("sent_at", sa.Float(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=False),
    )


def upgrade() -> None:
    op.add_column("products", sa.Column("missed", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.create_index("ix_products_ean", "products", ["catalogue_id", "ean"])
    op.create_index("ix_products_parent", "products", ["catalogue_id", "parent_id"])
    op.create_table(
        "cards",
        sa.Column("product", _id(), autoincrement=False, nullable=False),
        sa.Column("catalogue_id", _id(), nullable=False),
        *_sending(),
        sa.Column("prints", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("product"),
    )
    op.create_table(
        "births",
        sa.Column("catalogue_id", _id(), autoincrement=False, nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        *_sending(),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("catalogue_id", "item"),
    )
    for table, key in (("cards", "product"), ("births", "item")):
        op.create_index(
            f"ix_{table}_unsent",
            table,
            ["catalogue_id", key],
            sqlite_where=sa.text("version > done"),
            postgresql_where=sa.text("version > done"),
        )
    op.create_table(
        "questions",
        sa.Column("catalogue_id", _id(), autoincrement=False, nullable=False),
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.Float(), nullable=False),
        sa.Column("answer", sa.String(length=8), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("catalogue_id", "product_id"),
    )
