"""What waits to be printed and what was: labels, documents, packing lists."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from sqlalchemy import Connection, Select, delete, func, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from pomost.sql import Database
from pomost.store import schema
from pomost.store.panel_schema import prints

PrintKind = Literal["label", "document", "packing"]
PRINT_KINDS: tuple[PrintKind, ...] = ("label", "document", "packing")
"""In the order in which they lie on the packer's table for one order."""
COUNTED = 10_000
"""Beyond so many nobody counts."""
_MOST_PLACE = 2**31 - 1


@dataclass(frozen=True, slots=True)
class NewPrint:
    """Something to be printed. Never twice under one key while it waits.

    ``place``: where it stands in the order of packing; what belongs to one order has the same, so that it lies together.
    ``file``: a PDF below data_dir; empty: it is drawn when it is printed, ``document`` being its id in the ERP.
    ``again``: what was printed already under this key is to be printed once more, for it is another now.
    """

    key: str
    company: str
    kind: PrintKind
    title: str
    case_id: int | None = None
    file: str = ""
    document: str = ""
    place: int = 0
    copies: int = 1
    again: bool = False


@dataclass(frozen=True, slots=True)
class Print:
    """One entry; ``order`` is the number of its order, empty where there is none."""

    id: int
    key: str
    company: str
    kind: PrintKind
    title: str
    case_id: int | None
    order: str
    file: str
    document: str
    place: int
    copies: int
    made_at: float
    printed_at: float | None
    printed_by: str


def key_of_print(company: str, kind: PrintKind, what: object) -> str:
    """The key of an entry: the same thing of the same company has one."""
    key = f"{company}|{kind}|{what}"
    return key if len(key) <= 160 else f"{company}|{kind}|{hashlib.sha256(key.encode()).hexdigest()}"


def document_print(
    company: str,
    document: str,
    kind: str,
    number: str,
    *,
    case_id: int | None = None,
    file: str = "",
    again: bool = False,
) -> NewPrint:
    """A document of the ERP by its id there."""
    title = number if number.startswith(kind) else f"{kind} {number}"
    key = key_of_print(company, "document", document)
    return NewPrint(
        key,
        company,
        "document",
        title,
        case_id,
        file,
        document,
        place_of(case_id),
        again=again,
    )


def packing_print(company: str, case_id: int, title: str, *, again: bool = False) -> NewPrint:
    """The packing list of an order: one for each."""
    key = key_of_print(company, "packing", case_id)
    return NewPrint(key, company, "packing", title, case_id, place=place_of(case_id), again=again)


def label_print(
    company: str, carrier: str, shipment: str, title: str, file: str, *, case_id: int | None = None
) -> NewPrint:
    """The label of a shipment, by its id at the carrier: one for each. ``file``: a PDF below data_dir."""
    key = key_of_print(company, "label", f"{carrier}:{shipment}")
    return NewPrint(key, company, "label", title, case_id, file, place=place_of(case_id))


def place_of(case_id: int | None) -> int:
    """Orders are packed as they came in; what belongs to none comes before them."""
    return min(case_id or 0, _MOST_PLACE)


def _putting(dialect: Any, again: bool) -> Any:
    new = dialect.insert(prints)
    if not again:
        return new.on_conflict_do_nothing(index_elements=[prints.c.key]).returning(prints.c.id)
    return new.on_conflict_do_update(
        index_elements=[prints.c.key],
        set_={
            "printed_at": None,
            "printed_by": "",
            **{name: new.excluded[name] for name in ("title", "file", "document", "copies", "made_at")},
        },
        where=prints.c.printed_at.is_not(None),
    ).returning(prints.c.id)


_PUT = {
    (dialect.__name__.rsplit(".", 1)[-1], again): _putting(dialect, again)
    for dialect in (sqlite, postgresql)
    for again in (False, True)
}


