"""Which orders are alike, so that a purchase that arrives twice is found; and which are known to be parts of one."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, Select, and_, delete, exists, insert, or_, select, text

from pomost.sql import Database, insert_unless_there
from pomost.store import schema

_purchases = schema.purchases
_cases = schema.cases
_kin = schema.kin


@dataclass(frozen=True, slots=True)
class Twin:
    """Another order that is like this one and was noted before it. ``code``: what its case waits for or ended with."""

    case_id: int
    source: str
    external_id: str
    number: str
    status: str
    code: str


@dataclass(frozen=True, slots=True)
class Noted:
    """A purchase as it is compared: ``prints`` with the seconds within which each counts (None: always)."""

    company: str
    source: str
    external_id: str
    placed_at: float
    prints: tuple[tuple[str, float | None], ...]


def keep_kin(connection: Connection, source: str, pairs: Iterable[tuple[str, str]]) -> list[str]:
    """Remembers pairs of orders that are parts of one purchase; gives the ids of those that were not known."""
    new: list[str] = []
    for pair in pairs:
        for one, other in (pair, pair[::-1]):
            row = {"source": source, "external_id": one, "other_id": other}
            insertion = insert_unless_there(connection, _kin).values(**row).returning(_kin.c.external_id)
            new += connection.execute(insertion).scalars()
    return new


class Purchases:
    """Orders by what they are compared by."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def note(self, case_id: int, what: Noted) -> list[Twin]:
        """Notes the purchase and gives those noted before that are like it, the first one first.

        Of two that come at the same moment exactly one finds the other: who is first is decided in one transaction at a
        time for each print. An order that was changed is noted anew.
        """
        digests = [digest for digest, _ in what.prints]
        with self._db.writing() as connection:
            if connection.dialect.name == "postgresql":
                for digest in sorted(digests):
                    connection.execute(_LOCK, {"b_print": digest})
            known = set(
                connection.execute(
                    select(_purchases.c.print).where(_purchases.c.case_id == case_id)
                ).scalars()
            )
            old = known - set(digests)
            if old:
                connection.execute(
                    delete(_purchases).where(_purchases.c.case_id == case_id, _purchases.c.print.in_(old))
                )
            new = [digest for digest in digests if digest not in known]
            if new:
                connection.execute(
                    insert(_purchases),
                    [{"case_id": case_id, "print": digest, "placed_at": what.placed_at} for digest in new],
                )
            return _twins(connection, what, case_id)

    def like(self, what: Noted) -> list[Twin]:
        """Those noted that are like it, with nothing noted: for the dry run."""
        with self._db.reading() as connection:
            return _twins(connection, what, None)


_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:b_print, 0))")


def _twins(connection: Connection, what: Noted, case_id: int | None) -> list[Twin]:
    found: dict[int, Twin] = {}
    for digest, within in what.prints:
        for row in connection.execute(_query(what, digest, within, case_id)):
            code = json.loads(row.waits).get("code", "") if row.waits else ""
            found.setdefault(
                row.id, Twin(row.id, row.source, row.external_id, row.number, row.status, str(code))
            )
    return [found[one] for one in sorted(found)]


def _query(what: Noted, digest: str, within: float | None, case_id: int | None) -> Select[tuple[object, ...]]:
    akin = exists().where(
        _kin.c.source == what.source,
        _kin.c.external_id == what.external_id,
        _kin.c.other_id == _cases.c.external_id,
        _cases.c.source == what.source,
    )
    conditions = [
        _purchases.c.print == digest,
        _cases.c.company == what.company,
        _cases.c.gone == 0,
        or_(_cases.c.source != what.source, _cases.c.external_id != what.external_id),
        ~akin,
    ]
    if within is not None:
        conditions.append(
            and_(
                _purchases.c.placed_at >= what.placed_at - within,
                _purchases.c.placed_at <= what.placed_at + within,
            )
        )
    if case_id is not None:
        mine = (
            select(_purchases.c.id)
            .where(_purchases.c.case_id == case_id, _purchases.c.print == digest)
            .scalar_subquery()
        )
        conditions.append(_purchases.c.id < mine)
    return (
        select(
            _cases.c.id,
            _cases.c.source,
            _cases.c.external_id,
            _cases.c.number,
            _cases.c.status,
            _cases.c.waits,
        )
        .join(_purchases, _purchases.c.case_id == _cases.c.id)
        .where(*conditions)
        .order_by(_cases.c.id)
        .limit(20)
    )
