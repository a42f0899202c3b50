"""The ledger's tables. Amounts are whole numbers in the database and Decimal in Python, so no database rounds them.

Line ids are not drawn from a sequence: the line at position n of document d has id d * LINES_PER_DOCUMENT + n.
Sorting lines by id therefore sorts them by document and position, and whole documents are written without asking
the database which ids it gave.

Rows that every document touches (warehouse, item card) are parents of documents and lines only. Lots, movements,
reservations and stock name them without a foreign key: PostgreSQL would write a lock into the parent's row for each
of them, and all writers would meet there. Cards and warehouses are never deleted.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
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
    text,
)

from pomost.sql import Amount, Fine, Id, Rate

LINES_PER_DOCUMENT = 100_000

# What comes from outside or is free to choose is Text: only our own short words have a length.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


company = Table(
    "led_company",
    metadata,
    Column("id", Id, primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("nip", Text, nullable=False),
    Column("street", Text, nullable=False),
    Column("postcode", Text, nullable=False),
    Column("city", Text, nullable=False),
    Column("country", Text, nullable=False),
    Column("bank_account", Text, nullable=False),
    Column("method", String(4), nullable=False),
    Column("negative_stock", Boolean, nullable=False),
    Column("reserve_beyond_stock", Boolean, nullable=False),
    CheckConstraint("method IN ('FIFO', 'LIFO', 'AVCO')", name="method"),
)

warehouse = Table(
    "led_warehouse",
    metadata,
    Column("id", Id, primary_key=True),
    Column("company_id", Id, ForeignKey("led_company.id"), nullable=False),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    UniqueConstraint("company_id", "code"),
)

series = Table(
    "led_series",
    metadata,
    Column("company_id", Id, ForeignKey("led_company.id"), primary_key=True),
    Column("kind", String(4), primary_key=True),
    Column("series", String(20), primary_key=True),
    Column("pattern", String(80), nullable=False),
)

counter = Table(
    "led_counter",
    metadata,
    Column("company_id", Id, ForeignKey("led_company.id"), primary_key=True),
    Column("kind", String(4), primary_key=True),
    Column("period", String(200), primary_key=True),
    Column("last", Integer, nullable=False),
    Column("free", Integer, nullable=False),
)

free_number = Table(
    "led_free_number",
    metadata,
    Column("company_id", Id, ForeignKey("led_company.id"), primary_key=True),
    Column("kind", String(4), primary_key=True),
    Column("period", String(200), primary_key=True),
    Column("ordinal", Integer, primary_key=True),
)

clock = Table(
    "led_clock",
    metadata,
    Column("name", String(20), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

item = Table(
    "led_item",
    metadata,
    Column("id", Id, primary_key=True),
    Column("company_id", Id, ForeignKey("led_company.id"), nullable=False),
    Column("sku", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", String(8), nullable=False),
    Column("unit", Text, nullable=False),
    Column("vat", Text, nullable=False),
    Column("ean", Text, nullable=False),
    # the number of the last change of the card or of a price (``change_numbers``)
    Column("change", BigInteger, nullable=False, server_default=text("0")),
    # kg; NULL here and below: nothing is known
    Column("weight", Fine),
    Column("manufacturer", Text),
    Column("category", Text),
    # cm
    Column("height", Fine),
    Column("width", Fine),
    Column("length", Fine),
    # the SKU of the main item, of a variant
    Column("parent", Text),
    UniqueConstraint("company_id", "sku"),
    CheckConstraint("kind IN ('goods', 'service', 'compound')", name="kind"),
)
Index("ix_led_item_ean", item.c.company_id, item.c.ean)
_IS_VARIANT = text("parent IS NOT NULL")
Index(
    "ix_led_item_parent",
    item.c.company_id,
    item.c.parent,
    sqlite_where=_IS_VARIANT,
    postgresql_where=_IS_VARIANT,
)
Index("ix_led_item_change", item.c.company_id, item.c.change, item.c.id)

# descriptions (language "": the company's own), names and descriptions in other languages
item_text = Table(
    "led_item_text",
    metadata,
    Column("item_id", Id, ForeignKey("led_item.id"), primary_key=True),
    Column("field", String(20), primary_key=True),
    Column("language", String(8), primary_key=True),
    Column("text", Text, nullable=False),
)

item_picture = Table(
    "led_item_picture",
    metadata,
    Column("item_id", Id, ForeignKey("led_item.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("address", Text, nullable=False),
)

_SHORT_VALUE = text("length(value) <= 100")
item_attribute = Table(
    "led_item_attribute",
    metadata,
    Column("item_id", Id, ForeignKey("led_item.id"), primary_key=True),
    Column("name", String(200), primary_key=True),
    Column("value", Text, nullable=False),
    # a key of another system is short; a long value would not fit into an index of PostgreSQL
    Index(
        "ix_led_item_attribute_value",
        "name",
        "value",
        sqlite_where=_SHORT_VALUE,
        postgresql_where=_SHORT_VALUE,
    ),
)

component = Table(
    "led_component",
    metadata,
    Column("item_id", Id, ForeignKey("led_item.id"), primary_key=True),
    Column("part_id", Id, ForeignKey("led_item.id"), primary_key=True),
    Column("quantity", Fine, nullable=False),
    Index("ix_led_component_part_id", "part_id"),
)

# of goods that are made: what one base unit of them takes; ``of`` units are ``base`` of the part's own
recipe = Table(
    "led_recipe",
    metadata,
    Column("item_id", Id, ForeignKey("led_item.id"), primary_key=True),
    Column("part_id", Id, ForeignKey("led_item.id"), primary_key=True),
    Column("quantity", Fine, nullable=False),
    Column("unit", Text, nullable=False),
    Column("base", Fine, nullable=False),
    Column("of", Fine, nullable=False),
    Column("loss", Fine, nullable=False),
)

# products that were made for an order line: an older order that is short does not get them
made_for = Table(
    "led_made_for",
    metadata,
    Column("line_id", Id, ForeignKey("led_line.id"), primary_key=True, autoincrement=False),
    Column("order_line_id", Id, primary_key=True, autoincrement=False),
    Column("item_id", Id, nullable=False, index=True),
    Column("quantity", Fine, nullable=False),
)

price = Table(
    "led_price",
    metadata,
    Column("item_id", Id, ForeignKey("led_item.id"), primary_key=True),
    Column("level", Text, primary_key=True),
    Column("basis", String(5), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("price", Fine, nullable=False),
    CheckConstraint("basis IN ('net', 'gross')", name="basis"),
)

contractor = Table(
    "led_contractor",
    metadata,
    Column("id", Id, primary_key=True),
    Column("company_id", Id, ForeignKey("led_company.id"), nullable=False),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("tax_id", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("street", Text, nullable=False),
    Column("postcode", Text, nullable=False),
    Column("city", Text, nullable=False),
    Column("country", Text, nullable=False),
    UniqueConstraint("company_id", "code"),
)
Index("ix_led_contractor_tax_id", contractor.c.company_id, contractor.c.tax_id)
Index("ix_led_contractor_email", contractor.c.company_id, contractor.c.email)

document = Table(
    "led_document",
    metadata,
    Column("id", Id, primary_key=True),
    Column("company_id", Id, ForeignKey("led_company.id"), nullable=False),
    Column("key", Text, nullable=False),
    Column("kind", String(4), nullable=False),
    Column("series", String(20), nullable=False),
    Column("period", String(200), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("number", Text, nullable=False),
    Column("state", String(10), nullable=False),
    # the channel that the order came from; empty for what was made here
    Column("origin", Text, nullable=False),
    Column("stock_by", String(8), nullable=False),
    Column("issued_on", Date, nullable=False),
    Column("sold_on", Date),
    Column("due_on", Date),
    Column("created_at", String(32), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("rate", Rate),
    Column("rate_note", Text, nullable=False),
    Column("basis", String(5), nullable=False),
    Column("contractor_id", Id, ForeignKey("led_contractor.id"), nullable=False),
    Column("warehouse_id", Id, ForeignKey("led_warehouse.id"), nullable=False),
    # of an MM: where the goods arrive
    Column("target_id", Id),
    Column("buyer", Text, nullable=False),
    Column("recipient", Text),
    Column("net", Amount, nullable=False),
    Column("tax", Amount, nullable=False),
    Column("gross", Amount, nullable=False),
    Column("net_pln", Amount),
    Column("tax_pln", Amount),
    Column("payment_form", Text, nullable=False),
    Column("paid", Amount, nullable=False),
    Column("foreign_number", Text, nullable=False),
    Column("notes", Text, nullable=False),
    Column("attributes", Text, nullable=False),
    Column("change", BigInteger, nullable=False),
    UniqueConstraint("company_id", "kind", "number"),
    CheckConstraint("state IN ('bufor', 'approved', 'cancelled')", name="state"),
    CheckConstraint("stock_by IN ('self', 'later', 'source', 'none')", name="stock_by"),
    # a deleted document's id is never given again: others may still refer to it
    sqlite_autoincrement=True,
)
# one key makes one document: whatever is looked up before, this index says so
Index("uq_led_document_key", document.c.company_id, document.c.key, unique=True)
Index("ix_led_document_foreign_number", document.c.company_id, document.c.foreign_number)
# reports of days: whatever kinds they sum up
Index("ix_led_document_issued_on", document.c.company_id, document.c.issued_on)
# lists of documents, newest first (``reading.documents``): those of a series, of a contractor, and the few not approved
Index(
    "ix_led_document_listed",
    document.c.company_id,
    document.c.kind,
    document.c.series,
    document.c.issued_on,
    document.c.id,
)
Index(
    "ix_led_document_of_contractor",
    document.c.contractor_id,
    document.c.kind,
    document.c.issued_on,
    document.c.id,
)
Index(
    "ix_led_document_unusual",
    document.c.company_id,
    document.c.kind,
    document.c.state,
    document.c.issued_on,
    document.c.id,
    sqlite_where=text("state <> 'approved'"),
    postgresql_where=text("state <> 'approved'"),
)
Index(
    "ix_led_document_change",
    document.c.change,
    sqlite_where=text("change > 0"),
    postgresql_where=text("change > 0"),
)

line = Table(
    "led_line",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("document_id", Id, ForeignKey("led_document.id"), nullable=False, index=True),
    Column("item_id", Id, ForeignKey("led_item.id")),
    # not a foreign key, as little as a relation's source: an amended order has new lines, while documents that were
    # made from its old ones and then cancelled keep what they said
    Column("reserved_line_id", Id),
    Column("sku", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("quantity", Fine, nullable=False),
    Column("unit", Text, nullable=False),
    Column("price", Fine, nullable=False),
    Column("vat", Text, nullable=False),
    Column("net", Amount, nullable=False),
    Column("tax", Amount, nullable=False),
    Column("gross", Amount, nullable=False),
    Column("service", Boolean, nullable=False),
    Column("order_line", Text, nullable=False),
    Column("notes", Text, nullable=False),
    Column("attributes", Text, nullable=False),
)
# the history of an item, newest first
Index("ix_led_line_item_id", line.c.item_id, line.c.id)

vat_row = Table(
    "led_vat_row",
    metadata,
    Column("document_id", Id, ForeignKey("led_document.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("vat", Text, nullable=False),
    Column("net", Amount, nullable=False),
    Column("tax", Amount, nullable=False),
    Column("gross", Amount, nullable=False),
)

relation = Table(
    "led_relation",
    metadata,
    Column("source_line_id", Id, primary_key=True, autoincrement=False),
    Column("target_line_id", Id, ForeignKey("led_line.id"), primary_key=True, autoincrement=False),
    Column("source_id", Id, ForeignKey("led_document.id"), nullable=False, index=True),
    Column("target_id", Id, ForeignKey("led_document.id"), nullable=False, index=True),
    Column("aspect", String(8), nullable=False),
    Column("quantity", Fine, nullable=False),
    Column("active", Boolean, nullable=False),
)

# of a document that corrects: what, why, and what must be paid back because of it
correction = Table(
    "led_correction",
    metadata,
    Column("document_id", Id, ForeignKey("led_document.id"), primary_key=True, autoincrement=False),
    Column("corrected_id", Id, ForeignKey("led_document.id"), nullable=False, index=True),
    Column("reason", Text, nullable=False),
    Column("agreed_on", Date),
    Column("agreement", Text, nullable=False),
    Column("refund", Amount, nullable=False),
)

corrected_line = Table(
    "led_corrected_line",
    metadata,
    Column("line_id", Id, ForeignKey("led_line.id"), primary_key=True, autoincrement=False),
    Column("of_line_id", Id, nullable=False, index=True),
    Column("before_quantity", Fine, nullable=False),
    Column("before_price", Fine, nullable=False),
    Column("before_value", Amount, nullable=False),
    Column("after_quantity", Fine, nullable=False),
    Column("after_price", Fine, nullable=False),
    Column("after_value", Amount, nullable=False),
)

# of a final invoice: by how much each advance invoice reduces it, rate by rate
settled = Table(
    "led_settled",
    metadata,
    Column("document_id", Id, ForeignKey("led_document.id"), primary_key=True, autoincrement=False),
    Column("advance_id", Id, ForeignKey("led_document.id"), primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("vat", Text, nullable=False),
    Column("net", Amount, nullable=False),
    Column("tax", Amount, nullable=False),
    Column("gross", Amount, nullable=False),
)
Index("ix_led_settled_advance_id", settled.c.advance_id)

# of an advance invoice: the lines of the order that it is paid towards
ordered_line = Table(
    "led_ordered_line",
    metadata,
    Column("document_id", Id, ForeignKey("led_document.id"), primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("sku", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("quantity", Fine, nullable=False),
    Column("unit", Text, nullable=False),
    Column("vat", Text, nullable=False),
    Column("net", Amount, nullable=False),
    Column("tax", Amount, nullable=False),
    Column("gross", Amount, nullable=False),
)

payment = Table(
    "led_payment",
    metadata,
    Column("id", Id, primary_key=True),
    Column("company_id", Id, ForeignKey("led_company.id"), nullable=False),
    Column("document_id", Id, ForeignKey("led_document.id"), nullable=False, index=True),
    Column("key", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("paid_on", Date, nullable=False),
    Column("amount", Amount, nullable=False),
    # the payment on an account that this is of; what has none was written down for its document alone
    Column("entry_id", Id, index=True),
    UniqueConstraint("company_id", "key"),
)

# money on the accounts of operators, banks and tills: payments come in, fees go out
entry = Table(
    "led_entry",
    metadata,
    Column("id", Id, primary_key=True),
    Column("company_id", Id, ForeignKey("led_company.id"), nullable=False),
    Column("account", Text, nullable=False),
    # the payment it belongs to; what: payment or fee
    Column("key", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("document_id", Id, ForeignKey("led_document.id"), nullable=False, index=True),
    Column("booked_on", Date, nullable=False),
    Column("currency", Text, nullable=False),
    Column("amount", Amount, nullable=False),
    UniqueConstraint("company_id", "key", "what"),
)
Index("ix_led_entry_account", entry.c.company_id, entry.c.account, entry.c.booked_on, entry.c.id)

# the documents that a payment settles, in the order in which they were given to it
part = Table(
    "led_part",
    metadata,
    Column("entry_id", Id, ForeignKey("led_entry.id"), primary_key=True, autoincrement=False),
    Column(
        "document_id", Id, ForeignKey("led_document.id"), primary_key=True, autoincrement=False, index=True
    ),
    Column("position", Integer, nullable=False),
)

stock = Table(
    "led_stock",
    metadata,
    Column("warehouse_id", Id, primary_key=True),
    Column("item_id", Id, primary_key=True),
    Column("quantity", Fine, nullable=False),
    Column("reserved", Fine, nullable=False),
    Column("value", Amount, nullable=False),
    # the number of the last change (``change_numbers``)
    Column("change", BigInteger, nullable=False, server_default=text("0")),
    sqlite_with_rowid=False,
)
Index("ix_led_stock_item_id", stock.c.item_id)
Index("ix_led_stock_change", stock.c.warehouse_id, stock.c.change, stock.c.item_id)

lot = Table(
    "led_lot",
    metadata,
    Column("id", Id, primary_key=True),
    Column("warehouse_id", Id, nullable=False),
    Column("item_id", Id, nullable=False),
    # not a foreign key: a document deleted from bufor may have left a lot that a later receipt settled
    Column("line_id", Id, nullable=False, index=True),
    Column("received_on", Date, nullable=False),
    Column("received", Fine, nullable=False),
    Column("left", Fine, nullable=False),
    Column("cost", Fine, nullable=False),
)
Index(
    "ix_led_lot_open",
    lot.c.warehouse_id,
    lot.c.item_id,
    lot.c.received_on,
    lot.c.id,
    sqlite_where=text('"left" <> 0'),
    postgresql_where=text('"left" <> 0'),
)

movement = Table(
    "led_movement",
    metadata,
    Column("line_id", Id, ForeignKey("led_line.id"), primary_key=True, autoincrement=False),
    Column("lot_id", Id, ForeignKey("led_lot.id"), primary_key=True, autoincrement=False),
    Column("warehouse_id", Id, nullable=False),
    Column("item_id", Id, nullable=False),
    Column("quantity", Fine, nullable=False),
    Column("value", Amount, nullable=False),
    Column("active", Boolean, nullable=False),
)
Index("ix_led_movement_lot_id", movement.c.lot_id)

reservation = Table(
    "led_reservation",
    metadata,
    Column("line_id", Id, ForeignKey("led_line.id"), primary_key=True, autoincrement=False),
    Column("item_id", Id, primary_key=True, autoincrement=False),
    Column("warehouse_id", Id, nullable=False),
    Column("quantity", Fine, nullable=False),
    Column("open", Fine, nullable=False),
)
Index(
    "ix_led_reservation_open",
    reservation.c.warehouse_id,
    reservation.c.item_id,
    reservation.c.line_id,
    sqlite_where=text('"open" > 0'),
    postgresql_where=text('"open" > 0'),
)
