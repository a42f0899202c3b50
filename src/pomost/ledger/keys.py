"""The same key never makes a second document."""

from __future__ import annotations

from sqlalchemy import Connection

from pomost.ledger.companies import Desk
from pomost.ledger.reading import load_one
from pomost.ledger.sheet import name_of
from pomost.ports import NeedsPerson
from pomost.trade.documents import Document, Draft


def made_by_key(connection: Connection, desk: Desk, draft: Draft) -> Document | None:
    """The document that the draft's key made before. Raises NeedsPerson ``ledger.key-reused`` for one of another kind."""
    if desk.existing_id is None:
        return None
    if desk.existing_kind != draft.kind:
        raise NeedsPerson(
            "ledger.key-reused",
            f"{name_of(draft)}: the key made {desk.existing_number} before.",
            "Give each document a key of its own.",
        )
    return load_one(connection, desk.existing_id)
