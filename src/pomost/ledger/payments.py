"""Payments of documents: what was paid, how and when, and what is still due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, insert, select, update

from pomost.ledger import schema
from pomost.ledger.changes import find_document, lock_document
from pomost.ledger.companies import Company, find_company
from pomost.ledger.corrected import corrected_by
from pomost.ledger.parts import back_of, lock_payments_of, take_for_refund
from pomost.ports import NeedsPerson

ZERO = Decimal(0)
_payment = schema.payment


@dataclass(frozen=True, slots=True)
class PaymentMade:
    """One payment, in the document's currency."""

    key: str
    form: str
    paid_on: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Settlement:
    """How a document is paid. ``left`` is 0 once it is settled, below 0 when too much was paid.

    ``owed`` is after its corrections in force, ``corrected`` what they changed; so ``refund`` is what must be paid
    back to the buyer now. ``given_back``: what a payment that settles several documents got back from this one, and what is
    open of it.
    """

    document_id: str
    form: str
    due_on: date | None
    currency: str
    owed: Decimal
    paid: Decimal
    payments: tuple[PaymentMade, ...]
    corrected: Decimal = ZERO
    given_back: Decimal = ZERO

    @property
    def refund(self) -> Decimal:
        return max(-self.left, ZERO) + self.given_back

    @property
    def left(self) -> Decimal:
        return self.owed - self.paid

    @property
    def settled(self) -> bool:
        return self.left <= 0


def pay(
    connection: Connection,
    company_code: str,
    document_key: str,
    key: str,
    amount: Decimal,
    form: str,
    on: date,
) -> Settlement:
    """Writes a payment down; the same ``key`` never does it twice.

    Raises NeedsPerson ``ledger.unknown-document``, ``ledger.bad-payment``, ``ledger.key-reused``.
    """
    company = find_company(connection, company_code)
    row = lock_document(connection, company, document_key)
    if (known := _known(connection, company, row, key)) is not None:
        return known
    check_new(connection, company, row, key, amount)
    return _write(connection, company, row, key, amount, form, on)


def check_new(connection: Connection, company: Company, row: Any, key: str, amount: Decimal) -> None:
    """Raises NeedsPerson ``ledger.bad-payment`` for what is no payment of the document, ``ledger.key-reused``."""
    _known(connection, company, row, key)
    if row.state == "cancelled" or not _is_amount(amount):
        raise _bad_payment(
            row, f"a payment of {amount}", "Write an amount above 0 with 2 decimals, for a document in force."
        )


def pay_back(
    connection: Connection,
    company_code: str,
    document_key: str,
    key: str,
    amount: Decimal,
    form: str,
    on: date,
) -> Settlement:
    """Writes down that ``amount`` was paid back to the buyer of the document; the same ``key`` never does it twice.

    Raises NeedsPerson ``ledger.unknown-document``, ``ledger.key-reused``, and ``ledger.bad-payment`` for more than
    its settlement says that must be paid back.
    """
    company = find_company(connection, company_code)
    lock_payments_of(connection, find_document(connection, company, document_key).id)
    row = lock_document(connection, company, document_key)
    if (known := _known(connection, company, row, key)) is not None:
        return known
    now = settlement(connection, row)
    due = now.refund
    if not _is_amount(amount) or amount > due:
        raise _bad_payment(
            row, f"a refund of {amount}", f"Write an amount above 0 with 2 decimals; {due} must be paid back."
        )
    beyond = amount - (due - now.given_back)
    if beyond > 0:
        take_for_refund(connection, row, key, beyond, on)
    return _write(connection, company, row, key, -amount, form, on)


def _known(connection: Connection, company: Company, row: Any, key: str) -> Settlement | None:
    known = connection.execute(
        select(_payment.c.document_id).where(_payment.c.company_id == company.id, _payment.c.key == key)
    ).scalar()
    if known is None:
        return None
    if known != row.id:
        raise key_reused(row.number, key)
    return settlement(connection, row)


def key_reused(number: str, key: str) -> NeedsPerson:
    return NeedsPerson(
        "ledger.key-reused",
        f"{number}: the payment {key} was written down for another document before.",
        "Give each payment a reference of its own.",
    )


def _is_amount(amount: Decimal) -> bool:
    return amount.is_finite() and amount > 0 and amount == amount.quantize(Decimal("0.01"))


def _bad_payment(row: Any, what: str, advice: str) -> NeedsPerson:
    return NeedsPerson(
        "ledger.bad-payment",
        f"{row.number} ({row.state}): {what} {row.currency} can't be written down.",
        advice,
    )


def _write(
    connection: Connection, company: Company, row: Any, key: str, amount: Decimal, form: str, on: date
) -> Settlement:
    connection.execute(
        insert(_payment).values(
            company_id=company.id, document_id=row.id, key=key, form=form, paid_on=on, amount=amount
        )
    )
    paid = connection.execute(
        update(schema.document)
        .where(schema.document.c.id == row.id)
        .values(paid=schema.document.c.paid + amount)
        .returning(schema.document.c.paid)
    ).scalar_one()
    return settlement(connection, row, paid)


def settlement_of(connection: Connection, company_code: str, document_key: str) -> Settlement:
    """Raises NeedsPerson ``ledger.unknown-document``."""
    return settlement(
        connection, find_document(connection, find_company(connection, company_code), document_key)
    )


def settlement(connection: Connection, row: Any, paid: Decimal | None = None) -> Settlement:
    """The settlement of a document's ``row``."""
    changed = corrected_by(connection, row.id)
    made = connection.execute(
        select(_payment).where(_payment.c.document_id == row.id).order_by(_payment.c.id)
    ).all()
    back = back_of(connection, [row.id]) if any(p.entry_id is not None for p in made) else {}
    return Settlement(
        document_id=str(row.id),
        form=row.payment_form,
        due_on=row.due_on,
        currency=row.currency,
        owed=row.gross + changed,
        corrected=changed,
        paid=row.paid if paid is None else paid,
        payments=tuple(PaymentMade(p.key, p.form, p.paid_on, p.amount) for p in made),
        given_back=back[row.id].open if row.id in back else ZERO,
    )
