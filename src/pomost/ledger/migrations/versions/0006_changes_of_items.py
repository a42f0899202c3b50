"""Numbers of the last change of stock rows and of item cards."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("led_stock", "led_item"):
        op.add_column(
            table, sa.Column("change", sa.BigInteger(), nullable=False, server_default=sa.text("0"))
        )
    op.create_index(op.f("ix_led_stock_change"), "led_stock", ["change", "item_id"])
    op.create_index(op.f("ix_led_item_change"), "led_item", ["company_id", "change", "id"])
    op.create_index(op.f("ix_led_component_part_id"), "led_component", ["part_id"])