def put_in(connection: Connection, new: NewPrint, now: float) -> bool:
    """Puts something in within a transaction; False where it is there already and nothing was changed."""
    values = {
        "key": new.key,
        "company": new.company,
        "case_id": new.case_id,
        "kind": new.kind,
        "title": new.title,
        "file": new.file,
        "document": new.document,
        "place": new.place,
        "copies": new.copies,
        "made_at": now,
        "printed_by": "",
    }
    return connection.execute(_PUT[connection.dialect.name, new.again], values).first() is not None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries. ``cases``: only those of these orders, None: all. ``sort``: as they are packed, or the newest first;
    what was printed is always listed newest first."""

    printed: bool = False
    company: str = ""
    kind: str = ""
    cases: tuple[int, ...] | None = None
    sort: Literal["packing", "newest"] = "packing"

    @property
    def is_packing(self) -> bool:
        return self.sort == "packing" and not self.printed


class Prints:
    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, new: NewPrint, now: float) -> bool:
        """Puts something in; False where it waits already, or was printed and is not wanted ``again``."""
        with self._db.writing() as connection:
            return put_in(connection, new, now)

    def page(self, wanted: Wanted, after: tuple[int, int] | None = None, most: int = 100) -> list[Print]:
        """A page of entries; ``after``: place and id of the last one seen. Those of one order that are on the page stand
        together: label, documents, packing list."""
        if not wanted.is_packing:
            query = _where(_listed(), wanted).order_by(prints.c.id.desc()).limit(most)
            return self._read(query.where(prints.c.id < after[1]) if after else query)
        if wanted.cases is not None:
            # few: found by their orders, whatever else waits
            some = self._read(_where(_listed(), replace(wanted, company="")).limit(5_000))
            found = [one for one in some if not wanted.company or one.company == wanted.company]
            found.sort(key=lambda one: (one.place, one.id))
            return in_packing_order([one for one in found if not after or (one.place, one.id) > after][:most])
        found = []
        # the index begins with the company: each is a seek of its own, however much waits
        for company in [wanted.company] if wanted.company else self._companies():
            query = _where(_listed(), replace(wanted, company=company))
            if after:
                query = query.where(tuple_(prints.c.place, prints.c.id) > tuple_(*after))
            found += self._read(query.order_by(prints.c.place, prints.c.id).limit(most))
        found.sort(key=lambda one: (one.place, one.id))
        return in_packing_order(found[:most])

    def of_ids(self, ids: Sequence[int]) -> list[Print]:
        """These entries, in the order of packing; unknown ids are left out."""
        found: list[Print] = []
        for begin in range(0, len(ids), 500):
            found += self._read(_listed().where(prints.c.id.in_(ids[begin : begin + 500])))
        return in_packing_order(found)

    def count(self, wanted: Wanted) -> int:
        """How many there are, counted to ``COUNTED`` + 1."""
        some = _where(select(prints.c.id), wanted).limit(COUNTED + 1).subquery()
        with self._db.reading() as connection:
            return int(connection.execute(select(func.count()).select_from(some)).scalar_one())

    def printed(self, ids: Sequence[int], who: str, now: float) -> list[int]:
        """Marks entries that wait as printed; gives those that were."""
        change = update(prints).where(prints.c.printed_at.is_(None)).values(printed_at=now, printed_by=who)
        return self._change(change, ids)

    def back(self, ids: Sequence[int]) -> list[int]:
        """Puts printed entries back; gives those that were."""
        change = update(prints).where(prints.c.printed_at.is_not(None)).values(printed_at=None, printed_by="")
        return self._change(change, ids)

    def remove(self, ids: Sequence[int]) -> list[int]:
        """Takes entries out, printed or not; gives those that were there."""
        return self._change(delete(prints), ids)

    def withdraw(self, key: str) -> bool:
        """Takes an entry out that was not printed yet; False where it was, or is not there."""
        gone = delete(prints).where(prints.c.key == key, prints.c.printed_at.is_(None)).returning(prints.c.id)
        with self._db.writing() as connection:
            return connection.execute(gone).first() is not None

    def _companies(self) -> list[str]:
        """Companies of which something waits."""
        found: list[str] = []
        waiting = select(func.min(prints.c.company)).where(prints.c.printed_at.is_(None))
        with self._db.reading() as connection:
            one = connection.execute(waiting).scalar()
            while one is not None:
                found.append(one)
                one = connection.execute(waiting.where(prints.c.company > one)).scalar()
        return found

    def _change(self, change: Any, ids: Sequence[int]) -> list[int]:
        changed: list[int] = []
        with self._db.writing() as connection:
            for begin in range(0, len(ids), 500):
                some = change.where(prints.c.id.in_(ids[begin : begin + 500])).returning(prints.c.id)
                changed += connection.execute(some).scalars()
        return sorted(changed)

    def _read(self, query: Select[Any]) -> list[Print]:
        with self._db.reading() as connection:
            return [
                Print(
                    row.id,
                    row.key,
                    row.company,
                    row.kind,
                    row.title,
                    row.case_id,
                    row.number or "",
                    row.file,
                    row.document,
                    row.place,
                    row.copies,
                    row.made_at,
                    row.printed_at,
                    row.printed_by,
                )
                for row in connection.execute(query)
            ]


def in_packing_order(found: Sequence[Print]) -> list[Print]:
    """As they lie on the packer's table: order by order, and of each the label, its documents, the packing list."""
    return sorted(found, key=lambda one: (one.place, PRINT_KINDS.index(one.kind), one.id))


def _listed() -> Select[Any]:
    return select(prints, schema.cases.c.number).outerjoin(
        schema.cases, schema.cases.c.id == prints.c.case_id
    )


def _where(query: Select[Any], wanted: Wanted) -> Select[Any]:
    query = query.where(prints.c.printed_at.is_not(None) if wanted.printed else prints.c.printed_at.is_(None))
    if wanted.company:
        query = query.where(prints.c.company == wanted.company)
    if wanted.kind:
        query = query.where(prints.c.kind == wanted.kind)
    if wanted.cases is not None:
        query = query.where(prints.c.case_id.in_(wanted.cases))
    return query


__all__ = [
    "COUNTED",
    "PRINT_KINDS",
    "NewPrint",
    "Print",
    "PrintKind",
    "Prints",
    "Wanted",
    "document_print",
    "in_packing_order",
    "key_of_print",
    "label_print",
    "packing_print",
    "place_of",
    "put_in",
]
