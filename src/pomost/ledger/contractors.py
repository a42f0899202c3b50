"""Contractors: found by tax number, made when unknown; private buyers stand on the document alone."""

from __future__ import annotations

from sqlalchemy import Connection, select

from pomost.ledger import schema
from pomost.ports import NeedsPerson
from pomost.sql import insert_unless_there
from pomost.trade.nip import clean_tax_id
from pomost.trade.order import Party

contractors = schema.contractors
ONE_OFF = "!NIEOKREŚLONY!"
"""The built-in contractor of documents whose buyer has no card, as in Optima."""


def contractor_of(connection: Connection, company: str, buyer: Party) -> int:
    """The card of ``buyer``. Raises NeedsPerson where several cards have his tax number: none is taken at random."""
    tax_id = clean_tax_id(buyer.tax_id, buyer.address.country or "PL")
    if not buyer.tax_id or not tax_id.valid:
        return _one_off(connection, company)
    found = connection.execute(
        select(contractors.c.id, contractors.c.code).where(
            contractors.c.company == company,
            contractors.c.country == tax_id.country,
            contractors.c.tax_id == tax_id.number,
        )
    ).all()
    if len(found) > 1:
        codes = ", ".join(sorted(row.code for row in found))
        raise NeedsPerson(
            "ledger.contractor-ambiguous",
            f"Several contractors have the tax number of this buyer: {codes}.",
            "Merge them, or remove the number from the wrong ones.",
        )
    if found:
        return int(found[0].id)
    return _insert(
        connection,
        company,
        f"{tax_id.country}{tax_id.number}",
        buyer.shown_name,
        tax_id.country,
        tax_id.number,
    )


def _one_off(connection: Connection, company: str) -> int:
    known = connection.execute(
        select(contractors.c.id).where(contractors.c.company == company, contractors.c.code == ONE_OFF)
    ).scalar()
    return int(known) if known is not None else _insert(connection, company, ONE_OFF, ONE_OFF, "PL", "")


def _insert(connection: Connection, company: str, code: str, name: str, country: str, tax_id: str) -> int:
    connection.execute(
        insert_unless_there(connection, contractors).values(
            company=company, code=code, name=name[:250] or code, country=country, tax_id=tax_id
        )
    )
    return int(
        connection.execute(
            select(contractors.c.id).where(contractors.c.company == company, contractors.c.code == code)
        ).scalar_one()
    )
