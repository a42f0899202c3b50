"""Pomost's own tables: cases, their steps and history, cursors, links and limits."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
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

from pomost.sql import Amount, Fine, Id

metadata = MetaData()
_IS_DUE = text("due_at IS NOT NULL")
_IS_HELD = text("lease_until IS NOT NULL")

cases = Table(
    "cases",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("company", String(40), nullable=False),
    Column("source", String(40), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("external_id", String(80), nullable=False),
    Column("flow", String(60), nullable=False),
    Column("number", String(80), nullable=False, default=""),
    Column("status", String(120), nullable=False, default=""),
    Column("raw", Text, nullable=False),
    Column("parsed", Text, nullable=False, default=""),
    Column("problem", Text, nullable=False, default=""),
    # what a person put right in the order, by field
    Column("edits", Text, nullable=False, server_default=text("''")),
    Column("version", Integer, nullable=False, default=1),
    Column("gone", Integer, nullable=False, default=0),
    Column("seen_at", Float, nullable=False),
    Column("changed_at", Float, nullable=False),
    # running: when it is due, who holds it, and how many times it was woken
    Column("state", String(12), nullable=False, default="new"),
    Column("waits", Text, nullable=False, default=""),
    Column("since", Float, nullable=False, default=0.0),
    Column("attempts", Integer, nullable=False, default=0),
    Column("priority", Integer, nullable=False, default=10),
    Column("due_at", Float),
    Column("woken", Integer, nullable=False, default=0),
    Column("lease_owner", String(80)),
    Column("lease_until", Float),
    Column("fence", Integer, nullable=False, default=0),
    UniqueConstraint("company", "source", "kind", "external_id", name="uq_cases_identity"),
    # finished cases are not due: both leave them out, however many there are
    Index("ix_cases_due", "due_at", sqlite_where=_IS_DUE, postgresql_where=_IS_DUE),
    Index("ix_cases_lease", "lease_until", sqlite_where=_IS_HELD, postgresql_where=_IS_HELD),
    Index(
        "ix_cases_turn", "priority", "due_at", "lease_until", sqlite_where=_IS_DUE, postgresql_where=_IS_DUE
    ),
    Index("ix_cases_state", "state", "id"),
    # every filter of the list is a few seeks in it: there are few different beginnings (`lists`)
    Index("ix_cases_list", "state", "source", "flow", "status", "id"),
    Index("ix_cases_seen", "seen_at"),
    # work lists, the longest waiting first; finished cases are not in it
    Index(
        "ix_cases_open",
        "state",
        "kind",
        "since",
        "id",
        sqlite_where=text("state <> 'done'"),
        postgresql_where=text("state <> 'done'"),
    ),
)

# words by which a case is found: number, id, names, e-mail, phone, tax number; a prefix is a range of them
finds = Table(
    "finds",
    metadata,
    Column("word", String(60).with_variant(String(60, collation="C"), "postgresql"), primary_key=True),
    Column("case_id", Id, primary_key=True, autoincrement=False),
    # whether a case that was found by something else has a word
    Index("ix_finds_case", "case_id", "word"),
    sqlite_with_rowid=False,
)

steps = Table(
    "steps",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False),
    Column("step", String(80), nullable=False),
    Column("state", String(12), nullable=False),
    Column("key", String(160), nullable=False),
    Column("request", Text, nullable=False, default=""),
    Column("result", Text, nullable=False, default=""),
    Column("error", Text, nullable=False, default=""),
    Column("attempts", Integer, nullable=False, default=0),
    Column("started_at", Float, nullable=False),
    Column("ended_at", Float),
    UniqueConstraint("case_id", "step", name="uq_steps_once"),
    Index("ix_steps_key", "key"),
)

events = Table(
    "events",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False),
    Column("at", Float, nullable=False),
    Column("what", String(40), nullable=False),
    Column("step", String(80), nullable=False, default=""),
    Column("data", Text, nullable=False, default=""),
    Index("ix_events_case", "case_id", "id"),
)

needs = Table(
    "needs",
    metadata,
    Column("case_id", Id, ForeignKey("cases.id"), primary_key=True),
    Column("need", String(160), primary_key=True),
    Index("ix_needs_need", "need"),
)

links = Table(
    "links",
    metadata,
    Column("channel", String(40), primary_key=True),
    Column("external_id", String(80), primary_key=True),
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False),
    Index("ix_links_case", "case_id"),
)

purchases = Table(
    "purchases",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False),
    Column("print", String(64), nullable=False),
    Column("placed_at", Float, nullable=False),
    UniqueConstraint("case_id", "print", name="uq_purchases_once"),
    # the purchases that are alike are found without looking at any other
    Index("ix_purchases_print", "print", "id"),
)

kin = Table(
    "kin",
    metadata,
    Column("source", String(40), primary_key=True),
    Column("external_id", String(80), primary_key=True),
    Column("other_id", String(80), primary_key=True),
)

looks = Table(
    "looks",
    metadata,
    Column("source", String(40), primary_key=True),
    Column("cursor", Text, nullable=False, default="{}"),
    Column("looked_at", Float),
    Column("found", Integer, nullable=False, default=0),
    Column("note", Text, nullable=False, default=""),
    Column("stopped", Text, nullable=False, default=""),
    Column("lease_owner", String(80)),
    Column("lease_until", Float),
)

limits = Table(
    "limits",
    metadata,
    Column("key", String(80), primary_key=True),
    Column("tat", Float, nullable=False, default=0.0),
    Column("blocked_until", Float, nullable=False, default=0.0),
    Column("calls", BigInteger, nullable=False, default=0),
)

catalogues = Table(
    "catalogues",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("name", String(40), nullable=False, unique=True),
)

# products of a channel's catalogue, and the item of the ERP that each of them is
products = Table(
    "products",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("catalogue_id", Id, ForeignKey("catalogues.id"), nullable=False),
    Column("product_id", Text, nullable=False),
    Column("parent_id", Text, nullable=False, default=""),
    Column("sku", Text, nullable=False, default=""),
    Column("ean", Text, nullable=False, default=""),
    Column("name", Text, nullable=False, default=""),
    # the SKU in the ERP; empty while it is not known
    Column("item", Text, nullable=False, default=""),
    # why it is not known, or why the card can't be kept: code and text
    Column("problem", Text, nullable=False, default=""),
    Column("listed_at", Float, nullable=False, default=0.0),
    # complete listings in a row in which it did not appear
    Column("missed", Integer, nullable=False, server_default=text("0")),
    UniqueConstraint("catalogue_id", "product_id", name="uq_products_identity"),
    Index("ix_products_ean", "catalogue_id", "ean"),
    Index("ix_products_parent", "catalogue_id", "parent_id"),
    Index("ix_products_item", "catalogue_id", "item"),
    Index("ix_products_sku", "catalogue_id", "sku"),
    Index("ix_products_place", "catalogue_id", "id"),
    Index(
        "ix_products_problem",
        "catalogue_id",
        "id",
        sqlite_where=text("problem <> ''"),
        postgresql_where=text("problem <> ''"),
    ),
)

_IS_UNSENT = text("version > done")
_HAS_PROBLEM = text("problem <> ''")
# what a comparison found different, and nothing was decided or sent since
_HAS_DRIFTED = text("seen_at IS NOT NULL AND done = version AND decided_at < seen_at")
# the stock of a product with variants, which is that of its variants
_IS_CARRIED = text("wanted < 0")

# what a product shall show at one place: a warehouse (what = "stock") or a price group (what = "price") of the channel
figures = Table(
    "figures",
    metadata,
    Column("product", Id, primary_key=True, autoincrement=False),
    Column("what", String(5), primary_key=True),
    Column("place", String(40), primary_key=True),
    Column("catalogue_id", Id, nullable=False),
    Column("wanted", Fine, nullable=False),
    # each decision makes a new version; the channel has answered for ``done``, whatever it answered
    Column("version", BigInteger, nullable=False),
    Column("done", BigInteger, nullable=False, default=0),
    Column("decided_at", Float, nullable=False),
    Column("sent", Fine),
    Column("sent_at", Float),
    Column("problem", Text, nullable=False, default=""),
    # what the channel itself showed at the last comparison that found it different
    Column("seen", Fine),
    Column("seen_at", Float),
    Index(
        "ix_figures_unsent",
        "catalogue_id",
        "what",
        "product",
        sqlite_where=_IS_UNSENT,
        postgresql_where=_IS_UNSENT,
    ),
    Index(
        "ix_figures_problem",
        "catalogue_id",
        "what",
        "product",
        sqlite_where=_HAS_PROBLEM,
        postgresql_where=_HAS_PROBLEM,
    ),
    Index(
        "ix_figures_drift",
        "catalogue_id",
        "what",
        "product",
        sqlite_where=_HAS_DRIFTED,
        postgresql_where=_HAS_DRIFTED,
    ),
    Index(
        "ix_figures_carried",
        "catalogue_id",
        "what",
        "product",
        sqlite_where=_IS_CARRIED,
        postgresql_where=_IS_CARRIED,
    ),
)


def _sending() -> tuple[Column[Any], ...]:
    """As figures: each decision makes a new version, and ``done`` is the one that the channel has answered for."""
    return (
        Column("version", BigInteger, nullable=False, default=1),
        Column("done", BigInteger, nullable=False, default=0),
        # not tried before; attempts in a row of which nobody knows what came
        Column("due_at", Float, nullable=False, default=0.0),
        Column("attempts", Integer, nullable=False, default=0),
        Column("decided_at", Float, nullable=False),
        Column("sent_at", Float),
        Column("problem", Text, nullable=False, default=""),
    )


# the card of a product that is an item: whether the channel shows what the ERP says
cards = Table(
    "cards",
    metadata,
    Column("product", Id, primary_key=True, autoincrement=False),
    Column("catalogue_id", Id, nullable=False),
    *_sending(),
    # field -> print of what was sent last
    Column("prints", Text, nullable=False, default="{}"),
    Index("ix_cards_unsent", "catalogue_id", "product", sqlite_where=_IS_UNSENT, postgresql_where=_IS_UNSENT),
    Index(
        "ix_cards_problem",
        "catalogue_id",
        "product",
        sqlite_where=_HAS_PROBLEM,
        postgresql_where=_HAS_PROBLEM,
    ),
)

# items without a product, for each of which one is made: wanted, intended (it may be there already), made
births = Table(
    "births",
    metadata,
    Column("catalogue_id", Id, primary_key=True, autoincrement=False),
    Column("item", Text, primary_key=True),
    *_sending(),
    Column("state", String(10), nullable=False, default="wanted"),
    Column("product_id", Text, nullable=False, default=""),
    Index("ix_births_unsent", "catalogue_id", "item", sqlite_where=_IS_UNSENT, postgresql_where=_IS_UNSENT),
)

# products of which it is not clear which item they are, until a person answers: link (to ``item``) or ignore
questions = Table(
    "questions",
    metadata,
    Column("catalogue_id", Id, primary_key=True, autoincrement=False),
    Column("product_id", Text, primary_key=True),
    Column("text", Text, nullable=False, default=""),
    Column("asked_at", Float, nullable=False),
    Column("answer", String(8), nullable=False, default=""),
    Column("item", Text, nullable=False, default=""),
    Column("who", Text, nullable=False, default=""),
    Column("answered_at", Float),
)

# goods of orders that no document of the ERP holds yet, as they are named there
pending = Table(
    "pending",
    metadata,
    Column("case_id", Id, ForeignKey("cases.id"), primary_key=True, autoincrement=False),
    Column("company", String(40), primary_key=True),
    Column("sku", Text, primary_key=True),
    Column("quantity", Fine, nullable=False),
    Index("ix_pending_item", "company", "sku"),
)

# of which of them each catalogue is to be told; ``mark`` rises with each change, so that none is lost while one is dealt with
pending_news = Table(
    "pending_news",
    metadata,
    Column("catalogue_id", Id, primary_key=True, autoincrement=False),
    Column("company", String(40), primary_key=True),
    Column("sku", Text, primary_key=True),
    Column("mark", BigInteger, nullable=False),
)

# net sales that are aimed at, in PLN; an empty text means all
plans = Table(
    "plans",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("company", String(40), nullable=False),
    # "2026-11", "2026-Q4" or "2026"
    Column("period", String(8), nullable=False),
    Column("channel", Text, nullable=False, default=""),
    Column("sku", Text, nullable=False, default=""),
    Column("category", Text, nullable=False, default=""),
    Column("target", Amount, nullable=False),
    Column("changed_at", Float, nullable=False),
    Column("who", Text, nullable=False, default=""),
    UniqueConstraint("company", "period", "channel", "sku", "category", name="uq_plans_once"),
)
