"""Long acts, and the indexes of work lists and of the pages of stock and prices."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def _id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "acts",
        sa.Column("id", _id(), autoincrement=True, nullable=False),
        sa.Column("key", sa.String(160), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("who", sa.String(80), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("started_at", sa.Float(), nullable=False),
        sa.Column("beat_at", sa.Float(), nullable=False),
        sa.Column("ended_at", sa.Float()),
        sa.PrimaryKeyConstraint("id"),
    )
    _partial("uq_acts_running", "acts", ["key"], "ended_at IS NULL", unique=True)
    op.create_index("ix_acts_started", "acts", ["started_at"])
    _partial("ix_cases_open", "cases", ["state", "kind", "since", "id"], "state <> 'done'")
    op.create_index("ix_products_place", "products", ["catalogue_id", "id"])
    _partial("ix_products_problem", "products", ["catalogue_id", "id"], "problem <> ''")
    drifted = "seen_at IS NOT NULL AND done = version AND decided_at < seen_at"
    _partial("ix_figures_drift", "figures", ["catalogue_id", "what", "product"], drifted)
    _partial("ix_cards_problem", "cards", ["catalogue_id", "product"], "problem <> ''")


def _partial(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    op.create_index(
        name, table, columns, unique=unique, sqlite_where=sa.text(where), postgresql_where=sa.text(where)
    )
