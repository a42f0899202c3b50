"""The words by which a case is found, by the case: searches for several words at once."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_finds_case", "finds", ["case_id", "word"])
