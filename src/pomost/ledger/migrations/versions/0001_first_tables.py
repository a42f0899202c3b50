"""The first tables of the ledger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "led_clock",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_led_clock")),
    )
    op.create_table(
        "led_company",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("nip", sa.Text(), nullable=False),
        sa.Column("street", sa.Text(), nullable=False),
        sa.Column("postcode", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("bank_account", sa.Text(), nullable=False),
        sa.Column("method", sa.String(length=4), nullable=False),
        sa.Column("negative_stock", sa.Boolean(), nullable=False),
        sa.Column("reserve_beyond_stock", sa.Boolean(), nullable=False),
        sa.CheckConstraint("method IN ('FIFO', 'LIFO', 'AVCO')", name=op.f("ck_led_company_method")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_led_company")),
        sa.UniqueConstraint("code", name=op.f("uq_led_company_code")),
    )
    op.create_table(
        "led_lot",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("warehouse_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("left", sa.BigInteger(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_led_lot")),
    )
    op.create_index(op.f("ix_led_lot_line_id"), "led_lot", ["line_id"], unique=False)
    op.create_index(
        "ix_led_lot_open",
        "led_lot",
        ["warehouse_id", "item_id", "received_on", "id"],
        unique=False,
        sqlite_where=sa.text('"left" <> 0'),
        postgresql_where=sa.text('"left" <> 0'),
    )
    op.create_table(
        "led_stock",
        sa.Column("warehouse_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("warehouse_id", "item_id", name=op.f("pk_led_stock")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_led_stock_item_id", "led_stock", ["item_id"], unique=False)
    op.create_table(
        "led_contractor",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("tax_id", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("street", sa.Text(), nullable=False),
        sa.Column("postcode", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"], ["led_company.id"], name=op.f("fk_led_contractor_company_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_led_contractor")),
        sa.UniqueConstraint("company_id", "code", name=op.f("uq_led_contractor_company_id_code")),
    )
    op.create_index("ix_led_contractor_email", "led_contractor", ["company_id", "email"], unique=False)
    op.create_index("ix_led_contractor_tax_id", "led_contractor", ["company_id", "tax_id"], unique=False)
    op.create_table(
        "led_counter",
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=4), nullable=False),
        sa.Column("period", sa.String(length=200), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("free", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["led_company.id"], name=op.f("fk_led_counter_company_id")),
        sa.PrimaryKeyConstraint("company_id", "kind", "period", name=op.f("pk_led_counter")),
    )
    op.create_table(
        "led_free_number",
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=4), nullable=False),
        sa.Column("period", sa.String(length=200), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"], ["led_company.id"], name=op.f("fk_led_free_number_company_id")
        ),
        sa.PrimaryKeyConstraint("company_id", "kind", "period", "ordinal", name=op.f("pk_led_free_number")),
    )
    op.create_table(
        "led_item",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("vat", sa.Text(), nullable=False),
        sa.Column("ean", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('goods', 'service', 'compound')", name=op.f("ck_led_item_kind")),
        sa.ForeignKeyConstraint(["company_id"], ["led_company.id"], name=op.f("fk_led_item_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_led_item")),
        sa.UniqueConstraint("company_id", "sku", name=op.f("uq_led_item_company_id_sku")),
    )
    op.create_index("ix_led_item_ean", "led_item", ["company_id", "ean"], unique=False)
    op.create_table(
        "led_series",
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=4), nullable=False),
        sa.Column("series", sa.String(length=20), nullable=False),
        sa.Column("pattern", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["led_company.id"], name=op.f("fk_led_series_company_id")),
        sa.PrimaryKeyConstraint("company_id", "kind", "series", name=op.f("pk_led_series")),
    )
    op.create_table(
        "led_warehouse",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["led_company.id"], name=op.f("fk_led_warehouse_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_led_warehouse")),
        sa.UniqueConstraint("company_id", "code", name=op.f("uq_led_warehouse_company_id_code")),
    )
    op.create_table(
        "led_component",
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("part_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["led_item.id"], name=op.f("fk_led_component_item_id")),
        sa.ForeignKeyConstraint(["part_id"], ["led_item.id"], name=op.f("fk_led_component_part_id")),
        sa.PrimaryKeyConstraint("item_id", "part_id", name=op.f("pk_led_component")),
    )
    op.create_table(
        "led_document",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=4), nullable=False),
        sa.Column("series", sa.String(length=20), nullable=False),
        sa.Column("period", sa.String(length=200), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("stock_by", sa.String(length=8), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("sold_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.String(length=32), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("rate", sa.BigInteger(), nullable=True),
        sa.Column("rate_note", sa.Text(), nullable=False),
        sa.Column("basis", sa.String(length=5), nullable=False),
        sa.Column("contractor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("warehouse_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("buyer", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=True),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("gross", sa.BigInteger(), nullable=False),
        sa.Column("net_pln", sa.BigInteger(), nullable=True),
        sa.Column("tax_pln", sa.BigInteger(), nullable=True),
        sa.Column("payment_form", sa.Text(), nullable=False),
        sa.Column("paid", sa.BigInteger(), nullable=False),
        sa.Column("foreign_number", sa.Text(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("attributes", sa.Text(), nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('bufor', 'approved', 'cancelled')", name=op.f("ck_led_document_state")),
        sa.CheckConstraint(
            "stock_by IN ('self', 'later', 'source', 'none')", name=op.f("ck_led_document_stock_by")
        ),
        sa.ForeignKeyConstraint(["company_id"], ["led_company.id"], name=op.f("fk_led_document_company_id")),
        sa.ForeignKeyConstraint(
            ["contractor_id"], ["led_contractor.id"], name=op.f("fk_led_document_contractor_id")
        ),
        sa.ForeignKeyConstraint(
            ["warehouse_id"], ["led_warehouse.id"], name=op.f("fk_led_document_warehouse_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_led_document")),
        sa.UniqueConstraint(
            "company_id", "kind", "number", name=op.f("uq_led_document_company_id_kind_number")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_led_document_change",
        "led_document",
        ["change"],
        unique=False,
        sqlite_where=sa.text("change > 0"),
        postgresql_where=sa.text("change > 0"),
    )
    op.create_index(
        "ix_led_document_foreign_number", "led_document", ["company_id", "foreign_number"], unique=False
    )
    op.create_index("uq_led_document_key", "led_document", ["company_id", "key"], unique=True)
    op.create_table(
        "led_price",
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("basis", sa.String(length=5), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("basis IN ('net', 'gross')", name=op.f("ck_led_price_basis")),
        sa.ForeignKeyConstraint(["item_id"], ["led_item.id"], name=op.f("fk_led_price_item_id")),
        sa.PrimaryKeyConstraint("item_id", "level", name=op.f("pk_led_price")),
    )
    op.create_table(
        "led_line",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("document_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reserved_line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("vat", sa.Text(), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("gross", sa.BigInteger(), nullable=False),
        sa.Column("service", sa.Boolean(), nullable=False),
        sa.Column("order_line", sa.Text(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("attributes", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["led_document.id"], name=op.f("fk_led_line_document_id")),
        sa.ForeignKeyConstraint(["item_id"], ["led_item.id"], name=op.f("fk_led_line_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_led_line")),
    )
    op.create_index(op.f("ix_led_line_document_id"), "led_line", ["document_id"], unique=False)
    op.create_table(
        "led_payment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("document_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["led_company.id"], name=op.f("fk_led_payment_company_id")),
        sa.ForeignKeyConstraint(
            ["document_id"], ["led_document.id"], name=op.f("fk_led_payment_document_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_led_payment")),
        sa.UniqueConstraint("company_id", "key", name=op.f("uq_led_payment_company_id_key")),
    )
    op.create_index(op.f("ix_led_payment_document_id"), "led_payment", ["document_id"], unique=False)
    op.create_table(
        "led_vat_row",
        sa.Column("document_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("vat", sa.Text(), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("gross", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["led_document.id"], name=op.f("fk_led_vat_row_document_id")
        ),
        sa.PrimaryKeyConstraint("document_id", "position", name=op.f("pk_led_vat_row")),
    )
    op.create_table(
        "led_movement",
        sa.Column(
            "line_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "lot_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("warehouse_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["line_id"], ["led_line.id"], name=op.f("fk_led_movement_line_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["led_lot.id"], name=op.f("fk_led_movement_lot_id")),
        sa.PrimaryKeyConstraint("line_id", "lot_id", name=op.f("pk_led_movement")),
    )
    op.create_index("ix_led_movement_lot_id", "led_movement", ["lot_id"], unique=False)
    op.create_table(
        "led_relation",
        sa.Column(
            "source_line_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "target_line_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("source_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("target_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("aspect", sa.String(length=8), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["led_document.id"], name=op.f("fk_led_relation_source_id")),
        sa.ForeignKeyConstraint(["target_id"], ["led_document.id"], name=op.f("fk_led_relation_target_id")),
        sa.ForeignKeyConstraint(
            ["target_line_id"], ["led_line.id"], name=op.f("fk_led_relation_target_line_id")
        ),
        sa.PrimaryKeyConstraint("source_line_id", "target_line_id", name=op.f("pk_led_relation")),
    )
    op.create_index(op.f("ix_led_relation_source_id"), "led_relation", ["source_id"], unique=False)
    op.create_index(op.f("ix_led_relation_target_id"), "led_relation", ["target_id"], unique=False)
    op.create_table(
        "led_reservation",
        sa.Column(
            "line_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "item_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("warehouse_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("open", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["line_id"], ["led_line.id"], name=op.f("fk_led_reservation_line_id")),
        sa.PrimaryKeyConstraint("line_id", "item_id", name=op.f("pk_led_reservation")),
    )
    op.create_index(
        "ix_led_reservation_open",
        "led_reservation",
        ["warehouse_id", "item_id", "line_id"],
        unique=False,
        sqlite_where=sa.text('"open" > 0'),
        postgresql_where=sa.text('"open" > 0'),
    )
