"""Item cards: sizes in cm, and the main item of a variant."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("height", "width", "length"):
        op.add_column("led_item", sa.Column(name, sa.BigInteger(), nullable=True))
    op.add_column("led_item", sa.Column("parent", sa.Text(), nullable=True))
    is_variant = sa.text("parent IS NOT NULL")
    op.create_index(
        op.f("ix_led_item_parent"),
        "led_item",
        ["company_id", "parent"],
        sqlite_where=is_variant,
        postgresql_where=is_variant,
    )
