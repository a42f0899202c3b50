"""Documents by the day on which they were issued: reports read the days they are asked for, and no other."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_led_document_issued_on", "led_document", ["company_id", "issued_on"])
