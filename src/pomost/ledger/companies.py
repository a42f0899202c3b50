"""Companies, their warehouses and their series; and the one look at the database that begins every write."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sqlalchemy import Connection, and_, bindparam, insert, select, update

from pomost.ledger import schema
from pomost.ports import NeedsPerson
from pomost.trade.documents import KINDS
from pomost.trade.numbering import STANDARD, Numbering
from pomost.trade.order import Address

Method = Literal["FIFO", "LIFO", "AVCO"]

METHODS: tuple[Method, ...] = ("FIFO", "LIFO", "AVCO")

DEFAULT_PATTERN = STANDARD
"""The pattern of a kind's series without a name."""

DEFAULT_SERIES_PATTERN = "%SYMBOL/%NUMBER/%SERIES/%YEAR"
"""The pattern of a named series for which none is given."""


@dataclass(frozen=True, slots=True)
class Company:
    """A company whose documents the ledger holds. ``method`` is how the cost of issued goods is found."""

    id: int
    code: str
    name: str
    nip: str
    address: Address
    bank_account: str
    method: Method
    negative_stock: bool
    reserve_beyond_stock: bool


@dataclass(frozen=True, slots=True)
class Desk:
    """What a write begins with: the company, what its key already made, and the series it is to be numbered in."""

    company: Company
    existing_id: int | None
    existing_kind: str
    existing_number: str
    pattern: str | None


_desk = (
    select(
        *schema.company.c,
        schema.document.c.id.label("existing_id"),
        schema.document.c.kind.label("existing_kind"),
        schema.document.c.number.label("existing_number"),
        schema.series.c.pattern,
    )
    .select_from(schema.company)
    .outerjoin(
        schema.document,
        and_(
            schema.document.c.company_id == schema.company.c.id, schema.document.c.key == bindparam("doc_key")
        ),
    )
    .outerjoin(
        schema.series,
        and_(
            schema.series.c.company_id == schema.company.c.id,
            schema.series.c.kind == bindparam("doc_kind"),
            schema.series.c.series == bindparam("doc_series"),
        ),
    )
    .where(schema.company.c.code == bindparam("code"))
)


def open_desk(connection: Connection, code: str, key: str, kind: str, series: str) -> Desk:
    """Raises NeedsPerson ``ledger.unknown-company``."""
    row = connection.execute(
        _desk, {"code": code, "doc_key": key, "doc_kind": kind, "doc_series": series}
    ).one_or_none()
    if row is None:
        raise unknown_company(connection, code)
    return Desk(
        _company(row), row.existing_id, row.existing_kind or "", row.existing_number or "", row.pattern
    )


def find_company(connection: Connection, code: str) -> Company:
    """Raises NeedsPerson ``ledger.unknown-company``."""
    row = connection.execute(select(schema.company).where(schema.company.c.code == code)).one_or_none()
    if row is None:
        raise unknown_company(connection, code)
    return _company(row)


def all_companies(connection: Connection) -> list[Company]:
    return [
        _company(row) for row in connection.execute(select(schema.company).order_by(schema.company.c.code))
    ]


def put_company(connection: Connection, code: str, values: dict[str, Any]) -> Company:
    """Adds the company, with a series for each kind of document; or changes the one that has this code."""
    if values["method"] not in METHODS:
        raise NeedsPerson(
            "ledger.unknown-method",
            f"Company {code}: {values['method']!r} is not a way to find the cost of goods.",
            f"Write one of {', '.join(METHODS)}.",
        )
    changed = connection.execute(update(schema.company).where(schema.company.c.code == code).values(**values))
    if not changed.rowcount:
        company_id = connection.execute(
            insert(schema.company).values(code=code, **values).returning(schema.company.c.id)
        ).scalar_one()
        connection.execute(
            insert(schema.series),
            [
                {"company_id": company_id, "kind": kind, "series": "", "pattern": DEFAULT_PATTERN}
                for kind in KINDS
            ],
        )
    return find_company(connection, code)


def put_warehouse(connection: Connection, company: Company, code: str, name: str) -> None:
    where = and_(schema.warehouse.c.company_id == company.id, schema.warehouse.c.code == code)
    changed = connection.execute(update(schema.warehouse).where(where).values(name=name))
    if not changed.rowcount:
        connection.execute(insert(schema.warehouse).values(company_id=company.id, code=code, name=name))


