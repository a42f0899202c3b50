"""Item cards: weight, manufacturer, category; texts, pictures and attributes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def _id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("led_item", sa.Column("weight", sa.BigInteger(), nullable=True))
    op.add_column("led_item", sa.Column("manufacturer", sa.Text(), nullable=True))
    op.add_column("led_item", sa.Column("category", sa.Text(), nullable=True))
    op.create_table(
        "led_item_text",
        sa.Column("item_id", _id(), nullable=False),
        sa.Column("field", sa.String(length=20), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["led_item.id"], name=op.f("fk_led_item_text_item_id")),
        sa.PrimaryKeyConstraint("item_id", "field", "language", name=op.f("pk_led_item_text")),
    )
    op.create_table(
        "led_item_picture",
        sa.Column("item_id", _id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["led_item.id"], name=op.f("fk_led_item_picture_item_id")),
        sa.PrimaryKeyConstraint("item_id", "position", name=op.f("pk_led_item_picture")),
    )
    op.create_table(
        "led_item_attribute",
        sa.Column("item_id", _id(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["led_item.id"], name=op.f("fk_led_item_attribute_item_id")),
        sa.PrimaryKeyConstraint("item_id", "name", name=op.f("pk_led_item_attribute")),
    )
    op.create_index(
        op.f("ix_led_item_attribute_value"),
        "led_item_attribute",
        ["name", "value"],
        sqlite_where=sa.text("length(value) <= 100"),
        postgresql_where=sa.text("length(value) <= 100"),
    )
