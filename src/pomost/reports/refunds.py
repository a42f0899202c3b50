"""Returns that were not paid back: corrections after which the buyer is owed money, and what anybody knows to have been paid of it;
and documents that were cancelled after they were settled.

Two say so: the source of the return (BaseLinker marks a refund on it), and the ledger, where a refund may be booked. They tell of the
same money, so the greater of the two counts. Of several corrections the oldest is paid first.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, select

from pomost.ledger import schema
from pomost.ledger.ledger import Ledger
from pomost.reports import facts, given_back
from pomost.reports.report import Asked, Cell, Column, Note, Plot, Report, Word
from pomost.store import schema as own
from pomost.store.claims import order_from_json
from pomost.store.store import Store

ZERO = Decimal("0.00")
_MOST = 500
_doc, _correction = schema.document, schema.correction


@dataclass(slots=True)
class Owed:
    """A correction after which ``refund`` is to be paid back. ``refunded``: as the source of the return says, ``booked``: as the
    ledger does. ``returned``: the number of the return; empty where it was made by hand."""

    id: int
    key: str
    company: str
    number: str
    of_id: int
    of: str
    day: date
    currency: str
    refund: Decimal
    returned: str = ""
    refunded: Decimal = field(default=ZERO)
    booked: Decimal = field(default=ZERO)

    @property
    def left(self) -> Decimal:
        return max(self.refund - max(self.refunded, self.booked), ZERO)


def read(ledger: Ledger, store: Store, asked: Asked, today: date) -> Report:
    """The report ``refunds``: of the days on which the corrections were issued."""
    with ledger.snapshot() as connection:
        found = owed(connection, asked)
        booked = _booked(connection, {one.of_id for one in found})
        gone = given_back.cancelled(connection, asked, _companies(connection, asked))
    for one in found:
        one.booked = booked.get(one.id, ZERO)
    found += [_cancelled(one) for one in gone]
    with store.database.reading() as connection:
        _tell_refunded(connection, found)
    return table([one for one in found if one.left], today)


def owed(connection: Connection, asked: Asked) -> list[Owed]:
    """Corrections in force of the days asked for that leave something to be paid back, the oldest first."""
    corrected = _doc.alias()
    query = (
        select(_doc, schema.company.c.code, _correction.c.refund, corrected.c.id.label("of_id"))
        .add_columns(corrected.c.number.label("of_number"))
        .select_from(
            _doc.join(schema.company, schema.company.c.id == _doc.c.company_id)
            .join(_correction, _correction.c.document_id == _doc.c.id)
            .join(corrected, corrected.c.id == _correction.c.corrected_id)
        )
        .where(
            _doc.c.issued_on.between(asked.start, asked.end),
            _doc.c.state != "cancelled",
            facts.whole(_correction.c.refund) > 0,
            # by number, so that each company is one seek by day
            _doc.c.company_id.in_(_companies(connection, asked)),
        )
        .order_by(_doc.c.issued_on, _doc.c.id)
    )
    if asked.channel:
        query = query.where(facts.origin() == asked.channel)
    return [
        Owed(
            row.id, row.key, row.code, row.number or "", row.of_id, row.of_number or "", row.issued_on,
            row.currency, row.refund,
        )
        for row in connection.execute(query)
    ]  # fmt: skip


def _cancelled(one: given_back.Cancelled) -> Owed:
    """A cancelled document stands for itself: nothing corrects it."""
    row, number = one.row, one.row.number or ""
    return Owed(
        row.id, row.key, row.code, number, row.id, number, one.day, row.currency, one.refund, booked=one.booked
    )  # fmt: skip


def _companies(connection: Connection, asked: Asked) -> list[int]:
    query = select(schema.company.c.id)
    if asked.company:
        query = query.where(schema.company.c.code == asked.company)
    return list(connection.execute(query).scalars())


def _booked(connection: Connection, sales: Iterable[int]) -> dict[int, Decimal]:
    """Correction -> what the ledger has as paid back for it; of all corrections of these sales, whatever days are asked for."""
    found: dict[int, Decimal] = {}
    for some in _parts(sorted(sales)):
        paid = given_back.settled_with(connection, list(some))
        due: dict[int, list[tuple[int, Decimal]]] = {}
        for row in connection.execute(
            select(_correction.c.corrected_id, _correction.c.document_id, _correction.c.refund)
            .join(_doc, _doc.c.id == _correction.c.document_id)
            .where(_correction.c.corrected_id.in_(list(paid)), _doc.c.state != "cancelled")
            .order_by(_doc.c.issued_on, _doc.c.id)
        ):
            due.setdefault(row.corrected_id, []).append((row.document_id, row.refund))
        for sale, corrections in due.items():
            found |= shared(paid[sale], corrections)
    return found


def _tell_refunded(connection: Connection, found: Sequence[Owed]) -> None:
    """Asks the cases of the returns: the step that made the correction has its key."""
    steps, cases = own.steps, own.cases
    by_key = {one.key: one for one in found}
    cases_of: dict[int, list[Owed]] = {}
    for some in _parts(sorted(by_key)):
        query = select(steps.c.key, steps.c.case_id).where(steps.c.key.in_(some))
        for made in connection.execute(query):
            cases_of.setdefault(made.case_id, []).append(by_key[made.key])
    for ids in _parts(sorted(cases_of)):
        refunded: dict[int, Decimal] = {}
        for row in connection.execute(
            select(cases.c.id, cases.c.number, cases.c.external_id, cases.c.kind, cases.c.parsed).where(
                cases.c.id.in_(ids)
            )
        ):
            # of an order this is what the buyer paid
            if row.kind != "return" or not row.parsed:
                continue
            refunded[row.id] = order_from_json(row.parsed).payment.paid
            for one in cases_of[row.id]:
                one.returned = row.number or row.external_id
        due: dict[int, list[tuple[str, Decimal]]] = {}
        for step in connection.execute(
            select(steps.c.case_id, steps.c.key, steps.c.result)
            .where(steps.c.case_id.in_(list(refunded)), steps.c.state == "done")
            .order_by(steps.c.id)
        ):
            said = json.loads(step.result).get("refund") if step.result else None
            if isinstance(said, str) and said:
                due.setdefault(step.case_id, []).append((step.key, Decimal(said)))
        for case_id, corrections in due.items():
            for key, amount in shared(refunded[case_id], corrections).items():
                if key in by_key:
                    by_key[key].refunded = amount


def shared(paid: Decimal, due: Sequence[tuple[Any, Decimal]]) -> dict[Any, Decimal]:
    """What was paid, given to what is due one after the other; what is too much stays with the last. Pure."""
    found: dict[Any, Decimal] = {}
    for place, (key, amount) in enumerate(due):
        part = paid if place == len(due) - 1 else min(paid, amount)
        found[key] = part
        paid -= part
    return found


def table(found: Sequence[Owed], today: date) -> Report:
    """The longest unpaid first; the sums by currency. Pure."""
    rows: list[tuple[Cell, ...]] = [
        (
            one.company, one.returned, one.number, one.of, one.day, (today - one.day).days, one.refund,
            one.refunded, one.booked, one.left, one.currency,
        )
        for one in sorted(found, key=lambda one: (one.day, -one.left, one.number))
    ]  # fmt: skip
    columns = (
        Column("company"), Column("return"), Column("correction"), Column("of"), Column("day", "day"),
        Column("age", "count"), Column("refund", "money"), Column("refunded", "money"), Column("booked", "money"),
        Column("left", "money"), Column("currency"),
    )  # fmt: skip
    sums: dict[str, list[Decimal]] = {}
    for one in found:
        own_sums = sums.setdefault(one.currency, [ZERO] * 4)
        for place, amount in enumerate((one.refund, one.refunded, one.booked, one.left)):
            own_sums[place] += amount
    totals: list[tuple[Cell, ...]] = [
        (Word("total"), "", "", "", None, None, *sums[currency], currency) for currency in sorted(sums)
    ]
    plot = Plot("bars", ("left",), "correction", 20)
    return Report("refunds", columns, tuple(rows), tuple(totals), (Note("refunds"),), plot)


def _parts(ids: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for first in range(0, len(ids), _MOST):
        yield ids[first : first + _MOST]
