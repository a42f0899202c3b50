"""One payment and the documents that it settles, one after the other; what is left of it stays open on the buyer's account.

A payment is an entry on an account (``led_entry``). The documents that it settles are its parts (``led_part``), in the order
in which they were given to it. What of it is on which document says ``led_payment``, row by row: a part that is cancelled or
corrected gives back what it is not worth any more, by a row below 0. Nothing is ever settled twice, for what a part has is
reckoned anew from these rows each time, with the payment locked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Connection, cast, func, insert, or_, select, type_coerce, update

from pomost.ledger import changes, corrections, schema
from pomost.ledger.cards import Cards
from pomost.ledger.changes import find_document, lock_document
from pomost.ledger.companies import Company, find_company
from pomost.ledger.contractors import party_from_json
from pomost.ledger.conversion import number_of
from pomost.ledger.corrected import corrected_by
from pomost.ledger.reading import load_one
from pomost.ports import NeedsPerson, SettledPart
from pomost.trade.documents import CORRECTIONS, Document, Draft
from pomost.trade.settling import Part, given_back, settle, still_open

ZERO = Decimal(0)
NEWEST = 20_000
"""So many documents of a contractor are looked at for payments that are open."""
_doc = schema.document
_entry = schema.entry
_part = schema.part
_payment = schema.payment


@dataclass(frozen=True, slots=True)
class OpenPayment:
    """A payment of which something settles nothing yet: it stands on the account of the buyer, ``name``, and is owed to him
    or her. ``open`` of ``amount``, in ``currency``; ``account`` is where the money is. ``documents``: numbers of its parts."""

    key: str
    contractor: str
    name: str
    account: str
    booked_on: date
    currency: str
    amount: Decimal
    open: Decimal
    documents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GivenBack:
    """What a document gave back of payments: ``open`` of it is still to be paid back or to settle something, ``used`` settled
    other documents since. ``last_on``: the last day on which it gave something back."""

    open: Decimal = ZERO
    used: Decimal = ZERO
    last_on: date | None = None


def settle_part(
    connection: Connection, company_code: str, payment: str, document_key: str, on: date
) -> SettledPart:
    """Makes the document a part of the payment booked under ``payment`` and settles it; repeating changes nothing.

    Raises NeedsPerson ``ledger.unknown-payment``, ``ledger.unknown-document``, ``ledger.bad-booking`` where the currencies
    differ.
    """
    company = find_company(connection, company_code)
    entry = lock_payment(connection, company, payment)
    if entry is None:
        raise NeedsPerson(
            "ledger.unknown-payment",
            f"Company {company.code} has no payment booked under {payment}.",
            "Look whether the step that books it was skipped; settle the document by hand then.",
        )
    row = lock_document(connection, company, document_key)
    if row.currency != entry.currency:
        raise NeedsPerson(
            "ledger.bad-booking",
            f"{row.number} is in {row.currency}, and the payment in {entry.currency}.",
            "Book the payment by hand, at the rate of its day.",
        )
    return attach(connection, entry, row, on)


def attach(connection: Connection, entry: Any, row: Any, on: date, form: str = "") -> SettledPart:
    """The same for an entry that is locked and a document's row."""
    known = connection.execute(
        select(_part.c.document_id).where(_part.c.entry_id == entry.id).order_by(_part.c.position)
    ).scalars()
    ids = list(known)
    if row.id not in ids:
        connection.execute(insert(_part).values(entry_id=entry.id, document_id=row.id, position=len(ids) + 1))
        _adopt(connection, entry, row)
    settled = _reckon(connection, entry, on, form)
    now = connection.execute(select(_doc.c.gross, _doc.c.paid).where(_doc.c.id == row.id)).one()
    return SettledPart(
        amount=settled.get(row.id, ZERO),
        left=now.gross + corrected_by(connection, row.id) - now.paid,
        open=entry.amount - sum(settled.values(), ZERO),
    )


def lock_payment(connection: Connection, company: Company, key: str) -> Any:
    """The entry of the payment booked under ``key``, locked; None when there is none."""
    return connection.execute(
        select(_entry)
        .where(_entry.c.company_id == company.id, _entry.c.key == key, _entry.c.what == "payment")
        .with_for_update()
    ).one_or_none()


