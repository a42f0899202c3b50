"""Advance invoices: what final invoices settle, the orders that advances are paid towards; series for FPF and FZAL."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def _id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _amounts() -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in ("net", "tax", "gross")]


def upgrade() -> None:
    op.create_table(
        "led_settled",
        sa.Column("document_id", _id(), autoincrement=False, nullable=False),
        sa.Column("advance_id", _id(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("vat", sa.Text(), nullable=False),
        *_amounts(),
        sa.ForeignKeyConstraint(
            ["document_id"], ["led_document.id"], name=op.f("fk_led_settled_document_id")
        ),
        sa.ForeignKeyConstraint(["advance_id"], ["led_document.id"], name=op.f("fk_led_settled_advance_id")),
        sa.PrimaryKeyConstraint("document_id", "advance_id", "position", name=op.f("pk_led_settled")),
    )
    op.create_index(op.f("ix_led_settled_advance_id"), "led_settled", ["advance_id"])
    op.create_table(
        "led_ordered_line",
        sa.Column("document_id", _id(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("vat", sa.Text(), nullable=False),
        *_amounts(),
        sa.ForeignKeyConstraint(
            ["document_id"], ["led_document.id"], name=op.f("fk_led_ordered_line_document_id")
        ),
        sa.PrimaryKeyConstraint("document_id", "position", name=op.f("pk_led_ordered_line")),
    )
    company = sa.table("led_company", sa.column("id"))
    series = sa.table(
        "led_series", *(sa.column(name) for name in ("company_id", "kind", "series", "pattern"))
    )
    for kind in ("FPF", "FZAL"):
        op.execute(
            series.insert().from_select(
                ["company_id", "kind", "series", "pattern"],
                sa.select(
                    company.c.id, sa.literal(kind), sa.literal(""), sa.literal("%SYMBOL/%NUMBER/%YEAR")
                ),
            )
        )
