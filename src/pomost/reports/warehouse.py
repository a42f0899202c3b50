"""What happened in warehouses: documents that moved goods, how often the stock turned over, and what lies too long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, and_, case, func, literal, select

from pomost.ledger import schema
from pomost.reports import facts
from pomost.reports.facts import Key, total, whole
from pomost.reports.report import PERIODS, Asked, Cell, Column, Note, Plot, Report, Word, buckets, cents, fine

OPERATIONS_BY = ("kind", "warehouse", *PERIODS)
ZERO = Decimal("0.00")
_doc, _line, _item = schema.document, schema.line, schema.item
_company, _warehouse = schema.company, schema.warehouse
_movement, _lot, _stock = schema.movement, schema.lot, schema.stock


def _moves(table: Any) -> Any:
    """Documents with their movements or lots, in the warehouse where it happened."""
    return (
        _doc.join(_company, _company.c.id == _doc.c.company_id)
        .join(_line, _line.c.document_id == _doc.c.id)
        .join(table, table.c.line_id == _line.c.id)
        .join(_warehouse, _warehouse.c.id == table.c.warehouse_id)
    )


def _value(table: Any) -> ColumnElement[int]:
    if table is _movement:
        return whole(_movement.c.value)
    return (whole(_lot.c.received) * whole(_lot.c.cost) + 500_000) // literal(1_000_000, BigInteger)


def operations(connection: Connection, asked: Asked) -> Report:
    """The report ``operations``: what each kind of document brought in and took out, at cost."""
    by = asked.by or "kind"
    keys: list[ColumnElement[Any]] = {
        "kind": [_doc.c.kind],
        "warehouse": [_company.c.code, _warehouse.c.code],
    }.get(by, [_doc.c.issued_on])
    found: dict[Key, list[Any]] = {}
    for index, table in enumerate((_movement, _lot)):
        # what a document left in debt has a lot in which nothing was received
        counts = _movement.c.active if table is _movement else _lot.c.received > 0
        query = (
            select(*keys, func.count(_doc.c.id.distinct()).label("n"), total(_value(table)).label("value"))
            .select_from(_moves(table))
            .where(counts, _doc.c.state != "cancelled", *facts.asked_for(asked))
            .group_by(*keys)
        )
        for row in connection.execute(query):
            key = facts.gathered(tuple(row[: len(keys)]), by)
            one = found.setdefault(key, [0, 0, ZERO, ZERO])
            one[index] += row.n
            one[2 + index] += cents(row.value)
    return operations_table(asked, by, {key: tuple(one) for key, one in found.items()})


def operations_table(asked: Asked, by: str, found: Mapping[Key, tuple[int, int, Decimal, Decimal]]) -> Report:
    """``found``: documents that took out, that brought in, and the values of both. Pure."""
    lines = dict(found)
    if by in PERIODS:
        for day in buckets(asked.start, asked.end, by):
            lines.setdefault((day,), (0, 0, ZERO, ZERO))
    rows: list[tuple[Cell, ...]] = [
        (*key, *values, values[3] - values[2])
        for key, values in sorted(lines.items(), key=lambda one: tuple(str(cell) for cell in one[0]))
    ]
    heads = {
        "kind": (Column("kind"),),
        "warehouse": (Column("company"), Column("warehouse")),
    }.get(by, (Column(by, "day"),))
    columns = (
        *heads,
        Column("documents-out", "count"),
        Column("documents-in", "count"),
        Column("out", "money"),
        Column("in", "money"),
        Column("difference", "money"),
    )
    sums = [sum(one[index] for one in found.values()) for index in range(4)]
    out, into = Decimal(sums[2]), Decimal(sums[3])
    whole_row: tuple[Cell, ...] = (
        Word("total"),
        *("",) * (len(heads) - 1),
        int(sums[0]),
        int(sums[1]),
        out,
        into,
        into - out,
    )
    plot = Plot("lines" if by in PERIODS else "bars", ("out", "in"), heads[-1].key, 400)
    return Report("operations", columns, tuple(rows), (whole_row,), (Note("operations"),), plot)


@dataclass(slots=True)
class Turned:
    """Of one item in one company: stock at cost at both ends of the period, and what left for buyers meanwhile."""

    quantity: int = 0
    closing: Decimal = ZERO
    opening: Decimal = ZERO
    sold: Decimal = ZERO
    pieces: int = 0

    @property
    def average(self) -> Decimal:
        return (self.opening + self.closing) / 2

    @property
    def times(self) -> Decimal | None:
        """How often the stock was sold: its cost by the average of both ends."""
        return (self.sold / self.average).quantize(Decimal("0.01")) if self.average > 0 else None

    def lasts(self, days: int) -> int | None:
        """For how many days the stock at the end is enough if it goes on like this."""
        return int(self.closing * days / self.sold) if self.sold > 0 else None


def turnover(connection: Connection, asked: Asked) -> Report:
    """The report ``turnover``, by item; the stock of the past is reckoned back from that of now."""
    found: dict[Key, Turned] = {}
    keys = (_company.c.code, _item.c.sku)
    where = _places(asked)
    now = (
        select(
            *keys,
            total(whole(_stock.c.quantity)).label("quantity"),
            total(whole(_stock.c.value)).label("value"),
        )
        .select_from(
            _stock.join(_item, _item.c.id == _stock.c.item_id)
            .join(_company, _company.c.id == _item.c.company_id)
            .join(_warehouse, _warehouse.c.id == _stock.c.warehouse_id)
        )
        .where(*where)
        .group_by(*keys)
    )
    for row in connection.execute(now):
        value = cents(row.value)
        found[row[0], row[1]] = Turned(int(row.quantity), value, value)
    for table, sign in ((_movement, 1), (_lot, -1)):
        counts = _movement.c.active if table is _movement else _lot.c.received > 0
        after, within = _doc.c.issued_on > asked.end, _doc.c.issued_on <= asked.end
        sells = and_(within, _doc.c.kind.in_(facts.ISSUING if sign > 0 else facts.GIVING_BACK))
        amount = _value(table)
        pieces = whole(_movement.c.quantity) if table is _movement else whole(_lot.c.received)
        query = (
            select(
                *keys,
                total(case((after, amount), else_=0)).label("after"),
                total(amount).label("since"),
                total(case((sells, amount), else_=0)).label("sold"),
                total(case((sells, pieces), else_=0)).label("pieces"),
            )
            .select_from(_moves(table).join(_item, _item.c.id == table.c.item_id))
            .where(counts, _doc.c.state != "cancelled", _doc.c.issued_on >= asked.start, *where)
            .group_by(*keys)
        )
        for row in connection.execute(query):
            one = found.setdefault((row[0], row[1]), Turned())
            one.closing += sign * cents(row.after)
            one.opening += sign * cents(row.since)
            one.sold += sign * cents(row.sold)
            one.pieces += sign * int(row.pieces)
    return turnover_table(asked, found, facts.names(connection, "item"))


def turnover_table(asked: Asked, found: Mapping[Key, Turned], names: Mapping[Key, str]) -> Report:
    """What turns over the least first: that is where money lies. Pure."""
    lines = [(key, one) for key, one in found.items() if one.opening or one.closing or one.sold]
    lines.sort(
        key=lambda line: (
            line[1].times if line[1].times is not None else Decimal(10**9),
            -line[1].closing,
            str(line[0]),
        )
    )
    rows = tuple(
        (
            *key,
            names.get(key, ""),
            fine(one.pieces),
            one.sold,
            one.opening,
            one.closing,
            one.times,
            one.lasts(asked.days),
        )
        for key, one in lines
    )
    whole_one = Turned(
        closing=sum((one.closing for _, one in lines), ZERO),
        opening=sum((one.opening for _, one in lines), ZERO),
        sold=sum((one.sold for _, one in lines), ZERO),
    )
    columns = (
        Column("company"), Column("sku"), Column("name"), Column("pieces", "quantity"), Column("cost", "money"),
        Column("opening", "money"), Column("closing", "money"), Column("times", "quantity"), Column("lasts", "count"),
    )  # fmt: skip
    whole_row: tuple[Cell, ...] = (
        Word("total"), "", "", None, whole_one.sold, whole_one.opening, whole_one.closing,
        whole_one.times, whole_one.lasts(asked.days),
    )  # fmt: skip
    return Report(
        "turnover", columns, rows, (whole_row,), (Note("turnover"),), Plot("bars", ("closing",), "sku", 20)
    )


def idle(connection: Connection, asked: Asked) -> Report:
    """The report ``idle``: what was received more than ``older`` days before ``end`` and lies there still, now."""
    before = asked.end - timedelta(days=asked.older)
    keys = (_company.c.code, _warehouse.c.code, _item.c.sku)
    amount = (whole(_lot.c.left) * whole(_lot.c.cost) + 500_000) // literal(1_000_000, BigInteger)
    query = (
        select(
            *keys,
            func.max(_item.c.name).label("name"),
            func.min(_lot.c.received_on).label("oldest"),
            total(whole(_lot.c.left)).label("pieces"),
            total(amount).label("value"),
        )
        .select_from(
            _lot.join(_item, _item.c.id == _lot.c.item_id)
            .join(_company, _company.c.id == _item.c.company_id)
            .join(_warehouse, _warehouse.c.id == _lot.c.warehouse_id)
        )
        .where(_lot.c.left > 0, _lot.c.received_on < before, *_places(asked))
        .group_by(*keys)
    )
    found = [
        (
            row[0],
            row[1],
            row[2],
            row.name,
            row.oldest,
            (asked.end - row.oldest).days,
            fine(row.pieces),
            cents(row.value),
        )
        for row in connection.execute(query)
    ]
    return idle_table(asked, found, before)


def idle_table(asked: Asked, found: list[tuple[Any, ...]], before: date) -> Report:
    """The most money first. Pure."""
    rows = tuple(sorted(found, key=lambda row: (-row[7], row[:3])))
    columns = (
        Column("company"), Column("warehouse"), Column("sku"), Column("name"), Column("oldest", "day"),
        Column("age", "count"), Column("pieces", "quantity"), Column("value", "money"),
    )  # fmt: skip
    value = sum((row[7] for row in rows), ZERO)
    whole_row: tuple[Cell, ...] = (Word("total"), "", "", "", None, None, None, value)
    notes = (Note("idle", {"days": str(asked.older), "before": before.isoformat()}),)
    return Report("idle", columns, rows, (whole_row,), notes, Plot("bars", ("value",), "sku", 20))


def _places(asked: Asked) -> list[ColumnElement[bool]]:
    found = []
    if asked.company:
        found.append(_company.c.code == asked.company)
    if asked.warehouse:
        found.append(_warehouse.c.code == asked.warehouse)
    return found
