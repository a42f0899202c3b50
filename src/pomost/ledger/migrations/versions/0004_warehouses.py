"""Transfers between warehouses: where the goods of an MM arrive; series for MM and ZD."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "led_document",
        sa.Column("target_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    )
    company = sa.table("led_company", sa.column("id"))
    series = sa.table(
        "led_series", *(sa.column(name) for name in ("company_id", "kind", "series", "pattern"))
    )
    for kind in ("MM", "ZD"):
        op.execute(
            series.insert().from_select(
                ["company_id", "kind", "series", "pattern"],
                sa.select(
                    company.c.id, sa.literal(kind), sa.literal(""), sa.literal("%SYMBOL/%NUMBER/%YEAR")
                ),
            )
        )
