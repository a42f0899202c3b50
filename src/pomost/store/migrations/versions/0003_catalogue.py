"""Products of the channels, and the figures that they shall show."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def _id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "catalogues",
        sa.Column("id", _id(), autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    texts = ("parent_id", "sku", "ean", "name", "item", "problem")
    op.create_table(
        "products",
        sa.Column("id", _id(), autoincrement=True, nullable=False),
        sa.Column("catalogue_id", _id(), nullable=False),
        sa.Column("product_id", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in texts),
        sa.Column("listed_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["catalogue_id"], ["catalogues.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("catalogue_id", "product_id", name="uq_products_identity"),
    )
    op.create_index("ix_products_item", "products", ["catalogue_id", "item"])
    op.create_index("ix_products_sku", "products", ["catalogue_id", "sku"])
    op.create_table(
        "figures",
        sa.Column("product", _id(), autoincrement=False, nullable=False),
        sa.Column("what", sa.String(length=5), nullable=False),
        sa.Column("place", sa.String(length=40), nullable=False),
        sa.Column("catalogue_id", _id(), nullable=False),
        sa.Column("wanted", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", sa.Float(), nullable=False),
        sa.Column("sent", sa.BigInteger(), nullable=True),
        sa.Column("sent_at", sa.Float(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=True),
        sa.Column("seen_at", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("product", "what", "place"),
    )
    for name, which in (("unsent", "version > done"), ("problem", "problem <> ''")):
        op.create_index(
            f"ix_figures_{name}",
            "figures",
            ["catalogue_id", "what", "product"],
            sqlite_where=sa.text(which),
            postgresql_where=sa.text(which),
        )
