"""What changed in stock is looked for warehouse by warehouse: one seek, whatever other companies changed."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index(op.f("ix_led_stock_change"), "led_stock")
    op.create_index(op.f("ix_led_stock_change"), "led_stock", ["warehouse_id", "change", "item_id"])
