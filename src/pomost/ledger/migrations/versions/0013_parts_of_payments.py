"""One payment settles several documents: which ones, in which order, and what of it is on each."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def _id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "led_part",
        sa.Column("entry_id", _id(), autoincrement=False, nullable=False),
        sa.Column("document_id", _id(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["led_entry.id"], name=op.f("fk_led_part_entry_id")),
        sa.ForeignKeyConstraint(["document_id"], ["led_document.id"], name=op.f("fk_led_part_document_id")),
        sa.PrimaryKeyConstraint("entry_id", "document_id", name=op.f("pk_led_part")),
    )
    op.create_index(op.f("ix_led_part_document_id"), "led_part", ["document_id"])
    op.add_column("led_payment", sa.Column("entry_id", _id(), nullable=True))
    op.create_index(op.f("ix_led_payment_entry_id"), "led_payment", ["entry_id"])
    # what was booked before was settled with one document, under the payment's own key
    op.execute(
        "INSERT INTO led_part (entry_id, document_id, position) "
        "SELECT id, document_id, 1 FROM led_entry WHERE what = 'payment'"
    )
    op.execute(
        "UPDATE led_payment SET entry_id = (SELECT e.id FROM led_entry e WHERE e.what = 'payment' "
        "AND e.company_id = led_payment.company_id AND e.key = led_payment.key) "
        "WHERE EXISTS (SELECT 1 FROM led_entry e WHERE e.what = 'payment' "
        "AND e.company_id = led_payment.company_id AND e.key = led_payment.key)"
    )
