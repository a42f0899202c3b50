"""The list of documents, newest first: by company, kind, series, state, days, contractor, number and text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, text, true

from pomost.ledger import schema
from pomost.ledger.contractors import party_from_json
from pomost.ledger.payments import Settlement, settlement
from pomost.ledger.reading.paging import SCAN, Listed, Page, Turn, cleaned, count, find, holds, write_mark
from pomost.ledger.reading.parties import cards_named, company_ids
from pomost.trade.documents import KINDS

_doc = schema.document
_series = schema.series
_company = schema.company
_warehouse = schema.warehouse

STATES = ("bufor", "approved", "cancelled")
_UNUSUAL = text("state <> 'approved'")
_KNOWN = 1_000


@dataclass(frozen=True, slots=True)
class DocumentsAsked:
    """What is looked for; empty means any. ``company``, ``kind`` and ``series`` are codes, days are those of issue.

    ``number``: all or a part of a document's number, with or without the kind before it. ``text``: the number of an
    order or of a document, or a contractor's tax number, e-mail address or code; or else (or with ``partly``) a part of what
    stands on it of the buyer, or of its notes.
    """

    company: str = ""
    kind: str = ""
    state: str = ""
    series: str = ""
    first_day: date | None = None
    last_day: date | None = None
    contractor: int | None = None
    number: str = ""
    text: str = ""
    partly: bool = False


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document in a list. Amounts are in ``currency``."""

    id: int
    company: str
    kind: str
    series: str
    number: str
    state: str
    issued_on: date
    due_on: date | None
    currency: str
    net: Decimal
    gross: Decimal
    paid: Decimal
    buyer: str
    contractor_id: int
    foreign_number: str
    warehouse: str


@dataclass(frozen=True, slots=True)
class SeriesRow:
    """A series in which documents are numbered; the one without a name is empty."""

    company: str
    kind: str
    series: str


def list_documents(
    connection: Connection, asked: DocumentsAsked, turn: Turn | None = None, scan: int = SCAN
) -> Page[DocumentRow]:
    """A page of the documents that are asked for, newest first. A look for a part of a text ends after ``scan`` rows."""
    turn = turn or Turn()
    number, words = cleaned(asked.number), cleaned(asked.text)
    numbered = _of_number(connection, number) if number and not asked.partly else []
    named = _of_text(connection, words) if words and not asked.partly else []
    cards: list[int] = []
    if words and not named and not asked.partly and asked.contractor is None:
        cards = cards_named(connection, company_ids(connection, asked.company), words)
    texts: list[ColumnElement[bool]] = []
    if number and not numbered:
        texts.append(holds([_doc.c.number], number))
    if words and not named and not cards:
        texts.append(_says(words))
    if numbered or named:
        known = set(numbered or named) & set(named or numbered)
        if cards:
            texts.append(_doc.c.contractor_id.in_(cards))
        return _of_known(connection, known, and_(true(), *_all(asked), *texts), turn)
    bought_by = cards or ([] if asked.contractor is None else [asked.contractor])
    conditions = [*_conditions(asked, bool(bought_by)), *texts]
    listed = Listed(
        _doc.c.issued_on,
        _doc.c.id,
        True,
        _ranges(connection, asked, bought_by),
        and_(*conditions) if conditions else None,
    )
    found = find(connection, listed, turn, scan)
    total = count(connection, listed) if not texts and _countable(asked, bool(bought_by)) else None
    return Page(rows_of(connection, found.ids), found.after, found.before, found.cut, total, bool(cards))


def rows_of(connection: Connection, ids: Sequence[int]) -> tuple[DocumentRow, ...]:
    """The documents with these ids, in this order."""
    query = (
        select(_doc, _company.c.code.label("company"), _warehouse.c.code.label("warehouse"))
        .join(_company, _company.c.id == _doc.c.company_id)
        .join(_warehouse, _warehouse.c.id == _doc.c.warehouse_id)
        .where(_doc.c.id.in_(ids))
    )
    found = {row.id: _row(row) for row in connection.execute(query)} if ids else {}
    return tuple(found[one] for one in ids if one in found)


