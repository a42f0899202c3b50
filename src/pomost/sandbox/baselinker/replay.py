"""Real orders from a CSV file, as raw orders of the sandbox.

The file has the columns of the *Online Retail* data set (UCI Machine Learning Repository): one row is one line, all
rows with the same InvoiceNo are one order, wherever they stand in the file. Nothing is tidied: prices of zero, negative
quantities (returns, invoices that begin with C), service codes (POST, D, M, DOT, BANK CHARGES), repeated articles and
empty descriptions come through as they are.

The file's UnitPrice is net, but BaseLinker knows gross prices only. The number is therefore taken as the *gross* unit
price as it stands: a replayed order is worth exactly what the file says, and ``vat_rate`` is contained in it.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pomost.sandbox.baselinker.purchases import NEW, Order, money, number

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
COUNTRIES = {
    "Australia": "AU",
    "Austria": "AT",
    "Bahrain": "BH",
    "Belgium": "BE",
    "Brazil": "BR",
    "Canada": "CA",
    "Channel Islands": "JE",
    "Cyprus": "CY",
    "Czech Republic": "CZ",
    "Denmark": "DK",
    "EIRE": "IE",
    "Finland": "FI",
    "France": "FR",
    "Germany": "DE",
    "Greece": "GR",
    "Hong Kong": "HK",
    "Iceland": "IS",
    "Israel": "IL",
    "Italy": "IT",
    "Japan": "JP",
    "Lebanon": "LB",
    "Lithuania": "LT",
    "Malta": "MT",
    "Netherlands": "NL",
    "Norway": "NO",
    "Poland": "PL",
    "Portugal": "PT",
    "RSA": "ZA",
    "Saudi Arabia": "SA",
    "Singapore": "SG",
    "Spain": "ES",
    "Sweden": "SE",
    "Switzerland": "CH",
    "USA": "US",
    "United Arab Emirates": "AE",
    "United Kingdom": "GB",
}
"""All countries of the whole data set but "Unspecified" and "European Community", which name none.

