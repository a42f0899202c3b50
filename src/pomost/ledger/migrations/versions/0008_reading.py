"""Indexes for lists that people look at: documents by series, contractor and state; the history of an item."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_led_document_listed", "led_document", ["company_id", "kind", "series", "issued_on", "id"]
    )
    op.create_index(
        "ix_led_document_of_contractor", "led_document", ["contractor_id", "kind", "issued_on", "id"]
    )
    op.create_index(
        "ix_led_document_unusual",
        "led_document",
        ["company_id", "kind", "state", "issued_on", "id"],
        sqlite_where=sa.text("state <> 'approved'"),
        postgresql_where=sa.text("state <> 'approved'"),
    )
    op.create_index("ix_led_line_item_id", "led_line", ["item_id", "id"])
