"""Tables of the embedded ERP. Money to 0.01, quantities and unit prices to 0.0001, kept as integers."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from pomost.sql import Amount, Fine, Id

metadata = MetaData()

companies = Table(
    "led_companies",
    metadata,
    Column("code", String(40), primary_key=True),
    Column("name", String(250), nullable=False),
    Column("nip", String(20), nullable=False, default=""),
    Column("stock_method", String(4), nullable=False, default="FIFO"),
    Column("negative_stock", Boolean, nullable=False, default=False),
)

warehouses = Table(
    "led_warehouses",
    metadata,
    Column("company", String(40), ForeignKey("led_companies.code"), primary_key=True),
    Column("code", String(40), primary_key=True),
    Column("name", String(120), nullable=False, default=""),
    Column("position", Integer, nullable=False, default=0),
)

items = Table(
    "led_items",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("company", String(40), ForeignKey("led_companies.code"), nullable=False),
    Column("sku", String(80), nullable=False),
    Column("name", String(255), nullable=False),
    Column("unit", String(20), nullable=False, default="szt"),
    Column("vat", String(12), nullable=False),
    Column("kind", String(10), nullable=False, default="goods"),
    Column("ean", String(32), nullable=False, default=""),
    UniqueConstraint("company", "sku", name="uq_led_items_sku"),
)

prices = Table(
    "led_prices",
    metadata,
    Column("item_id", Id, ForeignKey("led_items.id"), primary_key=True),
    Column("level", String(40), primary_key=True),
    Column("basis", String(5), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("price", Fine, nullable=False),
)

contractors = Table(
    "led_contractors",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("company", String(40), ForeignKey("led_companies.code"), nullable=False),
    Column("code", String(60), nullable=False),
    Column("name", String(250), nullable=False),
    Column("country", String(2), nullable=False, default="PL"),
    Column("tax_id", String(20), nullable=False, default=""),
    UniqueConstraint("company", "code", name="uq_led_contractors_code"),
    Index("ix_led_contractors_tax_id", "company", "country", "tax_id"),
)

documents = Table(
    "led_documents",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("company", String(40), ForeignKey("led_companies.code"), nullable=False),
    Column("key", String(160), nullable=False),
    Column("kind", String(4), nullable=False),
    Column("number", String(80), nullable=False),
    Column("series", String(20), nullable=False, default=""),
    Column("state", String(10), nullable=False),
    Column("issued_on", Date, nullable=False),
    Column("sold_on", Date),
    Column("due_on", Date),
    Column("warehouse", String(40), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("basis", String(5), nullable=False),
    Column("rate", Fine),
    Column("rate_note", String(120), nullable=False, default=""),
    Column("contractor_id", Id, ForeignKey("led_contractors.id"), nullable=False),
    Column("buyer", Text, nullable=False),
    Column("recipient", Text, nullable=False, default=""),
    Column("net", Amount, nullable=False),
    Column("tax", Amount, nullable=False),
    Column("gross", Amount, nullable=False),
    Column("net_pln", Amount, nullable=False),
    Column("tax_pln", Amount, nullable=False),
    Column("payment_form", String(100), nullable=False, default=""),
    Column("paid", Amount, nullable=False),
    Column("foreign_number", String(80), nullable=False, default=""),
    Column("origin", String(40), nullable=False, default=""),
    Column("notes", Text, nullable=False, default=""),
    Column("attributes", Text, nullable=False, default="{}"),
    Column("sources", Text, nullable=False, default="[]"),
    Column("moves_stock", Boolean, nullable=False, default=False),
    Column("change_no", BigInteger, nullable=False),
    UniqueConstraint("company", "key", name="uq_led_documents_key"),
    UniqueConstraint("company", "kind", "number", name="uq_led_documents_number"),
    Index("ix_led_documents_change", "change_no"),
    Index("ix_led_documents_foreign", "company", "foreign_number"),
)

lines = Table(
    "led_lines",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("document_id", Id, ForeignKey("led_documents.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("item_id", Id, ForeignKey("led_items.id"), nullable=False),
    Column("sku", String(80), nullable=False),
    Column("name", String(255), nullable=False),
    Column("quantity", Fine, nullable=False),
    Column("unit", String(20), nullable=False),
    Column("price", Fine, nullable=False),
    Column("vat", String(12), nullable=False),
    Column("net", Amount, nullable=False),
    Column("tax", Amount, nullable=False),
    Column("gross", Amount, nullable=False),
    Column("service", Boolean, nullable=False),
    Column("order_line", String(80), nullable=False, default=""),
    Column("notes", Text, nullable=False, default=""),
    Column("realised", Fine, nullable=False),
    Column("source_line", Id),
    Column("root_line", Id),
    Column("cost", Amount, nullable=False),
    Index("ix_led_lines_document", "document_id", "position"),
    Index("ix_led_lines_source", "source_line"),
)

stock = Table(
    "led_stock",
    metadata,
    Column("item_id", Id, ForeignKey("led_items.id"), primary_key=True),
    Column("warehouse", String(40), primary_key=True),
    Column("quantity", Fine, nullable=False),
    Column("reserved", Fine, nullable=False),
)

lots = Table(
    "led_lots",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("item_id", Id, ForeignKey("led_items.id"), nullable=False),
    Column("warehouse", String(40), nullable=False),
    Column("line_id", Id, ForeignKey("led_lines.id"), nullable=False),
    Column("received_on", Date, nullable=False),
    Column("quantity", Fine, nullable=False),
    Column("left", Fine, nullable=False),
    Column("unit_cost", Fine, nullable=False),
    Index("ix_led_lots_open", "item_id", "warehouse", "left"),
)

moves = Table(
    "led_moves",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("line_id", Id, ForeignKey("led_lines.id"), nullable=False),
    Column("lot_id", Id, ForeignKey("led_lots.id")),
    Column("quantity", Fine, nullable=False),
    Column("cost", Amount, nullable=False),
    Index("ix_led_moves_line", "line_id"),
)

reservations = Table(
    "led_reservations",
    metadata,
    Column("line_id", Id, ForeignKey("led_lines.id"), primary_key=True),
    Column("item_id", Id, ForeignKey("led_items.id"), nullable=False),
    Column("warehouse", String(40), nullable=False),
    Column("quantity", Fine, nullable=False),
    Index("ix_led_reservations_item", "item_id", "warehouse"),
)

series = Table(
    "led_series",
    metadata,
    Column("company", String(40), ForeignKey("led_companies.code"), primary_key=True),
    Column("kind", String(4), primary_key=True),
    Column("code", String(20), primary_key=True),
    Column("pattern", String(80), nullable=False),
)

counters = Table(
    "led_counters",
    metadata,
    Column("company", String(40), primary_key=True),
    Column("name", String(120), primary_key=True),
    Column("last", BigInteger, nullable=False),
)
