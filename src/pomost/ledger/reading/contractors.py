"""Contractors as people look at them: the list by code, one with its balance of payments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, and_, cast, exists, func, select, type_coerce

from pomost.ledger import schema
from pomost.ledger.contractors import ONE_OFF
from pomost.ledger.reading.documents import DocumentRow, rows_of
from pomost.ledger.reading.paging import SCAN, Listed, Page, Turn, cleaned, count, find, holds
from pomost.ledger.reading.parties import cards_named, company_ids
from pomost.trade.documents import KINDS

ZERO = Decimal("0.00")
BALANCED = 20_000
"""The newest so many sales of a contractor are added up."""
UNPAID = 50

SALES = tuple(kind.symbol for kind in KINDS.values() if kind.sale)

_SEARCHED = ("name", "code", "city", "email", "phone", "tax_id")
_contractor = schema.contractor
_company = schema.company
_doc = schema.document
_relation = schema.relation


@dataclass(frozen=True, slots=True)
class ContractorsAsked:
    """``text``: a tax number, e-mail address or code, or else (or with ``partly``) a part of name, city,
    e-mail, phone, code or number."""

    company: str = ""
    text: str = ""
    partly: bool = False


@dataclass(frozen=True, slots=True)
class ContractorRow:
    """A contractor's card. ``one_off``: the one that stands for all buyers without a card."""

    id: int
    company: str
    code: str
    name: str
    tax_id: str
    email: str
    phone: str
    street: str
    postcode: str
    city: str
    country: str

    @property
    def one_off(self) -> bool:
        return self.code == ONE_OFF


@dataclass(frozen=True, slots=True)
class Balance:
    """Sales in force in one currency: what they say, after corrections, and what was paid. ``left`` is what is owed."""

    currency: str
    documents: int
    sold: Decimal
    paid: Decimal

    @property
    def left(self) -> Decimal:
        return self.sold - self.paid


@dataclass(frozen=True, slots=True)
class Unpaid:
    """A sale in force of which something is owed after its corrections."""

    document: DocumentRow
    left: Decimal

    def late(self, today: date) -> bool:
        return self.document.due_on is not None and self.document.due_on < today


@dataclass(frozen=True, slots=True)
class Account:
    """What a contractor bought and owes. ``cut``: only the newest ``BALANCED`` sales were added up."""

    balances: tuple[Balance, ...]
    unpaid: tuple[Unpaid, ...]
    cut: bool


def list_contractors(
    connection: Connection, asked: ContractorsAsked, turn: Turn | None = None, scan: int = SCAN
) -> Page[ContractorRow]:
    """A page of the contractors that are asked for, by code."""
    words = cleaned(asked.text)
    companies = company_ids(connection, asked.company)
    ranges: tuple[ColumnElement[bool], ...] = tuple(_contractor.c.company_id == one for one in companies)
    passing: ColumnElement[bool] | None = None
    exactly = cards_named(connection, companies, words) if words and not asked.partly else []
    if exactly:
        ranges = (_contractor.c.id.in_(exactly),)
    elif words:
        passing = holds([_contractor.c[name] for name in _SEARCHED], words)
    listed = Listed(_contractor.c.code, _contractor.c.id, False, ranges, passing)
    found = find(connection, listed, turn or Turn(), scan)
    total = count(connection, listed) if passing is None else None
    return Page(
        contractors_of(connection, found.ids), found.after, found.before, found.cut, total, bool(exactly)
    )


def contractors_of(connection: Connection, ids: Sequence[int]) -> tuple[ContractorRow, ...]:
    """The cards with these ids, in this order."""
    names = ("code", "name", "tax_id", "email", "phone", "street", "postcode", "city", "country")
    rows = connection.execute(
        select(_contractor.c.id, _company.c.code.label("company"), *(_contractor.c[name] for name in names))
        .join(_company, _company.c.id == _contractor.c.company_id)
        .where(_contractor.c.id.in_(ids))
    )
    found = {row.id: ContractorRow(*row) for row in rows} if ids else {}
    return tuple(found[one] for one in ids if one in found)


def account_of(connection: Connection, contractor_id: int, most: int = BALANCED) -> Account:
    """Adds up the newest ``most`` sales in force. A receipt for which an invoice was made counts once, as the invoice."""
    newest = _newest_sales(contractor_id, most)
    sales = (
        select(_doc)
        .join(newest, newest.c.id == _doc.c.id)
        .where(_doc.c.state == "approved", ~_invoiced())
        .subquery()
    )
    rows = connection.execute(
        select(
            sales.c.currency,
            func.count().label("n"),
            _total(sales.c.gross).label("gross"),
            _total(sales.c.paid).label("paid"),
        )
        .group_by(sales.c.currency)
        .order_by(sales.c.currency)
    )
    balances = tuple(Balance(row.currency, row.n, row.gross, row.paid) for row in rows)
    looked = connection.execute(select(func.count()).select_from(newest)).scalar_one()
    return Account(balances, _unpaid(connection, newest), looked >= most)


def _newest_sales(contractor_id: int, most: int) -> Any:
    return (
        select(_doc.c.id, _doc.c.issued_on)
        .where(_doc.c.contractor_id == contractor_id, _doc.c.kind.in_(SALES))
        .order_by(_doc.c.issued_on.desc(), _doc.c.id.desc())
        .limit(most)
        .subquery()
    )


def _invoiced() -> ColumnElement[bool]:
    return and_(
        _doc.c.kind == "PA",
        exists().where(
            _relation.c.source_id == _doc.c.id, _relation.c.aspect == "invoice", _relation.c.active
        ),
    )


def _unpaid(connection: Connection, newest: Any) -> tuple[Unpaid, ...]:
    correcting, correction = schema.document.alias(), schema.correction
    changed = (
        select(func.coalesce(cast(func.sum(correcting.c.gross), BigInteger), 0))
        .join(correction, correction.c.document_id == correcting.c.id)
        .where(correction.c.corrected_id == _doc.c.id, correcting.c.state != "cancelled")
        .correlate(_doc)
        .scalar_subquery()
    )
    left = (cast(_doc.c.gross, BigInteger) + changed - cast(_doc.c.paid, BigInteger)).label("left")
    corrects = [kind for kind in SALES if KINDS[kind].corrects]
    rows = connection.execute(
        select(_doc.c.id, type_coerce(left, _doc.c.gross.type).label("left"))
        .join(newest, newest.c.id == _doc.c.id)
        .where(
            _doc.c.state == "approved",
            _doc.c.kind.not_in(corrects),
            _doc.c.paid < _doc.c.gross,
            ~_invoiced(),
            left > 0,
        )
        .order_by(_doc.c.issued_on, _doc.c.id)
        .limit(UNPAID)
    ).all()
    shown = {row.id: row for row in rows_of(connection, [row.id for row in rows])}
    return tuple(Unpaid(shown[row.id], row.left) for row in rows)


def _total(column: Any) -> Any:
    # PostgreSQL sums bigint to numeric
    return type_coerce(cast(func.sum(column), BigInteger), column.type)
