"""Corrections: what a document corrects, and its lines before and after; series for the new kinds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def _id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "led_correction",
        sa.Column("document_id", _id(), nullable=False),
        sa.Column("corrected_id", _id(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("agreed_on", sa.Date(), nullable=True),
        sa.Column("agreement", sa.Text(), nullable=False),
        sa.Column("refund", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["led_document.id"], name=op.f("fk_led_correction_document_id")
        ),
        sa.ForeignKeyConstraint(
            ["corrected_id"], ["led_document.id"], name=op.f("fk_led_correction_corrected_id")
        ),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_led_correction")),
    )
    op.create_index(op.f("ix_led_correction_corrected_id"), "led_correction", ["corrected_id"])
    op.create_table(
        "led_corrected_line",
        sa.Column("line_id", _id(), autoincrement=False, nullable=False),
        sa.Column("of_line_id", _id(), nullable=False),
        sa.Column("before_quantity", sa.BigInteger(), nullable=False),
        sa.Column("before_price", sa.BigInteger(), nullable=False),
        sa.Column("before_value", sa.BigInteger(), nullable=False),
        sa.Column("after_quantity", sa.BigInteger(), nullable=False),
        sa.Column("after_price", sa.BigInteger(), nullable=False),
        sa.Column("after_value", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["line_id"], ["led_line.id"], name=op.f("fk_led_corrected_line_line_id")),
        sa.PrimaryKeyConstraint("line_id", name=op.f("pk_led_corrected_line")),
    )
    op.create_index(op.f("ix_led_corrected_line_of_line_id"), "led_corrected_line", ["of_line_id"])
    company = sa.table("led_company", sa.column("id"))
    series = sa.table(
        "led_series", *(sa.column(name) for name in ("company_id", "kind", "series", "pattern"))
    )
    for kind in ("FSK", "PAK", "WZK"):
        op.execute(
            series.insert().from_select(
                ["company_id", "kind", "series", "pattern"],
                sa.select(
                    company.c.id, sa.literal(kind), sa.literal(""), sa.literal("%SYMBOL/%NUMBER/%YEAR")
                ),
            )
        )
