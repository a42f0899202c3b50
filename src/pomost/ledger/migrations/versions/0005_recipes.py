"""Recipes of goods that are made, what was made for which order line; series for PWP and RWS."""

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
        "led_recipe",
        sa.Column("item_id", _id(), nullable=False),
        sa.Column("part_id", _id(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("base", sa.BigInteger(), nullable=False),
        sa.Column("of", sa.BigInteger(), nullable=False),
        sa.Column("loss", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["led_item.id"], name=op.f("fk_led_recipe_item_id")),
        sa.ForeignKeyConstraint(["part_id"], ["led_item.id"], name=op.f("fk_led_recipe_part_id")),
        sa.PrimaryKeyConstraint("item_id", "part_id", name=op.f("pk_led_recipe")),
    )
    op.create_table(
        "led_made_for",
        sa.Column("line_id", _id(), autoincrement=False, nullable=False),
        sa.Column("order_line_id", _id(), autoincrement=False, nullable=False),
        sa.Column("item_id", _id(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["line_id"], ["led_line.id"], name=op.f("fk_led_made_for_line_id")),
        sa.PrimaryKeyConstraint("line_id", "order_line_id", name=op.f("pk_led_made_for")),
    )
    op.create_index(op.f("ix_led_made_for_item_id"), "led_made_for", ["item_id"])
    company = sa.table("led_company", sa.column("id"))
    series = sa.table(
        "led_series", *(sa.column(name) for name in ("company_id", "kind", "series", "pattern"))
    )
    for kind in ("PWP", "RWS"):
        op.execute(
            series.insert().from_select(
                ["company_id", "kind", "series", "pattern"],
                sa.select(
                    company.c.id, sa.literal(kind), sa.literal(""), sa.literal("%SYMBOL/%NUMBER/%YEAR")
                ),
            )
        )
