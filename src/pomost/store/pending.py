"""Pending goods: sold in a channel, and held by no document of the ERP yet.

Rows follow from the case and its steps alone and are written in the transaction that changes these, so that goods are
pending from the moment at which their order is stored until it is stored that a document holds them. Whoever reckons what
is left must read what is pending before what lies in stock: goods that pass from one to the other in between then count
twice for a moment, and never not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_UP, Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, bindparam, delete, func, insert, literal, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from pomost.news import note_change
from pomost.sql import Database
from pomost.store import schema

if TYPE_CHECKING:
    from pomost.store.cases import Case
    from pomost.store.steps import StepRecord

Key = tuple[str, str]
"""Company and SKU, as the ERP names it."""
Rule = Callable[["Case", Mapping[str, "StepRecord"]], Mapping[Key, Decimal]]
"""What of a case is pending."""
Bought = Callable[["Case"], Collection[Key]]
"""What was bought with a case, pending or not."""
Open = Callable[[Connection, Sequence[int]], Iterable[tuple["Case", Mapping[str, "StepRecord"]]]]

_pending, _news, _cases = schema.pending, schema.pending_news, schema.cases
_CHUNK = 500
_FINEST = Decimal("0.0001")

_OF_CASES = select(_pending).where(_pending.c.case_id.in_(bindparam("b_ids", expanding=True)))
_GONE = delete(_pending).where(
    _pending.c.case_id == bindparam("b_case"),
    _pending.c.company == bindparam("b_company"),
    _pending.c.sku == bindparam("b_sku"),
)


@dataclass(frozen=True, slots=True)
class News:
    """What is pending of an item has changed since ``mark``."""

    company: str
    sku: str
    mark: int


class Pending:
    """``rule`` and ``read`` are set where everything is wired; without a rule nothing is kept, and nothing costs anything."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self.rule: Rule | None = None
        self.bought: Bought = lambda case: ()
        self.read: Open | None = None
        self.ask_drafts: Callable[[], int] = lambda: 0
        """Asks the ERP what became of documents in bufor of pending goods; gives of how many it is known by now."""

    # --- within the transactions that change cases -----------------------------------------------------------------

    def lock(self, connection: Connection, case_ids: Sequence[int]) -> None:
        """Where a transaction does not hold its cases anyway, before it changes anything."""
        if self.rule is not None:
            which = select(_cases.c.id).where(_cases.c.id.in_(case_ids)).order_by(_cases.c.id)
            connection.execute(which.with_for_update())

    def follow(
        self, connection: Connection, case_ids: Iterable[int], *, less: bool = False, seen: bool = False
    ) -> int:
        """Makes the rows of these cases what they must be by now; gives how many items changed.

        ``less``: it can't have become more, so that a case without rows need not be looked at. ``seen``: they were read in
        the channel, which lowered its own figures when an order came that is seen for the first time: these are told anew
        even where nothing is pending, as of an order that was cancelled before it was read.
        """
        ids = list(case_ids)
        if self.rule is None or self.read is None or not ids:
            return 0
        changed: set[Key] = set()
        for start in range(0, len(ids), _CHUNK):
            changed |= self._follow(connection, ids[start : start + _CHUNK], self.rule, self.read, less, seen)
        if changed:
            self._tell(connection, changed)
            note_change(connection)
        return len(changed)

    def _follow(
        self, connection: Connection, ids: Sequence[int], rule: Rule, read: Open, less: bool, seen: bool
    ) -> set[Key]:
        before: dict[tuple[int, str, str], Decimal] = {
            (row.case_id, row.company, row.sku): row.quantity
            for row in connection.execute(_OF_CASES, {"b_ids": list(ids)})
        }
        if less and not before:
            return set()
        opened = list(read(connection, ids))
        after = {
            (case.id, company, sku): quantity.quantize(_FINEST, ROUND_UP)
            for case, steps in opened
            for (company, sku), quantity in rule(case, steps).items()
            if quantity > 0
        }
        others = [key for key in before.keys() | after.keys() if before.get(key) != after.get(key)]
        gone = [
            {"b_case": case_id, "b_company": company, "b_sku": sku}
            for case_id, company, sku in sorted(others)
            if (case_id, company, sku) in before
        ]
        if gone:
            connection.execute(_GONE, gone)
        new = [
            {"case_id": case_id, "company": company, "sku": sku, "quantity": after[case_id, company, sku]}
            for case_id, company, sku in sorted(others)
            if (case_id, company, sku) in after
        ]
        if new:
            connection.execute(insert(_pending), new)
        changed = {(company, sku) for _, company, sku in others}
        if seen:
            changed.update(key for case, _ in opened if case.version == 1 for key in self.bought(case))
        return changed

    def _tell(self, connection: Connection, keys: Collection[Key]) -> None:
        """Each catalogue gets to know, in one order, so that two writers never wait for one another."""
        insertion = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        ids = list(connection.execute(select(schema.catalogues.c.id)).scalars())
        rows = [
            {"catalogue_id": number, "company": company, "sku": sku, "mark": 1}
            for number in sorted(ids)
            for company, sku in sorted(keys)
        ]
        if rows:
            upsert: Any = insertion(_news)
            connection.execute(
                upsert.on_conflict_do_update(
                    index_elements=["catalogue_id", "company", "sku"], set_={"mark": _news.c.mark + 1}
                ),
                rows,
            )

    # --- for those who decide what is offered ------------------------------------------------------------------------

    def news(self, catalogue_id: int, most: int) -> list[News]:
        """Items of which something else is pending than when this catalogue dealt with them last."""
        query = select(_news).where(_news.c.catalogue_id == catalogue_id)
        query = query.order_by(_news.c.company, _news.c.sku).limit(most)
        with self._db.reading() as connection:
            return [News(row.company, row.sku, row.mark) for row in connection.execute(query)]

    @staticmethod
    def dealt_with(connection: Connection, catalogue_id: int, news: Iterable[News]) -> None:
        """They are told no more, unless they changed again meanwhile."""
        rows = [{"b_company": one.company, "b_sku": one.sku, "b_mark": one.mark} for one in news]
        if rows:
            connection.execute(
                delete(_news).where(
                    _news.c.catalogue_id == catalogue_id,
                    _news.c.company == bindparam("b_company"),
                    _news.c.sku == bindparam("b_sku"),
                    _news.c.mark == bindparam("b_mark"),
                ),
                rows,
            )

    def totals(self, companies: Collection[str], skus: Collection[str]) -> dict[Key, Decimal]:
        """What is pending of ``skus`` in each of ``companies``; nothing for those of which nothing is."""
        found: dict[Key, Decimal] = {}
        with self._db.reading() as connection:
            for some in _chunks(sorted(skus)):
                query = (
                    select(
                        _pending.c.company,
                        _pending.c.sku,
                        func.sum(_pending.c.quantity, type_=_pending.c.quantity.type).label("quantity"),
                    )
                    .where(_pending.c.company.in_(sorted(companies)), _pending.c.sku.in_(some))
                    .group_by(_pending.c.company, _pending.c.sku)
                )
                found.update(
                    ((row.company, row.sku), row.quantity)
                    for row in connection.execute(query)
                    if row.quantity
                )
        return found

    # --- repairing ------------------------------------------------------------------------------------------------

    def sweep(self) -> int:
        """Derives all rows anew, some cases a transaction; gives how many items were not as they had to be."""
        repaired, after = 0, 0
        has_rows = select(literal(1)).where(_pending.c.case_id == _cases.c.id).exists()
        while True:
            query = (
                select(_cases.c.id)
                .where(_cases.c.id > after, or_(_cases.c.state != "done", has_rows))
                .order_by(_cases.c.id)
                .limit(_CHUNK)
            )
            with self._db.reading() as connection:
                ids = list(connection.execute(query).scalars())
            if not ids or self.rule is None:
                return repaired
            with self._db.writing() as connection:
                self.lock(connection, ids)
                repaired += self.follow(connection, ids)
            after = ids[-1]


def _chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    return (values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK))