def of_order(connection: Connection, foreign_number: str, most: int = 50) -> tuple[DocumentRow, ...]:
    """Documents of all companies that carry the number of an order, in the order they were made."""
    ids = connection.execute(
        select(_doc.c.id)
        .where(
            _doc.c.company_id.in_(select(_company.c.id)),
            _doc.c.foreign_number == cleaned(foreign_number),
        )
        .order_by(_doc.c.id)
        .limit(most)
    ).scalars()
    return rows_of(connection, list(ids))


def series_in_use(connection: Connection) -> list[SeriesRow]:
    """Those in which there is a document, by company, kind and name."""
    return [SeriesRow(row.company, row.kind, row.series) for row in connection.execute(_used("", "", ""))]


def where_it_is(connection: Connection, document_id: int) -> str | None:
    """The code of the company that a document belongs to; None when there is no such document."""
    found: str | None = connection.execute(
        select(_company.c.code).join(_doc, _doc.c.company_id == _company.c.id).where(_doc.c.id == document_id)
    ).scalar()
    return found


def payments_of(connection: Connection, document_id: int) -> Settlement | None:
    """How a document is paid, after its corrections; None when there is no such document."""
    row = connection.execute(select(_doc).where(_doc.c.id == document_id)).one_or_none()
    return None if row is None else settlement(connection, row)


def _row(row: Any) -> DocumentRow:
    return DocumentRow(
        id=row.id,
        company=row.company,
        kind=row.kind,
        series=row.series,
        number=row.number,
        state=row.state,
        issued_on=row.issued_on,
        due_on=row.due_on,
        currency=row.currency,
        net=row.net,
        gross=row.gross,
        paid=row.paid,
        buyer=party_from_json(row.buyer).shown_name,
        contractor_id=row.contractor_id,
        foreign_number=row.foreign_number,
        warehouse=row.warehouse,
    )


# which ranges of which index


def _ranges(
    connection: Connection, asked: DocumentsAsked, bought_by: Sequence[int]
) -> tuple[ColumnElement[bool], ...]:
    days = _days(asked)
    if bought_by:
        kinds = [cleaned(asked.kind)] if asked.kind else list(KINDS)
        return tuple(
            and_(_doc.c.contractor_id == one, _doc.c.kind == kind, *days)
            for one in bought_by
            for kind in kinds
        )
    used = list(connection.execute(_used(asked.company, asked.kind, asked.series)))
    if asked.state in STATES and asked.state != "approved":
        pairs = dict.fromkeys((row.company_id, row.kind) for row in used)
        return tuple(
            and_(
                _doc.c.company_id == company,
                _doc.c.kind == kind,
                _doc.c.state == asked.state,
                _UNUSUAL,
                *days,
            )
            for company, kind in pairs
        )
    return tuple(
        and_(_doc.c.company_id == row.company_id, _doc.c.kind == row.kind, _doc.c.series == row.series, *days)
        for row in used
    )


def _conditions(asked: DocumentsAsked, by_contractor: bool) -> list[ColumnElement[bool]]:
    """What the ranges do not say."""
    found: list[ColumnElement[bool]] = []
    unusual = asked.state in ("bufor", "cancelled")
    if by_contractor and asked.company:
        found.append(_of_company(asked.company))
    if asked.series and (by_contractor or unusual):
        found.append(_doc.c.series == cleaned(asked.series))
    if asked.state and (by_contractor or not unusual):
        found.append(_doc.c.state == cleaned(asked.state))
    return found


def _all(asked: DocumentsAsked) -> list[ColumnElement[bool]]:
    """Everything that is asked for but number and text."""
    found = [*_days(asked)]
    if asked.company:
        found.append(_of_company(asked.company))
    for column, value in (("kind", asked.kind), ("state", asked.state), ("series", asked.series)):
        if value:
            found.append(_doc.c[column] == cleaned(value))
    if asked.contractor is not None:
        found.append(_doc.c.contractor_id == asked.contractor)
    return found


def _countable(asked: DocumentsAsked, by_contractor: bool) -> bool:
    """Whether rows can be counted without looking at many that do not count."""
    if by_contractor:
        return not asked.company and not asked.series and asked.state in ("", "approved")
    return not (asked.series and asked.state in ("bufor", "cancelled"))