The Channel Islands have two codes; Jersey stands for both.
"""
NO_COUNTRY = ("Unspecified", "European Community")
LONDON = ZoneInfo("Europe/London")
SHOP_ID = 8235
LONGEST = 1000
INVISIBLE = ("Cc", "Cf", "Zl", "Zp")
"""Unicode categories: control characters, marks that turn or hide text, separators of lines and paragraphs."""


class UnreadableFile(ValueError):
    """The file cannot be replayed; the message says which row and column, and what to write there."""


@dataclass(frozen=True)
class Totals:
    """What is in a file: orders, lines, and the sum of quantity times unit price."""

    invoices: int
    lines: int
    value: Decimal


@dataclass(frozen=True)
class _Row:
    invoice: str
    code: str
    name: str
    quantity: int
    at: int
    price: Decimal
    customer: str
    country: str


def read_orders(path: Path, vat_rate: int | Decimal = 20, status: str = NEW) -> Iterator[Order]:
    """Each invoice of the file as one paid order in GBP, in the order in which invoices begin in the file.

    The invoice number stands in ``external_order_id`` and, where it is a number, in ``shop_order_id``. Times are those
    of the invoice's first row, read as London time. Buyers get an address made from their number; those without one
    have no e-mail. An order whose value is not positive (a return) counts as not paid.

    Texts come through as they are, markup and spreadsheet formulas included; only invisible characters are refused.

    Raises UnreadableFile before the first order, so that nothing is replayed from a file with faults in it.
    """
    invoices: dict[str, list[_Row]] = {}
    for row in _rows(path):
        invoices.setdefault(row.invoice, []).append(row)
    for rows in invoices.values():
        yield _order(rows, money(vat_rate), status)


def totals(path: Path) -> Totals:
    """What `read_orders` gives in sum."""
    invoices, lines, value = set(), 0, Decimal(0)
    for row in _rows(path):
        invoices.add(row.invoice)
        lines += 1
        value += row.quantity * row.price
    return Totals(len(invoices), lines, value)


def items(path: Path, vat_rate: int | Decimal = 20) -> list[dict[str, Any]]:
    """The distinct stock codes of the file, to seed an ERP with, in order of appearance.

    Keys: sku; name, the first that is not empty, or the code itself; vat as text; price_gross (GBP), the highest that
    was asked; sold, the pieces that went out (returns do not lessen them).
    """
    found: dict[str, dict[str, Any]] = {}
    for row in _rows(path):
        fresh = {"sku": row.code, "name": "", "vat": str(vat_rate), "price_gross": row.price, "sold": 0}
        item = found.setdefault(row.code, fresh)
        item["name"] = item["name"] or row.name.strip()
        item["price_gross"] = max(item["price_gross"], row.price)
        item["sold"] += max(row.quantity, 0)
    return [{**item, "name": item["name"] or item["sku"]} for item in found.values()]


def _order(rows: list[_Row], vat_rate: Decimal, status: str) -> Order:
    first = rows[0]
    value = sum((row.quantity * row.price for row in rows), Decimal(0))
    order: Order = {
        "order_id": 0,
        "shop_order_id": int(first.invoice) if first.invoice.isdigit() else 0,
        "external_order_id": first.invoice,
        "order_source": "shop",
        "order_source_id": SHOP_ID,
        "order_source_info": "-",
        "status": status,
        "order_status_id": 0,
        "confirmed": True,
        "date_confirmed": first.at,
        "date_add": first.at,
        "date_in_status": first.at,
        "user_login": "",
        "phone": "",
        "email": f"customer-{first.customer}@example.com" if first.customer else "",
        "user_comments": "",
        "admin_comments": "",
        "currency": "GBP",
        "payment_method": "Card",
        "payment_method_cod": "0",
        "payment_done": number(max(value, Decimal(0))),
        "delivery_method_id": 0,
        "delivery_method": "Post",
        "delivery_price": 0,
        "delivery_package_module": "",
        "delivery_package_nr": "",
    }
    for side in ("delivery", "invoice"):
        order |= {
            f"{side}_fullname": f"Customer {first.customer}" if first.customer else "One-off customer",
            f"{side}_company": "",
            f"{side}_address": "1 Sample Street",
            f"{side}_city": "Sampletown",
            f"{side}_state": "",
            f"{side}_postcode": "00001",
            f"{side}_country_code": COUNTRIES.get(first.country, ""),
            f"{side}_country": first.country,
        }
    return order | {
        "delivery_point_id": "",
        "delivery_point_name": "",
        "delivery_point_address": "",
        "delivery_point_postcode": "",
        "delivery_point_city": "",
        "invoice_nip": "",
        "want_invoice": "0",
        "extra_field_1": "",
        "extra_field_2": "",
        "custom_extra_fields": {},
        "order_page": "",
        "pick_state": 0,
        "pack_state": 0,
        "star": 0,
        "crm_client_id": 0,
        "products": [_line(row, vat_rate) for row in rows],
    }


def _line(row: _Row, vat_rate: Decimal) -> Order:
    return {
        "storage": "shop",
        "storage_id": SHOP_ID,
        "order_product_id": 0,
        "product_id": row.code,
        "variant_id": "0",
        "name": row.name,
        "attributes": "",
        "sku": row.code,
        "ean": "",
        "location": "",
        "warehouse_id": 0,
        "auction_id": "0",
        "price_brutto": number(row.price),
        "tax_rate": number(vat_rate),
        "quantity": row.quantity,
        "weight": 0,
        "bundle_id": 0,
    }


# Reading. Faults name the line of the file on which the row ends, as an editor counts them.


def _rows(path: Path) -> Iterator[_Row]:
    """All rows of the file, read to its end before the first is given."""
    try:
        # "utf-8-sig": spreadsheets put a byte order mark in front.
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFile(
            f"{path.name}: byte {error.start} is not UTF-8; save the file as UTF-8"
        ) from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader, [])
        missing = [column for column in COLUMNS if header.count(column) != 1]
        if missing:
            raise UnreadableFile(
                f"{path.name}: row 1 must name the column {missing[0]} exactly once; write {','.join(COLUMNS)}"
            )
        places = {column: header.index(column) for column in COLUMNS}
        rows = []
        for cells in reader:
            if not cells:
                continue
            if len(cells) != len(header):
                raise UnreadableFile(
                    f"{path.name}: row {reader.line_num} has {len(cells)} cells, its header {len(header)};"
                    f" put quotes around cells with commas"
                )
            rows.append(_row(path, reader.line_num, {column: cells[at] for column, at in places.items()}))
    except csv.Error as error:
        raise UnreadableFile(
            f"{path.name}: row {reader.line_num} is not CSV ({error}); close every quotation mark"
        ) from error
    return iter(rows)


def _row(path: Path, row: int, cells: dict[str, str]) -> _Row:
    def fault(column: str, advice: str) -> UnreadableFile:
        shown = cells[column] if len(cells[column]) <= 40 else cells[column][:40] + "…"
        return UnreadableFile(f"{path.name}: row {row}, column {column}: {shown!r} found; write {advice}")

    for column, cell in cells.items():
        if len(cell) > LONGEST:
            raise fault(column, f"at most {LONGEST} characters")
        if any(unicodedata.category(character) in INVISIBLE for character in cell):
            raise fault(column, "text without control characters, hidden marks and line breaks")
    if not re.fullmatch(r"[A-Za-z0-9]{1,18}", cells["InvoiceNo"], re.ASCII):
        raise fault("InvoiceNo", "1 to 18 letters and digits")
    if not 1 <= len(cells["StockCode"].strip()) <= 50:
        raise fault("StockCode", "1 to 50 characters")
    if not re.fullmatch(r"-?[0-9]{1,9}", cells["Quantity"], re.ASCII):
        raise fault("Quantity", "a whole number such as 6 or -6")
    if not re.fullmatch(r"-?[0-9]{1,9}(\.[0-9]{1,4})?", cells["UnitPrice"], re.ASCII):
        raise fault("UnitPrice", "a number such as 2.55, without thousands separators")
    customer = re.fullmatch(r"([0-9]{0,9})(\.0)?", cells["CustomerID"], re.ASCII)
    if customer is None:
        raise fault("CustomerID", "the customer's number, or nothing")
    if cells["Country"] not in COUNTRIES and cells["Country"] not in NO_COUNTRY:
        raise fault("Country", f"one of {', '.join(COUNTRIES)}")
    try:
        moment = datetime.strptime(cells["InvoiceDate"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=LONDON)
    except ValueError as error:
        raise fault("InvoiceDate", "a time such as 2010-12-01 08:26:00") from error
    if moment.year < 1971:
        raise fault("InvoiceDate", "a time in 1971 or later")
    return _Row(
        cells["InvoiceNo"],
        cells["StockCode"].strip(),
        cells["Description"],
        int(cells["Quantity"]),
        int(moment.timestamp()),
        Decimal(cells["UnitPrice"]),
        customer.group(1),
        cells["Country"],
    )
