"""Sales and their cost as they stand in the ledger's documents: conditions and sums that the reports are made of.

A sale is an approved FS, PA or advance invoice (FZAL) with its corrections (FSK, PAK). An FS that was made from a receipt (PA) is
left out, for the receipt is the sale already. A final invoice counts as what it charges: its lines hold the whole sale, and what
advances charged before is taken off by the remainder ``REST``, which also holds the grosze that lines in a currency differ
from their document by. So the sums of each report of sales are the same, whatever it is divided by.

Cost is the value with which goods left, of the documents that issued them (WZ; FS and PA that issue goods themselves), less
that of goods which came back (WZK, FSK, PAK), by the day of those documents.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    FromClause,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    select,
    type_coerce,
)

from pomost.ledger import schema
from pomost.reports.report import PERIODS, PLN, Asked, Cell, Word, bucket, cents

_doc, _line, _item = schema.document, schema.line, schema.item
_company, _warehouse, _contractor = schema.company, schema.warehouse, schema.contractor
SALES = ("FS", "PA", "FZAL", "FSK", "PAK")
CORRECTING = ("FSK", "PAK")
ISSUING = ("WZ", "FS", "PA")
GIVING_BACK = ("WZK", "FSK", "PAK")
REST = Word("rest")
"""The row of advances, their settlement, and grosze of rounding in a currency."""
OF_LINES = ("item", "group")
BY = ("channel", "item", "group", "warehouse", "contractor", "company", *PERIODS)
Key = tuple[Cell, ...]


@dataclass(slots=True)
class Sums:
    """Of one row. ``plus``: sales, ``minus``: corrections (below zero); in PLN or, where it has no rate, its own currency."""

    documents: int = 0
    quantity: int = 0
    plus: Decimal = field(default_factory=lambda: Decimal("0.00"))
    minus: Decimal = field(default_factory=lambda: Decimal("0.00"))

    @property
    def net(self) -> Decimal:
        return self.plus + self.minus

    def add(self, other: Sums) -> None:
        self.documents += other.documents
        self.quantity += other.quantity
        self.plus += other.plus
        self.minus += other.minus


def whole(column: ColumnElement[Any]) -> ColumnElement[int]:
    """The whole number in which an amount or a quantity is kept."""
    return type_coerce(column, BigInteger)


def total(value: ColumnElement[int]) -> ColumnElement[int]:
    # PostgreSQL sums bigint to numeric
    return cast(func.coalesce(func.sum(value), 0), BigInteger)


def origin() -> ColumnElement[str]:
    """The channel of a document; a correction that does not say has that of what it corrects."""
    corrected = _doc.alias()
    of_corrected = (
        select(corrected.c.origin)
        .join(schema.correction, schema.correction.c.corrected_id == corrected.c.id)
        .where(schema.correction.c.document_id == _doc.c.id)
        .scalar_subquery()
    )
    lacks = and_(_doc.c.origin == "", _doc.c.kind.in_(("FSK", "PAK", "WZK")))
    return case((lacks, func.coalesce(of_corrected, "")), else_=_doc.c.origin)


def asked_for(asked: Asked) -> list[ColumnElement[bool]]:
    """The conditions of days, company, channel and warehouse; company and warehouse are joined."""
    found: list[ColumnElement[bool]] = [_doc.c.issued_on.between(asked.start, asked.end)]
    if asked.company:
        found.append(_company.c.code == asked.company)
    if asked.channel:
        found.append(origin() == asked.channel)
    if asked.warehouse:
        found.append(_warehouse.c.code == asked.warehouse)
    return found


def is_sale() -> ColumnElement[bool]:
    source = _doc.alias()
    of_receipt = exists(
        select(literal(1))
        .select_from(schema.relation)
        .join(source, source.c.id == schema.relation.c.source_id)
        .where(schema.relation.c.target_id == _doc.c.id, schema.relation.c.active, source.c.kind == "PA")
    )
    return and_(
        _doc.c.state == "approved",
        _doc.c.kind.in_(SALES),
        ~and_(_doc.c.kind == "FS", of_receipt),
    )


def unit() -> ColumnElement[str]:
    """The currency that a document's amounts are summed in: PLN, or its own where no rate is known."""
    return case((_doc.c.net_pln.is_(None), _doc.c.currency), else_=PLN)


def of_document() -> ColumnElement[int]:
    return func.coalesce(whole(_doc.c.net_pln), whole(_doc.c.net))