def lock_payments_of(connection: Connection, document_id: int) -> Sequence[Any]:
    """The payments that the document is a part of, locked. Taken before the document itself is, as everywhere."""
    return connection.execute(
        select(_entry)
        .where(_entry.c.id.in_(select(_part.c.entry_id).where(_part.c.document_id == document_id)))
        .order_by(_entry.c.id)
        .with_for_update()
    ).all()


def settle_again(connection: Connection, document_id: int, on: date) -> bool:
    """After a document was cancelled or corrected: it gives back what it is not worth any more, and what is free settles the
    parts that lack something. Whether it is a part of any payment."""
    entries = lock_payments_of(connection, document_id)
    for entry in entries:
        _reckon(connection, entry, on)
    return bool(entries)


def cancel(connection: Connection, company_code: str, key: str, on: date) -> Document:
    """``changes.cancel``; what payments settled of the document, or of what it corrected, is settled anew."""
    row = find_document(connection, find_company(connection, company_code), key)
    paid = int(row.id)
    if row.kind in CORRECTIONS.values():
        paid = connection.execute(
            select(schema.correction.c.corrected_id).where(schema.correction.c.document_id == row.id)
        ).scalar_one()
    lock_payments_of(connection, paid)
    document = changes.cancel(connection, company_code, key)
    return load_one(connection, row.id) if settle_again(connection, paid, on) else document


def correct(connection: Connection, cards: Cards, draft: Draft, at: datetime) -> Document:
    """``corrections.issue``; what payments settled of the corrected document is settled anew."""
    paid = number_of(draft.sources[0]) if draft.sources else -1
    lock_payments_of(connection, paid)
    document = corrections.issue(connection, cards, draft, at)
    settle_again(connection, paid, draft.issued_on)
    return document


def take_for_refund(connection: Connection, row: Any, key: str, amount: Decimal, on: date) -> None:
    """Takes ``amount`` of what the document gave back out of its payments again, since it is paid to the buyer."""
    for entry in lock_payments_of(connection, row.id):
        rows = _rows(connection, [entry.id])
        taken = min(amount, _back(entry, rows, row.id)[0])
        if taken <= 0:
            continue
        _give(connection, entry, row.id, taken, f"{key}~of-{entry.id}", _form(rows), on)
        amount -= taken


def back_of(connection: Connection, document_ids: Iterable[int]) -> dict[int, GivenBack]:
    """Document -> what it gave back of payments; of those that gave anything back."""
    ids = sorted(document_ids)
    found: dict[int, GivenBack] = {}
    entries = connection.execute(
        select(_entry)
        .where(_entry.c.id.in_(select(_part.c.entry_id).where(_part.c.document_id.in_(ids))))
        .order_by(_entry.c.id)
    ).all()
    rows = _rows(connection, [entry.id for entry in entries])
    for entry in entries:
        own = [row for row in rows if row.entry_id == entry.id]
        for document in {row.document_id for row in own if row.amount < 0} & set(ids):
            open_now, used = _back(entry, own, document)
            last = max(row.paid_on for row in own if row.document_id == document and row.amount < 0)
            before = found.get(document, GivenBack())
            found[document] = GivenBack(
                before.open + open_now, before.used + used, max(last, before.last_on or last)
            )
    return found


def open_payments(
    connection: Connection, company_code: str, contractor: int | None = None
) -> list[OpenPayment]:
    """The payments of which something is open, the oldest first, each with the name of the buyer whose money it is.

    ``contractor``: of this one alone, and of its newest ``NEWEST`` documents.
    """
    company = find_company(connection, company_code)
    # PostgreSQL sums bigint to numeric
    total = type_coerce(cast(func.sum(_payment.c.amount), BigInteger), _payment.c.amount.type)
    settled = (
        select(_payment.c.entry_id, total.label("settled"))
        .where(_payment.c.company_id == company.id, _payment.c.entry_id.is_not(None))
        .group_by(_payment.c.entry_id)
        .subquery()
    )
    query = (
        select(_entry, _doc.c.buyer, schema.contractor.c.code.label("contractor"), settled.c.settled)
        .join(_doc, _doc.c.id == _entry.c.document_id)
        .join(schema.contractor, schema.contractor.c.id == _doc.c.contractor_id)
        .outerjoin(settled, settled.c.entry_id == _entry.c.id)
        .where(
            _entry.c.company_id == company.id,
            _entry.c.what == "payment",
            or_(settled.c.settled.is_(None), settled.c.settled < _entry.c.amount),
        )
        .order_by(_entry.c.booked_on, _entry.c.id)
    )
    if contractor is not None:
        newest = (
            select(_doc.c.id)
            .where(_doc.c.contractor_id == contractor)
            .order_by(_doc.c.issued_on.desc(), _doc.c.id.desc())
            .limit(NEWEST)
        )
        query = query.where(_doc.c.id.in_(newest))
    rows = connection.execute(query).all()
    return [
        OpenPayment(
            row.key,
            row.contractor,
            party_from_json(row.buyer).shown_name,
            row.account,
            row.booked_on,
            row.currency,
            row.amount,
            row.amount - (row.settled or ZERO),
            _numbers(connection, row.id),
        )
        for row in rows
    ]


