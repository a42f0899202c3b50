"""Companies and contractors' cards by what is typed into a search."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from pomost.ledger import schema
from pomost.ledger.reading.paging import cleaned
from pomost.trade.nip import clean_tax_id

_contractor = schema.contractor
_company = schema.company
_MOST = 100


def company_ids(connection: Connection, code: str) -> list[int]:
    """The company with this code, or all of them."""
    query = select(_company.c.id).order_by(_company.c.id)
    if code:
        query = query.where(_company.c.code == cleaned(code))
    return list(connection.execute(query).scalars())


def cards_named(connection: Connection, companies: Sequence[int], words: str) -> list[int]:
    """Contractors with exactly this code, tax number (however it is typed) or e-mail address."""
    tax_ids = {words.upper(), clean_tax_id(words, "PL").vat_number}
    query = select(_contractor.c.id).where(_contractor.c.company_id.in_(companies))
    ways = (
        _contractor.c.code == words,
        _contractor.c.tax_id.in_(tax_ids - {""}),
        _contractor.c.email == words.lower(),
    )
    found: dict[int, None] = {}
    for way in ways:
        found.update(dict.fromkeys(connection.execute(query.where(way).limit(_MOST)).scalars()))
    return list(found)
