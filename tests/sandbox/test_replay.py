"""Replaying real orders from a file."""

import csv
import os
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pomost.sandbox.baselinker import replay

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
ROW = "536365,85123A,WHITE HEART,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom"


def write(folder: Path, *rows: str, header: str = HEADER) -> Path:
    path = folder / "orders.csv"
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def real() -> Path:
    shared = Path(os.environ.get("POMOST_SHARED", Path(__file__).parents[2].parent / "shared"))
    path = shared / "data" / "online-retail" / "orders.csv"
    if not path.exists():
        pytest.skip(
            "The Online Retail data is not here; set POMOST_SHARED to the folder that holds data/online-retail"
        )
    return path


@pytest.fixture(scope="module")
def real_rows(real: Path) -> list[dict[str, str]]:
    with real.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def worth(order: dict[str, Any]) -> Decimal:
    return sum(
        (Decimal(str(line["price_brutto"])) * line["quantity"] for line in order["products"]), Decimal(0)
    )


def test_orders_and_totals_agree_with_the_file_counted_independently(
    real: Path, real_rows: list[dict[str, str]]
) -> None:
    value = sum((Decimal(row["UnitPrice"]) * int(row["Quantity"]) for row in real_rows), Decimal(0))
    invoices = list(dict.fromkeys(row["InvoiceNo"] for row in real_rows))
    orders = list(replay.read_orders(real))
    assert replay.totals(real) == replay.Totals(len(invoices), len(real_rows), value)
    assert [order["external_order_id"] for order in orders] == invoices
    assert sum((worth(order) for order in orders), Decimal(0)) == value


def test_each_real_line_comes_through_as_it_is(real: Path, real_rows: list[dict[str, str]]) -> None:
    written = Counter(
        (
            row["InvoiceNo"],
            row["StockCode"],
            row["Description"],
            int(row["Quantity"]),
            Decimal(row["UnitPrice"]),
        )
        for row in real_rows
    )
    read = Counter(
        (
            order["external_order_id"],
            line["sku"],
            line["name"],
            line["quantity"],
            Decimal(str(line["price_brutto"])),
        )
        for order in replay.read_orders(real)
        for line in order["products"]
    )
    assert read == written


def test_the_real_file_holds_what_invented_orders_lack(real: Path) -> None:
    orders = list(replay.read_orders(real))
    lines = [line for order in orders for line in order["products"]]
    assert max(len(order["products"]) for order in orders) > 300
    assert {"POST", "D", "M", "DOT", "BANK CHARGES"} <= {line["sku"] for line in lines}
    assert any(line["price_brutto"] == 0 for line in lines)
    assert any(line["quantity"] < 0 for line in lines)
    assert any(line["name"] == "" for line in lines)
    assert all(order["delivery_country_code"] for order in orders)


def test_distinct_real_stock_codes_seed_an_erp(real: Path, real_rows: list[dict[str, str]]) -> None:
    items = replay.items(real)
    assert [item["sku"] for item in items] == list(dict.fromkeys(row["StockCode"] for row in real_rows))
    assert [item["sku"] for item in items if not item["name"]] == []


def test_an_invoice_becomes_one_order_with_the_unit_price_taken_as_gross(tmp_path: Path) -> None:
    path = write(
        tmp_path, ROW, "536366,22633,,2,2010-07-01 08:28:00,0.0,,Norway", ROW.replace("85123A", "POST")
    )
    first, second = replay.read_orders(path, vat_rate=Decimal("5.5"), status="W realizacji")
    assert {key: value for key, value in first.items() if value not in ("", 0, "0", {})} == {
        "shop_order_id": 536365,
        "external_order_id": "536365",
        "order_source": "shop",
        "order_source_id": 8235,
        "order_source_info": "-",
        "status": "W realizacji",
        "confirmed": True,
        "date_confirmed": 1291191960,
        "date_add": 1291191960,
        "date_in_status": 1291191960,
        "email": "customer-17850@example.com",
        "currency": "GBP",
        "payment_method": "Card",
        "payment_done": 30.6,
        "delivery_method": "Post",
        "delivery_fullname": "Customer 17850",
        "delivery_address": "1 Sample Street",
        "delivery_city": "Sampletown",
        "delivery_postcode": "00001",
        "delivery_country_code": "GB",
        "delivery_country": "United Kingdom",
        "invoice_fullname": "Customer 17850",
        "invoice_address": "1 Sample Street",
        "invoice_city": "Sampletown",
        "invoice_postcode": "00001",
        "invoice_country_code": "GB",
        "invoice_country": "United Kingdom",
        "products": first["products"],
    }
    assert [
        (line["sku"], line["price_brutto"], line["tax_rate"], line["quantity"]) for line in first["products"]
    ] == [
        ("85123A", 2.55, 5.5, 6),
        ("POST", 2.55, 5.5, 6),
    ]
    assert (second["email"], second["delivery_country_code"], second["payment_done"]) == ("", "NO", 0)
    # British summer time is an hour ahead.
    assert datetime.fromtimestamp(second["date_add"], UTC) == datetime(2010, 7, 1, 7, 28, tzinfo=UTC)


def test_a_return_has_no_shop_number_and_is_not_paid(tmp_path: Path) -> None:
    path = write(tmp_path, "C536379,D,Discount,-1,2010-12-01 09:41:00,27.5,14527.0,EIRE")
    (order,) = replay.read_orders(path)
    assert (order["shop_order_id"], order["external_order_id"], order["payment_done"]) == (0, "C536379", 0)
    assert replay.totals(path) == replay.Totals(1, 1, Decimal("-27.5"))


