"""Tables of the panel: who may do what, what was done by whom, and what waits to be printed."""

from __future__ import annotations

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, String, Table, Text, text

from pomost.sql import Id
from pomost.store.schema import metadata

__all__ = ["acts", "audit", "invitations", "metadata", "prints", "sessions", "throttles", "tokens", "users"]

_IS_UNPRINTED = text("printed_at IS NULL")
_IS_RUNNING = text("ended_at IS NULL")

users = Table(
    "users",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("name", String(80), nullable=False, unique=True),
    Column("role", String(20), nullable=False),
    # empty until the link of the invitation is used
    Column("password", Text, nullable=False, default=""),
    Column("active", Integer, nullable=False, default=1),
    Column("made_at", Float, nullable=False),
    Column("signed_in_at", Float),
)

# only the prints of secrets are kept: whoever reads the file can't sign in with them
sessions = Table(
    "sessions",
    metadata,
    Column("secret", String(64), primary_key=True),
    Column("user_id", Id, ForeignKey("users.id"), nullable=False),
    Column("made_at", Float, nullable=False),
    Column("seen_at", Float, nullable=False),
    Index("ix_sessions_user", "user_id"),
)

invitations = Table(
    "invitations",
    metadata,
    Column("secret", String(64), primary_key=True),
    Column("user_id", Id, ForeignKey("users.id"), nullable=False),
    Column("until", Float, nullable=False),
    Index("ix_invitations_user", "user_id"),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("secret", String(64), nullable=False, unique=True),
    Column("name", String(80), nullable=False),
    Column("scopes", Text, nullable=False),
    Column("made_by", String(80), nullable=False),
    Column("made_at", Float, nullable=False),
    Column("used_at", Float),
    Column("revoked_at", Float),
)

# failed sign-ins by name and by address; ``tat`` as in the limiter of calls
throttles = Table(
    "throttles",
    metadata,
    Column("key", String(120), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("until", Float, nullable=False),
    Column("last_at", Float, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("at", Float, nullable=False),
    Column("who", String(80), nullable=False),
    Column("act", String(60), nullable=False),
    Column("target", Text, nullable=False, default=""),
    Column("data", Text, nullable=False, default=""),
    Column("address", String(60), nullable=False, default=""),
    Index("ix_audit_who", "who", "id"),
    Index("ix_audit_act", "act", "id"),
    Index("ix_audit_at", "at", "id"),
)

# kind: label, document, packing
prints = Table(
    "prints",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    # what it is, so that the same thing is not put in twice while it waits
    Column("key", String(160), nullable=False, unique=True),
    Column("company", String(40), nullable=False),
    Column("case_id", Id, ForeignKey("cases.id")),
    Column("kind", String(20), nullable=False),
    Column("title", Text, nullable=False),
    Column("file", Text, nullable=False, default=""),
    Column("document", String(80), nullable=False, default=""),
    Column("place", Integer, nullable=False, default=0),
    Column("copies", Integer, nullable=False, default=1),
    Column("made_at", Float, nullable=False),
    Column("printed_at", Float),
    Column("printed_by", String(80), nullable=False, default=""),
    Index("ix_prints_case", "case_id"),
    Index(
        "ix_prints_waiting",
        "company",
        "place",
        "id",
        sqlite_where=_IS_UNPRINTED,
        postgresql_where=_IS_UNPRINTED,
    ),
)

# long acts: an import, a report, pushing a catalogue. ``title`` is a key of words with its values in ``facts``
acts = Table(
    "acts",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    # what it works on, so that the same is not begun twice
    Column("key", String(160), nullable=False),
    Column("title", String(120), nullable=False),
    Column("facts", Text, nullable=False, default=""),
    Column("who", String(80), nullable=False),
    Column("state", String(10), nullable=False, default="running"),
    Column("done", Integer, nullable=False, default=0),
    # 0: nobody knows how much there is
    Column("total", Integer, nullable=False, default=0),
    Column("said", Text, nullable=False, default=""),
    # what came of it: a text, or a failure as JSON
    Column("result", Text, nullable=False, default=""),
    Column("link", Text, nullable=False, default=""),
    Column("started_at", Float, nullable=False),
    # renewed while its process lives
    Column("beat_at", Float, nullable=False),
    Column("ended_at", Float),
    Index("uq_acts_running", "key", unique=True, sqlite_where=_IS_RUNNING, postgresql_where=_IS_RUNNING),
    Index("ix_acts_started", "started_at"),
)
