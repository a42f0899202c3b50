"""Documents by pages, newest first."""

from __future__ import annotations

from sqlalchemy import Connection, select

from pomost.ledger import schema
from pomost.ledger.companies import find_company
from pomost.ledger.reading import load
from pomost.trade.documents import Document

_doc = schema.document


def newest(
    connection: Connection,
    company: str,
    kind: str = "",
    order: str = "",
    before: int | None = None,
    most: int = 50,
) -> list[Document]:
    """Documents of a company made before the one with id ``before``. ``order``: the number they carry. Raises NeedsPerson
    ``ledger.unknown-company``."""
    query = select(_doc.c.id).where(_doc.c.company_id == find_company(connection, company).id)
    if kind:
        query = query.where(_doc.c.kind == kind)
    if order:
        query = query.where(_doc.c.foreign_number == order)
    if before is not None:
        query = query.where(_doc.c.id < before)
    return load(connection, connection.execute(query.order_by(_doc.c.id.desc()).limit(most)).scalars().all())


def with_id(connection: Connection, document_id: int) -> Document | None:
    found = load(connection, [document_id])
    return found[0] if found else None