def _numbers(connection: Connection, entry_id: int) -> tuple[str, ...]:
    return tuple(
        connection.execute(
            select(_doc.c.number)
            .join(_part, _part.c.document_id == _doc.c.id)
            .where(_part.c.entry_id == entry_id)
            .order_by(_part.c.position)
        ).scalars()
    )


def _adopt(connection: Connection, entry: Any, row: Any) -> None:
    """What a document was made with as paid (an advance invoice, say) is money of this payment and not more beside it."""
    free = entry.amount - sum((one.amount for one in _rows(connection, [entry.id])), ZERO)
    own = connection.execute(
        select(_payment).where(
            _payment.c.document_id == row.id,
            _payment.c.key.in_([f"{row.key}:paid", entry.key]),
            _payment.c.entry_id.is_(None),
        )
    ).all()
    for one in own:
        if ZERO < one.amount <= free:
            connection.execute(update(_payment).where(_payment.c.id == one.id).values(entry_id=entry.id))
            free -= one.amount


def _reckon(connection: Connection, entry: Any, on: date, form: str = "") -> dict[int, Decimal]:
    """Settles the parts of the locked payment anew, writing what changes; gives what each has of it."""
    order = list(
        connection.execute(
            select(_part.c.document_id).where(_part.c.entry_id == entry.id).order_by(_part.c.position)
        ).scalars()
    )
    documents = {
        row.id: row
        for row in connection.execute(
            select(_doc).where(_doc.c.id.in_(order)).order_by(_doc.c.id).with_for_update()
        )
    }
    rows = _rows(connection, [entry.id])
    has = {one: sum((row.amount for row in rows if row.document_id == one), ZERO) for one in order}
    parts = []
    for one in order:
        row = documents[one]
        owed = ZERO if row.state == "cancelled" else row.gross + corrected_by(connection, one)
        parts.append(Part(owed - (row.paid - has[one]), has[one]))
    count = len(rows)
    now = dict(zip(order, settle(entry.amount, parts), strict=True))
    for one in order:
        change = now[one] - has[one]
        if change:
            count += 1
            # the first has the payment's own key, by which it always was written down
            key = entry.key if count == 1 else f"{entry.key}~{count}"
            _give(connection, entry, one, change, key, _form(rows) or form, on)
    return now


def _give(
    connection: Connection, entry: Any, document_id: int, amount: Decimal, key: str, form: str, on: date
) -> None:
    connection.execute(
        insert(_payment).values(
            company_id=entry.company_id,
            document_id=document_id,
            key=key,
            form=form,
            paid_on=on,
            amount=amount,
            entry_id=entry.id,
        )
    )
    connection.execute(update(_doc).where(_doc.c.id == document_id).values(paid=_doc.c.paid + amount))


def _rows(connection: Connection, entry_ids: Sequence[int]) -> Sequence[Any]:
    """What of these payments is on which document, row by row, the oldest first."""
    return connection.execute(
        select(_payment).where(_payment.c.entry_id.in_(list(entry_ids))).order_by(_payment.c.id)
    ).all()


def _form(rows: Sequence[Any]) -> str:
    return str(rows[0].form) if rows else ""


def _back(entry: Any, rows: Sequence[Any], document_id: int) -> tuple[Decimal, Decimal]:
    """(open, used) of what the document gave back of one payment; ``rows`` are that payment's."""
    last: dict[int, int] = {}
    for row in rows:
        if row.amount < 0:
            last[row.document_id] = row.id
    order = sorted(last, key=last.__getitem__)
    backs = [given_back([row.amount for row in rows if row.document_id == one]) for one in order]
    left = entry.amount - sum((row.amount for row in rows), ZERO)
    for one, back, open_now in zip(order, backs, still_open(backs, left), strict=True):
        if one == document_id:
            return open_now, back - open_now
    return ZERO, ZERO
