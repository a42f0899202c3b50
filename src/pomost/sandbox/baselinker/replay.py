"""Replaying a file of real orders: each invoice of the file becomes one order.

BaseLinker knows gross prices only, so the file's unit price is taken as the gross unit price and the VAT rate is an
option. Quantities and prices stay as the file has them, zero and negative ones included.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pomost.sandbox.baselinker.protocol import number

COLUMNS = (
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
)
_LONDON = ZoneInfo("Europe/London")
_COUNTRIES = {
    "United Kingdom": "GB", "France": "FR", "Australia": "AU", "Netherlands": "NL", "Germany": "DE", "Norway": "NO",
    "EIRE": "IE", "Switzerland": "CH", "Spain": "ES", "Poland": "PL", "Portugal": "PT", "Italy": "IT",
    "Belgium": "BE", "Lithuania": "LT", "Japan": "JP", "Iceland": "IS",
}  # fmt: skip


class BadRow(ValueError):
    """A row of the file can't be read: says which, which column, and what to write."""


@dataclass(frozen=True, slots=True)
class Totals:
    invoices: int
    lines: int
    value: Decimal


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
        if missing:
            raise BadRow(
                f"{path.name}: column {', '.join(missing)} is missing; columns are {', '.join(COLUMNS)}"
            )
        for place, row in enumerate(reader, 2):
            try:
                row["Quantity"] = int(row["Quantity"])
            except ValueError:
                raise BadRow(
                    f"{path.name}, row {place}, Quantity: {row['Quantity']!r}; write a whole number"
                ) from None
            try:
                row["UnitPrice"] = Decimal(row["UnitPrice"])
            except InvalidOperation:
                raise BadRow(
                    f"{path.name}, row {place}, UnitPrice: {row['UnitPrice']!r}; write a number"
                ) from None
            try:
                row["InvoiceDate"] = datetime.fromisoformat(row["InvoiceDate"]).replace(tzinfo=_LONDON)
            except ValueError:
                raise BadRow(
                    f"{path.name}, row {place}, InvoiceDate: {row['InvoiceDate']!r}; write YYYY-MM-DD HH:MM:SS"
                ) from None
            yield row


def read_orders(path: Path, vat_rate: int = 20, status_id: int = 41001) -> Iterator[dict[str, Any]]:
    """The orders of the file, one for each InvoiceNo, in the file's order."""
    order: dict[str, Any] | None = None
    for row in _rows(path):
        if order is None or order["external_order_id"] != row["InvoiceNo"]:
            if order is not None:
                yield order
            order = _order(row, status_id)
        order["products"].append(
            {
                "sku": row["StockCode"],
                "name": row["Description"],
                "quantity": row["Quantity"],
                "price_brutto": number(row["UnitPrice"]),
                "tax_rate": vat_rate,
            }
        )
    if order is not None:
        yield order


def _order(row: dict[str, Any], status_id: int) -> dict[str, Any]:
    invoice, customer = row["InvoiceNo"], str(row["CustomerID"]).split(".")[0]
    at = int(row["InvoiceDate"].timestamp())
    code = _COUNTRIES.get(row["Country"], "")
    return {
        "order_source": "shop",
        "order_source_id": 8235,
        "external_order_id": invoice,
        "shop_order_id": int(invoice) if invoice.isdecimal() else 0,
        "order_status_id": status_id,
        "currency": "GBP",
        "email": f"customer-{customer}@example.com" if customer else "",
        "date_add": at,
        "date_confirmed": at,
        "delivery_country_code": code,
        "invoice_country_code": code,
        "products": [],
    }


def totals(path: Path) -> Totals:
    """How many invoices and lines the file has, and the sum of quantity x price over all of it."""
    invoices, lines, value = set(), 0, Decimal(0)
    for row in _rows(path):
        invoices.add(row["InvoiceNo"])
        lines += 1
        value += row["Quantity"] * row["UnitPrice"]
    return Totals(len(invoices), lines, value)


def items(path: Path) -> list[dict[str, Any]]:
    """The distinct items of the file, with the first name that is not empty, for seeding an ERP."""
    found: dict[str, dict[str, Any]] = {}
    for row in _rows(path):
        card = found.setdefault(
            row["StockCode"], {"sku": row["StockCode"], "name": "", "vat": "20", "sold": 0}
        )
        card["name"] = card["name"] or row["Description"]
        card["sold"] += max(row["Quantity"], 0)
    return list(found.values())
