"""How the ledger is arranged: companies, their warehouses and series, for choosing on screen."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from pomost.ledger import schema


@dataclass(frozen=True, slots=True)
class Arranged:
    """``warehouses``: of each company its codes. ``series``: of each company the names of its series."""

    companies: tuple[str, ...]
    warehouses: dict[str, tuple[str, ...]]
    series: dict[str, tuple[str, ...]]


def arranged(connection: Connection) -> Arranged:
    """All companies of the ledger."""
    company, warehouse, series = schema.company, schema.warehouse, schema.series
    codes = {
        row.id: str(row.code)
        for row in connection.execute(select(company.c.id, company.c.code).order_by(company.c.code))
    }
    warehouses: dict[str, list[str]] = {code: [] for code in codes.values()}
    for row in connection.execute(select(warehouse.c.company_id, warehouse.c.code).order_by(warehouse.c.id)):
        warehouses[codes[row.company_id]].append(row.code)
    names: dict[str, set[str]] = {code: set() for code in codes.values()}
    for row in connection.execute(select(series.c.company_id, series.c.series)):
        if row.series:
            names[codes[row.company_id]].add(row.series)
    return Arranged(
        tuple(codes.values()),
        {code: tuple(found) for code, found in warehouses.items()},
        {code: tuple(sorted(found)) for code, found in names.items()},
    )
