"""What waits for people, each list ordered by what hurts most.

Only open cases are read, through an index that finished ones are not in, and of those at most ``MOST``, the longest waiting.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, func, or_, select, text

from pomost.sql import Database
from pomost.store import schema
from pomost.store.queries import COLUMNS, CaseLine, line_of
from pomost.store.steps import Steps
from pomost.trade.money import line_value, round_money

cases, needs = schema.cases, schema.needs
MOST = 1_000
"""Cases that are put in order; of more, those that wait the longest."""
MANY = 10_000
"""Counting stops here."""
KINDS = ("order", "return", "erp-order")
SHORTAGES = ("flow.short", "ledger.not-in-stock", "ledger.components-short")
LEFTOVERS = (
    "flow.cancelled-after-documents",
    "flow.gone-after-documents",
    "flow.cannot-undo",
    "flow.revived",
)
# as a text, for the index is used only where it stands in the question as it stands in the index
_OPEN = text("state <> 'done'")
_DAY_S = 86_400
_COLUMNS = (*COLUMNS, cases.c.parsed)
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Hurt:
    """A case that waits, with what is at stake. ``paid`` of a return: what was paid back so far; ``refund``: what its
    corrections say is to be paid back and was not yet."""

    line: CaseLine
    total: Decimal
    paid: Decimal
    currency: str
    refund: Decimal = ZERO

    @property
    def is_paid(self) -> bool:
        return self.total > 0 and self.paid >= self.total


@dataclass(frozen=True, slots=True)
class WorkPage:
    """``shown`` of all that were put in order; ``counted`` up to MANY + 1."""

    shown: tuple[Hurt, ...]
    counted: int
    more: bool


@dataclass(slots=True)
class Lack:
    """One item that orders wait for: how much in all, which orders, the oldest first, and what these are worth."""

    company: str
    sku: str
    quantity: Decimal = ZERO
    orders: list[Hurt] = field(default_factory=list)
    values: dict[str, Decimal] = field(default_factory=dict)

    @property
    def since(self) -> float:
        return min(one.line.since for one in self.orders)


class WorkLists:
    def __init__(self, database: Database) -> None:
        self._db = database

    def counts(self) -> dict[str, int]:
        """How much is in each list of cases, up to MANY + 1."""
        found = {state: self.count((state,)) for state in ("doubt", "person", "stopped")}
        found["returns"] = self.count(("new", "waiting", "retrying", "doubt", "person", "stopped"), "return")
        with self._db.reading() as connection:
            # an item without a card is waited for as well, and is no shortage
            inner = (
                select(needs.c.case_id).where(needs.c.need.not_like("%|item:%")).distinct().limit(MANY + 1)
            )
            query = select(func.count()).select_from(inner.subquery())
            found["needs"] = int(connection.execute(query).scalar_one())
        return found

    def count(self, states: Sequence[str], kind: str = "") -> int:
        """Up to MANY + 1."""
        with self._db.reading() as connection:
            counted = 0
            for state in states:
                inner = select(cases.c.id).where(_OPEN, cases.c.state == state)
                inner = inner.where(cases.c.kind == kind) if kind else inner
                some = inner.limit(MANY + 1 - counted).subquery()
                counted += int(connection.execute(select(func.count()).select_from(some)).scalar_one())
                if counted > MANY:
                    break
        return counted

    def of_state(self, state: str, page: int = 0, most: int = 50, code: str = "") -> WorkPage:
        """Paid orders before others; then those that wait more days, of these the most valuable first."""
        found = self._longest((state,), KINDS, (code,) if code else ())
        counted = len(found) if code else self.count((state,))
        return _page(sorted(found, key=_by_hurt(self._now_of(found))), page, most, counted)

    def leftovers(self, page: int = 0, most: int = 50) -> WorkPage:
        """Cancelled orders whose documents are in force still: the most valuable first, for each is turnover that is none."""
        found = self._longest(("person",), KINDS, LEFTOVERS)
        return _page(sorted(found, key=lambda one: (-one.total, one.line.since)), page, most, len(found))

    def returns(self, page: int = 0, most: int = 50) -> WorkPage:
        """Returns that are open: the most money to be paid back first, then the longest waiting."""
        found = self._longest(("person", "doubt", "stopped", "retrying", "waiting", "new"), ("return",))
        ids = [one.line.id for one in found]
        with self._db.reading() as connection:
            steps = Steps.read_many(connection, ids)
        told: list[Hurt] = []
        for one in found:
            results = [record.result.get("refund") for record in steps.get(one.line.id, {}).values()]
            named = sum((Decimal(said) for said in results if isinstance(said, str) and said), ZERO)
            due = max((named or one.total) - one.paid, ZERO)
            told.append(Hurt(one.line, one.total, one.paid, one.currency, due))
        counted = self.count(("new", "waiting", "retrying", "doubt", "person", "stopped"), "return")
        return _page(sorted(told, key=lambda one: (-one.refund, one.line.since)), page, most, counted)

    def codes(self, state: str) -> list[tuple[str, int]]:
        """What cases of a state wait for, the most frequent first; of the MOST longest waiting."""
        counted: Counter[str] = Counter()
        with self._db.reading() as connection:
            for kind in KINDS:
                query = _run(select(cases.c.waits), state, kind).limit(MOST)
                for waits in connection.execute(query).scalars():
                    counted[str(json.loads(waits).get("code", "")) if waits else ""] += 1
        return counted.most_common()

    def lacks(self) -> list[Lack]:
        """Items that orders wait for, the one whose oldest order waits the longest first."""
        query = (
            select(*_COLUMNS)
            .where(_OPEN, cases.c.state == "waiting", cases.c.id.in_(select(needs.c.case_id).distinct()))
            .order_by(cases.c.since, cases.c.id)
            .limit(MANY)
        )
        found: dict[tuple[str, str], Lack] = {}
        with self._db.reading() as connection:
            waiting = [_hurt(row) for row in connection.execute(query)]
        for one in waiting:
            for company, sku, quantity in _lacking(one.line):
                lack = found.setdefault((company, sku), Lack(company, sku))
                lack.quantity += quantity
                lack.orders.append(one)
                lack.values[one.currency] = lack.values.get(one.currency, ZERO) + one.total
        for lack in found.values():
            # as goods that come are given out
            lack.orders.sort(key=lambda one: one.line.id)
        return sorted(found.values(), key=lambda one: (one.since, one.sku))

    def stopped_by_source(self) -> dict[str, int]:
        """How many cases a stopped connection holds up, for each source."""
        query = (
            select(cases.c.source, func.count().label("n"))
            .where(_OPEN, cases.c.state == "stopped")
            .group_by(cases.c.source)
        )
        with self._db.reading() as connection:
            return {row.source: row.n for row in connection.execute(query)}

    def _longest(self, states: Sequence[str], kinds: Sequence[str], codes: Sequence[str] = ()) -> list[Hurt]:
        """The MOST that wait the longest; with ``codes`` those that wait for one of these."""
        rows: list[Any] = []
        with self._db.reading() as connection:
            for state in states:
                for kind in kinds:
                    query = _run(select(*_COLUMNS), state, kind)
                    if codes:
                        query = query.where(
                            or_(
                                *(cases.c.waits.contains(f'"code":"{one}"', autoescape=True) for one in codes)
                            )
                        )
                    rows += connection.execute(query.limit(MOST)).all()
        longest = sorted(rows, key=lambda row: row.since)[:MOST]
        found = [_hurt(row) for row in longest]
        return [one for one in found if not codes or one.line.waits.get("code") in codes]

    @staticmethod
    def _now_of(found: Iterable[Hurt]) -> float:
        """The youngest of them: days are told apart from there, so that the order rests while nothing changes."""
        return max((one.line.since for one in found), default=0.0)


def _run(query: Select[Any], state: str, kind: str) -> Select[Any]:
    return query.where(_OPEN, cases.c.state == state, cases.c.kind == kind).order_by(
        cases.c.since, cases.c.id
    )


def _by_hurt(now: float) -> Callable[[Hurt], tuple[bool, int, Decimal, int]]:
    return lambda one: (
        not one.is_paid,
        -int((now - one.line.since) // _DAY_S),
        -one.total,
        one.line.id,
    )


def _page(found: Sequence[Hurt], page: int, most: int, counted: int) -> WorkPage:
    start = max(page, 0) * most
    return WorkPage(tuple(found[start : start + most]), counted, len(found) > start + most)


def _hurt(row: Any) -> Hurt:
    """The values are read without making an order of it: there may be a thousand."""
    total, paid, currency = ZERO, ZERO, ""
    if row.parsed:
        order = json.loads(row.parsed)
        total = sum(
            (line_value(Decimal(one["price"]), Decimal(one["quantity"])) for one in order["lines"]),
            round_money(Decimal(order["delivery"]["price"])),
        )
        paid, currency = Decimal(order["payment"]["paid"]), str(order["currency"])
    return Hurt(line_of(row), total, paid, currency)


def _lacking(line: CaseLine) -> list[tuple[str, str, Decimal]]:
    """Company, item and quantity, as the failure that made the case wait says."""
    found: list[tuple[str, str, Decimal]] = []
    for wait in (line.waits, *line.waits.get("also", [])):
        facts = wait.get("facts") or {}
        if wait.get("code") in SHORTAGES and facts.get("lacks"):
            said = json.loads(facts["lacks"])
            company = str(facts.get("company") or line.company)
            found += [(company, sku, Decimal(quantity)) for sku, quantity in said.items()]
    return found