def test_an_item_is_named_by_its_first_real_name_else_by_its_code(tmp_path: Path) -> None:
    rows = (
        "1,A,,1,2010-12-01 09:41:00,0.0,,France",
        "2,A,LANTERN ,3,2010-12-01 09:41:00,3.5,,France",
        "3,A,LAMP,-2,2010-12-01 09:41:00,2.5,,France",
        "3,B,,1,2010-12-01 09:41:00,0.0,,France",
    )
    assert replay.items(write(tmp_path, *rows)) == [
        {"sku": "A", "name": "LANTERN", "vat": "20", "price_gross": Decimal("3.5"), "sold": 4},
        {"sku": "B", "name": "B", "vat": "20", "price_gross": Decimal("0.0"), "sold": 1},
    ]


def test_markup_formulas_and_commas_come_through_as_text(tmp_path: Path) -> None:
    name = '=HYPERLINK("http://example.com"),<script>alert(1)</script>\'; DROP TABLE orders;--'
    quoted = '"' + name.replace('"', '""') + '"'
    (order,) = replay.read_orders(write(tmp_path, ROW.replace("WHITE HEART", quoted)))
    assert order["products"][0]["name"] == name


def test_columns_may_stand_in_another_order_with_others_among_them(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    columns = ["Note", *reversed(HEADER.split(","))]
    cells = ["x", *reversed(ROW.split(","))]
    # As a spreadsheet saves it: with a byte order mark, Windows line ends and an empty row at the end.
    path.write_bytes(("﻿" + ",".join(columns) + "\r\n" + ",".join(cells) + "\r\n\r\n").encode())
    assert replay.totals(path) == replay.Totals(1, 1, Decimal("15.30"))


@pytest.mark.parametrize(
    ("column", "cell", "message"),
    [
        pytest.param(
            "Quantity", "6.5", "'6.5' found; write a whole number such as 6 or -6", id="part of a piece"
        ),
        pytest.param("Quantity", "", "'' found; write a whole number", id="no quantity"),
        pytest.param("Quantity", "٣", "'٣' found; write a whole number", id="digits of another script"),
        pytest.param(
            "Quantity", "9" * 5000, f"'{'9' * 40}…' found; write at most 1000 characters", id="huge"
        ),
        pytest.param("UnitPrice", "2,55", "'2,55' found; write a number such as 2.55", id="decimal comma"),
        pytest.param("UnitPrice", "NaN", "'NaN' found; write a number such as 2.55", id="not a number"),
        pytest.param("UnitPrice", "1e9", "'1e9' found; write a number such as 2.55", id="exponent"),
        pytest.param(
            "InvoiceDate", "01/12/2010", "'01/12/2010' found; write a time such as 2010-12-01", id="date"
        ),
        pytest.param("InvoiceDate", "0001-01-01 00:00:00", "write a time in 1971 or later", id="long ago"),
        pytest.param("InvoiceNo", "", "'' found; write 1 to 18 letters and digits", id="no invoice"),
        pytest.param("InvoiceNo", "../1", "'../1' found; write 1 to 18 letters and digits", id="path"),
        pytest.param("StockCode", " ", "' ' found; write 1 to 50 characters", id="no code"),
        pytest.param(
            "CustomerID", "a@b", "'a@b' found; write the customer's number, or nothing", id="customer"
        ),
        pytest.param("Country", "Utopia", "'Utopia' found; write one of Australia, Austria", id="country"),
        pytest.param("Description", "A\nB", "write text without control characters", id="line break"),
        pytest.param("Description", "A\x00B", "write text without control characters", id="NUL"),
        pytest.param("Description", "A\u202eB", "write text without control characters", id="turned text"),
    ],
)
def test_a_bad_cell_is_named_with_row_column_and_advice(
    tmp_path: Path, column: str, cell: str, message: str
) -> None:
    cells = dict(zip(HEADER.split(","), ROW.split(","), strict=True)) | {column: cell}
    path = write(tmp_path, ROW, ",".join(f'"{text}"' for text in cells.values()))
    with pytest.raises(replay.UnreadableFile) as caught:
        next(iter(replay.read_orders(path)))
    row = 4 if "\n" in cell else 3
    assert str(caught.value).startswith(f"orders.csv: row {row}, column {column}: ")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(
            b"", "row 1 must name the column InvoiceNo exactly once; write InvoiceNo,StockCode", id="empty"
        ),
        pytest.param(
            b"InvoiceNo,StockCode\n", "row 1 must name the column Description exactly once", id="missing"
        ),
        pytest.param((HEADER + ",Country\n").encode(), "name the column Country exactly once", id="twice"),
        pytest.param(
            (HEADER + "\n1,2\n").encode(), "row 2 has 2 cells, its header 8; put quotes around", id="short"
        ),
        pytest.param((HEADER + '\n"1,2\n').encode(), "row 2 is not CSV", id="open quotation"),
        pytest.param(b"\xff\xfe\x00", "byte 0 is not UTF-8; save the file as UTF-8", id="other encoding"),
    ],
)
def test_a_file_of_another_form_is_refused_with_advice(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(content)
    with pytest.raises(replay.UnreadableFile) as caught:
        replay.totals(path)
    assert str(caught.value).startswith("orders.csv: ")
    assert message in str(caught.value)
