"""The reports by name: what each can be divided by, which choices mean something to it, and how it is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy import Connection

from pomost.ledger.ledger import Ledger
from pomost.ports import NeedsPerson
from pomost.reports import margin, orders, plans, refunds, sales, warehouse
from pomost.reports.report import Asked, Report
from pomost.store.store import Store

Choice = Literal["company", "channel", "warehouse", "older"]
MOST_DAYS = 3_700


@dataclass(frozen=True, slots=True)
class Kind:
    """``by``: the first is what it is divided by unless something else is asked for. ``source``: the database it reads."""

    name: str
    source: Literal["ledger", "store", "both"]
    by: tuple[str, ...]
    choices: tuple[Choice, ...]
    read: Callable[[Connection, Asked], Report] | None


_ALL: tuple[Choice, ...] = ("company", "channel", "warehouse")
KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("sales", "ledger", sales.BY, _ALL, sales.read),
        Kind("margin", "ledger", margin.BY, _ALL, margin.read),
        Kind("unprofitable", "ledger", margin.UNPROFITABLE_BY, _ALL, margin.unprofitable),
        Kind("plan", "ledger", (), ("company", "channel"), None),
        Kind("states", "store", orders.STATES_BY, ("company", "channel"), orders.states),
        Kind("errors", "store", orders.ERRORS_BY, ("company", "channel"), orders.errors),
        Kind("operations", "ledger", warehouse.OPERATIONS_BY, _ALL, warehouse.operations),
        Kind("turnover", "ledger", (), ("company", "warehouse"), warehouse.turnover),
        Kind("refunds", "both", (), ("company", "channel"), None),
        Kind("idle", "ledger", (), ("company", "warehouse", "older"), warehouse.idle),
    )
}


def check(name: str, asked: Asked) -> Kind:
    """The report of a name. Raises NeedsPerson ``report.unknown``, ``report.unknown-by``, ``report.days``."""
    kind = KINDS.get(name)
    if kind is None:
        raise NeedsPerson(
            "report.unknown", f"There is no report {name[:40]!r}.", f"Choose one of {', '.join(KINDS)}."
        )
    if asked.by and asked.by not in kind.by:
        raise NeedsPerson(
            "report.unknown-by",
            f"The report {name} can't be divided by {asked.by[:40]!r}.",
            f"Choose one of {', '.join(kind.by) or '-'}.",
        )
    if not 0 < asked.days <= MOST_DAYS:
        raise NeedsPerson(
            "report.days",
            f"From {asked.start} to {asked.end} there are {asked.days} days.",
            f"Choose from 1 to {MOST_DAYS} days, the first before the last.",
        )
    return kind


def read(ledger: Ledger, store: Store, name: str, asked: Asked, today: date) -> Report:
    """A report as it stands now; all of its figures are of one moment, where it reads one database. Raises what ``check`` raises."""
    kind = check(name, asked)
    if kind.source == "both":
        return refunds.read(ledger, store, asked, today)
    if kind.read is None:
        with ledger.snapshot() as connection:
            return plans.read(connection, asked, store.plans.all(asked.company), today)
    source = ledger.snapshot() if kind.source == "ledger" else store.database.reading()
    with source as connection:
        return kind.read(connection, asked)