def put_series(connection: Connection, company: Company, kind: str, series: str, pattern: str) -> None:
    """Raises NeedsPerson ``ledger.unknown-kind``, Refused for a pattern that can't be read or needs what is not given."""
    check_kind(kind)
    numbering = Numbering.parse(pattern)
    numbering.format(1, date(2000, 1, 1), kind, series, "MAG" if "WAREHOUSE" in numbering.names else "")
    where = and_(
        schema.series.c.company_id == company.id,
        schema.series.c.kind == kind,
        schema.series.c.series == series,
    )
    changed = connection.execute(update(schema.series).where(where).values(pattern=pattern))
    if not changed.rowcount:
        connection.execute(
            insert(schema.series).values(company_id=company.id, kind=kind, series=series, pattern=pattern)
        )


@dataclass(frozen=True, slots=True)
class Warehouse:
    """A place where a company keeps goods."""

    id: int
    code: str


class Warehouses:
    """Looks warehouses up; keeps them in memory, since codes and ids never change."""

    def __init__(self) -> None:
        self._known: dict[int, dict[str, Warehouse]] = {}

    def find(self, connection: Connection, company: Company, code: str, who: str) -> Warehouse:
        """The warehouse; the company's first one when ``code`` is empty.

        Raises NeedsPerson ``ledger.unknown-warehouse``.
        """
        known = self._known.get(company.id)
        if not known or (code and code not in known):
            known = self.of(connection, company)
        if code in known:
            return known[code]
        if known and not code:
            return next(iter(known.values()))
        raise NeedsPerson(
            "ledger.unknown-warehouse",
            f"{who}: company {company.code} has no warehouse{f' {code!r}' if code else ''}.",
            f"Write one of {', '.join(known)}, or add it." if known else "Add one first.",
        )

    def by_id(self, connection: Connection, company: Company, warehouse_id: int) -> Warehouse:
        for warehouse in (self._known.get(company.id) or self.of(connection, company)).values():
            if warehouse.id == warehouse_id:
                return warehouse
        return next(w for w in self.of(connection, company).values() if w.id == warehouse_id)

    def of(self, connection: Connection, company: Company) -> dict[str, Warehouse]:
        """By code, the company's default one first; read anew."""
        rows = connection.execute(
            select(schema.warehouse.c.code, schema.warehouse.c.id)
            .where(schema.warehouse.c.company_id == company.id)
            .order_by(schema.warehouse.c.id)
        )
        found = {row.code: Warehouse(row.id, row.code) for row in rows}
        self._known[company.id] = found
        return found


def check_kind(kind: str) -> None:
    if kind not in KINDS:
        raise NeedsPerson(
            "ledger.unknown-kind",
            f"The ledger has no documents of kind {kind!r}.",
            f"Write one of {', '.join(KINDS)}.",
        )


def unknown_company(connection: Connection, code: str) -> NeedsPerson:
    known = [company.code for company in all_companies(connection)]
    return NeedsPerson(
        "ledger.unknown-company",
        f"The ledger has no company {code!r}.",
        f"Write one of {', '.join(known)}." if known else "Add the company first.",
    )


def unknown_series(connection: Connection, company: Company, kind: str, series: str) -> NeedsPerson:
    known = connection.execute(
        select(schema.series.c.series).where(
            schema.series.c.company_id == company.id,
            schema.series.c.kind == kind,
            schema.series.c.series != "",
        )
    ).scalars()
    names = ", ".join(sorted(known))
    return NeedsPerson(
        "ledger.unknown-series",
        f"Company {company.code} has no series {series!r} for {kind}.",
        f"Write one of {names}, leave the series empty, or add it." if names else "Leave it empty or add it.",
    )


def _company(row: Any) -> Company:
    return Company(
        row.id,
        row.code,
        row.name,
        row.nip,
        Address(row.street, row.postcode, row.city, "", row.country),
        row.bank_account,
        row.method,
        row.negative_stock,
        row.reserve_beyond_stock,
    )
