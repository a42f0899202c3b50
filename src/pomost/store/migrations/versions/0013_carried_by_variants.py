"""Main products whose stock is that of their variants are no problem any more; they have an index of their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("UPDATE figures SET problem = '' WHERE what = 'stock' AND wanted < 0 AND problem <> ''")
    is_carried = sa.text("wanted < 0")
    op.create_index(
        "ix_figures_carried",
        "figures",
        ["catalogue_id", "what", "product"],
        sqlite_where=is_carried,
        postgresql_where=is_carried,
    )