def of_line() -> ColumnElement[int]:
    """The net of a line in PLN by the document's rate, rounded half up from zero; its own where there is no rate."""
    exact = whole(_line.c.net) * whole(_doc.c.rate)
    half, one = literal(50_000_000, BigInteger), literal(100_000_000, BigInteger)
    # both databases divide whole numbers towards zero
    rounded = case((exact < 0, (exact - half) // one), else_=(exact + half) // one)
    in_pln = and_(_doc.c.currency != PLN, _doc.c.net_pln.is_not(None), _doc.c.rate.is_not(None))
    return case((in_pln, rounded), else_=whole(_line.c.net))


def keys_of(by: str) -> list[ColumnElement[Any]]:
    """What the rows of a report are told apart by. Codes mean something within their company only."""
    code: ColumnElement[Any] = _company.c.code
    found: dict[str, list[ColumnElement[Any]]] = {
        "channel": [origin()],
        "item": [code, _line.c.sku],
        "group": [func.coalesce(_item.c.category, "")],
        "warehouse": [code, _warehouse.c.code],
        "contractor": [code, _contractor.c.code],
        "company": [code],
        "": [],
    }
    return [_doc.c.issued_on] if by in PERIODS else found[by]


def labels(keys: Sequence[ColumnElement[Any]]) -> list[str]:
    """Names to group by: PostgreSQL takes an expression with values in it for another one each time it stands there."""
    return [f"key_{place}" for place in range(len(keys))]


def labelled(keys: Sequence[ColumnElement[Any]]) -> list[ColumnElement[Any]]:
    return [key.label(name) for key, name in zip(keys, labels(keys), strict=True)]


def documents(by: str) -> FromClause:
    """Documents with what the conditions and keys need."""
    found = _doc.join(_company, _company.c.id == _doc.c.company_id).join(
        _warehouse, _warehouse.c.id == _doc.c.warehouse_id
    )
    return found.join(_contractor, _contractor.c.id == _doc.c.contractor_id) if by == "contractor" else found


def with_lines(found: FromClause, by: str) -> FromClause:
    joined = found.join(_line, _line.c.document_id == _doc.c.id)
    return joined.outerjoin(_item, _item.c.id == _line.c.item_id) if by == "group" else joined


def sales(connection: Connection, asked: Asked, by: str) -> dict[tuple[Key, str], Sums]:
    """(key, currency) -> sums. The keys are those of ``keys_of``; days are gathered into weeks and months."""
    keys, corrects = keys_of(by), _doc.c.kind.in_(CORRECTING)
    amount = of_line() if by in OF_LINES else of_document()
    source = with_lines(documents(by), by) if by in OF_LINES else documents(by)
    counted = func.count(_doc.c.id.distinct()) if by in OF_LINES else func.count()
    quantity = total(whole(_line.c.quantity)) if by in OF_LINES else literal(0)
    query = (
        select(
            *labelled(keys),
            unit().label("money_unit"),
            counted.label("n"),
            quantity.label("quantity"),
            total(case((corrects, 0), else_=amount)).label("plus"),
            total(case((corrects, amount), else_=0)).label("minus"),
        )
        .select_from(source)
        .where(is_sale(), *asked_for(asked))
        .group_by(*labels(keys), "money_unit")
    )
    if by in OF_LINES:
        # an advance has lines without goods: they are in the remainder
        query = query.where(_doc.c.kind != "FZAL", _line.c.sku != "")
    found: dict[tuple[Key, str], Sums] = {}
    for row in connection.execute(query):
        key = tuple(row[: len(keys)])
        sums = Sums(row.n, int(row.quantity), cents(row.plus), cents(row.minus))
        found.setdefault((gathered(key, by), row.money_unit), Sums()).add(sums)
    if by in OF_LINES:
        _add_rest(found, sales(connection, asked, ""), len(keys))
    return found


def _add_rest(
    found: dict[tuple[Key, str], Sums], whole_sums: Mapping[tuple[Key, str], Sums], width: int
) -> None:
    """What the documents come to, and their lines do not."""
    key: Key = ("",) * (width - 1) + (REST,)
    for (_, currency), sums in whole_sums.items():
        own = [one for (_, other), one in found.items() if other == currency]
        plus = sums.plus - sum((one.plus for one in own), Decimal(0))
        minus = sums.minus - sum((one.minus for one in own), Decimal(0))
        if plus or minus:
            found[key, currency] = Sums(0, 0, plus, minus)


def gathered(key: Key, by: str) -> Key:
    day = key[0] if by in PERIODS else None
    return (bucket(day, by),) if isinstance(day, date) else key


def costs(connection: Connection, asked: Asked, by: str) -> dict[Key, Decimal]:
    """Key -> what the goods cost, in PLN; below zero where more came back than left."""
    keys = keys_of(by)
    movement, lot = schema.movement, schema.lot
    back = whole(lot.c.received) * whole(lot.c.cost)
    left = (movement, movement.c.line_id == _line.c.id, movement.c.active, whole(movement.c.value), ISSUING)
    # a cost to 0.0001 times a quantity to 0.0001, as the ledger values what comes back: to the grosz
    came = (lot, lot.c.line_id == _line.c.id, literal(True), -((back + 500_000) // 1_000_000), GIVING_BACK)
    found: dict[Key, Decimal] = {}
    for table, joins, counts, value, kinds in (left, came):
        query = (
            select(*labelled(keys), total(value).label("value"))
            .select_from(with_lines(documents(by), by).join(table, joins))
            .where(counts, _doc.c.state != "cancelled", _doc.c.kind.in_(kinds), *asked_for(asked))
            .group_by(*labels(keys))
        )
        for row in connection.execute(query):
            key = gathered(tuple(row[: len(keys)]), by)
            found[key] = found.get(key, Decimal("0.00")) + cents(row.value)
    return found


def names(connection: Connection, by: str) -> dict[Key, str]:
    """Names of items or contractors, by key."""
    table, code = (_item, _item.c.sku) if by == "item" else (_contractor, _contractor.c.code)
    rows = connection.execute(
        select(_company.c.code, code, table.c.name).join(_company, _company.c.id == table.c.company_id)
    )
    return {(row[0], row[1]): row[2] for row in rows}


def places(connection: Connection) -> list[str]:
    """The codes of all warehouses; those of several companies may be alike."""
    return list(
        connection.execute(select(_warehouse.c.code).distinct().order_by(_warehouse.c.code)).scalars()
    )
