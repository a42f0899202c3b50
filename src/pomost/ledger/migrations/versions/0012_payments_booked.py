"""Entries on the accounts of operators, banks and tills: payments that were booked, and their fees."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def _id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "led_entry",
        sa.Column("id", _id(), nullable=False),
        sa.Column("company_id", _id(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("document_id", _id(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["led_company.id"], name=op.f("fk_led_entry_company_id")),
        sa.ForeignKeyConstraint(["document_id"], ["led_document.id"], name=op.f("fk_led_entry_document_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_led_entry")),
        sa.UniqueConstraint("company_id", "key", "what", name=op.f("uq_led_entry_company_id_key_what")),
    )
    op.create_index(op.f("ix_led_entry_document_id"), "led_entry", ["document_id"])
    op.create_index("ix_led_entry_account", "led_entry", ["company_id", "account", "booked_on", "id"])
