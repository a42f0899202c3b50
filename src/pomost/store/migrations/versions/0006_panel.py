"""The panel: users, audit, prints; words by which a case is found; the index of the list of cases."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from pomost.store.claims import order_from_json
from pomost.trade.finding import words_of

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_AT_ONCE = 2_000


def _id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _people()
    _acts()
    op.add_column("cases", sa.Column("edits", sa.Text(), nullable=False, server_default=sa.text("''")))
    op.create_index("ix_cases_list", "cases", ["state", "source", "flow", "status", "id"])
    op.create_index("ix_cases_seen", "cases", ["seen_at"])
    op.create_table(
        "finds",
        sa.Column(
            "word", sa.String(60).with_variant(sa.String(60, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("case_id", _id(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("word", "case_id"),
        sqlite_with_rowid=False,
    )
    _find_all()


def _people() -> None:
    op.create_table(
        "users",
        sa.Column("id", _id(), autoincrement=True, nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("password", sa.Text(), nullable=False),
        sa.Column("active", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.Float(), nullable=False),
        sa.Column("signed_in_at", sa.Float()),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "sessions",
        sa.Column("secret", sa.String(64), nullable=False),
        sa.Column("user_id", _id(), nullable=False),
        sa.Column("made_at", sa.Float(), nullable=False),
        sa.Column("seen_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"]),
        sa.PrimaryKeyConstraint("secret"),
    )
    op.create_index("ix_sessions_user", "sessions", ["user_id"])
    op.create_table(
        "invitations",
        sa.Column("secret", sa.String(64), nullable=False),
        sa.Column("user_id", _id(), nullable=False),
        sa.Column("until", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"]),
        sa.PrimaryKeyConstraint("secret"),
    )
    op.create_index("ix_invitations_user", "invitations", ["user_id"])
    op.create_table(
        "tokens",
        sa.Column("id", _id(), autoincrement=True, nullable=False),
        sa.Column("secret", sa.String(64), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("made_by", sa.String(80), nullable=False),
        sa.Column("made_at", sa.Float(), nullable=False),
        sa.Column("used_at", sa.Float()),
        sa.Column("revoked_at", sa.Float()),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("secret"),
    )
    op.create_table(
        "throttles",
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("until", sa.Float(), nullable=False),
        sa.Column("last_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )


def _acts() -> None:
    op.create_table(
        "audit",
        sa.Column("id", _id(), autoincrement=True, nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("who", sa.String(80), nullable=False),
        sa.Column("act", sa.String(60), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("address", sa.String(60), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_audit_who", "audit", ["who", "id"])
    op.create_index("ix_audit_act", "audit", ["act", "id"])
    op.create_table(
        "prints",
        sa.Column("id", _id(), autoincrement=True, nullable=False),
        sa.Column("key", sa.String(160), nullable=False),
        sa.Column("company", sa.String(40), nullable=False),
        sa.Column("case_id", _id()),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("document", sa.String(80), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.Float(), nullable=False),
        sa.Column("printed_at", sa.Float()),
        sa.Column("printed_by", sa.String(80), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index("ix_prints_case", "prints", ["case_id"])
    waiting = sa.text("printed_at IS NULL")
    op.create_index(
        "ix_prints_waiting",
        "prints",
        ["company", "place", "id"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )


def _find_all() -> None:
    """The words of the cases that were seen before."""
    connection = op.get_bind()
    cases = sa.table("cases", *(sa.column(name) for name in ("id", "external_id", "number", "parsed")))
    finds = sa.table("finds", sa.column("word"), sa.column("case_id"))
    last = 0
    while True:
        query = sa.select(cases).where(cases.c.id > last).order_by(cases.c.id).limit(_AT_ONCE)
        found = connection.execute(query).all()
        if not found:
            return
        rows: list[dict[str, Any]] = []
        for row in found:
            order = order_from_json(row.parsed) if row.parsed else None
            words = words_of(order, row.external_id, row.number)
            rows += [{"word": word, "case_id": row.id} for word in words]
        connection.execute(sa.insert(finds), rows)
        last = found[-1].id
