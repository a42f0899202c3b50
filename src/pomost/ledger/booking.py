"""Payments booked on the accounts of operators, banks and tills, and settled with the documents they are for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, select

from pomost.ledger import schema
from pomost.ledger.changes import find_document, lock_document
from pomost.ledger.companies import find_company
from pomost.ledger.parts import attach, lock_payment
from pomost.ledger.payments import check_new, key_reused
from pomost.ports import BookedPayment, NeedsPerson, PaymentToBook
from pomost.sql import insert_unless_there

ZERO = Decimal(0)
_entry = schema.entry


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of an account. ``what``: "payment" or "fee"; a fee is below 0."""

    account: str
    key: str
    what: str
    document_id: str
    booked_on: date
    currency: str
    amount: Decimal


def book(connection: Connection, company_code: str, asked: PaymentToBook) -> BookedPayment:
    """Books the payment and its fee, and settles the document with it; the same key never does it twice.

    The document gets no more than it is worth: what is left stays open on the buyer's account, for other parts of the sale
    (``parts.settle_part``) or to be paid back. Raises NeedsPerson as ``payments.pay`` does, and ``ledger.bad-booking``.
    """
    company = find_company(connection, company_code)
    document = find_document(connection, company, asked.document)
    if not asked.account.strip() or not ZERO <= asked.fee < asked.amount or asked.fee != round(asked.fee, 2):
        raise NeedsPerson(
            "ledger.bad-booking",
            f"{document.number}: {asked.amount} {asked.currency} with a fee of {asked.fee} can't be booked on "
            f'"{asked.account}".',
            "Name an account; a fee is 0 or more and less than the payment.",
        )
    if asked.currency != document.currency:
        raise NeedsPerson(
            "ledger.bad-booking",
            f"{document.number} is in {document.currency}, and the payment in {asked.currency}.",
            "Book the payment by hand, at the rate of its day.",
        )
    booked = lock_payment(connection, company, asked.key)
    row = lock_document(connection, company, asked.document)
    if booked is None:
        check_new(connection, company, row, asked.key, asked.amount)
        rows = {"payment": asked.amount, **({"fee": -asked.fee} if asked.fee else {})}
        for what, amount in rows.items():
            connection.execute(
                insert_unless_there(connection, _entry).values(
                    company_id=company.id,
                    account=asked.account,
                    key=asked.key,
                    what=what,
                    document_id=document.id,
                    booked_on=asked.on,
                    currency=asked.currency,
                    amount=amount,
                )
            )
        booked = lock_payment(connection, company, asked.key)
    assert booked is not None
    if booked.document_id != row.id:
        raise key_reused(row.number, asked.key)
    settled = attach(connection, booked, row, asked.on, asked.form)
    known = _of_key(connection, company.id, asked.key)
    return BookedPayment(
        known["payment"].amount,
        -known["fee"].amount if "fee" in known else ZERO,
        known["payment"].account,
        settled.left,
        settled.open,
    )


def entries(connection: Connection, company_code: str, account: str) -> list[Entry]:
    """The entries of an account in the order of their days."""
    company = find_company(connection, company_code)
    rows = connection.execute(
        select(_entry)
        .where(_entry.c.company_id == company.id, _entry.c.account == account)
        .order_by(_entry.c.booked_on, _entry.c.id)
    )
    return [_read(row) for row in rows]


def _of_key(connection: Connection, company_id: int, key: str) -> dict[str, Entry]:
    rows = connection.execute(select(_entry).where(_entry.c.company_id == company_id, _entry.c.key == key))
    return {row.what: _read(row) for row in rows}


def _read(row: Any) -> Entry:
    return Entry(
        row.account,
        row.key,
        row.what,
        str(row.document_id),
        row.booked_on,
        row.currency,
        row.amount,
    )