def _days(asked: DocumentsAsked) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if asked.first_day is not None:
        found.append(_doc.c.issued_on >= asked.first_day)
    if asked.last_day is not None:
        found.append(_doc.c.issued_on <= asked.last_day)
    return found


def _of_company(code: str) -> ColumnElement[bool]:
    return (
        _doc.c.company_id == select(_company.c.id).where(_company.c.code == cleaned(code)).scalar_subquery()
    )


def _used(company: str, kind: str, series: str) -> Any:
    # the newest of each by the index: PostgreSQL would make a join with all documents of a plain EXISTS
    newest = (
        select(_doc.c.id)
        .where(
            _doc.c.company_id == _series.c.company_id,
            _doc.c.kind == _series.c.kind,
            _doc.c.series == _series.c.series,
        )
        .order_by(_doc.c.issued_on.desc(), _doc.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = (
        select(_series.c.company_id, _series.c.kind, _series.c.series, _company.c.code.label("company"))
        .join(_company, _company.c.id == _series.c.company_id)
        .where(newest.is_not(None))
        .order_by(_company.c.code, _series.c.kind, _series.c.series)
    )
    if company:
        query = query.where(_company.c.code == cleaned(company))
    if kind:
        query = query.where(_series.c.kind == cleaned(kind))
    if series:
        query = query.where(_series.c.series == cleaned(series))
    return query


# numbers and texts


def _of_number(connection: Connection, number: str) -> list[int]:
    """Documents with exactly this number."""
    kind, _, rest = number.partition(" ")
    kinds = [kind.upper()] if rest and kind.upper() in KINDS else list(KINDS)
    shown = rest.strip() if len(kinds) == 1 else number
    query = select(_doc.c.id).where(
        _doc.c.company_id.in_(select(_company.c.id)),
        _doc.c.kind.in_(kinds),
        _doc.c.number.in_({shown, shown.upper(), number}),
    )
    return list(connection.execute(query.limit(_KNOWN)).scalars())


def _of_text(connection: Connection, words: str) -> list[int]:
    """Documents of exactly this order, or with exactly this number."""
    query = select(_doc.c.id).where(
        _doc.c.company_id.in_(select(_company.c.id)), _doc.c.foreign_number == words
    )
    return list(
        dict.fromkeys([*connection.execute(query.limit(_KNOWN)).scalars(), *_of_number(connection, words)])
    )


def _says(words: str) -> ColumnElement[bool]:
    # parties are kept as JSON: a quotation mark in a name has a backslash before it there
    in_json = json.dumps(words, ensure_ascii=False)[1:-1]
    return or_(
        holds([_without_names(_doc.c.buyer), _without_names(_doc.c.recipient)], in_json),
        holds([_doc.c.number, _doc.c.foreign_number, _doc.c.notes], words),
    )


def _without_names(party: Any) -> Any:
    """What stands on a party, without the names of its fields: a look for "email" must not find everybody."""
    for name in ("name", "company", "tax_id", "email", "phone", "address"):
        party = func.replace(party, f'"{name}": ', "")
    return party


def _of_known(
    connection: Connection, ids: Iterable[int], passing: ColumnElement[bool], turn: Turn
) -> Page[DocumentRow]:
    """A page of the few documents that are known by their ids."""
    keys = [
        (row.issued_on, row.id)
        for row in connection.execute(
            select(_doc.c.issued_on, _doc.c.id)
            .where(_doc.c.id.in_(list(ids)), passing)
            .order_by(_doc.c.issued_on.desc(), _doc.c.id.desc())
        )
    ]
    marks = [write_mark(key) for key in keys]
    start = marks.index(turn.after) + 1 if turn.after in marks else 0
    if not turn.after and turn.before in marks:
        start = max(marks.index(turn.before) - turn.size, 0)
    shown = keys[start : start + turn.size]
    after = marks[start + len(shown) - 1] if start + len(shown) < len(keys) else ""
    return Page(
        rows_of(connection, [key[1] for key in shown]),
        after,
        marks[start] if start else "",
        False,
        len(keys),
        True,
    )
