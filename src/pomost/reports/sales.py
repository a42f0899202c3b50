"""Sales: net, by channel, item, group, warehouse, contractor, company, currency, day, week or month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection, case, func, select

from pomost.ledger import schema
from pomost.reports import facts
from pomost.reports.facts import Key, Sums
from pomost.reports.report import (
    PERIODS,
    PLN,
    Asked,
    Cell,
    Column,
    Note,
    Plot,
    Report,
    Word,
    buckets,
    cents,
    fine,
    share,
)

BY = (*facts.BY, "currency")
NOTHING = Word("nothing")
_COLUMNS: Mapping[str, tuple[Column, ...]] = {
    "channel": (Column("channel"),),
    "item": (Column("company"), Column("sku"), Column("name")),
    "group": (Column("group"),),
    "warehouse": (Column("company"), Column("warehouse")),
    "contractor": (Column("company"), Column("contractor"), Column("name")),
    "company": (Column("company"),),
    **{by: (Column(by, "day"),) for by in PERIODS},
}


def read(connection: Connection, asked: Asked) -> Report:
    """The report ``sales``."""
    by = asked.by or "channel"
    if by == "currency":
        return _by_currency(connection, asked)
    found = facts.sales(connection, asked, by)
    return table(asked, by, found, facts.names(connection, by) if by in ("item", "contractor") else {})


def heads(by: str) -> tuple[Column, ...]:
    """The columns that name a row."""
    return _COLUMNS[by]


def named(key: Key, by: str, names: Mapping[Key, str]) -> tuple[Cell, ...]:
    """The cells that name a row: what has no name is said to have none."""
    shown = tuple(
        NOTHING if cell == "" and not (index == 0 and len(key) > 1) else cell
        for index, cell in enumerate(key)
    )
    return (*shown, names.get(key, "")) if by in ("item", "contractor") else shown


def table(asked: Asked, by: str, found: Mapping[tuple[Key, str], Sums], names: Mapping[Key, str]) -> Report:
    """Sums as a report: periods in their order, everything else from the most. Pure."""
    whole: dict[str, Sums] = {}
    for (_, currency), sums in found.items():
        whole.setdefault(currency, Sums()).add(sums)
    of_items = by in facts.OF_LINES
    lines = dict(found)
    if by in PERIODS:
        for currency in whole or (PLN,):
            for day in buckets(asked.start, asked.end, by):
                lines.setdefault(((day,), currency), Sums())
    rows = []
    for (key, currency), sums in sorted(lines.items(), key=lambda one: _order(one, by)):
        figures: tuple[Cell, ...] = (sums.documents,)
        if of_items:
            figures += (fine(sums.quantity),) if by == "item" else ()
        total = whole[currency].net if currency in whole else Decimal(0)
        rows.append(
            (
                *named(key, by, names),
                *figures,
                sums.plus,
                sums.minus,
                sums.net,
                share(sums.net, total),
                currency,
            )
        )
    columns = (
        *heads(by),
        Column("documents", "count"),
        *((Column("quantity", "quantity"),) if by == "item" else ()),
        Column("sold", "money"),
        Column("corrected", "money"),
        Column("net", "money"),
        Column("share", "percent"),
        Column("currency"),
    )
    width = len(heads(by))
    blank: tuple[Cell, ...] = ("",) * (width - 1)
    totals = tuple(
        (
            Word("total"),
            *blank,
            # a document with several items stands in several rows
            None if of_items else sums.documents,
            *((None,) if by == "item" else ()),
            sums.plus,
            sums.minus,
            sums.net,
            share(sums.net, sums.net),
            currency,
        )
        for currency, sums in sorted(whole.items(), key=lambda one: (one[0] != PLN, one[0]))
    )
    notes = [Note("sales")]
    if set(whole) - {PLN}:
        notes.append(Note("unrated", {"currencies": ", ".join(sorted(set(whole) - {PLN}))}))
    if any(key and key[-1] == facts.REST for key, _ in found):
        notes.append(Note("rest"))
    label = columns[width - 1].key if by not in ("item", "contractor") else columns[1].key
    plot = Plot("lines" if by in PERIODS else "bars", ("net",), label, 400 if by in PERIODS else 20)
    return Report("sales", columns, tuple(rows), totals, tuple(notes), plot)


def _order(one: tuple[tuple[Key, str], Sums], by: str) -> tuple[object, ...]:
    (key, currency), sums = one
    first: object = key[0] if by in PERIODS else -sums.net
    return (currency != PLN, currency, first, tuple(str(cell) for cell in key))


def _by_currency(connection: Connection, asked: Asked) -> Report:
    """What was sold in each currency, in that currency, and in PLN by the rates of the documents."""
    doc = schema.document
    query = (
        select(
            doc.c.currency,
            func.count().label("n"),
            facts.total(facts.whole(doc.c.net)).label("own"),
            facts.total(func.coalesce(facts.whole(doc.c.net_pln), 0)).label("pln"),
            func.sum(case((doc.c.net_pln.is_(None), 1), else_=0)).label("unrated"),
        )
        .select_from(facts.documents(""))
        .where(facts.is_sale(), *facts.asked_for(asked))
        .group_by(doc.c.currency)
    )
    found = connection.execute(query).all()
    rows: Sequence[tuple[Cell, ...]] = [
        (row.currency, row.n, cents(row.own), cents(row.pln), int(row.unrated))
        for row in sorted(found, key=lambda row: (row.currency != PLN, row.currency))
    ]
    columns = (
        Column("currency"),
        Column("documents", "count"),
        Column("net-own", "money"),
        Column("net-pln", "money"),
        Column("unrated", "count"),
    )
    in_pln = sum((cents(row.pln) for row in found), Decimal("0.00"))
    total = (
        Word("total"),
        sum(row.n for row in found),
        None,
        in_pln,
        sum(int(row.unrated) for row in found),
    )
    return Report(
        "sales", columns, tuple(rows), (total,), (Note("sales"),), Plot("bars", ("net-pln",), "currency")
    )


def in_days(found: Mapping[tuple[Key, str], Sums]) -> dict[date, Decimal]:
    """Net in PLN of each day, week or month."""
    return {
        key[0]: sums.net
        for (key, currency), sums in found.items()
        if currency == PLN and isinstance(key[0], date)
    }
