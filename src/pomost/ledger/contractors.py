"""Contractors: cards of companies found by their tax number, and the one-off contractor of everybody else."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select

from pomost.ledger import schema
from pomost.ledger.companies import Company
from pomost.ports import NeedsPerson
from pomost.trade.nip import clean_tax_id
from pomost.trade.order import Address, Party

ONE_OFF = "!NIEOKREŚLONY!"
"""The card of buyers who have none; who they are stands on the document."""


_contractor = schema.contractor
_by_tax_id = (
    select(_contractor.c.id, _contractor.c.code)
    .where(_contractor.c.company_id == bindparam("company"), _contractor.c.tax_id == bindparam("tax_id"))
    .order_by(_contractor.c.code)
)
_by_email = (
    select(_contractor.c.id, _contractor.c.code)
    .where(
        _contractor.c.company_id == bindparam("company"),
        _contractor.c.email == bindparam("email"),
        _contractor.c.tax_id == "",
    )
    .order_by(_contractor.c.code)
)


class Contractors:
    """Finds the card a document belongs to."""

    def __init__(self) -> None:
        self._one_off: dict[int, int] = {}

    def card_for(self, connection: Connection, company: Company, buyer: Party) -> int:
        """A buyer with a valid tax number has a card, made if it is missing; a private one may have one, by e-mail.

        Raises NeedsPerson ``ledger.contractor-ambiguous`` when several cards fit.
        """
        tax_id = tax_id_of(buyer)
        if tax_id:
            return self._by_tax_id(connection, company, buyer, tax_id)
        if buyer.email:
            card = self._private(connection, company, buyer.email)
            if card is not None:
                return card
        return self.one_off(connection, company)

    def one_off(self, connection: Connection, company: Company) -> int:
        known = self._one_off.get(company.id)
        if known is None:
            known = self._one_off[company.id] = connection.execute(
                select(schema.contractor.c.id).where(
                    schema.contractor.c.company_id == company.id, schema.contractor.c.code == ONE_OFF
                )
            ).scalar_one()
        return known

    def _by_tax_id(self, connection: Connection, company: Company, buyer: Party, tax_id: str) -> int:
        rows = connection.execute(_by_tax_id, {"company": company.id, "tax_id": tax_id}).all()
        if len(rows) > 1:
            codes = ", ".join(row.code for row in rows)
            raise NeedsPerson(
                "ledger.contractor-ambiguous",
                f"Company {company.code} has {len(rows)} contractors with the buyer's tax number: {codes}.",
                "Leave the number on one of the cards.",
            )
        if rows:
            return int(rows[0].id)
        return put_contractor(connection, company, tax_id, buyer)

    def _private(self, connection: Connection, company: Company, email: str) -> int | None:
        rows = connection.execute(_by_email, {"company": company.id, "email": email.strip().lower()}).all()
        if len(rows) > 1:
            codes = ", ".join(row.code for row in rows)
            raise NeedsPerson(
                "ledger.contractor-ambiguous",
                f"Company {company.code} has {len(rows)} private contractors with the buyer's e-mail: {codes}.",
                "Leave the address on one of the cards.",
            )
        return rows[0].id if rows else None


def put_contractor(connection: Connection, company: Company, code: str, who: Party) -> int:
    """A new card; its id."""
    return int(
        connection.execute(
            insert(schema.contractor)
            .values(
                company_id=company.id,
                code=code,
                name=who.shown_name,
                tax_id=tax_id_of(who),
                email=who.email.strip().lower(),
                phone=who.phone,
                street=who.address.street,
                postcode=who.address.postcode,
                city=who.address.city,
                country=who.address.country,
            )
            .returning(schema.contractor.c.id)
        ).scalar_one()
    )


def tax_id_of(party: Party) -> str:
    """The tax number with its country, however it was typed, so that all ways of writing it find one card.

    Empty for a number whose check digits are wrong: a card is never made of a slip of the pen.
    """
    found = clean_tax_id(party.tax_id, party.address.country)
    return found.vat_number if found.valid else ""


def party_to_json(party: Party) -> str:
    address = party.address
    row: dict[str, Any] = {
        "name": party.name,
        "company": party.company,
        "tax_id": party.tax_id,
        "email": party.email,
        "phone": party.phone,
        "address": [address.street, address.postcode, address.city, address.state, address.country],
    }
    return json.dumps(row, ensure_ascii=False)


def party_from_json(text: str) -> Party:
    row = json.loads(text)
    address = Address(*row.pop("address"))
    return Party(**row, address=address)
